// From points to assets by the API: proposals, a preview, what a person confirmed, its undo.
#include <gtest/gtest.h>

#include <algorithm>

#include "system/plant.h"

namespace tundish::test {
namespace {

constexpr std::string_view kPropose = "/api/v1/bindings/propose?pack=steel";
constexpr std::string_view kApply = "/api/v1/bindings/apply?dry_run=false";
constexpr std::string_view kList =
    "name,address,type,unit,description,low,high\n"
    "BF1_HBT,DB1.DBD0,REAL,℃,1#高炉热风温度,0,1400\n"
    "BF1_HBP,DB1.DBD4,REAL,bar,1#高炉热风压力,0,6\n";

class Bindings : public PlantTest {
 protected:
  void install_steel() {
    const auto applied = here().post(engineer_, "/api/v1/packs/steel/apply?dry_run=false", "");
    ASSERT_EQ(applied.status, 200) << applied.body;
  }
  wire::JsonValue list(std::string_view csv, int status = 200) {
    const auto answer = here().ask(engineer_, {.method = "POST",
                                               .target = std::string(kPropose),
                                               .body = std::string(csv),
                                               .content_type = "text/csv"});
    EXPECT_EQ(answer.status, status) << answer.body.substr(0, 500);
    return answer.json();
  }
  wire::JsonValue as_engineer(std::string_view target, const std::string& body, int status = 200) {
    const auto answer = here().post(engineer_, std::string(target), body);
    EXPECT_EQ(answer.status, status) << body << ": " << answer.body.substr(0, 500);
    return answer.json();
  }
  static std::string first_of(const wire::JsonValue& answer, std::size_t point) {
    const auto first = fmt::format("points.{}.proposals.0.", point);
    return text_at(answer, first + "template") + "/" + text_at(answer, first + "attribute");
  }
};

TEST_F(Bindings, AListFindsItsTagsAndBecomesAnAssetThatCanBeTakenBack) {
  install_steel();
  post("works-01/raw/BF1_HBT", {{"08:00:00", "1180"}});
  post("works-01/raw/BF1_HBP", {{"08:00:00", "3.5"}});
  const auto proposed = list(kList);
  EXPECT_EQ(first_of(proposed, 0), "blast_furnace/hot_blast_temp");
  EXPECT_EQ(first_of(proposed, 1), "blast_furnace/hot_blast_pressure");
  EXPECT_EQ(text_at(proposed, "points.0.tag"), "works-01/raw/BF1_HBT");
  EXPECT_EQ(text_at(proposed, "points.1.proposals.0.unit"), "bar");
  EXPECT_FALSE(at(proposed, "points.0.proposals.0.reasons").array()->empty());
  const auto asset = text_at(proposed, "points.0.proposals.0.asset");
  EXPECT_EQ(text_at(proposed, "points.1.proposals.0.asset"), asset);

  const auto body = fmt::format(
      R"({{"bindings":[{{"asset":"{0}","template":"blast_furnace","attribute":"hot_blast_temp",)"
      R"("tag":"works-01/raw/BF1_HBT"}},{{"asset":"{0}","template":"blast_furnace",)"
      R"("attribute":"hot_blast_pressure","tag":"works-01/raw/BF1_HBP","unit":"bar","range":[0,6]}}]}})",
      asset);
  const auto preview = as_engineer("/api/v1/bindings/apply", body);
  EXPECT_GT(number_at(preview, "changes_total"), 0);
  EXPECT_TRUE(at(preview, "undo").is_null());
  EXPECT_EQ(at(get("/api/v1/assets"), "children").array()->size(), 1u)
      << "a preview makes nothing beside the folder of the tags";

  const auto applied = as_engineer(kApply, body);
  const auto id = number_at(applied, "assets.0");
  const auto made = get(fmt::format("/api/v1/assets/{}", id));
  EXPECT_EQ(text_at(made, "attributes.hot_blast_temp.tag.path"), "works-01/raw/BF1_HBT");
  EXPECT_EQ(text_at(made, "attributes.hot_blast_pressure.unit"), "bar");
  EXPECT_DOUBLE_EQ(real_at(made, "attributes.hot_blast_pressure.valid.1"), 6);
  EXPECT_NEAR(real_at(made, "attributes.hot_blast_pressure.normal.0"), 3.3, 1e-9)
      << "the template's range, in the unit of the point";
  // What is bound is no longer offered.
  const auto rest = as_engineer(kPropose, R"({"tags":"works-01/**"})");
  EXPECT_TRUE(at(rest, "points").array()->empty());

  // The same again changes nothing; then it is taken back as a whole.
  EXPECT_EQ(number_at(as_engineer("/api/v1/bindings/apply", body), "changes_total"), 0);
  std::string made_ids;
  for (const auto& one : *at(applied, "undo.made").array())
    made_ids += (made_ids.empty() ? "" : ",") + std::to_string(*one.integer());
  const auto undo = fmt::format(R"({{"version":{},"made":[{}],"changed":[]}})",
                                number_at(applied, "undo.version"), made_ids);
  as_engineer("/api/v1/bindings/undo?dry_run=false", undo);
  EXPECT_EQ(here().get(viewer_, fmt::format("/api/v1/assets/{}", id)).status, 404);
  as_engineer("/api/v1/bindings/undo?dry_run=false", undo, 409);
  const auto offered = as_engineer(kPropose, R"({"tags":"works-01/raw/**"})");
  EXPECT_EQ(at(offered, "points").array()->size(), 2u);
}

TEST_F(Bindings, UnboundTagsAreAssetsByTheirFolders) {
  install_steel();
  post("works-01/iron/bf2/hot_blast_temp", {{"08:00:00", "1180"}});
  const auto proposed = as_engineer(kPropose, R"({"tags":"works-01/iron/**"})");
  EXPECT_EQ(first_of(proposed, 0), "blast_furnace/hot_blast_temp");
  EXPECT_EQ(text_at(proposed, "points.0.proposals.0.asset"), "works-01/iron/bf2");
}

TEST_F(Bindings, ABirthIsReadByItsMetricList) {
  const auto proposed = as_engineer(kPropose, R"({"birth":{"device":"BF1","metrics":[
    {"name":"bdSeq","datatype":"UInt64"},
    {"name":"Node Control/Rebirth","datatype":11},
    {"name":"HotBlast/Temp","alias":3,"datatype":9,"properties":{"engUnit":{"type":"String","value":"°C"}}},
    {"name":"TopPressure","datatype":"Double","properties":{"keys":["engUnit"],"values":[{"type":12,"value":"kPa"}]}},
    {"name":"Recipe","datatype":"Template"}]}})");
  ASSERT_EQ(at(proposed, "points").array()->size(), 2u);
  EXPECT_EQ(first_of(proposed, 0), "blast_furnace/hot_blast_temp");
  EXPECT_EQ(text_at(proposed, "points.0.address"), "alias 3");
  EXPECT_EQ(first_of(proposed, 1), "blast_furnace/top_pressure");
  EXPECT_EQ(text_at(proposed, "templates.0.pack"), "steel");
}

TEST_F(Bindings, ReasonsAreInTheReadersLanguage) {
  const auto answer = as_engineer(std::string(kPropose) + "&language=zh",
                                  R"({"points":[{"name":"BF1_HBT","unit":"C","sample":1180.5}]})");
  EXPECT_NE(text_at(answer, "points.0.proposals.0.reasons.0").find("热风温度"), std::string::npos);
}

TEST_F(Bindings, WhatIsWrongChangesNothingAndIsNamed) {
  install_steel();
  EXPECT_NE(text_at(list("name,adress\nx,y\n", 400), "detail").find("address"), std::string::npos);
  EXPECT_EQ(
      text_at(as_engineer(kPropose, R"({"points":[{"name":"x"},{"name":"y","type":"blob"}]})", 400),
              "where"),
      "points.1.type");
  as_engineer(kPropose, R"({"points":[],"tags":"works-01/**"})", 400);
  as_engineer(kPropose, R"({"connection":999})", 404);
  as_engineer("/api/v1/bindings/propose?pack=stele", R"({"points":[]})", 404);
  as_engineer("/api/v1/bindings/propose?under=other-01/x", R"({"points":[]})", 400);
  const auto apply = [&](const std::string& bindings, int status) {
    return as_engineer(kApply, R"({"bindings":[)" + bindings + "]}", status);
  };
  const std::string good =
      R"({"asset":"works-01/bf7","template":"blast_furnace","attribute":"hot_blast_temp"})";
  const auto twice = apply(good + "," + good, 400);
  EXPECT_EQ(text_at(twice, "where"), "bindings.1.attribute");
  apply(good + R"(,{"asset":"works-01/bf7","template":"hot_stove","attribute":"dome_temp"})", 409);
  apply(
      good +
          R"(,{"asset":"works-01/bf7","template":"blast_furnace","attribute":"top_pressure","unit":"Cel"})",
      400);
  apply(
      good +
          R"(,{"asset":"works-01/bf7","template":"blast_furnace","attribute":"top_pressure","tag":"other-01/x/y"})",
      404);
  apply(R"({"asset":"works-01/bf7","template":"blast_furnace","attribute":"specific_nothing"})",
        400);
  apply(R"({"asset":"other-01/bf1","template":"blast_furnace","attribute":"top_pressure"})", 400);
  EXPECT_EQ(here().platform().models().model(here().enterprise("works-01"))->find("works-01/bf7"),
            nullptr)
      << "all or nothing";
  // With neither tag nor node the attribute waits for samples of its own path.
  EXPECT_EQ(number_at(apply(good, 200), "waiting"), 1);
  post("works-01/bf7/hot_blast_temp", {{"08:00:00", "1180"}});
}

}  // namespace
}  // namespace tundish::test
