#include "pack/pack.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pack/pack_testing.h"

namespace tundish::pack {
namespace {

/// One text of one file is replaced; what must be told then, from the start of a line.
struct Case {
  const char* file;
  const char* from;
  const char* to;
  const char* told;
};

// Each line is one mistake that somebody makes.
constexpr Case kCases[] = {
    // pack.yaml
    {"pack.yaml", "name: small", "name: Small", "pack.yaml:1:7: 'Small' is no name"},
    {"pack.yaml", "version: 1.0.0", "version: 1.0", "pack.yaml:2:10: a version is three numbers"},
    {"pack.yaml", "  zh: {name: 小型, description: 泵房。}\n", "",
     "pack.yaml:4:3: words are there in English and Chinese: 'zh' is missing"},
    {"pack.yaml", "version:", "verson:", "pack.yaml:2:1: pack.yaml has no 'verson'; did you mean"},
    {"pack.yaml", "{name: Small,", "{name: Small", "pack.yaml:4:"},
    // assets.yaml
    {"assets.yaml", "extends: equipment", "extends: equipmnt",
     "assets.yaml:7:14: there is no template 'equipmnt'; did you mean 'equipment'?"},
    {"assets.yaml", "unit: kW, normal", "unit: kWW, normal",
     "assets.yaml:10:39: 'kWW' is not a unit"},
    {"assets.yaml", "normal: [1, 5]", "normal: [5, 1]", "assets.yaml:10:51: the lower number"},
    {"assets.yaml", "normal: [1, 5]", "normal: [1, 50]",
     "assets.yaml:10:51: what is normal lies within what is valid, 0 to 10"},
    {"assets.yaml", "valid: [0, 10]", "valid: [null, null]", "assets.yaml:10:"},
    {"assets.yaml", "valid: [0, 10]", "valid: [2, null]",
     "what is normal lies within what is valid, 2 to inf"},
    {"assets.yaml", "measured: string", "measured: strng",
     "assets.yaml:12:25: what is measured is double, int64, bool or string, and not 'strng'; did"},
    {"assets.yaml", "formula: power / rated", "formula: powr / rated",
     "assets.yaml:14:23: there is no attribute or window 'powr' here; did you mean 'power'?"},
    {"assets.yaml", "formula: power / rated", "formula: power / ratd",
     "assets.yaml:14:31: there is no attribute or window 'ratd' here; did you mean 'rated'?"},
    {"assets.yaml", "formula: power / rated", "formula: power /", "assets.yaml:14:30: "},
    {"assets.yaml", "unit: '%', words: {en: Load", "unit: kW, words: {en: Load",
     "assets.yaml:14:23: this gives a number"},
    {"assets.yaml", "formula: power / rated, unit: '%'", "formula: power + energy, unit: kW",
     "assets.yaml:14:31: "},
    {"assets.yaml", "{formula: running and power > 1 'kW', words", "{formula: power, words",
     "assets.yaml:15:23: this gives a number in kW; say its unit beside the formula: unit: kW"},
    {"assets.yaml", "{../meter/water}", "{../meter/watr}",
     "assets.yaml:16:34: there is no attribute of 'house/meter' called 'watr' here; did you mean "
     "'water'? (at house/pump1)"},
    {"assets.yaml", "{../meter/water}", "{../metr/water}",
     "assets.yaml:16:34: there is no asset 'house/metr' here; did you mean 'house/meter'?"},
    {"assets.yaml", "{../meter/water}", "{../../../water}", "assets.yaml:16:34: '..' leads above"},
    {"assets.yaml", "sum(children.power)", "sum(children.powr)",
     "assets.yaml:24:28: there is no child with an attribute 'powr' here; did you mean 'power'?"},
    {"assets.yaml", "constant: 7.5, unit: kW", "formula: load * 1 'kW', unit: kW",
     "this goes round in a circle: pump:load -> pump:rated -> pump:load"},
    {"assets.yaml", "aliases: [P]", "aliases: [energy]",
     "'energy' is another name of 'energy' too"},
    {"assets.yaml", "aliases: [P]", "aliases: [P, P]", "assets.yaml:10:14: 'P' is here twice"},
    {"assets.yaml", "      batch: {", "      shift: {",
     "'shift' means something else in a formula"},
    {"assets.yaml", "      batch: {", "      running: {",
     "assets.yaml:15:23: a condition is wanted here, and this is a text"},
    {"assets.yaml", "words: {en: Batch, zh: 批次}", "words: {en: Batch}",
     "assets.yaml:12:40: words are there in English and Chinese: 'zh' is missing"},
    {"assets.yaml", "    words: {en: Equipment, zh: 设备}\n",
     "    words: {en: Equipment, zh: 设备}\n    extends: pump\n",
     "templates go round in a circle: equipment -> pump -> equipment"},
    // kpis.yaml
    {"kpis.yaml", "of: pump", "of: pumps",
     "kpis.yaml:3:9: there is no template 'pumps'; did you mean 'pump'?"},
    {"kpis.yaml", "unit: kW.h/m3", "unit: kW.h/kg", "kpis.yaml:5:11: this gives a number in"},
    {"kpis.yaml", "delta(energy, window)", "delta(enrgy, window)",
     "kpis.yaml:6:24: there is no attribute or window 'enrgy' here; did you mean 'energy'?"},
    {"kpis.yaml", "delta(energy, window)", "energy > 0", "kpis.yaml:6:18: an amount is wanted"},
    {"kpis.yaml", "[day, run]", "[day, rum]",
     "kpis.yaml:7:16: there is no window or kind of interval 'rum'; did you mean 'run'?"},
    {"kpis.yaml", "band: [0.1, 0.4]", "band: [0.4, 0.1]", "kpis.yaml:8:11: the lower number"},
    {"kpis.yaml", "better: less", "better: lower", "kpis.yaml:9:13: better is more or less"},
    {"kpis.yaml", "unit: W, value", "unit: m, value", "kpis.yaml:10:78: this gives a number in kW"},
    {"kpis.yaml", "    ratio:", "    value: '1'\n    ratio:",
     "kpis.yaml:3:5: a KPI has one of 'ratio' and 'value'"},
    // alarms.yaml
    {"alarms.yaml", "when: power > rated", "when: power + rated",
     "alarms.yaml:4:11: a condition is wanted here, and this is a number in kW"},
    {"alarms.yaml", "when: power > rated", "when: power > 5",
     "alarms.yaml:4:19: a number in kW is wanted"},
    {"alarms.yaml", "when: power > rated", "when: avg(power, window) > rated",
     "alarms.yaml:4:22: only a KPI and what an interval captures have a window"},
    {"alarms.yaml", "priority: high", "priority: hgh", "alarms.yaml:6:15: a priority is"},
    {"alarms.yaml", "    advice: {en: Stop it., zh: 停泵。}\n", "",
     "alarms.yaml:3:5: 'advice' is missing here"},
    {"alarms.yaml", "on_delay: 10s", "on_delay: 10", "alarms.yaml:5:15: "},
    // intervals.yaml
    {"intervals.yaml", "within: run", "within: rn",
     "intervals.yaml:3:38: there is no kind of interval 'rn'; did you mean 'run'?"},
    {"intervals.yaml", "within: run", "within: lot",
     "intervals.yaml:3:38: intervals nest in a circle: lot -> lot"},
    {"intervals.yaml", "during: running", "during: running, by: running",
     "an interval has one of 'during', 'by', and 'start' with 'end'"},
    {"intervals.yaml", "during: running", "start: running", "'end' is missing here"},
    {"intervals.yaml", "longest: 1d", "longest: 5s", "the longest one is longer than the shortest"},
    {"intervals.yaml", "by: batch", "by: running",
     "intervals.yaml:3:23: a text or a number is wanted here, and this is a condition"},
    {"intervals.yaml", "    downtime: unplanned\n", "", "only a downtime costs"},
    {"intervals.yaml", "downtime: unplanned", "downtime: unplaned",
     "a downtime is unplanned or planned, and not 'unplaned'; did you mean 'unplanned'?"},
    {"intervals.yaml", "rate: \"60 'm3/h'\"", "rate: rated",
     "intervals.yaml:10:22: this gives a number in kW, and the unit is m3/s"},
    {"intervals.yaml", "2 '{money}/m3'", "2 '{money}/t'",
     "a price of m3 is money by it, {money}/m3; the currency is the site's"},
    {"intervals.yaml", "rate: \"60", "lost: \"60", "'made' goes with 'rate'"},
    {"intervals.yaml", "rate: \"60 'm3/h'\", ", "", "lost output has one of 'lost' and 'rate'"},
    {"intervals.yaml", "used: 'delta(energy, window)', unit: kW.h", "unit: kW.h",
     "'used' is missing here"},
    {"intervals.yaml", "unit: m3, price", "unit: t, price", "and the unit is t"},
    {"intervals.yaml", "'{money}/(kW.h)'", "'{money}/kW.h'", "is money by it, {money}/kW/h;"},
    {"intervals.yaml", "delta(energy, window)", "delta(batch, window)", "intervals.yaml:3:1"},
    {"intervals.yaml", "  lot: {", "  power: {", "'power' is an attribute of 'pump' too"},
    // plant.yaml
    {"plant.yaml", "template: pump", "template: pmp",
     "plant.yaml:3:27: there is no template 'pmp'; did you mean 'pump'?"},
    {"plant.yaml", "house/meter:", "house//meter:", "plant.yaml:4:3: 'house//meter' is no path"},
    // screens.yaml, mimic.svg
    {"screens.yaml", "house/pump1, attribute: power}]", "house/pump2, attribute: power}]",
     "there is no asset 'house/pump2'; did you mean 'house/pump1'?"},
    {"screens.yaml", "attribute: total", "attribute: totl",
     "there is no attribute of 'house' called 'totl'; did you mean 'total'?"},
    {"screens.yaml", "kpi: mean_power", "kpi: mean_powr",
     "there is no KPI at 'house/pump1' called 'mean_powr'; did you mean 'mean_power'?"},
    {"screens.yaml", "element: t8", "element: t9",
     "there is no element of mimic.svg called 't9'; did you mean 't"},
    {"screens.yaml", "show: fill", "show: filled", "it is shown as text, fill or level"},
    {"screens.yaml", "attribute: power, show: level", "attribute: energy, show: level",
     "a level is filled between limits"},
    {"screens.yaml", "element: bar, asset: house/pump1, attribute: power, show: level",
     "element: bar, asset: house/pump1, attribute: running, show: level",
     "a level is a number, and 'running' is a bool"},
    {"screens.yaml", "element: bar, asset: house/pump1, attribute: power, show: level",
     "element: bar, asset: house, kpi: specific_energy, show: level",
     "a level is that of an attribute; a KPI is shown as text or fill"},
    {"screens.yaml", "element: t1, asset", "element: pump, asset",
     "'pump' is bound twice: only one of both would be seen"},
    {"screens.yaml", "element: t1, asset", "element: spare, asset",
     "screens.yaml:11:19: 'spare' is a <rect> of mimic.svg: a value is written into a <text>"},
    {"screens.yaml", "element: pump, asset", "element: free, asset",
     "'free' is a <text> of mimic.svg: a text shows a value, and fill and level need a shape"},
    {"screens.yaml", "element: bar, asset", "element: both, asset",
     "'both' is a group of mimic.svg: a level fills one shape"},
    {"screens.yaml", "show: fill", "show: fill, true_is: bad", "true is normal or abnormal"},
    {"screens.yaml", "power, show: level", "power, show: level, true_is: abnormal",
     "'true_is' is for a condition (bool) that is shown as fill"},
    {"screens.yaml", "      - {element: t8, asset: house, kpi: specific_energy}\n", "",
     "a drawing has at least 10 bindings, and these are 9"},
    {"screens.yaml", "drawing: mimic.svg", "drawing: ../mimic.svg", "a drawing is a file of this"},
    {"screens.yaml", "drawing: mimic.svg", "drawing: other.svg", "there is no file 'other.svg'"},
    {"mimic.svg", "<text id=\"t1\"/>", "<script>alert(1)</script><text id=\"t1\"/>",
     "mimic.svg:4:1: <script> is not shown"},
    // simulation.yaml, faults.csv
    {"simulation.yaml", "unit: kW.h}", "unit: m3}",
     "simulation.yaml:5:3: this signal is in m3, and the attribute 'energy' in kW.h"},
    {"simulation.yaml", "span: 1, unit: kW}", "span: 1, unit: W}",
     "simulation.yaml:4:3: this signal is in W, and the attribute 'power' in kW"},
    {"simulation.yaml", "pump1/batch: {kind: constant, value: a, type: string}",
     "pump1/batch: {kind: switch}",
     "simulation.yaml:6:3: this signal is bool, and the attribute 'batch' is string"},
    {"simulation.yaml", "house/meter/water:", "house/meter/watr:",
     "simulation.yaml:7:3: no asset of plant.yaml measures 'house/meter/watr'; did you mean "
     "'house/meter/water'?"},
    {"assets.yaml", "measured: double,", "measured: double, values: {a: {en: A, zh: A}},",
     "only values that are texts have words"},
    {"simulation.yaml", "house/meter/water:", "house/meter/rain:",
     "simulation.yaml:7:3: warning: no asset of plant.yaml measures 'house/meter/rain'"},
    {"simulation.yaml", "house/meter/water:", "house/meter/rain:",
     "plant.yaml:4:3: warning: simulation.yaml has no signal 'house/meter/water'"},
    {"faults.csv", "stall,", "stal,",
     "faults.csv:2:1: there is no fault in simulation.yaml called 'stal'; did you mean 'stall'?"},
    {"faults.csv", "overload", "overlod",
     "faults.csv:2:7: there is no alarm of 'house/pump1' called 'overlod'; did you mean"},
    {"faults.csv", "house/pump1", "house/pump",
     "faults.csv:2:16: there is no asset 'house/pump'; did you mean 'house/pump1'?"},
    {"faults.csv", "15s", "15", "faults.csv:2:28: a delay is 0s to 1d, such as 15s"},
    {"faults.csv", ",specific_energy", ",specific_enrgy", "faults.csv:2:32: there is no KPI"},
    {"faults.csv", ",specific_energy", "", "faults.csv:2:1: a line has 5 cells"},
    {"faults.csv", "overload,house/pump1,15s,specific_energy", ",house/pump1,15s,",
     "faults.csv:2:7: a fault brings about an alarm, moves a KPI, or both"},
    {"faults.csv", "overload,house/pump1,15s,specific_energy", ",house/pump,15s,specific_energy",
     "faults.csv:2:8: there is no asset 'house/pump'"},
    {"balances.csv", "pump1/energy", "pump1/enrgy",
     "balances.csv:2:23: there is no signal 'house/pump1/enrgy'; did you mean "
     "'house/pump1/energy'"},
    {"balances.csv", "+ house", "house", "balances.csv:2:42: a + or a - stands between two"},
    {"balances.csv", "0.5 *", "0.5", "balances.csv:2:21: a * stands between"},
    {"balances.csv", "house/meter/water,", ",", "balances.csv:2:62: a signal is expected here"},
    {"balances.csv", "0.1..0.4", "0.4..0.1", "balances.csv:2:80: a tolerance is a share"},
    {"faults.csv", "fault,alarm", "fault;alarm", "faults.csv:1:1: the first line is"},
};

TEST(Pack, ThatIsRightHasNoMistakes) {
  EXPECT_EQ(told(small_pack()), "");
  const auto pack = read_pack(small_pack());
  ASSERT_TRUE(pack) << pack.error().to_string();
  EXPECT_EQ(pack->name, "small");
  EXPECT_EQ(word_in(pack->words, "zh"), "小型");
  EXPECT_EQ(pack->templates.size(), 4u);
  EXPECT_EQ(pack->kpis.size(), 2u);
  EXPECT_EQ(pack->screens.size(), 2u);
  EXPECT_EQ(pack->screens[1].bindings[1].show, Show::kLevel);
  EXPECT_EQ(pack->faults.at(0).delay, 15 * kSecond);
  EXPECT_EQ(pack->drawings.size(), 1u);
}

TEST(Pack, EachMistakeIsToldWithItsPlace) {
  for (const auto& one : kCases) {
    Files files = small_pack();
    std::string& text = files[one.file];
    const auto at = text.find(one.from);
    ASSERT_NE(at, std::string::npos) << one.file << " " << one.from;
    text.replace(at, std::string_view(one.from).size(), one.to);
    EXPECT_NE(told(files).find(one.told), std::string::npos)
        << "expected: " << one.told << "\nfor: " << one.to << "\ntold:\n"
        << told(files);
  }
}

TEST(Pack, AllMistakesAreToldAtOnce) {
  Files files = small_pack();
  for (const auto& [file, from, to] : {std::tuple{"pack.yaml", "1.0.0", "1"},
                                       {"assets.yaml", "power / rated", "powr / rated"},
                                       {"kpis.yaml", "of: pump", "of: pupm"},
                                       {"alarms.yaml", "high", "higher"},
                                       {"faults.csv", "15s", "soon"}}) {
    std::string& text = files[file];
    text.replace(text.find(from), std::string_view(from).size(), to);
  }
  const auto mistakes = check_pack(files);
  for (const char* file : {"pack.yaml", "assets.yaml", "kpis.yaml", "alarms.yaml", "faults.csv"})
    EXPECT_TRUE(std::ranges::any_of(mistakes, [&](const auto& one) { return one.file == file; }))
        << file << "\n"
        << told(files);
  EXPECT_TRUE(std::ranges::is_sorted(
      mistakes, {}, [](const auto& one) { return std::tuple(one.file, one.line, one.column); }));
  const auto pack = read_pack(files);
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().code, ErrorCode::kInvalidArgument);
}

TEST(Pack, MistakesInOneTemplateAreToldOnceForManyAssets) {
  Files files = small_pack();
  files["plant.yaml"] += "  house/pump2: {template: pump, words: {en: Pump 2, zh: 2号泵}}\n";
  std::string& text = files["assets.yaml"];
  text.replace(text.find("power / rated"), 5, "powr ");
  const auto mistakes = check_pack(files);
  EXPECT_EQ(std::ranges::count(mistakes, false, &PackMistake::is_warning), 1) << told(files);
}

TEST(Pack, AFileThatNobodyCanReadDoesNotMakeTheOthersWrong) {
  Files files = small_pack();
  std::string& text = files["assets.yaml"];
  text.replace(text.find("zh: 功率}"), std::string_view("zh: 功率}").size(), "zh: 功率");
  ASSERT_EQ(check_pack(files).size(), 1u) << told(files);
  EXPECT_EQ(check_pack(files)[0].file, "assets.yaml");
}

TEST(Pack, AKpiIsToldForIntervalsOfItsOwnAsset) {
  Files files = small_pack();
  files["intervals.yaml"] +=
      "  visit: {of: meter, during: water > 1 'm3', words: {en: Visit, zh: 巡检}}\n";
  EXPECT_EQ(told(files), "");
  std::string& text = files["kpis.yaml"];
  text.replace(text.find("[day, run]"), 10, "[visit]   ");
  EXPECT_EQ(told(files), "kpis.yaml:7:11: 'house/pump1' has no 'visit' at it or above it\n");
}

TEST(Pack, AnUnknownUnitIsToldOnce) {
  Files files = small_pack();
  std::string& text = files["assets.yaml"];
  text.replace(text.find("unit: kW, normal"), 8, "unit: kWW");
  EXPECT_EQ(check_pack(files).size(), 1u) << told(files);
}

TEST(Pack, WithoutAPlantRelationsAreAWarning) {
  Files files = small_pack();
  for (const char* file :
       {"plant.yaml", "simulation.yaml", "faults.csv", "balances.csv", "screens.yaml"})
    files.erase(file);
  EXPECT_NE(told(files).find("assets.yaml:16:25: warning: this reads other assets"),
            std::string::npos)
      << told(files);
  EXPECT_TRUE(read_pack(files));
}

TEST(Pack, FilesThatAreMissingOrMisspeltAreNamed) {
  EXPECT_EQ(told({}),
            "assets.yaml:1:1: warning: this file is missing, so no asset can be made\n"
            "pack.yaml:1:1: this file is missing: it says the pack's name\n");
  Files files = small_pack();
  files["kpi.yaml"] = "";
  EXPECT_NE(told(files).find("kpi.yaml:1:1: no file of a pack is called so; did you mean "
                             "'kpis.yaml'?"),
            std::string::npos);
  files["prices.csv"] = "";
  EXPECT_NE(told(files).find("prices.csv:1:1: warning: "), std::string::npos);
}

TEST(Pack, TypesOfFormulasAreFilledIn) {
  const auto pack = read_pack(small_pack());
  ASSERT_TRUE(pack);
  const auto pump = resolve_template(*pack, "pump");
  ASSERT_TRUE(pump);
  EXPECT_EQ(pump->find("busy")->type, ValueType::kBool);
  EXPECT_TRUE(pump->find("busy")->step);
  EXPECT_EQ(pump->find("load")->type, ValueType::kDouble);
}

TEST(Pack, ATemplateHasWhatItInheritsAndReplaces) {
  Files files = small_pack();
  std::string& text = files["assets.yaml"];
  const std::string_view power = "      energy: {";
  text.insert(text.find(power),
              "      running: {measured: bool, words: {en: Turning, zh: 转动}}\n");
  const auto pack = read_pack(files);
  ASSERT_TRUE(pack) << pack.error().to_string();
  const auto pump = resolve_template(*pack, "pump");
  ASSERT_TRUE(pump);
  EXPECT_EQ(pump->lineage, (std::vector<std::string>{"pump", "equipment"}));
  EXPECT_EQ(word_in(pump->find("running")->words, "en"), "Turning");
  EXPECT_TRUE(std::ranges::is_sorted(pump->attributes, {}, &AttributeDefinition::name));
  ASSERT_EQ(pump->intervals.size(), 3u);
  EXPECT_EQ(pump->intervals[0].cost.output.rate, "60 'm3/h'");
  EXPECT_EQ(pump->intervals[2].name, "run");
  EXPECT_EQ(resolve_template(*pack, "pumb").error().message,
            "there is no template 'pumb'; did you mean 'pump'?");
}

TEST(Pack, ManyAssetsAreCheckedInTime) {
  Files files = small_pack();
  std::string& plant = files["plant.yaml"];
  for (int i = 2; i < 2000; ++i)
    plant += "  house/pump" + std::to_string(i) + ": {template: pump, words: {en: P, zh: 泵}}\n";
  files.erase("simulation.yaml");
  files.erase("faults.csv");
  files.erase("balances.csv");
  EXPECT_EQ(told(files), "");
}

TEST(Pack, MoreMistakesThanAnybodyReadsAreCutOff) {
  Files files = small_pack();
  std::string& plant = files["plant.yaml"];
  for (int i = 2; i < 2000; ++i)
    plant += "  house/pump" + std::to_string(i) + ": {templat: pump}\n";
  EXPECT_LE(check_pack(files).size(), 1000u);
}

}  // namespace
}  // namespace tundish::pack
