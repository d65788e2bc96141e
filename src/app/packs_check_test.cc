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

/// The guide's pack in a folder of its own below `base`.
std::string written(const std::filesystem::path& base, const pack::Files& files,
                    const std::string& name) {
  EXPECT_TRUE(install_pack(files, base, name));
  return base / name;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Packs, TheSimulationsMistakesAndAWrongFolderAreTold) {
  const auto base = std::filesystem::path(testing::TempDir()) / "packs_check";
  std::filesystem::remove_all(base);
  auto files = files_of_the_guide();
  EXPECT_EQ(told(*check_pack_folder(written(base, files, "water")), true), "");
  EXPECT_EQ(
      told(*check_pack_folder(written(base, files, "watr")), true),
      "pack.yaml:1:7: the folder is called 'watr' and the pack 'water': they have one name\n");
  std::string& simulation = files["simulation.yaml"];
  simulation = replaced(simulation, "kind: counter", "kind: conter");
  const std::string conter = told(*check_pack_folder(written(base, files, "water")), true);
  EXPECT_TRUE(conter.starts_with("simulation.yaml:4:")) << conter;
  EXPECT_NE(conter.find("counter"), std::string::npos) << conter;
}

TEST(Packs, OfTheInstallationAreThereWithoutARestart) {
  const auto base = std::filesystem::path(testing::TempDir()) / "packs_own";
  std::filesystem::remove_all(base);
  EXPECT_EQ(packs_in(base), std::vector<std::string>());
  const std::string before = stamp_of_packs(base);
  auto files = files_of_the_guide();
  written(base, files, "water");
  EXPECT_EQ(packs_in(base), std::vector<std::string>{"water"});
  const std::string there = stamp_of_packs(base);
  EXPECT_NE(there, before);
  EXPECT_EQ(stamp_of_packs(base), there);
  files["pack.yaml"] += "# a new edition\n";
  written(base, files, "water");
  EXPECT_NE(stamp_of_packs(base), there);
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
