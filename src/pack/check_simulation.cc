#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/nearest_word.h"
#include "model/unit.h"
#include "pack/checks.h"

namespace tundish::pack {
namespace {

using Signals = std::map<std::string, const PackSignal*, std::less<>>;

/// Units of an attribute and of its signal; types.
void check_signal(const Checking& checking, const PackSignal& signal,
                  const AttributeDefinition& attribute) {
  const std::string key = "signal/" + signal.path;
  const bool are_numbers =
      (attribute.type == ValueType::kDouble || attribute.type == ValueType::kInt64) &&
      (signal.type == ValueType::kDouble || signal.type == ValueType::kInt64);
  if (signal.type && *signal.type != attribute.type && !are_numbers)
    checking.tell(key, fmt::format("this signal is {}, and the attribute '{}' is {}",
                                   value_type_name(*signal.type), attribute.name,
                                   value_type_name(attribute.type)));
  const auto one = Unit::parse(signal.unit), other = Unit::parse(attribute.unit);
  if (!one || !other || *one == *other) return;
  if (!one->is_comparable(*other) || one->is_point() != other->is_point())
    checking.tell(key, fmt::format("this signal is in {}, and the attribute '{}' in {}",
                                   one->code(), attribute.name, other->code()));
  else
    checking.tell(key, fmt::format("this signal is in {}, and the attribute '{}' in {}: they are "
                                   "not converted on the way",
                                   one->code(), attribute.name, other->code()));
}

/// What signals of one attribute can say, at all assets that have it.
struct ToldValues {
  const AttributeDefinition* attribute = nullptr;
  std::set<std::string, std::less<>> phases;
};
using ToldByKey = std::map<std::string, ToldValues, std::less<>>;

/// Where the words of an attribute's values stand: in the template of the lineage that has it.
std::string values_key(const Checking& checking, const ResolvedTemplate& facts,
                       const std::string& attribute) {
  for (const auto& name : facts.lineage)
    for (const auto& one : checking.pack.templates)
      if (one.name == name && std::ranges::find(one.attributes, attribute,
                                                &AttributeDefinition::name) != one.attributes.end())
        return fmt::format("template/{}/attribute/{}/values/", name, attribute);
  return "template/" + facts.name;
}

/// The words of an attribute's values are of what its signals can say, all of it.
void check_values(const Checking& checking, const ToldByKey& told) {
  for (const auto& [key, one] : told) {
    const std::vector<std::string> phases(one.phases.begin(), one.phases.end());
    for (const auto& [value, words] : one.attribute->values)
      if (!one.phases.contains(value))
        checking.tell_unknown(key + value, "phase in simulation.yaml", value, phases);
    for (const auto& phase : phases)
      if (!one.attribute->values.contains(phase))
        checking.tell(key + one.attribute->values.begin()->first,
                      fmt::format("the phase '{}' of '{}' has no words, and others have", phase,
                                  one.attribute->name));
  }
}

std::string_view asset_of(std::string_view path) {
  return path.substr(0, std::min(path.rfind('/'), path.size()));
}

/// Of the same asset's attributes without a signal the one that `path` may have meant; else empty.
std::string meant(const std::string& path, const std::vector<std::string>& without) {
  const auto asset = asset_of(path);
  std::string nearest;
  std::size_t least = kMisspelt + 1;
  for (const auto& other : without) {
    if (asset_of(other) != asset) continue;
    const auto edits = edit_distance(path.substr(asset.size()), other.substr(asset.size()));
    if (edits < least) nearest = other;
    least = std::min(least, edits);
  }
  return nearest;
}

void check_signals(const Checking& checking) {
  Signals signals;
  for (const auto& signal : checking.pack.signals) signals.emplace(signal.path, &signal);
  std::set<std::string, std::less<>> bound;
  ToldByKey told;
  std::vector<std::string> without;  ///< attributes without a signal
  for (const auto& asset : checking.pack.plant) {
    const auto* facts = checking.index.template_of(asset);
    if (facts == nullptr) continue;
    for (const auto& attribute : facts->attributes) {
      if (attribute.kind != AttributeKind::kMeasured) continue;
      const std::string path = asset.path + "/" + attribute.name;
      const auto found = signals.find(path);
      bound.insert(path);
      if (found != signals.end()) {
        check_signal(checking, *found->second, attribute);
        if (attribute.values.empty() || found->second->phases.empty()) continue;
        ToldValues& one = told[values_key(checking, *facts, attribute.name)];
        one.attribute = &attribute;
        one.phases.insert(found->second->phases.begin(), found->second->phases.end());
      } else
        without.push_back(path);
    }
  }
  check_values(checking, told);
  for (const auto& signal : checking.pack.signals)
    if (!bound.contains(signal.path)) {
      const std::string nearest = meant(signal.path, without);
      checking.tell(
          "signal/" + signal.path,
          fmt::format("no asset of plant.yaml measures '{}'{}", signal.path,
                      nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)),
          0, nearest.empty());
      std::erase(without, nearest);
    }
  for (const auto& path : without)
    checking.tell(fmt::format("asset/{}", asset_of(path)),
                  fmt::format("simulation.yaml has no signal '{}'", path), 0, true);
}

/// What a balance names is a signal; a misspelt one is told with the nearest.
void check_balances(const Checking& checking) {
  std::vector<std::string> known;
  for (const auto& signal : checking.pack.signals) known.push_back(signal.path);
  const std::set<std::string> signals(known.begin(), known.end());
  for (std::size_t i = 0; i < checking.pack.balances.size(); ++i) {
    const PackBalance& balance = checking.pack.balances[i];
    for (const auto& [side, paths] :
         {std::pair{"left", &balance.left}, std::pair{"right", &balance.right}})
      for (std::size_t part = 0; part < paths->size(); ++part)
        if (!signals.contains((*paths)[part]))
          checking.tell_unknown(fmt::format("balance/{}/{}/{}", i, side, part), "signal",
                                (*paths)[part], known);
  }
}

void check_fault(const Checking& checking, const PackFault& fault, const std::string& key) {
  const auto& simulated = checking.pack.simulated_faults;
  if (std::ranges::find(simulated, fault.fault) == simulated.end())
    checking.tell_unknown(key + "/fault", "fault in simulation.yaml called", fault.fault,
                          simulated);
  std::vector<std::string> known;
  for (const auto& kpi : checking.pack.kpis) known.push_back(kpi.definition.name);
  if (!fault.kpi.empty() && std::ranges::find(known, fault.kpi) == known.end())
    checking.tell_unknown(key + "/kpi", "KPI", fault.kpi, known);
  known.clear();
  const PlantAsset* asset = checking.index.find_asset(fault.asset);
  if (asset == nullptr) {
    for (const auto& one : checking.pack.plant) known.push_back(one.path);
    return checking.tell_unknown(key + "/asset", "asset", fault.asset, known);
  }
  const auto* facts = checking.index.template_of(*asset);
  if (facts == nullptr && !asset->template_name.empty()) return;  // told in plant.yaml
  if (facts != nullptr)
    for (const auto& alarm : facts->alarms) known.push_back(alarm.name);
  if (!fault.alarm.empty() && std::ranges::find(known, fault.alarm) == known.end())
    checking.tell_unknown(key + "/alarm", fmt::format("alarm of '{}' called", fault.asset),
                          fault.alarm, known);
}

}  // namespace

void check_simulation(const Checking& checking, bool has_simulation) {
  for (std::size_t i = 0; i < checking.pack.faults.size(); ++i)
    check_fault(checking, checking.pack.faults[i], fmt::format("fault/{}", i));
  check_balances(checking);
  if (has_simulation && !checking.pack.plant.empty()) check_signals(checking);
}

}  // namespace tundish::pack
