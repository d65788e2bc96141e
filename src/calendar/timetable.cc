#include "calendar/timetable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/check.h"

namespace tundish::calendar {
namespace {

constexpr std::array<std::pair<std::string_view, WindowKind>, 6> kKinds = {{
    {"hour", WindowKind::kHour},
    {"shift", WindowKind::kShift},
    {"day", WindowKind::kDay},
    {"week", WindowKind::kWeek},
    {"month", WindowKind::kMonth},
    {"year", WindowKind::kYear},
}};

TimeNs plus(TimeNs time, DurationNs duration) {
  TimeNs sum = 0;
  if (__builtin_add_overflow(time, duration, &sum)) return duration < 0 ? kTimeMin : kTimeMax;
  return sum;
}

std::unexpected<Error> too_large() {
  return fail(
      ErrorCode::kTooLarge,
      fmt::format("that is more than {} stretches of time: ask for a shorter range or longer "
                  "stretches",
                  kStretchesMax));
}

}  // namespace

std::optional<WindowKind> parse_window_kind(std::string_view name) {
  const auto found =
      std::ranges::find(kKinds, name, &std::pair<std::string_view, WindowKind>::first);
  if (found == kKinds.end()) return std::nullopt;
  return found->second;
}

std::string_view window_kind_name(WindowKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].first;
}

Timetable::Timetable(std::vector<Version> versions) : versions_(std::move(versions)) {
  starts_.resize(versions_.size(), kTimeMin);
  for (std::size_t i = versions_.size(); i-- > 1;) {
    const auto& [calendar, zone] = versions_[i];
    starts_[i] = zone->from_local(*calendar.valid_from, calendar.day_start, Which::kFirst);
    // A zone so far to the west that the next version starts before this one: then this one never holds.
    if (i + 1 < versions_.size()) starts_[i] = std::min(starts_[i], starts_[i + 1]);
  }
}

Result<Timetable> Timetable::make(std::vector<Version> versions) {
  if (versions.empty()) return fail(ErrorCode::kInvalidArgument, "a calendar has a version");
  const auto key = [](const Version& version) {
    return version.calendar.valid_from.value_or(Date{std::numeric_limits<std::int32_t>::min()});
  };
  std::ranges::sort(versions, {}, key);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    TUNDISH_CHECK(versions[i].zone != nullptr);
    TUNDISH_RETURN_IF_ERROR(check_calendar(versions[i].calendar));
    if (i > 0 && key(versions[i]) == key(versions[i - 1]))
      return fail(ErrorCode::kInvalidArgument, "two versions hold from the same day", "valid_from");
  }
  return Timetable(std::move(versions));
}

Timetable Timetable::plain(std::shared_ptr<const Zone> zone) {
  TUNDISH_CHECK(zone != nullptr);
  std::vector<Version> versions(1);
  versions[0].zone = std::move(zone);
  return Timetable(std::move(versions));
}

// --- days ----------------------------------------------------------------------------------------

std::size_t Timetable::version_on(Date day) const {
  std::size_t version = versions_.size() - 1;
  while (version > 0 && day < *versions_[version].calendar.valid_from) --version;
  return version;
}

std::size_t Timetable::version_at(TimeNs time) const {
  std::size_t version = versions_.size() - 1;
  while (version > 0 && time < starts_[version]) --version;
  return version;
}

TimeNs Timetable::end_of_version(std::size_t version) const {
  return version + 1 < versions_.size() ? starts_[version + 1] : kTimeMax;
}

const Calendar& Timetable::calendar_on(Date day) const {
  return versions_[version_on(day)].calendar;
}

bool Timetable::has_shifts() const {
  return std::ranges::any_of(versions_,
                             [](const auto& version) { return !version.calendar.shifts.empty(); });
}

TimeNs Timetable::start_of(Date day) const {
  const std::size_t version = version_on(day);
  const auto& [calendar, zone] = versions_[version];
  return std::min(zone->from_local(day, calendar.day_start, Which::kFirst),
                  end_of_version(version));
}

Date Timetable::production_day(TimeNs time) const {
  const std::size_t version = version_at(time);
  const auto& [calendar, zone] = versions_[version];
  const auto start = [&, &zone = zone, &calendar = calendar](Date day) {
    return zone->from_local(day, calendar.day_start, Which::kFirst);
  };
  const LocalTime local = zone->to_local(time);
  Date day = local.time_of_day < calendar.day_start ? local.date - 1 : local.date;
  // Where the clock was changed the guess is a day off, in a zone that skipped a day two.
  while (start(day) > time) day = day - 1;
  while (day < kDateMax && start(day + 1) <= time) day = day + 1;
  if (version > 0) day = std::max(day, *calendar.valid_from);
  if (version + 1 < versions_.size())
    day = std::min(day, *versions_[version + 1].calendar.valid_from - 1);
  return day;
}

Date Timetable::first_day(WindowKind kind, Date day) const {
  const auto [year, month, day_of_month] = split(day);
  switch (kind) {
    case WindowKind::kWeek:
      while (weekday_of(day) != calendar_on(day).week_start) day = day - 1;
      return day;
    case WindowKind::kMonth: return day - (day_of_month - 1);
    case WindowKind::kYear: return make_date(year, 1, 1);
    default: return day;
  }
}

Date Timetable::next_first_day(WindowKind kind, Date first) const {
  const auto parts = split(first);
  switch (kind) {
    case WindowKind::kWeek:
      first = first + 1;
      while (weekday_of(first) != calendar_on(first).week_start) first = first + 1;
      return first;
    case WindowKind::kMonth: return make_date(parts.year, parts.month + 1, 1);
    case WindowKind::kYear: return make_date(parts.year + 1, 1, 1);
    default: return first + 1;
  }
}

// --- one window ------------------------------------------------------------------------------------

Timetable::Window Timetable::hour_at(TimeNs time) const {
  const std::size_t version = version_at(time);
  const Zone& zone = *versions_[version].zone;
  const DurationNs into = zone.to_local(time).time_of_day % kHour;
  TimeNs from = plus(time, -into), to = plus(time, kHour - into);
  from = std::max({from, zone.last_change(time), starts_[version]});
  to = std::min({to, zone.next_change(time), end_of_version(version)});
  return {.kind = WindowKind::kHour, .range = {from, to}, .day = production_day(from)};
}

TimeRange Timetable::on_the_clock(const DailyStretch& stretch, Date day) const {
  const auto& [calendar, zone] = versions_[version_on(day)];
  const Date date = stretch.from >= calendar.day_start ? day : day + 1;
  return {zone->from_local(date, stretch.from, Which::kFirst),
          zone->from_local(date, stretch.from + stretch.length, Which::kFirst)};
}

std::optional<Timetable::Window> Timetable::shift_at(TimeNs time) const {
  const Date day = production_day(time);
  if (version_on(day - 3) != version_on(day + 2)) {
    // Here a shift may be cut off by one of the next version.
    const auto near = work({time, plus(time, 1)}, false);
    if (!near) return std::nullopt;
    for (const auto& window : *near)
      if (window.range.from <= time && time < window.range.to) return window;
    return std::nullopt;
  }
  // A shift lasts 24 h of the clock at most, so it started in this production day or in the last.
  const auto& calendar = calendar_on(day);
  for (const Date start : {day, day - 1})
    for (std::size_t i = 0; i < calendar.shifts.size(); ++i) {
      if (!has_day(calendar.shifts[i].on, weekday_of(start))) continue;
      const TimeRange range = on_the_clock(calendar.shifts[i], start);
      if (range.from <= time && time < range.to)
        return Window{.kind = WindowKind::kShift, .range = range, .day = start, .shift = i};
    }
  return std::nullopt;
}

std::optional<Timetable::Window> Timetable::window_at(WindowKind kind, TimeNs time) const {
  if (kind == WindowKind::kHour) return hour_at(time);
  if (kind == WindowKind::kShift) return shift_at(time);
  const Date first = first_day(kind, production_day(time));
  return Window{.kind = kind,
                .range = {start_of(first), start_of(next_first_day(kind, first))},
                .day = first};
}

std::string Timetable::label_of(const Window& window) const {
  const auto parts = split(window.day);
  switch (window.kind) {
    case WindowKind::kHour: {
      const auto local = versions_[version_at(window.range.from)].zone->to_local(window.range.from);
      const auto second = local.time_of_day / kSecond;
      auto text =
          fmt::format("{}T{:02}:{:02}", format_date(local.date), second / 3600, second / 60 % 60);
      if (second % 60 != 0) text += fmt::format(":{:02}", second % 60);
      return text + format_offset(local.offset_s);
    }
    case WindowKind::kShift: {
      const auto& calendar = calendar_on(window.day);
      const auto& crew = calendar.crew_of(window.shift, window.day);
      return fmt::format("{} {}{}{}", format_date(window.day), calendar.shifts[window.shift].name,
                         crew.empty() ? "" : " ", crew);
    }
    case WindowKind::kWeek: {
      if (weekday_of(window.day) != Weekday::kMonday) return "week of " + format_date(window.day);
      const IsoWeek week = iso_week_of(window.day);
      return fmt::format("{:04}-W{:02}", week.year, week.week);
    }
    case WindowKind::kMonth: return fmt::format("{:04}-{:02}", parts.year, parts.month);
    case WindowKind::kYear: return fmt::format("{:04}", parts.year);
    case WindowKind::kDay: break;
  }
  return format_date(window.day);
}

// --- many ----------------------------------------------------------------------------------------

Result<std::vector<Stretch>> Timetable::windows(WindowKind kind, TimeRange range) const {
  std::vector<Stretch> found;
  if (range.from >= range.to) return found;
  if (kind == WindowKind::kShift) {
    TUNDISH_TRY(const auto shifts, work(range, false));
    for (const auto& shift : shifts) {
      if (shift.range.to <= range.from || shift.range.from >= range.to) continue;
      if (found.size() == kStretchesMax) return too_large();
      found.push_back({shift.range, label_of(shift)});
    }
    return found;
  }
  for (TimeNs time = range.from; time < range.to;) {
    const Window window = *window_at(kind, time);
    if (found.size() == kStretchesMax) return too_large();
    found.push_back({window.range, label_of(window)});
    TUNDISH_CHECK(window.range.to > time);
    time = window.range.to;
  }
  return found;
}

std::vector<Timetable::Window> Timetable::work_of_day(Date day, bool all_day) const {
  std::vector<Window> out;
  const std::size_t version = version_on(day);
  const Calendar& calendar = versions_[version].calendar;
  for (std::size_t i = 0; i < calendar.shifts.size(); ++i)
    if (has_day(calendar.shifts[i].on, weekday_of(day)))
      out.push_back({.kind = WindowKind::kShift,
                     .range = on_the_clock(calendar.shifts[i], day),
                     .day = day,
                     .shift = i});
  if (all_day && calendar.shifts.empty())
    out.push_back(
        {.kind = WindowKind::kDay, .range = {start_of(day), start_of(day + 1)}, .day = day});
  // What would start under another version is that version's to say.
  std::erase_if(out, [&](const Window& window) {
    return window.range.from >= std::min(window.range.to, end_of_version(version));
  });
  std::ranges::sort(out, {}, [](const Window& window) { return window.range.from; });
  return out;
}

Result<std::vector<Timetable::Window>> Timetable::work(TimeRange range, bool all_day) const {
  std::vector<Window> found;
  for (Date day = production_day(range.from) - 3; day <= kDateMax; day = day + 1) {
    if (start_of(day - 2) >= range.to) break;
    for (const auto& next : work_of_day(day, all_day)) {
      // Only where a version ends: its last shift gives way to the first of the next.
      while (!found.empty() && found.back().range.to > next.range.from) {
        found.back().range.to = next.range.from;
        if (found.back().range.from < found.back().range.to) break;
        found.pop_back();
      }
      found.push_back(next);
      if (found.size() > kStretchesMax + 100) return too_large();
    }
  }
  return found;
}

std::vector<TimeRange> Timetable::breaks(TimeRange range) const {
  std::vector<TimeRange> all;
  for (Date day = production_day(range.from) - 3; day <= kDateMax; day = day + 1) {
    if (start_of(day - 2) >= range.to) break;
    for (const auto& one : calendar_on(day).breaks)
      if (has_day(one.on, weekday_of(day))) all.push_back(on_the_clock(one, day));
  }
  std::ranges::sort(all, {}, &TimeRange::from);
  return all;
}

Result<DurationNs> Timetable::planned_time(TimeRange range) const {
  if (range.from >= range.to) return 0;
  const auto days = static_cast<std::int64_t>(production_day(range.to - 1).days) -
                    production_day(range.from).days;
  if (days > static_cast<std::int64_t>(kStretchesMax)) return too_large();
  TUNDISH_TRY(const auto planned, work(range, true));
  const auto pauses = breaks(range);
  DurationNs total = 0;
  std::size_t pause = 0;
  TimeNs paused_until = kTimeMin;  // breaks may overlap each other
  for (const auto& window : planned) {
    TimeNs at = std::max(window.range.from, range.from);
    const TimeNs to = std::min(window.range.to, range.to);
    if (at >= to || calendar_on(window.day).is_holiday(window.day)) continue;
    at = std::max(at, paused_until);
    for (; pause < pauses.size() && pauses[pause].from < to; ++pause) {
      if (pauses[pause].from > at) total += pauses[pause].from - at;
      paused_until = std::max(paused_until, pauses[pause].to);
      at = std::max(at, paused_until);
    }
    if (at < to) total += to - at;
  }
  return total;
}

}  // namespace tundish::calendar
