#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_word.h"
#include "pack/pack.h"

namespace tundish::pack {
namespace {

const Template* find_template(const Pack& pack, std::string_view name) {
  const auto found = std::ranges::find(pack.templates, name, &Template::name);
  return found == pack.templates.end() ? nullptr : &*found;
}

Error no_template(const Pack& pack, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& one : pack.templates) names.push_back(one.name);
  const std::string nearest = nearest_word(name, names);
  return {ErrorCode::kNotFound,
          fmt::format("there is no template '{}'{}", name.substr(0, 60),
                      nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)),
          "assets.yaml"};
}

/// From the template upwards.
Result<std::vector<const Template*>> lineage_of(const Pack& pack, std::string_view name) {
  std::vector<const Template*> lineage;
  for (std::string_view next = name; !next.empty();) {
    const Template* one = find_template(pack, next);
    if (one == nullptr) return fail(no_template(pack, next));
    lineage.push_back(one);
    if (std::ranges::find(lineage.begin(), lineage.end() - 1, one) != lineage.end() - 1) {
      std::string circle;
      for (const auto* each : lineage) circle += (circle.empty() ? "" : " -> ") + each->name;
      return fail(ErrorCode::kInvalidArgument, "templates go round in a circle: " + circle,
                  "assets.yaml");
    }
    if (lineage.size() > static_cast<std::size_t>(kLineageMax))
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("more than {} templates one above the other", kLineageMax),
                  "assets.yaml");
    next = one->extends;
  }
  return lineage;
}

/// The definitions that are made for one of `lineage`, ascending by name.
template <class Definition, class Made>
std::vector<Definition> of_lineage(const std::vector<Made>& all,
                                   const std::vector<std::string>& lineage) {
  std::vector<Definition> chosen;
  for (const auto& one : all)
    if (std::ranges::find(lineage, one.of) != lineage.end()) chosen.push_back(one.definition);
  std::ranges::sort(chosen, {}, &Definition::name);
  return chosen;
}

}  // namespace

const AttributeDefinition* ResolvedTemplate::find(std::string_view attribute) const {
  const auto found =
      std::ranges::lower_bound(attributes, attribute, {}, &AttributeDefinition::name);
  return found != attributes.end() && found->name == attribute ? &*found : nullptr;
}

Result<ResolvedTemplate> resolve_template(const Pack& pack, std::string_view name) {
  TUNDISH_TRY(const auto lineage, lineage_of(pack, name));
  if (lineage.empty()) return fail(no_template(pack, name));
  ResolvedTemplate resolved;
  resolved.name = lineage.front()->name;
  resolved.words = lineage.front()->words;
  std::map<std::string_view, const AttributeDefinition*> nearest;
  for (const auto* one : lineage) {
    resolved.lineage.push_back(one->name);
    for (const auto& attribute : one->attributes) nearest.emplace(attribute.name, &attribute);
  }
  for (const auto& [_, attribute] : nearest) resolved.attributes.push_back(*attribute);
  resolved.kpis = of_lineage<KpiDefinition>(pack.kpis, resolved.lineage);
  resolved.alarms = of_lineage<AlarmDefinition>(pack.alarms, resolved.lineage);
  resolved.intervals = of_lineage<IntervalDefinition>(pack.intervals, resolved.lineage);
  return resolved;
}

}  // namespace tundish::pack
