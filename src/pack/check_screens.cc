#include <fmt/format.h>

#include <algorithm>

#include "formula/syntax.h"
#include "pack/checks.h"
#include "pack/svg.h"

namespace tundish::pack {
namespace {

/// KPIs of an asset; those of what is below it are summed there, so they count too.
std::vector<std::string> kpis_at(const PackIndex& index, const std::string& path) {
  std::vector<std::string> names;
  for (const auto& asset : index.pack().plant) {
    if (asset.path != path && !asset.path.starts_with(path + "/")) continue;
    if (const auto* facts = index.template_of(asset))
      for (const auto& kpi : facts->kpis) names.push_back(kpi.name);
  }
  return names;
}

const AttributeDefinition* find_attribute(const PackIndex& index, const Shown& what) {
  const PlantAsset* asset = index.find_asset(what.asset);
  const ResolvedTemplate* facts = asset == nullptr ? nullptr : index.template_of(*asset);
  return facts == nullptr ? nullptr : facts->find(what.attribute);
}

void check_shown(const Checking& checking, const std::string& key, const Shown& what) {
  if (what.asset.empty()) return;  // told where it is written
  const PlantAsset* asset = checking.index.find_asset(what.asset);
  if (asset == nullptr) {
    std::vector<std::string> known;
    for (const auto& one : checking.pack.plant) known.push_back(one.path);
    return checking.tell_unknown(key + "/asset", "asset", what.asset, known);
  }
  if (!what.kpi.empty()) {
    const auto known = kpis_at(checking.index, what.asset);
    if (std::ranges::find(known, what.kpi) == known.end())
      checking.tell_unknown(key + "/kpi", fmt::format("KPI at '{}' called", what.asset), what.kpi,
                            known);
  } else if (!what.attribute.empty() && find_attribute(checking.index, what) == nullptr) {
    std::vector<std::string> known;
    if (const auto* facts = checking.index.template_of(*asset))
      for (const auto& attribute : facts->attributes) known.push_back(attribute.name);
    checking.tell_unknown(key + "/attribute", fmt::format("attribute of '{}' called", what.asset),
                          what.attribute, known);
  }
}

void check_level(const Checking& checking, const std::string& key, const Binding& binding) {
  const auto* attribute = find_attribute(checking.index, binding.what);
  if (binding.show == Show::kLevel && attribute != nullptr && !attribute->normal &&
      !attribute->valid)
    checking.tell(key, fmt::format("a level is filled between limits: '{}' has neither 'normal' "
                                   "nor 'valid'",
                                   attribute->name));
}

/// The drawing's ids; nothing when it is not there.
std::optional<Svg> drawing_of(const Checking& checking, const std::string& key,
                              const Screen& screen, const Files& files, Pack& pack) {
  const auto file = files.find(screen.drawing);
  if (file == files.end()) {
    checking.tell(key + "/drawing", fmt::format("there is no file '{}'", screen.drawing));
    return std::nullopt;
  }
  Svg svg = scan_svg(file->second);
  if (pack.drawings.emplace(screen.drawing, file->second).second)
    for (const auto& mistake : svg.mistakes) {
      if (checking.mistakes.size() >= kMistakesMax) break;
      const auto place = formula::place_of(file->second, mistake.offset);
      checking.mistakes.push_back({screen.drawing, place.line, place.column, mistake.message});
    }
  return svg;
}

void check_screen(const Checking& checking, const Screen& screen, const Files& files, Pack& pack) {
  const std::string key = "screen/" + screen.name;
  for (std::size_t i = 0; i < screen.tiles.size(); ++i)
    check_shown(checking, fmt::format("{}/tile/{}", key, i), screen.tiles[i]);
  if (screen.drawing.empty()) return;
  const auto svg = drawing_of(checking, key, screen, files, pack);
  for (std::size_t i = 0; i < screen.bindings.size(); ++i) {
    const Binding& binding = screen.bindings[i];
    const std::string at = fmt::format("{}/binding/{}", key, i);
    check_shown(checking, at, binding.what);
    check_level(checking, at, binding);
    if (svg && !binding.element.empty() && !svg->ids.contains(binding.element))
      checking.tell_unknown(at + "/element", fmt::format("element of {} called", screen.drawing),
                            binding.element, {svg->ids.begin(), svg->ids.end()});
  }
}

}  // namespace

void check_screens(const Checking& checking, const Files& files, Pack& pack) {
  for (const auto& screen : checking.pack.screens) check_screen(checking, screen, files, pack);
}

}  // namespace tundish::pack
