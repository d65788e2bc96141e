#include "asset/model_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tundish::asset {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string>>;

std::string text_of(const std::optional<Limits>& limits) {
  if (!limits) return {};
  if (!std::isfinite(limits->high)) return fmt::format("from {}", limits->low);
  if (!std::isfinite(limits->low)) return fmt::format("up to {}", limits->high);
  return fmt::format("{} to {}", limits->low, limits->high);
}
std::string text_of(const Value& value) {
  return std::visit([](const auto& one) -> std::string { return fmt::format("{}", one); }, value);
}
std::string text_of(const Words& words) {
  std::string text;
  for (const auto& [language, word] : words)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", language, word);
  return text;
}
std::string text_of(DurationNs duration) {
  return duration == 0 ? std::string() : format_duration(duration);
}
std::string kind_of(const AttributeDefinition& definition) {
  const auto type = value_type_name(definition.type);
  switch (definition.kind) {
    case AttributeKind::kMeasured: return fmt::format("measured {}", type);
    case AttributeKind::kFormula: return fmt::format("formula {}", type);
    case AttributeKind::kConstant: return fmt::format("constant {}", type);
  }
  return {};
}

std::string text_of(const std::map<std::string, Words, std::less<>>& values) {
  std::string text;
  for (const auto& [value, words] : values)
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", value, text_of(words));
  return text;
}

// What each thing says, field by field, for a person; two that read the same are the same.
Fields fields_of(const AttributeDefinition& one) {
  return {{"kind", kind_of(one)},
          {"unit", one.unit},
          {"step", one.step ? "true" : "false"},
          {"normal", text_of(one.normal)},
          {"valid", text_of(one.valid)},
          {"every", text_of(one.every)},
          {"formula", one.formula},
          {"constant", one.kind == AttributeKind::kConstant ? text_of(one.constant) : ""},
          {"words", text_of(one.words)},
          {"aliases", fmt::format("{}", fmt::join(one.aliases, ", "))},
          {"values", text_of(one.values)}};
}
Fields fields_of(const KpiDefinition& one) {
  return {{"value", one.value},
          {"of", one.of},
          {"by", one.by},
          {"unit", one.unit},
          {"per", fmt::format("{}", fmt::join(one.per, ", "))},
          {"band", text_of(one.band)},
          {"better", one.more_is_better ? "more" : "less"},
          {"words", text_of(one.words)}};
}
Fields fields_of(const AlarmDefinition& one) {
  constexpr std::array<std::string_view, 3> kPriorities{"medium", "high", "critical"};
  return {{"when", one.when},
          {"on_delay", text_of(one.on_delay)},
          {"off_delay", text_of(one.off_delay)},
          {"priority", std::string(kPriorities[static_cast<std::size_t>(one.priority)])},
          {"words", text_of(one.words)},
          {"advice", text_of(one.advice)}};
}
std::string text_of(const CostPart& part) {
  std::string text;
  for (const auto& [name, value] : {std::pair{"amount", &part.amount},
                                    {"rate", &part.rate},
                                    {"made", &part.made},
                                    {"target", &part.target},
                                    {"unit", &part.unit},
                                    {"price", &part.price}})
    if (!value->empty()) text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", name, *value);
  return text;
}
Fields fields_of(const IntervalDefinition& one) {
  constexpr std::array<std::string_view, 3> kDowntimes{"", "unplanned", "planned"};
  std::string capture;
  for (const auto& [name, formula] : one.capture)
    capture += fmt::format("{}{}: {}", capture.empty() ? "" : "; ", name, formula);
  return {{"during", one.during},
          {"by", one.by},
          {"start", one.start},
          {"end", one.end},
          {"within", one.within},
          {"shortest", text_of(one.shortest)},
          {"longest", text_of(one.longest)},
          {"capture", capture},
          {"downtime", std::string(kDowntimes[static_cast<std::size_t>(one.downtime)])},
          {"cost of output", text_of(one.cost.output)},
          {"cost of energy", text_of(one.cost.energy)},
          {"words", text_of(one.words)}};
}
Fields fields_of(const Asset& one) {
  return {{"path", one.path},
          {"template", one.facts->name.empty()
                           ? std::string()
                           : fmt::format("{} version {}", one.facts->name, one.facts->version)},
          {"site", one.site == 0 ? std::string() : fmt::format("{}", one.site)},
          {"words", text_of(one.words)}};
}

class Differ {
 public:
  Differ(const BoundTag& bound_before, const BoundTag& bound_after)
      : bound_before_(bound_before), bound_after_(bound_after) {}

  void whole(ModelChange::Kind kind, const Asset& asset) {
    changes.push_back({kind, asset.id, asset.path, "", "", "", ""});
    for (const Attribute& attribute : asset.attributes)
      changes.push_back(
          {kind, asset.id, asset.path, "attribute " + attribute.definition.name, "", "", ""});
  }

  void both(const Asset& before, const Asset& after) {
    fields(after, "", fields_of(before), fields_of(after));
    items(
        after, "attribute", before.attributes, after.attributes,
        [](const Attribute& one) -> const std::string& { return one.definition.name; },
        [&](const Attribute& a, const Attribute& b, const std::string& item) {
          auto old = fields_of(a.definition);
          auto now = fields_of(b.definition);
          old.emplace_back("tag", bound_before_(before, a));
          now.emplace_back("tag", bound_after_(after, b));
          fields(after, item, old, now);
        });
    if (before.facts == after.facts) return;
    const auto by_fields = [&](const auto& a, const auto& b, const std::string& item) {
      fields(after, item, fields_of(a), fields_of(b));
    };
    const auto name = [](const auto& one) -> const std::string& { return one.name; };
    items(after, "kpi", before.facts->kpis, after.facts->kpis, name, by_fields);
    items(after, "alarm", before.facts->alarms, after.facts->alarms, name, by_fields);
    items(after, "interval", before.facts->intervals, after.facts->intervals, name, by_fields);
  }

  std::vector<ModelChange> changes;

 private:
  void fields(const Asset& asset, const std::string& item, const Fields& before,
              const Fields& after) {
    for (std::size_t i = 0; i < before.size(); ++i)
      if (before[i].second != after[i].second)
        changes.push_back({ModelChange::Kind::kChanged, asset.id, asset.path, item,
                           std::string(before[i].first), before[i].second, after[i].second});
  }

  /// Two lists, each ascending by name.
  template <class T>
  void items(const Asset& asset, std::string_view what, const std::vector<T>& before,
             const std::vector<T>& after, const auto& name_of, const auto& compare) {
    auto a = before.begin();
    auto b = after.begin();
    while (a != before.end() || b != after.end()) {
      const bool only_before = b == after.end() || (a != before.end() && name_of(*a) < name_of(*b));
      const bool only_after = !only_before && (a == before.end() || name_of(*b) < name_of(*a));
      const std::string item = fmt::format("{} {}", what, name_of(only_before ? *a : *b));
      if (only_before)
        changes.push_back({ModelChange::Kind::kRemoved, asset.id, asset.path, item, "", "", ""});
      else if (only_after)
        changes.push_back({ModelChange::Kind::kAdded, asset.id, asset.path, item, "", "", ""});
      else
        compare(*a, *b, item);
      if (!only_after) ++a;
      if (!only_before) ++b;
    }
  }

  const BoundTag& bound_before_;
  const BoundTag& bound_after_;
};

}  // namespace

std::vector<ModelChange> model_diff(const PlantModel& before, const BoundTag& bound_before,
                                    const PlantModel& after, const BoundTag& bound_after) {
  Differ differ(bound_before, bound_after);
  for (const Asset& asset : after.assets()) {
    const Asset* const old = before.find(asset.id);
    if (old == nullptr)
      differ.whole(ModelChange::Kind::kAdded, asset);
    else
      differ.both(*old, asset);
  }
  for (const Asset& asset : before.assets())
    if (after.find(asset.id) == nullptr) differ.whole(ModelChange::Kind::kRemoved, asset);
  std::ranges::stable_sort(differ.changes, {}, &ModelChange::path);
  return std::move(differ.changes);
}

}  // namespace tundish::asset
