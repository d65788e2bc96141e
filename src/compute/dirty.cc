#include "compute/dirty.h"

#include <algorithm>

namespace tundish::compute {

void DirtyRanges::add(TimeRange range) {
  if (range.from >= range.to) return;
  // All that touch it become one with it.
  const auto first = std::ranges::lower_bound(ranges_, range.from, {}, &TimeRange::to);
  auto last = first;
  while (last != ranges_.end() && last->from <= range.to) {
    range.from = std::min(range.from, last->from);
    range.to = std::max(range.to, last->to);
    ++last;
  }
  const auto at = ranges_.erase(first, last);
  ranges_.insert(at, range);
  if (ranges_.size() <= kRangesMax) return;
  std::size_t nearest = 0;
  for (std::size_t i = 1; i + 1 < ranges_.size(); ++i)
    if (static_cast<std::uint64_t>(ranges_[i + 1].from) -
            static_cast<std::uint64_t>(ranges_[i].to) <
        static_cast<std::uint64_t>(ranges_[nearest + 1].from) -
            static_cast<std::uint64_t>(ranges_[nearest].to))
      nearest = i;
  ranges_[nearest].to = ranges_[nearest + 1].to;
  ranges_.erase(ranges_.begin() + static_cast<std::ptrdiff_t>(nearest) + 1);
}

}  // namespace tundish::compute
