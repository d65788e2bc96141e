#include "calendar/date.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <chrono>

namespace tundish::calendar {
namespace {

TEST(Date, AgreesWithTheStandardLibraryOnEveryDay) {
  for (int days = kDateMin.days - 400; days <= kDateMax.days + 400; ++days) {
    const std::chrono::year_month_day expected{std::chrono::sys_days{std::chrono::days{days}}};
    const auto [year, month, day] = split({days});
    ASSERT_EQ(year, static_cast<int>(expected.year())) << days;
    ASSERT_EQ(month, static_cast<int>(static_cast<unsigned>(expected.month()))) << days;
    ASSERT_EQ(day, static_cast<int>(static_cast<unsigned>(expected.day()))) << days;
    ASSERT_EQ(make_date(year, month, day).days, days);
    const std::chrono::weekday weekday{std::chrono::sys_days{std::chrono::days{days}}};
    ASSERT_EQ(static_cast<unsigned>(weekday_of({days})) + 1, weekday.iso_encoding()) << days;
  }
}

TEST(Date, CarriesMonthsOver) {
  EXPECT_EQ(make_date(2026, 13, 1), make_date(2027, 1, 1));
  EXPECT_EQ(make_date(2026, 0, 1), make_date(2025, 12, 1));
  EXPECT_EQ(make_date(2026, -11, 1), make_date(2025, 1, 1));
  EXPECT_EQ(make_date(2026, -12, 1), make_date(2024, 12, 1));
}

TEST(Date, WeeksOfTheStandard) {
  const auto week = [](int y, int m, int d) {
    const auto found = iso_week_of(make_date(y, m, d));
    return std::pair(found.year, found.week);
  };
  EXPECT_EQ(week(2026, 3, 29), std::pair(2026, 13));
  EXPECT_EQ(week(2025, 12, 29), std::pair(2026, 1));
  EXPECT_EQ(week(2027, 1, 3), std::pair(2026, 53));
  EXPECT_EQ(week(2021, 1, 3), std::pair(2020, 53));
  EXPECT_EQ(week(2024, 12, 30), std::pair(2025, 1));
}

TEST(Date, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check("parse_date(format_date(d)) == d", [] {
    const Date date{*rc::gen::inRange(kDateMin.days, kDateMax.days + 1)};
    RC_ASSERT(parse_date(format_date(date)).value() == date);
  }));
}

TEST(Date, RefusesWhatIsNoDay) {
  for (const auto* text :
       {"", "2026-02-29", "2026-00-10", "2026-13-01", "2026-01-00", "2026-01-32", "2026-1-01",
        "26-01-01", "2026/01/01", "2026-01-01 ", "1676-12-31", "2263-01-01", "9999-01-01"})
    EXPECT_EQ(parse_date(text).error().code, ErrorCode::kInvalidArgument) << text;
  EXPECT_EQ(parse_date("2024-02-29").value(), make_date(2024, 2, 29));
}

}  // namespace
}  // namespace tundish::calendar
