#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calendar/calendar.h"
#include "calendar/zone.h"
#include "model/ports/model_reader.h"

namespace tundish::calendar {

enum class WindowKind : std::uint8_t { kHour, kShift, kDay, kWeek, kMonth, kYear };
/// `hour`, `shift`, ...; nothing for other words.
std::optional<WindowKind> parse_window_kind(std::string_view name);
std::string_view window_kind_name(WindowKind kind);

/// The most that one answer holds: stretches, or days of planned time.
inline constexpr std::size_t kStretchesMax = 100'000;

/// A calendar's versions and their zones as stretches of UTC. Immutable; any thread.
///
/// 1. A production day starts when the clock first shows its date and the start of the day, by the
///    version that holds on that date, and ends where the next one starts: 23 h, 25 h, or what lies
///    between where a new version moves the start.
/// 2. Weeks, months and years are whole production days. Hours follow the clock: they end at its full
///    hours and where it is changed. All of these adjoin without holes.
/// 3. Shifts lie within; what they leave open belongs to none.
///
/// A lookup is a few binary searches (about 0.1 us, timetable_bench.cc). Who walks along time keeps the window and
/// asks again at its end.
class Timetable {
 public:
  struct Version {
    Calendar calendar;
    std::shared_ptr<const Zone> zone;  ///< of calendar.time_zone
  };
  /// Versions in any order. Errors: kInvalidArgument (none, two for the same day, or check_calendar).
  static Result<Timetable> make(std::vector<Version> versions);
  /// Days from 00:00 in `zone`, weeks from Monday, no shifts: what holds without a calendar.
  static Timetable plain(std::shared_ptr<const Zone> zone);

  struct Window {
    WindowKind kind = WindowKind::kDay;
    TimeRange range;
    Date day;               ///< the production day, or the first of week, month and year
    std::size_t shift = 0;  ///< of kShift: its place in calendar_on(day).shifts
    bool operator==(const Window&) const = default;
  };

  /// The window with `time` in it; nothing between shifts. time < kTimeMax.
  std::optional<Window> window_at(WindowKind kind, TimeNs time) const;
  /// `2026-03-29T02:00+01:00` (hour), `2026-03-29 night B`, `2026-03-29`, `2026-W13` (or
  /// `week of 2026-03-29` where weeks do not start on Monday), `2026-03`, `2026`.
  std::string label_of(const Window& window) const;

  /// All windows that touch `range`, whole, ascending. Errors: kTooLarge.
  Result<std::vector<Stretch>> windows(WindowKind kind, TimeRange range) const;
  /// The time in `range` in which work is planned: that of the shifts (of all day, where there are none)
  /// without holidays and breaks. A shift counts for the production day in which it starts.
  /// Errors: kTooLarge.
  Result<DurationNs> planned_time(TimeRange range) const;

  Date production_day(TimeNs time) const;
  /// Where the production day starts; kTimeMin or kTimeMax outside TimeNs.
  TimeNs start_of(Date day) const;
  const Calendar& calendar_on(Date day) const;
  bool has_shifts() const;
  const std::vector<Version>& versions() const { return versions_; }

 private:
  explicit Timetable(std::vector<Version> versions);

  std::size_t version_on(Date day) const;
  std::size_t version_at(TimeNs time) const;
  TimeNs end_of_version(std::size_t version) const;
  Date first_day(WindowKind kind, Date day) const;
  Date next_first_day(WindowKind kind, Date first) const;
  Window hour_at(TimeNs time) const;
  std::optional<Window> shift_at(TimeNs time) const;
  TimeRange on_the_clock(const DailyStretch& stretch, Date day) const;

  /// Work of one production day, ascending: its shifts; with `all_day` the day where there are none.
  std::vector<Window> work_of_day(Date day, bool all_day) const;
  /// The work of all days around `range`, apart from each other. Errors: kTooLarge.
  Result<std::vector<Window>> work(TimeRange range, bool all_day) const;
  std::vector<TimeRange> breaks(TimeRange range) const;

  std::vector<Version> versions_;  ///< ascending by valid_from
  std::vector<TimeNs> starts_;     ///< where each version starts to hold, ascending; kTimeMin first
};

}  // namespace tundish::calendar
