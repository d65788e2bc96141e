#include <fmt/format.h>

#include <algorithm>
#include <set>

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

bool is_number(const AttributeDefinition& attribute) {
  return attribute.type == ValueType::kDouble || attribute.type == ValueType::kInt64;
}

void check_level(const Checking& checking, const std::string& key, const Binding& binding) {
  if (binding.show != Show::kLevel) return;
  if (!binding.what.kpi.empty())
    return checking.tell(key, "a level is that of an attribute; a KPI is shown as text or fill");
  const auto* attribute = find_attribute(checking.index, binding.what);
  if (attribute == nullptr) return;
  if (!is_number(*attribute))
    checking.tell(key, fmt::format("a level is a number, and '{}' is a {}", attribute->name,
                                   value_type_name(attribute->type)));
  else if (!attribute->normal && !attribute->valid)
    checking.tell(key, fmt::format("a level is filled between limits: '{}' has neither 'normal' "
                                   "nor 'valid'",
                                   attribute->name));
}

/// `true_is: abnormal` says something of a condition that is filled, and of nothing else.
void check_abnormal(const Checking& checking, const std::string& key, const Binding& binding) {
  if (!binding.true_is_abnormal) return;
  const auto* attribute = find_attribute(checking.index, binding.what);
  const bool is_condition =
      binding.what.kpi.empty() && (attribute == nullptr || attribute->type == ValueType::kBool);
  if (binding.show != Show::kFill || !is_condition)
    checking.tell(key + "/true_is", "'true_is' is for a condition (bool) that is shown as fill");
}

/// A value is written into a text; colour and level belong to a shape.
void check_element(const Checking& checking, const std::string& key, const Binding& binding,
                   const Screen& screen, const Svg& svg) {
  if (binding.element.empty()) return;  // told where it is written
  const auto found = svg.ids.find(binding.element);
  if (found == svg.ids.end()) {
    std::vector<std::string> known;
    for (const auto& [id, element] : svg.ids) known.push_back(id);
    return checking.tell_unknown(key, fmt::format("element of {} called", screen.drawing),
                                 binding.element, known);
  }
  const bool is_text = found->second == "text" || found->second == "tspan";
  if (is_text != (binding.show == Show::kText))
    checking.tell(key, is_text ? fmt::format("'{}' is a <{}> of {}: a text shows a value, and fill "
                                             "and level need a shape",
                                             binding.element, found->second, screen.drawing)
                               : fmt::format("'{}' is a <{}> of {}: a value is written into a "
                                             "<text>; a shape is shown as fill or level",
                                             binding.element, found->second, screen.drawing));
  else if (binding.show == Show::kLevel && found->second == "g")
    checking.tell(key, fmt::format("'{}' is a group of {}: a level fills one shape",
                                   binding.element, screen.drawing));
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
  std::set<std::string_view> bound;
  for (std::size_t i = 0; i < screen.bindings.size(); ++i) {
    const Binding& binding = screen.bindings[i];
    const std::string at = fmt::format("{}/binding/{}", key, i);
    check_shown(checking, at, binding.what);
    check_level(checking, at, binding);
    check_abnormal(checking, at, binding);
    if (svg) check_element(checking, at + "/element", binding, screen, *svg);
    if (!binding.element.empty() && !bound.insert(binding.element).second)
      checking.tell(
          at + "/element",
          fmt::format("'{}' is bound twice: only one of both would be seen", binding.element));
  }
}

}  // namespace

void check_screens(const Checking& checking, const Files& files, Pack& pack) {
  for (const auto& screen : checking.pack.screens) check_screen(checking, screen, files, pack);
}

}  // namespace tundish::pack
