#include "asset/time_zone.h"

#include <gtest/gtest.h>

namespace tundish::asset {
namespace {

TEST(TimeZone, KnowsWhatTheSystemKnows) {
  for (const std::string_view zone :
       {"UTC", "Etc/UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8",
        "Australia/Lord_Howe"})
    EXPECT_TRUE(check_time_zone(zone)) << zone;
}

TEST(TimeZone, RefusesWhatIsNone) {
  for (const std::string_view zone :
       {"", "Asia/Nowhere", "asia/shanghai", "Asia", "Asia/", "/Asia/Shanghai", "Asia//Shanghai",
        "+08:00", "zone.tab", "tzdata.zi", "leapseconds", "localtime", "posixrules",
        "posix/Asia/Shanghai", "right/Asia/Shanghai", "Asia/Shanghai\n", "高炉", "UTC'; --"}) {
    const auto status = check_time_zone(zone);
    ASSERT_FALSE(status) << zone;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument) << zone;
  }
  EXPECT_TRUE(check_time_zone("Europe/Berlim")
                  .error()
                  .message.ends_with("; did you mean 'Europe/Berlin'?"));
  EXPECT_FALSE(check_time_zone(std::string_view("UTC\0", 4)));
  EXPECT_FALSE(check_time_zone(std::string(100'000, 'A')));
}

TEST(TimeZone, NoNameLeavesTheFolder) {
  for (const std::string_view zone :
       {"../../../etc/passwd", "..", ".", "Asia/../UTC", "/etc/passwd", "../zoneinfo/UTC",
        "Asia/%2e%2e/UTC", "..\\UTC"})
    EXPECT_FALSE(check_time_zone(zone)) << zone;
}

TEST(TimeZone, WithoutTzdataOnlyUtcIsKnown) {
  EXPECT_TRUE(check_time_zone("UTC", "/nowhere"));
  const auto status = check_time_zone("Asia/Shanghai", "/nowhere");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(status.error().message.find("tzdata"), std::string::npos);
}

}  // namespace
}  // namespace tundish::asset
