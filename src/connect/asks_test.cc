#include "connect/asks.h"

#include <gtest/gtest.h>

#include <optional>

namespace tundish::connect {
namespace {

TEST(Asks, AreLimitedInAllAndForEachEnterprise) {
  Asks asks(3, 2);
  std::optional<Asks::Ask> first(*asks.begin(EnterpriseId(1)));
  const auto second = asks.begin(EnterpriseId(1));
  ASSERT_TRUE(second);
  EXPECT_EQ(asks.begin(EnterpriseId(1)).error().code, ErrorCode::kOverloaded);
  const auto other = asks.begin(EnterpriseId(2));
  ASSERT_TRUE(other) << "one enterprise does not take the place of all";
  EXPECT_EQ(asks.begin(EnterpriseId(3)).error().code, ErrorCode::kOverloaded);
  first.reset();
  EXPECT_TRUE(asks.begin(EnterpriseId(3)));
  EXPECT_TRUE(asks.begin(EnterpriseId(3))) << "the one before has ended";
  EXPECT_TRUE(asks.begin(EnterpriseId(1)));
}

}  // namespace
}  // namespace tundish::connect
