#include "serve/screens.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "wire/definitions/definitions_json.h"

namespace tundish::serve {
namespace {

struct Found {
  const Asset* asset = nullptr;
  FoundBy by = FoundBy::kNothing;
};
using Places = std::map<std::string_view, Found>;  ///< by path below the enterprise

std::vector<std::string> places_of(const PackInfo& pack) {
  std::set<std::string> paths;
  for (const PackScreen& screen : pack.screens)
    for (const PackShown& shown : screen.shown) paths.insert(shown.asset);
  return {paths.begin(), paths.end()};
}

/// The path without the enterprise's code.
std::string_view below_enterprise(const Asset& asset) {
  const std::string_view path = asset.path;
  return path.substr(std::min(path.find('/') + 1, path.size()));
}

/// Who is left of a template: places of the pack that nobody has, and assets that no place names. A plant that was
/// not made by the pack has names of its own; where the numbers agree there is nothing to be mixed up.
void match_by_template(const PackInfo& pack, const PlantModel& model, Places& places) {
  std::map<std::string_view, std::set<std::string_view>> wanted;
  for (const PackScreen& screen : pack.screens)
    for (const PackShown& shown : screen.shown)
      if (!shown.template_name.empty() && places[shown.asset].asset == nullptr)
        wanted[shown.template_name].insert(shown.asset);
  if (wanted.empty()) return;
  std::set<const Asset*> taken;
  for (const auto& [path, found] : places) taken.insert(found.asset);
  for (const auto& [name, paths] : wanted) {
    std::vector<const Asset*> free;
    for (const Asset& asset : model.assets())
      if (asset.facts->name == name && !taken.contains(&asset)) free.push_back(&asset);
    if (free.size() != paths.size()) continue;
    auto next = free.begin();
    for (const std::string_view path : paths) places[path] = {*next++, FoundBy::kTemplate};
  }
}

const KpiDefinition* find_kpi(const Asset& asset, std::string_view name) {
  const auto found = std::ranges::find(asset.facts->kpis, name, &KpiDefinition::name);
  return found == asset.facts->kpis.end() ? nullptr : &*found;
}

/// Of the first asset below `top` that has it.
const KpiDefinition* find_kpi_below(const PlantModel& model, const Asset& top,
                                    std::string_view name) {
  const std::string prefix = top.path + "/";
  const auto& assets = model.assets();
  for (auto at = std::ranges::lower_bound(assets, prefix, {}, &Asset::path);
       at != assets.end() && at->path.starts_with(prefix); ++at)
    if (const auto* kpi = find_kpi(*at, name)) return kpi;
  return nullptr;
}

ResolvedShown resolve(const PackShown& what, const Places& places, const PlantModel& model) {
  ResolvedShown shown;
  shown.what = &what;
  const auto found = places.find(what.asset);
  if (found == places.end() || found->second.asset == nullptr) return shown;
  shown.asset = found->second.asset;
  shown.found_by = found->second.by;
  if (what.kpi.empty()) {
    shown.attribute = shown.asset->find(what.attribute);
    return shown;
  }
  shown.kpi = find_kpi(*shown.asset, what.kpi);
  if (shown.kpi != nullptr) return shown;
  shown.kpi = find_kpi_below(model, *shown.asset, what.kpi);
  shown.is_together = shown.kpi != nullptr;
  return shown;
}

/// Why nothing can be shown, and what to do; empty when something can.
std::string problem_of(const ResolvedShown& shown) {
  const PackShown& what = *shown.what;
  if (shown.asset == nullptr)
    return fmt::format(
        "there is no asset '{}' here{}", what.asset,
        what.template_name.empty()
            ? std::string()
            : fmt::format(", and not one of template '{}' that could be it", what.template_name));
  if (!what.kpi.empty() && shown.kpi == nullptr)
    return fmt::format("{} has no KPI '{}'", shown.asset->path, what.kpi);
  if (what.kpi.empty() && shown.attribute == nullptr)
    return fmt::format("{} has no attribute '{}'", shown.asset->path, what.attribute);
  return {};
}

void write_attribute(wire::JsonWriter& json, const Attribute& attribute, const TagCatalogue& tags) {
  wire::write_attribute_members(json, attribute.definition);
  const TagPtr tag = attribute.tag.number == 0 ? nullptr : tags.get(attribute.tag);
  if (tag) json.member("tag", tag->path).member("simulated", tag->simulated);
}

}  // namespace

std::string_view found_by_name(FoundBy found) {
  switch (found) {
    case FoundBy::kNothing: return "";
    case FoundBy::kName: return "name";
    case FoundBy::kFormer: return "former_name";
    case FoundBy::kTemplate: return "template";
  }
  return "";
}

Result<std::vector<ResolvedScreen>> resolve_screens(const std::vector<PackInfo>& packs,
                                                    const PlantModel& model,
                                                    const ModelStore& store) {
  std::vector<ResolvedScreen> screens;
  for (const PackInfo& pack : packs) {
    const auto paths = places_of(pack);
    TUNDISH_TRY(const auto ids, store.known_as(model.enterprise(), paths));
    Places places;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const Asset* asset = ids[i] == AssetId() ? nullptr : model.find(ids[i]);
      const auto by = asset == nullptr                       ? FoundBy::kNothing
                      : below_enterprise(*asset) == paths[i] ? FoundBy::kName
                                                             : FoundBy::kFormer;
      places[paths[i]] = {asset, by};
    }
    match_by_template(pack, model, places);
    for (const PackScreen& screen : pack.screens) {
      ResolvedScreen resolved{&pack, &screen, {}};
      for (const PackShown& shown : screen.shown)
        resolved.shown.push_back(resolve(shown, places, model));
      screens.push_back(std::move(resolved));
    }
  }
  return screens;
}

void write_shown(wire::JsonWriter& json, const ResolvedShown& shown, const TagCatalogue& tags) {
  const PackShown& what = *shown.what;
  json.begin_object().member("place", what.asset);
  if (!what.element.empty()) json.member("element", what.element).member("show", what.show);
  if (what.true_is_abnormal) json.member("true_is", "abnormal");
  if (shown.asset != nullptr) {
    json.member("found_by", found_by_name(shown.found_by)).key("asset").begin_object();
    json.member("id", shown.asset->id.value()).member("path", shown.asset->path).key("words");
    wire::write_words(json, shown.asset->words);
    json.end_object();
  }
  json.member(what.kpi.empty() ? "attribute" : "kpi", what.kpi.empty() ? what.attribute : what.kpi);
  if (shown.attribute != nullptr) write_attribute(json, *shown.attribute, tags);
  if (shown.kpi != nullptr) {
    json.key("words");
    wire::write_words(json, shown.kpi->words);
    json.member("unit", shown.kpi->unit).member("together", shown.is_together);
    json.member("better", shown.kpi->more_is_better ? "more" : "less");
    if (shown.kpi->band) {
      json.key("band");
      wire::write_limits(json, *shown.kpi->band);
    }
    json.key("per").begin_array();
    for (const auto& window : shown.kpi->per) json.value(window);
    json.end_array();
  }
  if (const auto problem = problem_of(shown); !problem.empty()) json.member("problem", problem);
  json.end_object();
}

}  // namespace tundish::serve
