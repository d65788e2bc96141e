// The packs that are shipped: each runs for a day within its own ranges, alive and reproducible.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "simulate/plant.h"

namespace tundish::simulate {
namespace {

constexpr TimeNs kEpoch = 1'790'000'000 * kSecond;

std::vector<std::string> packs() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TUNDISH_SOURCE_DIR) + "/packs"))
    if (std::filesystem::exists(entry.path() / "simulation.yaml"))
      names.push_back(entry.path().filename());
  return names;
}

PlantSpec spec_of(const std::string& pack) {
  auto spec = load_plant(std::string(TUNDISH_SOURCE_DIR) + "/packs/" + pack);
  EXPECT_TRUE(spec) << spec.error().to_string();
  return std::move(*spec);
}

class Pack : public testing::TestWithParam<std::string> {};

TEST_P(Pack, DescribesEverySignal) {
  const PlantSpec spec = spec_of(GetParam());
  EXPECT_GE(spec.faults.size(), 5u);
  for (const auto& fault : spec.faults) EXPECT_FALSE(fault.description.empty()) << fault.name;
  for (const auto& signal : spec.signals) {
    EXPECT_FALSE(signal.description.empty()) << signal.path;
    const bool number = signal.type == ValueType::kDouble || signal.type == ValueType::kInt64;
    EXPECT_EQ(number, !signal.unit.empty()) << signal.path;
    EXPECT_EQ(number, signal.low < signal.high) << signal.path;
    if (signal.kind == SignalKind::kReplay) {
      EXPECT_GT(signal.resolution, 0) << signal.path;
    }
  }
}

TEST_P(Pack, RunsADayWithinItsRangesAlive) {
  Plant plant(spec_of(GetParam()), 1, kEpoch);
  const auto& signals = plant.spec().signals;
  std::vector<double> last(signals.size(), std::nan(""));
  std::vector<int> rest(signals.size());
  std::chrono::nanoseconds stepping{};
  for (TimeNs t = kEpoch; t < kEpoch + kDay; t += kSecond) {
    const auto start = std::chrono::steady_clock::now();
    plant.step_to(t);
    stepping += std::chrono::steady_clock::now() - start;
    for (std::size_t i = 0; i < signals.size(); ++i) {
      ASSERT_EQ(plant.quality(i).code, kGood.code) << signals[i].path;
      const auto* number = std::get_if<double>(&plant.value(i));
      if (number == nullptr) continue;
      ASSERT_GE(*number, signals[i].low) << signals[i].path;
      ASSERT_LE(*number, signals[i].high) << signals[i].path;
      rest[i] = *number == last[i] ? rest[i] + 1 : 0;
      last[i] = *number;
      if (signals[i].kind == SignalKind::kReplay) {
        ASSERT_LT(rest[i], 10) << signals[i].path << " looks dead";
      }
    }
  }
  RecordProperty("stepping_ms", static_cast<int>(stepping / std::chrono::milliseconds(1)));
}

TEST_P(Pack, TwoPlantsAgreeInEveryBitAfterADay) {
  Plant a(spec_of(GetParam()), 5, kEpoch), b(spec_of(GetParam()), 5, kEpoch);
  for (TimeNs t = kEpoch; t < kEpoch + kDay; t += kHour) a.step_to(t);
  a.step_to(kEpoch + kDay);
  b.step_to(kEpoch + kDay);
  for (std::size_t i = 0; i < a.spec().signals.size(); ++i)
    ASSERT_TRUE(same_bits(a.value(i), b.value(i))) << a.spec().signals[i].path;
}

/// A fault of the sensor touches no other signal; one of the process may.
TEST_P(Pack, EachFaultTouchesItsSignalsAndNoOther) {
  const PlantSpec spec = spec_of(GetParam());
  for (const auto& fault : spec.faults) {
    Plant faulty(spec, 1, kEpoch), healthy(spec, 1, kEpoch);
    ASSERT_TRUE(faulty.set_faults({fault.name}));
    std::vector<bool> touched(spec.signals.size());
    for (TimeNs t = kEpoch; t < kEpoch + 2 * kMinute; t += kSecond) {
      faulty.step_to(t);
      healthy.step_to(t);
      for (std::size_t i = 0; i < touched.size(); ++i)
        if (!same_bits(faulty.value(i), healthy.value(i)) ||
            faulty.quality(i).code != healthy.quality(i).code)
          touched[i] = true;
    }
    for (std::size_t i = 0; i < touched.size(); ++i) {
      const bool named = std::ranges::find(fault.signals, i) != fault.signals.end();
      EXPECT_TRUE(touched[i] == named || (touched[i] && fault.process))
          << fault.name << " " << spec.signals[i].path;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Pack, testing::ValuesIn(packs()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace tundish::simulate
