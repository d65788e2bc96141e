#include "simulate/plant.h"
#include "simulate/simulate_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace tundish::simulate {
namespace {

constexpr TimeNs kEpoch = 1'790'000'000 * kSecond;  // 2026-09-21T14:13:20Z

/// A plant with the given signals and faults; one recording `r` and one batch `heat`.
Plant plant_of(const std::string& signals, const std::string& faults = "", std::uint64_t seed = 1) {
  const std::string folder = own_folder() + "plant_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/r.csv") << "a,b\n10,1\n20,1\n,1\n40,1\n";
  std::ofstream(folder + "/other.csv") << "a,b\n-10,1\n-20,1\n-30,1\n-40,1\n";
  const auto spec = parse_plant(
      "plant: {name: P, namespace: \"urn:p\"}\n"
      "batches: {heat: {prefix: H, phases: {charge: 100s, blow: 300s}}}\n"
      "recordings: {r: {file: r.csv}, other: {file: other.csv}}\n"
      "signals:\n" +
          signals + (faults.empty() ? "" : "faults:\n" + faults),
      "plant.yaml", folder);
  EXPECT_TRUE(spec) << spec.error().to_string();
  return Plant(*spec, seed, kEpoch);
}

double number(const Plant& plant, std::size_t signal) {
  return std::get<double>(plant.value(signal));
}

TEST(Plant, ConstantsKeepTheirType) {
  const Plant plant = plant_of(
      "  w/d: {kind: constant, value: 1.5}\n"
      "  w/i: {kind: constant, value: 42, type: int64}\n"
      "  w/b: {kind: constant, value: true, type: bool}\n"
      "  w/s: {kind: constant, value: 钢, type: string}\n");
  EXPECT_TRUE(same_bits(plant.value(0), Value(1.5)));
  EXPECT_TRUE(same_bits(plant.value(1), Value(std::int64_t{42})));
  EXPECT_TRUE(same_bits(plant.value(2), Value(true)));
  EXPECT_TRUE(same_bits(plant.value(3), Value(std::string("钢"))));
}

TEST(Plant, SetpointsAreHeldAndTakenFromTheList) {
  Plant plant = plant_of("  w/s: {kind: setpoint, values: [1, 2, 3], hold: 100s}\n");
  std::set<double> seen;
  double last = number(plant, 0);
  for (TimeNs t = kEpoch; t < kEpoch + kHour; t += kSecond) {
    plant.step_to(t);
    seen.insert(number(plant, 0));
    if (number(plant, 0) != last) {
      EXPECT_EQ(t % (100 * kSecond), 0);
    }
    last = number(plant, 0);
  }
  EXPECT_EQ(seen, (std::set<double>{1, 2, 3}));
}

TEST(Plant, WavesWanderSmoothlyWithinTheirSpan) {
  Plant plant = plant_of("  w/w: {kind: wave, mean: 100, span: 20, period: 10min}\n");
  double low = 1e9, high = -1e9, last = number(plant, 0);
  for (TimeNs t = kEpoch; t < kEpoch + 6 * kHour; t += kSecond) {
    plant.step_to(t);
    const double value = number(plant, 0);
    EXPECT_LT(std::abs(value - last), 0.5);
    low = std::min(low, value), high = std::max(high, value), last = value;
  }
  EXPECT_GE(low, 90);
  EXPECT_LE(high, 110);
  EXPECT_GT(high - low, 8) << "it does wander";
}

TEST(Plant, LagsFollowByTheirTimeConstant) {
  Plant plant = plant_of(
      "  w/s: {kind: running, of: heat, phases: [blow]}\n"
      "  w/l: {kind: lag, input: w/s, time: 30s, gain: 100, offset: 5}\n");
  // Up to a moment when the input has just gone on, after 100 s at rest.
  TimeNs t = kEpoch;
  for (bool was = true; !(std::get<bool>(plant.value(0)) && !was) || t < kEpoch + 200 * kSecond;) {
    was = std::get<bool>(plant.value(0));
    plant.step_to(t += kSecond);
  }
  const double before = 5 + 100 * std::exp(-100.0 / 30.0) * (1 - std::exp(-300.0 / 30.0));
  plant.step_to(t + 29 * kSecond);
  const double expected = 105 + (before - 105) * std::exp(-1.0);
  EXPECT_NEAR(number(plant, 1), expected, 1e-6);
}

TEST(Plant, ALagMayStartElsewhere) {
  Plant plant = plant_of(
      "  w/in: {kind: constant, value: 100}\n"
      "  w/out: {kind: lag, input: w/in, time: 60s, start: 20}\n");
  EXPECT_EQ(number(plant, 1), 20);
  plant.step_to(kEpoch + 60 * kSecond);
  EXPECT_NEAR(number(plant, 1), 100 - 80 * std::exp(-1.0), 1e-9);
}

TEST(Plant, LoopsHoldTheirSetpoint) {
  Plant plant = plant_of(
      "  w/s: {kind: setpoint, values: [80, 100], hold: 1h}\n"
      "  w/v: {kind: loop, setpoint: w/s, time: 20s, reset: 2min}\n"
      "  w/o: {kind: output, of: w/v}\n");
  double error = 0, output_low = 100, output_high = 0;
  int n = 0;
  for (TimeNs t = kEpoch; t < kEpoch + 12 * kHour; t += kSecond) {
    plant.step_to(t);
    EXPECT_NEAR(number(plant, 1), number(plant, 0), 25);
    // 20 minutes after a change it has settled.
    if (t % kHour > 20 * kMinute) error += std::abs(number(plant, 1) - number(plant, 0)), ++n;
    output_low = std::min(output_low, number(plant, 2));
    output_high = std::max(output_high, number(plant, 2));
  }
  EXPECT_LT(error / n, 0.5);
  EXPECT_GT(error, 0) << "the load moves it a little";
  EXPECT_GE(output_low, 0);
  EXPECT_LE(output_high, 100);
  EXPECT_GT(output_high - output_low, 3);
}

TEST(Plant, CalculatesFromWhatItShows) {
  Plant plant = plant_of(
      "  w/a: {kind: wave, mean: 10, span: 5, noise: 0.3, resolution: 0.1}\n"
      "  w/b: {kind: wave, mean: 4, span: 1}\n"
      "  w/zero: {kind: constant, value: 0}\n"
      "  w/sum: {kind: sum, inputs: [w/a, w/b], factors: [2, -1], offset: 7}\n"
      "  w/product: {kind: product, inputs: [w/a, w/b], gain: 0.5}\n"
      "  w/ratio: {kind: ratio, inputs: [w/a, w/b], gain: 100}\n"
      "  w/nothing: {kind: ratio, inputs: [w/a, w/zero]}\n");
  for (TimeNs t = kEpoch; t < kEpoch + kMinute; t += kSecond) {
    plant.step_to(t);
    const double a = number(plant, 0), b = number(plant, 1);
    EXPECT_DOUBLE_EQ(number(plant, 3), 7 + 2 * a - b);
    EXPECT_DOUBLE_EQ(number(plant, 4), 0.5 * a * b);
    EXPECT_DOUBLE_EQ(number(plant, 5), 100 * a / b);
    EXPECT_EQ(number(plant, 6), 0.0) << "no division by zero";
  }
}

TEST(Plant, CountersOnlyRiseAndRollOver) {
  Plant plant = plant_of(
      "  w/p: {kind: constant, value: 3600}\n"
      "  w/n: {kind: constant, value: -5}\n"
      "  w/e: {kind: counter, input: w/p}\n"
      "  w/r: {kind: counter, input: w/p, rollover: 50}\n"
      "  w/back: {kind: counter, input: w/n}\n");
  plant.step_to(kEpoch + 119 * kSecond);
  EXPECT_NEAR(number(plant, 2), 120, 1e-9);  // one unit a second, the first step included
  EXPECT_NEAR(number(plant, 3), 20, 1e-9);
  EXPECT_EQ(number(plant, 4), 0.0);
}

TEST(Plant, SwitchesAreOnForTheirShare) {
  Plant plant = plant_of(
      "  w/s: {kind: switch, on: 0.7, hold: 10s}\n"
      "  w/always: {kind: switch}\n"
      "  w/never: {kind: switch, on: 0}\n");
  int on = 0;
  constexpr int kSteps = 36'000;
  for (int i = 0; i < kSteps; ++i) {
    plant.step_to(kEpoch + i * kSecond);
    on += std::get<bool>(plant.value(0));
    EXPECT_TRUE(std::get<bool>(plant.value(1)));
    EXPECT_FALSE(std::get<bool>(plant.value(2)));
  }
  EXPECT_NEAR(static_cast<double>(on) / kSteps, 0.7, 0.05);
}

TEST(Plant, BatchesHavePhasesNumbersAndRamps) {
  Plant plant = plant_of(
      "  w/phase: {kind: phase, of: heat}\n"
      "  w/number: {kind: number, of: heat}\n"
      "  w/blowing: {kind: running, of: heat, phases: [blow]}\n"
      "  w/temp: {kind: ramp, of: heat, ramps: {blow: [1300, 1600]}}\n");
  std::string last_number = std::get<std::string>(plant.value(1));
  std::set<std::string> numbers;
  for (TimeNs t = kEpoch; t < kEpoch + 1200 * kSecond; t += kSecond) {
    plant.step_to(t);
    const DurationNs into = t % (400 * kSecond);
    const bool blow = into >= 100 * kSecond;
    EXPECT_EQ(std::get<std::string>(plant.value(0)), blow ? "blow" : "charge");
    EXPECT_EQ(std::get<bool>(plant.value(2)), blow);
    if (blow) {
      EXPECT_NEAR(number(plant, 3), 1300 + static_cast<double>(into / kSecond - 100), 1e-9);
    }
    numbers.insert(std::get<std::string>(plant.value(1)));
  }
  EXPECT_EQ(last_number, fmt::format("H{:06}", kEpoch / (400 * kSecond) % 1'000'000));
  EXPECT_GE(numbers.size(), 3u);
}

TEST(Plant, ReplaysRowByRowAndRestsInGaps) {
  Plant plant = plant_of(
      "  w/slope: {kind: replay, recording: r, column: a, every: 10s}\n"
      "  w/step: {kind: replay, recording: r, column: a, every: 10s, step: true, gain: 2, offset: "
      "1}\n"
      "  w/lag: {kind: lag, input: w/step, time: 1s}\n"
      "  w/rest: {kind: replay, recording: r, column: b, every: 10s, resolution: 0.1}\n");
  const TimeNs first = kEpoch + (40 * kSecond - kEpoch % (40 * kSecond));  // row 1 of the table
  plant.step_to(first);
  EXPECT_EQ(number(plant, 0), 10);
  EXPECT_EQ(number(plant, 1), 21);
  plant.step_to(first + 5 * kSecond);
  EXPECT_EQ(number(plant, 0), 15);
  EXPECT_EQ(number(plant, 1), 21);
  plant.step_to(first + 22 * kSecond);
  EXPECT_TRUE(std::isnan(number(plant, 0)));
  EXPECT_EQ(plant.quality(0).code, kBadNoData.code);
  EXPECT_FALSE(std::isnan(number(plant, 2))) << "a gap is not remembered";
  plant.step_to(first + 39 * kSecond);
  EXPECT_EQ(number(plant, 1), 81);
  EXPECT_NEAR(number(plant, 2), 81, 0.01);
  int rest = 0;
  for (double last = number(plant, 3);
       const int second : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) {
    plant.step_to(first + (40 + second) * kSecond);
    rest = number(plant, 3) == last ? rest + 1 : 0;
    last = number(plant, 3);
    EXPECT_LE(rest, 5) << "its last digit moves";
    EXPECT_TRUE(last == 1.0 || last == 1.1);
  }
}

TEST(Plant, EachBatchHasAValueOfItsOwn) {
  Plant plant = plant_of(
      "  w/number: {kind: number, of: heat}\n"
      "  w/each: {kind: each, of: heat, mean: 200, span: 40}\n");
  std::map<std::string, std::set<double>> values;
  std::set<double> all;
  for (TimeNs t = kEpoch; t < kEpoch + 8000 * kSecond; t += kSecond) {
    plant.step_to(t);
    values[std::get<std::string>(plant.value(0))].insert(number(plant, 1));
    all.insert(number(plant, 1));
    EXPECT_NEAR(number(plant, 1), 200, 20);
  }
  EXPECT_TRUE(plant.spec().signals[1].step);
  EXPECT_GE(values.size(), 20u);
  EXPECT_EQ(all.size(), values.size());
  for (const auto& [batch, own] : values) EXPECT_EQ(own.size(), 1u) << batch;
}

TEST(Plant, EventsComeOnceInAStretchForTheirLength) {
  Plant plant = plant_of(
      "  w/always: {kind: event, chance: 1, every: 1h, length: 90s}\n"
      "  w/half: {kind: event, chance: 0.5, every: 1h, length: 90s}\n"
      "  w/n: {kind: tally, input: w/always}\n");
  int on[2] = {}, starts[2] = {};
  bool was[2] = {};
  std::set<TimeNs> places;
  const TimeNs first = kEpoch - kEpoch % kHour + kHour;
  plant.step_to(first - kSecond);
  const double before = number(plant, 2);
  for (TimeNs t = first; t < first + 200 * kHour; t += kSecond) {
    plant.step_to(t);
    for (std::size_t i = 0; i < 2; ++i) {
      const bool is = std::get<bool>(plant.value(i));
      on[i] += is;
      starts[i] += is && !was[i];
      if (i == 0 && is && !was[i]) places.insert(t % kHour);
      was[i] = is;
    }
  }
  EXPECT_EQ(on[0], 200 * 90);
  EXPECT_EQ(starts[0], 200);
  EXPECT_GT(places.size(), 150u) << "at another time in each";
  EXPECT_NEAR(starts[1], 100, 30);
  EXPECT_EQ(number(plant, 2) - before, 200);
}

TEST(Plant, TalliesCountAndAddAndRollOver) {
  // A batch of 400 s whose second phase begins 160 s after each multiple of it.
  const auto spec = parse_plant(
      "plant: {name: P, namespace: \"urn:p\"}\n"
      "batches: {trip: {phases: {load: 100s, dump: 300s}, shift: 60s}}\n"
      "signals:\n"
      "  w/dumping: {kind: running, of: trip, phases: [dump]}\n"
      "  w/load: {kind: constant, value: 220, unit: t}\n"
      "  w/trips: {kind: tally, input: w/dumping, type: int64}\n"
      "  w/moved: {kind: tally, input: w/dumping, amount: w/load}\n"
      "  w/rolls: {kind: tally, input: w/dumping, amount: w/load, rollover: 1000}\n",
      "plant.yaml", own_folder());
  ASSERT_TRUE(spec) << spec.error().to_string();
  const TimeNs zero = kEpoch - kEpoch % (400 * kSecond);
  Plant plant(*spec, 1, zero);
  EXPECT_TRUE(std::get<bool>(plant.value(0))) << "of the batch before: it is not counted";
  plant.step_to(zero + 159 * kSecond);
  EXPECT_FALSE(std::get<bool>(plant.value(0)));
  EXPECT_EQ(std::get<std::int64_t>(plant.value(2)), 0);
  plant.step_to(zero + 160 * kSecond);
  EXPECT_EQ(std::get<std::int64_t>(plant.value(2)), 1);
  EXPECT_EQ(number(plant, 3), 220);
  plant.step_to(zero + (160 + 4 * 400) * kSecond);
  EXPECT_EQ(std::get<std::int64_t>(plant.value(2)), 5);
  EXPECT_EQ(number(plant, 3), 1100);
  EXPECT_EQ(number(plant, 4), 100);
}

TEST(Plant, SensorsHaveNoiseLimitsAndResolution) {
  Plant plant = plant_of(
      "  w/noise: {kind: constant, value: 0}\n"
      "  w/n: {kind: sum, inputs: [w/noise], offset: 50, noise: 2}\n"
      "  w/limit: {kind: sum, inputs: [w/noise], offset: 50, noise: 2, limit: [49, 51]}\n"
      "  w/r: {kind: sum, inputs: [w/noise], offset: 3.3, noise: 2, resolution: 0.1}\n"
      "  w/i: {kind: sum, inputs: [w/noise], offset: 5, noise: 2, type: int64}\n");
  double sum = 0, squares = 0;
  constexpr int kSteps = 10'000;
  for (int i = 0; i < kSteps; ++i) {
    plant.step_to(kEpoch + i * kSecond);
    sum += number(plant, 1) - 50;
    squares += (number(plant, 1) - 50) * (number(plant, 1) - 50);
    EXPECT_GE(number(plant, 2), 49);
    EXPECT_LE(number(plant, 2), 51);
    const double tenths = number(plant, 3) * 10;
    EXPECT_EQ(number(plant, 3), std::round(tenths) / 10) << "the shortest decimals";
    EXPECT_TRUE(std::holds_alternative<std::int64_t>(plant.value(4)));
  }
  EXPECT_NEAR(sum / kSteps, 0, 0.1);
  EXPECT_NEAR(std::sqrt(squares / kSteps), 2, 0.1);
}

constexpr const char* kThree =
    "  w/a: {kind: wave, mean: 10, span: 4, noise: 0.1}\n"
    "  w/b: {kind: lag, input: w/a, time: 10s}\n"
    "  w/i: {kind: wave, mean: 10, span: 4, noise: 1, type: int64}\n"
    "  w/r: {kind: replay, recording: r, column: a, step: true}\n";
constexpr const char* kFaults =
    "  rests: {kind: stuck, signals: w/a}\n"
    "  high: {kind: offset, signals: [w/a, w/i], amount: 5}\n"
    "  drifts: {kind: drift, signals: w/a, amount: 36}\n"
    "  gone: {kind: bad, signals: \"w/**\", quality: BadNoCommunication}\n"
    "  says: {kind: value, signals: [w/a, w/b], value: 77}\n"
    "  rises: {kind: ramp, signals: [w/a, w/i], to: 50, over: 100s}\n"
    "  leak: {kind: value, signals: w/a, value: 99, process: true}\n"
    "  other: {kind: replay, signals: w/r, recording: other}\n";

class PlantFaults : public testing::Test {
 protected:
  PlantFaults() { run(100); }
  void run(int seconds) {
    time_ += seconds * kSecond;
    faulty_.step_to(time_);
    healthy_.step_to(time_);
  }
  void set(const std::vector<std::string>& names) { ASSERT_TRUE(faulty_.set_faults(names)); }

  TimeNs time_ = kEpoch;
  Plant faulty_ = plant_of(kThree, kFaults), healthy_ = plant_of(kThree, kFaults);
};

TEST_F(PlantFaults, StuckRestsAtTheLastValueAndTheProcessGoesOn) {
  const double last = number(faulty_, 0);
  set({"rests"});
  for (int i = 0; i < 60; ++i) {
    run(1);
    EXPECT_EQ(number(faulty_, 0), last);
    EXPECT_EQ(number(faulty_, 1), number(healthy_, 1)) << "it is the sensor that fails";
  }
  set({});
  run(1);
  EXPECT_EQ(number(faulty_, 0), number(healthy_, 0)) << "and it is whole again at once";
}

TEST_F(PlantFaults, OffsetAndDriftShift) {
  set({"high"});
  run(1);
  EXPECT_DOUBLE_EQ(number(faulty_, 0), number(healthy_, 0) + 5);
  EXPECT_EQ(std::get<std::int64_t>(faulty_.value(2)),
            std::get<std::int64_t>(healthy_.value(2)) + 5);
  set({"drifts"});
  run(100);
  EXPECT_NEAR(number(faulty_, 0) - number(healthy_, 0), 1.0, 1e-9);
  set({"drifts", "high"});
  run(100);
  EXPECT_NEAR(number(faulty_, 0) - number(healthy_, 0), 7.0, 1e-9);
}

TEST_F(PlantFaults, StuckOverAShiftRestsAtWhatWasShown) {
  set({"high"});
  run(10);
  const double shown = number(faulty_, 0);
  set({"high", "rests"});
  run(10);
  EXPECT_EQ(number(faulty_, 0), shown);
}

TEST_F(PlantFaults, BadKeepsTheValueAndSaysSo) {
  set({"gone"});
  run(1);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(faulty_.quality(i).code, kBadNoCommunication.code);
    EXPECT_TRUE(same_bits(faulty_.value(i), healthy_.value(i)));
  }
  set({});
  run(1);
  EXPECT_EQ(faulty_.quality(0).code, kGood.code);
}

TEST_F(PlantFaults, ReplayPlaysTheOtherRecording) {
  set({"other"});
  for (int i = 0; i < 40; ++i) {
    run(1);
    EXPECT_LT(number(faulty_, 3), 0);
  }
}

TEST_F(PlantFaults, AValueStandsForWhatIsShown) {
  set({"says", "high"});
  run(1);
  EXPECT_EQ(number(faulty_, 0), 77);
  EXPECT_EQ(number(faulty_, 1), 77);
  set({});
  run(1);
  EXPECT_EQ(number(faulty_, 1), number(healthy_, 1)) << "the lag went on from the true value";
}

TEST_F(PlantFaults, ARampGoesWhereItIsToAndStays) {
  set({"rises"});
  run(50);
  EXPECT_NEAR(number(faulty_, 0), (number(healthy_, 0) + 50) / 2, 1e-9);
  run(50);
  EXPECT_EQ(number(faulty_, 0), 50);
  EXPECT_EQ(std::get<std::int64_t>(faulty_.value(2)), 50);
  run(500);
  EXPECT_EQ(number(faulty_, 0), 50);
}

TEST_F(PlantFaults, AFaultOfTheProcessIsFollowed) {
  set({"leak"});
  run(300);
  EXPECT_EQ(number(faulty_, 0), 99);
  EXPECT_NEAR(number(faulty_, 1), 99, 1e-6);
  set({});
  run(300);
  EXPECT_NEAR(number(faulty_, 1), number(healthy_, 1), 1e-6);
}

TEST_F(PlantFaults, AnUnknownNameChangesNothing) {
  set({"high"});
  const auto set = faulty_.set_faults({"rest"});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, ErrorCode::kNotFound);
  EXPECT_NE(set.error().message.find("did you mean 'rests'?"), std::string::npos);
  run(1);
  EXPECT_DOUBLE_EQ(number(faulty_, 0), number(healthy_, 0) + 5);
}

TEST(Plant, EqualSeedsAgreeInEveryBitAndOthersDoNot) {
  Plant a = plant_of(kThree, kFaults), b = plant_of(kThree, kFaults),
        other = plant_of(kThree, kFaults, 2);
  // One in small steps, one in one.
  for (int i = 0; i < 20'000; i += 7) a.step_to(kEpoch + i * kSecond);
  a.step_to(kEpoch + 20'000 * kSecond);
  b.step_to(kEpoch + 20'000 * kSecond);
  other.step_to(kEpoch + 20'000 * kSecond);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(same_bits(a.value(i), b.value(i)));
  EXPECT_FALSE(same_bits(a.value(0), other.value(0)));
}

TEST(Plant, GoesNeitherBackNorPastTheTime) {
  Plant plant = plant_of("  w/a: {kind: wave, mean: 1, span: 1}\n");
  plant.step_to(kEpoch + 10 * kSecond + 999'999'999);
  EXPECT_EQ(plant.time(), kEpoch + 10 * kSecond);
  plant.step_to(kEpoch);
  EXPECT_EQ(plant.time(), kEpoch + 10 * kSecond);
}

}  // namespace
}  // namespace tundish::simulate
