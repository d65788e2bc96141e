#include <fmt/format.h>

#include "pack/readers.h"

namespace tundish::pack {
namespace {

/// A formula and its place.
std::string formula_at(Source& source, const std::string& key, const YAML::Node& node) {
  source.note(key, node);
  return clean_text(node, 1000);
}

void read_ratio(Source& source, const std::string& key, const YAML::Node& node,
                KpiDefinition& kpi) {
  auto members = source.members(node, "a ratio", {"of", "by"});
  for (const char* part : {"of", "by"}) {
    if (!members.contains(part)) {
      if (node.IsMap()) source.add(node, fmt::format("'{}' is missing here", part));
      continue;
    }
    source.attempt([&] {
      (part[0] == 'o' ? kpi.of : kpi.by) = formula_at(source, key + "/" + part, members[part]);
    });
  }
}

void read_kpi(Source& source, const std::string& name, const YAML::Node& node, Pack& pack) {
  PackKpi one;
  KpiDefinition& kpi = one.definition;
  kpi.name = name;
  const std::string key = "kpi/" + name;
  auto members = source.members(node, "a KPI",
                                {"of", "words", "unit", "ratio", "value", "per", "band", "better"});
  for (const char* needed : {"of", "words", "unit", "per"})
    if (node.IsMap() && !members.contains(needed))
      source.add(node, fmt::format("'{}' is missing here", needed));
  if (node.IsMap() && members.contains("ratio") == members.contains("value"))
    source.add(node, "a KPI has one of 'ratio' and 'value'");
  for (const auto& [member, value] : members)
    source.attempt([&] {
      if (member == "of") {
        one.of = name_of(value);
        source.note(key + "/template", value);
      } else if (member == "words") {
        kpi.words = source.words(value);
      } else if (member == "unit") {
        kpi.unit = text(value);
        source.note(key + "/unit", value);
        (void)unit_code(value);
      } else if (member == "ratio") {
        read_ratio(source, key, value, kpi);
      } else if (member == "value") {
        kpi.value = formula_at(source, key + "/value", value);
      } else if (member == "per") {
        for (const auto& window : items(value, 20)) {
          source.note(key + "/per/" + name_of(window), window);
          kpi.per.push_back(text(window));
        }
      } else if (member == "band") {
        kpi.band = limits_of(value);
      } else {
        if (text(value) != "more" && text(value) != "less")
          unknown(value, "better is more or less, and not", text(value), {"more", "less"});
        kpi.more_is_better = text(value) == "more";
      }
    });
  pack.kpis.push_back(std::move(one));
}

}  // namespace

void read_kpis(Source& source, Pack& pack) {
  const auto root = source.load();
  if (!root) return;
  auto members = source.members(*root, "kpis.yaml", {"kpis"});
  if (!members.contains("kpis")) return source.add(*root, "'kpis' is missing here");
  for (const auto& [name, body] : source.named(members["kpis"], "KPIs", kDefinitionsMax, "kpi/"))
    read_kpi(source, name, body, pack);
}

}  // namespace tundish::pack
