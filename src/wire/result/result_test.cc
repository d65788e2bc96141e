#include "wire/result/result.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace tundish::wire {
namespace {

Columns columns_of(ValueType type, const std::vector<Sample>& samples) {
  Columns columns;
  columns.type = type;
  for (const Sample& sample : samples) columns.push_back(sample);
  return columns;
}

Bytes two_series() {
  Bytes bytes;
  ResultWriter writer(bytes, Position(81723));
  writer.series(
      {TagId{EnterpriseId(1), 17}, "steel-01/a", ValueType::kDouble, false, "Cel", "", true});
  writer.rows(columns_of(ValueType::kInt64, {{5, std::int64_t{-7}, kGood}}));
  writer.rows(columns_of(ValueType::kDouble, {{6, -0.0, kBad}, {7, 1.5, kGood}}));
  writer.series(
      {TagId{EnterpriseId(1), 18}, "steel-01/高炉", ValueType::kString, true, "", "", false});
  writer.rows(columns_of(ValueType::kString, {{kTimeMin, std::string("x\n"), kGood},
                                              {kTimeMax, std::string(), kGood}}));
  writer.rows(columns_of(ValueType::kBool, {{1, true, kUncertain}}));
  const std::vector<std::string> damage{"block 7 is damaged"};
  writer.end(damage);
  return bytes;
}

TEST(ResultForm, ComesBack) {
  const auto result = decode_result(two_series());
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  EXPECT_EQ(result->position, Position(81723));
  EXPECT_EQ(result->damage, std::vector<std::string>{"block 7 is damaged"});
  ASSERT_EQ(result->series.size(), 2u);
  const ResultSeries& first = result->series[0];
  EXPECT_EQ(first.path, "steel-01/a");
  EXPECT_EQ(first.number, 17u);
  EXPECT_EQ(first.unit, "Cel");
  EXPECT_TRUE(first.simulated);
  EXPECT_FALSE(first.step);
  ASSERT_EQ(first.pieces.size(), 2u);
  EXPECT_TRUE(same_bits(first.pieces[0].at(0), {5, std::int64_t{-7}, kGood}));
  EXPECT_TRUE(same_bits(first.pieces[1].at(0), {6, -0.0, kBad}));
  EXPECT_TRUE(same_bits(first.pieces[1].at(1), {7, 1.5, kGood}));
  const ResultSeries& second = result->series[1];
  EXPECT_TRUE(second.step);
  EXPECT_TRUE(same_bits(second.pieces[0].at(0), {kTimeMin, std::string("x\n"), kGood}));
  EXPECT_TRUE(same_bits(second.pieces[0].at(1), {kTimeMax, std::string(), kGood}));
  EXPECT_TRUE(same_bits(second.pieces[1].at(0), {1, true, kUncertain}));
}

TEST(ResultForm, IntervalsComeBack) {
  Bytes bytes;
  ResultWriter writer(bytes, Position(5), 2);
  writer.series(
      {TagId{EnterpriseId(1), 17}, "steel-01/a", ValueType::kInt64, false, "", "", false});
  const ResultIntervals numbers{
      .aggregate = "Minimum2",
      .values = columns_of(ValueType::kDouble, {{10, 1.5, kGood}, {20, 0.0, kBadNoData}}),
      .from = {10, 20},
      .to = {20, 25},
      .has_value = {1, 0},
      .percent_good = {100, 12.5}};
  const ResultIntervals texts{
      .aggregate = "Start",
      .values = columns_of(ValueType::kString, {{kTimeMin, std::string("on"), kGood}}),
      .from = {kTimeMin},
      .to = {kTimeMax},
      .has_value = {1},
      .percent_good = {0}};
  writer.intervals(numbers);
  writer.intervals(texts);
  writer.end({});
  const auto result = decode_result(bytes);
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  ASSERT_EQ(result->series.at(0).intervals.size(), 2u);
  const auto& first = result->series[0].intervals[0];
  EXPECT_EQ(first.aggregate, "Minimum2");
  EXPECT_EQ(first.from, numbers.from);
  EXPECT_EQ(first.to, numbers.to);
  EXPECT_EQ(first.has_value, numbers.has_value);
  EXPECT_EQ(first.percent_good, numbers.percent_good);
  EXPECT_TRUE(same_bits(first.values.at(0), {10, 1.5, kGood}));
  EXPECT_EQ(first.values.at(1).quality, kBadNoData);
  EXPECT_TRUE(
      same_bits(result->series[0].intervals[1].values.at(0), {kTimeMin, std::string("on"), kGood}));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_result(ByteSpan(bytes).first(size)).has_value()) << size;
}

TEST(ResultForm, AnyDoublesComeBackBitForBit) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<TimeNs, std::uint64_t>>& samples) {
    Columns columns;
    for (const auto& [time, bits] : samples) columns.push_back({time, double_of(bits), kGood});
    Bytes bytes;
    ResultWriter writer(bytes, Position(1));
    writer.series({});
    writer.rows(columns);
    writer.end({});
    const auto result = decode_result(bytes);
    RC_ASSERT(result.has_value());
    RC_ASSERT(result->series[0].pieces[0].bits == columns.bits);
    RC_ASSERT(result->series[0].pieces[0].times == columns.times);
  }));
}

TEST(ResultForm, EveryFlippedBitAndEveryCutIsNoticed) {
  const Bytes good = two_series();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_FALSE(decode_result(bad).has_value()) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(decode_result(ByteSpan(good).first(size)).has_value()) << size;
}

TEST(ResultForm, KeepsItsBoundsAndItsOrder) {
  EXPECT_EQ(decode_result(two_series(), {.rows_max = 5}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(decode_result(two_series(), {.bytes_max = 10}).error().code, ErrorCode::kTooLarge);
  Bytes orphan;
  ResultWriter writer(orphan, Position(1));
  writer.rows(columns_of(ValueType::kDouble, {{1, 1.0, kGood}}));
  writer.end({});
  EXPECT_EQ(decode_result(orphan).error().code, ErrorCode::kInvalidArgument);
  Bytes longer = two_series();
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode_result(longer).has_value());
  EXPECT_FALSE(decode_result(as_byte_span("TDRESLT\x02 later")).has_value());
}

}  // namespace
}  // namespace tundish::wire
