#include "asset/enterprises.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "asset/asset_testing.h"

namespace tundish::asset {
namespace {

Site a_site(EnterpriseId enterprise, std::string code) {
  Site site;
  site.enterprise = enterprise;
  site.code = std::move(code);
  site.name = "Site " + site.code;
  site.time_zone = "Asia/Shanghai";
  return site;
}

TEST_F(AssetTest, EnterprisesOutlastARestart) {
  clock_.advance(kHour);
  Enterprise wanted;
  wanted.code = "mine-7";
  wanted.name = "铁矿 <b>'\"; DROP TABLE asset_enterprise; --";
  wanted.industry = "mining";
  wanted.region = "四川";
  wanted.simulated = true;
  const auto made = enterprises().create(wanted);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->created, kStart + kHour);
  restart();
  const auto found = enterprises().find("mine-7");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, made->id);
  EXPECT_EQ(found->name, wanted.name);
  EXPECT_EQ(found->industry, "mining");
  EXPECT_EQ(found->region, "四川");
  EXPECT_TRUE(found->simulated);
  EXPECT_EQ(found->created, made->created);
  EXPECT_EQ(enterprises().find(made->id)->code, "mine-7");
  EXPECT_EQ(enterprises().enterprises().size(), 3u);
}

TEST_F(AssetTest, CodesAreUniqueAndPlain) {
  const auto create = [&](std::string code) {
    Enterprise wanted;
    wanted.code = std::move(code);
    return enterprises().create(wanted);
  };
  EXPECT_EQ(code_of(create("steel-01")), ErrorCode::kAlreadyExists);
  for (const char* code : {"", "Steel", "a b", "a/b", "..", "a'b", "高炉", "a_b", "a*"})
    EXPECT_EQ(code_of(create(code)), ErrorCode::kInvalidArgument) << code;
  EXPECT_EQ(code_of(create(std::string(41, 'a'))), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(create(std::string(40, 'a')));
  EXPECT_EQ(create("b")->name, "b") << "without a name it has its code";
}

TEST_F(AssetTest, EnterprisesAreChangedButKeepTheirCode) {
  const auto changed = enterprises().update(steel_, {.name = "新名", .region = "重庆"});
  ASSERT_TRUE(changed);
  restart();
  const auto found = enterprises().find(steel_);
  EXPECT_EQ(found->name, "新名");
  EXPECT_EQ(found->region, "重庆");
  EXPECT_EQ(found->industry, "steel");
  EXPECT_EQ(found->code, "steel-01");
  EXPECT_EQ(code_of(enterprises().update(EnterpriseId(99), {})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(enterprises().update(steel_, {.name = "a\nb"})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(enterprises().update(steel_, {.name = ""})), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(enterprises().find(EnterpriseId(0)));
}

TEST_F(AssetTest, SitesAreKeptChangedAndRemoved) {
  Site wanted = a_site(steel_, "north");
  wanted.latitude = 29.56;
  wanted.longitude = 106.55;
  auto site = enterprises().save_site(wanted);
  ASSERT_TRUE(site) << site.error().to_string();
  site->name = "北区";
  site->time_zone = "America/Sao_Paulo";
  ASSERT_TRUE(enterprises().save_site(*site));
  ASSERT_TRUE(enterprises().save_site(a_site(steel_, "east")));
  restart();
  const auto sites = enterprises().sites(steel_);
  ASSERT_EQ(sites.size(), 2u);
  EXPECT_EQ(sites[0].code, "east");
  EXPECT_EQ(sites[0].latitude, std::nullopt);
  EXPECT_EQ(sites[1].name, "北区");
  EXPECT_EQ(sites[1].time_zone, "America/Sao_Paulo");
  EXPECT_EQ(sites[1].longitude, 106.55);
  ASSERT_TRUE(enterprises().remove_site(steel_, site->id));
  EXPECT_EQ(code_of(enterprises().remove_site(steel_, site->id)), ErrorCode::kNotFound);
  restart();
  EXPECT_EQ(enterprises().sites(steel_).size(), 1u);
  const auto again = enterprises().save_site(a_site(steel_, "north"));
  ASSERT_TRUE(again);
  EXPECT_GT(again->id, site->id) << "ids are not used again";
}

TEST_F(AssetTest, SitesThatMakeNoSenseAreRefused) {
  const auto refused = [&](auto change) {
    Site site = a_site(steel_, "north");
    change(site);
    return code_of(enterprises().save_site(site));
  };
  const auto kBad = ErrorCode::kInvalidArgument;
  EXPECT_EQ(refused([](Site& site) { site.code = ""; }), kBad);
  EXPECT_EQ(refused([](Site& site) { site.code = "a/b"; }), kBad);
  EXPECT_EQ(refused([](Site& site) { site.code = "100%"; }), kBad);
  EXPECT_EQ(refused([](Site& site) { site.name = ""; }), kBad);
  EXPECT_EQ(refused([](Site& site) { site.time_zone = "../../../etc/passwd"; }), kBad);
  EXPECT_EQ(refused([](Site& site) { site.time_zone = ""; }), kBad);
  EXPECT_EQ(refused([](Site& site) { site.latitude = 1; }), kBad);
  EXPECT_EQ(refused([](Site& site) {
              site.latitude = 90.1;
              site.longitude = 0;
            }),
            kBad);
  EXPECT_EQ(refused([](Site& site) {
              site.latitude = 0;
              site.longitude = std::numeric_limits<double>::quiet_NaN();
            }),
            kBad);
  EXPECT_EQ(refused([](Site& site) { site.enterprise = EnterpriseId(99); }), ErrorCode::kNotFound);
  EXPECT_EQ(refused([](Site& site) { site.id = 99; }), ErrorCode::kNotFound);
}

TEST_F(AssetTest, ASiteOfAnotherEnterpriseAnswersLikeNone) {
  const auto site = enterprises().save_site(a_site(steel_, "north"));
  ASSERT_TRUE(site);
  EXPECT_TRUE(enterprises().sites(chem_).empty());
  EXPECT_EQ(enterprises().remove_site(chem_, site->id).error().to_string(),
            enterprises().remove_site(chem_, 999).error().to_string());
  Site taken = a_site(chem_, "north");
  taken.id = site->id;
  EXPECT_EQ(code_of(enterprises().save_site(taken)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(enterprises().save_site(a_site(steel_, "north"))), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(enterprises().save_site(a_site(chem_, "north")));
  Site moved = *site;
  moved.code = "south";
  EXPECT_EQ(code_of(enterprises().save_site(moved)), ErrorCode::kConflict);
}

TEST_F(AssetTest, AFullDiskRefusesAnEnterpriseAndResumes) {
  make_filler();
  fill_disk();
  Enterprise wanted;
  wanted.code = "late";
  wanted.name = std::string(200, 'x');
  Result<Enterprise> made;
  for (int i = 0; i < 1000; ++i) {
    wanted.code = "late-" + std::to_string(i);
    made = enterprises().create(wanted);
    if (!made) break;
  }
  EXPECT_EQ(code_of(made), ErrorCode::kDiskFull);
  EXPECT_FALSE(enterprises().find(wanted.code));
  EXPECT_TRUE(enterprises().find("steel-01"));
  ASSERT_TRUE(database_->set_bytes_max(64 << 20));
  EXPECT_TRUE(enterprises().create(wanted));
}

TEST_F(AssetTest, ANewNameOfAnEnterpriseOrSiteCanBeSeen) {
  Enterprise enterprise;
  enterprise.code = "mine-01";
  enterprise.name = "Mine \u202E10";
  EXPECT_EQ(code_of(store_->enterprises().create(enterprise)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(store_->enterprises().update(steel_, {.name = std::string("Steel\u200B")})),
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(store_->enterprises().update(steel_, {.name = std::string("钢铁 1")}));
  Site site;
  site.enterprise = steel_;
  site.time_zone = "UTC";
  site.name = "Works";
  for (const char* code : {"..", " works", "wo\u00ADrks"}) {
    site.code = code;
    EXPECT_EQ(code_of(store_->enterprises().save_site(site)), ErrorCode::kInvalidArgument) << code;
  }
  site.code = "works";
  EXPECT_TRUE(store_->enterprises().save_site(site));
}

}  // namespace
}  // namespace tundish::asset
