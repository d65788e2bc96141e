#include "base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tundish {
namespace {

RC_GTEST_PROP(Bytes, RoundTrip,
              (std::uint64_t a, std::int64_t b, const std::string& c, std::uint32_t d)) {
  Bytes bytes;
  ByteWriter writer(bytes);
  writer.varint(a);
  writer.svarint(b);
  writer.text(c);
  writer.fixed(d);
  ByteReader reader(bytes);
  RC_ASSERT(reader.varint() == a);
  RC_ASSERT(reader.svarint() == b);
  RC_ASSERT(reader.text(c.size()) == c);
  RC_ASSERT(reader.fixed<std::uint32_t>() == d);
  RC_ASSERT(reader.at_end());
}

RC_GTEST_PROP(Bytes, ATruncatedReadFailsAndStaysFailed, (std::uint64_t a, const std::string& b)) {
  Bytes bytes;
  ByteWriter writer(bytes);
  writer.varint(a);
  writer.text(b);
  const auto keep = *rc::gen::inRange<std::size_t>(0, bytes.size());
  ByteReader reader(ByteSpan(bytes).first(keep));
  reader.varint();
  reader.text(b.size());
  RC_ASSERT(!reader.ok());
  RC_ASSERT(reader.fixed<std::uint64_t>() == 0u);
  RC_ASSERT(reader.remaining() == 0u);
}

TEST(Bytes, AVarintOfMoreThan64BitsFails) {
  const Bytes bytes(11, std::byte{0xff});
  ByteReader reader(bytes);
  reader.varint();
  EXPECT_FALSE(reader.ok());
}

TEST(Bytes, ACountOverItsLimitFails) {
  Bytes bytes;
  ByteWriter(bytes).varint(1001);
  ByteReader reader(bytes);
  EXPECT_EQ(reader.varint_max(1000), 0u);
  EXPECT_FALSE(reader.ok());
}

TEST(Bytes, ALengthBeyondTheEndFails) {
  Bytes bytes;
  ByteWriter(bytes).varint(100);
  ByteReader reader(bytes);
  EXPECT_TRUE(reader.text(1000).empty());
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace tundish
