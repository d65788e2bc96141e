#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace tundish::calendar {

/// A day of each year, and a time of the clock on it: one end of daylight saving time.
struct YearlyMoment {
  enum class Kind : std::uint8_t {
    kMonthWeekDay,  ///< Mm.w.d: the w-th (5 = last) weekday d of month m
    kJulian,        ///< Jn: 1..365, the 29th of February is never counted
    kDayOfYear,     ///< n: 0..365, it is counted
  };
  Kind kind = Kind::kMonthWeekDay;
  int month = 1, week = 1, weekday = 0;  ///< weekday 0 is Sunday
  int day = 0;
  std::int32_t time_s = 2 * 3600;  ///< -167 h .. 167 h (RFC 8536, 3.3.1)

  /// Seconds since 1970 by the clock that is in force before it.
  std::int64_t clock_second(std::int32_t year) const;
};

/// The value of TZ as in POSIX.1-2017, 8.3, with the extensions of RFC 8536: `CET-1CEST,M3.5.0,M10.5.0/3`.
/// Offsets are local time - UTC, the other way round than in the text.
struct PosixRule {
  std::int32_t standard_offset_s = 0;
  struct Daylight {
    std::int32_t offset_s = 0;
    YearlyMoment start, end;
  };
  std::optional<Daylight> daylight;

  struct Change {
    std::int64_t at_s = 0;  ///< UTC
    std::int32_t offset_s = 0;
  };
  /// Both changes of a year, ascending; of two at the same second the one that stays comes last.
  /// Only with daylight.
  std::array<Change, 2> changes(std::int32_t year) const;
};

/// Errors: kInvalidArgument with the byte offset.
Result<PosixRule> parse_posix_rule(std::string_view text);

}  // namespace tundish::calendar
