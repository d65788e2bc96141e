#include "calendar/zone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <stdlib.h>
#include <time.h>

#include <array>
#include <optional>

#include "calendar/posix_rule.h"
#include "calendar/zone_testing.h"

namespace tundish::calendar {
namespace {

constexpr std::array kZones = {
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "Europe/Dublin",        // standard time in summer, daylight saving time of -1 h in winter
    "Africa/Casablanca",    // by the moon, from a table
    "Asia/Kathmandu",       // +05:45
    "Australia/Lord_Howe",  // 30 min
    "America/Santiago",     // changes at 24:00
    "America/New_York",
    "America/St_Johns",   // -03:30; changed at 00:01 for years
    "America/Sao_Paulo",  // changed at midnight
    "Asia/Tehran",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Pacific/Apia",      // left out the 30th of December 2011
    "Pacific/Chatham",   // +12:45
    "Africa/Monrovia",   // -00:44:30 until 1972
    "America/Nuuk",      // changes on the evening before
    "Antarctica/Troll",  // 2 h
    "Europe/Moscow",
    "Australia/Adelaide",
};

/// TZ of this process for as long as it lives. The tests of this file run on one thread.
class ProcessZone {
 public:
  explicit ProcessZone(const std::string& name) {
    if (const char* before = ::getenv("TZ")) before_ = before;
    ::setenv("TZ", (":/usr/share/zoneinfo/" + name).c_str(), 1);
    ::tzset();
  }
  ~ProcessZone() {
    if (before_)
      ::setenv("TZ", before_->c_str(), 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }
  ProcessZone(const ProcessZone&) = delete;
  ProcessZone& operator=(const ProcessZone&) = delete;

 private:
  std::optional<std::string> before_;
};

void expect_as_libc(const Zone& zone, std::int64_t second) {
  const time_t time = second;
  struct tm expected{};
  ASSERT_NE(::localtime_r(&time, &expected), nullptr);
  const LocalTime local = zone.to_local(second * kSecond);
  ASSERT_EQ(local.offset_s, expected.tm_gmtoff) << second;
  ASSERT_EQ(split(local.date),
            (YearMonthDay{expected.tm_year + 1900, expected.tm_mon + 1, expected.tm_mday}));
  ASSERT_EQ(local.time_of_day / kSecond,
            expected.tm_hour * 3600 + expected.tm_min * 60 + expected.tm_sec);
}

class EveryZone : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Zones, EveryZone, ::testing::ValuesIn(kZones));

// 1970 to 2100: every change of the clock to the second, and every 31 hours.
TEST_P(EveryZone, AgreesWithTheSystemsLibrary) {
  const Zone zone = system_zone(GetParam());
  const ProcessZone process(GetParam());
  const std::int64_t end = make_date(2101, 1, 1).days * std::int64_t{86'400};
  for (std::int64_t second = 0; second < end; second += 31 * 3600) expect_as_libc(zone, second);
  for (const auto& change : zone.changes()) {
    if (change.at_s < 0 || change.at_s >= end) continue;
    for (const std::int64_t by : {-1, 0, 1}) expect_as_libc(zone, change.at_s + by);
  }
}

// What from_local promises, near changes of the clock and anywhere.
TEST_P(EveryZone, FindsTheMomentsOfALocalTime) {
  const Zone zone = system_zone(GetParam());
  EXPECT_TRUE(rc::check([&] {
    TimeNs time = *rc::gen::inRange<TimeNs>(kTimeMin / 2, kTimeMax / 2);
    if (!zone.changes().empty() && *rc::gen::arbitrary<bool>()) {
      const auto& change = zone.changes()[*rc::gen::inRange<std::size_t>(0, zone.changes().size())];
      RC_PRE(change.at_s > kTimeMin / kSecond / 2 && change.at_s < kTimeMax / kSecond / 2);
      time = change.at_s * kSecond + *rc::gen::inRange<TimeNs>(-3 * kHour, 3 * kHour);
    }
    const LocalTime local = zone.to_local(time);
    const TimeNs first = zone.from_local(local.date, local.time_of_day, Which::kFirst);
    const TimeNs last = zone.from_local(local.date, local.time_of_day, Which::kLast);
    RC_ASSERT(first <= time && time <= last);
    const auto shown = [&](TimeNs at) {
      const LocalTime then = zone.to_local(at);
      return std::pair(then.date, then.time_of_day);
    };
    const std::pair wanted(local.date, local.time_of_day);
    // The clock shows it, so it is no gap: it is shown at both.
    RC_ASSERT(shown(first) >= wanted && shown(first - 1) < wanted);
    RC_ASSERT(shown(last) <= wanted && shown(last + 1) > wanted);
    // Both grow with the local time.
    const DurationNs more = *rc::gen::inRange<DurationNs>(0, 30 * kHour);
    RC_ASSERT(zone.from_local(local.date, local.time_of_day + more, Which::kFirst) >= first);
    RC_ASSERT(zone.from_local(local.date, local.time_of_day + more, Which::kLast) >= last);
  }));
}

TEST(Zone, SaysWhatAGapAndAnOverlapMean) {
  const Zone berlin = system_zone("Europe/Berlin");
  const Date spring = make_date(2026, 3, 29), autumn = make_date(2026, 10, 25);
  const auto first = [&](Date date, DurationNs time) {
    return berlin.from_local(date, time, Which::kFirst);
  };
  const auto last = [&](Date date, DurationNs time) {
    return berlin.from_local(date, time, Which::kLast);
  };
  const TimeNs jump = utc("2026-03-29T01:00:00Z");
  EXPECT_EQ(first(spring, 2 * kHour), jump);
  EXPECT_EQ(first(spring, 2 * kHour + 30 * kMinute), jump);
  EXPECT_EQ(last(spring, 2 * kHour + 30 * kMinute), jump);
  EXPECT_EQ(first(spring, 3 * kHour), jump);
  EXPECT_EQ(first(spring, 3 * kHour + 1), jump + 1);
  EXPECT_EQ(last(spring, 2 * kHour - 1), jump - 1);
  EXPECT_EQ(first(autumn, 2 * kHour + 30 * kMinute), utc("2026-10-25T02:30:00+02:00"));
  EXPECT_EQ(last(autumn, 2 * kHour + 30 * kMinute), utc("2026-10-25T02:30:00+01:00"));
  EXPECT_EQ(first(autumn, 2 * kHour), utc("2026-10-25T02:00:00+02:00"));
  EXPECT_EQ(last(autumn, 2 * kHour), utc("2026-10-25T02:00:00+01:00"));
  EXPECT_EQ(first(autumn, 3 * kHour), utc("2026-10-25T03:00:00+01:00"));
  EXPECT_EQ(last(autumn, 3 * kHour), utc("2026-10-25T03:00:00+01:00"));
  EXPECT_EQ(berlin.next_change(utc("2026-03-29T00:59:59Z")), jump);
  EXPECT_EQ(berlin.last_change(jump), jump);
  EXPECT_LT(berlin.last_change(jump - 1), jump);
}

TEST(Zone, ADayThatAPlaceLeftOutIsNoTime) {
  const Zone apia = system_zone("Pacific/Apia");
  const Date gone = make_date(2011, 12, 30);
  EXPECT_EQ(apia.from_local(gone, 0, Which::kFirst), apia.from_local(gone + 1, 0, Which::kFirst));
  EXPECT_EQ(apia.from_local(gone, 0, Which::kFirst), utc("2011-12-30T10:00:00Z"));
}

TEST(Zone, TheEndsOfTime) {
  for (const auto* name : {"UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"}) {
    const Zone zone = system_zone(name);
    for (const TimeNs time : {kTimeMin, kTimeMin + 1, kTimeMax - 1, kTimeMax}) {
      const LocalTime local = zone.to_local(time);
      EXPECT_EQ(zone.from_local(local.date, local.time_of_day, Which::kFirst), time) << name;
      EXPECT_EQ(zone.from_local(local.date, local.time_of_day, Which::kLast), time) << name;
    }
    EXPECT_EQ(zone.from_local(make_date(1600, 1, 1), 0, Which::kFirst), kTimeMin);
    EXPECT_EQ(zone.from_local(make_date(2400, 1, 1), 0, Which::kLast), kTimeMax);
  }
  EXPECT_EQ(Zone().to_local(0), (LocalTime{{0}, 0, 0}));
  EXPECT_EQ(Zone().next_change(0), kTimeMax);
  EXPECT_EQ(Zone().last_change(0), kTimeMin);
}

/// A file of version 1 as in RFC 8536, appendix B: +00:00, from 1000 s on +1 h.
std::string version_one(std::uint32_t leap_seconds) {
  std::string bytes("TZif", 4);
  bytes.append(16, '\0');
  const auto word = [&](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  };
  for (const std::uint32_t count : {0u, 0u, leap_seconds, 1u, 2u, 4u}) word(count);
  word(1000);
  bytes.push_back(1);
  word(0), bytes.append("\0\0", 2);
  word(3600), bytes.append("\1\0", 2);
  bytes.append("ABC\0", 4);
  for (std::uint32_t i = 1; i <= leap_seconds; ++i) word(78'796'800), word(i);
  return bytes;
}

TEST(Zone, VersionOneHasOnlyItsTable) {
  const std::string bytes = version_one(0);
  const auto zone = Zone::parse(as_byte_span(bytes));
  ASSERT_TRUE(zone) << zone.error().to_string();
  EXPECT_EQ(zone->to_local(999 * kSecond).offset_s, 0);
  EXPECT_EQ(zone->to_local(1000 * kSecond).offset_s, 3600);
  EXPECT_EQ(zone->to_local(kTimeMax).offset_s, 3600);
}

TEST(Zone, RefusesDamage) {
  const std::string whole = zone_bytes("Europe/Berlin");
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const auto cut = Zone::parse(as_byte_span(std::string_view(whole).substr(0, bytes)));
    ASSERT_FALSE(cut) << bytes;
    ASSERT_EQ(cut.error().code, ErrorCode::kCorruption);
  }
  EXPECT_FALSE(Zone::parse(as_byte_span(std::string(70'000, 'x'))));
}

TEST(Zone, FilesWithLeapSecondsAreOfAnotherTime) {
  const std::string bytes = version_one(1);
  EXPECT_EQ(Zone::parse(as_byte_span(bytes)).error().code, ErrorCode::kUnsupported);
}

TEST(PosixRule, ReadsAllForms) {
  const auto rule = parse_posix_rule("EST5EDT,M3.2.0,M11.1.0").value();
  EXPECT_EQ(rule.standard_offset_s, -5 * 3600);
  EXPECT_EQ(rule.daylight->offset_s, -4 * 3600);
  const auto changes = rule.changes(2026);
  EXPECT_EQ(changes[0].at_s * kSecond, utc("2026-03-08T07:00:00Z"));
  EXPECT_EQ(changes[1].at_s * kSecond, utc("2026-11-01T06:00:00Z"));

  const auto julian = parse_posix_rule("AAA0BBB,J60/0,J365/0").value();
  EXPECT_EQ(julian.changes(2024)[0].at_s * kSecond, utc("2024-03-01T00:00:00Z"));
  EXPECT_EQ(julian.changes(2026)[0].at_s * kSecond, utc("2026-03-01T00:00:00Z"));
  const auto counted = parse_posix_rule("AAA0BBB,59/0,364/0").value();
  EXPECT_EQ(counted.changes(2024)[0].at_s * kSecond, utc("2024-02-29T00:00:00Z"));
  EXPECT_EQ(counted.changes(2026)[0].at_s * kSecond, utc("2026-03-01T00:00:00Z"));

  const auto far = parse_posix_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0").value();
  EXPECT_EQ(far.standard_offset_s, -2 * 3600);
  EXPECT_EQ(far.changes(2026)[0].at_s * kSecond, utc("2026-03-29T01:00:00Z"));
  EXPECT_EQ(parse_posix_rule("<+0545>-5:45").value().standard_offset_s, 5 * 3600 + 45 * 60);
  const auto dublin = parse_posix_rule("IST-1GMT0,M10.5.0,M3.5.0/1").value();
  EXPECT_EQ(dublin.daylight->offset_s, 0);
}

TEST(PosixRule, DaylightSavingTimeAllYear) {
  // RFC 8536, 3.3.1: -04:00 without end, written as daylight saving time.
  const auto rule = parse_posix_rule("XXX3EDT4,0/0,J365/23").value();
  std::vector<Zone::Change> changes;
  for (int year = 1990; year < 2010; ++year)
    for (const auto& change : rule.changes(year)) changes.push_back({change.at_s, change.offset_s});
  const Zone zone(0, changes);
  for (TimeNs time = utc("1991-01-01T00:00:00Z"); time < utc("2009-01-01T00:00:00Z");
       time += 6 * kHour + 1)
    ASSERT_EQ(zone.to_local(time).offset_s, -4 * 3600) << format_time(time);
}

TEST(PosixRule, RefusesTheRest) {
  for (const auto* text :
       {"", "AB1", "ABC", "ABC25", "ABC1DEF", "ABC1DEF,M1.1.0", "ABC1:60", "ABC1DEF,M13.1.0,M1.1.0",
        "ABC1DEF,M1.6.0,M1.1.0", "ABC1DEF,M1.1.7,M1.1.0", "ABC1DEF,J0,J1", "ABC1DEF,366,1",
        "ABC1DEF,0/168,1", "<ABC1", "ABC1 ", "ABC1DEF,0,1x"}) {
    const auto rule = parse_posix_rule(text);
    ASSERT_FALSE(rule) << text;
    EXPECT_EQ(rule.error().code, ErrorCode::kInvalidArgument);
    EXPECT_LE(*rule.error().offset, std::string_view(text).size());
  }
}

}  // namespace
}  // namespace tundish::calendar
