// Figures by the API: over shifts across midnight, over two furnaces together, OEE. Expected numbers are worked by
// hand from the samples that are posted.
#include <cmath>
#include <fstream>
#include <sstream>

#include "system/plant.h"

namespace tundish::test {
namespace {

class Kpis : public PlantTest {
 protected:
  /// A hall with a calendar of three shifts in Berlin, and two furnaces in it.
  void make_furnaces() {
    if (is_made_) return;
    is_made_ = true;
    const auto calendar = here().ask(engineer_, {.method = "POST",
                                                 .target = "/api/v1/calendars",
                                                 .body = R"(name: melt
time_zone: Europe/Berlin
day_starts: "06:00"
shifts:
  early: {from: "06:00", to: "14:00"}
  late: {from: "14:00", to: "22:00"}
  night: {from: "22:00", to: "06:00"}
)",
                                                 .content_type = "application/yaml"});
    ASSERT_EQ(calendar.status, 201) << calendar.body;
    const auto site = here().post(engineer_, "/api/v1/sites",
                                  R"({"code":"melt","name":"Melt","time_zone":"Europe/Berlin"})");
    ASSERT_EQ(site.status, 201) << site.body;
    const auto id = number_at(site.json(), "id");
    ASSERT_EQ(here()
                  .ask(engineer_, {.method = "PUT",
                                   .target = fmt::format("/api/v1/sites/{}/calendar", id),
                                   .body = R"({"calendar":"melt"})"})
                  .status,
              200);
    // The night shift of 10 March is 21:00 to 05:00 UTC.
    post("works-01/melt/hall/f1/energy", {{"20:30:00", "1000"},
                                          {"22:00:00", "1400"},
                                          {"23:59:00", "2000"},
                                          {"2024-03-11T03:00:00Z", "3000"},
                                          {"2024-03-11T04:59:00Z", "3600"},
                                          {"2024-03-11T06:00:00Z", "4000"}});
    post("works-01/melt/hall/f1/output", {{"20:30:00", "10"},
                                          {"23:00:00", "12"},
                                          {"2024-03-11T04:30:00Z", "15"},
                                          {"2024-03-11T05:30:00Z", "20"}});
    post("works-01/melt/hall/f2/energy",
         {{"20:45:00", "500"}, {"2024-03-11T01:00:00Z", "1100"}, {"2024-03-11T04:00:00Z", "1500"}});
    post("works-01/melt/hall/f2/output", {{"20:45:00", "7"}, {"2024-03-11T02:00:00Z", "32"}});
    make_template("kpi_furnace", R"json({"attributes":{
        "energy":{"measured":"double","unit":"kW.h"},
        "output":{"measured":"double","unit":"t"}},
      "kpis":{
        "specific_energy":{"words":{"en":"Specific energy"},"unit":"kW.h/t",
          "ratio":{"of":"delta(energy, window)","by":"delta(output, window)"},
          "per":["shift","day"],"band":[100,600],"better":"less"},
        "most":{"unit":"kW.h","value":"max(energy, window)","per":["shift"]}}})json");
    make_assets(fmt::format(
        R"({{"assets":[{{"path":"works-01/melt","site":{}}},{{"path":"works-01/melt/hall"}},
            {{"path":"works-01/melt/hall/f1","template":"kpi_furnace"}},
            {{"path":"works-01/melt/hall/f2","template":"kpi_furnace"}}]}})",
        id));
  }

  static inline bool is_made_ = false;
  static constexpr const char* kNight = "&from=2024-03-10T23:30:00Z&to=2024-03-11T00:30:00Z";
};

TEST_F(Kpis, SpecificEnergyOfAShiftAcrossMidnight) {
  make_furnaces();
  const auto got =
      get(std::string("/api/v1/kpis?asset=works-01/melt/hall/f1&kpi=specific_energy&window=shift") +
          kNight);
  ASSERT_EQ(at(got, "kpis").array()->size(), 1u);
  ASSERT_EQ(at(got, "kpis.0.results").array()->size(), 1u);
  EXPECT_EQ(text_at(got, "kpis.0.results.0.from"), "2024-03-10T21:00:00Z");
  EXPECT_EQ(text_at(got, "kpis.0.results.0.to"), "2024-03-11T05:00:00Z");
  EXPECT_EQ(text_at(got, "kpis.0.results.0.label"), "2024-03-10 night");
  // 400 + 600 + 1000 + 600 kWh for 2 + 3 t.
  EXPECT_EQ(real_at(got, "kpis.0.results.0.of"), 2600);
  EXPECT_EQ(real_at(got, "kpis.0.results.0.by"), 5);
  EXPECT_EQ(real_at(got, "kpis.0.results.0.value"), 520);
  EXPECT_EQ(text_at(got, "kpis.0.results.0.quality"), "Good");
  EXPECT_EQ(real_at(got, "kpis.0.results.0.percent_good"), 100);
  EXPECT_EQ(text_at(got, "kpis.0.unit"), "kW.h/t");
  EXPECT_EQ(real_at(got, "kpis.0.band.1"), 600);
  EXPECT_EQ(text_at(got, "kpis.0.better"), "less");
  // The whole range as one: from 23:30 on, 1000 kWh more than at 23:59 have been read by 03:00.
  const auto own =
      get("/api/v1/kpis?asset=works-01/melt/hall/f1&kpi=specific_energy&window=window"
          "&from=2024-03-10T23:30:00Z&to=2024-03-11T04:45:00Z");
  EXPECT_EQ(real_at(own, "kpis.0.results.0.value"), (600.0 + 1000) / 3);
}

TEST_F(Kpis, TwoFurnacesTogetherAreTheRatioOfSums) {
  make_furnaces();
  const auto got =
      get(std::string("/api/v1/kpis?asset=works-01/melt/hall&kpi=specific_energy&rollup=true") +
          kNight);
  ASSERT_EQ(at(got, "kpis").array()->size(), 1u);
  ASSERT_EQ(at(got, "kpis.0.together").array()->size(), 2u);
  // f1: 2600 kWh, 5 t; f2: 1000 kWh, 25 t. The mean of 520 and 40 would be 280.
  EXPECT_EQ(real_at(got, "kpis.0.results.0.of"), 3600);
  EXPECT_EQ(real_at(got, "kpis.0.results.0.by"), 30);
  EXPECT_EQ(real_at(got, "kpis.0.results.0.value"), 120);
  // All figures: only the one that is a ratio can be put together.
  EXPECT_EQ(at(get(std::string("/api/v1/kpis?asset=works-01/melt&rollup=true") + kNight), "kpis")
                .array()
                ->size(),
            1u);
  get("/api/v1/kpis?rollup=true", 400);
}

TEST_F(Kpis, NoOutputIsNoFigure) {
  make_furnaces();
  const auto got =
      get("/api/v1/kpis?asset=works-01/melt/hall/f2&kpi=specific_energy&window=shift"
          "&from=2024-03-11T06:00:00Z&to=2024-03-11T07:00:00Z");
  EXPECT_TRUE(at(got, "kpis.0.results.0.value").is_null());
  EXPECT_EQ(text_at(got, "kpis.0.results.0.quality").substr(0, 3), "Bad");
  EXPECT_EQ(real_at(got, "kpis.0.results.0.of"), 0);
}

TEST_F(Kpis, ALateSampleChangesTheFigure) {
  make_furnaces();
  const auto target = std::string("/api/v1/kpis?asset=works-01/melt/hall/f2&kpi=most") + kNight;
  EXPECT_EQ(real_at(get(target), "kpis.0.results.0.value"), 1500);
  post("works-01/melt/hall/f2/energy", {{"2024-03-11T04:30:00Z", "1500"}});
  EXPECT_EQ(real_at(get(target), "kpis.0.results.0.value"), 1500);
  post("works-01/melt/hall/f2/energy", {{"2024-03-11T04:30:00Z", "1525"}});
  EXPECT_EQ(real_at(get(target), "kpis.0.results.0.value"), 1525);
  // As it was, for the other tests.
  post("works-01/melt/hall/f2/energy", {{"2024-03-11T04:30:00Z", "1500"}});
}

TEST_F(Kpis, AllAssetsPageByPage) {
  make_furnaces();
  const auto first = get(std::string("/api/v1/kpis?kpi=specific_energy&limit=1") + kNight);
  EXPECT_EQ(at(first, "kpis").array()->size(), 1u);
  EXPECT_EQ(text_at(first, "next"), "works-01/melt/hall/f1");
  const auto second =
      get("/api/v1/kpis?kpi=specific_energy&limit=1&after=" + text_at(first, "next") + kNight);
  EXPECT_EQ(text_at(second, "kpis.0.asset"), "works-01/melt/hall/f2");
  EXPECT_TRUE(at(second, "next").is_null());
}

TEST_F(Kpis, WhatIsNotThereAndWhatIsAskedWrongly) {
  make_furnaces();
  const auto missing = get("/api/v1/kpis?asset=works-01/melt/hall/f1&kpi=specific_enrgy", 404);
  EXPECT_NE(text_at(missing, "detail").find("did you mean 'specific_energy'"), std::string::npos);
  get("/api/v1/kpis?asset=works-01/nowhere", 404);
  get("/api/v1/kpis?asset=works-01/melt/hall/f1&window=heat", 404);
  get("/api/v1/kpis?asset=works-01/melt/hall/f1&from=now&to=now-1d", 400);
  get("/api/v1/kpis?asset=works-01/melt/hall/f1&limit=0", 400);
  get("/api/v1/kpis?kpi=specific_energy&window=hour&from=2001-01-01T00:00:00Z", 413);
  const auto foreign = here().token("other-01", Role::kAdministrator);
  EXPECT_EQ(here().get(foreign, "/api/v1/kpis?asset=works-01/melt/hall/f1").status, 404);
  EXPECT_EQ(here().get(foreign, "/api/v1/kpis").body.find("works-01"), std::string::npos);
}

TEST_F(Kpis, AShiftUnderWayIsToldSoFar) {
  make_furnaces();
  const auto got = get(
      "/api/v1/kpis?asset=works-01/melt/hall/f1&kpi=most&window=shift&from=now-1min&to=now%2B2d");
  // Those of tomorrow have no results yet.
  ASSERT_NE(at(got, "kpis.0.results").array(), nullptr);
  const auto& results = *at(got, "kpis.0.results").array();
  ASSERT_GE(results.size(), 1u);
  ASSERT_LE(results.size(), 2u);
  EXPECT_NE(results.back().find("so_far"), nullptr);
}

TEST_F(Kpis, ExplainShowsBothAmountsWithTheirSamples) {
  make_furnaces();
  const auto got =
      get("/api/v1/explain?asset=works-01/melt/hall/f1&kpi=specific_energy"
          "&from=2024-03-10T21:00:00Z&to=2024-03-11T05:00:00Z");
  EXPECT_EQ(real_at(got, "value"), 520);
  EXPECT_EQ(text_at(got, "formula"), "(delta(energy, window)) / (delta(output, window))");
  EXPECT_EQ(number_at(got, "version"), 1);
  ASSERT_EQ(at(got, "parts").array()->size(), 2u);
  EXPECT_EQ(text_at(got, "parts.0.side"), "of");
  EXPECT_EQ(text_at(got, "parts.0.text"), "delta(energy, window)");
  EXPECT_EQ(real_at(got, "parts.0.value"), 2600);
  EXPECT_EQ(text_at(got, "parts.0.window.from"), "2024-03-10T21:00:00Z");
  EXPECT_EQ(text_at(got, "parts.0.window.to"), "2024-03-11T05:00:00Z");
  EXPECT_EQ(number_at(got, "parts.0.inputs.0.count"), 4);
  EXPECT_EQ(real_at(got, "parts.0.inputs.0.before.value"), 1000);
  EXPECT_EQ(real_at(got, "parts.0.inputs.0.samples.3.value"), 3600);
  EXPECT_EQ(text_at(got, "parts.1.side"), "by");
  EXPECT_EQ(real_at(got, "parts.1.value"), 5);
}

// --- OEE: tests/vectors/oee ---

class Oee : public PlantTest {
 protected:
  struct Machine {
    double planned = 0, run = 0, ideal = 0, total = 0, good = 0;
  };
  /// Minutes after 06:00 of 2024-03-10.
  static std::string minute(double minutes) {
    const auto whole = static_cast<int>(minutes);
    return fmt::format("2024-03-10T{:02}:{:02}:00Z", 6 + whole / 60, whole % 60);
  }
  void post_flag(const std::string& tag, double minutes) {
    const std::string end = minute(minutes);
    std::vector<Reading> readings{{"05:00:00", "false"}};
    if (minutes > 0) {
      readings.push_back({"06:00:00", "true"});
      readings.push_back({end.c_str(), "false"});
    }
    post(tag, readings);
  }
  void make(const std::string& path, const Machine& machine) {
    post_flag(path + "/planned", machine.planned);
    post_flag(path + "/running", machine.run);
    post(path + "/total",
         {{"05:00:00", "100"}, {"13:00:00", fmt::format("{}", 100 + machine.total)}});
    post(path + "/good", {{"05:00:00", "50"}, {"13:00:00", fmt::format("{}", 50 + machine.good)}});
    make_template("oee_machine", R"json({"attributes":{
        "planned":{"measured":"bool"},"running":{"measured":"bool"},
        "total":{"measured":"double"},"good":{"measured":"double"},
        "ideal_cycle":{"constant":1.0,"unit":"min"}},
      "kpis":{
        "availability":{"ratio":{"of":"time_true(running and planned, window)","by":"time_true(planned, window)"}},
        "performance":{"ratio":{"of":"delta(total, window) * ideal_cycle","by":"time_true(running and planned, window)"}},
        "quality":{"ratio":{"of":"delta(good, window)","by":"delta(total, window)"}},
        "oee":{"ratio":{"of":"delta(good, window) * ideal_cycle","by":"time_true(planned, window)"},
               "per":["day"],"better":"more"}}})json");
    make_assets(fmt::format(
        R"({{"assets":[{{"path":"{}","template":"oee_machine","attributes":{{"ideal_cycle":{{"constant":{}}}}}}}]}})",
        path, machine.ideal));
  }
  double figure(const std::string& path, const std::string& kpi, const std::string& more = "") {
    const auto got =
        get(fmt::format("/api/v1/kpis?asset={}&kpi={}&window=day{}"
                        "&from=2024-03-10T00:00:00Z&to=2024-03-11T00:00:00Z",
                        path, kpi, more));
    EXPECT_EQ(at(got, "kpis.0.results").array()->size(), 1u) << path;
    return real_at(got, "kpis.0.results.0.value");
  }
  static Machine machine_of(const wire::JsonValue& one) {
    const auto number = [&](const char* name, double otherwise) {
      return at(one, name).number().value_or(otherwise);
    };
    return {number("planned", 0), number("run", 0), number("ideal_cycle", 0),
            number("total", number("good", 0)), number("good", 0)};
  }
  /// `7/8`, `1`, a number, or null.
  static double fraction(const wire::JsonValue& value) {
    if (const auto* text = value.string()) {
      const auto slash = text->find('/');
      const double of = std::stod(*text);
      return slash == std::string::npos ? of : of / std::stod(text->substr(slash + 1));
    }
    return value.number().value_or(std::numeric_limits<double>::quiet_NaN());
  }
};

TEST_F(Oee, EachCaseIsAMachineAndTogetherTheyAreWeighted) {
  std::ifstream file(TUNDISH_SOURCE_DIR "/tests/vectors/oee/oee_cases.json");
  std::ostringstream text;
  text << file.rdbuf();
  const auto vectors = wire::parse_json(text.str());
  ASSERT_TRUE(vectors);
  const auto& cases = *at(*vectors, "cases").array();
  ASSERT_GE(cases.size(), 5u);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    const std::string path = fmt::format("works-01/oee/m{}", i);
    make(path, machine_of(cases[i]));
    for (const auto* kpi : {"availability", "performance", "quality", "oee"}) {
      const double want = fraction(at(cases[i], kpi)), have = figure(path, kpi);
      if (std::isnan(want))
        EXPECT_TRUE(std::isnan(have)) << kpi << " " << have;
      else
        EXPECT_NEAR(have, want, 1e-12) << kpi;
    }
  }
  const auto& machines = *at(*vectors, "roll_up.machines").array();
  for (std::size_t i = 0; i < machines.size(); ++i)
    make(fmt::format("works-01/together/m{}", i), machine_of(machines[i]));
  EXPECT_NEAR(figure("works-01/together", "oee", "&rollup=true"),
              fraction(at(*vectors, "roll_up.oee_weighted")), 1e-12);
}

TEST_F(Oee, AnAssetInsideAnotherOneCountsOnce) {
  make("works-01/nested/line", {480, 420, 0.4, 1000, 950});
  make("works-01/nested/line/cell", {480, 0, 0.4, 0, 0});
  // Sorts between the line and its cell, and lies inside neither.
  make("works-01/nested/line-2", {480, 0, 0.4, 0, 0});
  EXPECT_NEAR(figure("works-01/nested", "oee", "&rollup=true"), 380.0 / 960, 1e-12);
}

}  // namespace
}  // namespace tundish::test
