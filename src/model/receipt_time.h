#pragma once

#include "base/time.h"

namespace tundish {

/// How much later than its receipt a sample may be.
inline constexpr DurationNs kFutureMax = 24 * kHour;
/// 2020-01-01: a clock that stands before it was never set.
inline constexpr TimeNs kClockSet = 1'577'836'800 * kSecond;

/// Latest time that a sample may have, or that may be deleted, at the door. A receiver whose own clock
/// was never set cannot judge anybody's time and lets everything pass: refusing would lose every
/// reading until somebody sets the clock. Only the door judges; applying a batch later, here or on a
/// replica, reads no clock (docs/decisions/future-times.md).
constexpr TimeNs latest_allowed(TimeNs receipt, DurationNs future_max = kFutureMax) {
  if (receipt < kClockSet) return kTimeMax;
  TimeNs latest = 0;
  return __builtin_add_overflow(receipt, future_max, &latest) ? kTimeMax : latest;
}

}  // namespace tundish
