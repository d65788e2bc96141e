#include "calendar/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tundish::calendar {

// Days from civil and back: eras of 400 years, years that start in March so that the leap day comes
// last. The arithmetic is that of H. Hinnant's paper "chrono-Compatible Low-Level Date Algorithms".
Date make_date(std::int32_t year, int month, int day) {
  const int months = month - 1;
  year += months >= 0 ? months / 12 : (months - 11) / 12;
  const int in_year = ((months % 12) + 12) % 12 + 1;
  const std::int32_t y = in_year <= 2 ? year - 1 : year;
  const std::int32_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int32_t year_of_era = y - era * 400;
  const std::int32_t day_of_year = (153 * (in_year + (in_year > 2 ? -3 : 9)) + 2) / 5;
  const std::int32_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return {era * 146'097 + day_of_era - 719'468 + day - 1};
}

YearMonthDay split(Date date) {
  const std::int32_t z = date.days + 719'468;
  const std::int32_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int32_t day_of_era = z - era * 146'097;
  const std::int32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int32_t shifted = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
          .month = month,
          .day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

Weekday weekday_of(Date date) {
  return static_cast<Weekday>(((date.days + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
}

bool is_leap_year(std::int32_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

IsoWeek iso_week_of(Date date) {
  const Date thursday = date + (3 - static_cast<int>(weekday_of(date)));
  const std::int32_t year = split(thursday).year;
  return {.year = year, .week = (thursday.days - make_date(year, 1, 1).days) / 7 + 1};
}

std::string format_date(Date date) {
  const auto [year, month, day] = split(date);
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

Result<Date> parse_date(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not a day such as 2026-03-29", text.substr(0, 20)));
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong();
  int parts[3] = {0, 0, 0};
  for (std::size_t i = 0; i < 10; ++i) {
    if (i == 4 || i == 7) continue;
    if (text[i] < '0' || text[i] > '9') return wrong();
    int& part = parts[i < 4 ? 0 : i < 7 ? 1 : 2];
    part = part * 10 + (text[i] - '0');
  }
  const Date date = make_date(parts[0], parts[1], parts[2]);
  if (parts[1] < 1 || parts[1] > 12 || split(date) != YearMonthDay{parts[0], parts[1], parts[2]})
    return wrong();
  if (date < kDateMin || date > kDateMax)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("a day here is {} to {}", format_date(kDateMin), format_date(kDateMax)));
  return date;
}

std::string_view weekday_name(Weekday day) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  return kNames[std::min<std::size_t>(static_cast<std::size_t>(day), 6)];
}

}  // namespace tundish::calendar
