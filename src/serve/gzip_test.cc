#include "serve/gzip.h"

#include <gtest/gtest.h>

namespace tundish::serve {
namespace {

TEST(Gzip, ComesBack) {
  const std::string text(100'000, 'x');
  EXPECT_EQ(gunzip(gzip(text), 1 << 20).value(), text);
  EXPECT_EQ(gunzip(gzip("a") + gzip("b"), 10).value(), "ab");  // members follow each other
}

TEST(Gzip, ABombStopsAtTheLimit) {
  const std::string bomb = gzip(std::string(64 << 20, '\0'));
  ASSERT_LT(bomb.size(), 100'000u);
  const auto out = gunzip(bomb, 1 << 20);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ErrorCode::kTooLarge);
}

TEST(Gzip, DamageIsAnError) {
  const std::string packed = gzip("some text that is long enough to be packed");
  EXPECT_FALSE(gunzip(packed.substr(0, packed.size() - 3), 1000));
  EXPECT_FALSE(gunzip("no gzip at all", 1000));
  EXPECT_FALSE(gunzip("", 1000));
  std::string flipped = packed;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x10);
  EXPECT_FALSE(gunzip(flipped, 1000));
}

}  // namespace
}  // namespace tundish::serve
