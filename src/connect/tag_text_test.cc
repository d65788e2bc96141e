#include "connect/tag_text.h"

#include <gtest/gtest.h>

#include "model/text.h"

namespace tundish::connect {
namespace {

TEST(TagText, IsWhatATagMayCarry) {
  EXPECT_EQ(fit_text("Hot blast, \u00b0C", 64), "Hot blast, \u00b0C");
  EXPECT_EQ(fit_text("first line\r\nsecond\tline\n", 64), "first line  second line");
  EXPECT_EQ(fit_text(" \x01\x7f", 64), "");
  EXPECT_EQ(fit_text("Gie\xdf"
                     "en",
                     64),
            "Gie\uFFFDen")
      << "Latin-1";
  EXPECT_EQ(fit_text("\xe9\xab", 64), "\uFFFD\uFFFD") << "cut off";
}

TEST(TagText, IsCutBetweenCharacters) {
  EXPECT_EQ(fit_text("\u9ad8\u7089", 6), "\u9ad8\u7089");
  EXPECT_EQ(fit_text("\u9ad8\u7089", 5), "\u9ad8");
  EXPECT_EQ(fit_text("\u9ad8\u7089", 2), "");
  EXPECT_EQ(fit_text("abc def", 4), "abc");
  const std::string fitted = fit_text(std::string(5000, '\n') + std::string(5000, 'x'), 1000);
  EXPECT_EQ(fitted, std::string(1000, 'x'));
  EXPECT_TRUE(check_text(fitted, 0, kDescriptionBytesMax, "description"));
}

}  // namespace
}  // namespace tundish::connect
