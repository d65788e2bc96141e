#include "model/valid_range.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tundish {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr std::int64_t kWholeMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kWholeMax = std::numeric_limits<std::int64_t>::max();

constexpr bool is_bad(std::uint32_t code) { return Quality{code}.is_bad(); }

}  // namespace

ValidRange::ValidRange(const Limits& limits)
    : low_(std::max(limits.low, std::numeric_limits<double>::lowest())),
      high_(std::min(limits.high, std::numeric_limits<double>::max())),
      low_whole_(1),
      high_whole_(0) {
  const double lowest = std::ceil(low_), highest = std::floor(high_);
  if (lowest >= kTwoTo63 || highest < -kTwoTo63) return;
  low_whole_ = lowest < -kTwoTo63 ? kWholeMin : static_cast<std::int64_t>(lowest);
  high_whole_ = highest >= kTwoTo63 ? kWholeMax : static_cast<std::int64_t>(highest);
}

bool ValidRange::holds(const Value& value) const {
  if (const auto* number = std::get_if<double>(&value)) return holds(*number);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return holds(*whole);
  return true;
}

bool ValidRange::any_outside(const Columns& columns) const {
  // Without branches: nearly always the answer is no, after all of them.
  unsigned outside = 0;
  if (columns.type == ValueType::kDouble) {
    for (const std::uint64_t bits : columns.bits) {
      const double value = double_of(bits);
      outside |= static_cast<unsigned>(value < low_) | static_cast<unsigned>(value > high_);
    }
  } else if (columns.type == ValueType::kInt64) {
    for (const std::uint64_t bits : columns.bits) {
      const auto value = static_cast<std::int64_t>(bits);
      outside |=
          static_cast<unsigned>(value < low_whole_) | static_cast<unsigned>(value > high_whole_);
    }
  }
  return outside != 0;
}

bool ValidRange::any_outside(const SampleSummary& summary) const {
  const auto outside = [&](std::uint64_t bits) {
    if (summary.type == ValueType::kDouble) return !holds(double_of(bits));
    return summary.type == ValueType::kInt64 && !holds(static_cast<std::int64_t>(bits));
  };
  return outside(summary.min_bits) || outside(summary.max_bits);
}

void ValidRange::judge(Columns& columns) const {
  const auto judge_all = [&](auto value_of) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (!holds(value_of(columns.bits[i])) && !is_bad(columns.qualities[i]))
        columns.qualities[i] = kBadOutOfRange.code;
  };
  if (columns.type == ValueType::kDouble)
    judge_all([](std::uint64_t bits) { return double_of(bits); });
  else if (columns.type == ValueType::kInt64)
    judge_all([](std::uint64_t bits) { return static_cast<std::int64_t>(bits); });
}

}  // namespace tundish
