#include "binding/reasons.h"

#include <fmt/format.h>

namespace tundish::binding {

std::vector<std::string> reasons_for(const FoundPoint& point, const PointReading& reading,
                                     const Candidate& candidate, const Evidence& evidence,
                                     const Company& company) {
  std::vector<std::string> reasons;
  const auto percent = [](double share) { return static_cast<int>(share * 100 + 0.5); };
  reasons.push_back(fmt::format("The words of the point cover {} % of {}.",
                                percent(static_cast<double>(evidence.coverage)),
                                candidate.attribute));
  if (evidence.modifier)
    reasons.emplace_back(
        "It looks like a set point, an alarm or a state of it, not like the measured value.");
  if (evidence.unexplained)
    reasons.push_back(fmt::format("Some of its words do not belong to {}.", candidate.attribute));
  switch (evidence.unit) {
    case UnitEvidence::kSame:
      reasons.push_back(fmt::format("Its unit is {}, as in the template.", candidate.unit));
      break;
    case UnitEvidence::kConvertible:
      reasons.push_back(
          fmt::format("Its unit {} converts to {}.", reading.unit->code(), candidate.unit));
      break;
    case UnitEvidence::kConflict:
      reasons.push_back(
          fmt::format("Its unit {} does not convert to {}.", reading.unit->code(), candidate.unit));
      break;
    case UnitEvidence::kUnknown:
      reasons.push_back(point.unit.empty() ? "It tells no unit." : "Its unit is not known.");
      break;
  }
  switch (evidence.range) {
    case RangeEvidence::kWithin:
      reasons.emplace_back("Its range lies within what is valid.");
      break;
    case RangeEvidence::kOverlaps:
      reasons.emplace_back("Its range reaches beyond what is valid.");
      break;
    case RangeEvidence::kApart:
      reasons.emplace_back("Its range lies outside what is valid.");
      break;
    case RangeEvidence::kUnknown: break;
  }
  if (evidence.type_conflict) reasons.emplace_back("Its type does not fit.");
  if (company.template_share > 0.5)
    reasons.push_back(fmt::format("The points beside it speak for {}.", candidate.template_name));
  if (company.contested) reasons.emplace_back("Another point of the same asset fits as well.");
  if (company.second_choice)
    reasons.emplace_back("What fits better belongs to another point of the same asset.");
  return reasons;
}

}  // namespace tundish::binding
