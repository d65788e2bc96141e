#include "connect/config_check.h"

#include <gtest/gtest.h>

#include <functional>

namespace tundish::connect {
namespace {

ConnectionConfig good() {
  ConnectionConfig config;
  config.name = "line 1";
  config.endpoint = "opc.tcp://plc-7:4840/path";
  ConnectionItem item;
  item.namespace_uri = "urn:plant";
  item.identifier = "s=Line1.Temp";
  item.path = "works/line/temp";
  config.items.push_back(item);
  return config;
}

std::string where_of(const ConnectionConfig& config) {
  const auto status = check_config(config, "works");
  return status ? "good" : status.error().where;
}

TEST(ConfigCheck, KnowsANewNameFromOtherChanges) {
  const auto before = good();
  auto after = before;
  EXPECT_FALSE(is_renamed_only(before, after)) << "who saves it as it is wants it started anew";
  after.name = "line 2";
  EXPECT_TRUE(is_renamed_only(before, after));
  const auto changes = [&](const std::function<void(ConnectionConfig&)>& change) {
    auto changed = after;
    change(changed);
    return !is_renamed_only(before, changed);
  };
  EXPECT_TRUE(changes([](auto& config) { config.endpoint += "x"; }));
  EXPECT_TRUE(changes([](auto& config) { config.password = "x"; }));
  EXPECT_TRUE(changes([](auto& config) { config.trusted_fingerprint = "00"; }));
  EXPECT_TRUE(changes([](auto& config) { config.enabled = false; }));
  EXPECT_TRUE(changes([](auto& config) { config.simulated = true; }));
  EXPECT_TRUE(changes([](auto& config) { config.items.clear(); }));
  EXPECT_TRUE(changes([](auto& config) { config.items[0].unit = "K"; }));
  EXPECT_TRUE(changes([](auto& config) { config.items[0].type = ValueType::kBool; }));
}

TEST(ConfigCheck, TakesTextsThatTheTagCanCarry) {
  auto config = good();
  config.items[0].unit = std::string(64, 'm');
  config.items[0].description = std::string(1000, 'x');
  EXPECT_EQ(where_of(config), "good");
  config.items[0].unit += "m";
  EXPECT_EQ(where_of(config), "items[0].unit");
  config.items[0].unit = "m";
  config.items[0].description += "x";
  EXPECT_EQ(where_of(config), "items[0].description");
}

TEST(ConfigCheck, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(where_of(good()), "good");
  auto config = good();
  config.name = "";
  EXPECT_EQ(where_of(config), "name");
  config = good();
  config.kind = "modbus";
  EXPECT_EQ(where_of(config), "kind");
  config = good();
  config.publishing_ms = 1;
  EXPECT_EQ(where_of(config), "publishing_ms");
  config = good();
  config.items[0].identifier = "Line1";
  EXPECT_EQ(where_of(config), "items[0].identifier");
  config = good();
  config.items[0].path = "other/line/temp";
  EXPECT_EQ(where_of(config), "items[0].path");
  config = good();
  config.items.push_back(config.items[0]);
  EXPECT_EQ(where_of(config), "items[1].path");
  config = good();
  config.items[0].sampling_ms = 0;
  EXPECT_EQ(where_of(config), "items[0].sampling_ms");
}

TEST(ConfigCheck, RefusesWhatIsNotSecure) {
  for (const char* policy : {"Basic128Rsa15", "Basic256", "basic256sha256", ""}) {
    auto config = good();
    config.security_policy = policy;
    EXPECT_EQ(where_of(config), "security_policy") << policy;
  }
  auto config = good();
  config.security_mode = "None";
  EXPECT_EQ(where_of(config), "security_mode");
  config.security_policy = "None";
  EXPECT_EQ(where_of(config), "good");
  config.security_mode = "Sign";
  EXPECT_EQ(where_of(config), "security_mode");
}

TEST(ConfigCheck, TakesOnlyAddressesOfOpcUaServers) {
  for (const char* url : {"opc.tcp://plc", "opc.tcp://10.0.0.7:4840", "opc.tcp://[::1]:4840/x"})
    EXPECT_TRUE(check_endpoint(url)) << url;
  for (const char* url : {"", "http://plc:4840", "opc.tcp://", "opc.tcp://:4840", "opc.tcp://plc:",
                          "opc.tcp://plc:0", "opc.tcp://plc:65536", "opc.tcp://plc:48x0",
                          "opc.tcp://[::1", "opc.tcp://a b:4840", "opc.tcp://plc:4840\n"})
    EXPECT_FALSE(check_endpoint(url)) << url;
}

}  // namespace
}  // namespace tundish::connect
