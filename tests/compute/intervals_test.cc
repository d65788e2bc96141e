#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "compute_testing.h"

namespace tundish::compute {
namespace {

using historian::testing::batch;
using testing::kEnterprise;
using testing::Works;

TimeNs s(double seconds) { return static_cast<TimeNs>(seconds * 1e9); }

IntervalDefinition heat() {
  IntervalDefinition made = formula::test_interval("heat", "number");
  made.capture = {{"energy", "delta(meter, window)"}, {"peak", "max(power, window)"}};
  return made;
}

void set_up(Works& works) {
  auto downtime = formula::test_interval("stop", "");
  downtime.during = "power < 10 'kW'";
  auto pour = formula::test_interval("pour", "");
  pour.start = "power > 50 'kW'";
  pour.end = "power < 20 'kW'";
  works.set_attributes(
      {works.text("number"), works.measured("power", "kW"), works.measured("meter", "kW.h"),
       works.derived("of_heat", "kW", "max(power, heat)")},
      {heat(), downtime, pour});
}

TEST(ComputeIntervals, HeatsAreFoundCapturedAndKept) {
  Works works;
  const auto stream = works.node().open_stream("opcua/1");
  set_up(works);
  works.turn();
  const TagId number = works.tag_of("number"), power = works.tag_of("power"),
              meter = works.tag_of("meter");
  ASSERT_TRUE(works.node().append(
      batch(stream, 1, number, {{s(10), std::string("H1")}, {s(50), std::string("")}})));
  ASSERT_TRUE(
      works.node().append(batch(stream, 2, power, {{s(5), 5.0}, {s(12), 60.0}, {s(40), 15.0}})));
  ASSERT_TRUE(works.node().append(
      batch(stream, 3, meter, {{s(5), 100.0}, {s(20), 130.0}, {s(60), 150.0}})));
  works.turn();
  EXPECT_EQ(works.intervals("heat"), "H1 10-50 energy=30 kW.h peak=60 kW\n");
  EXPECT_EQ(works.intervals("stop"), " 5-12\n");
  EXPECT_EQ(works.intervals("pour"), " 12-40\n");
  const auto id = works.engine->intervals().intervals(kEnterprise, AssetId(1), "heat", {}, 9)[0].id;
  ASSERT_TRUE(
      works.engine->intervals().annotate(kEnterprise, id, {s(99), "anna", "slag was thick"}));

  // A late number makes it begin earlier; a late reading of the meter changes what was captured.
  ASSERT_TRUE(works.node().append(batch(stream, 4, number, {{s(8), std::string("H1")}})));
  ASSERT_TRUE(works.node().append(batch(stream, 5, meter, {{s(45), 141.0}})));
  works.turn();
  EXPECT_EQ(works.intervals("heat"), "H1 8-50 energy=41 kW.h peak=60 kW\n");
  const auto again = works.engine->intervals().intervals(kEnterprise, AssetId(1), "heat", {}, 9)[0];
  EXPECT_EQ(again.id, id);
  ASSERT_EQ(works.engine->intervals().annotations(kEnterprise, id)->size(), 1u);
  EXPECT_EQ(works.engine->intervals().annotations(EnterpriseId(8), id)->size(), 0u);

  // The next one lasts; a restart keeps all.
  ASSERT_TRUE(works.node().append(batch(stream, 6, number, {{s(70), std::string("H2")}})));
  works.turn();
  EXPECT_EQ(works.intervals("heat"), "H1 8-50 energy=41 kW.h peak=60 kW\nH2 70-\n");
  works.restart();
  works.turn();
  EXPECT_EQ(works.intervals("heat"), "H1 8-50 energy=41 kW.h peak=60 kW\nH2 70-\n");
  EXPECT_EQ(works.engine->intervals().intervals(kEnterprise, AssetId(1), "heat", {}, 9)[0].id, id);

  // Its number is taken back: the heat that somebody wrote to stays readable, withdrawn.
  ASSERT_TRUE(works.node()->erase(
      {{number, {s(0), s(60)}, {.source = stream.source, .epoch = stream.epoch, .sequence = 99}}}));
  works.turn();
  EXPECT_EQ(works.intervals("heat"), "H1 8-50 withdrawn energy=41 kW.h peak=60 kW\nH2 70-\n");
}

class ShuffledIntervals : public ::testing::TestWithParam<unsigned> {};

TEST_P(ShuffledIntervals, AreTheSameInWhateverOrderSamplesCome) {
  std::mt19937 random(GetParam());
  struct Arrival {
    std::uint64_t sequence;
    const char* tag;
    TimeNs time;
    Value value;
  };
  std::vector<Arrival> arrivals;
  std::uint64_t sequence = 0;
  for (int i = 0; i < 60; ++i) {
    const TimeNs time = s(5 + 20 * i) + static_cast<TimeNs>(random() % 10'000) * kMillisecond;
    if (i % 3 == 0)
      arrivals.push_back({++sequence, "number", time,
                          random() % 4 == 0 ? std::string() : "H" + std::to_string(i / 6)});
    arrivals.push_back({++sequence, "power", time, static_cast<double>(random() % 100)});
    arrivals.push_back({++sequence, "meter", time + 1, static_cast<double>(i * 7)});
  }
  const auto all = [](Works& works) {
    return works.intervals("heat") + "|" + works.intervals("stop") + "|" + works.intervals("pour");
  };
  Works ordered, mixed;
  set_up(ordered);
  set_up(mixed);
  const auto put = [](Works& works, const StreamState& stream, const Arrival& arrival) {
    ASSERT_TRUE(works.node().append(batch(stream, arrival.sequence, works.tag_of(arrival.tag),
                                          {{arrival.time, arrival.value}})));
  };
  const auto first = ordered.node().open_stream("opcua/1");
  for (const Arrival& arrival : arrivals) put(ordered, first, arrival);
  ordered.turn();
  const auto second = mixed.node().open_stream("opcua/1");
  std::ranges::shuffle(arrivals, random);
  for (const Arrival& arrival : arrivals) {
    put(mixed, second, arrival);
    if (random() % 8 == 0) mixed.turn();
    if (random() % 40 == 0) mixed.restart();
  }
  mixed.turn();
  EXPECT_EQ(all(mixed), all(ordered));
  EXPECT_EQ(mixed.rows("of_heat"), ordered.rows("of_heat"));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShuffledIntervals, ::testing::Range(1u, 11u));

}  // namespace
}  // namespace tundish::compute
