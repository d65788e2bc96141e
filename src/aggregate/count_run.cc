#include "aggregate/count_run.h"

#include <algorithm>
#include <cmath>

namespace tundish::aggregate {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();

/// The first whole number above `limit`; nothing when that is none of 64 bits.
std::optional<std::int64_t> first_above(double limit) {
  if (limit < -kTwo63) return kLeast;
  if (!(limit < kTwo63)) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(std::floor(limit));
  return whole == kGreatest ? std::nullopt : std::optional(whole + 1);
}

std::optional<std::int64_t> last_below(double limit) {
  if (limit >= kTwo63) return kGreatest;
  if (!(limit > -kTwo63)) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(std::ceil(limit));
  return whole == kLeast ? std::nullopt : std::optional(whole - 1);
}

}  // namespace

CountRun::CountRun(std::optional<double> above, std::optional<double> below)
    : above_(above), below_(below) {
  const auto least = above ? first_above(*above) : kLeast;
  const auto greatest = below ? last_below(*below) : kGreatest;
  least_ = least && greatest ? *least : 1;
  greatest_ = least && greatest ? *greatest : 0;
}

CountRun::Place CountRun::place(ValueType type, std::uint64_t bits) const {
  if (type == ValueType::kDouble) {
    const double value = double_of(bits);
    if (above_ && value <= *above_) return Place::kBelow;
    return below_ && value >= *below_ ? Place::kAbove : Place::kBetween;
  }
  const auto value = static_cast<std::int64_t>(bits);
  if (value < least_) return Place::kBelow;
  return value > greatest_ ? Place::kAbove : Place::kBetween;
}

void CountRun::push(const Columns& piece) {
  if (piece.type != ValueType::kDouble && piece.type != ValueType::kInt64) return;
  for (std::size_t row = 0; row < piece.size(); ++row) {
    const double value = double_of(piece.bits[row]);
    if (!Quality{piece.qualities[row]}.is_good() ||
        (piece.type == ValueType::kDouble && value != value))
      continue;
    ++good_;
    counted_ += place(piece.type, piece.bits[row]) == Place::kBetween ? 1 : 0;
  }
}

bool CountRun::push(const SampleSummary& summary) {
  if (summary.type != ValueType::kDouble && summary.type != ValueType::kInt64) return true;
  // All samples lie where the smallest and the greatest do, or they have to be looked at.
  const Place where = place(summary.type, summary.min_bits);
  if (where != place(summary.type, summary.max_bits)) return false;
  good_ += summary.count;
  if (where == Place::kBetween) counted_ += summary.count;
  return true;
}

}  // namespace tundish::aggregate
