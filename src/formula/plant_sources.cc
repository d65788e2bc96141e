#include "formula/plant_sources.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "formula/plant_names.h"
#include "model/valid_range.h"

namespace tundish::formula {
namespace {

/// How many samples are passed over in search of one that is not Bad.
constexpr int kStepsBackMax = 1000;

}  // namespace

bool is_usable(const Sample& sample, const std::optional<Limits>& valid) {
  if (sample.quality.is_bad()) return false;
  if (valid && !ValidRange(*valid).holds(sample.value)) return false;
  const auto* number = std::get_if<double>(&sample.value);
  return number == nullptr || std::isfinite(*number);
}

const std::vector<const Attribute*>& PlantSources::attributes(const InputName& input) {
  const auto [at, is_new] = bound_.try_emplace({input.set, input.attribute});
  if (!is_new) return at->second;
  if (input.set.empty()) {
    at->second.push_back(model_.resolve(asset_, input.attribute));
    return at->second;
  }
  for (const Asset* child : model_.children(asset_.id))
    at->second.push_back(child->find(input.attribute));
  return at->second;
}

std::size_t PlantSources::series(const InputName& input) { return attributes(input).size(); }

std::size_t PlantSources::set_size(std::string_view) { return model_.children(asset_.id).size(); }

SeriesFacts PlantSources::facts(const InputName& input, std::size_t series) {
  const auto& all = attributes(input);
  const Attribute* attribute = all[series];
  if (attribute == nullptr) return {.is_missing = true};
  const AttributeDefinition& definition = attribute->definition;
  // What a formula gives holds until it gives something else.
  SeriesFacts facts{.step = definition.step || definition.kind == AttributeKind::kFormula ||
                            definition.type != ValueType::kDouble,
                    .valid = definition.valid};
  if (definition.kind == AttributeKind::kConstant)
    facts.constant = definition.constant;
  else
    facts.is_missing = attribute->tag.number == 0;
  // Assets of a set may measure in different units; the first one's counts.
  const auto leading = std::ranges::find_if(all, [](const Attribute* a) { return a != nullptr; });
  if ((*leading)->definition.unit != definition.unit) {
    const auto from = Unit::parse(definition.unit), to = Unit::parse((*leading)->definition.unit);
    if (from && to)
      if (const auto conversion = UnitConversion::between(*from, *to))
        facts.conversion = *conversion;
  }
  return facts;
}

Result<std::vector<Sample>> PlantSources::before(const InputName& input, std::size_t series,
                                                 TimeNs time, std::size_t usable) {
  std::vector<Sample> found;
  const Attribute& attribute = *attributes(input)[series];
  TimeNs until = time - 1;
  for (int i = 0; i < kStepsBackMax && (found.empty() || usable > 0); ++i) {
    TUNDISH_TRY(auto sample, snapshot_.at_or_before(attribute.tag, until));
    if (!sample) break;
    const bool counts = is_usable(*sample, attribute.definition.valid);
    until = sample->time - 1;
    if (counts && usable > 0) --usable;
    if (counts || found.empty()) found.push_back(*std::move(sample));
    if (until == kTimeMin) break;
  }
  std::ranges::reverse(found);
  return found;
}

Status PlantSources::scan(const InputName& input, std::size_t series, TimeRange range,
                          const Visit& visit) {
  return snapshot_.scan(attributes(input)[series]->tag, range, visit);
}

Result<std::vector<TimeRange>> PlantSources::windows(std::string_view name, TimeRange range) {
  TUNDISH_TRY(const auto stretches, windows_.windows(model_.enterprise(), asset_.id, name, range));
  std::vector<TimeRange> ranges;
  ranges.reserve(stretches.size());
  for (const Stretch& stretch : stretches) ranges.push_back(stretch.range);
  return ranges;
}

}  // namespace tundish::formula
