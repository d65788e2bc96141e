#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tundish::calendar {

/// A day of the proleptic Gregorian calendar, without a place: days since 1970-01-01.
struct Date {
  std::int32_t days = 0;

  auto operator<=>(const Date&) const = default;
  Date operator+(std::int32_t more) const { return {days + more}; }
  Date operator-(std::int32_t less) const { return {days - less}; }
};

struct YearMonthDay {
  std::int32_t year = 1970;
  int month = 1;  ///< 1..12
  int day = 1;    ///< 1..31

  bool operator==(const YearMonthDay&) const = default;
};

enum class Weekday : std::uint8_t {
  kMonday = 0,
  kTuesday,
  kWednesday,
  kThursday,
  kFriday,
  kSaturday,
  kSunday
};

/// The first and the last day that a calendar's text may name: every time of the program lies between.
inline constexpr Date kDateMin{-107'015};  // 1677-01-01
inline constexpr Date kDateMax{107'015};   // 2262-12-31

/// Year within -30,000..30,000; month and day may lie outside theirs and then carry over.
Date make_date(std::int32_t year, int month, int day);
YearMonthDay split(Date date);
Weekday weekday_of(Date date);
bool is_leap_year(std::int32_t year);
/// Year and week of ISO 8601 (2.2.10): weeks start on Monday, week 1 has the year's first Thursday.
struct IsoWeek {
  std::int32_t year = 1970;
  int week = 1;
};
IsoWeek iso_week_of(Date date);

/// `2026-03-29`.
std::string format_date(Date date);
/// The reverse, kDateMin..kDateMax. Errors: kInvalidArgument, also for a day that does not exist.
Result<Date> parse_date(std::string_view text);

/// `monday`; and back, nothing for other words.
std::string_view weekday_name(Weekday day);

}  // namespace tundish::calendar
