// The packs of the tree, and the one that docs/guides/packs.md writes, are without mistakes.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/pack_folder.h"
#include "simulate/plant_spec.h"

namespace tundish::app {
namespace {

std::string told(const std::vector<pack::PackMistake>& mistakes, bool warnings) {
  std::string text;
  for (const auto& one : mistakes)
    if (warnings || !one.is_warning) text += one.text() + "\n";
  return text;
}

/// The blocks of the guide: the fence's line names the file.
pack::Files files_of_the_guide() {
  std::ifstream in(std::string(TUNDISH_SOURCE_DIR) + "/docs/guides/packs.md");
  pack::Files files;
  std::string file;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("```")) {
      if (inside) files[file] += line + "\n";
      continue;
    }
    const auto blank = line.find(' ');
    inside = !inside && blank != std::string::npos;
    if (inside) file = line.substr(blank + 1);
  }
  return files;
}

TEST(Packs, OfTheTreeHaveNoMistakes) {
  const std::string packs = std::string(TUNDISH_SOURCE_DIR) + "/packs";
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(packs)) {
    if (!entry.is_directory()) continue;
    const auto files = read_pack_folder(entry.path());
    ASSERT_TRUE(files) << files.error().to_string();
    EXPECT_EQ(told(pack::check_pack(*files), false), "") << entry.path();
    const auto pack = pack::read_pack(*files);
    ASSERT_TRUE(pack) << pack.error().to_string();
    EXPECT_EQ(pack->name, entry.path().filename().string());
    ++checked;
  }
  EXPECT_GE(checked, 2);
}

TEST(Packs, OfTheGuideHasNeitherMistakesNorWarnings) {
  const auto files = files_of_the_guide();
  ASSERT_EQ(files.size(), 11u);
  EXPECT_EQ(told(pack::check_pack(files), true), "");
  const auto plant = simulate::parse_plant(files.at("simulation.yaml"), "simulation.yaml", "");
  EXPECT_TRUE(plant) << plant.error().to_string();
}

}  // namespace
}  // namespace tundish::app
