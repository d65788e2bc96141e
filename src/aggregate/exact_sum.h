#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/wide_int.h"

namespace tundish::aggregate {

/// A sum of doubles, integers and products that is exact and does not depend on the order: a fixed
/// point number of 2,304 bits that covers every double, times 64 bits, added 2^63 times. Rounded
/// once, to nearest even, when it is read. About 300 bytes; adding touches three words.
///
/// NaN or infinities of both signs give NaN, infinities of one sign that infinity. A zero sum is
/// +0.0. Source: the long accumulator of U. Kulisch, Computer Arithmetic and Validity, 2nd ed.,
/// 2013, chapter 8.
class ExactSum {
 public:
  void add(double value) { add_product(value, 1); }
  void add(std::int64_t value) { add_scaled(value, 0); }
  /// value x factor, factor >= 0, without rounding.
  void add_product(double value, std::uint64_t factor);
  void add_product(std::int64_t value, std::uint64_t factor) {
    add_scaled(static_cast<Int128>(value) * static_cast<Int128>(factor), 0);
  }
  /// mantissa x 2^exponent, -1074 <= exponent <= 1000.
  void add_scaled(Int128 mantissa, int exponent);
  void merge(const ExactSum& other);

  /// All of it times `factor`, without rounding: the sum of at most 2^63 doubles by 64 bits fits. Finite sums only.
  void multiply(std::uint64_t factor);

  /// The sum.
  double rounded() const { return rounded_quotient(1); }
  /// sum x 2^scale / divisor, rounded once; divisor > 0, -64 <= scale <= 0.
  double rounded_quotient(std::uint64_t divisor, int scale = 0) const;

  /// No infinity or NaN was added.
  bool is_finite() const { return special_ == 0; }
  bool operator==(const ExactSum&) const = default;

  /// Appends the words that matter and where they stand; some 10 to 30 bytes for plant values.
  void serialize(Bytes& out) const;
  /// The reverse; on a failure the reader is marked failed and the sum is zero.
  static ExactSum deserialize(ByteReader& bytes);
  /// The same to the byte, not to the word; some 12 bytes for plant values.
  void serialize_packed(Bytes& out) const;
  static ExactSum deserialize_packed(ByteReader& bytes);

 private:
  static constexpr int kWords = 36;
  static constexpr int kLowest = -1074;  // weight of bit 0: the smallest subnormal
  enum Special : std::uint8_t { kNan = 1, kPlus = 2, kMinus = 4 };

  void add_at(int word, UInt128 low, std::uint64_t high);

  std::array<std::uint64_t, kWords> words_{};  ///< two's complement, least significant first
  std::uint8_t special_ = 0;
};

}  // namespace tundish::aggregate
