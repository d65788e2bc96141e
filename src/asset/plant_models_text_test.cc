#include <fmt/format.h>
#include <gtest/gtest.h>

#include "asset/asset_testing.h"
#include "asset/model_text.h"
#include "asset/plant_models.h"

namespace tundish::asset {
namespace {

const EditBy kAnna{.actor = "user:anna", .dry_run = false};
const EditBy kAsked{.actor = "user:anna", .dry_run = true};

constexpr std::string_view kWorks = R"yaml(
templates:
  furnace:
    words: {en: Blast furnace, zh: 高炉}
    attributes:
      power: {measured: double, unit: kW, valid: [0, 5000], aliases: [P, "12"]}
      volume: {constant: 2500, unit: m3}
      state: {constant: "on"}
      twice: {formula: "power * 2", unit: kW, every: 10s}
assets:
  works: {words: {en: Works, zh: 厂区}}
  works/iron/bf1: {template: furnace, words: {en: "1"}, attributes: {volume: {constant: 2600.5}, state: {constant: "5"}}}
  works/iron/bf2: {template: furnace, site: works, attributes: {power: {tag: steel-01/p, unit: MW, formula: "volume / 1 'm3' * 2 'MW'"}}}
)yaml";

class ModelTextTest : public AssetTest {
 protected:
  ModelStore& store() { return store_->model_store(); }
  std::shared_ptr<const PlantModel> model() { return store_->models().model(steel_); }
  Result<EditResult> import(std::string_view text, ModelFormat format = ModelFormat::kYaml,
                            const EditBy& by = kAnna, bool remove = true,
                            std::string_view under = "steel-01") {
    return store().import_model(by, steel_, under, format, text, remove);
  }
  std::string exported(ModelFormat format, std::string_view under = "steel-01") {
    const auto text = store().export_model(steel_, under, format);
    return text ? *text : text.error().message;
  }
  std::string mistake(std::string_view text, ModelFormat format = ModelFormat::kYaml) {
    const auto result = import(text, format);
    return result ? "none" : result.error().message;
  }
  void build() {
    make_tag(steel_, "steel-01/p");
    ASSERT_TRUE(enterprises().save_site(
        {.enterprise = steel_, .code = "works", .name = "Works", .time_zone = "Asia/Shanghai"}));
    const auto done = import(kWorks);
    ASSERT_TRUE(done) << done.error().to_string();
  }
};

TEST_F(ModelTextTest, WhatIsExportedImportsAsTheSame) {
  build();
  EXPECT_EQ(model()->assets().size(), 4u);
  const auto version = model()->version();
  for (const ModelFormat format : {ModelFormat::kYaml, ModelFormat::kCsv}) {
    const std::string text = exported(format);
    const auto again = import(text, format);
    ASSERT_TRUE(again) << again.error().to_string() << text;
    EXPECT_TRUE(again->changes.empty()) << text;
    EXPECT_EQ(again->version, version);
  }
  // Elsewhere everything is made anew.
  Enterprise wanted;
  wanted.code = "steel-02";
  const auto other = enterprises().create(wanted);
  ASSERT_TRUE(enterprises().save_site(
      {.enterprise = other->id, .code = "works", .name = "Works", .time_zone = "UTC"}));
  const auto copied =
      store().import_model(kAnna, other->id, "steel-02", ModelFormat::kYaml, kWorks, true);
  EXPECT_FALSE(copied) << "the tag of another enterprise is none of ours";
}

TEST_F(ModelTextTest, ConstantsAndTextsKeepTheirTypes) {
  build();
  for (const ModelFormat format : {ModelFormat::kYaml, ModelFormat::kCsv}) {
    ASSERT_TRUE(import(exported(format), format));
    const auto now = model();
    const Asset& furnace = *now->find("steel-01/works/iron/bf1");
    EXPECT_EQ(furnace.find("state")->definition.constant, Value(std::string("5")));
    EXPECT_EQ(furnace.find("volume")->definition.constant, Value(2600.5));
    EXPECT_EQ(furnace.words.at("en"), "1");
    EXPECT_EQ(now->find("steel-01/works/iron/bf2")->find("power")->definition.kind,
              AttributeKind::kFormula);
  }
}

TEST_F(ModelTextTest, AnImportSaysWhatItWouldChange) {
  build();
  const auto before = model();
  const std::string csv =
      "id,path,attribute,template,en,valid_low,valid_high\r\n" +
      fmt::format("steel-01:{},works/iron/one,,furnace,One,,\r\n",
                  before->find("steel-01/works/iron/bf1")->id.value()) +
      "works-09:1,works/iron/bf3,,furnace,,,\r\n,works/iron/bf3,power,,,0,700\r\n";
  const auto asked = import(csv, ModelFormat::kCsv, kAsked);
  ASSERT_TRUE(asked) << asked.error().to_string();
  EXPECT_EQ(model(), before);
  std::vector<std::string> all;
  for (const auto& one : asked->changes)
    if (one.item.empty())
      all.push_back(fmt::format("{} {} {}", one.path, change_kind_name(one.kind), one.field));
  EXPECT_EQ(all,
            (std::vector<std::string>{
                "steel-01/works/iron/bf2 removed ", "steel-01/works/iron/bf3 added ",
                "steel-01/works/iron/one changed path", "steel-01/works/iron/one changed words"}));
  const auto kept = import(csv, ModelFormat::kCsv, kAnna, false);
  ASSERT_TRUE(kept) << kept.error().to_string();
  EXPECT_NE(model()->find("steel-01/works/iron/bf2"), nullptr) << "not told to remove";
  EXPECT_EQ(model()->find("steel-01/works/iron/one")->id,
            before->find("steel-01/works/iron/bf1")->id);
  EXPECT_EQ(model()->find("steel-01/works/iron/bf3")->find("power")->definition.valid,
            (Limits{0, 700}));
  ASSERT_TRUE(import(csv, ModelFormat::kCsv));
  EXPECT_EQ(model()->find("steel-01/works/iron/bf2"), nullptr);
  EXPECT_NE(model()->find("steel-01/works/iron"), nullptr) << "what is above stays";
}

TEST_F(ModelTextTest, ASubtreeIsImportedByItself) {
  build();
  EXPECT_EQ(code_of(store().export_model(steel_, "steel-01/nothing", ModelFormat::kCsv)),
            ErrorCode::kNotFound);
  const std::string text = exported(ModelFormat::kYaml, "steel-01/works/iron/bf1");
  EXPECT_EQ(text.find("bf2"), std::string::npos);
  const auto done = import(text, ModelFormat::kYaml, kAnna, true, "steel-01/works/iron/bf1");
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_TRUE(done->changes.empty());
  const auto outside = import(text, ModelFormat::kYaml, kAnna, true, "steel-01/works/iron/bf2");
  EXPECT_TRUE(outside.error().message.starts_with("line ")) << outside.error().message;
}

TEST_F(ModelTextTest, MistakesNameLineAndColumnAndChangeNothing) {
  build();
  const auto before = model();
  EXPECT_EQ(mistake("assets:\n  a: {templte: x}"),
            "line 2, column 7: an asset has no 'templte'; did you mean 'template'?");
  EXPECT_EQ(mistake("assets:\n  a: {template: furnce}"),
            "line 2, column 3: steel-01/a: there is no template 'furnce'; did you mean 'furnace'?");
  EXPECT_EQ(mistake("templates:\n  x:\n    attributes:\n      p: {measured: double, unit: kWx}")
                .substr(0, 17),
            "line 4, column 29");
  EXPECT_EQ(mistake("assets:\n  a:\n    attributes: {power: {valid: [5, 1]}}").substr(0, 18),
            "line 3, column 26:");
  EXPECT_EQ(mistake("assets:\n  a: {site: nowhere}"),
            "line 2, column 3: there is no site 'nowhere'");
  // What only the check of the whole model finds leads to the line of the text, too.
  const std::string x =
      "templates:\n  x:\n    attributes:\n      p: {measured: double, unit: kW}\n";
  EXPECT_EQ(mistake(x + "      q: {formula: \"pp * 2\", unit: kW}\n").substr(0, 57),
            "line 5, column 7: template x attribute q: line 1, column ");
  EXPECT_EQ(mistake(x + "      q: {formula: \"p * 2\", unit: m}\n").substr(0, 17),
            "line 5, column 7:");
  EXPECT_EQ(mistake(x + "      q: {formula: \"q * 2\", unit: kW}\n").substr(0, 17),
            "line 5, column 7:");
  EXPECT_EQ(
      mistake(x + "    alarms:\n      hot: {when: \"p > 5\", priority: high}\n").substr(0, 17),
      "line 6, column 7:");
  EXPECT_EQ(
      mistake(x + "      q: {measured: double, unit: kW, normal: [0, 20], valid: [0, 10]}\n"),
      "line 5, column 7: template x attribute q: what is normal, 0 to 20, lies within what is "
      "valid, 0 to 10");
  EXPECT_EQ(mistake("assets:\n  works/iron/bf1: {template: furnace, attributes: {power: {normal: "
                    "[-1, 5]}}}")
                .substr(0, 59),
            "line 2, column 3: steel-01/works/iron/bf1 attribute power: ");
  const std::string kpi = "    kpis:\n      k: {unit: kW, value: \"avg(p, window)\", per: [";
  EXPECT_EQ(
      mistake(x + kpi + "shfit]}\n"),
      "line 6, column 7: template x kpi k: there is no window 'shfit'; did you mean 'shift'?");
  EXPECT_EQ(mistake("assets: [").substr(0, 5), "line ");
  EXPECT_EQ(mistake("path,templte\n", ModelFormat::kCsv),
            "line 1, column 6: there is no column 'templte'; did you mean 'template'?");
  EXPECT_EQ(mistake("path,attribute,unit\na,,\na,power,kWx\n", ModelFormat::kCsv).substr(0, 18),
            "line 3, column 9: ");
  EXPECT_EQ(mistake("path,id\na,17\n", ModelFormat::kCsv).substr(0, 18), "line 2, column 3: ");
  EXPECT_EQ(mistake("path\na\na\n", ModelFormat::kCsv), "line 3, column 1: 'a' is there twice");
  EXPECT_EQ(mistake("path,attribute,formula,template\nz,,,furnace\nz,twice,powr * 2,\n",
                    ModelFormat::kCsv)
                .substr(0, 80),
            "line 2, column 1: steel-01/z attribute twice: line 1, column 1: steel-01/z has n");
  EXPECT_EQ(model(), before);
  // A window of a kind that may come later is only told.
  const auto later = import(x + kpi + "campaign]}\n");
  ASSERT_TRUE(later) << later.error().message;
}

}  // namespace
}  // namespace tundish::asset
