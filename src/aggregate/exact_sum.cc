#include "aggregate/exact_sum.h"

#include <cmath>
#include <limits>

#include "base/check.h"

namespace tundish::aggregate {
namespace {

constexpr int kMantissaBits = 52;
constexpr std::uint64_t kMantissaMask = (1ull << kMantissaBits) - 1;
constexpr int kExponentBias = 1075;  // of the mantissa as an integer
constexpr int kLowestBit = -1074;    // of any double

bool bit_at(const auto& words, int bit) {
  return (words[static_cast<std::size_t>(bit / 64)] >> (bit % 64) & 1) != 0;
}

bool any_below(const auto& words, int bit) {
  for (int word = 0; word < bit / 64; ++word)
    if (words[static_cast<std::size_t>(word)] != 0) return true;
  return bit % 64 != 0 &&
         (words[static_cast<std::size_t>(bit / 64)] & ((1ull << (bit % 64)) - 1)) != 0;
}

/// 64 bits from `bit` up.
std::uint64_t window(const auto& words, int bit) {
  const auto word = static_cast<std::size_t>(bit / 64);
  const int shift = bit % 64;
  std::uint64_t value = words[word] >> shift;
  if (shift != 0 && word + 1 < words.size()) value |= words[word + 1] << (64 - shift);
  return value;
}

void negate(auto& words) {
  std::uint64_t carry = 1;
  for (std::uint64_t& word : words) {
    word = ~word + carry;
    carry = carry != 0 && word == 0 ? 1 : 0;
  }
}

}  // namespace

void ExactSum::add_product(double value, std::uint64_t factor) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const bool negative = (bits >> 63) != 0;
  const auto biased = static_cast<int>(bits >> kMantissaBits & 0x7FF);
  std::uint64_t mantissa = bits & kMantissaMask;
  if (biased == 0x7FF) {
    if (mantissa != 0 || factor == 0)
      special_ |= kNan;  // infinity x 0, too
    else
      special_ |= negative ? kMinus : kPlus;
    return;
  }
  int exponent = kLowestBit;  // zero and subnormals
  if (biased != 0) {
    mantissa |= kMantissaMask + 1;
    exponent = biased - kExponentBias;
  }
  // 53 x 64 bits: 117, so the sign fits.
  const auto product = static_cast<Int128>(static_cast<UInt128>(mantissa) * factor);
  add_scaled(negative ? -product : product, exponent);
}

void ExactSum::add_scaled(Int128 mantissa, int exponent) {
  TUNDISH_CHECK(exponent >= kLowest && exponent <= 1000);
  if (mantissa == 0) return;
  const int bit = exponent - kLowest;
  const int shift = bit % 64;
  // Three words: the mantissa shifted, its sign above.
  const auto low = static_cast<UInt128>(mantissa) << shift;
  const auto sign = static_cast<std::uint64_t>(mantissa < 0 ? -1 : 0);
  const std::uint64_t high =
      shift == 0 ? sign
                 : sign << shift |
                       static_cast<std::uint64_t>(static_cast<UInt128>(mantissa) >> (128 - shift));
  add_at(bit / 64, low, high);
}

void ExactSum::add_at(int word, UInt128 low, std::uint64_t high) {
  const auto sign = static_cast<std::uint64_t>(static_cast<std::int64_t>(high) >> 63);
  auto at = static_cast<std::size_t>(word);
  UInt128 carry = 0;
  const std::uint64_t addends[3] = {static_cast<std::uint64_t>(low),
                                    static_cast<std::uint64_t>(low >> 64), high};
  for (const std::uint64_t addend : addends) {
    if (at >= words_.size()) return;
    carry += static_cast<UInt128>(words_[at]) + addend;
    words_[at++] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  // Above, only the sign (all ones or zero) and the carry: they cancel nearly always.
  for (; at < words_.size(); ++at) {
    if (sign == 0 && carry == 0) return;
    if (sign != 0 && carry == 1) return;
    carry += static_cast<UInt128>(words_[at]) + sign;
    words_[at] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
}

void ExactSum::merge(const ExactSum& other) {
  special_ |= other.special_;
  UInt128 carry = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    carry += static_cast<UInt128>(words_[i]) + other.words_[i];
    words_[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
}

double ExactSum::rounded_quotient(std::uint64_t divisor, int scale) const {
  TUNDISH_CHECK(divisor > 0 && scale <= 0 && scale >= -64);
  if (special_ == kPlus) return std::numeric_limits<double>::infinity();
  if (special_ == kMinus) return -std::numeric_limits<double>::infinity();
  if (special_ != 0) return std::numeric_limits<double>::quiet_NaN();

  auto words = words_;
  const bool negative = (words.back() >> 63) != 0;
  if (negative) negate(words);

  std::size_t used = words.size();  // words up to the highest that is not zero
  while (used > 0 && words[used - 1] == 0) --used;
  // Four words hold 53 bits of any quotient and the bit below; of the rest it only counts whether it is zero, which
  // it is for the quotient when it is for the dividend and nothing remains.
  UInt128 remainder = 0;
  if (divisor != 1)
    for (std::size_t i = used; i-- > 0 && i + 4 >= used;) {
      remainder = remainder << 64 | words[i];
      words[i] = static_cast<std::uint64_t>(remainder / divisor);
      remainder %= divisor;
    }

  int top = -1;  // highest bit that is set
  for (std::size_t i = used; i-- > 0;)
    if (words[i] != 0) {
      top = static_cast<int>(i) * 64 + static_cast<int>(std::bit_width(words[i])) - 1;
      break;
    }
  // Keep 53 bits, or down to the lowest bit of all doubles; the rest decides the rounding.
  const int weight = kLowest + scale;  // of bit 0 of `words`
  int kept_from = kLowestBit - weight;
  if (top - kMantissaBits > kept_from) kept_from = top - kMantissaBits;
  std::uint64_t kept = top < kept_from ? 0 : window(words, kept_from);
  bool half = false;
  bool more = false;
  if (kept_from == 0) {
    const UInt128 doubled = remainder * 2;
    half = doubled >= divisor;
    more = doubled != divisor && doubled != 0;
  } else {
    half = bit_at(words, kept_from - 1);
    more = any_below(words, kept_from - 1) || remainder != 0;
  }
  if (half && (more || (kept & 1) != 0)) ++kept;
  const double magnitude = std::ldexp(static_cast<double>(kept), kept_from + weight);
  return negative ? -magnitude : magnitude;
}

void ExactSum::serialize(Bytes& out) const {
  // Leave out zero words below and words above that only repeat the sign.
  std::size_t from = 0;
  while (from < words_.size() && words_[from] == 0) ++from;
  std::size_t to = words_.size();
  const std::uint64_t sign = (words_.back() >> 63) != 0 ? ~0ull : 0;
  while (to > from && words_[to - 1] == sign &&
         (to - 1 == from ? sign == 0 : words_[to - 2] >> 63 == (sign & 1)))
    --to;
  ByteWriter writer(out);
  writer.fixed(special_);
  writer.fixed(static_cast<std::uint8_t>(from == words_.size() ? 0 : from));
  writer.fixed(static_cast<std::uint8_t>(to - from));
  for (std::size_t i = from; i < to; ++i) writer.fixed(words_[i]);
}

ExactSum ExactSum::deserialize(ByteReader& bytes) {
  ExactSum sum;
  sum.special_ = bytes.fixed<std::uint8_t>();
  const std::size_t from = bytes.fixed<std::uint8_t>();
  const std::size_t count = bytes.fixed<std::uint8_t>();
  if (!bytes.ok() || sum.special_ > (kNan | kPlus | kMinus) || from + count > kWords) {
    bytes.set_failed();
    return {};
  }
  for (std::size_t i = 0; i < count; ++i) sum.words_[from + i] = bytes.fixed<std::uint64_t>();
  if (count > 0 && (sum.words_[from + count - 1] >> 63) != 0)
    for (std::size_t i = from + count; i < kWords; ++i) sum.words_[i] = ~0ull;
  if (!bytes.ok()) return {};
  return sum;
}

}  // namespace tundish::aggregate
