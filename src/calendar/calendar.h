#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calendar/date.h"
#include "model/words.h"

// What a plant's calendar says (docs/formats/calendar.md). Times of the day are times of the clock: a shift
// from 22:00 to 06:00 is 7, 8 or 9 hours long, as the clock has it that night.

namespace tundish::calendar {

/// Bit 0 is Monday.
using Weekdays = std::uint8_t;
inline constexpr Weekdays kEveryDay = 0x7F;
constexpr bool has_day(Weekdays days, Weekday day) {
  return (days >> static_cast<unsigned>(day) & 1) != 0;
}

/// A stretch of the clock that returns on some days of the week: a shift, a break. It belongs to the
/// production day in which it starts: with days from 08:00 a shift from 00:00 on Tuesday is Monday's.
struct DailyStretch {
  std::string name;
  Words words;
  DurationNs from = 0;      ///< 0 <= .. < 24 h, whole minutes
  DurationNs length = 0;    ///< 0 < .. <= 24 h, whole minutes; may go over midnight
  Weekdays on = kEveryDay;  ///< of the production day
  bool operator==(const DailyStretch&) const = default;
};

/// Who works which shift: a cycle of days that starts at `anchor` and goes on in both directions.
struct Crews {
  Date anchor;
  /// Per shift, in their order: a crew for each day of the cycle, empty for none. All as long.
  std::vector<std::vector<std::string>> cycle;
  bool operator==(const Crews&) const = default;
};

/// A production day without planned time. Its shifts are still there: someone may work.
struct Holiday {
  Date date;
  Words words;
  bool operator==(const Holiday&) const = default;
};

struct DowntimeReason {
  std::string code;
  Words words;
  bool planned = false;
  std::string within = {};  ///< code of another reason, whose group it belongs to; in no circle
  bool operator==(const DowntimeReason&) const = default;
};

struct Calendar {
  std::string name;                ///< 1..60 of [a-z0-9_-]
  std::optional<Date> valid_from;  ///< production day; the first version holds before it, too
  std::string time_zone;           ///< IANA
  DurationNs day_start = 0;        ///< 0 <= .. < 24 h, whole minutes
  Weekday week_start = Weekday::kMonday;
  std::vector<DailyStretch> shifts;
  std::optional<Crews> crews;
  std::vector<Holiday> holidays;  ///< ascending
  std::vector<DailyStretch> breaks;
  std::vector<std::pair<std::string, double>> targets;  ///< KPI, value in the KPI's unit
  std::vector<DowntimeReason> downtime_reasons;
  bool operator==(const Calendar&) const = default;

  bool is_holiday(Date day) const;
  /// Empty when nobody is named.
  const std::string& crew_of(std::size_t shift, Date day) const;
};

inline constexpr std::size_t kShiftsMax = 24;
inline constexpr std::size_t kBreaksMax = 48;
inline constexpr std::size_t kCycleDaysMax = 400;
inline constexpr std::size_t kHolidaysMax = 10'000;
inline constexpr std::size_t kTargetsMax = 1'000;
inline constexpr std::size_t kReasonsMax = 1'000;
inline constexpr std::size_t kReasonLevelsMax = 8;  ///< groups one above the other

/// Two stretches (by index) that cover the same time of some week; nothing when all lie apart. For
/// shifts, which answer what a moment belongs to and so cannot overlap.
std::optional<std::pair<std::size_t, std::size_t>> overlap_of(
    const std::vector<DailyStretch>& stretches, DurationNs day_start);

/// Whether a calendar can have that name, which stands in addresses.
bool is_calendar_name(std::string_view name);

/// Everything that the comments above ask for. Errors: kInvalidArgument, the field in `where`.
Status check_calendar(const Calendar& calendar);

}  // namespace tundish::calendar
