#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tundish {

/// Nanoseconds since 1970-01-01 00:00:00 UTC, without leap seconds; negative before it. The range
/// is 1677-09-21 to 2262-04-11. Local time exists only in calendars and at the edges.
using TimeNs = std::int64_t;
/// A length of time in nanoseconds.
using DurationNs = std::int64_t;

inline constexpr DurationNs kMicrosecond = 1'000;
inline constexpr DurationNs kMillisecond = 1'000'000;
inline constexpr DurationNs kSecond = 1'000'000'000;
inline constexpr DurationNs kMinute = 60 * kSecond;
inline constexpr DurationNs kHour = 60 * kMinute;
inline constexpr DurationNs kDay = 24 * kHour;
inline constexpr TimeNs kTimeMin = std::numeric_limits<TimeNs>::min();
inline constexpr TimeNs kTimeMax = std::numeric_limits<TimeNs>::max();

/// Half-open: from <= t < to. Empty when from >= to.
struct TimeRange {
  TimeNs from = kTimeMin;
  TimeNs to = kTimeMax;
  bool operator==(const TimeRange&) const = default;
};

/// `2026-11-23T08:15:00.25Z`: UTC, as many fractional digits as are needed and no more.
std::string format_time(TimeNs time);

/// Integer nanoseconds (`1700000000000000000`) or ISO 8601 with a zone
/// (`2026-11-23T08:15:00.250Z`, `2026-11-23 16:15:00+08:00`, seconds and fraction optional).
/// Second 60 is the leap second and reads as the following second. Errors: kInvalidArgument for a
/// missing zone, a day that does not exist, more than 9 fractional digits, or a time out of range.
Result<TimeNs> parse_time(std::string_view text);

/// parse_time, and besides `now`, `now-8h`, `*-15min` relative to `now`. Units as parse_duration.
Result<TimeNs> parse_time(std::string_view text, TimeNs now);

/// `250ms`, `1s`, `15min`, `8h`, `1d`, `2w`; units ns us ms s min (or m) h d w; a plain number has
/// no unit and is refused. Errors: kInvalidArgument, also when it overflows.
Result<DurationNs> parse_duration(std::string_view text);

/// The largest unit that divides exactly: `90s`, `2h`.
std::string format_duration(DurationNs duration);

}  // namespace tundish
