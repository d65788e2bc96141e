#include "asset/calendars.h"

#include <fmt/format.h>

#include "asset/asset_testing.h"

namespace tundish::asset {
namespace {

constexpr std::string_view kWorks = R"(# the works' own shifts
name: works
time_zone: Europe/Berlin
day_starts: "06:00"
shifts:
  day: {from: "06:00", to: "18:00"}
  night: {from: "18:00", to: "06:00"}
)";

std::string later(std::string_view valid_from) {
  return fmt::format(
      "name: works\nvalid_from: {}\ntime_zone: Europe/Berlin\nday_starts: \"06:00\"\n"
      "shifts: {{early: {{from: \"06:00\", length: 8h}}}}\n",
      valid_from);
}

TimeNs utc(std::string_view text) { return parse_time(text).value(); }

/// One model for every enterprise: what the asset's own store will be.
class OneModel final : public ModelReader {
 public:
  explicit OneModel(std::vector<Asset> assets)
      : model_(std::make_shared<const PlantModel>(EnterpriseId(1), 1, std::move(assets))) {}
  std::shared_ptr<const PlantModel> model(EnterpriseId) const override { return model_; }
  std::uint64_t changes() const override { return 1; }

 private:
  std::shared_ptr<const PlantModel> model_;
};

/// Assets 1, 2, ... at these sites.
std::vector<Asset> assets_at(const std::vector<std::uint64_t>& sites) {
  std::vector<Asset> assets(sites.size());
  for (std::size_t i = 0; i < assets.size(); ++i) {
    assets[i].id = AssetId(i + 1);
    assets[i].path = fmt::format("steel-01/{}", i + 1);
    assets[i].site = sites[i];
    assets[i].facts = std::make_shared<const TemplateFacts>();
  }
  return assets;
}

class CalendarsTest : public AssetTest {
 protected:
  Calendars& calendars() { return store_->calendars(); }
  std::uint64_t make_site(EnterpriseId enterprise, std::string code, std::string zone) {
    Site site;
    site.enterprise = enterprise;
    site.code = site.name = std::move(code);
    site.time_zone = std::move(zone);
    return enterprises().save_site(site).value().id;
  }
  std::vector<std::string> labels(std::string_view window, TimeRange range) {
    const auto found = calendars().windows(steel_, "works", window, range, 1000);
    EXPECT_TRUE(found) << found.error().to_string();
    std::vector<std::string> all;
    if (found)
      for (const auto& one : *found) all.push_back(one.stretch.label);
    return all;
  }
};
using Lines = std::vector<std::string>;

TEST_F(CalendarsTest, KeepsTextsAndSurvivesARestart) {
  ASSERT_TRUE(calendars().create(steel_, std::string(kWorks)));
  ASSERT_TRUE(calendars().save(steel_, "works", later("2026-06-01")));
  for (int round = 0; round < 2; ++round) {
    const auto found = calendars().find(steel_, "works").value();
    ASSERT_EQ(found.versions.size(), 2u);
    EXPECT_EQ(found.versions[0].valid_from, "");
    EXPECT_EQ(found.versions[0].text, kWorks);  // its comment, too
    EXPECT_EQ(found.versions[1].valid_from, "2026-06-01");
    EXPECT_EQ(found.problem, "");
    EXPECT_EQ(
        labels("shift", {utc("2026-05-31T12:00:00Z"), utc("2026-06-02T12:00:00Z")}),
        (Lines{"2026-05-31 day", "2026-05-31 night", "2026-06-01 early", "2026-06-02 early"}));
    restart();
  }
}

TEST_F(CalendarsTest, WindowsSayWhatIsPlanned) {
  ASSERT_TRUE(calendars().create(steel_, std::string(kWorks) + "holidays: {2026-10-24: {}}\n"));
  const auto days = calendars()
                        .windows(steel_, "works", "day",
                                 {utc("2026-10-23T12:00:00Z"), utc("2026-10-26T00:00:00Z")}, 10)
                        .value();
  ASSERT_EQ(days.size(), 3u);
  EXPECT_EQ(days[0].planned, 24 * kHour);
  EXPECT_EQ(days[1].planned, 0);
  EXPECT_EQ(days[1].stretch.range.to - days[1].stretch.range.from, 25 * kHour);
  const auto ask = [&](std::string_view name, std::string_view window, std::size_t most) {
    return code_of(calendars().windows(
        steel_, name, window, {utc("2026-10-23T12:00:00Z"), utc("2026-10-26T00:00:00Z")}, most));
  };
  EXPECT_EQ(ask("works", "day", 2), ErrorCode::kTooLarge);
  EXPECT_EQ(ask("works", "heat", 10), ErrorCode::kNotFound);
  EXPECT_EQ(ask("nothing", "day", 10), ErrorCode::kNotFound);
}

TEST_F(CalendarsTest, AMistakeChangesNothingAndSaysWhere) {
  const auto refused = calendars().create(steel_, "name: works\ntime_zone: UTC\nshfts: {}\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "calendar:3:1");
  const auto zone = calendars().create(steel_, "name: works\ntime_zone: Europe/Berlyn\n");
  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().where, "calendar:2:12");
  EXPECT_NE(zone.error().message.find("did you mean 'Europe/Berlin'?"), std::string::npos);
  EXPECT_TRUE(calendars().calendars(steel_).empty());
  EXPECT_EQ(calendars().changes(), 0u);

  ASSERT_TRUE(calendars().create(steel_, std::string(kWorks)));
  EXPECT_EQ(code_of(calendars().create(steel_, std::string(kWorks))), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(calendars().save(steel_, "other", std::string(kWorks))), ErrorCode::kNotFound);
  ASSERT_TRUE(calendars().create(steel_, "name: other\ntime_zone: UTC\n"));
  EXPECT_EQ(code_of(calendars().save(steel_, "other", std::string(kWorks))), ErrorCode::kConflict);
  EXPECT_EQ(calendars().changes(), 2u);
}

TEST_F(CalendarsTest, JsonIsKeptAsYaml) {
  const auto made =
      calendars().create(steel_, R"({"name":"works","time_zone":"UTC","targets":{"oee":0.85}})");
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(made->versions.at(0).text,
            "name: \"works\"\ntime_zone: \"UTC\"\nday_starts: \"00:00\"\nweek_starts: monday\n"
            "targets:\n  \"oee\": 0.85\n");
}

TEST_F(CalendarsTest, AnotherEnterprisesCalendarDoesNotExist) {
  ASSERT_TRUE(calendars().create(steel_, std::string(kWorks)));
  EXPECT_TRUE(calendars().calendars(chem_).empty());
  EXPECT_EQ(code_of(calendars().find(chem_, "works")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(calendars().save(chem_, "works", std::string(kWorks))), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(calendars().remove(chem_, "works", std::nullopt)), ErrorCode::kNotFound);
  const auto site = make_site(chem_, "north", "UTC");
  EXPECT_EQ(code_of(calendars().set_calendar_of(chem_, site, "works")),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(calendars().set_calendar_of(steel_, site, "works")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(calendars().calendar_of(steel_, site)), ErrorCode::kNotFound);
  ASSERT_TRUE(calendars().create(chem_, "name: works\ntime_zone: UTC\n"));
  EXPECT_EQ(calendars().find(steel_, "works").value().versions.at(0).text, kWorks);
}

TEST_F(CalendarsTest, ASitesCalendarStaysWhileItIsUsed) {
  const auto site = make_site(steel_, "north", "Asia/Shanghai");
  ASSERT_TRUE(calendars().create(steel_, std::string(kWorks)));
  ASSERT_TRUE(calendars().save(steel_, "works", later("2026-06-01")));
  ASSERT_TRUE(calendars().set_calendar_of(steel_, site, "works"));
  restart();
  EXPECT_EQ(calendars().calendar_of(steel_, site).value(), "works");
  EXPECT_EQ(calendars().find(steel_, "works").value().sites, std::vector<std::uint64_t>{site});
  EXPECT_EQ(code_of(calendars().remove(steel_, "works", std::nullopt)), ErrorCode::kConflict);
  EXPECT_EQ(code_of(calendars().remove(steel_, "works", "2026-06-02")), ErrorCode::kNotFound);
  ASSERT_TRUE(calendars().remove(steel_, "works", ""));
  EXPECT_EQ(code_of(calendars().remove(steel_, "works", "2026-06-01")), ErrorCode::kConflict);
  // What is left holds before its day as well.
  EXPECT_EQ(labels("shift", {utc("2026-05-30T12:00:00Z"), utc("2026-05-31T12:00:00Z")}),
            (Lines{"2026-05-31 early"}));
  ASSERT_TRUE(calendars().set_calendar_of(steel_, site, std::nullopt));
  EXPECT_EQ(calendars().calendar_of(steel_, site).value(), std::nullopt);
  ASSERT_TRUE(calendars().remove(steel_, "works", "2026-06-01"));
  restart();
  EXPECT_TRUE(calendars().calendars(steel_).empty());
}

TEST_F(CalendarsTest, ARemovedSiteLeavesNothingBehind) {
  const auto site = make_site(steel_, "north", "UTC");
  ASSERT_TRUE(calendars().create(steel_, std::string(kWorks)));
  ASSERT_TRUE(calendars().set_calendar_of(steel_, site, "works"));
  ASSERT_TRUE(enterprises().remove_site(steel_, site));
  EXPECT_TRUE(calendars().find(steel_, "works").value().sites.empty());
  ASSERT_TRUE(calendars().remove(steel_, "works", std::nullopt));
  restart();
  EXPECT_TRUE(calendars().calendars(steel_).empty());
}

TEST_F(CalendarsTest, QuotasHold) {
  for (std::size_t i = 0; i < kCalendarsMax; ++i)
    ASSERT_TRUE(calendars().create(steel_, fmt::format("name: c{}\ntime_zone: UTC\n", i)));
  EXPECT_EQ(code_of(calendars().create(steel_, "name: more\ntime_zone: UTC\n")),
            ErrorCode::kQuotaExceeded);
  for (std::size_t i = 0; i + 1 < kCalendarVersionsMax; ++i)
    ASSERT_TRUE(calendars().save(
        steel_, "c1", fmt::format("name: c1\ntime_zone: UTC\nvalid_from: {}-01-01\n", 2000 + i)));
  EXPECT_EQ(
      code_of(calendars().save(steel_, "c1", "name: c1\ntime_zone: UTC\nvalid_from: 2200-01-01\n")),
      ErrorCode::kQuotaExceeded);
  // In the place of a version there is room.
  EXPECT_TRUE(calendars().save(steel_, "c1", "name: c1\ntime_zone: UTC\nvalid_from: 2000-01-01\n"));
}

TEST_F(CalendarsTest, AFullDiskChangesNothing) {
  make_filler();
  ASSERT_TRUE(calendars().create(steel_, std::string(kWorks)));
  fill_disk();
  EXPECT_EQ(code_of(calendars().save(steel_, "works",
                                     later("2026-06-01") + "#" + std::string(200'000, 'x'))),
            ErrorCode::kDiskFull);
  EXPECT_EQ(calendars().find(steel_, "works").value().versions.size(), 1u);
  EXPECT_EQ(labels("shift", {utc("2026-06-01T12:00:00Z"), utc("2026-06-01T12:00:01Z")}),
            (Lines{"2026-06-01 day"}));
}

TEST_F(CalendarsTest, WindowsOfAnAssetAreThoseOfItsSite) {
  const auto north = make_site(steel_, "north", "Asia/Kathmandu");
  const auto south = make_site(steel_, "south", "UTC");
  ASSERT_TRUE(calendars().create(steel_, std::string(kWorks)));
  ASSERT_TRUE(calendars().set_calendar_of(steel_, south, "works"));
  const OneModel model(assets_at({0, north, south}));
  const CalendarWindows windows(model, calendars());
  const TimeRange noon{utc("2026-03-28T12:00:00Z"), utc("2026-03-28T12:00:01Z")};
  const auto one = [&](std::uint64_t asset, std::string_view name) {
    const auto found = windows.windows(steel_, AssetId(asset), name, noon);
    EXPECT_TRUE(found) << found.error().to_string();
    return found && found->size() == 1 ? found->at(0) : Stretch{};
  };
  EXPECT_EQ(one(1, "day").range.from, utc("2026-03-28T00:00:00Z"));
  EXPECT_EQ(one(2, "day").range.from, utc("2026-03-28T00:00:00+05:45"));
  EXPECT_EQ(one(2, "hour").range.from, utc("2026-03-28T11:15:00Z"));
  EXPECT_EQ(one(3, "day").range,
            (TimeRange{utc("2026-03-28T06:00:00+01:00"), utc("2026-03-29T06:00:00+02:00")}));
  EXPECT_EQ(one(3, "shift").label, "2026-03-28 day");
  EXPECT_EQ(one(3, "month").label, "2026-03");

  const auto refused = windows.windows(steel_, AssetId(2), "shift", noon);
  EXPECT_EQ(code_of(refused), ErrorCode::kNotFound);
  EXPECT_NE(refused.error().message.find("/api/v1/calendars"), std::string::npos);
  EXPECT_EQ(code_of(windows.windows(steel_, AssetId(1), "shift", noon)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(windows.windows(steel_, AssetId(3), "heat", noon)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(windows.windows(steel_, AssetId(9), "day", noon)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(windows.windows(steel_, AssetId(3), "hour", {kTimeMin, kTimeMax})),
            ErrorCode::kTooLarge);
}

TEST_F(CalendarsTest, WhatIsPlannedAtAnAsset) {
  const auto site = make_site(steel_, "south", "Europe/Berlin");
  ASSERT_TRUE(calendars().create(
      steel_, std::string(kWorks) +
                  "breaks: {lunch: {from: \"12:00\", length: 45min}}\ntargets: {oee: 0.8}\n"
                  "downtime_reasons: {M1: {category: unplanned, words: {en: Bearing}}}\n"));
  ASSERT_TRUE(calendars().save(steel_, "works", later("2026-06-01") + "targets: {oee: 0.9}\n"));
  ASSERT_TRUE(calendars().set_calendar_of(steel_, site, "works"));
  const OneModel model(assets_at({0, site}));
  const CalendarWindows plan(model, calendars());
  const AssetId nowhere(1), at_site(2), absent(9);
  const TimeRange may{utc("2026-05-12T04:00:00Z"), utc("2026-05-13T04:00:00Z")};
  const TimeRange june{utc("2026-06-12T04:00:00Z"), utc("2026-06-13T04:00:00Z")};
  EXPECT_EQ(plan.planned_time(steel_, nowhere, may).value(), kDay);
  EXPECT_EQ(plan.planned_time(steel_, at_site, may).value(), kDay - 45 * kMinute);
  EXPECT_EQ(plan.planned_time(steel_, at_site, june).value(), 8 * kHour);
  EXPECT_EQ(plan.target(steel_, at_site, "oee", may.from).value(), 0.8);
  EXPECT_EQ(plan.target(steel_, at_site, "oee", june.from).value(), 0.9);
  EXPECT_EQ(plan.target(steel_, at_site, "yield", june.from).value(), std::nullopt);
  EXPECT_EQ(plan.target(steel_, nowhere, "oee", june.from).value(), std::nullopt);
  const auto causes = plan.downtime_causes(steel_, at_site, may.from).value();
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].code, "M1");
  EXPECT_EQ(causes[0].words.at("en"), "Bearing");
  EXPECT_FALSE(causes[0].planned);
  EXPECT_TRUE(plan.downtime_causes(steel_, at_site, june.from).value().empty());
  EXPECT_EQ(code_of(plan.planned_time(steel_, absent, may)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(plan.target(steel_, absent, "oee", may.from)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(plan.downtime_causes(steel_, absent, may.from)), ErrorCode::kNotFound);
}

TEST(ZoneFiles, ReadsEachZoneOnce) {
  const ZoneFiles zones;
  const auto first = zones.find("Europe/Berlin").value();
  EXPECT_EQ(zones.find("Europe/Berlin").value(), first);
  EXPECT_EQ(first->to_local(0).offset_s, 3600);
  for (const auto* name : {"Europe/Berlyn", "../etc/passwd", "zone.tab", "right/Europe/Berlin", ""})
    EXPECT_EQ(zones.find(name).error().code, ErrorCode::kInvalidArgument) << name;
  const ZoneFiles nothing("/nonexistent");
  EXPECT_EQ(nothing.find("UTC").value()->to_local(0).offset_s, 0);
  EXPECT_EQ(nothing.find("Europe/Berlin").error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace tundish::asset
