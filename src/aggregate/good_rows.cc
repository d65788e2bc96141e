#include "aggregate/good_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>

// Doubles of one tag have nearly the same exponent, so that at a common power of two they are integers of at most
// 62 bits; integers are added and multiplied exactly, several a nanosecond, and the result goes into the long
// accumulator once. The few values that are much smaller than the greatest go there on their own.

namespace tundish::aggregate {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
constexpr std::uint64_t kInfinity = std::uint64_t{0x7FF} << 52;
constexpr int kMantissaBits = 53;
constexpr int kBias = 1075;  // of the mantissa as an integer
/// How many powers of two below the greatest value a value may lie and still be scaled.
constexpr int kScaledPowers = 9;
/// A span of time for which an integral of 63-bit integers fits 127 bits.
constexpr std::uint64_t kSpanMax = std::uint64_t{1} << 61;

bool is_good(std::uint32_t quality) { return Quality{quality}.is_good(); }

/// Ascends with the value, -0.0 before 0.0.
std::int64_t order_of(ValueType type, std::uint64_t bits) {
  const auto key = static_cast<std::int64_t>(bits);
  return type == ValueType::kDouble
             ? key ^ static_cast<std::int64_t>(static_cast<std::uint64_t>(key >> 63) >> 1)
             : key;
}

/// Adds 64-bit integers without a carry from one to the next.
class WideSum {
 public:
  void add(std::int64_t value) {
    low_ += static_cast<std::uint64_t>(value) & 0xFFFFFFFFu;
    high_ += value >> 32;
  }
  Int128 sum() const { return (static_cast<Int128>(high_) << 32) + static_cast<Int128>(low_); }

 private:
  std::uint64_t low_ = 0;  ///< 2^32 of them fit
  std::int64_t high_ = 0;
};

}  // namespace

GoodRows::GoodRows(const Columns& columns, std::size_t from, std::size_t to)
    : columns_(columns), from_(from), to_(from) {
  if (columns.type == ValueType::kString) return;
  while (to_ < to && is_good(columns.qualities[to_])) ++to_;
  if (columns.type != ValueType::kDouble) {
    scale_ = 1;
    return;
  }
  std::uint64_t least = ~std::uint64_t{0};  // magnitude - 1 of the smallest that is not zero
  std::uint64_t most = 0;
  for (std::size_t row = from_; row < to_; ++row) {
    const std::uint64_t magnitude = columns.bits[row] & ~kSign;
    if (magnitude > kInfinity) {
      to_ = row;  // NaN
      break;
    }
    least = std::min(least, magnitude - 1);
    most = std::max(most, magnitude);
  }
  find_scale(least + 1, most);
}

std::size_t GoodRows::first_at_or_after(TimeNs time, std::size_t row) const {
  const auto begin = columns_.times.begin();
  return static_cast<std::size_t>(std::lower_bound(begin + static_cast<std::ptrdiff_t>(row),
                                                   begin + static_cast<std::ptrdiff_t>(to_), time) -
                                  begin);
}

/// @param least, most bits of the smallest magnitude that is not zero and of the greatest
void GoodRows::find_scale(std::uint64_t least, std::uint64_t most) {
  if (most == 0) {
    scale_ = 1;  // zeros only
    return;
  }
  const int greatest = static_cast<int>(most >> 52);
  const int smallest = std::max(static_cast<int>(least >> 52), greatest - kScaledPowers);
  // An infinity, or values for which 2^-exponent is no double.
  if (greatest == 0x7FF || smallest <= kMantissaBits) return;
  exponent_ = smallest - kBias;
  scale_ = std::ldexp(1.0, -exponent_);
  if (static_cast<int>(least >> 52) < smallest)
    least_scaled_ = double_of(static_cast<std::uint64_t>(smallest) << 52);
}

/// The value as an integer, unless it is smaller than least_scaled_.
std::int64_t GoodRows::scaled(std::size_t row) const {
  const std::uint64_t bits = columns_.bits[row];
  return columns_.type == ValueType::kDouble ? static_cast<std::int64_t>(double_of(bits) * scale_)
                                             : static_cast<std::int64_t>(bits);
}

/// Where no value is smaller than least_scaled_.
Int128 GoodRows::scaled_sum(std::size_t from, std::size_t to) const {
  const std::uint64_t* const bits = columns_.bits.data();
  WideSum sum;
  if (columns_.type == ValueType::kDouble)
    for (std::size_t row = from; row < to; ++row)
      sum.add(static_cast<std::int64_t>(double_of(bits[row]) * scale_));
  else
    for (std::size_t row = from; row < to; ++row) sum.add(static_cast<std::int64_t>(bits[row]));
  return sum.sum();
}

/// sum += value x weight(row).
template <class Weight>
void GoodRows::add_weighted(std::size_t from, std::size_t to, const Weight& weight,
                            ExactSum& sum) const {
  Int128 total = 0;
  for (std::size_t row = from; row < to; ++row) {
    const std::uint64_t factor = weight(row);
    if (least_scaled_ != 0 && std::abs(double_of(columns_.bits[row])) < least_scaled_)
      sum.add_product(double_of(columns_.bits[row]), factor);
    else
      total += static_cast<Int128>(scaled(row)) * static_cast<Int128>(factor);
  }
  sum.add_scaled(total, exponent_);
}

void GoodRows::add_values(std::size_t from, std::size_t to, ExactSum& sum) const {
  if (scale_ == 0)
    for (std::size_t row = from; row < to; ++row) add_product(sum, number(row), 1);
  else if (least_scaled_ == 0)
    sum.add_scaled(scaled_sum(from, to), exponent_);
  else
    add_weighted(from, to, [](std::size_t) { return std::uint64_t{1}; }, sum);
}

bool GoodRows::is_regular(std::size_t from, std::size_t to) const {
  const TimeNs* const times = columns_.times.data();
  const std::uint64_t period = elapsed_ns(times[from], times[from + 1]);
  std::uint64_t differs = 0;
  for (std::size_t row = from + 1; row + 1 < to; ++row)
    differs |= elapsed_ns(times[row], times[row + 1]) ^ period;
  return differs == 0;
}

void GoodRows::add_steps(std::size_t from, std::size_t to, std::uint64_t factor,
                         ExactSum& sum) const {
  if (to - from < 2) return;
  const auto& times = columns_.times;
  const auto held = [&](std::size_t row) { return elapsed_ns(times[row], times[row + 1]); };
  if (scale_ == 0 || elapsed_ns(times[from], times[to - 1]) >= kSpanMax) {
    for (std::size_t row = from; row + 1 < to; ++row)
      for (std::uint64_t i = 0; i < factor; ++i) add_product(sum, number(row), held(row));
  } else if (least_scaled_ == 0 && is_regular(from, to)) {
    sum.add_scaled(scaled_sum(from, to - 1) * static_cast<Int128>(factor * held(from)), exponent_);
  } else {
    add_weighted(from, to - 1, [&](std::size_t row) { return factor * held(row); }, sum);
  }
}

void GoodRows::add_lines_twice(std::size_t from, std::size_t to, ExactSum& twice) const {
  if (to - from < 2) return;
  const auto& times = columns_.times;
  const auto reaches = [&](std::size_t row) {
    return elapsed_ns(times[row > from ? row - 1 : row], times[row + 1 < to ? row + 1 : row]);
  };
  if (scale_ == 0 || elapsed_ns(times[from], times[to - 1]) >= kSpanMax) {
    for (std::size_t row = from; row + 1 < to; ++row)
      for (const std::size_t end : {row, row + 1})
        add_product(twice, number(end), elapsed_ns(times[row], times[row + 1]));
  } else if (least_scaled_ == 0 && is_regular(from, to)) {
    // (v0 + v1) p + (v1 + v2) p + ... = (2 (v0 + v1 + ...) - first - last) p
    const Int128 sum = 2 * scaled_sum(from, to) - scaled(from) - scaled(to - 1);
    twice.add_scaled(sum * static_cast<Int128>(elapsed_ns(times[from], times[from + 1])),
                     exponent_);
  } else {
    add_weighted(from, to, reaches, twice);
  }
}

GoodRows::Extremes GoodRows::extremes(std::size_t from, std::size_t to) const {
  const ValueType type = columns_.type;
  const std::uint64_t* const bits = columns_.bits.data();
  std::int64_t least = order_of(type, bits[from]);
  std::int64_t most = least;
  for (std::size_t row = from + 1; row < to; ++row) {
    const std::int64_t order = order_of(type, bits[row]);
    least = std::min(least, order);
    most = std::max(most, order);
  }
  const auto first_of = [&](std::int64_t wanted) {
    std::size_t row = from;
    while (order_of(type, bits[row]) != wanted) ++row;
    return row;
  };
  return {first_of(least), first_of(most)};
}

bool GoodRows::repeats(std::size_t row, std::size_t to) const {
  const auto begin = columns_.bits.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(to);
  return std::find(begin + static_cast<std::ptrdiff_t>(row) + 1, end, columns_.bits[row]) != end;
}

}  // namespace tundish::aggregate
