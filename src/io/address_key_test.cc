#include "io/address_key.h"

#include <gtest/gtest.h>

namespace tundish::io {
namespace {

TEST(AddressKey, CountsASubscriberAsOne) {
  EXPECT_EQ(address_key("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_key("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_key("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
  EXPECT_NE(address_key("2001:db8:1:3::1"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_key("a socket"), "a socket");
  EXPECT_EQ(address_key(std::string(1 << 20, 'x')).size(), 128u);
}

}  // namespace
}  // namespace tundish::io
