#pragma once

#include <string_view>

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

/// The unit that a time was meant in, if as nanoseconds it lies in the first weeks of 1970 and read so it
/// lies between 2000 and 2100: `seconds`, `milliseconds`, `microseconds`; else empty. A clock that
/// started at 1970 gives such times as well, so it is no reason to refuse one.
constexpr std::string_view likely_unit(TimeNs time) {
  constexpr TimeNs kFrom = 946'684'800;  // 2000-01-01 in seconds
  constexpr TimeNs kTo = 4'102'444'800;  // 2100-01-01
  if (time < kFrom || time >= kTo * 1'000'000) return {};
  if (time < kTo) return "seconds";
  if (time >= kFrom * 1'000 && time < kTo * 1'000) return "milliseconds";
  return time >= kFrom * 1'000'000 ? "microseconds" : "";
}

}  // namespace tundish
