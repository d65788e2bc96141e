#include "calendar/timetable.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <set>

#include "calendar/zone_testing.h"

namespace tundish::calendar {
namespace {

constexpr std::array kAdjoining = {WindowKind::kHour, WindowKind::kDay, WindowKind::kWeek,
                                   WindowKind::kMonth, WindowKind::kYear};

std::shared_ptr<const Zone> shared_zone(const std::string& name) {
  return std::make_shared<const Zone>(system_zone(name));
}

DailyStretch stretch(std::string name, DurationNs from, DurationNs length,
                     Weekdays on = kEveryDay) {
  return {.name = std::move(name), .words = {}, .from = from, .length = length, .on = on};
}

/// Days from 08:00, three shifts from 06:00 on, crews A to D who change every two days.
Calendar works(std::string zone = "Europe/Berlin") {
  Calendar calendar;
  calendar.name = "works";
  calendar.time_zone = std::move(zone);
  calendar.day_start = 8 * kHour;
  calendar.shifts = {stretch("early", 8 * kHour, 8 * kHour), stretch("late", 16 * kHour, 8 * kHour),
                     stretch("night", 0, 8 * kHour)};
  calendar.crews = Crews{.anchor = make_date(2026, 1, 5),
                         .cycle = {{"A", "A", "B", "B", "C", "C", "D", "D"},
                                   {"D", "D", "A", "A", "B", "B", "C", "C"},
                                   {"C", "C", "D", "D", "A", "A", "B", "B"}}};
  return calendar;
}

Timetable table_of(Calendar calendar) {
  const auto zone = shared_zone(calendar.time_zone);
  auto made = Timetable::make({{std::move(calendar), zone}});
  EXPECT_TRUE(made) << made.error().to_string();
  return *made;
}

std::vector<Stretch> windows(const Timetable& table, WindowKind kind, TimeRange range) {
  auto found = table.windows(kind, range);
  EXPECT_TRUE(found) << found.error().to_string();
  return found.value_or(std::vector<Stretch>());
}

std::vector<std::string> written(const std::vector<Stretch>& stretches) {
  std::vector<std::string> all;
  for (const auto& one : stretches)
    all.push_back(one.label + ": " + format_time(one.range.from) + " " +
                  format_duration(one.range.to - one.range.from));
  return all;
}
using Lines = std::vector<std::string>;

// --- days ----------------------------------------------------------------------------------------

TEST(Timetable, ProductionDaysOf23And25Hours) {
  const auto table = table_of(works());
  EXPECT_EQ(written(windows(table, WindowKind::kDay,
                            {utc("2026-03-28T08:00:00+01:00"), utc("2026-03-30T08:00:00+02:00")})),
            (Lines{"2026-03-28: 2026-03-28T07:00:00Z 23h", "2026-03-29: 2026-03-29T06:00:00Z 1d"}));
  EXPECT_EQ(written(windows(table, WindowKind::kDay,
                            {utc("2026-10-24T12:00:00Z"), utc("2026-10-25T12:00:00Z")})),
            (Lines{"2026-10-24: 2026-10-24T06:00:00Z 25h", "2026-10-25: 2026-10-25T07:00:00Z 1d"}));
}

TEST(Timetable, ADayThatStartsInAGapOrTwice) {
  auto calendar = works();
  calendar.day_start = 2 * kHour + 30 * kMinute;
  calendar.shifts.clear();
  calendar.crews.reset();
  const auto table = table_of(calendar);
  // 02:30 is skipped: the day starts at the jump. 02:30 comes twice: it starts at the first.
  EXPECT_EQ(written(windows(table, WindowKind::kDay,
                            {utc("2026-03-28T12:00:00Z"), utc("2026-03-29T12:00:00Z")})),
            (Lines{"2026-03-28: 2026-03-28T01:30:00Z 1410min",
                   "2026-03-29: 2026-03-29T01:00:00Z 1410min"}));
  EXPECT_EQ(written(windows(table, WindowKind::kDay,
                            {utc("2026-10-24T12:00:00Z"), utc("2026-10-25T12:00:00Z")})),
            (Lines{"2026-10-24: 2026-10-24T00:30:00Z 1d", "2026-10-25: 2026-10-25T00:30:00Z 25h"}));
}

TEST(Timetable, WeeksMonthsAndYearsAreProductionDays) {
  auto calendar = works("Asia/Shanghai");
  const auto table = table_of(calendar);
  const TimeNs time = utc("2026-04-01T07:59:59+08:00");  // still the 31st of March
  EXPECT_EQ(table.label_of(*table.window_at(WindowKind::kDay, time)), "2026-03-31");
  const auto month = *table.window_at(WindowKind::kMonth, time);
  EXPECT_EQ(table.label_of(month), "2026-03");
  EXPECT_EQ(month.range,
            (TimeRange{utc("2026-03-01T08:00:00+08:00"), utc("2026-04-01T08:00:00+08:00")}));
  const auto week = *table.window_at(WindowKind::kWeek, time);
  EXPECT_EQ(table.label_of(week), "2026-W14");
  EXPECT_EQ(week.range.from, utc("2026-03-30T08:00:00+08:00"));
  const auto year = *table.window_at(WindowKind::kYear, utc("2027-01-01T07:00:00+08:00"));
  EXPECT_EQ(table.label_of(year), "2026");
  EXPECT_EQ(year.range.to, utc("2027-01-01T08:00:00+08:00"));

  calendar.week_start = Weekday::kSunday;
  const auto sundays = table_of(calendar);
  EXPECT_EQ(sundays.label_of(*sundays.window_at(WindowKind::kWeek, time)), "week of 2026-03-29");
}

TEST(Timetable, ADateThatAPlaceLeftOutHasNoDay) {
  const auto table = Timetable::plain(shared_zone("Pacific/Apia"));
  const auto days =
      windows(table, WindowKind::kDay, {utc("2011-12-29T12:00:00Z"), utc("2011-12-31T12:00:00Z")});
  EXPECT_EQ(written(days),
            (Lines{"2011-12-29: 2011-12-29T10:00:00Z 1d", "2011-12-31: 2011-12-30T10:00:00Z 1d",
                   "2012-01-01: 2011-12-31T10:00:00Z 1d"}));
}

// --- hours -----------------------------------------------------------------------------------------

TEST(Timetable, HoursFollowTheClock) {
  const auto berlin = Timetable::plain(shared_zone("Europe/Berlin"));
  EXPECT_EQ(written(windows(berlin, WindowKind::kHour,
                            {utc("2026-10-25T00:00:00Z"), utc("2026-10-25T02:00:00Z")})),
            (Lines{"2026-10-25T02:00+02:00: 2026-10-25T00:00:00Z 1h",
                   "2026-10-25T02:00+01:00: 2026-10-25T01:00:00Z 1h"}));
  EXPECT_EQ(
      windows(berlin, WindowKind::kHour, {utc("2026-03-28T23:00:00Z"), utc("2026-03-29T22:00:00Z")})
          .size(),
      23u);
  const auto kathmandu = Timetable::plain(shared_zone("Asia/Kathmandu"));
  EXPECT_EQ(written(windows(kathmandu, WindowKind::kHour,
                            {utc("2026-03-29T00:14:59Z"), utc("2026-03-29T00:15:01Z")})),
            (Lines{"2026-03-29T05:00+05:45: 2026-03-28T23:15:00Z 1h",
                   "2026-03-29T06:00+05:45: 2026-03-29T00:15:00Z 1h"}));
  // 30 minutes back at 02:00 and 30 minutes on at 02:00.
  const auto lord_howe = Timetable::plain(shared_zone("Australia/Lord_Howe"));
  EXPECT_EQ(written(windows(lord_howe, WindowKind::kHour,
                            {utc("2026-04-04T14:00:00Z"), utc("2026-04-04T15:31:00Z")})),
            (Lines{"2026-04-05T01:00+11:00: 2026-04-04T14:00:00Z 1h",
                   "2026-04-05T01:30+10:30: 2026-04-04T15:00:00Z 30min",
                   "2026-04-05T02:00+10:30: 2026-04-04T15:30:00Z 1h"}));
  EXPECT_EQ(written(windows(lord_howe, WindowKind::kHour,
                            {utc("2026-10-03T15:30:00Z"), utc("2026-10-03T16:30:00Z")})),
            (Lines{"2026-10-04T02:30+11:00: 2026-10-03T15:30:00Z 30min",
                   "2026-10-04T03:00+11:00: 2026-10-03T16:00:00Z 1h"}));
}

// --- shifts ----------------------------------------------------------------------------------------

TEST(Timetable, ShiftsFollowTheClockAndTheirCrews) {
  const auto table = table_of(works());
  // The night belongs to the production day in which it starts, and has 7 hours when the clock jumps.
  EXPECT_EQ(written(windows(table, WindowKind::kShift,
                            {utc("2026-03-28T07:00:00Z"), utc("2026-03-29T07:00:00Z")})),
            (Lines{"2026-03-28 early B: 2026-03-28T07:00:00Z 8h",
                   "2026-03-28 late A: 2026-03-28T15:00:00Z 8h",
                   "2026-03-28 night D: 2026-03-28T23:00:00Z 7h",
                   "2026-03-29 early B: 2026-03-29T06:00:00Z 8h"}));
  const auto night = *table.window_at(WindowKind::kShift, utc("2026-10-25T01:30:00Z"));
  EXPECT_EQ(night.range.to - night.range.from, 9 * kHour);
  EXPECT_EQ(table.label_of(night), "2026-10-24 night A");
}

TEST(Timetable, CrewsRotateInBothDirections) {
  const auto calendar = works();
  const Date anchor = calendar.crews->anchor;
  EXPECT_EQ(calendar.crew_of(0, anchor), "A");
  EXPECT_EQ(calendar.crew_of(0, anchor + 2), "B");
  EXPECT_EQ(calendar.crew_of(0, anchor + 8), "A");
  EXPECT_EQ(calendar.crew_of(0, anchor - 1), "D");
  EXPECT_EQ(calendar.crew_of(2, anchor - 8), "C");
  EXPECT_EQ(calendar.crew_of(0, anchor + 8 * 1000 + 5), "C");
}

TEST(Timetable, ShiftsOfSomeWeekdays) {
  auto calendar = works();
  calendar.crews.reset();
  calendar.day_start = 6 * kHour;
  calendar.shifts = {stretch("day", 6 * kHour, 8 * kHour, 0x1F),
                     stretch("long", 22 * kHour, 12 * kHour, 0x10)};  // Friday night
  const auto table = table_of(calendar);
  EXPECT_EQ(
      written(windows(table, WindowKind::kShift,
                      {utc("2026-06-05T00:00:00Z"), utc("2026-06-09T00:00:00Z")})),
      (Lines{"2026-06-05 day: 2026-06-05T04:00:00Z 8h", "2026-06-05 long: 2026-06-05T20:00:00Z 12h",
             "2026-06-08 day: 2026-06-08T04:00:00Z 8h"}));
  EXPECT_FALSE(table.window_at(WindowKind::kShift, utc("2026-06-06T10:00:00Z")));
  EXPECT_TRUE(table.window_at(WindowKind::kShift, utc("2026-06-06T07:59:59Z")));
}

TEST(Calendar, ShiftsMayNotOverlap) {
  const auto refused = [](std::vector<DailyStretch> shifts) {
    auto calendar = works();
    calendar.crews.reset();
    calendar.shifts = std::move(shifts);
    return !check_calendar(calendar);
  };
  EXPECT_TRUE(refused({stretch("a", 8 * kHour, 8 * kHour), stretch("b", 15 * kHour, 8 * kHour)}));
  EXPECT_TRUE(refused({stretch("a", 0, kDay), stretch("b", 0, kHour)}));
  EXPECT_FALSE(refused({stretch("a", 0, kDay)}));
  EXPECT_FALSE(refused({stretch("a", 8 * kHour, 8 * kHour), stretch("b", 16 * kHour, 16 * kHour)}));
  // Sunday's night goes into Monday morning, the end of the week into its start.
  EXPECT_TRUE(
      refused({stretch("a", 8 * kHour, kHour, 0x01), stretch("b", 22 * kHour, 11 * kHour, 0x40)}));
  EXPECT_FALSE(
      refused({stretch("a", 8 * kHour, kHour, 0x02), stretch("b", 22 * kHour, 11 * kHour, 0x40)}));
}

TEST(Calendar, RefusesWhatItsCommentsExclude) {
  const auto refused = [](auto change) {
    auto calendar = works();
    EXPECT_TRUE(check_calendar(calendar));
    change(calendar);
    return !check_calendar(calendar);
  };
  EXPECT_TRUE(refused([](auto& c) { c.name = "two words"; }));
  EXPECT_TRUE(refused([](auto& c) { c.name = ""; }));
  EXPECT_TRUE(refused([](auto& c) { c.day_start = kDay; }));
  EXPECT_TRUE(refused([](auto& c) { c.day_start = kSecond; }));
  EXPECT_TRUE(refused([](auto& c) { c.shifts[0].length = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.shifts[0].on = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.shifts[1].name = "early"; }));
  EXPECT_TRUE(refused([](auto& c) { c.crews->cycle.pop_back(); }));
  EXPECT_TRUE(refused([](auto& c) { c.crews->cycle[1].pop_back(); }));
  EXPECT_TRUE(refused(
      [](auto& c) { c.holidays = {{make_date(2026, 5, 1), {}}, {make_date(2026, 5, 1), {}}}; }));
  EXPECT_TRUE(refused([](auto& c) { c.targets = {{"oee", 0.0 / 0.0}}; }));
  EXPECT_TRUE(refused([](auto& c) { c.downtime_reasons = {{"M1", {}, true}, {"M1", {}, false}}; }));
}

// --- planned time ------------------------------------------------------------------------------------

TEST(Timetable, PlannedTimeIsShiftsWithoutHolidaysAndBreaks) {
  auto calendar = works();
  calendar.holidays = {{make_date(2026, 5, 1), {{"en", "Labour Day"}}}};
  calendar.breaks = {stretch("lunch", 12 * kHour, 30 * kMinute),
                     stretch("tea", 12 * kHour + 15 * kMinute, 30 * kMinute),  // 15 min more
                     stretch("night", 3 * kHour, 30 * kMinute)};
  const auto table = table_of(calendar);
  const auto of_day = [&](const char* noon) {
    return *table.planned_time(table.window_at(WindowKind::kDay, utc(noon))->range);
  };
  EXPECT_EQ(of_day("2026-04-30T12:00:00Z"), kDay - 75 * kMinute);
  EXPECT_EQ(of_day("2026-05-01T12:00:00Z"), 0);
  EXPECT_EQ(of_day("2026-05-02T12:00:00Z"), kDay - 75 * kMinute);
  EXPECT_EQ(of_day("2026-03-28T12:00:00Z"), 23 * kHour - 75 * kMinute);
  EXPECT_EQ(of_day("2026-10-24T12:00:00Z"), 25 * kHour - 75 * kMinute);
  // Part of a break.
  EXPECT_EQ(
      *table.planned_time({utc("2026-06-01T12:10:00+02:00"), utc("2026-06-01T13:00:00+02:00")}),
      15 * kMinute);
  EXPECT_EQ(*table.planned_time({10, 10}), 0);
  EXPECT_EQ(table.planned_time({kTimeMin, kTimeMax}).error().code, ErrorCode::kTooLarge);
}

TEST(Timetable, WithoutShiftsAllOfADayIsPlanned) {
  auto calendar = works();
  calendar.shifts.clear();
  calendar.crews.reset();
  calendar.holidays = {{make_date(2026, 3, 28), {}}};
  const auto table = table_of(calendar);
  EXPECT_EQ(*table.planned_time({utc("2026-03-27T00:00:00Z"), utc("2026-03-31T00:00:00Z")}),
            31 * kHour + 42 * kHour);
}

// --- versions ----------------------------------------------------------------------------------------

TEST(Timetable, HistoryKeepsTheShiftsThatHeldThen) {
  auto old_calendar = works();
  auto new_calendar = works();
  new_calendar.valid_from = make_date(2026, 6, 1);
  new_calendar.day_start = 6 * kHour;
  new_calendar.crews.reset();
  new_calendar.shifts = {stretch("day", 6 * kHour, 12 * kHour),
                         stretch("night", 18 * kHour, 12 * kHour)};
  const auto zone = shared_zone("Europe/Berlin");
  const auto table = *Timetable::make({{new_calendar, zone}, {old_calendar, zone}});
  const TimeRange range{utc("2026-05-31T20:00:00Z"), utc("2026-06-01T17:00:00Z")};
  // The last day of the old version ends where the first of the new one starts, and so does its night.
  EXPECT_EQ(written(windows(table, WindowKind::kDay, range)),
            (Lines{"2026-05-31: 2026-05-31T06:00:00Z 22h", "2026-06-01: 2026-06-01T04:00:00Z 1d"}));
  EXPECT_EQ(written(windows(table, WindowKind::kShift, range)),
            (Lines{"2026-05-31 late A: 2026-05-31T14:00:00Z 8h",
                   "2026-05-31 night D: 2026-05-31T22:00:00Z 6h",
                   "2026-06-01 day: 2026-06-01T04:00:00Z 12h",
                   "2026-06-01 night: 2026-06-01T16:00:00Z 12h"}));
  EXPECT_EQ(table.window_at(WindowKind::kShift, utc("2026-06-01T03:59:59Z"))->range.to,
            utc("2026-06-01T04:00:00Z"));
  EXPECT_EQ(table.calendar_on(make_date(2026, 5, 31)).shifts.size(), 3u);
  EXPECT_EQ(table.calendar_on(make_date(2026, 6, 1)).shifts.size(), 2u);
  EXPECT_EQ(Timetable::make({{new_calendar, zone}, {new_calendar, zone}}).error().code,
            ErrorCode::kInvalidArgument);
}

// --- properties --------------------------------------------------------------------------------------

/// Calendars of every zone and shape, of one to four versions.
Timetable any_table() {
  static const std::array kZones = {"Europe/Berlin",     "Australia/Lord_Howe", "Asia/Kathmandu",
                                    "America/Santiago",  "Africa/Casablanca",   "Pacific/Apia",
                                    "America/St_Johns",  "Europe/Dublin",       "Asia/Shanghai",
                                    "Pacific/Pago_Pago", "Pacific/Kiritimati"};
  std::vector<Timetable::Version> versions;
  const int count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count; ++i) {
    const std::string zone = kZones[*rc::gen::inRange<std::size_t>(0, kZones.size())];
    Calendar calendar;
    calendar.name = "any";
    calendar.time_zone = zone;
    if (i > 0) calendar.valid_from = make_date(2026, 3, 27) + (i * 2 + *rc::gen::inRange(0, 2));
    calendar.day_start = *rc::gen::inRange<DurationNs>(0, 1440) * kMinute;
    calendar.week_start = static_cast<Weekday>(*rc::gen::inRange(0, 7));
    DurationNs from = *rc::gen::inRange<DurationNs>(0, 1440) * kMinute, left = kDay;
    for (int shift = *rc::gen::inRange(0, 5); shift > 0 && left > 0; --shift) {
      const DurationNs length = *rc::gen::inRange<DurationNs>(1, left / kMinute + 1) * kMinute;
      calendar.shifts.push_back(stretch(std::string(1, static_cast<char>('a' + shift)), from,
                                        length, static_cast<Weekdays>(*rc::gen::inRange(1, 128))));
      from = (from + length) % kDay;
      left -= length;
    }
    while (!check_calendar(calendar)) calendar.shifts.pop_back();  // over the end of the week
    versions.push_back({std::move(calendar), shared_zone(zone)});
  }
  return *Timetable::make(std::move(versions));
}

TimeNs any_time() {
  if (*rc::gen::inRange(0, 4) == 0) return *rc::gen::inRange<TimeNs>(kTimeMin, kTimeMax - 1);
  return utc("2026-03-29T00:00:00Z") + *rc::gen::inRange<TimeNs>(-15 * kDay, 15 * kDay);
}

TEST(Timetable, WindowsAdjoinAndHoldTheirTimes) {
  EXPECT_TRUE(rc::check([] {
    const auto table = any_table();
    const TimeNs time = any_time();
    for (const auto kind : kAdjoining) {
      const auto window = *table.window_at(kind, time);
      RC_ASSERT(window.range.from <= time && time < window.range.to);
      // At its first and last moment it is the same one; right after it the next begins.
      RC_ASSERT(*table.window_at(kind, window.range.from) == window);
      RC_ASSERT(*table.window_at(kind, window.range.to - 1) == window);
      if (window.range.to < kTimeMax)
        RC_ASSERT(table.window_at(kind, window.range.to)->range.from == window.range.to);
      if (window.range.from > kTimeMin)
        RC_ASSERT(table.window_at(kind, window.range.from - 1)->range.to == window.range.from);
    }
  }));
}

TEST(Timetable, ManyWindowsAreTheSameAsOneAtATime) {
  EXPECT_TRUE(rc::check([] {
    const auto table = any_table();
    TimeRange range{any_time(), 0};
    range.from = std::min(range.from, kTimeMax - 31 * kDay);
    range.to = range.from + *rc::gen::inRange<DurationNs>(1, 30 * kDay);
    for (const auto kind : {WindowKind::kHour, WindowKind::kDay, WindowKind::kWeek,
                            WindowKind::kMonth, WindowKind::kYear, WindowKind::kShift}) {
      const auto found = table.windows(kind, range).value();
      std::set<std::string> labels;
      for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& one = found[i].range;
        RC_ASSERT(one.from < one.to && one.to > range.from && one.from < range.to);
        RC_ASSERT(labels.insert(found[i].label).second);
        if (i > 0) RC_ASSERT(found[i - 1].range.to <= one.from);
        if (i > 0 && kind != WindowKind::kShift) RC_ASSERT(found[i - 1].range.to == one.from);
        const auto again = table.window_at(kind, std::max(one.from, range.from));
        RC_ASSERT(again && again->range == one && table.label_of(*again) == found[i].label);
      }
      if (kind != WindowKind::kShift)
        RC_ASSERT(found.front().range.from <= range.from && found.back().range.to >= range.to);
      // No shift is left out: where a moment has one, it is in the list.
      const TimeNs time = *rc::gen::inRange<TimeNs>(range.from, range.to);
      const auto at = table.window_at(kind, time);
      const auto listed = std::ranges::any_of(
          found, [&](const Stretch& one) { return one.range.from <= time && time < one.range.to; });
      RC_ASSERT(at.has_value() == listed);
    }
  }));
}

// A shift is what the clock says, by the naive reading of the clock at each moment.
TEST(Timetable, AShiftIsWhereTheClockSaysSo) {
  EXPECT_TRUE(rc::check([] {
    auto calendar = works(*rc::gen::element<std::string>("Asia/Shanghai", "Asia/Kathmandu", "UTC"));
    calendar.day_start = *rc::gen::inRange<DurationNs>(0, 24) * kHour;
    calendar.crews.reset();
    calendar.shifts[2].on = 0x3F;
    const auto table = table_of(calendar);
    const TimeNs time = utc("2026-03-29T00:00:00Z") + *rc::gen::inRange<TimeNs>(0, 60 * kDay);
    const auto local = table.versions()[0].zone->to_local(time);
    const DurationNs hour = local.time_of_day / kHour;
    const std::size_t shift = hour < 8 ? 2 : hour < 16 ? 0 : 1;
    // No clock is changed here, so the shift began at its full hour of this date.
    const Date day = calendar.shifts[shift].from < calendar.day_start ? local.date - 1 : local.date;
    const auto found = table.window_at(WindowKind::kShift, time);
    RC_ASSERT(found.has_value() == (shift != 2 || weekday_of(day) != Weekday::kSunday));
    if (found) RC_ASSERT(found->shift == shift && found->day == day);
  }));
}

TEST(Timetable, PlannedTimeAddsUp) {
  EXPECT_TRUE(rc::check([] {
    const auto table = any_table();
    TimeRange range{any_time(), 0};
    range.from = std::min(range.from, kTimeMax - 31 * kDay);
    range.to = range.from + *rc::gen::inRange<DurationNs>(1, 30 * kDay);
    const TimeNs middle = *rc::gen::inRange<TimeNs>(range.from, range.to);
    const auto whole = table.planned_time(range).value();
    RC_ASSERT(whole >= 0 && whole <= range.to - range.from);
    RC_ASSERT(table.planned_time({range.from, middle}).value() +
                  table.planned_time({middle, range.to}).value() ==
              whole);
  }));
}

TEST(Timetable, ABoundedAnswer) {
  const auto table = table_of(works());
  EXPECT_EQ(table.windows(WindowKind::kHour, {kTimeMin, kTimeMax}).error().code,
            ErrorCode::kTooLarge);
  EXPECT_EQ(table.windows(WindowKind::kShift, {kTimeMin, kTimeMax}).error().code,
            ErrorCode::kTooLarge);
  const auto years = windows(table, WindowKind::kYear, {kTimeMin, kTimeMax});
  EXPECT_EQ(years.size(), 586u);  // 1677 to 2262
  EXPECT_EQ(years.front().range.from, kTimeMin);
  EXPECT_EQ(years.back().range.to, kTimeMax);
  EXPECT_TRUE(windows(table, WindowKind::kDay, {5, 5}).empty());
  EXPECT_TRUE(windows(table, WindowKind::kDay, {6, 5}).empty());
}

TEST(WindowKind, HasNames) {
  for (const auto* name : {"hour", "shift", "day", "week", "month", "year"})
    EXPECT_EQ(window_kind_name(parse_window_kind(name).value()), name);
  EXPECT_FALSE(parse_window_kind("heat"));
}

}  // namespace
}  // namespace tundish::calendar
