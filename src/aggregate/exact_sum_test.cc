#include "aggregate/exact_sum.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace tundish::aggregate {
namespace {

/// School arithmetic on whole numbers of the smallest subnormal double, in base 2^32. Slow, simple,
/// and nothing in common with ExactSum.
class Whole {
 public:
  Whole() = default;
  explicit Whole(double value) {
    int exponent = 0;
    const double fraction = std::frexp(std::fabs(value), &exponent);
    if (fraction == 0) return;
    const auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
    for (int bit = 0; bit < 53; ++bit)
      if ((mantissa >> bit & 1) != 0) {
        const int place = exponent - 53 + bit + 1074;
        set_bit(static_cast<std::size_t>(place));
      }
  }
  void add(const Whole& other) {
    digits_.resize(std::max(digits_.size(), other.digits_.size()) + 1);
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < digits_.size(); ++i) {
      carry += digits_[i];
      if (i < other.digits_.size()) carry += other.digits_[i];
      digits_[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    trim();
  }
  void subtract(const Whole& smaller) {
    std::int64_t borrow = 0;
    for (std::size_t i = 0; i < digits_.size(); ++i) {
      std::int64_t digit = static_cast<std::int64_t>(digits_[i]) - borrow;
      if (i < smaller.digits_.size()) digit -= smaller.digits_[i];
      borrow = digit < 0 ? 1 : 0;
      digits_[i] = static_cast<std::uint32_t>(digit);
    }
    trim();
  }
  Whole times(std::uint64_t factor) const {
    Whole product;
    for (int bit = 0; bit < 64; ++bit)
      if ((factor >> bit & 1) != 0) product.add(shifted(static_cast<std::size_t>(bit)));
    return product;
  }
  std::strong_ordering operator<=>(const Whole& other) const {
    if (digits_.size() != other.digits_.size()) return digits_.size() <=> other.digits_.size();
    for (std::size_t i = digits_.size(); i-- > 0;)
      if (digits_[i] != other.digits_[i]) return digits_[i] <=> other.digits_[i];
    return std::strong_ordering::equal;
  }
  bool operator==(const Whole&) const = default;

 private:
  void set_bit(std::size_t bit) {
    if (digits_.size() <= bit / 32) digits_.resize(bit / 32 + 1);
    digits_[bit / 32] |= 1u << (bit % 32);
  }
  Whole shifted(std::size_t by) const {
    Whole result;
    for (std::size_t bit = 0; bit < digits_.size() * 32; ++bit)
      if ((digits_[bit / 32] >> (bit % 32) & 1) != 0) result.set_bit(bit + by);
    return result;
  }
  void trim() {
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
  }
  std::vector<std::uint32_t> digits_;
};

struct Signed {
  Whole plus, minus;
  void add(double value, std::uint64_t factor) {
    (std::signbit(value) ? minus : plus).add(Whole(value).times(factor));
  }
  /// |this - other|
  Whole distance(const Signed& other) const {
    Whole a = plus;
    a.add(other.minus);
    Whole b = minus;
    b.add(other.plus);
    if (a < b) std::swap(a, b);
    a.subtract(b);
    return a;
  }
};

/// `rounded` is the double nearest to exact / divisor, and the even one of two.
void expect_nearest(double rounded, const Signed& exact, std::uint64_t divisor) {
  const auto distance = [&](double candidate) {
    Signed scaled;
    scaled.add(candidate, divisor);
    return exact.distance(scaled);
  };
  const Whole best = distance(rounded);
  for (const double towards :
       {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()}) {
    const double neighbour = std::nextafter(rounded, towards);
    if (std::isinf(neighbour)) continue;
    const Whole other = distance(neighbour);
    ASSERT_LE(best, other) << rounded << " is not nearest, " << neighbour << " is";
    if (best == other) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(rounded) & 1, 0u) << "a tie goes to the even one";
    }
  }
}

double random_double(std::mt19937_64& random, int spread) {
  const double fraction = static_cast<double>(random() >> 11) * 0x1p-53;
  const double value = std::ldexp(
      fraction, static_cast<int>(random() % static_cast<std::uint64_t>(spread)) - spread / 2);
  return random() % 2 == 0 ? value : -value;
}

TEST(ExactSum, IsTheNearestDoubleOfTheExactSum) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 150; ++round) {
    ExactSum sum;
    Signed exact;
    const int spread = round % 3 == 0 ? 10 : round % 3 == 1 ? 200 : 2090;
    for (int i = 0; i < 12; ++i) {
      const double value = random_double(random, spread);
      sum.add(value);
      exact.add(value, 1);
    }
    expect_nearest(sum.rounded(), exact, 1);
  }
}

TEST(ExactSum, ProductsAndQuotientsAreExactUntilTheOneRounding) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 60; ++round) {
    ExactSum sum;
    Signed exact;
    const int spread = round % 2 == 0 ? 60 : 1000;
    for (int i = 0; i < 4; ++i) {
      const double value = random_double(random, spread);
      const std::uint64_t factor = random() >> (random() % 64);
      sum.add_product(value, factor);
      exact.add(value, factor);
    }
    const std::uint64_t divisor = (random() >> (1 + random() % 62)) | 1;
    expect_nearest(sum.rounded_quotient(divisor), exact, divisor);
    if (divisor < 1ull << 62) expect_nearest(sum.rounded_quotient(divisor, -1), exact, 2 * divisor);
  }
}

TEST(ExactSum, TiesGoToEven) {
  ExactSum sum;
  sum.add(1.0);
  sum.add(0x1p-53);
  EXPECT_EQ(sum.rounded(), 1.0);
  sum.add(std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(sum.rounded(), 1.0 + 0x1p-52);
  ExactSum odd;
  odd.add(1.0 + 0x1p-52);
  odd.add(0x1p-53);
  EXPECT_EQ(odd.rounded(), 1.0 + 0x1p-51);
  ExactSum third;
  third.add(1.0);
  EXPECT_EQ(third.rounded_quotient(3), 1.0 / 3.0);
  ExactSum tiny;
  tiny.add(3 * std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(tiny.rounded_quotient(2), 2 * std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(tiny.rounded_quotient(1, -1), 2 * std::numeric_limits<double>::denorm_min());
}

TEST(ExactSum, OrderAndGroupingDoNotMatter) {
  EXPECT_TRUE(rc::check([](std::vector<double> values) {
    std::erase_if(values, [](double value) { return !std::isfinite(value); });
    ExactSum forward;
    for (const double value : values) forward.add(value);
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    std::ranges::shuffle(values, random);
    ExactSum parts[3];
    for (const double value : values) parts[random() % 3].add(value);
    parts[0].merge(parts[2]);
    parts[0].merge(parts[1]);
    RC_ASSERT(parts[0] == forward);
    RC_ASSERT(std::bit_cast<std::uint64_t>(parts[0].rounded()) ==
              std::bit_cast<std::uint64_t>(forward.rounded()));
  }));
}

TEST(ExactSum, CancelsCompletely) {
  ExactSum sum;
  sum.add(1e308);
  sum.add(1e308);
  sum.add(1.0);
  sum.add(-1e308);
  sum.add(-1e308);
  EXPECT_EQ(sum.rounded(), 1.0);
  sum.add(-1.0);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(sum.rounded()), 0u);
  EXPECT_EQ(sum, ExactSum());
}

TEST(ExactSum, IntegersKeepEveryDigit) {
  ExactSum sum;
  sum.add(std::numeric_limits<std::int64_t>::max());
  sum.add(std::int64_t{3});
  sum.add(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(sum.rounded(), 2.0);
  ExactSum product;
  product.add_product(std::numeric_limits<std::int64_t>::min(), ~0ull);
  product.add_product(std::numeric_limits<std::int64_t>::max(), ~0ull);
  EXPECT_EQ(product.rounded(), -18446744073709551615.0);
}

TEST(ExactSum, SpecialValuesHaveDefinedAnswers) {
  const double infinity = std::numeric_limits<double>::infinity();
  ExactSum sum;
  sum.add(1.0);
  sum.add(infinity);
  EXPECT_EQ(sum.rounded(), infinity);
  EXPECT_FALSE(sum.is_finite());
  sum.add(-infinity);
  EXPECT_TRUE(std::isnan(sum.rounded()));
  ExactSum nan;
  nan.add(std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(std::isnan(nan.rounded()));
  ExactSum overflow;
  overflow.add(std::numeric_limits<double>::max());
  overflow.add(std::numeric_limits<double>::max());
  EXPECT_EQ(overflow.rounded(), infinity);
  EXPECT_TRUE(overflow.is_finite());
  EXPECT_EQ(overflow.rounded_quotient(2), std::numeric_limits<double>::max());
}

TEST(ExactSum, ReturnsFromItsBytes) {
  EXPECT_TRUE(rc::check([](const std::vector<double>& values) {
    ExactSum sum;
    for (const double value : values) sum.add_product(value, 1'000'000'000);
    Bytes bytes;
    sum.serialize(bytes);
    ByteReader reader(bytes);
    RC_ASSERT(ExactSum::deserialize(reader) == sum);
    RC_ASSERT(reader.at_end());
    Bytes packed;
    sum.serialize_packed(packed);
    ByteReader packed_reader(packed);
    RC_ASSERT(ExactSum::deserialize_packed(packed_reader) == sum);
    RC_ASSERT(packed_reader.at_end());
  }));
  for (const double value : {0.0, 1.0, -1.0, 0x1p63, -0x1p63, 0x1p64, -0x1p-1074, 0x1p-1011}) {
    ExactSum sum;
    sum.add(value);
    Bytes bytes;
    sum.serialize(bytes);
    EXPECT_LE(bytes.size(), 3u + 16u) << value;
    ByteReader reader(bytes);
    EXPECT_EQ(ExactSum::deserialize(reader), sum) << value;
    Bytes packed;
    sum.serialize_packed(packed);
    EXPECT_LE(packed.size(), 3u + 9u) << value;
    ByteReader packed_reader(packed);
    EXPECT_EQ(ExactSum::deserialize_packed(packed_reader), sum) << value;
  }
}

TEST(ExactSum, AProductIsWhatAddingProductsGives) {
  EXPECT_TRUE(rc::check([](const std::vector<double>& values, std::uint64_t factor) {
    ExactSum sum, products;
    for (const double value : values) {
      sum.add(value);
      products.add_product(value, factor);
    }
    sum.multiply(factor);
    RC_ASSERT(sum == products);
  }));
}

TEST(ExactSum, RefusesBytesThatAreNone) {
  for (const auto& bytes :
       {Bytes{std::byte{0x80}, std::byte{0x05}}, Bytes{std::byte{2}, std::byte{9}},
        Bytes{std::byte{1}, std::byte{8}, std::byte{0}}}) {
    ByteReader packed(bytes);
    ExactSum::deserialize_packed(packed);
    EXPECT_FALSE(packed.ok());
  }

  const Bytes too_long{std::byte{0}, std::byte{30}, std::byte{7}};
  ByteReader reader(too_long);
  ExactSum::deserialize(reader);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace tundish::aggregate
