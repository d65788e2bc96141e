#include "calendar/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "model/text.h"

namespace tundish::calendar {
namespace {

constexpr std::size_t kWordBytesMax = 200;
constexpr std::size_t kNameBytesMax = 60;

bool is_clock_time(DurationNs time, DurationNs low, DurationNs high) {
  return time >= low && time <= high && time % kMinute == 0;
}

Status check_words(const Words& words, std::string_view field) {
  if (words.size() > 20)
    return fail(ErrorCode::kTooLarge, "at most 20 languages", std::string(field));
  for (const auto& [language, word] : words) {
    TUNDISH_RETURN_IF_ERROR(check_text(language, 1, 12, field));
    TUNDISH_RETURN_IF_ERROR(check_text(word, 0, kWordBytesMax, field));
  }
  return {};
}

/// Names of one kind: not empty, without spaces (labels are split at them), each there once.
class NameCheck {
 public:
  Status operator()(const std::string& name, std::string_view field) {
    TUNDISH_RETURN_IF_ERROR(check_text(name, 1, kNameBytesMax, field));
    if (name.find(' ') != std::string::npos)
      return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' has a space in it", name),
                  std::string(field));
    if (!seen_.insert(name).second)
      return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is here twice", name),
                  std::string(field));
    return {};
  }

 private:
  std::set<std::string, std::less<>> seen_;
};

Status check_stretches(const std::vector<DailyStretch>& stretches, std::size_t most,
                       std::string_view field) {
  if (stretches.size() > most)
    return fail(ErrorCode::kTooLarge, fmt::format("at most {} {}", most, field),
                std::string(field));
  NameCheck name;
  for (const auto& stretch : stretches) {
    TUNDISH_RETURN_IF_ERROR(name(stretch.name, field));
    TUNDISH_RETURN_IF_ERROR(check_words(stretch.words, field));
    if (!is_clock_time(stretch.from, 0, kDay - kMinute) ||
        !is_clock_time(stretch.length, kMinute, kDay) || stretch.on == 0 || stretch.on > kEveryDay)
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("'{}' starts at a minute of the day and lasts at most 24 h, on a day of "
                      "the week",
                      stretch.name),
          std::string(field));
  }
  return {};
}

Status check_crews(const Crews& crews, std::size_t shifts) {
  const auto wrong = [](std::string message) {
    return fail(ErrorCode::kInvalidArgument, std::move(message), "crews");
  };
  if (crews.anchor < kDateMin || crews.anchor > kDateMax) return wrong("no such anchor");
  if (shifts == 0 || crews.cycle.size() != shifts) return wrong("one row of crews a shift");
  const std::size_t days = crews.cycle.front().size();
  if (days == 0 || days > kCycleDaysMax)
    return wrong(fmt::format("a cycle has 1 to {} days", kCycleDaysMax));
  for (const auto& row : crews.cycle) {
    if (row.size() != days) return wrong("all rows of a cycle are as long");
    for (const auto& crew : row) {
      TUNDISH_RETURN_IF_ERROR(check_text(crew, 0, kNameBytesMax, "crews"));
      if (crew.find(' ') != std::string::npos || crew == "-")
        return wrong(fmt::format("a crew's name has no space and is not -: '{}'", crew));
    }
  }
  return {};
}

/// `within` names another reason, and leads upwards to one that is in no group.
Status check_groups(const std::vector<DowntimeReason>& reasons) {
  std::map<std::string_view, std::string_view> group_of;
  for (const auto& reason : reasons) group_of[reason.code] = reason.within;
  for (const auto& reason : reasons) {
    std::size_t levels = 0;
    for (std::string_view at = reason.within; !at.empty(); at = group_of[at]) {
      if (!group_of.contains(at))
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("'{}' is within '{}', and there is no such downtime reason",
                                reason.code, at),
                    "downtime_reasons." + reason.code + ".within");
      if (++levels > kReasonLevelsMax)
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("'{}' lies in more than {} groups, or in itself", reason.code,
                                kReasonLevelsMax),
                    "downtime_reasons." + reason.code + ".within");
    }
  }
  return {};
}

}  // namespace

bool Calendar::is_holiday(Date day) const {
  return std::ranges::binary_search(holidays, day, {}, &Holiday::date);
}

const std::string& Calendar::crew_of(std::size_t shift, Date day) const {
  static const std::string kNobody;
  if (!crews) return kNobody;
  const auto& row = crews->cycle[shift];
  const auto days = static_cast<std::int32_t>(row.size());
  const std::int32_t at = (day.days - crews->anchor.days) % days;
  return row[static_cast<std::size_t>(at < 0 ? at + days : at)];
}

std::optional<std::pair<std::size_t, std::size_t>> overlap_of(
    const std::vector<DailyStretch>& stretches, DurationNs day_start) {
  struct Piece {
    DurationNs from, to;
    std::size_t stretch;
  };
  constexpr DurationNs kWeek = 7 * kDay;
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < stretches.size(); ++i)
    for (int day = 0; day < 7; ++day) {
      if (!has_day(stretches[i].on, static_cast<Weekday>(day))) continue;
      const DurationNs in_day = (stretches[i].from - day_start + kDay) % kDay;
      pieces.push_back({day * kDay + in_day, day * kDay + in_day + stretches[i].length, i});
    }
  std::ranges::sort(pieces, {}, &Piece::from);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    const Piece& next = pieces[last ? 0 : i + 1];
    if (pieces[i].to > next.from + (last ? kWeek : 0))
      return std::pair(std::min(pieces[i].stretch, next.stretch),
                       std::max(pieces[i].stretch, next.stretch));
  }
  return std::nullopt;
}

bool is_calendar_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Status check_calendar(const Calendar& calendar) {
  if (!is_calendar_name(calendar.name))
    return fail(ErrorCode::kInvalidArgument,
                "the name of a calendar is 1 to 60 lower-case letters, digits, _ and -", "name");
  TUNDISH_RETURN_IF_ERROR(check_text(calendar.time_zone, 1, 64, "time_zone"));
  if (calendar.valid_from && (*calendar.valid_from < kDateMin || *calendar.valid_from > kDateMax))
    return fail(ErrorCode::kInvalidArgument, "no such day", "valid_from");
  if (!is_clock_time(calendar.day_start, 0, kDay - kMinute))
    return fail(ErrorCode::kInvalidArgument, "a day starts at a minute of the day", "day_starts");
  TUNDISH_RETURN_IF_ERROR(check_stretches(calendar.shifts, kShiftsMax, "shifts"));
  TUNDISH_RETURN_IF_ERROR(check_stretches(calendar.breaks, kBreaksMax, "breaks"));
  if (const auto both = overlap_of(calendar.shifts, calendar.day_start))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the shifts '{}' and '{}' overlap", calendar.shifts[both->first].name,
                            calendar.shifts[both->second].name),
                "shifts");
  if (calendar.crews) TUNDISH_RETURN_IF_ERROR(check_crews(*calendar.crews, calendar.shifts.size()));

  if (calendar.holidays.size() > kHolidaysMax || calendar.targets.size() > kTargetsMax ||
      calendar.downtime_reasons.size() > kReasonsMax)
    return fail(ErrorCode::kTooLarge, "too many holidays, targets or downtime reasons");
  for (std::size_t i = 0; i < calendar.holidays.size(); ++i) {
    const auto& holiday = calendar.holidays[i];
    TUNDISH_RETURN_IF_ERROR(check_words(holiday.words, "holidays"));
    if (holiday.date < kDateMin || holiday.date > kDateMax ||
        (i > 0 && holiday.date <= calendar.holidays[i - 1].date))
      return fail(ErrorCode::kInvalidArgument, "holidays ascend", "holidays");
  }
  NameCheck target_name, code;
  for (const auto& [name, value] : calendar.targets) {
    TUNDISH_RETURN_IF_ERROR(target_name(name, "targets"));
    if (!std::isfinite(value))
      return fail(ErrorCode::kInvalidArgument, "a target is a number", "targets");
  }
  for (const auto& reason : calendar.downtime_reasons) {
    TUNDISH_RETURN_IF_ERROR(code(reason.code, "downtime_reasons"));
    TUNDISH_RETURN_IF_ERROR(check_words(reason.words, "downtime_reasons"));
  }
  return check_groups(calendar.downtime_reasons);
}

}  // namespace tundish::calendar
