// Downtimes by the API: their reasons, and what they cost, over a shift across midnight and a change of the clock.
// Expected numbers are worked by hand from the samples that are posted.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "system/plant.h"

namespace tundish::test {
namespace {

constexpr const char* kLine = "works-01/mill/line";
constexpr const char* kNight = "&from=2024-03-30T12:00:00Z&to=2024-03-31T12:00:00Z";

class Downtimes : public PlantTest {
 protected:
  static std::string calendar(const std::string& extra) {
    return R"(name: mill
time_zone: Europe/Berlin
day_starts: "06:00"
shifts:
  early: {from: "06:00", to: "14:00"}
  late: {from: "14:00", to: "22:00"}
  night: {from: "22:00", to: "06:00"}
crews: {anchor: 2024-03-30, cycle: {early: [A, B], late: [B, A], night: [C, C]}}
downtime_reasons:
  M: {category: unplanned, words: {en: Mechanical, zh: 机械}}
  M01: {category: unplanned, within: M, words: {en: Bearing, zh: 轴承}}
  P01: {category: planned, words: {en: Roll change, zh: 换辊}}
)" + extra;
  }

  /// A line that stands from 30 March 20:30 UTC (21:30 on its clock) to 31 March 05:00 UTC (07:00 on its clock,
  /// which went forward at 01:00 UTC): the end of a late shift, a night of seven hours, the start of an early one.
  void make_line() {
    const auto made = here().ask(engineer_, {.method = "POST",
                                             .target = "/api/v1/calendars",
                                             .body = calendar(""),
                                             .content_type = "application/yaml"});
    ASSERT_EQ(made.status, 201) << made.body;
    const auto site = here().post(
        engineer_, "/api/v1/sites",
        R"({"code":"mill","name":"Mill","time_zone":"Europe/Berlin","currency":"EUR"})");
    ASSERT_EQ(site.status, 201) << site.body;
    ASSERT_EQ(put(fmt::format("/api/v1/sites/{}/calendar", number_at(site.json(), "id")),
                  R"({"calendar":"mill"})")
                  .status,
              200);
    const std::string line = kLine;
    post(line + "/running", {{"2024-03-30T18:00:00Z", "true"},
                             {"2024-03-30T20:30:00Z", "false"},
                             {"2024-03-31T05:00:00Z", "true"}});
    post(line + "/made", {{"2024-03-30T18:00:00Z", "0"},
                          {"2024-03-30T20:29:00Z", "250"},
                          {"2024-03-31T04:59:00Z", "250"}});
    post(line + "/energy", {{"2024-03-30T18:00:00Z", "500"},
                            {"2024-03-30T20:30:00Z", "1000"},
                            {"2024-03-31T03:30:00Z", "1600"},
                            {"2024-03-31T04:30:00Z", "1800"},
                            {"2024-03-31T05:00:00Z", "1900"}});
    make_template("mill_line", R"json({"attributes":{
        "running":{"measured":"bool"},
        "made":{"measured":"double","unit":"t"},
        "energy":{"measured":"double","unit":"kW.h"},
        "nominal_rate":{"constant":100,"unit":"t/h"},
        "margin":{"constant":10,"unit":"{money}/t"},
        "power_price":{"constant":0.5,"unit":"{money}/(kW.h)"}},
      "kpis":{
        "mttr":{"words":{"en":"MTTR"},"unit":"h","per":["day"],
          "ratio":{"of":"time_true(not running, window)","by":"starts(not running, window)"}},
        "mtbf":{"words":{"en":"MTBF"},"unit":"h","per":["day"],
          "ratio":{"of":"time_true(running, window)","by":"starts(not running, window)"}}},
      "intervals":{
        "run":{"words":{"en":"Run"},"during":"running"},
        "stop":{"words":{"en":"Stop"},"during":"not running","shortest":"1min",
          "downtime":"unplanned","cost":{
            "output":{"rate":"nominal_rate","target":"line_rate","made":"delta(made, window)",
                      "unit":"t","price":"margin"},
            "energy":{"used":"delta(energy, window)","unit":"kW.h","price":"power_price"}}}}})json");
    make_assets(R"({"assets":[{"path":"works-01/mill/line","template":"mill_line"}]})");
  }

  Answer put(const std::string& target, const std::string& body,
             const std::string& type = "application/json") {
    return here().ask(engineer_,
                      {.method = "PUT", .target = target, .body = body, .content_type = type});
  }
  Answer tell(std::int64_t id, const std::string& body) {
    return here().post(operator_, fmt::format("/api/v1/intervals/{}/reason", id), body);
  }
  static std::string stops() {
    return fmt::format("/api/v1/intervals?cost=true&kind=stop&asset={}{}", kLine, kNight);
  }
  wire::JsonValue sums(const std::string& by) {
    return get(fmt::format("/api/v1/downtimes?asset=works-01/mill&by={}{}", by, kNight));
  }
  /// The group of that key; empty when there is none.
  static wire::JsonValue group(const wire::JsonValue& answer, const std::string& key) {
    for (const auto& one : *at(answer, "groups").array())
      if (text_at(one, "key") == key) return one;
    ADD_FAILURE() << "there is no group " << key;
    return {};
  }
  /// What is derived follows by itself, in a moment.
  wire::JsonValue stops_when(const std::function<bool(const wire::JsonValue&)>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (true) {
      auto answer = get(stops());
      if (holds(answer)) return answer;
      if (std::chrono::steady_clock::now() > until) {
        ADD_FAILURE() << "not within half a minute";
        return answer;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  void SetUp() override {
    PlantTest::SetUp();
    operator_ = here().token("works-01", Role::kOperator);
  }

  Caller operator_;
};

TEST_F(Downtimes, CostFollowsTheShiftsTheClockAndWhatComesLate) {
  make_line();
  auto found = stops_when([](const auto& answer) {
    return at(answer, "intervals").array()->size() == 1 && !at(answer, "intervals.0.to").is_null();
  });
  ASSERT_EQ(at(found, "intervals").array()->size(), 1u);
  const auto id = number_at(found, "intervals.0.id");
  EXPECT_EQ(text_at(found, "intervals.0.downtime"), "unplanned");
  EXPECT_TRUE(at(found, "intervals.0.reason").is_null());
  // 8.5 h at 100 t/h; 900 kWh without that of 05:00.
  EXPECT_DOUBLE_EQ(real_at(found, "intervals.0.cost.duration_s"), 8.5 * 3600);
  EXPECT_DOUBLE_EQ(real_at(found, "intervals.0.cost.output.amount"), 850);
  EXPECT_DOUBLE_EQ(real_at(found, "intervals.0.cost.output.money"), 8500);
  EXPECT_DOUBLE_EQ(real_at(found, "intervals.0.cost.energy.money"),
                   real_at(found, "intervals.0.cost.energy.amount") * 0.5);
  EXPECT_EQ(text_at(found, "intervals.0.cost.currency"), "EUR");
  EXPECT_EQ(text_at(found, "intervals.0.cost.output.quality"), "Good");

  // Reasons: of the calendar's list only, and the one before stays readable.
  EXPECT_EQ(tell(id, R"({"reason":"M02"})").status, 400);
  EXPECT_NE(tell(id, R"({"reason":"M02"})").body.find("did you mean 'M01'"), std::string::npos);
  EXPECT_EQ(tell(id, R"({"remark":"none"})").status, 400);
  EXPECT_EQ(tell(id + 100000, R"({"reason":"M01"})").status, 404);
  EXPECT_EQ(tell(id, R"({"reason":"P01","remark":"worn rolls"})").status, 204);
  EXPECT_EQ(real_at(sums("reason"), "total.planned.count"), 1);
  EXPECT_EQ(tell(id, R"({"reason":"M01","remark":"bearing of stand 2"})").status, 204);
  const auto history = get(fmt::format("/api/v1/intervals/{}/reasons", id));
  EXPECT_EQ(text_at(history, "reasons.0.reason"), "P01");
  EXPECT_EQ(text_at(history, "reasons.0.remark"), "worn rolls");
  EXPECT_EQ(text_at(history, "reasons.1.category"), "unplanned");
  const auto causes = get("/api/v1/downtimes/reasons?asset=works-01/mill/line");
  EXPECT_EQ(text_at(causes, "reasons.1.within"), "M");

  // By shift: the night has seven hours. One downtime, counted where it began.
  auto by = sums("shift");
  EXPECT_DOUBLE_EQ(real_at(group(by, "late"), "duration_s"), 1800);
  EXPECT_DOUBLE_EQ(real_at(group(by, "late"), "output.0.amount"), 50);
  EXPECT_EQ(real_at(group(by, "late"), "count"), 1);
  EXPECT_DOUBLE_EQ(real_at(group(by, "night"), "duration_s"), 7.0 * 3600);
  EXPECT_DOUBLE_EQ(real_at(group(by, "night"), "output.0.amount"), 700);
  EXPECT_EQ(real_at(group(by, "night"), "count"), 0);
  EXPECT_DOUBLE_EQ(real_at(group(by, "early"), "output.0.amount"), 100);
  EXPECT_DOUBLE_EQ(real_at(by, "total.output.0.amount"), 850);
  EXPECT_EQ(text_at(by, "total.money.0.currency"), "EUR");
  EXPECT_EQ(real_at(by, "total.count"), 1);
  EXPECT_DOUBLE_EQ(real_at(group(sums("crew"), "C"), "duration_s"), 7.0 * 3600);
  EXPECT_DOUBLE_EQ(real_at(group(sums("asset"), kLine), "duration_s"), 8.5 * 3600);

  // Late: it ran again at 04:00 already, and 10 t had been made meanwhile.
  post(std::string(kLine) + "/running", {{"2024-03-31T04:00:00Z", "true"}});
  post(std::string(kLine) + "/made",
       {{"2024-03-30T22:00:00Z", "240"}, {"2024-03-30T23:00:00Z", "250"}});
  post(std::string(kLine) + "/made", {{"2024-03-30T20:29:00Z", "240"}});
  found = stops_when([](const auto& answer) {
    return text_at(answer, "intervals.0.to") == "2024-03-31T04:00:00Z";
  });
  EXPECT_EQ(number_at(found, "intervals.0.id"), id);
  EXPECT_EQ(text_at(found, "intervals.0.reason.reason"), "M01");
  EXPECT_EQ(text_at(found, "intervals.0.reason.remark"), "bearing of stand 2");
  EXPECT_DOUBLE_EQ(real_at(found, "intervals.0.cost.output.amount"), 7.5 * 100 - 10);
  EXPECT_DOUBLE_EQ(real_at(found, "intervals.0.cost.output.money"), 7400);

  // The calendar's target goes before the nominal rate; a holiday loses nothing that had been planned.
  ASSERT_EQ(
      put("/api/v1/calendars/mill", calendar("targets: {line_rate: 120}\n"), "application/yaml")
          .status,
      200);
  EXPECT_DOUBLE_EQ(real_at(get(stops()), "intervals.0.cost.output.amount"), 7.5 * 120 - 10);
  ASSERT_EQ(put("/api/v1/calendars/mill", calendar("holidays: {2024-03-30: {en: Feast}}\n"),
                "application/yaml")
                .status,
            200);
  EXPECT_DOUBLE_EQ(real_at(get(stops()), "intervals.0.cost.output.amount"), 0);
  EXPECT_DOUBLE_EQ(real_at(get(stops()), "intervals.0.cost.planned_time_s"), 0);

  // Without a reason in the calendar any more what was told stays.
  ASSERT_EQ(put("/api/v1/calendars/mill", calendar(""), "application/yaml").status, 200);
  const auto reasons = sums("reason");
  EXPECT_EQ(text_at(group(reasons, "M01"), "words.zh"), "轴承");
  EXPECT_EQ(text_at(group(reasons, "M01"), "within"), "M");

  // MTTR and MTBF agree with the figures of the same stretch.
  const std::string kpi = fmt::format("/api/v1/kpis?asset={}&window=window{}&kpi=", kLine, kNight);
  EXPECT_DOUBLE_EQ(real_at(reasons, "total.mttr_s"), 7.5 * 3600);
  EXPECT_DOUBLE_EQ(real_at(get(kpi + "mttr"), "kpis.0.results.0.value"), 7.5);
  EXPECT_DOUBLE_EQ(real_at(reasons, "total.mtbf_s"), (24 - 7.5) * 3600);

  // A run is no downtime, and other people's downtimes are not there.
  const auto runs = get(fmt::format("/api/v1/intervals?kind=run&asset={}{}", kLine, kNight));
  EXPECT_EQ(tell(number_at(runs, "intervals.0.id"), R"({"reason":"M01"})").status, 400);
  const auto stranger = here().token("other-01", Role::kAdministrator);
  EXPECT_EQ(here().get(stranger, fmt::format("/api/v1/intervals/{}/reasons", id)).status, 404);
  EXPECT_EQ(here().get(viewer_, "/api/v1/downtimes?by=week").status, 400);

  // A new price counts at once, and taking the reason back leaves its history.
  const auto assets = get("/api/v1/assets?under=works-01/mill");
  const auto patched = here().ask(
      engineer_,
      {.method = "PATCH",
       .target = fmt::format("/api/v1/assets/{}", number_at(assets, "children.0.asset.id")),
       .body = R"({"attributes":{"margin":{"constant":20}}})"});
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_DOUBLE_EQ(real_at(get(stops()), "intervals.0.cost.output.money"), 14800);
  EXPECT_EQ(tell(id, R"({"reason":null})").status, 204);
  EXPECT_TRUE(at(get(stops()), "intervals.0.reason").is_null());
  EXPECT_EQ(at(get(fmt::format("/api/v1/intervals/{}/reasons", id)), "reasons").array()->size(),
            3u);
}

}  // namespace
}  // namespace tundish::test
