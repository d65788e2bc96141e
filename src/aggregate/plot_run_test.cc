#include "aggregate/plot_run.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>

namespace tundish::aggregate {
namespace {

std::vector<Sample> points_of(PlotRun& run) {
  std::vector<Sample> points;
  for (const Columns& part : run.finish())
    for (std::size_t i = 0; i < part.size(); ++i) points.push_back(part.at(i));
  return points;
}

Columns random_curve(std::mt19937_64& random, std::size_t count) {
  Columns columns;
  TimeNs time = 0;
  for (std::size_t i = 0; i < count; ++i) {
    time += 1 + static_cast<TimeNs>(random() % 20);
    const double value = static_cast<double>(random() % 1000);
    columns.push_back({time, value, random() % 30 == 0 ? kBadNoCommunication : kGood});
  }
  return columns;
}

TEST(PlotRun, KeepsEveryPeakInFourPointsAColumn) {
  EXPECT_TRUE(rc::check([] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const Columns curve = random_curve(random, 1 + random() % 2000);
    const TimeRange range{0, curve.times.back() + 1};
    const auto columns = static_cast<std::uint32_t>(1 + random() % 50);
    PlotRun whole(range, columns);
    whole.push(curve);
    const auto points = points_of(whole);

    struct Extremes {
      double least = std::numeric_limits<double>::infinity();
      double most = -std::numeric_limits<double>::infinity();
      bool broken = false;
      std::size_t count = 0;
    };
    std::map<std::int64_t, Extremes> wanted, drawn;
    const auto note = [&](std::map<std::int64_t, Extremes>& into, const Sample& sample) {
      Extremes& column = into[sample.time * columns / range.to];
      ++column.count;
      if (sample.quality.is_bad()) {
        column.broken = true;
        return;
      }
      column.least = std::min(column.least, std::get<double>(sample.value));
      column.most = std::max(column.most, std::get<double>(sample.value));
    };
    for (std::size_t i = 0; i < curve.size(); ++i) note(wanted, curve.at(i));
    for (const Sample& point : points) note(drawn, point);
    RC_ASSERT(drawn.size() == wanted.size());
    for (const auto& [column, extremes] : wanted) {
      RC_ASSERT(drawn[column].least == extremes.least);
      RC_ASSERT(drawn[column].most == extremes.most);
      RC_ASSERT(drawn[column].broken == extremes.broken);
      RC_ASSERT(drawn[column].count <= 4u);
    }
    RC_ASSERT(std::ranges::is_sorted(points, {}, &Sample::time));

    PlotRun single(range, columns);
    for (std::size_t i = 0; i < curve.size(); ++i) {
      Columns one;
      one.push_from(curve, i);
      single.push(one);
    }
    const auto one_by_one = points_of(single);
    RC_ASSERT(one_by_one.size() == points.size());
    for (std::size_t i = 0; i < points.size(); ++i) RC_ASSERT(same_bits(one_by_one[i], points[i]));

    PlotRun pieces(range, columns);
    Columns piece;
    for (std::size_t i = 0; i < curve.size(); ++i) {
      piece.push_from(curve, i);
      if (random() % 7 != 0) continue;
      pieces.push(piece);
      piece.clear();
    }
    pieces.push(piece);
    const auto cut = points_of(pieces);
    RC_ASSERT(cut.size() == points.size());
    for (std::size_t i = 0; i < cut.size(); ++i) RC_ASSERT(same_bits(cut[i], points[i]));
  }));
}

TEST(PlotRun, FewSamplesStayAsTheyAre) {
  PlotRun run({0, 100}, 1000);
  run.before({-5, 1.0, kGood});
  Columns curve;
  curve.push_back({10, 2.0, kGood});
  curve.push_back({50, 3.0, kBad});
  run.push(curve);
  run.after({100, 4.0, kGood});
  const auto points = points_of(run);
  ASSERT_EQ(points.size(), 4u);
  EXPECT_EQ(points[0].time, -5);
  EXPECT_EQ(points[2].quality, kBad);
  EXPECT_EQ(points[3].time, 100);
}

TEST(PlotRun, ABreakInsideAColumnStaysVisible) {
  Columns curve;
  for (const double value : {5.0, 9.0, 0.0, 1.0, 6.0})
    curve.push_back({static_cast<TimeNs>(curve.size()), value, kGood});
  curve.qualities[2] = kBadNoCommunication.code;
  PlotRun run({0, 10}, 1);
  run.push(curve);
  const auto points = points_of(run);
  ASSERT_EQ(points.size(), 4u);
  EXPECT_EQ(std::get<double>(points[0].value), 9.0);
  EXPECT_TRUE(points[1].quality.is_bad());
  EXPECT_EQ(std::get<double>(points[2].value), 1.0);
  EXPECT_EQ(std::get<double>(points[3].value), 6.0);
}

TEST(PlotRun, IntegersAreComparedByEveryDigit) {
  Columns curve;
  curve.type = ValueType::kInt64;
  const std::int64_t large = 9'007'199'254'740'993;  // 2^53 + 1
  for (const std::int64_t value : {large, large - 1, large + 1, large})
    curve.push_back({static_cast<TimeNs>(curve.size()), value, kGood});
  PlotRun run({0, 10}, 1);
  run.push(curve);
  EXPECT_EQ(points_of(run).size(), 4u);
}

TEST(PlotRun, TextsHaveNoPeaksAndARetypeStartsAnotherPart) {
  Columns texts;
  texts.type = ValueType::kString;
  for (const char* text : {"a", "b", "c"})
    texts.push_back({static_cast<TimeNs>(texts.size()), std::string(text), kGood});
  Columns numbers;
  numbers.push_back({5, 1.0, kGood});
  PlotRun run({0, 10}, 2);
  run.push(texts);
  run.push(numbers);
  const auto parts = run.finish();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].size(), 2u);
  EXPECT_EQ(parts[1].type, ValueType::kDouble);
}

TEST(PlotRun, AllOfTimeIsARange) {
  PlotRun run({kTimeMin, kTimeMax}, 3);
  Columns curve;
  for (const TimeNs time : {kTimeMin, TimeNs{0}, kTimeMax - 1}) curve.push_back({time, 1.0, kGood});
  run.push(curve);
  EXPECT_EQ(points_of(run).size(), 3u);
}

}  // namespace
}  // namespace tundish::aggregate
