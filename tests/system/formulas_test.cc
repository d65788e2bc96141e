// Formulas by the API: mistakes with their place, what-ifs over history, and explanations down to raw samples.
// Expected numbers are worked by hand from the samples that are posted.
#include <chrono>
#include <cmath>
#include <thread>
#include <vector>

#include "system/plant.h"

namespace tundish::test {
namespace {

constexpr const char* kDay = R"("from":"2024-03-10T00:00:00Z","to":"2024-03-11T00:00:00Z")";
constexpr const char* kHours = R"("from":"2024-03-10T08:00:00Z","to":"2024-03-10T09:00:00Z")";

class Formulas : public PlantTest {
 protected:
  /// A pump of its own for each test.
  std::string make(const std::string& name, const std::vector<Reading>& power,
                   const std::vector<Reading>& meter) {
    const std::string path = "works-01/formulas/" + name;
    post(path + "/power", power);
    post(path + "/meter", meter);
    make_template("formula_pump", R"json({"attributes":{
        "power":{"measured":"double","step":true,"unit":"kW","valid":[0,500],"words":{"en":"Power"}},
        "meter":{"measured":"double","unit":"kW.h"},
        "double_power":{"formula":"power * 2","unit":"kW"},
        "cost":{"formula":"double_power * 3","unit":"kW","every":"10s"}}})json");
    make_assets(fmt::format(R"({{"assets":[{{"path":"{}","template":"formula_pump"}}]}})", path));
    return path;
  }
  wire::JsonValue run(const std::string& asset, const std::string& formula, const std::string& more,
                      int status = 200) {
    return ask("/api/v1/formulas/run",
               fmt::format(R"({{"asset":"{}","formula":"{}",{}}})", asset, formula, more), status);
  }
};

TEST_F(Formulas, CheckTellsTypeUnitInputsAndHowItIsWritten) {
  const auto pump = make("check", {{"08:00:00", "1"}}, {{"08:00:00", "1"}});
  const auto got = ask(
      "/api/v1/formulas/check",
      fmt::format(R"({{"asset":"{}","formula":"(delta( meter,shift ))/1h","unit":"MW"}})", pump));
  EXPECT_EQ(text_at(got, "type"), "number");
  EXPECT_EQ(text_at(got, "formula"), "delta(meter, shift) / 1h");
  EXPECT_EQ(text_at(got, "inputs.0"), pump + "/meter");
  EXPECT_EQ(text_at(got, "windows.0"), "shift");
  // The asset has no calendar with shifts yet.
  EXPECT_EQ(at(got, "warnings").array()->size(), 1u);
  const auto condition = ask("/api/v1/formulas/check",
                             fmt::format(R"({{"asset":"{}","formula":"power > 3 'kW'"}})", pump));
  EXPECT_EQ(text_at(condition, "type"), "condition");
  EXPECT_EQ(text_at(condition, "unit"), "");
  // `window` is for what is asked for stretches of time.
  ask("/api/v1/formulas/check",
      fmt::format(R"json({{"asset":"{}","formula":"delta(meter, window)"}})json", pump), 400);
  ask("/api/v1/formulas/check",
      fmt::format(R"json({{"asset":"{}","formula":"delta(meter, window)","window":"day"}})json",
                  pump));
}

TEST_F(Formulas, FollowFirstAndLateSamplesThatCameAfterTheAsset) {
  const std::string meter = "works-01/formulas/late/meter";
  make_template("late_meter", R"json({"attributes":{
      "meter":{"measured":"double","unit":"kW.h","valid":[0,1000]},
      "hourly":{"formula":"delta(meter, hour)","unit":"kW.h","every":"1min"}}})json");
  make_assets(R"({"assets":[{"path":"works-01/formulas/late","template":"late_meter"}]})");
  // Readings out of range lie between the one that comes late and those that count from it.
  std::vector<Reading> readings{{"07:59:00", "100"}};
  for (const char* time : {"07:59:40", "07:59:41", "07:59:42", "07:59:43", "07:59:44", "07:59:45",
                           "07:59:46", "07:59:47", "07:59:48", "07:59:49"})
    readings.push_back({time, "5000"});
  readings.push_back({"08:01:00", "130"});
  readings.push_back({"08:10:00", "140"});
  const auto becomes = [this](double wanted) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    double value = std::nan("");
    while (std::chrono::steady_clock::now() < until && value != wanted) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      value = real_at(get("/api/v1/latest?tag=works-01/formulas/late/hourly"), "samples.0.value");
    }
    return value;
  };
  post(meter, readings);
  EXPECT_EQ(becomes(40), 40)
      << "the tag came with its first sample, and nobody asked for the model";
  post(meter, {{"07:59:30", "110"}});
  EXPECT_EQ(becomes(30), 30) << "what comes late counts";
}

TEST_F(Formulas, AMistakeHasItsPlaceAndTheNearestWord) {
  const auto pump = make("mistake", {{"08:00:00", "1"}}, {{"08:00:00", "1"}});
  struct Case {
    std::string formula;  ///< as JSON text
    int line, column;
    std::string nearest;
  };
  const std::vector<Case> cases = {
      {"1 'kW' + pwoer", 1, 10, "power"},
      {"power +\\n  merer", 2, 3, "meter"},
      {"avrg(power, 15min)", 1, 1, "avg"},
      {"power in 'kWx'", 1, 11, "(any)"},
      {"power + meter", 1, 9, "(none)"},
      {"avg(power, 15min", 1, 17, "(none)"},
      {"", 1, 1, "(none)"},
      {"{../formulas/nowhere}", 1, 1, "(any)"},
      {std::string(9000, '('), 1, 1, "(any)"},
      {std::string(5000, '('), 1, 0, "(any)"},
  };
  for (const auto& [formula, line, column, nearest] : cases) {
    SCOPED_TRACE(formula.substr(0, 40));
    const auto body = fmt::format(R"({{"asset":"{}","formula":"{}"}})", pump, formula);
    for (const auto* target : {"/api/v1/formulas/check", "/api/v1/formulas/run"}) {
      const auto got = ask(target, body, 400);
      EXPECT_EQ(text_at(got, "code"), "InvalidArgument");
      EXPECT_EQ(text_at(got, "where"), "formula");
      EXPECT_EQ(number_at(got, "line"), line);
      if (column > 0) {
        EXPECT_EQ(number_at(got, "column"), column);
      }
      if (nearest != "(any)") {
        EXPECT_EQ(text_at(got, "nearest"), nearest);
      }
      EXPECT_GT(text_at(got, "detail").size(), 10u);
    }
  }
  const auto unit =
      ask("/api/v1/formulas/check",
          fmt::format(R"({{"asset":"{}","formula":"power","unit":"kg"}})", pump), 400);
  EXPECT_EQ(text_at(unit, "where"), "unit");
}

TEST_F(Formulas, BadQuestionsAreRefusedAndWhatIsNotThereIsMissing) {
  const auto pump = make("bad", {{"08:00:00", "1"}}, {{"08:00:00", "1"}});
  run("works-01/nowhere", "1", kDay, 404);
  run(pump, "power", R"("from":"now","to":"now-1h")", 400);
  run(pump, "power", R"("every":"soon")", 400);
  run(pump, "power", R"("every":"-1s")", 400);
  run(pump, "power", R"("every":"1s","window":"day")", 400);
  run(pump, "power", R"("window":"heat")", 404);
  run(pump, "power", R"("evry":"1s")", 400);
  run(pump, "power", fmt::format(R"({},"compare":"nothing")", kDay), 404);
  run(pump, "power", fmt::format(R"({},"every":"1ns")", kDay), 413);
  // Nothing of another enterprise's.
  const auto foreign = here().token("other-01", Role::kEngineer);
  const auto body = fmt::format(R"({{"asset":"{}","formula":"power"}})", pump);
  EXPECT_EQ(here().post(foreign, "/api/v1/formulas/run", body).status, 404);
  EXPECT_EQ(here().get(foreign, "/api/v1/explain?tag=" + pump + "/power").status, 404);
}

TEST_F(Formulas, AnEndlessOneIsCutAtItsBudgetAndNamed) {
  const auto pump = make("endless", {{"08:00:00", "1"}}, {{"08:00:00", "1"}});
  const auto got =
      run(pump, "avg(avg(power, 1s), year)",
          R"("from":"2024-03-10T00:00:00Z","to":"2026-03-10T00:00:00Z","every":"1d")", 413);
  EXPECT_EQ(text_at(got, "where"), "formula");
  EXPECT_NE(text_at(got, "detail").find("budget of 2000000 steps"), std::string::npos);
}

TEST_F(Formulas, AWhatIfStandsBesideWhatIsLive) {
  const auto pump = make("whatif", {{"08:00:00", "10"}, {"08:00:20", "30"}}, {{"08:00:00", "1"}});
  const auto got = run(pump, "power + 5 'kW'",
                       R"("from":"2024-03-10T07:59:50Z","to":"2024-03-10T08:00:31Z",)"
                       R"("every":"10s","compare":"power")");
  // Nothing was measured before 08:00:00.
  ASSERT_EQ(at(got, "results").array()->size(), 4u);
  EXPECT_EQ(text_at(got, "results.0.time"), "2024-03-10T08:00:00Z");
  const std::vector<double> expected = {15, 15, 35, 35};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(real_at(got, fmt::format("results.{}.value", i)), expected[i]);
    EXPECT_EQ(real_at(got, fmt::format("live.{}.value", i)), expected[i] - 5);
  }
  EXPECT_EQ(text_at(got, "unit"), "kW");
  EXPECT_GT(number_at(got, "steps"), 0);
  // Without `every`: when the input has a sample.
  const auto changes = run(pump, "power > 20 'kW'", kDay);
  ASSERT_EQ(at(changes, "results").array()->size(), 2u);
  EXPECT_EQ(at(changes, "results.0.value"), wire::JsonValue(false));
  EXPECT_EQ(at(changes, "results.1.value"), wire::JsonValue(true));
  // Nothing has been written.
  const auto tags = get("/api/v1/latest?tag=" + pump + "/power");
  EXPECT_EQ(text_at(tags, "samples.0.time"), "2024-03-10T08:00:20Z");
  EXPECT_EQ(real_at(tags, "samples.0.value"), 30);
}

TEST_F(Formulas, NothingIsToldOfATimeToCome) {
  const auto pump = make("future", {{"08:00:00", "10"}}, {{"08:00:00", "1"}});
  const auto got = run(pump, "power", R"("from":"now-3h","to":"now+20h","every":"1h")");
  EXPECT_LE(at(got, "results").array()->size(), 4u);
  const auto days =
      run(pump, "avg(power, window)", R"("from":"now-1d","to":"now+5d","window":"day")");
  EXPECT_LE(at(days, "results").array()->size(), 2u);
}

TEST_F(Formulas, DivisionByZeroAndGapsAreNullWithAQuality) {
  const auto pump = make("zero", {{"08:00:00", "0"}, {"08:10:00", "4"}, {"08:20:00", "900"}},
                         {{"08:00:00", "1"}, {"08:10:00", "1"}, {"08:20:00", "1"}});
  const auto got = run(pump, "meter / power", kDay);
  EXPECT_TRUE(at(got, "results.0.value").is_null());
  EXPECT_NE(text_at(got, "results.0.quality"), "Good");
  EXPECT_EQ(real_at(got, "results.1.value"), 0.25);
  // 900 kW is beyond the valid range.
  EXPECT_TRUE(at(got, "results.2.value").is_null());
  EXPECT_EQ(text_at(got, "results.2.quality"), "BadOutOfRange");
}

TEST_F(Formulas, PercentGoodAndCoverageOfAnHourWithAGap) {
  // Good 08:00 to 08:30, Bad to 08:45, Good to 09:00.
  const auto pump =
      make("gap", {{"08:00:00", "10"}, {"08:30:00", "0", "BadNoCommunication"}, {"08:45:00", "20"}},
           {{"08:15:00", "1"}, {"08:50:00", "3"}});
  const auto got = run(pump, "avg(power, window)", fmt::format(R"({},"window":"hour")", kHours));
  ASSERT_EQ(at(got, "results").array()->size(), 1u);
  EXPECT_EQ(text_at(got, "results.0.from"), "2024-03-10T08:00:00Z");
  EXPECT_EQ(text_at(got, "results.0.to"), "2024-03-10T09:00:00Z");
  EXPECT_EQ(real_at(got, "results.0.value"), (10.0 * 30 + 20.0 * 15) / 45);
  EXPECT_EQ(real_at(got, "results.0.percent_good"), 75);
  EXPECT_EQ(real_at(got, "results.0.coverage"), 100);
  // The meter is known from 08:15 on.
  const auto meter =
      run(pump, "delta(meter, window)", fmt::format(R"({},"window":"hour")", kHours));
  EXPECT_EQ(real_at(meter, "results.0.value"), 2);
  EXPECT_EQ(real_at(meter, "results.0.coverage"), 75);
}

TEST_F(Formulas, AMeterThatIsResetSwappedOrReadWrongly) {
  const auto counted = [&](const std::string& pump, const std::string& options) {
    return run(pump, fmt::format("delta(meter, window{})", options),
               fmt::format(R"({},"window":"hour")", kHours));
  };
  // 100 to 150, back to 0 and up to 10, then to 40.
  const auto fallen =
      make("fallen", {{"08:00:00", "1"}},
           {{"07:50:00", "100"}, {"08:10:00", "150"}, {"08:20:00", "10"}, {"08:40:00", "40"}});
  const auto reset = counted(fallen, ", reset: 0 'kW.h'");
  EXPECT_EQ(real_at(reset, "results.0.value"), 50 + 10 + 30);
  EXPECT_EQ(text_at(reset, "results.0.quality"), "Good");
  // Another meter: what it shows is nobody's; the result is in doubt.
  const auto swapped = counted(fallen, "");
  EXPECT_EQ(real_at(swapped, "results.0.value"), 50 + 30);
  EXPECT_EQ(text_at(swapped, "results.0.quality").substr(0, 9), "Uncertain");
  // It rolls over at 160: 10 to the end of the round and 10 after it.
  const auto rolled = counted(fallen, ", rollover: 160 'kW.h'");
  EXPECT_EQ(real_at(rolled, "results.0.value"), 50 + 20 + 30);
  // One wrong reading between two right ones.
  const auto wrong =
      make("wrong", {{"08:00:00", "1"}},
           {{"07:50:00", "100"}, {"08:10:00", "150"}, {"08:20:00", "3"}, {"08:40:00", "160"}});
  EXPECT_EQ(real_at(counted(wrong, ""), "results.0.value"), 60);
}

TEST_F(Formulas, ExplainGoesFromAValueToItsRawSamples) {
  const auto pump = make("explain", {{"08:00:00", "10"}, {"08:00:25", "600"}, {"08:00:40", "30"}},
                         {{"08:00:00", "1"}});
  const auto got = get("/api/v1/explain?tag=" + pump + "/double_power&time=2024-03-10T08:00:10Z");
  EXPECT_EQ(text_at(got, "path"), pump + "/double_power");
  EXPECT_EQ(text_at(got, "formula"), "power * 2");
  EXPECT_EQ(number_at(got, "version"), 1);
  EXPECT_EQ(real_at(got, "value"), 20);
  EXPECT_EQ(text_at(got, "unit"), "kW");
  EXPECT_EQ(text_at(got, "parts.0.text"), "power");
  EXPECT_EQ(real_at(got, "parts.0.value"), 10);
  EXPECT_EQ(text_at(got, "parts.0.inputs.0.path"), pump + "/power");
  EXPECT_EQ(text_at(got, "parts.0.inputs.0.tag"), pump + "/power");
  EXPECT_EQ(text_at(got, "parts.0.inputs.0.samples.0.time"), "2024-03-10T08:00:00Z");
  EXPECT_EQ(real_at(got, "parts.0.inputs.0.samples.0.value"), 10);
  EXPECT_EQ(text_at(got, "parts.1.text"), "power * 2");

  const auto bad = get("/api/v1/explain?tag=" + pump + "/double_power&time=2024-03-10T08:00:30Z");
  EXPECT_TRUE(at(bad, "value").is_null());
  EXPECT_EQ(text_at(bad, "quality"), "BadOutOfRange");
  EXPECT_EQ(at(bad, "parts.0.inputs.0.samples.0.out_of_range"), wire::JsonValue(true));
  EXPECT_EQ(real_at(bad, "parts.0.inputs.0.valid.1"), 500);

  // What a derived value was made from leads on to how that was made. Every 10 s: at 08:00:20.
  const auto cost = get("/api/v1/explain?tag=" + pump + "/cost&time=2024-03-10T08:00:29Z");
  EXPECT_EQ(text_at(cost, "time"), "2024-03-10T08:00:20Z");
  EXPECT_EQ(text_at(cost, "parts.0.inputs.0.kind"), "formula");
  const auto link = text_at(cost, "parts.0.inputs.0.explain");
  EXPECT_EQ(link, "/api/v1/explain?tag=" + pump + "/double_power&time=2024-03-10T08:00:20Z");
  EXPECT_EQ(real_at(get(link), "value"), 20);

  // Before anything was measured there is no value, and none is made up.
  const auto early = get("/api/v1/explain?tag=" + pump + "/double_power&time=2024-03-01T00:00:00Z");
  EXPECT_TRUE(at(early, "value").is_null());
  // A measured attribute is its own explanation, and so is a tag that no attribute has.
  const auto raw = get("/api/v1/explain?tag=" + pump + "/power&time=2024-03-10T08:00:45Z");
  EXPECT_TRUE(at(raw, "formula").is_null());
  EXPECT_EQ(real_at(raw, "value"), 30);
  post("works-01/loose", {{"08:00:00", "7"}});
  EXPECT_EQ(real_at(get("/api/v1/explain?tag=works-01/loose"), "value"), 7);
  get("/api/v1/explain?tag=works-01/absent", 404);
  get("/api/v1/explain?asset=" + pump, 400);
  get("/api/v1/explain?tag=a&asset=b&kpi=c", 400);
  get("/api/v1/explain?asset=" + pump + "&kpi=oee", 404);
}

TEST_F(Formulas, ExplainListsTheEndsOfALongWindowAndReachesThroughWindowsInWindows) {
  const std::string path = "works-01/formulas/long";
  std::string body;
  // 160 samples, one a second from 08:00:00 on: 0, 1, 2 ...; every fortieth is out of range.
  for (int i = 0; i < 160; ++i)
    body += fmt::format(R"({}{{"tag":"{}/power","time":"2024-03-10T08:{:02}:{:02}Z","value":{}}})",
                        i == 0 ? "" : ",", path, i / 60, i % 60, i % 40 == 39 ? 1000 : i);
  ASSERT_EQ(
      here().post(engineer_, "/api/v1/samples", fmt::format(R"({{"samples":[{}]}})", body)).status,
      200);
  make_template("formula_long", R"json({"attributes":{
      "power":{"measured":"double","step":true,"unit":"kW","valid":[0,500]},
      "peak":{"formula":"max(power, 2min)","unit":"kW","every":"1s"},
      "smooth":{"formula":"avg(avg(power, 30s), 1min)","unit":"kW","every":"1s"},
      "state":{"formula":"if(power > 100 'kW', \"high\", \"low\")","type":"string","every":"1s"}}})json");
  make_assets(fmt::format(R"({{"assets":[{{"path":"{}","template":"formula_long"}}]}})", path));
  const std::string at_end = "&time=2024-03-10T08:02:39Z";
  const auto peak = get("/api/v1/explain?tag=" + path + "/peak" + at_end);
  // (08:00:39, 08:02:39]: samples 40 to 159, of which 79, 119 and 159 are out of range.
  EXPECT_EQ(text_at(peak, "parts.0.window.from"), "2024-03-10T08:00:39.000000001Z");
  const std::string input = "parts.0.inputs.0.";
  EXPECT_EQ(number_at(peak, input + "count"), 120);
  EXPECT_EQ(number_at(peak, input + "out_of_range"), 3);
  EXPECT_EQ(number_at(peak, input + "left_out"), 20);
  ASSERT_EQ(at(peak, input + "samples").array()->size(), 100u);
  EXPECT_EQ(real_at(peak, input + "samples.0.value"), 40);
  EXPECT_EQ(real_at(peak, input + "samples.49.value"), 89);
  EXPECT_EQ(real_at(peak, input + "samples.50.value"), 110);
  EXPECT_EQ(at(peak, input + "samples.99.out_of_range"), wire::JsonValue(true));
  EXPECT_EQ(real_at(peak, "value"), 158);
  EXPECT_NEAR(real_at(peak, "percent_good"), 100.0 * 117 / 120, 1);

  // One minute of averages over 30 s looks back 90 s: 08:01:10 to 08:02:39, samples 70 to 159.
  const auto smooth = get("/api/v1/explain?tag=" + path + "/smooth" + at_end);
  EXPECT_EQ(number_at(smooth, input + "count"), 90);
  EXPECT_EQ(real_at(smooth, input + "samples.0.value"), 70);

  const auto state = get("/api/v1/explain?tag=" + path + "/state&time=2024-03-10T08:02:00Z");
  EXPECT_EQ(text_at(state, "value"), "high");
  EXPECT_EQ(
      text_at(get("/api/v1/explain?tag=" + path + "/state&time=2024-03-10T08:00:03Z"), "value"),
      "low");
}

}  // namespace
}  // namespace tundish::test
