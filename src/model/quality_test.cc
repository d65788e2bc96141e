#include "model/quality.h"

#include <gtest/gtest.h>

namespace tundish {
namespace {

TEST(Quality, NamesAndNumbersComeBack) {
  for (const std::uint32_t code :
       {0x00000000u, 0x80310000u, 0x40950000u, 0x80AB0000u, 0x00C00000u}) {
    Quality quality{1};
    ASSERT_TRUE(parse_quality(quality_name(Quality{code}), quality)) << quality_name(Quality{code});
    EXPECT_EQ(quality.code, code);
  }
  Quality quality;
  EXPECT_TRUE(parse_quality("2150694912", quality));
  EXPECT_EQ(quality, kBadNoCommunication);
  EXPECT_FALSE(parse_quality("", quality));
  EXPECT_FALSE(parse_quality("good", quality));
  EXPECT_FALSE(parse_quality("-1", quality));
  EXPECT_FALSE(parse_quality("0x1FFFFFFFF", quality));
}

TEST(Quality, SeverityIsTheTopTwoBits) {
  EXPECT_TRUE(kGood.is_good());
  EXPECT_TRUE(kUncertain.is_uncertain());
  EXPECT_TRUE(kBadNoCommunication.is_bad());
  EXPECT_TRUE(Quality{0xC0000000}.is_bad());  // reserved by the standard: never read as good
}

}  // namespace
}  // namespace tundish
