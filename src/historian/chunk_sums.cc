// An exact sum has 36 words, and to add to it is slow for what a row may cost. The values of a chunk have few different
// exponents, though: so their mantissas are added up by exponent, in 128 bits, and only those sums go into the exact
// ones. Where all rows are equally far apart, which is the rule, the integrals follow from the plain sum:
//   steps       d x (v1 + .. + v(n-1))                = d x (sum - vn)
//   slopes, x 2 d x ((v1 + v2) + .. + (v(n-1) + vn))  = d x (sum - vn) + d x (sum - v1)

#include "historian/chunk_sums.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "aggregate/numbers.h"
#include "base/wide_int.h"

namespace tundish::historian {
namespace {

using aggregate::ExactSum;
using aggregate::Number;

constexpr int kExponentMin = -1074;
/// Mantissas of at most 63 bits, 2^12 of them and this factor stay within 127 bits.
constexpr std::uint64_t kFactorMax = std::uint64_t{1} << 50;

/// mantissa x 2^exponent
struct Parts {
  std::int64_t mantissa = 0;
  int exponent = 0;
};

/// Of a number that is finite.
Parts parts_of(ValueType type, std::uint64_t bits) {
  if (type != ValueType::kDouble) return {static_cast<std::int64_t>(bits), 0};
  const auto biased = static_cast<int>(bits >> 52 & 0x7FF);
  auto mantissa = static_cast<std::int64_t>(bits & ((std::uint64_t{1} << 52) - 1));
  if (biased != 0) mantissa |= std::int64_t{1} << 52;
  return {(bits >> 63) != 0 ? -mantissa : mantissa,
          biased == 0 ? kExponentMin : biased + kExponentMin - 1};
}

/// An exact sum that gets what is added up, times a factor.
struct Target {
  ExactSum* sum = nullptr;
  std::uint64_t factor = 1;

  void add(Int128 mantissa, int exponent) const {
    sum->add_scaled(mantissa * static_cast<Int128>(factor), exponent);
  }
};

/// Adds up by exponent; what a slot holds goes to the targets when another exponent needs it, and at the end.
class ByExponent {
 public:
  explicit ByExponent(std::span<const Target> targets) : targets_(targets) {}
  ~ByExponent() {
    for (const Slot& slot : slots_) hand_over(slot);
  }
  ByExponent(const ByExponent&) = delete;
  ByExponent& operator=(const ByExponent&) = delete;

  void add(Parts parts, std::uint64_t factor = 1) {
    Slot& slot = slots_[static_cast<std::size_t>(parts.exponent - kExponentMin) % slots_.size()];
    if (slot.exponent != parts.exponent) {
      hand_over(slot);
      slot = {0, parts.exponent};
    }
    slot.sum += static_cast<Int128>(parts.mantissa) * static_cast<Int128>(factor);
  }

 private:
  struct Slot {
    Int128 sum = 0;
    int exponent = 0;
  };
  void hand_over(const Slot& slot) const {
    if (slot.sum == 0) return;
    for (const Target& target : targets_) target.add(slot.sum, slot.exponent);
  }

  std::span<const Target> targets_;
  std::array<Slot, 64> slots_{};
};

std::uint64_t apart(const Columns& columns, std::size_t row) {
  return static_cast<std::uint64_t>(columns.times[row]) -
         static_cast<std::uint64_t>(columns.times[row - 1]);
}

/// Row by row, for infinities and for what is days apart.
ChunkSums slowly(const Columns& columns, std::size_t from, std::size_t count) {
  ChunkSums sums;
  for (std::size_t i = from; i < from + count; ++i) {
    const Number number{columns.type, columns.bits[i]};
    aggregate::add_product(sums.sum, number, 1);
    if (i == from) continue;
    const std::uint64_t elapsed = apart(columns, i);
    const Number last{columns.type, columns.bits[i - 1]};
    aggregate::add_product(sums.step_integral, last, elapsed);
    aggregate::add_product(sums.slope_integral_twice, last, elapsed);
    aggregate::add_product(sums.slope_integral_twice, number, elapsed);
  }
  return sums;
}

bool has_infinity(const Columns& columns, std::size_t from, std::size_t count) {
  constexpr std::uint64_t kExponent = std::uint64_t{0x7FF} << 52;
  if (columns.type != ValueType::kDouble) return false;
  bool found = false;
  for (const std::uint64_t bits : std::span(columns.bits).subspan(from, count))
    found |= (bits & kExponent) == kExponent;
  return found;
}

}  // namespace

ChunkSums chunk_sums(const Columns& columns, std::size_t from, std::size_t count) {
  std::uint64_t longest = 0, shortest = UINT64_MAX;
  for (std::size_t i = from + 1; i < from + count; ++i) {
    longest = std::max(longest, apart(columns, i));
    shortest = std::min(shortest, apart(columns, i));
  }
  if (longest > kFactorMax || count > kChunkSamplesMax || has_infinity(columns, from, count))
    return slowly(columns, from, count);

  ChunkSums sums;
  ExactSum ends;  // of each stretch: the value at its end x its length
  const auto parts = [&](std::size_t i) { return parts_of(columns.type, columns.bits[i]); };
  if (longest == shortest || count == 1) {
    const std::uint64_t length = count == 1 ? 0 : longest;
    const Target targets[] = {{&sums.sum, 1}, {&sums.step_integral, length}, {&ends, length}};
    {
      ByExponent all(targets);
      for (std::size_t i = from; i < from + count; ++i) all.add(parts(i));
    }
    const Parts first = parts(from), last = parts(from + count - 1);
    targets[1].add(-Int128{last.mantissa}, last.exponent);
    targets[2].add(-Int128{first.mantissa}, first.exponent);
  } else {
    const Target of_sum[] = {{&sums.sum}}, of_steps[] = {{&sums.step_integral}},
                 of_ends[] = {{&ends}};
    ByExponent sum(of_sum), steps(of_steps), to(of_ends);
    sum.add(parts(from));
    for (std::size_t i = from + 1; i < from + count; ++i) {
      sum.add(parts(i));
      steps.add(parts(i - 1), apart(columns, i));
      to.add(parts(i), apart(columns, i));
    }
  }
  sums.slope_integral_twice = sums.step_integral;  // both are complete: what adds to them is gone
  sums.slope_integral_twice.merge(ends);
  return sums;
}

}  // namespace tundish::historian
