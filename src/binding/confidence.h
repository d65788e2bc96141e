#pragma once

#include "binding/evidence.h"

namespace tundish::binding {

/// What the rest of the list says about one proposal.
struct Company {
  double share = 0;  ///< of the belief among all candidates and none, 0..1
  double template_share =
      0;  ///< of this template among those that the other points of its folder speak for
  bool contested = false;      ///< another point of its asset fits as well
  bool second_choice = false;  ///< another point of its asset took the first
};

/// The confidence of a proposal: its share, and never more than its evidence allows. Above 0.9 only when every word
/// of one name of the candidate was said in full, the point says nothing else, units agree, and nobody competes.
double confidence_of(const Evidence& evidence, const Company& company);

}  // namespace tundish::binding
