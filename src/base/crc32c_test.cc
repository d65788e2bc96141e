#include "base/crc32c.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tundish {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32c, PublishedVectors) {
  Bytes bytes(32, std::byte{0});
  EXPECT_EQ(crc32c(bytes), 0x8A9136AAu);
  bytes.assign(32, std::byte{0xff});
  EXPECT_EQ(crc32c(bytes), 0x62A8AB43u);
  for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::byte>(i);
  EXPECT_EQ(crc32c(bytes), 0x46DD794Eu);
  EXPECT_EQ(crc32c(as_byte_span("123456789")), 0xE3069283u);
}

RC_GTEST_PROP(Crc32c, AgreesWithItsScalarTwinAndContinues,
              (const std::string& a, const std::string& b)) {
  const auto whole = a + b;
  RC_ASSERT(crc32c(as_byte_span(whole)) == crc32c_scalar(as_byte_span(whole)));
  RC_ASSERT(crc32c(as_byte_span(b), crc32c(as_byte_span(a))) == crc32c(as_byte_span(whole)));
}

}  // namespace
}  // namespace tundish
