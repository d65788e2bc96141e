#include "simulate/plant_spec.h"
#include "simulate/simulate_testing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace tundish::simulate {
namespace {

constexpr const char* kFile = "plant.yaml";

std::string folder() {
  static const std::string path = [] {
    const std::string made = own_folder() + "plant_spec_test";
    std::filesystem::create_directories(made);
    std::ofstream(made + "/meter.csv") << "time,power\n1,10\n2,20\n";
    return made;
  }();
  return path;
}

Result<PlantSpec> parse(const std::string& text) { return parse_plant(text, kFile, folder()); }

/// A plant with a batch, a recording, one signal of each common sort, and `more` below them.
std::string with(const std::string& more) {
  return R"(plant: {name: P, namespace: "urn:p"}
batches:
  heat: {prefix: H, phases: {charge: 5min, blow: 10min}}
recordings:
  meter: {file: meter.csv}
signals:
  works/a/flow: {kind: wave, mean: 10, span: 4}
  works/a/state: {kind: phase, of: heat}
  works/a/meter: {kind: replay, recording: meter, column: power}
)" + more;
}

TEST(PlantSpec, ReadsEveryKindAndMember) {
  const auto plant = parse(with(R"(
  works/a/constant: {kind: constant, value: 7, type: int64, unit: t}
  works/a/text: {kind: constant, value: hello, type: string}
  works/a/setpoint: {kind: setpoint, values: [1, 2], hold: 2h}
  works/a/lag: {kind: lag, input: works/a/flow, time: 90s, gain: 2, offset: 1, noise: 0.1, resolution: 0.01}
  works/a/loop: {kind: loop, setpoint: works/a/setpoint, time: 1min, reset: 5min}
  works/a/valve: {kind: output, of: works/a/loop, range: [0, 100]}
  works/a/sum: {kind: sum, inputs: [works/a/flow, works/a/lag], factors: [1, -1], offset: 3}
  works/a/product: {kind: product, inputs: [works/a/flow], gain: 2}
  works/a/ratio: {kind: ratio, inputs: [works/a/flow, works/a/lag], gain: 100}
  works/a/counter: {kind: counter, input: works/a/flow, rollover: 1000}
  works/a/switch: {kind: switch, on: 0.5, hold: 10min}
  works/a/number: {kind: number, of: heat}
  works/a/running: {kind: running, of: heat, phases: [blow]}
  works/a/ramp: {kind: ramp, of: heat, ramps: {blow: [1300, 1650]}, limit: [0, 1600]}
  works/a/each: {kind: each, of: heat, mean: 200, span: 40}
  works/a/event: {kind: event, chance: 0.5, every: 4h, length: 3min}
  works/a/tally: {kind: tally, input: works/a/event, amount: works/a/each, rollover: 1000}
faults:
  rests: {kind: stuck, signals: works/a/flow}
  gone: {kind: bad, signals: "works/a/**", quality: BadNoCommunication}
  says: {kind: value, signals: works/a/text, value: failed}
  rises: {kind: ramp, signals: works/a/flow, to: 40, over: 2min, process: true}
)"));
  ASSERT_TRUE(plant) << plant.error().to_string();
  EXPECT_EQ(plant->signals.size(), 20u);
  EXPECT_EQ(plant->signals[17].type, ValueType::kDouble);
  EXPECT_TRUE(plant->signals[17].step);
  EXPECT_EQ(plant->signals[18].type, ValueType::kBool);
  EXPECT_EQ(plant->signals[19].inputs, (std::vector<std::size_t>{18, 17}));
  EXPECT_EQ(std::get<std::string>(plant->faults[2].value), "failed");
  EXPECT_EQ(plant->faults[3].over, 2 * kMinute);
  EXPECT_TRUE(plant->faults[3].process);
  EXPECT_FALSE(plant->faults[0].process);
  EXPECT_EQ(plant->batches[0].length(), 15 * kMinute);
  EXPECT_EQ(plant->recordings[0].rows(), 2u);
  EXPECT_EQ(plant->faults[1].signals.size(), 20u);
  EXPECT_EQ(plant->faults[1].quality, kBadNoCommunication);
  const SignalSpec& lag = plant->signals[6];
  EXPECT_EQ(lag.path, "works/a/lag");
  EXPECT_EQ(lag.time, 90 * kSecond);
  EXPECT_EQ(lag.gain, 2.0);
  EXPECT_FALSE(lag.step);
  EXPECT_TRUE(plant->signals[5].step) << "a set point is held";
  EXPECT_EQ(std::get<std::int64_t>(plant->signals[3].constant), 7);
}

struct Bad {
  const char* name;
  std::string text;
  const char* where;  ///< line:column
  const char* message;
};

class PlantSpecBad : public testing::TestWithParam<Bad> {};

TEST_P(PlantSpecBad, SaysWhereAndWhat) {
  const auto plant = parse(GetParam().text);
  ASSERT_FALSE(plant);
  EXPECT_EQ(plant.error().where, std::string(kFile) + ":" + GetParam().where)
      << plant.error().message;
  EXPECT_NE(plant.error().message.find(GetParam().message), std::string::npos)
      << plant.error().message;
}

const Bad kBadInputs[] = {
    {"Member", "plnt: {}\n", "1:1", "did you mean 'plant'?"},
    {"Kind", with("  works/b: {kind: wavy}\n"), "10:19", "did you mean 'wave'?"},
    {"MemberOfKind", with("  works/b: {kind: wave, mean: 1, spam: 2}\n"), "10:34",
     "did you mean 'span'?"},
    {"MissingMember", with("  works/b: {kind: wave, mean: 1}\n"), "10:12", "'span' is missing"},
    {"Signal", with("  works/b: {kind: lag, input: works/a/flaw}\n"), "10:31",
     "did you mean 'works/a/flow'?"},
    {"SignalBelow",
     with("  works/b: {kind: lag, input: works/c}\n"
          "  works/c: {kind: wave, mean: 1, span: 1}\n"),
     "10:31", "above this there is no signal"},
    {"OwnInput", with("  works/b: {kind: lag, input: works/b}\n"), "10:31", "there is no signal"},
    {"TextAsNumber", with("  works/b: {kind: lag, input: works/a/state}\n"), "10:31", "is a text"},
    {"Batch", with("  works/b: {kind: phase, of: haet}\n"), "10:30", "did you mean 'heat'?"},
    {"Phase", with("  works/b: {kind: running, of: heat, phases: [blov]}\n"), "10:47",
     "did you mean 'blow'?"},
    {"PhasesNoList", with("  works/b: {kind: running, of: heat, phases: {blow: 1}}\n"), "10:46",
     "a list"},
    {"Column", with("  works/b: {kind: replay, recording: meter, column: powr}\n"), "10:53",
     "did you mean 'power'?"},
    {"Recording", with("  works/b: {kind: replay, recording: metre, column: power}\n"), "10:38",
     "did you mean 'meter'?"},
    {"Twice", with("  works/a/flow: {kind: wave, mean: 1, span: 1}\n"), "10:3", "is here twice"},
    {"BelowSignal", with("  works/a/flow/x: {kind: wave, mean: 1, span: 1}\n"), "10:3",
     "nothing can be below it"},
    {"NoSite", with("  flow: {kind: wave, mean: 1, span: 1}\n"), "10:3", "a site"},
    {"FaultsNode", with("  Faults/x: {kind: wave, mean: 1, span: 1}\n"), "10:3", "switches faults"},
    {"EmptyLevel", with("  works//x: {kind: wave, mean: 1, span: 1}\n"), "10:3", ""},
    {"Number", with("  works/b: {kind: wave, mean: ten, span: 1}\n"), "10:31",
     "'ten' is not a number"},
    {"NaN", with("  works/b: {kind: wave, mean: nan, span: 1}\n"), "10:31", "not a number"},
    {"Duration", with("  works/b: {kind: wave, mean: 1, span: 1, period: 5}\n"), "10:51", ""},
    {"TooShort", with("  works/b: {kind: wave, mean: 1, span: 1, period: 1ms}\n"), "10:51", "1 s"},
    {"Flag", with("  works/b: {kind: wave, mean: 1, span: 1, step: yes}\n"), "10:49",
     "true or false"},
    {"Range", with("  works/b: {kind: wave, mean: 1, span: 1, range: [5, 1]}\n"), "10:50",
     "the lower number comes first"},
    {"Resolution", with("  works/b: {kind: wave, mean: 1, span: 1, resolution: 1e-300}\n"), "10:55",
     "a resolution is"},
    {"Type", with("  works/b: {kind: wave, mean: 1, span: 1, type: bool}\n"), "10:49", "the type"},
    {"WholeNumber", with("  works/b: {kind: constant, value: 1e300, type: int64}\n"), "10:36",
     "a whole number"},
    {"Factors", with("  works/b: {kind: sum, inputs: [works/a/flow], factors: [1, 2]}\n"), "10:57",
     "one factor for each input"},
    {"RatioOfOne", with("  works/b: {kind: ratio, inputs: [works/a/flow]}\n"), "10:34",
     "two inputs"},
    {"OutputOfWave", with("  works/b: {kind: output, of: works/a/flow}\n"), "10:31", "only a loop"},
    {"Chance", with("  works/b: {kind: event, chance: 2, every: 1h, length: 1min}\n"), "10:34",
     "from 0 to 1"},
    {"EventTooLong", with("  works/b: {kind: event, chance: 1, every: 1h, length: 2h}\n"), "10:56",
     "no longer"},
    {"EachOfNothing", with("  works/b: {kind: each, of: heit, mean: 1, span: 1}\n"), "10:29",
     "did you mean 'heat'?"},
    {"TallyOfText", with("  works/b: {kind: tally, input: works/a/state}\n"), "10:33", "is a text"},
    {"FaultValueOfOtherType",
     with("faults: {f: {kind: value, value: on, signals: works/a/flow}}\n"), "10:34",
     "not a number"},
    {"FaultValueOfTwoTypes",
     with("faults: {f: {kind: value, value: 1, signals: [works/a/flow, works/a/state]}}\n"),
     "10:46", "of one type"},
    {"FaultNoTo", with("faults: {f: {kind: ramp, signals: works/a/flow}}\n"), "10:13",
     "'to' is missing"},
    {"FaultOfProcess", with("faults: {f: {kind: bad, process: true, signals: works/a/flow}}\n"),
     "10:34", "of the sensor"},
    {"FaultKind", with("faults: {f: {kind: stack, signals: works/a/flow}}\n"), "10:20",
     "did you mean 'stuck'?"},
    {"FaultSignal", with("faults: {f: {kind: stuck, signals: works/a/flo}}\n"), "10:36",
     "did you mean 'works/a/flow'?"},
    {"FaultQuality", with("faults: {f: {kind: bad, signals: works/a/flow, quality: Worse}}\n"),
     "10:57", "status code"},
    {"FaultOfText", with("faults: {f: {kind: drift, amount: 1, signals: works/a/state}}\n"),
     "10:47", "is no number"},
    {"FaultNoAmount", with("faults: {f: {kind: drift, signals: works/a/flow}}\n"), "10:13",
     "'amount' is missing"},
    {"FaultName", with("faults: {\"f,g\": {kind: stuck, signals: works/a/flow}}\n"), "10:10",
     "without commas"},
    {"RecordingOutside",
     "plant: {name: P, namespace: \"urn:p\"}\nrecordings: {r: {file: ../../etc/passwd}}\n", "2:24",
     "below the pack's folder"},
    {"RecordingMissing",
     "plant: {name: P, namespace: \"urn:p\"}\nrecordings: {r: {file: none.csv}}\n", "2:24",
     "no such recording"},
    {"RecordingIsFolder", "plant: {name: P, namespace: \"urn:p\"}\nrecordings: {r: {file: .}}\n",
     "2:24", "no such recording"},
    {"NoSignals", "plant: {name: P, namespace: \"urn:p\"}\nsignals: {}\n", "2:10",
     "at least one signal"},
    {"SignalsAsList", "plant: {name: P, namespace: \"urn:p\"}\nsignals: [a]\n", "2:10",
     "name: value"},
    {"Truncated", "plant: {name: P, namespace: \"urn", "1:33", ""},
    {"TruncatedMap", with("  works/b: {kind: wave, mean: 1"), "10:1", "end of map"},
    {"Alias", "plant: &p {name: P}\nsignals: *p\n", "1:8", "anchors"},
    {"Control", std::string("plant: {name: \x01}\n"), "1:15", "control character"},
    {"Nul", std::string("plant\0: {}\n", 11), "1:6", "control character"},
    {"TwoDocuments", "plant: {}\n---\nplant: {}\n", "1:1", "one document"},
};

INSTANTIATE_TEST_SUITE_P(All, PlantSpecBad, testing::ValuesIn(kBadInputs),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(PlantSpec, GarbageIsRefused) {
  for (const std::string text : {"", "\n", "[]", "- a", "{", "}", "a: b: c", "\t", "%YAML 9", "? ?",
                                 "\xff\xfe", "!!binary x", "'", "\"", "|", ">", "plant"}) {
    const auto plant = parse(text);
    ASSERT_FALSE(plant) << text;
    EXPECT_TRUE(plant.error().where.starts_with(kFile)) << text;
  }
}

TEST(PlantSpec, EveryPrefixOfAPlantIsReadOrRefused) {
  const std::string text = with("faults: {f: {kind: stuck, signals: works/a/flow}}\n");
  ASSERT_TRUE(parse(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    if (const auto plant = parse(text.substr(0, length))) {
      EXPECT_FALSE(plant->signals.empty());
    }
  }
}

/// What would be too much is refused at once, with a reason.
TEST(PlantSpec, IsBounded) {
  const auto refused = [](const std::string& text, const std::string& message) {
    const auto start = std::chrono::steady_clock::now();
    const auto plant = parse(text);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
    ASSERT_FALSE(plant);
    EXPECT_NE(plant.error().message.find(message), std::string::npos) << plant.error().message;
  };
  refused("a: " + std::string(100'000, '['), "levels");
  refused("a: " + std::string(15'000, '{'), "levels");
  std::string nested;
  for (int i = 0; i < 30; ++i) nested += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  refused(nested, "levels");
  refused("plant: " + std::string(2000, 'x'), "1000 bytes");
  refused(std::string(2 << 20, '#'), "1 MiB");
  refused("a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n", "anchors");
  std::string many = "a: [";
  for (int i = 0; i < 250'000; ++i) many += "1,";
  refused(many + "1]", "values");
  std::string inputs;
  for (int i = 0; i < 200; ++i) inputs += "works/a/flow, ";
  refused(with("  works/b: {kind: sum, inputs: [" + inputs + "works/a/flow]}\n"), "1 to 100");
  std::string signals;
  for (int i = 0; i < 6000; ++i) signals += "  w/s" + std::to_string(i) + ": {kind: switch}\n";
  refused(with(signals), "5000 signals");
}

TEST(PlantSpec, AFolderWithoutAPlantIsNotFound) {
  const auto plant = load_plant(own_folder() + "no such pack");
  ASSERT_FALSE(plant);
  EXPECT_EQ(plant.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tundish::simulate
