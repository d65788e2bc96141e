#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "formula/program.h"
#include "model/ids.h"
#include "model/plant_model.h"
#include "model/unit.h"

namespace tundish::compute {

/// One attribute that a formula gives, ready to run.
struct DerivedTag {
  const Asset* asset = nullptr;
  const Attribute* attribute = nullptr;
  formula::Program program;
  DurationNs every = 0;            ///< distance of its results; 0: whenever an input has a sample
  std::vector<TagId> inputs;       ///< each once
  std::vector<std::string> kinds;  ///< of intervals that it uses as windows
  std::optional<UnitConversion> conversion;  ///< from the formula's unit to the attribute's
  std::uint32_t level = 0;                   ///< above those of all derived inputs
  std::uint64_t fingerprint = 0;             ///< of all that its results follow from beside samples
};

/// A formula that cannot run, for a person.
struct FormulaFault {
  std::string path;  ///< of the attribute
  std::string message;
};

/// All formulas of one enterprise at one version of its model, each after those that it reads. Immutable.
class Graph {
 public:
  explicit Graph(std::shared_ptr<const PlantModel> model);

  const PlantModel& model() const { return *model_; }
  const std::vector<DerivedTag>& tags() const { return tags_; }
  /// Which of tags() read a tag; null when none does.
  const std::vector<std::uint32_t>* readers(TagId tag) const;
  /// Which of tags() a tag is, or none.
  const std::uint32_t* derived(TagId tag) const;
  const std::vector<FormulaFault>& faults() const { return faults_; }

 private:
  void add(const Asset& asset, const Attribute& attribute);

  std::shared_ptr<const PlantModel> model_;
  std::vector<DerivedTag> tags_;
  std::unordered_map<TagId, std::vector<std::uint32_t>> readers_;
  std::unordered_map<TagId, std::uint32_t> derived_;
  std::vector<FormulaFault> faults_;
};

/// How samples of an attribute are read, as text; and 64 bits that equal texts alone have.
std::string facts_text(const AttributeDefinition& definition, TagId tag);
std::uint64_t fingerprint_of(const std::string& text);

/// The distance of results of a formula with windows that says none.
inline constexpr DurationNs kEveryDefault = 10 * kSecond;

}  // namespace tundish::compute
