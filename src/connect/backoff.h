#pragma once

#include <algorithm>

#include "base/time.h"
#include "io/random.h"

namespace tundish::connect {

/// Pauses between attempts: doubling from `min` to `max`, each with jitter of its upper half, so
/// that a thousand clients of one restarted server do not come back in the same instant.
class Backoff {
 public:
  Backoff(DurationNs min, DurationNs max) : min_(min), max_(max), next_(min) {}

  /// The pause before the next attempt, in [p / 2, p] for p = min, 2 min, ..., max, and at least
  /// `min`.
  DurationNs next(io::Random& random) {
    const DurationNs full = next_;
    next_ = std::min(next_ * 2, max_);
    const DurationNs half = full / 2;
    return std::max(min_, half + static_cast<DurationNs>(
                                     random.below(static_cast<std::uint64_t>(full - half) + 1)));
  }
  void reset() { next_ = min_; }

 private:
  DurationNs min_;
  DurationNs max_;
  DurationNs next_;
};

}  // namespace tundish::connect
