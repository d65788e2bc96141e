#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"

namespace tundish::compute {

/// Stretches of time, ascending and apart. At most kRangesMax: the two nearest are joined then.
class DirtyRanges {
 public:
  void add(TimeRange range);
  const std::vector<TimeRange>& ranges() const { return ranges_; }
  bool empty() const { return ranges_.empty(); }
  void clear() { ranges_.clear(); }
  void take_front() { ranges_.erase(ranges_.begin()); }

  static constexpr std::size_t kRangesMax = 16;

 private:
  std::vector<TimeRange> ranges_;
};

}  // namespace tundish::compute
