#include "connect/feeds.h"

#include <gtest/gtest.h>

namespace tundish::connect {
namespace {

ConnectionConfig with(std::string name, std::initializer_list<const char*> paths) {
  ConnectionConfig config;
  config.name = std::move(name);
  for (const char* path : paths) {
    ConnectionItem item;
    item.path = path;
    config.items.push_back(std::move(item));
  }
  return config;
}

ConfigPtr kept(ConnectionConfig config) {
  return std::make_shared<const ConnectionConfig>(std::move(config));
}

TEST(Feeds, ATagHasOneFeeder) {
  const std::vector<ConfigPtr> others{kept(with("line 1", {"works/a", "works/b"})),
                                      kept(with("line 2", {"works/c"}))};
  EXPECT_TRUE(check_feeds(with("line 3", {"works/d"}), others));
  const auto refused = check_feeds(with("line 3", {"works/d", "works/c"}), others);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInUse);
  EXPECT_EQ(refused.error().where, "items[1].path");
  EXPECT_NE(refused.error().message.find("'line 2'"), std::string::npos);
  EXPECT_NE(refused.error().message.find("'works/c'"), std::string::npos);
}

TEST(Feeds, WhatIsDisabledFeedsNothing) {
  ConnectionConfig off = with("spare", {"works/a"});
  off.enabled = false;
  const std::vector<ConfigPtr> others{kept(off)};
  EXPECT_TRUE(check_feeds(with("line 1", {"works/a"}), others));
  EXPECT_TRUE(check_feeds(off, std::vector<ConfigPtr>{kept(with("line 1", {"works/a"}))}));
  EXPECT_EQ(find_feeder(others, "works/a"), nullptr);
}

TEST(Feeds, TellsWhoFeedsATag) {
  const std::vector<ConfigPtr> all{kept(with("line 1", {"works/a"})),
                                   kept(with("line 2", {"works/b", "works/c"}))};
  ASSERT_TRUE(find_feeder(all, "works/c"));
  EXPECT_EQ(find_feeder(all, "works/c")->name, "line 2");
  EXPECT_EQ(find_feeder(all, "works"), nullptr);
}

TEST(Feeds, AnEnterpriseHasRoomForSoManyConnectionsAndItems) {
  Options options;
  options.connections_per_enterprise_max = 2;
  options.items_per_enterprise_max = 4;
  const std::vector<ConfigPtr> one{kept(with("line 1", {"works/a", "works/b"}))};
  EXPECT_TRUE(check_room(with("line 2", {"works/c", "works/d"}), one, options));
  const auto items = check_room(with("line 2", {"works/c", "works/d", "works/e"}), one, options);
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(items.error().where, "items");
  const std::vector<ConfigPtr> two{one[0], kept(with("line 2", {"works/c"}))};
  ConnectionConfig third = with("line 3", {});
  EXPECT_EQ(check_room(third, two, options).error().code, ErrorCode::kQuotaExceeded);
  third.id = 3;  // it is there already
  EXPECT_TRUE(check_room(third, two, options));
}

TEST(FedTags, KnowsTheOthersThatFeed) {
  FedTags tags;
  EXPECT_FALSE(tags.is_fed_by_another("works/a", 1));
  tags.begin("works/a", 1);
  tags.begin("works/a", 1);
  EXPECT_FALSE(tags.is_fed_by_another("works/a", 1));
  EXPECT_TRUE(tags.is_fed_by_another("works/a", 2));
  tags.begin("works/a", 2);
  EXPECT_TRUE(tags.is_fed_by_another("works/a", 1));
  tags.end("works/a", 2);
  tags.end("works/b", 2);
  EXPECT_FALSE(tags.is_fed_by_another("works/a", 1));
}

}  // namespace
}  // namespace tundish::connect
