#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/time.h"
#include "pack/yaml_reader.h"
#include "simulate/plant.h"

namespace tundish::simulate {

/// The moment at which the plants of the packs' tests begin their lives.
inline constexpr TimeNs kPacksEpoch = 1'790'000'000 * kSecond;

struct Ends {
  double low = 0, high = 0;
  bool holds(double value) const { return value >= low && value <= high; }
};

struct AttributeFacts {
  std::string unit, type;  ///< type is empty when it is not measured
  std::string formula;     ///< empty when it is none
  std::optional<double> constant;
  std::optional<Ends> normal, valid;
  DurationNs every = 0;
  bool step = false;
};
using AttributesByName = std::map<std::string, AttributeFacts>;

inline std::optional<Ends> ends_of(const YAML::Node& node, const char* name) {
  const auto found = pack::optional_member(node, name);
  if (!found) return std::nullopt;
  const auto [low, high] = pack::pair_of_numbers(*found);
  return Ends{low, high};
}

/// The rows of a CSV without quotes, but the first.
inline std::vector<std::vector<std::string>> rows_of(const std::string& file) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    if (!line.empty() && line.back() == ',') cells.emplace_back();
    if (!cells.empty()) rows.push_back(cells);
  }
  if (!rows.empty()) rows.erase(rows.begin());  // the names of the columns
  return rows;
}

/// The parts of a pack that this program compares.
class Model {
 public:
  explicit Model(std::string name) : folder_(folder_of(name)), spec_(load()) {
    const YAML::Node assets = read("assets.yaml")["templates"];
    for (const auto& [key, body] : pack::entries(assets, "templates"))
      templates_.emplace(pack::text(key), body);
    for (const auto& [key, body] : pack::entries(read("plant.yaml")["assets"], "assets"))
      assets_[pack::text(key)] = pack::text_or(body, "template", "");
    if (has("alarms.yaml"))
      for (const auto& [key, body] : pack::entries(read("alarms.yaml")["alarms"], "alarms"))
        alarms_[pack::text(key)] = pack::text(pack::member(body, "of"));
  }

  static std::string folder_of(const std::string& name) {
    return std::string(TUNDISH_SOURCE_DIR) + "/packs/" + name;
  }
  bool has(const std::string& file) const { return std::filesystem::exists(folder_ + "/" + file); }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  YAML::Node read(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    return pack::load_yaml({std::istreambuf_iterator<char>(in), {}});
  }
  const PlantSpec& spec() const { return spec_; }
  const std::map<std::string, std::string>& assets() const { return assets_; }
  const std::map<std::string, std::string>& alarms() const { return alarms_; }

  bool is_a(std::string name, const std::string& ancestor) const {
    for (; name != ancestor; name = pack::text_or(templates_.at(name), "extends", ""))
      if (!templates_.contains(name)) return false;
    return true;
  }

  AttributesByName attributes(const std::string& name) const {
    const YAML::Node& body = templates_.at(name);
    AttributesByName all;
    if (const auto parent = pack::optional_member(body, "extends"))
      all = attributes(pack::text(*parent));
    if (const auto own = pack::optional_member(body, "attributes"))
      for (const auto& [key, facts] : pack::entries(*own, "attributes"))
        all[pack::text(key)] = facts_in(facts);
    return all;
  }

  /// What the model says of the signal; nothing (and a failure) when it does not know it.
  std::optional<AttributeFacts> facts_of(const SignalSpec& signal) const {
    const auto slash = signal.path.rfind('/');
    const auto asset = assets_.find(signal.path.substr(0, slash));
    if (asset == assets_.end() || asset->second.empty()) {
      ADD_FAILURE() << signal.path << ": there is no such asset with a template in plant.yaml";
      return std::nullopt;
    }
    const auto all = attributes(asset->second);
    const auto found = all.find(signal.path.substr(slash + 1));
    if (found == all.end() || found->second.type.empty()) {
      ADD_FAILURE() << signal.path << ": " << asset->second << " has no such measured attribute";
      return std::nullopt;
    }
    return found->second;
  }

 private:
  static AttributeFacts facts_in(const YAML::Node& node) {
    AttributeFacts facts{.unit = pack::text_or(node, "unit", ""),
                         .type = pack::text_or(node, "measured", ""),
                         .formula = pack::text_or(node, "formula", ""),
                         .constant = std::nullopt,
                         .normal = ends_of(node, "normal"),
                         .valid = ends_of(node, "valid"),
                         .every = pack::duration_or(node, "every", 0)};
    if (const auto constant = pack::optional_member(node, "constant"))
      facts.constant = pack::number(*constant);
    const bool steps = !facts.type.empty() && facts.type != "double";
    facts.step = pack::flag_or(node, "step", steps);
    return facts;
  }

  PlantSpec load() const {
    auto spec = load_plant(folder_);
    EXPECT_TRUE(spec) << spec.error().to_string();
    return spec ? std::move(*spec) : PlantSpec{};
  }

  std::string folder_;
  PlantSpec spec_;
  std::map<std::string, YAML::Node> templates_;
  std::map<std::string, std::string> assets_, alarms_;
};

/// Names of the packs that have a model and a plant.
inline std::vector<std::string> packs_with_a_model() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TUNDISH_SOURCE_DIR) + "/packs"))
    if (std::filesystem::exists(entry.path() / "simulation.yaml") &&
        std::filesystem::exists(entry.path() / "plant.yaml"))
      names.push_back(entry.path().filename());
  return names;
}

}  // namespace tundish::simulate
