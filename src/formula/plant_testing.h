#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/plant_model.h"

namespace tundish::formula {

/// An asset for tests. Its attributes: name, unit; with a formula when there is one.
struct TestAttribute {
  std::string name;
  std::string unit = {};
  std::string formula = {};
  ValueType type = ValueType::kDouble;
};

inline Asset test_asset(std::uint64_t id, std::uint64_t parent, std::string path,
                        const std::vector<TestAttribute>& attributes,
                        std::vector<IntervalDefinition> intervals = {}) {
  TemplateFacts facts;
  facts.intervals = std::move(intervals);
  Asset made{.id = AssetId(id),
             .parent = AssetId(parent),
             .path = std::move(path),
             .words = {},
             .facts = std::make_shared<const TemplateFacts>(std::move(facts)),
             .attributes = {}};
  for (const auto& [name, unit, formula, type] : attributes) {
    Attribute attribute;
    attribute.definition.name = name;
    attribute.definition.unit = unit;
    attribute.definition.type = type;
    attribute.definition.formula = formula;
    if (!formula.empty()) attribute.definition.kind = AttributeKind::kFormula;
    made.attributes.push_back(std::move(attribute));
  }
  return made;
}

inline IntervalDefinition test_interval(std::string name, std::string by, std::string within = {}) {
  IntervalDefinition interval;
  interval.name = std::move(name);
  interval.by = std::move(by);
  interval.within = std::move(within);
  return interval;
}

/// Two furnaces, of which one has a blast.
inline const PlantModel& works() {
  static const PlantModel model(
      EnterpriseId(1), 1,
      {test_asset(1, 0, "steel-01/works", {{"power", "kW", "sum(children.power)"}}),
       test_asset(3, 1, "steel-01/works/bf1",
                  {{"top_temp", "Cel"},
                   {"power", "kW"},
                   {"level", "m"},
                   {"running", "", "", ValueType::kBool},
                   {"heat_number", "", "", ValueType::kString}},
                  {test_interval("heat", "heat_number")}),
       test_asset(2, 3, "steel-01/works/bf1/blast", {{"flow", "m3/h"}, {"temp", "Cel"}}),
       test_asset(4, 1, "steel-01/works/bf2", {{"power", "MW"}, {"level", "t"}})});
  return model;
}

}  // namespace tundish::formula
