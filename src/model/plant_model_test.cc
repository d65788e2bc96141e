#include "model/plant_model.h"

#include <gtest/gtest.h>

namespace tundish {
namespace {

Asset asset(std::uint64_t id, std::uint64_t parent, std::string path,
            std::vector<std::string> attributes) {
  Asset made{.id = AssetId(id),
             .parent = AssetId(parent),
             .path = std::move(path),
             .words = {},
             .facts = std::make_shared<const TemplateFacts>(),
             .attributes = {}};
  for (auto& name : attributes) {
    Attribute attribute;
    attribute.definition.name = std::move(name);
    made.attributes.push_back(std::move(attribute));
  }
  return made;
}

const PlantModel& works() {
  static const PlantModel model(
      EnterpriseId(1), 1,
      {asset(3, 1, "steel-01/works/bf1", {"top_temp", "power"}),
       asset(1, 0, "steel-01/works", {"power"}), asset(4, 1, "steel-01/works/bf1-old", {}),
       asset(2, 3, "steel-01/works/bf1/blast", {"flow"})});
  return model;
}

TEST(PlantModel, FindsByPathIdAndParent) {
  EXPECT_EQ(works().find("steel-01/works/bf1")->id, AssetId(3));
  EXPECT_EQ(works().find(AssetId(2))->path, "steel-01/works/bf1/blast");
  EXPECT_EQ(works().find("steel-01"), nullptr);
  EXPECT_EQ(works().find(AssetId(9)), nullptr);
  ASSERT_EQ(works().children(AssetId(1)).size(), 2u);
  EXPECT_EQ(works().children(AssetId(1))[0]->path, "steel-01/works/bf1");
}

TEST(PlantModel, ResolvesReferencesFromAnAsset) {
  const Asset& furnace = *works().find(AssetId(3));
  const Asset* owner = nullptr;
  EXPECT_NE(works().resolve(furnace, "power", &owner), nullptr);
  EXPECT_EQ(owner->id, AssetId(3));
  EXPECT_NE(works().resolve(furnace, "blast/flow", &owner), nullptr);
  EXPECT_EQ(owner->id, AssetId(2));
  EXPECT_NE(works().resolve(furnace, "../power", &owner), nullptr);
  EXPECT_EQ(owner->id, AssetId(1));
  EXPECT_NE(works().resolve(furnace, "/works/bf1/blast/flow", &owner), nullptr);
  EXPECT_EQ(owner->id, AssetId(2));
  EXPECT_EQ(works().resolve(furnace, "flow"), nullptr);
  EXPECT_EQ(works().resolve(furnace, "../../../power"), nullptr);
}

}  // namespace
}  // namespace tundish
