#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "codec/bit_packing.h"
#include "codec/dense.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/kernels.h"
#include "codec/runs.h"
#include "codec/strings.h"
#include "codec/symbol_table.h"
#include "codec/versions.h"

namespace tundish::codec {
namespace {

template <class T>
std::vector<T> through_column(const std::vector<T>& values,
                              void (*encode)(std::span<const T>, Bytes&),
                              Status (*decode)(ByteSpan, std::span<T>)) {
  Bytes bytes;
  encode(values, bytes);
  std::vector<T> decoded(values.size());
  const Status status = decode(bytes, decoded);
  EXPECT_TRUE(status.has_value()) << status.error().to_string();
  return decoded;
}

/// Every codec of a table on its own, as long as it says that it can.
template <class T>
void check_table(std::span<const ColumnCodec<T>> table, const std::vector<T>& values) {
  for (const ColumnCodec<T>& codec : table) {
    const std::size_t estimate = codec.estimate(values);
    if (estimate == kNotPossible) continue;
    Bytes bytes;
    codec.encode(values, bytes);
    EXPECT_EQ(bytes.size(), estimate) << codec.name;
    std::vector<T> decoded(values.size());
    ByteReader reader(bytes);
    ASSERT_TRUE(codec.decode(reader, decoded)) << codec.name;
    EXPECT_TRUE(reader.at_end()) << codec.name;
    EXPECT_EQ(decoded, values) << codec.name;
    // Cut short it must fail, or at least not claim the same values from fewer bytes.
    for (const std::size_t cut : {bytes.size() / 2, bytes.size() - 1}) {
      if (bytes.empty()) break;
      ByteReader shorter(ByteSpan(bytes).first(cut));
      EXPECT_FALSE(codec.decode(shorter, decoded)) << codec.name << " at " << cut;
    }
  }
}

/// Columns as plants make them, and as they never should.
std::vector<std::uint64_t> integer_column() {
  const int shape = *rc::gen::inRange(0, 4);
  const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, 3000));
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> values(count);
  std::uint64_t last = random();
  for (std::uint64_t& value : values) {
    if (shape == 0) value = random();
    if (shape == 1) value = last += random() % 1000;
    if (shape == 2) value = random() % 50 == 0 ? last = random() : last;
    if (shape == 3) value = last += 1'000'000'000;
  }
  return values;
}

/// Kernels with one instruction set only, until it goes.
class OnTarget {
 public:
  explicit OnTarget(std::int64_t target) { kernels::use_target(target); }
  ~OnTarget() { kernels::use_target(0); }
};

TEST(Kernels, EveryInstructionSetUnpacksAsTheScalarTwin) {
  std::mt19937_64 random(11);
  ASSERT_FALSE(kernels::targets().empty());
  for (const std::int64_t target : kernels::targets()) {
    const OnTarget on(target);
    for (unsigned width = 0; width <= 64; ++width) {
      for (const std::size_t count : {0, 1, 7, 8, 9, 31, 64, 1000, 1024}) {
        Bytes packed(packed_bytes(count, width));  // exactly, so that a read past its end shows
        for (std::byte& byte : packed) byte = static_cast<std::byte>(random());
        const std::uint64_t base = random();
        std::vector<std::uint64_t> expected(count), values(count);
        kernels::scalar::unpack(packed, width, base, expected);
        kernels::unpack(packed, width, base, values);
        ASSERT_EQ(values, expected) << "target " << target << " width " << width << " x " << count;
      }
    }
  }
}

TEST(Kernels, EveryInstructionSetMakesTheDoublesOfTheScalarTwin) {
  std::mt19937_64 random(12);
  for (const std::int64_t target : kernels::targets()) {
    const OnTarget on(target);
    for (const double power : {1e0, 1e1, 1e3, 1e7, 1e18}) {
      std::vector<std::uint64_t> values{0, 1, ~0ull, 1ull << 63, (1ull << 63) - 1, 1ull << 53};
      // Of every size, also those that no exact double is: what damaged bytes may hold.
      for (int i = 0; i < 999; ++i)
        values.push_back(
            static_cast<std::uint64_t>(static_cast<std::int64_t>(random()) >> (random() % 64)));
      auto expected = values;
      kernels::scalar::decimals_to_doubles(expected, power);
      kernels::decimals_to_doubles(values, power);
      ASSERT_EQ(values, expected) << "target " << target << " power " << power;
    }
  }
}

TEST(Kernels, EveryInstructionSetScalesAsTheScalarTwin) {
  std::mt19937_64 random(13);
  for (const std::int64_t target : kernels::targets()) {
    const OnTarget on(target);
    for (const std::size_t count : {0, 1, 7, 8, 9, 1000}) {
      std::vector<std::uint64_t> values(count);
      for (auto& value : values) value = random();
      auto expected = values;
      const std::uint64_t factor = random(), base = random();
      kernels::scalar::scale(expected, factor, base);
      kernels::scale(values, factor, base);
      ASSERT_EQ(values, expected) << "target " << target << " x " << count;
    }
  }
}

TEST(BitPacking, EveryWidthReturns) {
  std::mt19937_64 random(1);
  for (unsigned width = 0; width <= 64; ++width) {
    const std::uint64_t mask = width == 64 ? ~0ull : (1ull << width) - 1;
    std::vector<std::uint64_t> values(131);
    for (auto& value : values) value = random() & mask;
    Bytes bytes;
    pack_bits(values, width, bytes);
    EXPECT_EQ(bytes.size(), packed_bytes(values.size(), width));
    std::vector<std::uint64_t> unpacked(values.size());
    ByteReader reader(bytes);
    ASSERT_TRUE(unpack_bits(reader, width, unpacked));
    EXPECT_EQ(unpacked, values) << width;
  }
}

TEST(BitPacking, RefusesWhatIsTooShortOrTooWide) {
  std::vector<std::uint64_t> values(10);
  const Bytes bytes(9);
  ByteReader reader(bytes);
  EXPECT_FALSE(unpack_bits(reader, 8, values));
  ByteReader wide(bytes);
  EXPECT_FALSE(unpack_bits(wide, 65, values));
}

TEST(Integers, EveryCodecReturnsEveryColumn) {
  EXPECT_TRUE(rc::check([] { check_table(integer_codecs(), integer_column()); }));
}

TEST(Integers, ExtremesReturn) {
  const std::vector<std::uint64_t> values{0, ~0ull, 1ull << 63, (1ull << 63) - 1, 0, 1, ~0ull};
  check_table(integer_codecs(), values);
  EXPECT_EQ(through_column(values, encode_integers, decode_integers), values);
  EXPECT_EQ(through_column(std::vector<std::uint64_t>{}, encode_integers, decode_integers).size(),
            0u);
}

TEST(Times, EveryCodecReturnsEveryColumn) {
  EXPECT_TRUE(rc::check([] {
    const auto bits = integer_column();
    std::vector<TimeNs> times(bits.begin(), bits.end());
    check_table(time_codecs(), times);
    std::ranges::sort(times);
    check_table(time_codecs(), times);
    RC_ASSERT(through_column(times, encode_times, decode_times) == times);
  }));
}

TEST(Times, AnExactPeriodCostsNothing) {
  std::vector<TimeNs> times(4096);
  for (std::size_t i = 0; i < times.size(); ++i)
    times[i] = 1'700'000'000'000'000'000 + static_cast<TimeNs>(i) * kSecond;
  Bytes bytes;
  encode_times(times, bytes);
  EXPECT_LE(bytes.size(), 16u);
}

/// What stands on disk: of one second with a few milliseconds of jitter, less than half a byte a time.
TEST(Times, JitterOfAClockCostsItsResolution) {
  std::mt19937_64 random(5);
  std::vector<TimeNs> times(4096);
  for (std::size_t i = 0; i < times.size(); ++i)
    times[i] = 1'700'000'000'000'000'000 + static_cast<TimeNs>(i) * kSecond +
               static_cast<TimeNs>(random() % 5) * kMillisecond;
  Bytes bytes;
  encode_times(times, bytes);
  EXPECT_LE(bytes.size(), times.size() * 2 / 5);
  EXPECT_EQ(through_column(times, encode_times, decode_times), times);
}

TEST(Times, ExtremesReturn) {
  const TimeNs low = std::numeric_limits<TimeNs>::min(), high = std::numeric_limits<TimeNs>::max();
  for (const std::vector<TimeNs>& times :
       {std::vector<TimeNs>{low, high}, std::vector<TimeNs>{low, 0, high},
        std::vector<TimeNs>{low, low + (TimeNs{1} << 61), low + (TimeNs{1} << 61)},
        std::vector<TimeNs>{high - 7, high - 5, high}, std::vector<TimeNs>{0, 0, 0, 0},
        std::vector<TimeNs>{-9, 0, 0, TimeNs{1} << 61}}) {
    check_table(time_codecs(), times);
    EXPECT_EQ(through_column(times, encode_times, decode_times), times);
  }
}

TEST(Doubles, EveryBitPatternReturns) {
  EXPECT_TRUE(rc::check([] {
    auto values = integer_column();  // as raw bits: NaN payloads, subnormals and all
    check_table(double_codecs(), values);
    const int digits = *rc::gen::inRange(0, 8);
    for (auto& value : values) {
      const double decimal =
          std::nearbyint(static_cast<double>(value % 1'000'000)) / std::pow(10.0, digits);
      value = std::bit_cast<std::uint64_t>(value % 97 == 0 ? -0.0 : decimal);
    }
    check_table(double_codecs(), values);
    RC_ASSERT(through_column(values, encode_doubles, decode_doubles) == values);
  }));
}

TEST(Doubles, SpecialValuesReturn) {
  std::vector<std::uint64_t> values;
  for (const double value :
       {0.0, -0.0, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(),
        std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max(),
        std::numeric_limits<double>::lowest(), 0.1, 1e-300, 9007199254740993.0})
    values.push_back(std::bit_cast<std::uint64_t>(value));
  values.push_back(0x7FF0000000000001);  // signalling NaN
  values.push_back(0xFFF8DEADBEEF1234);  // NaN with a payload
  check_table(double_codecs(), values);
  EXPECT_EQ(through_column(values, encode_doubles, decode_doubles), values);
}

TEST(Doubles, ShortDecimalsWithSomeExceptionsStaySmall) {
  std::mt19937_64 random(3);
  std::vector<std::uint64_t> values(4096);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = static_cast<double>(20000 + random() % 256) / 100.0;
    values[i] = std::bit_cast<std::uint64_t>(i % 500 == 7 ? std::nan("") : value);
  }
  Bytes bytes;
  encode_doubles(values, bytes);
  EXPECT_LE(bytes.size(), values.size() * 11 / 10);  // 8 bits each and the exceptions
}

// --- the dense tier -------------------------------------------------------------------------------

TEST(SymbolTable, SharesAddUpAndNothingThatOccursIsLeftOut) {
  EXPECT_TRUE(rc::check([] {
    const auto count = static_cast<std::size_t>(*rc::gen::inRange(1, 257));
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<Weight> weights(count);
    for (Weight& weight : weights) weight = static_cast<Weight>(random() % (kWeightMax + 1));
    if (random() % 8 == 0) std::ranges::fill(weights, Weight{0});
    std::vector<Share> shares(count);
    shares_of(weights, shares);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(shares[i].cumulative == sum % kProbabilityOne || shares[i].frequency == 0);
      RC_ASSERT(weights[i] == 0 || shares[i].frequency > 0);
      sum += shares[i].frequency;
    }
    RC_ASSERT(sum == kProbabilityOne);
    std::array<std::uint8_t, kProbabilityOne> slots{};
    fill_slots(shares, slots);
    for (std::uint32_t slot = 0; slot < kProbabilityOne; ++slot) {
      const Share& share = shares[slots[slot]];
      RC_ASSERT(slot >= share.cumulative && slot < share.cumulative + share.frequency);
    }
  }));
}

/// A sensor that drifts, a counter, one with jumps and wild values, and what no prediction helps.
std::vector<std::uint64_t> column_for_density(std::mt19937_64& random, std::size_t count) {
  const auto kind = random() % 6;
  const std::uint64_t noise = 1 + random() % (kind == 3 ? 100'000 : 40);
  std::vector<std::uint64_t> values(count);
  double level = static_cast<double>(random() % 100'000);
  std::uint64_t last = random() % 1000;
  for (std::uint64_t& value : values) {
    level += static_cast<double>(random() % 100) / 500.0 - 0.1;
    const auto drifting = static_cast<std::uint64_t>(std::llround(level)) + random() % noise;
    switch (kind) {
      case 0: value = last += random() % noise; break;
      case 1: value = random(); break;
      case 2: value = random() % 40 == 0 ? random() : drifting; break;
      case 4: value = (random() % 3) << 61; break;
      case 5: value = (drifting - 50'000) * 25; break;
      default: value = drifting; break;
    }
  }
  return values;
}

void dense_integers(std::span<const std::uint64_t> values, Bytes& out) {
  encode_integers(values, out, Tier::kDense);
}
void dense_doubles(std::span<const std::uint64_t> values, Bytes& out) {
  encode_doubles(values, out, Tier::kDense);
}
void dense_times(std::span<const TimeNs> times, Bytes& out) {
  encode_times(times, out, Tier::kDense);
}

TEST(Dense, EveryColumnReturnsAndNoPartOfItDoes) {
  EXPECT_TRUE(rc::check([] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const auto count = static_cast<std::size_t>(*rc::gen::inRange(128, 5000));
    const auto values = random() % 4 == 0 ? integer_column() : column_for_density(random, count);
    Bytes bytes;
    if (!dense_encode(values, bytes)) {
      RC_ASSERT(values.size() < 128u);
      return;
    }
    std::vector<std::uint64_t> decoded(values.size());
    ByteReader reader(bytes);
    RC_ASSERT(dense_decode(reader, decoded));
    RC_ASSERT(reader.at_end());
    RC_ASSERT(decoded == values);
    for (int i = 0; i < 4; ++i) {
      ByteReader shorter(ByteSpan(bytes).first(random() % bytes.size()));
      RC_ASSERT(!dense_decode(shorter, decoded));
    }
    // Anything else is refused or is other values; nothing is read or written beyond.
    for (int i = 0; i < 8; ++i) {
      Bytes damaged = bytes;
      damaged[random() % damaged.size()] ^= static_cast<std::byte>(1u << random() % 8);
      ByteReader other(damaged);
      (void)dense_decode(other, decoded);
    }
  }));
}

TEST(Dense, EveryKindOfColumnReturnsAndIsNeverLargerThanPacked) {
  EXPECT_TRUE(rc::check([] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    auto values = column_for_density(random, 1 + random() % 4096);
    Bytes packed, dense;
    encode_integers(values, packed);
    encode_integers(values, dense, Tier::kDense);
    RC_ASSERT(dense.size() <= packed.size());
    RC_ASSERT(through_column(values, dense_integers, decode_integers) == values);
    std::vector<TimeNs> times(values.size());
    for (std::size_t i = 0; i < times.size(); ++i)
      times[i] =
          static_cast<TimeNs>(i) * kSecond + static_cast<TimeNs>(values[i] % 64) * kMillisecond;
    RC_ASSERT(through_column(times, dense_times, decode_times) == times);
    const double scale = std::pow(10.0, static_cast<double>(random() % 6));
    const bool special = random() % 2 == 0;
    for (std::uint64_t& value : values) {
      const double decimal =
          std::nearbyint(static_cast<double>(static_cast<std::int64_t>(value) % 10'000'000)) /
          scale;
      value = special && value % 101 == 0 ? 0x7FF8000000000000u | value
                                          : std::bit_cast<std::uint64_t>(decimal);
    }
    RC_ASSERT(through_column(values, dense_doubles, decode_doubles) == values);
  }));
}

/// What stands on disk of a sensor whose noise is about its resolution: a bit and a half a value, not three.
TEST(Dense, NoiseOfAStepCostsItsInformation) {
  std::mt19937_64 random(21);
  std::normal_distribution<double> normal;
  std::vector<std::uint64_t> values(3600);
  double level = 2000;
  for (std::uint64_t& value : values) {
    level += 0.05 * normal(random);
    value = std::bit_cast<std::uint64_t>(std::round(level + 0.5 * normal(random)) / 10);
  }
  Bytes packed, dense;
  encode_doubles(values, packed);
  encode_doubles(values, dense, Tier::kDense);
  EXPECT_LE(dense.size(), values.size() * 20 / 100);
  EXPECT_LE(dense.size(), packed.size() * 3 / 4);
}

TEST(Dense, JitterOfAClockCostsItsInformation) {
  std::mt19937_64 random(22);
  std::normal_distribution<double> normal;
  std::vector<TimeNs> times(3600);
  for (std::size_t i = 0; i < times.size(); ++i)
    times[i] = static_cast<TimeNs>(i) * kSecond + std::llround(2 * normal(random)) * kMillisecond;
  Bytes dense;
  encode_times(times, dense, Tier::kDense);
  EXPECT_LE(dense.size(), times.size() * 41 / 100);  // 3.05 bits and the table
  EXPECT_EQ(through_column(times, dense_times, decode_times), times);
}

TEST(Integers, StepsOfAResolutionCostTheirNumber) {
  std::mt19937_64 random(23);
  std::vector<std::uint64_t> values(4096);
  for (std::uint64_t& value : values) value = 1'000'000 + random() % 16 * 250;
  Bytes bytes;
  encode_integers(values, bytes);
  EXPECT_LE(bytes.size(), values.size() / 2 + 32);  // four bits, not twelve
  EXPECT_EQ(through_column(values, encode_integers, decode_integers), values);
}

TEST(Bools, EveryColumnReturns) {
  EXPECT_TRUE(rc::check([](const std::vector<bool>& column) {
    RC_PRE(!column.empty());
    const std::vector<std::uint64_t> values(column.begin(), column.end());
    check_table(bool_codecs(), values);
    RC_ASSERT(through_column(values, encode_bools, decode_bools) == values);
  }));
}

TEST(Qualities, EveryColumnReturns) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& codes) {
    RC_PRE(!codes.empty());
    check_table(quality_codecs(), codes);
    RC_ASSERT(through_column(codes, encode_qualities, decode_qualities) == codes);
  }));
  const std::vector<std::uint32_t> good(4096, 0);
  Bytes bytes;
  encode_qualities(good, bytes);
  EXPECT_EQ(bytes.size(), 4u);  // encoding, two bytes of length, code
}

TEST(Strings, EveryColumnReturns) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& strings) {
    std::string text;
    std::vector<std::uint64_t> bits;
    for (const std::string& entry : strings) {
      bits.push_back(static_cast<std::uint64_t>(text.size()) << 32 | entry.size());
      text += entry;
    }
    Bytes bytes;
    encode_strings(bits, text, bytes);
    std::vector<std::uint64_t> decoded(bits.size());
    std::string decoded_text;
    RC_ASSERT(decode_strings(bytes, decoded, decoded_text).has_value());
    for (std::size_t i = 0; i < strings.size(); ++i)
      RC_ASSERT(decoded_text.substr(decoded[i] >> 32, decoded[i] & 0xFFFFFFFFu) == strings[i]);
  }));
}

TEST(Versions, EveryColumnReturns) {
  EXPECT_TRUE(rc::check([] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<Version> versions(static_cast<std::size_t>(*rc::gen::inRange(0, 500)));
    Version version;
    for (Version& filled : versions) {
      if (random() % 8 == 0)
        version = {static_cast<SampleClass>(random() % 3),
                   static_cast<std::uint8_t>(random()),
                   static_cast<std::uint32_t>(random()),
                   static_cast<std::uint32_t>(random()),
                   random(),
                   static_cast<std::uint32_t>(random()),
                   static_cast<std::uint32_t>(random())};
      else if (random() % 2 == 0)
        ++version.row;
      else
        ++version.sequence;
      filled = version;
    }
    RC_ASSERT(through_column(versions, encode_versions, decode_versions) == versions);
  }));
}

TEST(Versions, OneRowABatchIsOneRun) {
  std::vector<Version> versions(4096);
  for (std::size_t i = 0; i < versions.size(); ++i) versions[i].sequence = 1000 + i;
  Bytes bytes;
  encode_versions(versions, bytes);
  EXPECT_LE(bytes.size(), 16u);
}

TEST(Columns, WrongRowCountIsCorruption) {
  const std::vector<std::uint64_t> values{5, 9, 1, 7, 5, 5};
  Bytes bytes;
  encode_integers(values, bytes);
  std::vector<std::uint64_t> fewer(2);
  std::vector<std::uint64_t> more(12);
  EXPECT_EQ(decode_integers(bytes, fewer).error().code, ErrorCode::kCorruption);
  EXPECT_EQ(decode_integers(bytes, more).error().code, ErrorCode::kCorruption);
  EXPECT_EQ(decode_integers({}, more).error().code, ErrorCode::kCorruption);
}

TEST(Columns, RepetitiveColumnsAreFoldedAndAFalseSizeIsCorruption) {
  std::vector<std::uint64_t> values;
  for (std::uint64_t i = 0; i < 2000; ++i) values.push_back((i % 7) * 0x123456789ABCDEFull);
  Bytes bytes;
  encode_integers(values, bytes);
  ASSERT_EQ(static_cast<std::uint8_t>(bytes.front()), kZstdFlag);
  EXPECT_LT(bytes.size(), 400u);
  EXPECT_EQ(through_column(values, encode_integers, decode_integers), values);

  Bytes huge{static_cast<std::byte>(kZstdFlag)};
  ByteWriter(huge).varint(1ull << 40);
  huge.insert(huge.end(), bytes.begin() + 3, bytes.end());
  EXPECT_EQ(decode_integers(huge, values).error().code, ErrorCode::kCorruption);
}

}  // namespace
}  // namespace tundish::codec
