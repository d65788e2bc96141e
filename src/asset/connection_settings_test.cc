#include "asset/connection_settings.h"

#include <gtest/gtest.h>

#include "asset/asset_testing.h"

namespace tundish::asset {
namespace {

ConnectionConfig a_connection(EnterpriseId enterprise, std::string name) {
  ConnectionConfig config;
  config.enterprise = enterprise;
  config.name = std::move(name);
  config.endpoint = "opc.tcp://192.0.2.1:4840/高炉?a='b'";
  config.user = "reader";
  config.password = "a secret";
  config.items.push_back({.namespace_uri = "urn:plant",
                          .identifier = "s=Line1.\"Temp\"; DROP TABLE asset_connection; --",
                          .path = "steel-01/line/temp",
                          .sampling_ms = 100,
                          .type = ValueType::kInt64,
                          .step = true,
                          .unit = "Cel",
                          .description = "<b>top</b>"});
  config.items.push_back({.namespace_uri = "",
                          .identifier = "i=2258",
                          .path = "steel-01/time",
                          .type = std::nullopt,
                          .unit = "",
                          .description = ""});
  return config;
}

TEST_F(AssetTest, ConnectionsComeBackWhole) {
  auto wanted = a_connection(steel_, "furnace");
  wanted.security_mode = "Sign";
  wanted.trusted_fingerprint = "ab12";
  wanted.publishing_ms = 500;
  wanted.enabled = false;
  wanted.simulated = true;
  const auto saved = connections().save(wanted);
  ASSERT_TRUE(saved) << saved.error().to_string();
  EXPECT_NE(saved->id, 0u);
  restart();
  const auto all = connections().load_all();
  ASSERT_EQ(all.size(), 1u);
  const auto& found = all[0];
  EXPECT_EQ(found.id, saved->id);
  EXPECT_EQ(found.enterprise, steel_);
  EXPECT_EQ(found.name, "furnace");
  EXPECT_EQ(found.kind, "opcua");
  EXPECT_EQ(found.endpoint, wanted.endpoint);
  EXPECT_EQ(found.security_policy, "Basic256Sha256");
  EXPECT_EQ(found.security_mode, "Sign");
  EXPECT_EQ(found.user, "reader");
  EXPECT_EQ(found.password, "a secret");
  EXPECT_EQ(found.trusted_fingerprint, "ab12");
  EXPECT_EQ(found.publishing_ms, 500u);
  EXPECT_FALSE(found.enabled);
  EXPECT_TRUE(found.simulated);
  ASSERT_EQ(found.items.size(), 2u);
  EXPECT_EQ(found.items[0].identifier, wanted.items[0].identifier);
  EXPECT_EQ(found.items[0].sampling_ms, 100u);
  EXPECT_EQ(found.items[0].type, ValueType::kInt64);
  EXPECT_TRUE(found.items[0].step);
  EXPECT_EQ(found.items[0].unit, "Cel");
  EXPECT_EQ(found.items[0].description, "<b>top</b>");
  EXPECT_EQ(found.items[1].path, "steel-01/time");
  EXPECT_EQ(found.items[1].type, std::nullopt);
}

TEST_F(AssetTest, SavingReplacesAllItems) {
  auto config = *connections().save(a_connection(steel_, "furnace"));
  const auto other = *connections().save(a_connection(steel_, "caster"));
  config.items.erase(config.items.begin());
  config.name = "furnace 2";
  ASSERT_TRUE(connections().save(config));
  restart();
  const auto all = connections().load_all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "furnace 2");
  ASSERT_EQ(all[0].items.size(), 1u);
  EXPECT_EQ(all[0].items[0].path, "steel-01/time");
  EXPECT_EQ(all[1].id, other.id);
  EXPECT_EQ(all[1].items.size(), 2u);
}

TEST_F(AssetTest, AConnectionOfAnotherEnterpriseAnswersLikeNone) {
  const auto saved = *connections().save(a_connection(steel_, "furnace"));
  auto stolen = saved;
  stolen.enterprise = chem_;
  auto absent = stolen;
  absent.id = 999;
  EXPECT_EQ(code_of(connections().save(stolen)), ErrorCode::kNotFound);
  EXPECT_EQ(connections().save(stolen).error().to_string(),
            connections().save(absent).error().to_string());
  EXPECT_EQ(connections().remove(chem_, saved.id).error().to_string(),
            connections().remove(chem_, 999).error().to_string());
  EXPECT_EQ(connections().load_all().size(), 1u);
  ASSERT_TRUE(connections().remove(steel_, saved.id));
  EXPECT_EQ(code_of(connections().remove(steel_, saved.id)), ErrorCode::kNotFound);
  restart();
  EXPECT_TRUE(connections().load_all().empty());
  EXPECT_GT(connections().save(a_connection(steel_, "furnace"))->id, saved.id);
}

TEST_F(AssetTest, ConnectionsNeedANameOfTheirOwnAndAnEnterprise) {
  ASSERT_TRUE(connections().save(a_connection(steel_, "furnace")));
  EXPECT_EQ(code_of(connections().save(a_connection(steel_, "furnace"))),
            ErrorCode::kAlreadyExists);
  EXPECT_TRUE(connections().save(a_connection(chem_, "furnace")));
  EXPECT_EQ(code_of(connections().save(a_connection(steel_, ""))), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(connections().save(a_connection(EnterpriseId(99), "x"))), ErrorCode::kNotFound);
}

TEST_F(AssetTest, NoErrorRepeatsASecret) {
  auto config = a_connection(steel_, "furnace");
  config.password = "s3cr3t-of-the-plc";
  ASSERT_TRUE(connections().save(config));
  const auto taken = connections().save(config);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().to_string().find(config.password), std::string::npos);
  make_filler();
  fill_disk();
  config.name = "second";
  config.items.resize(2000);
  const auto full = connections().save(config);
  EXPECT_EQ(code_of(full), ErrorCode::kDiskFull);
  EXPECT_EQ(full.error().to_string().find(config.password), std::string::npos);
  EXPECT_EQ(connections().load_all().size(), 1u) << "a half-saved connection";
}

}  // namespace
}  // namespace tundish::asset
