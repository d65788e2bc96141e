#include "binding/confidence.h"

#include <algorithm>

namespace tundish::binding {

double confidence_of(const Evidence& evidence, const Company& company) {
  constexpr double kMost = 0.97, kBelowSure = 0.88;
  double most = kMost;
  const auto at_most = [&](double limit) { most = std::min(most, limit); };
  // Abbreviations, initials and what was left out: right as a rule, and no more than that.
  if (evidence.coverage < 0.96f)
    at_most(std::min(kBelowSure, 0.35 + 0.6 * static_cast<double>(evidence.coverage)));
  if (evidence.precision < 0.9f)
    at_most(std::min(kBelowSure, 0.5 + 0.45 * static_cast<double>(evidence.precision)));
  if (evidence.unexplained) at_most(0.8);
  if (evidence.unknown_word) at_most(kBelowSure);
  if (evidence.modifier) at_most(0.4);
  if (evidence.type_conflict) at_most(0.25);
  switch (evidence.unit) {
    case UnitEvidence::kUnknown: at_most(kBelowSure); break;
    case UnitEvidence::kConflict: at_most(0.25); break;
    case UnitEvidence::kSame:
    case UnitEvidence::kConvertible: break;
  }
  if (evidence.range == RangeEvidence::kApart) at_most(0.4);
  if (evidence.range == RangeEvidence::kOverlaps) at_most(kBelowSure);
  // Which template has to be said, by the point or its folder: its neighbours' votes do not make it sure, because
  // the right one may not be on offer.
  if (evidence.template_match < 0.7f) at_most(kBelowSure);
  if (company.contested) at_most(0.6);
  if (company.second_choice) at_most(0.5);
  return std::clamp(std::min(company.share, most), 0.0, 1.0);
}

}  // namespace tundish::binding
