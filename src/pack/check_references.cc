#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/nearest_word.h"
#include "pack/checks.h"

namespace tundish::pack {
namespace {

constexpr std::array kWindows{"hour", "shift", "day", "week", "month", "year"};

std::vector<std::string> template_names(const Pack& pack) {
  std::vector<std::string> names;
  for (const auto& one : pack.templates) names.push_back(one.name);
  return names;
}

std::vector<std::string> interval_names(const Pack& pack) {
  std::vector<std::string> names;
  for (const auto& one : pack.intervals) names.push_back(one.definition.name);
  return names;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void check_lineage(const Checking& checking, const std::vector<std::string>& names) {
  for (const auto& one : checking.pack.templates) {
    const std::string key = "template/" + one.name + "/extends";
    if (!one.extends.empty() && !has(names, one.extends)) {
      checking.tell_unknown(key, "template", one.extends, names);
      continue;
    }
    const auto resolved = resolve_template(checking.pack, one.name);
    // What is wrong above it has been told there.
    if (!resolved && resolved.error().code == ErrorCode::kInvalidArgument &&
        (resolved.error().message.ends_with("-> " + one.name) ||
         !resolved.error().message.starts_with("templates go round")))
      checking.tell(key, resolved.error().message);
  }
}

template <class Made>
void check_owners(const Checking& checking, const std::vector<Made>& all, std::string_view what,
                  const std::vector<std::string>& names) {
  for (const auto& one : all)
    if (!one.of.empty() && !has(names, one.of))
      checking.tell_unknown(fmt::format("{}/{}/template", what, one.definition.name), "template",
                            one.of, names);
}

void check_windows_of_kpis(const Checking& checking, const std::vector<std::string>& intervals) {
  std::vector<std::string> known(kWindows.begin(), kWindows.end());
  known.insert(known.end(), intervals.begin(), intervals.end());
  for (const auto& kpi : checking.pack.kpis)
    for (const auto& window : kpi.definition.per)
      if (!has(known, window))
        checking.tell_unknown(fmt::format("kpi/{}/per/{}", kpi.definition.name, window),
                              "window or kind of interval", window, known);
}

/// `within` leads from kind to kind and ends.
void check_nesting(const Checking& checking, const std::vector<std::string>& intervals) {
  for (const auto& one : checking.pack.intervals) {
    const std::string key = "interval/" + one.definition.name + "/within";
    std::vector<std::string> chain{one.definition.name};
    for (std::string next = one.definition.within; !next.empty();) {
      if (!has(intervals, next)) {
        if (chain.size() == 1) checking.tell_unknown(key, "kind of interval", next, intervals);
        break;
      }
      const bool closed = has(chain, next);
      chain.push_back(next);
      if (closed) {
        if (next == chain.front())
          checking.tell(key,
                        fmt::format("intervals nest in a circle: {}", fmt::join(chain, " -> ")));
        break;
      }
      const auto found = std::ranges::find(intervals, next) - intervals.begin();
      next = checking.pack.intervals[static_cast<std::size_t>(found)].definition.within;
    }
  }
}

/// A word in a formula stands for one thing.
void check_interval_names(const Checking& checking) {
  for (const auto& one : checking.pack.intervals) {
    const std::string& name = one.definition.name;
    if (std::ranges::find(kWindows, name) != kWindows.end() || name == "window" ||
        name == "children")
      checking.tell(
          "interval/" + name,
          fmt::format("'{}' means something else in a formula; another name is needed", name));
    for (const auto& [_, facts] : checking.index.templates())
      if (has(facts.lineage, one.of) && facts.find(name) != nullptr) {
        checking.tell("interval/" + name,
                      fmt::format("'{}' is an attribute of '{}' too, so a formula cannot tell "
                                  "them apart; another name is needed",
                                  name, facts.name));
        break;
      }
  }
}

/// A KPI is told for each interval that lies at the asset that has it, or above.
void check_kpi_windows_at(const Checking& checking, const PlantAsset& asset,
                          const ResolvedTemplate& facts, const std::vector<std::string>& kinds,
                          std::set<std::string>& told) {
  for (const auto& kpi : facts.kpis)
    for (const auto& window : kpi.per) {
      const std::string key = fmt::format("kpi/{}/per/{}", kpi.name, window);
      if (std::ranges::find(kWindows, window) == kWindows.end() && !has(kinds, window) &&
          has(interval_names(checking.pack), window) && told.insert(key).second)
        checking.tell(key, fmt::format("'{}' has no '{}' at it or above it", asset.path, window));
    }
}

void check_plant(const Checking& checking, const std::vector<std::string>& names) {
  std::set<std::string> told;
  for (const auto& asset : checking.pack.plant) {
    if (!asset.template_name.empty() && !has(names, asset.template_name))
      checking.tell_unknown("asset/" + asset.path + "//template", "template", asset.template_name,
                            names);
    const ResolvedTemplate* facts = checking.index.template_of(asset);
    if (facts == nullptr) continue;
    const auto kinds = checking.index.intervals_at(asset.path);
    check_kpi_windows_at(checking, asset, *facts, kinds, told);
    for (const auto& interval : facts->intervals)
      if (!interval.within.empty() && !has(kinds, interval.within) &&
          has(interval_names(checking.pack), interval.within))
        checking.tell(
            "interval/" + interval.name + "/within",
            fmt::format("'{}' has no '{}' at it or above it", asset.path, interval.within));
  }
}

}  // namespace

void Checking::tell_unknown(std::string_view key, std::string_view what, std::string_view name,
                            const std::vector<std::string>& known) const {
  const std::string nearest = nearest_word(name, known);
  tell(key, fmt::format("there is no {} '{}'{}", what, name.substr(0, 100),
                        nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)));
}

void check_references(const Checking& checking) {
  const auto names = template_names(checking.pack);
  const auto intervals = interval_names(checking.pack);
  check_lineage(checking, names);
  check_owners(checking, checking.pack.kpis, "kpi", names);
  check_owners(checking, checking.pack.alarms, "alarm", names);
  check_owners(checking, checking.pack.intervals, "interval", names);
  check_windows_of_kpis(checking, intervals);
  check_nesting(checking, intervals);
  check_interval_names(checking);
  check_plant(checking, names);
}

}  // namespace tundish::pack
