#include "compute/graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "formula/dependencies.h"
#include "formula/plant_names.h"

namespace tundish::compute {

/// What `definition` adds to how samples are read.
std::string facts_text(const AttributeDefinition& definition, TagId tag) {
  std::string text = fmt::format("{}|{}|{}|{}|{}|", tag.packed(), definition.unit,
                                 static_cast<int>(definition.kind), definition.step,
                                 static_cast<int>(definition.type));
  if (definition.valid)
    text += fmt::format("{}..{}|", definition.valid->low, definition.valid->high);
  if (definition.kind == AttributeKind::kConstant)
    text += std::visit([](const auto& value) { return fmt::format("={}|", value); },
                       definition.constant);
  return text;
}

/// 64 bits of two checksums: equal texts only, for all that matters here.
std::uint64_t fingerprint_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  const std::string turned(text.rbegin(), text.rend());
  const auto other = std::as_bytes(std::span(turned));
  return (static_cast<std::uint64_t>(crc32c(bytes)) << 32) | crc32c(other);
}

Graph::Graph(std::shared_ptr<const PlantModel> model) : model_(std::move(model)) {
  const auto order = formula::order_of(*model_);
  if (!order) {
    faults_.push_back({"", order.error().message});
    return;
  }
  for (const formula::Step& step : *order) {
    if (step.derived.kind != formula::Derived::Kind::kAttribute) continue;
    const Asset& asset = model_->assets()[step.derived.asset];
    add(asset, asset.attributes[step.derived.index]);
  }
}

void Graph::add(const Asset& asset, const Attribute& attribute) {
  const AttributeDefinition& definition = attribute.definition;
  const std::string path = asset.path + "/" + definition.name;
  if (attribute.tag.number == 0) {
    faults_.push_back({path, "its tag has not been made"});
    return;
  }
  auto program = formula::compile(definition.formula, formula::PlantNames(*model_, asset));
  if (!program) {
    faults_.push_back({path, program.error().message});
    return;
  }
  DerivedTag made{.asset = &asset,
                  .attribute = &attribute,
                  .program = *std::move(program),
                  .every = definition.every,
                  .inputs = {},
                  .kinds = {},
                  .conversion = {},
                  .level = 0,
                  .fingerprint = 0};
  if (made.every == 0 && made.program.has_folds()) made.every = kEveryDefault;
  if (made.program.result().kind == formula::Kind::kNumber) {
    const auto unit = Unit::parse(definition.unit);
    const auto conversion = unit ? UnitConversion::between(made.program.result().unit, *unit)
                                 : Result<UnitConversion>(std::unexpected(unit.error()));
    if (!conversion) {
      faults_.push_back({path, conversion.error().message});
      return;
    }
    if (made.program.result().unit != *unit) made.conversion = *conversion;
  }
  std::string facts = fmt::format("{}|{}|{}|{}|", definition.formula, definition.unit, made.every,
                                  attribute.formula_version);
  for (const formula::Input& input :
       formula::inputs_of(made.program.checked.syntax, *model_, asset)) {
    if (input.interval != nullptr) {
      made.kinds.push_back(input.interval->name);
      continue;
    }
    facts += facts_text(input.attribute->definition, input.attribute->tag);
    if (input.attribute->tag.number != 0) made.inputs.push_back(input.attribute->tag);
  }
  std::ranges::sort(made.inputs);
  const auto repeated = std::ranges::unique(made.inputs);
  made.inputs.erase(repeated.begin(), repeated.end());
  made.fingerprint = fingerprint_of(facts);

  for (const TagId input : made.inputs)
    if (const auto* above = derived(input))
      made.level = std::max(made.level, tags_[*above].level + 1);
  const auto index = static_cast<std::uint32_t>(tags_.size());
  for (const TagId input : made.inputs) readers_[input].push_back(index);
  derived_[attribute.tag] = index;
  tags_.push_back(std::move(made));
}

const std::vector<std::uint32_t>* Graph::readers(TagId tag) const {
  const auto found = readers_.find(tag);
  return found == readers_.end() ? nullptr : &found->second;
}

const std::uint32_t* Graph::derived(TagId tag) const {
  const auto found = derived_.find(tag);
  return found == derived_.end() ? nullptr : &found->second;
}

}  // namespace tundish::compute
