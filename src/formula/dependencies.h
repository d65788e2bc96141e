#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "formula/plant_names.h"
#include "formula/syntax.h"
#include "model/plant_model.h"

namespace tundish::formula {

/// What a name in a formula reads: an attribute, or a kind of interval whose stretches it uses as a window.
struct Input {
  std::uint32_t node = 0;  ///< of Syntax::nodes; a member has one entry for each child that has it
  const Asset* asset = nullptr;                  ///< that it belongs to
  const Attribute* attribute = nullptr;          ///< null: an interval
  const IntervalDefinition* interval = nullptr;  ///< null: an attribute
};

/// All that a formula of `asset` reads, by node, members in path order. Names that lead nowhere are left
/// out: the checker speaks of those. Points into `model`.
std::vector<Input> inputs_of(const Syntax& syntax, const PlantModel& model, const Asset& asset);

/// Something that is computed for one asset: an attribute by its formula, or a kind of interval.
struct Derived {
  enum class Kind : std::uint8_t { kAttribute, kInterval };
  std::uint32_t asset = 0;  ///< in PlantModel::assets()
  Kind kind = Kind::kAttribute;
  std::uint32_t index = 0;  ///< in Asset::attributes or TemplateFacts::intervals
  auto operator<=>(const Derived&) const = default;
};

/// `steel-01/works/bf1/power`; of an interval `steel-01/works/bf1 interval heat`.
std::string name_of(const PlantModel& model, const Derived& derived);

struct Step {
  Derived derived;
  std::vector<std::uint32_t> after;  ///< steps whose results it reads directly, ascending
};

/// All that is computed, each after what it reads; among those that could come next, the first by path,
/// attributes before intervals. Formulas that cannot be read read nothing.
/// Errors: kInvalidArgument when formulas go in a circle, which the message names from its first
/// by path: `a -> b -> a`, each with its full path.
Result<std::vector<Step>> order_of(const PlantModel& model);

}  // namespace tundish::formula
