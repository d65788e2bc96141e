#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/time_text.h"
#include "base/wide_int.h"

namespace tundish {
namespace {

/// Days since 1970-01-01 of a proleptic Gregorian date. Source: the era arithmetic of
/// H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

struct CivilDate {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

constexpr char kTwoDigits[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546"
    "4748"
    "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495"
    "969798"
    "99";

constexpr CivilDate civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * shifted + 2) / 5 + 1;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2), month, day};
}

constexpr unsigned days_in_month(std::int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

/// Takes exactly `digits` decimal digits off the front of `text`.
bool take_digits(std::string_view& text, std::size_t digits, unsigned& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::unexpected<Error> bad_time(std::string_view text, std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is not a time: {}; write 2026-11-23T08:15:00Z, "
                          "2026-11-23T16:15:00+08:00 or integer nanoseconds since 1970",
                          text.substr(0, 64), why));
}

bool is_integer(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  if (text.empty()) return false;
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return true;
}

}  // namespace

void append_time(std::string& out, TimeNs time) {
  std::int64_t days = time / kDay;
  std::int64_t rest = time % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  const CivilDate date = civil_from_days(days);
  const std::int64_t seconds = rest / kSecond;
  const std::int64_t fraction = rest % kSecond;
  // By hand, two digits at a time, since an answer has one for every sample.
  char text[] = "0000-00-00T00:00:00.000000000Z";
  const auto put = [&](std::size_t at, unsigned number) {
    text[at] = kTwoDigits[2 * number];
    text[at + 1] = kTwoDigits[2 * number + 1];
  };
  const auto year = static_cast<unsigned>(date.year);
  const auto second = static_cast<unsigned>(seconds);
  put(0, year / 100);
  put(2, year % 100);
  put(5, date.month);
  put(8, date.day);
  put(11, second / 3600);
  put(14, second / 60 % 60);
  put(17, second % 60);
  std::size_t size = 19;
  if (fraction != 0) {
    auto digits = static_cast<unsigned>(fraction);
    for (std::size_t at = 27; at >= 21; at -= 2, digits /= 100) put(at, digits % 100);
    text[20] = static_cast<char>('0' + digits);
    size = 29;
    while (text[size - 1] == '0') --size;
  }
  text[size++] = 'Z';
  out.append(text, size);
}

std::string format_time(TimeNs time) {
  std::string text;
  append_time(text, time);
  return text;
}

Result<TimeNs> parse_time(std::string_view text) {
  const std::string_view whole = text;
  if (is_integer(text)) {
    TimeNs time = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
    if (error != std::errc() || end != text.data() + text.size())
      return bad_time(whole, "it is outside 1677 to 2262");
    return time;
  }
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take_digits(text, 4, year) || !take_char(text, '-') || !take_digits(text, 2, month) ||
      !take_char(text, '-') || !take_digits(text, 2, day))
    return bad_time(whole, "a date like 2026-11-23 is missing");
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
    return bad_time(whole, "there is no such day");
  if (!take_char(text, 'T') && !take_char(text, 't') && !take_char(text, ' '))
    return bad_time(whole, "the time of day is missing");
  if (!take_digits(text, 2, hour) || !take_char(text, ':') || !take_digits(text, 2, minute))
    return bad_time(whole, "the time of day is not hh:mm:ss");
  if (take_char(text, ':') && !take_digits(text, 2, second))
    return bad_time(whole, "the seconds are not two digits");
  if (hour > 23 || minute > 59 || second > 60) return bad_time(whole, "there is no such hour");
  std::int64_t fraction = 0;
  if (take_char(text, '.') || take_char(text, ',')) {
    int digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      if (++digits > 9) return bad_time(whole, "more than nine digits of a second");
      fraction = fraction * 10 + (text.front() - '0');
      text.remove_prefix(1);
    }
    if (digits == 0) return bad_time(whole, "a fraction has no digits");
    for (; digits < 9; ++digits) fraction *= 10;
  }
  std::int64_t offset_s = 0;
  if (take_char(text, 'Z') || take_char(text, 'z')) {
    // UTC
  } else if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    unsigned offset_h = 0, offset_min = 0;
    if (!take_digits(text, 2, offset_h)) return bad_time(whole, "the zone is not like +08:00");
    take_char(text, ':');
    if (!text.empty() && !take_digits(text, 2, offset_min))
      return bad_time(whole, "the zone is not like +08:00");
    if (offset_h > 18 || offset_min > 59) return bad_time(whole, "there is no such zone");
    offset_s = sign * static_cast<std::int64_t>(offset_h * 3600 + offset_min * 60);
  } else {
    return bad_time(whole, "the zone is missing (end it with Z or +08:00)");
  }
  if (!text.empty()) return bad_time(whole, "there is something after it");
  const Int128 seconds = static_cast<Int128>(days_from_civil(year, month, day)) * 86400 +
                         hour * 3600 + minute * 60 + second - offset_s;
  const Int128 time = seconds * kSecond + fraction;
  if (time < kTimeMin || time > kTimeMax) return bad_time(whole, "it is outside 1677 to 2262");
  return static_cast<TimeNs>(time);
}

Result<TimeNs> parse_time(std::string_view text, TimeNs now) {
  std::string_view rest = text;
  if (rest.starts_with("now"))
    rest.remove_prefix(3);
  else if (rest.starts_with("*"))
    rest.remove_prefix(1);
  else
    return parse_time(text);
  if (rest.empty()) return now;
  const char sign = rest.front();
  if (sign != '-' && sign != '+') return bad_time(text, "after now comes - or + and a duration");
  TUNDISH_TRY(const DurationNs away, parse_duration(rest.substr(1)));
  TimeNs time = 0;
  const bool overflow = sign == '-' ? __builtin_sub_overflow(now, away, &time)
                                    : __builtin_add_overflow(now, away, &time);
  if (overflow) return bad_time(text, "it is outside 1677 to 2262");
  return time;
}

namespace {
constexpr std::array<std::pair<std::string_view, DurationNs>, 9> kUnits{{{"ns", 1},
                                                                         {"us", kMicrosecond},
                                                                         {"ms", kMillisecond},
                                                                         {"s", kSecond},
                                                                         {"min", kMinute},
                                                                         {"m", kMinute},
                                                                         {"h", kHour},
                                                                         {"d", kDay},
                                                                         {"w", 7 * kDay}}};
}  // namespace

Result<DurationNs> parse_duration(std::string_view text) {
  DurationNs count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error == std::errc() && count >= 0) {
    for (const auto& [name, length] : kUnits) {
      if (unit != name) continue;
      DurationNs duration = 0;
      if (!__builtin_mul_overflow(count, length, &duration)) return duration;
    }
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is not a duration; write a number and a unit of ns, us, ms, s, "
                          "min, h, d or w, for example 15min",
                          text.substr(0, 64)));
}

std::string format_duration(DurationNs duration) {
  constexpr std::array<std::pair<std::string_view, DurationNs>, 7> kLargestFirst{
      {{"d", kDay},
       {"h", kHour},
       {"min", kMinute},
       {"s", kSecond},
       {"ms", kMillisecond},
       {"us", kMicrosecond},
       {"ns", 1}}};
  for (const auto& [name, length] : kLargestFirst)
    if (duration % length == 0 && (duration != 0 || length == kSecond))
      return fmt::format("{}{}", duration / length, name);
  return fmt::format("{}ns", duration);
}

}  // namespace tundish
