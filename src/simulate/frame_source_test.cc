#include "simulate/frame_source.h"

#include <gtest/gtest.h>

#include <set>

#include "simulate/plant_spec.h"

namespace tundish::simulate {
namespace {

constexpr TimeNs kEpoch = 1'790'000'000 * kSecond;

PlantSpec small() {
  auto spec = parse_plant(
      "plant: {name: Cars, namespace: 'urn:cars'}\n"
      "batches:\n  day: {phases: {drive: 30s, rest: 30s}}\n"
      "signals:\n"
      "  car/phase: {kind: phase, of: day}\n"
      "  car/speed: {kind: wave, mean: 50, span: 20, period: 1min, unit: km/h}\n",
      "simulation.yaml", "");
  EXPECT_TRUE(spec) << spec.error().to_string();
  return std::move(*spec);
}

TEST(FrameSource, GivesNumbersEveryTenSecondsAndTextsWhenTheyChange) {
  FrameSource source(small(), "fleet-01", 1, kEpoch, kEpoch);
  std::size_t frames = 0, speeds = 0, phases = 0;
  TimeNs before = 0;
  while (const auto frame = source.next(kEpoch + 2 * kMinute)) {
    ++frames;
    EXPECT_EQ(frame->paths.front(), "fleet-01/car/phase");
    EXPECT_EQ(frame->sample_class, SampleClass::kSynthetic);
    for (std::size_t row = 0; row < frame->rows.size(); ++row) {
      const TimeNs time = frame->rows.times[row];
      EXPECT_GE(time, before);
      before = time;
      if (frame->path_index[row] == 1) {
        ++speeds;
        EXPECT_EQ(time % FrameSource::kPeriod, 0);
      } else {
        ++phases;
      }
    }
  }
  EXPECT_EQ(frames, 13u) << "0, 10 .. 120 s";
  EXPECT_EQ(speeds, 13u);
  EXPECT_GE(phases, 4u);
  EXPECT_LE(phases, 5u);
}

TEST(FrameSource, HowOftenItIsAskedChangesNothing) {
  FrameSource at_once(small(), "f", 1, kEpoch, kEpoch), often(small(), "f", 1, kEpoch, kEpoch);
  std::vector<ReceivedBatch> all, each;
  while (auto frame = at_once.next(kEpoch + 5 * kMinute)) all.push_back(std::move(*frame));
  for (TimeNs now = kEpoch; now <= kEpoch + 5 * kMinute; now += kSecond)
    while (auto frame = often.next(now)) each.push_back(std::move(*frame));
  ASSERT_EQ(all.size(), each.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].rows.times, each[i].rows.times);
    EXPECT_EQ(all[i].rows.bits, each[i].rows.bits);
    EXPECT_EQ(all[i].path_index, each[i].path_index);
  }
}

TEST(FrameSource, BeginsWhereItIsTold) {
  FrameSource source(small(), "f", 1, kEpoch, kEpoch + kHour + 3 * kSecond);
  EXPECT_FALSE(source.next(kEpoch + kHour + 9 * kSecond)) << "no frame is due yet";
  const auto frame = source.next(kEpoch + kHour + 10 * kSecond);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->rows.times.front(), kEpoch + kHour + 3 * kSecond);
}

}  // namespace
}  // namespace tundish::simulate
