#include "historian/chunk_sums.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "aggregate/numbers.h"

namespace tundish::historian {
namespace {

using aggregate::add_product;
using aggregate::Number;

/// As the three sums are defined, a product a row.
ChunkSums slowly(const Columns& columns, std::size_t from, std::size_t count) {
  ChunkSums sums;
  for (std::size_t i = from; i < from + count; ++i)
    add_product(sums.sum, {columns.type, columns.bits[i]}, 1);
  for (std::size_t i = from + 1; i < from + count; ++i) {
    const Number last{columns.type, columns.bits[i - 1]}, now{columns.type, columns.bits[i]};
    const auto elapsed = static_cast<std::uint64_t>(columns.times[i]) -
                         static_cast<std::uint64_t>(columns.times[i - 1]);
    add_product(sums.step_integral, last, elapsed);
    add_product(sums.slope_integral_twice, last, elapsed);
    add_product(sums.slope_integral_twice, now, elapsed);
  }
  return sums;
}

void expect_equal(const Columns& columns, std::size_t from, std::size_t count) {
  const ChunkSums fast = chunk_sums(columns, from, count);
  const ChunkSums slow = slowly(columns, from, count);
  EXPECT_EQ(fast.sum, slow.sum);
  EXPECT_EQ(fast.step_integral, slow.step_integral);
  EXPECT_EQ(fast.slope_integral_twice, slow.slope_integral_twice);
}

std::uint64_t random_bits(std::mt19937_64& random, ValueType type, int kind) {
  if (type == ValueType::kBool) return random() % 2;
  if (type == ValueType::kInt64) return kind == 0 ? random() % 1000 : random();
  switch (kind) {
    case 0: return std::bit_cast<std::uint64_t>(static_cast<double>(random() % 2000) / 16 - 50);
    case 1: return std::bit_cast<std::uint64_t>(-0.0);
    default: {
      const std::uint64_t bits = random();  // any exponent, subnormals among them, no NaN
      const bool is_nan = (bits >> 52 & 0x7FF) == 0x7FF;
      if (is_nan) return std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity());
      return kind == 2 ? bits & ~(std::uint64_t{0x7F0} << 52) : bits;
    }
  }
}

TEST(ChunkSums, AreTheProductsRowByRow) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 400; ++round) {
    Columns columns;
    columns.type = static_cast<ValueType>(random() % 3);
    const int kind = static_cast<int>(random() % 4);
    const bool is_even = random() % 2 == 0;
    const std::uint64_t step_max = std::uint64_t{1} << (random() % 52);
    auto time = static_cast<std::uint64_t>(random() % 1000);
    const std::size_t count = 1 + random() % 60;
    for (std::size_t i = 0; i < count; ++i) {
      columns.times.push_back(static_cast<TimeNs>(time));
      columns.bits.push_back(random_bits(random, columns.type, kind));
      columns.qualities.push_back(0);
      time += is_even ? step_max : 1 + random() % step_max;
    }
    const std::size_t from = random() % count;
    expect_equal(columns, from, 1 + random() % (count - from));
    expect_equal(columns, 0, count);
  }
}

TEST(ChunkSums, HoldTheGreatestMantissasAndTheLongestTimes) {
  for (const std::int64_t value :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    Columns columns;
    columns.type = ValueType::kInt64;
    for (std::size_t i = 0; i < kChunkSamplesMax; ++i) {
      columns.times.push_back(static_cast<TimeNs>(i << 50));
      columns.bits.push_back(static_cast<std::uint64_t>(value));
      columns.qualities.push_back(0);
    }
    expect_equal(columns, 0, kChunkSamplesMax);
  }
  Columns ends;
  ends.type = ValueType::kInt64;
  ends.times = {kTimeMin, kTimeMax};
  ends.bits = {7, 9};
  ends.qualities = {0, 0};
  expect_equal(ends, 0, 2);
}

}  // namespace
}  // namespace tundish::historian
