#include "model/text.h"

#include <gtest/gtest.h>

namespace tundish {
namespace {

TEST(Text, TakesWhatPeopleWrite) {
  for (const std::string_view text : {"高炉 1", "<b>\"it's\"</b>", "'; DROP TABLE x; --", "a/b*%"})
    EXPECT_TRUE(check_text(text, 1, 200, "name")) << text;
  EXPECT_TRUE(check_text("", 0, 10, "name"));
}

TEST(Text, SaysWhichFieldIsWrongAndWhy) {
  const auto code_and_field = [](std::string_view text) {
    const auto status = check_text(text, 2, 5, "region");
    EXPECT_FALSE(status) << text;
    if (status) return;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(status.error().where, "region");
    EXPECT_TRUE(status.error().message.starts_with("region ")) << status.error().message;
  };
  code_and_field("");
  code_and_field("a");
  code_and_field("abcdef");
  code_and_field("a\nb");
  code_and_field("a\x7F");
  code_and_field(std::string_view("a\0b", 3));
  code_and_field("a\xFF");
}

}  // namespace
}  // namespace tundish
