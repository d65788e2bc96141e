#include "calendar/posix_rule.h"

#include <fmt/format.h>

#include <utility>

#include "calendar/date.h"

namespace tundish::calendar {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Walks over the text; after the first thing that does not fit every step does nothing.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == text_.size(); }
  std::size_t at() const { return at_; }
  char next() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (!ok_ || next() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) ok_ = false;
  }

  /// `CET` or `<+0330>`: three characters or more. Nobody needs it here.
  void name() {
    const bool quoted = take('<');
    const std::size_t start = at_;
    while (is_letter(next()) || (quoted && (is_digit(next()) || next() == '+' || next() == '-')))
      ++at_;
    if (at_ - start < 3) ok_ = false;
    if (quoted) expect('>');
  }
  /// Digits with a value of `low`..`high`.
  int number(int low, int high) {
    const std::size_t start = at_;
    int value = 0;
    while (is_digit(next()) && at_ - start < 4) value = value * 10 + (text_[at_++] - '0');
    if (at_ == start || value < low || value > high) ok_ = false;
    return ok_ ? value : low;
  }
  /// `[+-]hh[:mm[:ss]]` in seconds.
  std::int32_t time(int hours_max) {
    const bool minus = take('-');
    if (!minus) take('+');
    std::int32_t seconds = number(0, hours_max) * 3600;
    if (take(':')) {
      seconds += number(0, 59) * 60;
      if (take(':')) seconds += number(0, 59);
    }
    return minus ? -seconds : seconds;
  }
  YearlyMoment moment() {
    YearlyMoment moment;
    if (take('M')) {
      moment.month = number(1, 12);
      expect('.');
      moment.week = number(1, 5);
      expect('.');
      moment.weekday = number(0, 6);
    } else if (take('J')) {
      moment.kind = YearlyMoment::Kind::kJulian;
      moment.day = number(1, 365);
    } else {
      moment.kind = YearlyMoment::Kind::kDayOfYear;
      moment.day = number(0, 365);
    }
    if (take('/')) moment.time_s = time(167);
    return moment;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace

std::int64_t YearlyMoment::clock_second(std::int32_t year) const {
  Date date = make_date(year, 1, 1);
  switch (kind) {
    case Kind::kJulian: date = date + (day - 1 + (day >= 60 && is_leap_year(year) ? 1 : 0)); break;
    case Kind::kDayOfYear: date = date + day; break;
    case Kind::kMonthWeekDay: {
      const int wanted = (weekday + 6) % 7;  // Monday first, as Weekday
      const Date first = make_date(year, month, 1);
      const Date after = make_date(year, month + 1, 1);
      date = first + ((wanted - static_cast<int>(weekday_of(first)) + 7) % 7 + (week - 1) * 7);
      if (date >= after) date = date - 7;
      break;
    }
  }
  return date.days * kDaySeconds + time_s;
}

std::array<PosixRule::Change, 2> PosixRule::changes(std::int32_t year) const {
  const Daylight rule = daylight.value_or(Daylight{});
  const Change start{rule.start.clock_second(year) - standard_offset_s, rule.offset_s};
  const Change end{rule.end.clock_second(year) - rule.offset_s, standard_offset_s};
  // At the same second: daylight saving time that ends when the next begins lasts all year.
  return end.at_s <= start.at_s ? std::array{end, start} : std::array{start, end};
}

Result<PosixRule> parse_posix_rule(std::string_view text) {
  Reader reader(text);
  PosixRule rule;
  reader.name();
  rule.standard_offset_s = -reader.time(24);
  if (reader.ok() && !reader.at_end()) {
    PosixRule::Daylight daylight;
    reader.name();
    daylight.offset_s = rule.standard_offset_s + 3600;
    if (reader.next() != ',') daylight.offset_s = -reader.time(24);
    // POSIX leaves open what holds without the two days, and no file of tzdata is without.
    reader.expect(',');
    daylight.start = reader.moment();
    reader.expect(',');
    daylight.end = reader.moment();
    rule.daylight = daylight;
  }
  if (!reader.ok() || !reader.at_end()) {
    Error error{ErrorCode::kInvalidArgument,
                fmt::format("the rule of a time zone does not read on at byte {}", reader.at()),
                {},
                reader.at()};
    return fail(std::move(error));
  }
  return rule;
}

}  // namespace tundish::calendar
