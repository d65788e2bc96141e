#include "compute/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "compute_testing.h"

namespace tundish::compute {
namespace {

using historian::testing::batch;
using historian::testing::Rows;
using testing::Works;

TimeNs s(double seconds) { return static_cast<TimeNs>(seconds * 1e9); }

std::string at(double seconds, double value, std::uint32_t quality = 0) {
  return historian::testing::row_text({s(seconds), Value(value), Quality{quality}});
}

TEST(ComputeEngine, FollowsSamplesAsTheyCome) {
  Works works;
  const auto stream = works.node().open_stream("opcua/1");
  works.set_attributes({works.measured("a", "kW"), works.measured("b", "kW"),
                        works.derived("sum", "kW", "a + b"),
                        works.derived("twice", "kW", "sum * 2")});
  works.turn();
  EXPECT_EQ(works.rows("sum"), Rows{});

  ASSERT_TRUE(works.node().append(batch(stream, 1, works.tag_of("a"), {{s(1), 1.0}, {s(2), 2.0}})));
  ASSERT_TRUE(works.node().append(batch(stream, 2, works.tag_of("b"), {{s(1), 10.0}})));
  works.turn();
  EXPECT_EQ(works.rows("sum"), (Rows{at(1, 11), at(2, 12)}));
  EXPECT_EQ(works.rows("twice"), (Rows{at(1, 22), at(2, 24)}));

  // A late one changes what came after it, and nothing more is written.
  ASSERT_TRUE(works.node().append(batch(stream, 3, works.tag_of("b"), {{s(1.5), 20.0}})));
  works.turn();
  EXPECT_EQ(works.rows("sum"), (Rows{at(1, 11), at(1.5, 21), at(2, 22)}));
  EXPECT_EQ(works.rows("twice"), (Rows{at(1, 22), at(1.5, 42), at(2, 44)}));
  const auto written = works.engine->state(testing::kEnterprise).rows_written;
  EXPECT_EQ(written, 8u);
  works.turn();
  works.turn();
  EXPECT_EQ(works.engine->state(testing::kEnterprise).rows_written, written);
}

TEST(ComputeEngine, AnEnterpriseThatComesLaterMayHaveSamplesAlready) {
  Works works;
  const auto stream = works.node().open_stream("opcua/1");
  works.set_attributes({works.measured("a", "kW"), works.derived("twice", "kW", "a * 2")});
  works.enterprise().is_there = false;
  works.turn();
  ASSERT_TRUE(works.node().append(batch(stream, 1, works.tag_of("a"), {{s(1), 1.0}})));
  works.enterprise().is_there = true;
  works.turn();
  EXPECT_EQ(works.rows("twice"), Rows{at(1, 2)});
}

TEST(ComputeEngine, AnErasedSampleTakesItsResultsAlong) {
  Works works;
  const auto stream = works.node().open_stream("opcua/1");
  works.set_attributes({works.measured("a", "kW"), works.derived("twice", "kW", "a * 2")});
  ASSERT_TRUE(works.node().append(
      batch(stream, 1, works.tag_of("a"), {{s(1), 1.0}, {s(2), 2.0}, {s(3), 3.0}})));
  works.turn();
  ASSERT_TRUE(
      works.node()->erase({{works.tag_of("a"),
                            {s(2), s(2) + 1},
                            {.source = stream.source, .epoch = stream.epoch, .sequence = 9}}}));
  works.turn();
  EXPECT_EQ(works.rows("twice"), (Rows{at(1, 2), at(3, 6)}));
}

TEST(ComputeEngine, AFormulaThatIsNewOrOtherIsComputedOverAllOfHistory) {
  Works works;
  const auto stream = works.node().open_stream("opcua/1");
  works.set_attributes({works.measured("a", "kW")});
  ASSERT_TRUE(works.node().append(batch(stream, 1, works.tag_of("a"), {{s(1), 1.0}, {s(2), 2.0}})));
  works.turn();
  works.set_attributes({works.measured("a", "kW"), works.derived("x", "kW", "a * 2"),
                        works.derived("y", "W", "x + 1 'kW'")});
  works.turn();
  EXPECT_EQ(works.rows("x"), (Rows{at(1, 2), at(2, 4)}));
  EXPECT_EQ(works.rows("y"), (Rows{at(1, 3000), at(2, 5000)}));
  works.set_attributes({works.measured("a", "kW"), works.derived("x", "kW", "a * 3"),
                        works.derived("y", "W", "x + 1 'kW'")});
  works.turn();
  EXPECT_EQ(works.rows("x"), (Rows{at(1, 3), at(2, 6)}));
  EXPECT_EQ(works.rows("y"), (Rows{at(1, 4000), at(2, 7000)}));
  // A valid range that is corrected corrects history.
  auto limited = works.measured("a", "kW");
  limited.definition.valid = Limits{0, 1.5};
  works.set_attributes({limited, works.derived("x", "kW", "a * 3")});
  works.turn();
  EXPECT_EQ(works.rows("x")[0], at(1, 3));
  EXPECT_NE(works.rows("x")[1], at(2, 6));
  // A restart finds it all done.
  const auto before = works.rows("x");
  works.restart();
  works.turn();
  EXPECT_EQ(works.rows("x"), before);
  EXPECT_EQ(works.engine->state(testing::kEnterprise).rows_written, 0u);
}

TEST(ComputeEngine, WhatFollowedFromSamplesThatAreGoneStandsAsItIs) {
  Works works;
  const auto stream = works.node().open_stream("opcua/1");
  works.set_attributes({works.measured("a", "kW"), works.derived("twice", "kW", "a * 2")});
  const TimeNs day = 20'000 * kDay;
  std::vector<std::pair<TimeNs, Value>> samples;
  for (int i = 0; i < 6; ++i) samples.emplace_back(day + i * kDay, 1.0 + i);
  ASSERT_TRUE(works.node().append(batch(stream, 1, works.tag_of("a"), samples)));
  works.turn();
  const Rows before = works.rows("twice");
  ASSERT_EQ(before.size(), 6u);

  const TagId input = works.tag_of("a");
  ASSERT_TRUE(works.node()->keep_tags(testing::kEnterprise, 3, std::span(&input, 1)));
  ASSERT_TRUE(works.node()->advance_horizon(testing::kEnterprise, 3, day + 3 * kDay));
  works.turn();
  EXPECT_EQ(works.rows("twice"), before);

  // Another formula: what can still be computed is, the rest stands.
  works.set_attributes({works.measured("a", "kW"), works.derived("twice", "kW", "a * 3")});
  for (int i = 0; i < 4; ++i) works.turn();
  Rows expected(before.begin(), before.begin() + 3);
  for (int i = 3; i < 6; ++i)
    expected.push_back(historian::testing::row_text({day + i * kDay, Value(3.0 * (1 + i)), kGood}));
  EXPECT_EQ(works.rows("twice"), expected);

  // A horizon of its own takes results as well, and nothing tries to write there.
  const TagId own = works.tag_of("twice");
  ASSERT_TRUE(works.node()->keep_tags(testing::kEnterprise, 1, std::span(&own, 1)));
  ASSERT_TRUE(works.node()->advance_horizon(testing::kEnterprise, 1, day + 5 * kDay));
  works.set_attributes({works.measured("a", "kW"), works.derived("twice", "kW", "a * 4")});
  for (int i = 0; i < 4; ++i) works.turn();
  EXPECT_EQ(works.rows("twice"),
            (Rows{historian::testing::row_text({day + 5 * kDay, Value(24.0), kGood})}));
}

TEST(ComputeEngine, OneFormulasFaultIsItsOwn) {
  Works works;
  const auto stream = works.node().open_stream("opcua/1");
  works.set_attributes({works.measured("a", "kW"), works.derived("bad", "kW", "avg(a, heat)"),
                        works.derived("good", "kW", "a * 2")});
  ASSERT_TRUE(works.node().append(batch(stream, 1, works.tag_of("a"), {{s(1), 1.0}})));
  works.turn();
  EXPECT_EQ(works.rows("good"), (Rows{at(1, 2)}));
  const auto state = works.engine->state(testing::kEnterprise);
  EXPECT_EQ(state.formulas, 1u);
  EXPECT_EQ(state.faults.count("plant-01/works/bad"), 1u);
}

TEST(ComputeEngine, ARangeThatIsFreshHasAGridWithoutHoles) {
  Works works;
  const auto stream = works.node().open_stream("opcua/1");
  works.set_attributes(
      {works.measured("a", "kW"), works.derived("mean", "kW", "avg(a, 10s)", s(5))});
  ASSERT_TRUE(works.node().append(batch(stream, 1, works.tag_of("a"), {{s(1), 1.0}})));
  works.turn();
  ASSERT_TRUE(works.node().append(batch(stream, 2, works.tag_of("a"), {{s(21), 1.0}})));
  works.turn();
  std::vector<TimeNs> times;
  const auto snapshot = works.node().snapshot();
  ASSERT_TRUE(snapshot->scan(works.tag_of("mean"), {}, [&](const Columns& columns) {
    times.insert(times.end(), columns.times.begin(), columns.times.end());
    return true;
  }));
  EXPECT_EQ(times, (std::vector<TimeNs>{s(5), s(10), s(15), s(20)}));
}

// --- the order in which samples come does not matter ---

std::vector<Attribute> many_formulas(Works& works) {
  return {works.measured("a", "kW", false),
          works.measured("b", "kW"),
          works.measured("m", "kW.h"),
          works.derived("sum", "kW", "a + b"),
          works.derived("ratio", "1", "a / b"),
          works.derived("mean", "kW", "avg(a, 30s)", s(7)),
          works.derived("peak", "kW", "max(sum, 40s) - min(b, shift)", s(5)),
          works.derived("counted", "kW.h", "delta(m, shift)"),
          works.derived("restarted", "kW.h", "delta(m, 60s, reset: 0 'kW.h')", s(10)),
          works.derived("above", "s", "time_true(sum > 50 'kW', shift)", s(11)),
          works.derived("began", "1", "starts(a > b, shift)", s(13)),
          works.derived("chained", "kW", "avg(peak, 25s) + mean", s(4)),
          works.derived("middle", "kW", "median(a, 50s)", s(9)),
          works.derived("old", "s", "age(b)", s(20))};
}

const std::vector<std::string> kResults{"sum",     "ratio",     "mean",  "peak",
                                        "counted", "restarted", "above", "began",
                                        "chained", "middle",    "old"};

struct Arrival {
  std::uint64_t sequence;
  std::string tag;
  std::vector<std::pair<TimeNs, Value>> samples;
};

std::vector<Arrival> some_minutes(std::mt19937& random) {
  std::vector<Arrival> arrivals;
  std::uint64_t sequence = 0;
  for (const std::string tag : {"a", "b", "m"}) {
    TimeNs time = 0;
    double meter = 0;
    for (int i = 0; i < 12; ++i) {
      Arrival arrival{++sequence, tag, {}};
      for (int k = 0; k < 10; ++k) {
        time += static_cast<TimeNs>(random() % 6000 + 1) * kMillisecond;
        meter = random() % 40 == 0 ? 0 : meter + static_cast<double>(random() % 30);
        const double value = tag == "m" ? meter : static_cast<double>(random() % 1000) / 10 - 5;
        arrival.samples.emplace_back(time, value);
      }
      arrivals.push_back(arrival);
    }
  }
  return arrivals;
}

std::vector<Rows> results_of(Works& works) {
  std::vector<Rows> all;
  for (const auto& name : kResults) all.push_back(works.rows(name));
  return all;
}

/// What is in only one of two, `+` in the first, `-` in the second.
std::string different(const Rows& a, const Rows& b) {
  std::string text;
  for (const auto& row : a)
    if (std::ranges::find(b, row) == b.end()) text += "+" + row + " ";
  for (const auto& row : b)
    if (std::ranges::find(a, row) == a.end()) text += "-" + row + " ";
  return text;
}

class Shuffled : public ::testing::TestWithParam<unsigned> {};

TEST_P(Shuffled, RepeatedAndDelayedSamplesGiveTheSameBits) {
  std::mt19937 random(GetParam());
  const auto arrivals = some_minutes(random);

  Works ordered;
  ordered.set_attributes(many_formulas(ordered));
  const auto first = ordered.node().open_stream("opcua/1");
  for (const Arrival& arrival : arrivals)
    ASSERT_TRUE(ordered.node().append(
        batch(first, arrival.sequence, ordered.tag_of(arrival.tag), arrival.samples)));
  ordered.turn();

  Works shuffled;
  shuffled.set_attributes(many_formulas(shuffled));
  const auto second = shuffled.node().open_stream("opcua/1");
  auto mixed = arrivals;
  for (int i = 0; i < 10; ++i) mixed.push_back(arrivals[random() % arrivals.size()]);
  std::ranges::shuffle(mixed, random);
  for (const Arrival& arrival : mixed) {
    ASSERT_TRUE(shuffled.node().append(
        batch(second, arrival.sequence, shuffled.tag_of(arrival.tag), arrival.samples)));
    if (random() % 3 == 0) shuffled.turn();
    if (random() % 12 == 0) shuffled.restart();
  }
  shuffled.turn();
  const auto expected = results_of(ordered), got = results_of(shuffled);
  for (std::size_t i = 0; i < kResults.size(); ++i) {
    EXPECT_FALSE(expected[i].empty()) << kResults[i];
    EXPECT_EQ(different(got[i], expected[i]), "") << kResults[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Shuffled, ::testing::Range(1u, 31u));

}  // namespace
}  // namespace tundish::compute
