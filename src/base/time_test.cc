#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tundish {
namespace {

TEST(Time, FormatsAsFewDigitsAsNeeded) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(1'700'000'000'250'000'000), "2023-11-14T22:13:20.25Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_time(951'782'400 * kSecond), "2000-02-29T00:00:00Z");
  EXPECT_EQ(format_time(kTimeMax), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(format_time(kTimeMin), "1677-09-21T00:12:43.145224192Z");
}

TEST(Time, ReadsZonesAndIntegers) {
  EXPECT_EQ(parse_time("2023-11-14T22:13:20.25Z").value(), 1'700'000'000'250'000'000);
  EXPECT_EQ(parse_time("2023-11-15 06:13:20,25+08:00").value(), 1'700'000'000'250'000'000);
  EXPECT_EQ(parse_time("2023-11-15T06:13+0800").value(), 1'699'999'980'000'000'000);
  EXPECT_EQ(parse_time("1700000000250000000").value(), 1'700'000'000'250'000'000);
  EXPECT_EQ(parse_time("-1").value(), -1);
  // A leap second reads as the second after it.
  EXPECT_EQ(parse_time("2016-12-31T23:59:60Z").value(), parse_time("2017-01-01T00:00:00Z").value());
}

TEST(Time, RefusesWhatIsNotATime) {
  for (const char* text :
       {"", "now", "2023-11-14", "2023-11-14T22:13:20", "2023-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z", "2023-11-14T24:00:00Z", "2023-11-14T22:13:20.1234567891Z",
        "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zx", "2023-11-14T22:13:20+19:00",
        "9999-01-01T00:00:00Z", "99999999999999999999", "1e9", "2023-11-14T22:13:20+8"}) {
    const auto time = parse_time(text);
    EXPECT_FALSE(time) << text;
    if (!time) {
      EXPECT_EQ(time.error().code, ErrorCode::kInvalidArgument);
    }
  }
}

TEST(Time, RelativeToNow) {
  EXPECT_EQ(parse_time("now", 5).value(), 5);
  EXPECT_EQ(parse_time("now-8h", 0).value(), -8 * kHour);
  EXPECT_EQ(parse_time("*-15min", kHour).value(), 45 * kMinute);
  EXPECT_EQ(parse_time("now+1s", 0).value(), kSecond);
  EXPECT_FALSE(parse_time("now-", 0));
  EXPECT_FALSE(parse_time("now-8", 0));
  EXPECT_FALSE(parse_time("now-1w", kTimeMin));
}

TEST(Time, Durations) {
  EXPECT_EQ(parse_duration("90s").value(), 90 * kSecond);
  EXPECT_EQ(parse_duration("15min").value(), 15 * kMinute);
  EXPECT_EQ(parse_duration("2w").value(), 14 * kDay);
  EXPECT_FALSE(parse_duration("5"));
  EXPECT_FALSE(parse_duration("-5s"));
  EXPECT_FALSE(parse_duration("9223372036854775807d"));
  EXPECT_EQ(format_duration(90 * kSecond), "90s");
  EXPECT_EQ(format_duration(2 * kHour), "2h");
  EXPECT_EQ(format_duration(0), "0s");
}

RC_GTEST_PROP(Time, RoundTrip, (TimeNs time)) {
  RC_ASSERT(parse_time(format_time(time)).value() == time);
}

RC_GTEST_PROP(Time, DurationRoundTrip, ()) {
  const auto duration = *rc::gen::inRange<DurationNs>(0, kTimeMax);
  RC_ASSERT(parse_duration(format_duration(duration)).value() == duration);
}

}  // namespace
}  // namespace tundish
