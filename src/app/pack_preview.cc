#include "app/pack_preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

namespace tundish::app {
namespace {

std::string text_of(const std::optional<Limits>& limits) {
  if (!limits) return "none";
  if (!std::isfinite(limits->high)) return fmt::format("from {}", limits->low);
  if (!std::isfinite(limits->low)) return fmt::format("up to {}", limits->high);
  return fmt::format("{} to {}", limits->low, limits->high);
}

/// Differences at one asset, told one by one.
class Differences {
 public:
  Differences(const Asset& asset, const Overrides& overrides, std::vector<ModelChange>& changes)
      : asset_(asset), overrides_(overrides), changes_(changes) {}

  template <class Definition>
  void compare(std::string_view what, const std::vector<Definition>& before,
               const std::vector<Definition>& after) {
    std::map<std::string_view, const Definition*> was, will;
    for (const Definition& one : before) was[one.name] = &one;
    for (const Definition& one : after) will[one.name] = &one;
    for (const auto& [name, definition] : will) {
      const std::string item = fmt::format("{} {}", what, name);
      const auto found = was.find(name);
      if (found == was.end())
        tell(ModelChange::Kind::kAdded, item);
      else if (!(*found->second == *definition))
        change(item, *found->second, *definition);
    }
    for (const auto& [name, definition] : was)
      if (!will.contains(name)) tell(ModelChange::Kind::kRemoved, fmt::format("{} {}", what, name));
  }

 private:
  void tell(ModelChange::Kind kind, std::string item, std::string field = {}, std::string from = {},
            std::string to = {}) {
    changes_.push_back({.kind = kind,
                        .asset = asset_.id,
                        .path = asset_.path,
                        .item = std::move(item),
                        .field = std::move(field),
                        .from = std::move(from),
                        .to = std::move(to)});
  }
  template <class Definition>
  void change(const std::string& item, const Definition&, const Definition&) {
    tell(ModelChange::Kind::kChanged, item, "definition");
  }
  void change(const std::string& item, const AttributeDefinition& was,
              const AttributeDefinition& will) {
    const auto kept = overrides_.find(was.name);
    const AttributeOverride own = kept == overrides_.end() ? AttributeOverride{} : kept->second;
    const auto field = [&](const char* name, bool is_own, const std::string& from,
                           const std::string& to) {
      if (!is_own && from != to) tell(ModelChange::Kind::kChanged, item, name, from, to);
    };
    field("unit", own.unit.has_value(), was.unit, will.unit);
    field("normal", own.normal.has_value(), text_of(was.normal), text_of(will.normal));
    field("valid", own.valid.has_value(), text_of(was.valid), text_of(will.valid));
    field("formula", own.formula.has_value(), was.formula, will.formula);
    field("every", own.every.has_value(), format_duration(was.every), format_duration(will.every));
    field("type", false, std::string(value_type_name(was.type)),
          std::string(value_type_name(will.type)));
  }

  const Asset& asset_;
  const Overrides& overrides_;
  std::vector<ModelChange>& changes_;
};

}  // namespace

Result<std::vector<ModelChange>> preview_of(const pack::Pack& pack, const PlantModel& model,
                                            const ModelStore& store) {
  std::vector<ModelChange> changes;
  std::map<std::string, pack::ResolvedTemplate, std::less<>> resolved;
  for (const pack::Template& one : pack.templates) {
    TUNDISH_TRY(resolved[one.name], pack::resolve_template(pack, one.name));
  }
  for (const Asset& asset : model.assets()) {
    const auto found = resolved.find(asset.facts->name);
    if (found == resolved.end()) continue;
    TUNDISH_TRY(const auto written, store.asset(model.enterprise(), asset.id));
    std::vector<AttributeDefinition> attributes;
    for (const Attribute& attribute : asset.attributes) attributes.push_back(attribute.definition);
    Differences differences(asset, written.overrides, changes);
    differences.compare("attribute", attributes, found->second.attributes);
    differences.compare("kpi", asset.facts->kpis, found->second.kpis);
    differences.compare("alarm", asset.facts->alarms, found->second.alarms);
    differences.compare("interval", asset.facts->intervals, found->second.intervals);
  }
  return changes;
}

}  // namespace tundish::app
