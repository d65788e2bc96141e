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

// --- a whole enterprise: sites in three time zones, with calendars and units of their own ---

class EnterpriseKpis : public Kpis {
 protected:
  std::string make_site(const std::string& code, const std::string& zone,
                        const std::string& currency) {
    const auto site = here().post(
        engineer_, "/api/v1/sites",
        fmt::format(R"({{"code":"{0}","name":"{0}","time_zone":"{1}","currency":"{2}"}})", code,
                    zone, currency));
    EXPECT_EQ(site.status, 201) << site.body;
    return std::to_string(number_at(site.json(), "id"));
  }
  void give_calendar(const std::string& site, const std::string& zone, const std::string& text) {
    const auto made = here().ask(
        engineer_, {.method = "POST",
                    .target = "/api/v1/calendars",
                    .body = fmt::format("name: of{}\ntime_zone: {}\n{}", site, zone, text),
                    .content_type = "application/yaml"});
    ASSERT_EQ(made.status, 201) << made.body;
    const auto given = here().ask(engineer_, {.method = "PUT",
                                              .target = "/api/v1/sites/" + site + "/calendar",
                                              .body = R"({"calendar":"of)" + site + R"("})"});
    ASSERT_EQ(given.status, 200) << given.body;
  }
  /// Day 10 March: Asia from 00:00Z (08:00 there), Europe from 05:00Z (06:00), America from 07:00Z (00:00, before the
  /// clock is changed there: 23 hours).
  void make_world() {
    if (is_made_) return;
    is_made_ = true;
    const auto asia = make_site("asia", "Asia/Shanghai", "CNY"),
               europe = make_site("europe", "Europe/Berlin", "EUR"),
               america = make_site("america", "America/Denver", "USD");
    give_calendar(asia, "Asia/Shanghai",
                  "day_starts: \"08:00\"\nshifts:\n  day: {from: \"08:00\", to: \"20:00\"}\n"
                  "  night: {from: \"20:00\", to: \"08:00\"}\n");
    give_calendar(europe, "Europe/Berlin",
                  "day_starts: \"06:00\"\nshifts:\n  day: {from: \"06:00\", to: \"18:00\"}\n");
    const auto meter = [&](const std::string& at, const char* name,
                           const std::vector<Reading>& readings) {
      post("works-01/" + at + "/kiln/" + name, readings);
    };
    // In the day 10 March: 100 + 50 kWh for 1 t; outside of it on both sides more.
    meter("asia", "burnt",
          {{"2024-03-09T23:00:00Z", "0"},
           {"2024-03-09T23:59:00Z", "1000"},
           {"10:00:00", "1100"},
           {"2024-03-10T23:59:00Z", "1150"},
           {"2024-03-11T03:00:00Z", "7000"}});
    meter("asia", "fired",
          {{"2024-03-09T23:00:00Z", "0"},
           {"2024-03-09T23:59:00Z", "9"},
           {"12:30:00", "10"},
           {"2024-03-11T03:00:00Z", "70"}});
    // 300 kWh for 2 t.
    meter("europe", "burnt",
          {{"04:00:00", "0"},
           {"04:59:00", "500"},
           {"06:00:00", "800"},
           {"2024-03-11T05:30:00Z", "5000"}});
    meter(
        "europe", "fired",
        {{"04:00:00", "0"}, {"04:59:00", "3"}, {"12:00:00", "5"}, {"2024-03-11T05:30:00Z", "50"}});
    // 3.6 GJ are 1000 kWh, for 4000 kg; the day ends at 06:00Z, an hour earlier than it does else.
    meter("america", "burnt",
          {{"06:30:00", "1"}, {"2024-03-11T05:59:00Z", "4.6"}, {"2024-03-11T06:30:00Z", "90"}});
    meter("america", "fired",
          {{"06:30:00", "1000"},
           {"2024-03-11T05:59:00Z", "5000"},
           {"2024-03-11T06:30:00Z", "90000"}});
    const auto kiln = [&](const char* name, const char* energy, const char* output,
                          const char* figure) {
      make_template(name, fmt::format(R"json({{"attributes":{{
          "burnt":{{"measured":"double","unit":"{}"}},"fired":{{"measured":"double","unit":"{}"}},
          "price":{{"constant":2,"unit":"{{money}}/({})"}}}},
        "kpis":{{"heat_used":{{"unit":"{}","per":["firing","day"],"band":[50,500],
            "ratio":{{"of":"delta(burnt, window)","by":"delta(fired, window)"}}}},
          "heat_cost":{{"unit":"{{money}}/t",
            "ratio":{{"of":"delta(burnt, window) * price","by":"delta(fired, window)"}}}}}}}})json",
                                      energy, output, energy, figure));
    };
    kiln("kiln_metric", "kW.h", "t", "kW.h/t");
    kiln("kiln_other", "GJ", "kg", "MJ/kg");
    make_assets(fmt::format(
        R"({{"assets":[{{"path":"works-01/asia","site":{}}},{{"path":"works-01/europe","site":{}}},
            {{"path":"works-01/america","site":{}}},
            {{"path":"works-01/asia/kiln","template":"kiln_metric"}},
            {{"path":"works-01/europe/kiln","template":"kiln_metric"}},
            {{"path":"works-01/america/kiln","template":"kiln_other"}}]}})",
        asia, europe, america));
  }

  static inline bool is_made_ = false;
  static constexpr const char* kUsed = "/api/v1/kpis?asset=works-01&kpi=heat_used";
};

TEST_F(EnterpriseKpis, AProductionDayIsThatOfEachSite) {
  make_world();
  // Only Asia's day 10 touches the first hour; the day of all is told whole.
  const auto got =
      get(std::string(kUsed) + "&window=day&from=2024-03-10T00:00:00Z&to=2024-03-10T00:30:00Z");
  ASSERT_EQ(at(got, "kpis").array()->size(), 1u);
  EXPECT_EQ(text_at(got, "kpis.0.asset"), "works-01");
  EXPECT_EQ(at(got, "kpis.0.together").array()->size(), 3u);
  const auto& results = *at(got, "kpis.0.results").array();
  ASSERT_EQ(results.size(), 2u);  // Europe and America have the 9th then
  const auto& day = results[1];
  EXPECT_EQ(text_at(day, "label"), "2024-03-10");
  EXPECT_EQ(text_at(day, "from"), "2024-03-10T00:00:00Z");
  EXPECT_EQ(text_at(day, "to"), "2024-03-11T06:00:00Z");
  // 150 + 300 + 1000 kWh for 1 + 2 + 4 t, in the unit of the first site by path, which is America's.
  EXPECT_EQ(text_at(got, "kpis.0.unit"), "MJ/kg");
  EXPECT_NEAR(real_at(day, "value"), 1450.0 * 3.6 / 7000, 1e-12);
  EXPECT_NEAR(real_at(day, "of"), 1450, 1e-9);
  EXPECT_EQ(real_at(day, "by"), 7);
  EXPECT_EQ(text_at(day, "quality"), "Good");
  // Bands in other units say nothing together.
  EXPECT_TRUE(at(got, "kpis.0.band").is_null());
  ASSERT_EQ(at(day, "sites").array()->size(), 3u);
  EXPECT_EQ(text_at(day, "sites.0.site"), "asia");
  EXPECT_EQ(text_at(day, "sites.0.to"), "2024-03-11T00:00:00Z");
  EXPECT_EQ(text_at(day, "sites.2.from"), "2024-03-10T07:00:00Z");
  EXPECT_EQ(text_at(day, "sites.2.to"), "2024-03-11T06:00:00Z");
}

TEST_F(EnterpriseKpis, MonthsShiftsHoursAndTheRangeAsOne) {
  make_world();
  const auto month =
      get(std::string(kUsed) + "&window=month&from=2024-03-10T00:00:00Z&to=2024-03-10T00:30:00Z");
  ASSERT_EQ(at(month, "kpis.0.results").array()->size(), 1u);
  EXPECT_EQ(text_at(month, "kpis.0.results.0.label"), "2024-03");
  EXPECT_EQ(text_at(month, "kpis.0.results.0.from"), "2024-03-01T00:00:00Z");
  EXPECT_EQ(text_at(month, "kpis.0.results.0.to"), "2024-04-01T06:00:00Z");
  // From the first reading of each on: 7000 and 5000 kWh and 89 GJ.
  EXPECT_NEAR(real_at(month, "kpis.0.results.0.of"), 12'000 + 89 / 0.0036, 1e-9);
  // Shifts by name and date; America has none and is named.
  const auto shift =
      get(std::string(kUsed) + "&window=shift&from=2024-03-10T05:00:00Z&to=2024-03-10T06:00:00Z");
  ASSERT_EQ(at(shift, "kpis.0.results").array()->size(), 1u);
  EXPECT_EQ(text_at(shift, "kpis.0.left_out.0"), "america");
  EXPECT_EQ(text_at(shift, "kpis.0.results.0.label"), "2024-03-10 day");
  EXPECT_EQ(at(shift, "kpis.0.results.0.sites").array()->size(), 2u);
  EXPECT_EQ(text_at(shift, "kpis.0.results.0.quality").substr(0, 9), "Uncertain");
  // Asia 100 kWh until 12:00Z, and no output before 12:30; Europe 300 for 2 t.
  EXPECT_EQ(real_at(shift, "kpis.0.results.0.by"), 2);
  EXPECT_EQ(real_at(shift, "kpis.0.results.0.value"), 200 * 3.6 / 1000);
  const auto hour =
      get(std::string(kUsed) + "&window=hour&from=2024-03-10T09:20:00Z&to=2024-03-10T10:20:00Z");
  ASSERT_EQ(at(hour, "kpis.0.results").array()->size(), 2u);
  EXPECT_EQ(text_at(hour, "kpis.0.results.0.from"), "2024-03-10T09:00:00Z");
  const auto own =
      get(std::string(kUsed) + "&window=window&from=2024-03-10T00:00:00Z&to=2024-03-11T00:00:00Z");
  EXPECT_EQ(text_at(own, "kpis.0.results.0.to"), "2024-03-11T00:00:00Z");
  // By then America has the first reading only: no growth. 150 + 800 kWh for 1 + 5 t.
  EXPECT_NEAR(real_at(own, "kpis.0.results.0.of"), 950, 1e-9);
  EXPECT_EQ(real_at(own, "kpis.0.results.0.by"), 6);
  // Without a window: the first that several sites share.
  EXPECT_EQ(text_at(get(kUsed), "kpis.0.window"), "day");
  EXPECT_NE(
      text_at(get(std::string(kUsed) + "&window=firing", 404), "detail").find("several sites"),
      std::string::npos);
}

TEST_F(EnterpriseKpis, MoneyInSeveralCurrenciesIsNotAdded) {
  make_world();
  const auto got = get("/api/v1/kpis?asset=works-01&kpi=heat_cost" + std::string(kNight));
  EXPECT_EQ(at(got, "kpis.0.results").array()->size(), 0u);
  const std::string problem = text_at(got, "kpis.0.problem");
  EXPECT_NE(problem.find("CNY (asia), EUR (europe), USD (america)"), std::string::npos) << problem;
  // One site alone has one currency.
  const auto alone =
      get("/api/v1/kpis?asset=works-01/asia&rollup=true&kpi=heat_cost&window=day"
          "&from=2024-03-10T00:00:00Z&to=2024-03-10T01:00:00Z");
  EXPECT_EQ(real_at(alone, "kpis.0.results.0.value"), 300);
}

TEST_F(EnterpriseKpis, OnlyOfOnesOwnEnterprise) {
  make_world();
  get("/api/v1/kpis?asset=works-01&kpi=heat_usd", 404);
  const auto foreign = here().token("other-01", Role::kAdministrator);
  EXPECT_EQ(here().get(foreign, "/api/v1/kpis?asset=works-01").status, 404);
  const auto empty = here().get(foreign, "/api/v1/kpis?asset=other-01");
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(at(empty.json(), "kpis").array()->size(), 0u);
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
