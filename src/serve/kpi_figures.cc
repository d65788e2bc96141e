#include "serve/kpi_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/nearest_word.h"
#include "model/unit.h"

namespace tundish::serve {
namespace {

/// Whether what two assets call the same figure is made from the same amounts. A site that reads it in another
/// unit has the same figure.
bool is_same_figure(const KpiDefinition& a, const KpiDefinition& b) {
  if (a.name != b.name || a.of != b.of || a.by != b.by) return false;
  if (a.unit == b.unit) return true;
  const auto one = Unit::parse(a.unit), other = Unit::parse(b.unit);
  return one && other && one->is_comparable(*other);
}

bool is_inside_one(std::string_view path, const std::set<std::string_view>& outer) {
  for (auto slash = path.rfind('/'); slash != std::string_view::npos; slash = path.rfind('/')) {
    path = path.substr(0, slash);
    if (outer.contains(path)) return true;
  }
  return false;
}

}  // namespace

void FigureSearch::add(const Asset& asset) {
  for (const KpiDefinition& kpi : asset.facts->kpis)
    if (name_.empty() || kpi.name == name_)
      found_.push_back({.path = asset.path, .asset = &asset, .kpi = &kpi, .of = {&asset}});
}

void FigureSearch::add_below(std::string_view path, const Asset* top) {
  std::map<std::string_view, std::set<std::string_view>> counted;  // paths, by figure
  const std::string prefix = std::string(path) + "/";
  const auto& assets = model_.assets();
  const auto first = std::ranges::lower_bound(assets, prefix, {}, &Asset::path);
  for (auto at = first; at != assets.end() && at->path.starts_with(prefix); ++at)
    for (const KpiDefinition& kpi : at->facts->kpis) {
      if (!is_ratio(kpi) || (!name_.empty() && kpi.name != name_)) continue;
      auto& outer = counted[kpi.name];
      // Paths ascend, so an asset comes before those inside it.
      if (is_inside_one(at->path, outer)) continue;
      outer.insert(at->path);
      put_together(path, top, *at, kpi);
    }
}

void FigureSearch::put_together(std::string_view path, const Asset* top, const Asset& asset,
                                const KpiDefinition& kpi) {
  for (Figure& figure : found_)
    if (figure.path == path && is_same_figure(*figure.kpi, kpi)) {
      figure.of.push_back(&asset);
      // A band is in its definition's unit, and of one sort of plant.
      figure.is_band_shared &= figure.kpi->band == kpi.band && figure.kpi->unit == kpi.unit;
      return;
    }
  found_.push_back({.path = path, .asset = top, .kpi = &kpi, .of = {&asset}});
}

Error FigureSearch::missing(const Asset* asset) const {
  std::set<std::string> names;
  for (const Asset& one : model_.assets())
    if (asset == nullptr || &one == asset || one.path.starts_with(asset->path + "/"))
      for (const KpiDefinition& kpi : one.facts->kpis) names.insert(kpi.name);
  const std::string nearest = nearest_word(name_, {names.begin(), names.end()});
  return {ErrorCode::kNotFound,
          fmt::format("there is no figure '{}' here{}", name_.substr(0, 60),
                      nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)),
          "kpi"};
}

}  // namespace tundish::serve
