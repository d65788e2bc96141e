#include "access/rules.h"

#include <gtest/gtest.h>

#include "model/value.h"

namespace tundish::access {
namespace {

TEST(UserName, IsShortAndPlain) {
  for (const std::string_view name : {"a", "anna", "anna.b@plant-1", "0_0"})
    EXPECT_TRUE(check_user_name(name)) << name;
  for (const std::string_view name : {"", "Anna", "an na", "anna'--", "高炉", "a/b", "a\n"})
    EXPECT_FALSE(check_user_name(name)) << name;
  EXPECT_TRUE(check_user_name(std::string(64, 'a')));
  EXPECT_FALSE(check_user_name(std::string(65, 'a')));
}

TEST(AuditText, StaysOneLine) {
  EXPECT_EQ(encode_for_audit("plain 高炉 <b>'\"", 100), "plain 高炉 <b>'\"");
  EXPECT_EQ(encode_for_audit("a\nb\r\0c", 100), "a\\x0Ab\\x0D");
  EXPECT_EQ(encode_for_audit(std::string_view("\0\x1B[2J", 5), 100), "\\x00\\x1B[2J");
  EXPECT_EQ(encode_for_audit("\xFFok", 100), "\\xFFok");
}

TEST(AuditText, IsCutAtAWholeCharacter) {
  EXPECT_EQ(encode_for_audit("1234567890", 10), "1234567890");
  EXPECT_EQ(encode_for_audit("12345678901", 10), "1234567…");
  for (std::size_t bytes_max = 3; bytes_max < 40; ++bytes_max) {
    const auto cut = encode_for_audit("高炉高炉高炉高炉\n高炉高炉高炉", bytes_max);
    EXPECT_LE(cut.size(), bytes_max);
    EXPECT_TRUE(is_utf8(cut)) << cut;
    EXPECT_TRUE(cut.ends_with("…")) << cut;
  }
  const auto huge = encode_for_audit(std::string(10 << 20, '\n'), 2048);
  EXPECT_LE(huge.size(), 2048u);
}

}  // namespace
}  // namespace tundish::access
