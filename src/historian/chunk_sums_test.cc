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

/// What the index says of rows, one row after the other.
ChunkStatistics slow_statistics(const StoredColumns& rows, std::size_t from, std::size_t count) {
  const Columns& columns = rows.columns;
  ChunkStatistics known;
  Number least, most;
  for (std::size_t i = from; i < from + count; ++i) {
    if (i > from && columns.times[i] == columns.times[i - 1]) known.repeats = true;
    const Number number{columns.type, columns.bits[i]};
    if (!Quality{columns.qualities[i]}.is_good() || aggregate::is_nan(number)) continue;
    const bool first = known.good++ == 0;
    if (first || compare(number, least) <= 0) {
      known.min_is_once = first || compare(number, least) < 0;
      least = number;
    }
    if (first || compare(number, most) >= 0) {
      known.max_is_once = first || compare(number, most) > 0;
      most = number;
    }
  }
  known.min_bits = least.bits;
  known.max_bits = most.bits;
  return known;
}

TEST(ChunkStatistics, AreWhatTheRowsSayOneByOne) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 400; ++round) {
    StoredColumns rows;
    rows.columns.type = static_cast<ValueType>(random() % 3);
    const auto kind = random() % 3;
    const auto good_of = 2 + random() % 20;
    TimeNs time = 0;
    for (std::size_t i = 0; i < 1 + random() % 60; ++i) {
      time += static_cast<TimeNs>(random() % 9 == 0 ? 0 : 1 + random() % 5);
      std::uint64_t bits = random() % 2;
      if (rows.columns.type == ValueType::kInt64) bits = kind == 0 ? random() : random() % 5;
      if (rows.columns.type == ValueType::kDouble) {
        constexpr double kSome[] = {0.0, -0.0, 1.5, -1.5, 1e300};
        bits = bits_of(kind == 0 ? static_cast<double>(random() % 7) : kSome[random() % 5]);
        if (random() % good_of == 0) bits = bits_of(std::numeric_limits<double>::quiet_NaN());
      }
      rows.columns.times.push_back(time);
      rows.columns.bits.push_back(bits);
      rows.columns.qualities.push_back(random() % good_of == 0 ? kBadNoCommunication.code : 0);
      Version version;
      version.sequence = i;
      rows.versions.push_back(version);
    }
    const std::size_t count = rows.columns.size();
    const std::size_t from = random() % count;
    Bytes out;
    const ChunkRef ref = encode_chunk(1, 48, {EnterpriseId(1), 1}, rows, from, count - from, out);
    const ChunkStatistics known = slow_statistics(rows, from, count - from);
    ASSERT_EQ(ref.statistics.good, known.good);
    ASSERT_EQ(ref.statistics.all_good, known.good == count - from);
    ASSERT_EQ(ref.statistics.repeats, known.repeats);
    ASSERT_EQ(ref.statistics.min_bits, known.min_bits);
    ASSERT_EQ(ref.statistics.max_bits, known.max_bits);
    ASSERT_EQ(ref.statistics.min_is_once, known.good > 0 && known.min_is_once);
    ASSERT_EQ(ref.statistics.max_is_once, known.good > 0 && known.max_is_once);
  }
}

}  // namespace
}  // namespace tundish::historian
