#include "asset/plant_models.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "asset/asset_testing.h"
#include "wire/definitions/definitions_json.h"

namespace tundish::asset {
namespace {

const EditBy kAnna{.actor = "user:anna", .dry_run = false};
const EditBy kAsked{.actor = "user:anna", .dry_run = true};

/// An enterprise with a furnace that has a blast.
class PlantModelsTest : public AssetTest {
 protected:
  ModelStore& store() { return store_->model_store(); }
  std::shared_ptr<const PlantModel> model() { return store_->models().model(steel_); }

  static TemplateDefinition definition(std::string_view json) {
    const auto parsed = wire::parse_json(json);
    EXPECT_TRUE(parsed) << parsed.error().to_string();
    auto read = wire::read_template(*parsed);
    EXPECT_TRUE(read) << read.error().to_string();
    return read ? *std::move(read) : TemplateDefinition();
  }
  void save(std::vector<std::string_view> texts) {
    std::vector<TemplateDefinition> templates;
    for (const auto text : texts) templates.push_back(definition(text));
    const auto saved = store().save_templates(kAnna, steel_, templates);
    ASSERT_TRUE(saved) << saved.error().to_string();
  }
  Result<EditResult> try_save(std::string_view text) {
    return store().save_templates(kAnna, steel_, std::vector{definition(text)});
  }
  AssetId add(std::string path, std::string template_name, Overrides overrides = {}) {
    const auto made =
        store().save_assets(kAnna, steel_,
                            std::vector{AssetDefinition{.path = std::move(path),
                                                        .words = {},
                                                        .template_name = std::move(template_name),
                                                        .overrides = std::move(overrides)}});
    EXPECT_TRUE(made) << made.error().to_string();
    return made ? made->assets.at(0) : AssetId();
  }
  Result<EditResult> move(AssetId id, std::string path) {
    return store().update_asset(kAnna, steel_, id, {.path = std::move(path)});
  }
  const Attribute& attribute(std::string_view path, std::string_view name) {
    kept_ = model();
    return *kept_->find(path)->find(name);
  }
  /// `path item field: from -> to`, `path item added`.
  static std::vector<std::string> texts(const std::vector<ModelChange>& changes) {
    std::vector<std::string> all;
    for (const auto& one : changes)
      all.push_back(
          one.kind == ModelChange::Kind::kChanged
              ? fmt::format("{} {} {}: {} -> {}", one.path, one.item, one.field, one.from, one.to)
              : fmt::format("{} {} {}", one.path, one.item, change_kind_name(one.kind)));
    return all;
  }
  void build_works() {
    save({kEquipment, kFurnace});
    add("steel-01/works/bf1", "furnace");
  }

  static constexpr std::string_view kEquipment =
      R"json({"name":"equipment","attributes":{"running":{"measured":"bool"}}})json";
  static constexpr std::string_view kFurnace =
      R"json({"name":"furnace","extends":"equipment","attributes":{
"power":{"measured":"double","unit":"kW","valid":[0,5000]},"volume":{"constant":2500,"unit":"m3"},
"double_power":{"formula":"power * 2","unit":"kW"}}})json";
  std::shared_ptr<const PlantModel> kept_;
};

TEST_F(PlantModelsTest, AnEnterpriseWithoutAModelHasAnEmptyOne) {
  ASSERT_NE(model(), nullptr);
  EXPECT_TRUE(model()->assets().empty());
  EXPECT_EQ(model()->enterprise(), steel_);
}

TEST_F(PlantModelsTest, AnAssetIsKnownByTheNamesThatItHad) {
  build_works();
  const AssetId works = model()->find("steel-01/works")->id;
  const AssetId furnace = model()->find("steel-01/works/bf1")->id;
  const auto known = [&](std::vector<std::string> paths) {
    const auto found = store().known_as(steel_, paths);
    EXPECT_TRUE(found) << found.error().to_string();
    return found ? *found : std::vector<AssetId>();
  };
  EXPECT_EQ(known({"works", "works/bf1", "works/bf2"}),
            (std::vector<AssetId>{works, furnace, AssetId()}));
  ASSERT_TRUE(move(furnace, "steel-01/works/no1"));
  ASSERT_TRUE(move(works, "steel-01/plant"));
  EXPECT_EQ(known({"works/bf1", "plant/no1", "plant/bf1", "works/no1"}),
            (std::vector<AssetId>{AssetId(), furnace, AssetId(), AssetId()}))
      << "who is named so now is not also somebody else";
  EXPECT_EQ(known({"works/bf1"}), std::vector<AssetId>{furnace}) << "renamed, below one renamed";
  ASSERT_TRUE(move(furnace, "steel-01/apart"));
  EXPECT_EQ(known({"works/bf1"}), std::vector<AssetId>{furnace}) << "moved";
  const AssetId other = add("steel-01/works/bf1", "furnace");
  EXPECT_EQ(known({"works/bf1"}), std::vector<AssetId>{other})
      << "who has the name now comes first";
  ASSERT_TRUE(store().remove_asset(kAnna, steel_, furnace, false));
  EXPECT_EQ(known({"apart", "plant/no1"}), (std::vector<AssetId>{AssetId(), AssetId()}));
}

TEST_F(PlantModelsTest, AssetsHaveWhatTheirTemplatesInherit) {
  build_works();
  const auto now = model();
  ASSERT_EQ(now->assets().size(), 2u) << "the level above is made";
  const Asset& furnace = *now->find("steel-01/works/bf1");
  EXPECT_EQ(furnace.facts->name, "furnace");
  ASSERT_EQ(furnace.attributes.size(), 4u);
  EXPECT_EQ(furnace.find("running")->definition.type, ValueType::kBool);
  EXPECT_EQ(furnace.find("volume")->definition.constant, Value(2500.0));
  EXPECT_EQ(now->find(furnace.parent)->path, "steel-01/works");
  restart();
  EXPECT_EQ(model()->find("steel-01/works/bf1")->id, furnace.id);
  EXPECT_EQ(model()->version(), now->version());
  EXPECT_EQ(attribute("steel-01/works/bf1", "double_power").formula_version, 1u);
}

TEST_F(PlantModelsTest, TagsAreBoundByNameWheneverTheyCome) {
  build_works();
  EXPECT_EQ(attribute("steel-01/works/bf1", "power").tag.number, 0u);
  EXPECT_NE(attribute("steel-01/works/bf1", "double_power").tag.number, 0u)
      << "a formula's tag is made";
  EXPECT_EQ(tags().find(steel_, "steel-01/works/bf1/double_power")->unit, "kW");
  const auto changes = store_->models().changes();
  const TagPtr tag = make_tag(steel_, "steel-01/works/bf1/power");
  EXPECT_EQ(attribute("steel-01/works/bf1", "power").tag, tag->id);
  EXPECT_GT(store_->models().changes(), changes);
  ASSERT_TRUE(tags().remove(tag->id));
  EXPECT_EQ(attribute("steel-01/works/bf1", "power").tag.number, 0u);
}

TEST_F(PlantModelsTest, OverridesBindAndCorrect) {
  save({kEquipment, kFurnace});
  const TagPtr tag = make_tag(steel_, "steel-01/old/p");
  const AssetId id = add("steel-01/works/bf1", "furnace",
                         {{"power", {.tag = "steel-01/old/p", .unit = "MW", .valid = Limits{0, 5}}},
                          {"volume", {.tag = {}, .constant = Value(std::int64_t{2600})}}});
  EXPECT_EQ(attribute("steel-01/works/bf1", "power").tag, tag->id);
  EXPECT_EQ(attribute("steel-01/works/bf1", "power").definition.unit, "MW");
  EXPECT_EQ(attribute("steel-01/works/bf1", "volume").definition.constant, Value(2600.0));
  ASSERT_TRUE(tags().update(tag->id, {.path = "steel-01/old/q"}));
  EXPECT_EQ(attribute("steel-01/works/bf1", "power").tag, tag->id) << "a rename is no matter";
  restart();
  EXPECT_EQ(attribute("steel-01/works/bf1", "power").tag, tag->id);
  EXPECT_EQ(store().asset(steel_, id)->overrides.at("power").tag, "steel-01/old/q");
  ASSERT_TRUE(store().update_asset(kAnna, steel_, id, {.overrides = {{"power", std::nullopt}}}));
  EXPECT_EQ(attribute("steel-01/works/bf1", "power").definition.unit, "kW");
  const auto wrong =
      store().update_asset(kAnna, steel_, id, {.overrides = {{"powr", AttributeOverride()}}});
  EXPECT_EQ(wrong.error().message, "the asset has no attribute 'powr'; did you mean 'power'?");
}

TEST_F(PlantModelsTest, AMoveTakesTheTagsAlongAndKeepsIds) {
  build_works();
  const TagPtr power = make_tag(steel_, "steel-01/works/bf1/power");
  const TagPtr other = make_tag(steel_, "steel-01/works/bf10/power");
  const TagPtr deep = make_tag(steel_, "steel-01/works/bf1/cast/torpedo/mass");
  const AssetId id = model()->find("steel-01/works/bf1")->id;
  const auto moved = move(id, "steel-01/north/furnaces/one");
  ASSERT_TRUE(moved) << moved.error().to_string();
  EXPECT_EQ(tags().get(power->id)->path, "steel-01/north/furnaces/one/power");
  EXPECT_EQ(tags().get(deep->id)->path, "steel-01/north/furnaces/one/cast/torpedo/mass");
  EXPECT_EQ(tags().get(other->id)->path, "steel-01/works/bf10/power");
  EXPECT_EQ(model()->find(id)->path, "steel-01/north/furnaces/one");
  EXPECT_EQ(attribute("steel-01/north/furnaces/one", "power").tag, power->id);
  restart();
  EXPECT_EQ(attribute("steel-01/north/furnaces/one", "power").tag, power->id);
  EXPECT_EQ(tags().get(deep->id)->path, "steel-01/north/furnaces/one/cast/torpedo/mass");
}

TEST_F(PlantModelsTest, AMoveThatCannotBeChangesNothing) {
  build_works();
  const AssetId id = model()->find("steel-01/works/bf1")->id;
  const AssetId works = model()->find("steel-01/works")->id;
  const TagPtr power = make_tag(steel_, "steel-01/works/bf1/power");
  make_tag(steel_, "steel-01/works/bf2/power");
  EXPECT_EQ(code_of(move(works, "steel-01/works/bf1/works")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(move(works, "steel-01/works/deeper")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(move(id, "steel-01/works")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(move(id, "steel-01/works/bf2")), ErrorCode::kAlreadyExists) << "by its tag";
  EXPECT_EQ(code_of(move(id, "chem-01/works/bf2")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(store().update_asset(kAnna, chem_, id, {.path = "chem-01/x"})),
            ErrorCode::kNotFound);
  EXPECT_EQ(model()->find(id)->path, "steel-01/works/bf1");
  EXPECT_EQ(tags().get(power->id)->path, "steel-01/works/bf1/power");
}

TEST_F(PlantModelsTest, TwoAssetsChangePlaces) {
  save({kEquipment, kFurnace});
  const AssetId a = add("steel-01/a", "furnace");
  const AssetId b = add("steel-01/b", "furnace");
  const TagPtr tag_a = make_tag(steel_, "steel-01/a/power");
  const TagPtr tag_b = make_tag(steel_, "steel-01/b/power");
  auto definition_a = *store().asset(steel_, a);
  auto definition_b = *store().asset(steel_, b);
  std::swap(definition_a.path, definition_b.path);
  const auto swapped = store().save_assets(kAnna, steel_, std::vector{definition_a, definition_b});
  ASSERT_TRUE(swapped) << swapped.error().to_string();
  EXPECT_EQ(tags().get(tag_a->id)->path, "steel-01/b/power");
  EXPECT_EQ(tags().get(tag_b->id)->path, "steel-01/a/power");
  EXPECT_EQ(attribute("steel-01/b", "power").tag, tag_a->id);
}

TEST_F(PlantModelsTest, AFullDiskLeavesModelAndTagsAsTheyWere) {
  build_works();
  const AssetId id = model()->find("steel-01/works/bf1")->id;
  const TagPtr power = make_tag(steel_, "steel-01/works/bf1/power");
  make_filler();
  fill_disk();
  std::vector<AssetDefinition> many;
  for (int i = 0; i < 2000; ++i) many.push_back({.path = fmt::format("steel-01/many/a{}", i)});
  many.push_back(*store().asset(steel_, id));
  many.back().path = "steel-01/north/one";
  EXPECT_EQ(code_of(store().save_assets(kAnna, steel_, many)), ErrorCode::kDiskFull);
  EXPECT_EQ(model()->find(id)->path, "steel-01/works/bf1");
  EXPECT_EQ(tags().get(power->id)->path, "steel-01/works/bf1/power");
}

TEST_F(PlantModelsTest, FormulasAreCheckedWhenTheyAreSaved) {
  save({kEquipment, kFurnace});
  const auto unknown = try_save(
      R"json({"name":"x","attributes":{"a":{"measured":"double","unit":"kW"},"b":{"formula":"1 'kW' +\n aa","unit":"kW"}}})json");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message,
            "template x attribute b: line 2, column 2: template x has no attribute 'aa'; did you "
            "mean 'a'?");
  EXPECT_EQ(try_save(R"json({"name":"x","attributes":{"a":{"measured":"double","unit":"kW"},
"b":{"formula":"a * 1h","unit":"kg"}}})json")
                .error()
                .message,
            "template x attribute b: the formula gives a number in kW.s, and the unit is kg");
  EXPECT_EQ(
      try_save(R"json({"name":"x","attributes":{"b":{"formula":"c + 1"},"c":{"formula":"b"}}})json")
          .error()
          .message,
      "the formulas go in a circle: template x/b -> template x/c -> template x/b");
  EXPECT_EQ(
      try_save(R"json({"name":"x","attributes":{"b":{"formula":"1 > 0"}}})json").error().message,
      "template x attribute b: the formula gives a condition, and the attribute is a number "
      "(type double)");
  EXPECT_TRUE(try_save(
      R"json({"name":"x","attributes":{"b":{"formula":"{../other/c} + sum(children.z)"}}})json"));
  EXPECT_FALSE(try_save(R"json({"name":"y","attributes":{"shift":{"measured":"double"}}})json"));
  EXPECT_FALSE(try_save(R"json({"name":"y","kpis":{"k":{"value":"avg(nothing, window)"}}})json"));
  EXPECT_FALSE(try_save(R"json({"name":"y","alarms":{"k":{"when":"1 + 1"}}})json"));
  EXPECT_EQ(try_save(R"json({"name":"y","extends":"equipmnt"})json").error().message,
            "template 'y' extends 'equipmnt', which there is not; did you mean 'equipment'?");
  EXPECT_EQ(try_save(R"json({"name":"equipment","extends":"furnace"})json").error().message,
            "templates extend each other in a circle: equipment -> furnace -> equipment");
  EXPECT_EQ(store().templates(steel_).size(), 3u);
}

TEST_F(PlantModelsTest, CirclesOverSeveralAssetsAreRefusedByName) {
  save({R"json({"name":"a","attributes":{"x":{"formula":"{../b/y} + 1"}}})json",
        R"json({"name":"b","attributes":{"y":{"formula":"{../a/x} * 2"}}})json"});
  add("steel-01/a", "a");
  const auto waits = store().asset(steel_, model()->find("steel-01/a")->id);
  const auto refused = store().save_assets(
      kAnna, steel_,
      std::vector{AssetDefinition{
          .path = "steel-01/b", .words = {}, .template_name = "b", .overrides = {}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the formulas go in a circle: steel-01/a/x -> steel-01/b/y -> steel-01/a/x");
  EXPECT_EQ(model()->find("steel-01/b"), nullptr);
}

TEST_F(PlantModelsTest, AnUpgradeShowsEveryChangeAndCanBeUndone) {
  build_works();
  add("steel-01/works/bf2", "furnace");
  save(
      {R"json({"name":"equipment","attributes":{"running":{"measured":"bool"},"speed":{"measured":"double","unit":"/min"}}})json",
       R"json({"name":"furnace","extends":"equipment","attributes":{
"power":{"measured":"double","unit":"kW","valid":[0,6000]},
"double_power":{"formula":"power * 3","unit":"kW"}}})json"});
  EXPECT_EQ(model()->find("steel-01/works/bf1")->find("speed"), nullptr) << "assets stay";
  EXPECT_EQ(store().find_template(steel_, "furnace", 0)->outdated, 2u);
  const auto before = model();
  const auto preview = store().upgrade(kAsked, steel_, std::vector<std::string>{"furnace"});
  ASSERT_TRUE(preview) << preview.error().to_string();
  const std::vector<std::string> wanted{
      "steel-01/works/bf1  template: furnace version 1 -> furnace version 2",
      "steel-01/works/bf1 attribute double_power formula: power * 2 -> power * 3",
      "steel-01/works/bf1 attribute power valid: 0 to 5000 -> 0 to 6000",
      "steel-01/works/bf1 attribute speed added",
      "steel-01/works/bf1 attribute volume removed",
      "steel-01/works/bf2  template: furnace version 1 -> furnace version 2",
      "steel-01/works/bf2 attribute double_power formula: power * 2 -> power * 3",
      "steel-01/works/bf2 attribute power valid: 0 to 5000 -> 0 to 6000",
      "steel-01/works/bf2 attribute speed added",
      "steel-01/works/bf2 attribute volume removed"};
  EXPECT_EQ(texts(preview->changes), wanted);
  EXPECT_EQ(model(), before) << "nothing is changed by asking";
  clock_.advance(kHour);
  const auto done = store().upgrade(kAnna, steel_, std::vector<std::string>{"furnace"});
  EXPECT_EQ(texts(done->changes), wanted);
  EXPECT_EQ(attribute("steel-01/works/bf2", "double_power").formula_version, 2u);
  restart();
  EXPECT_EQ(attribute("steel-01/works/bf2", "double_power").formula_version, 2u);
  EXPECT_NE(model()->find("steel-01/works/bf1")->find("speed"), nullptr);

  const auto then = store().model_at(steel_, kStart);
  ASSERT_TRUE(then) << then.error().to_string();
  EXPECT_EQ((*then)->find("steel-01/works/bf1")->find("speed"), nullptr);
  EXPECT_EQ((*then)->find("steel-01/works/bf1")->find("power")->definition.valid,
            (Limits{0, 5000}));

  ASSERT_TRUE(store().undo_upgrade(kAsked, steel_));
  const auto undone = store().undo_upgrade(kAnna, steel_);
  ASSERT_TRUE(undone) << undone.error().to_string();
  EXPECT_EQ(undone->changes.size(), wanted.size());
  EXPECT_NE(model()->find("steel-01/works/bf1")->find("volume"), nullptr);
  EXPECT_EQ(attribute("steel-01/works/bf2", "double_power").definition.formula, "power * 2");
  EXPECT_EQ(code_of(store().undo_upgrade(kAnna, steel_)), ErrorCode::kConflict);
  EXPECT_EQ(store().history(steel_, 0, 1)->at(0).action, "templates.undo");
  EXPECT_EQ(store().history(steel_, 0, 1)->at(0).actor, "user:anna");
}

TEST_F(PlantModelsTest, ANewParentVersionMakesOneOfThoseThatExtendIt) {
  build_works();
  EXPECT_TRUE(try_save(kFurnace)->changes.empty());
  EXPECT_EQ(store().find_template(steel_, "furnace", 0)->version, 1u) << "the same is no version";
  save({R"json({"name":"equipment","attributes":{"hours":{"measured":"double","unit":"h"}}})json"});
  EXPECT_EQ(store().find_template(steel_, "furnace", 0)->version, 2u);
  EXPECT_EQ(store().find_template(steel_, "furnace", 0)->extends_version, 2u);
  EXPECT_EQ(store().find_template(steel_, "furnace", 1)->extends_version, 1u);
  EXPECT_EQ(store().resolved_template(steel_, "furnace", 2)->attributes.size(), 4u);
  EXPECT_EQ(store().find_template(steel_, "furnce", 0).error().message,
            "there is no template 'furnce'; did you mean 'furnace'?");
}

TEST_F(PlantModelsTest, AnUpgradeThatBreaksAFormulaElsewhereIsRefused) {
  save({kEquipment, kFurnace,
        R"json({"name":"plant","attributes":{"share":{"formula":"{bf1/volume} / 1 'm3'"}}})json"});
  add("steel-01/works", "plant");
  add("steel-01/works/bf1", "furnace");
  save({R"json({"name":"furnace","extends":"equipment","attributes":{}})json"});
  const auto refused = store().upgrade(kAnna, steel_, std::vector<std::string>{"furnace"});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(
      refused.error().message.starts_with("steel-01/works attribute share: line 1, column 1"))
      << refused.error().message;
  EXPECT_NE(model()->find("steel-01/works/bf1")->find("volume"), nullptr);
}

TEST_F(PlantModelsTest, RemovingKeepsTagsAndAsksForWhatIsBelow) {
  build_works();
  const TagPtr power = make_tag(steel_, "steel-01/works/bf1/power");
  const AssetId works = model()->find("steel-01/works")->id;
  EXPECT_EQ(code_of(store().remove_asset(kAnna, steel_, works, false)), ErrorCode::kConflict);
  const auto removed = store().remove_asset(kAnna, steel_, works, true);
  ASSERT_TRUE(removed) << removed.error().to_string();
  EXPECT_EQ(texts(removed->changes)[0], "steel-01/works  removed");
  EXPECT_TRUE(model()->assets().empty());
  EXPECT_NE(tags().get(power->id), nullptr);
  restart();
  EXPECT_TRUE(model()->assets().empty());
  EXPECT_NE(add("steel-01/works", ""), works) << "ids are never used again";
}

TEST_F(PlantModelsTest, SitesComeFromAboveOrByCode) {
  build_works();
  EXPECT_EQ(model()->find("steel-01/works/bf1")->site, 0u);
  Site site{.enterprise = steel_, .code = "works", .name = "Works", .time_zone = "Asia/Shanghai"};
  site.language = "zh";
  site.currency = "CNY";
  const auto saved = enterprises().save_site(site);
  ASSERT_TRUE(saved) << saved.error().to_string();
  EXPECT_EQ(model()->find("steel-01/works/bf1")->site, saved->id);
  site.code = "other";
  const auto other = enterprises().save_site(site);
  const AssetId id = model()->find("steel-01/works/bf1")->id;
  ASSERT_TRUE(store().update_asset(kAnna, steel_, id, {.site = other->id}));
  EXPECT_EQ(model()->find(id)->site, other->id);
  EXPECT_EQ(code_of(store().update_asset(kAnna, steel_, id, {.site = 999})), ErrorCode::kNotFound);
  restart();
  EXPECT_EQ(enterprises().sites(steel_)[0].currency, "CNY");
  EXPECT_EQ(model()->find(id)->site, other->id);
}

}  // namespace
}  // namespace tundish::asset
