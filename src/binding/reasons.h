#pragma once

#include <string>
#include <vector>

#include "binding/confidence.h"

namespace tundish::binding {

/// Why a proposal was made and what speaks against it, as sentences for the person who confirms it.
std::vector<std::string> reasons_for(const FoundPoint& point, const PointReading& reading,
                                     const Candidate& candidate, const Evidence& evidence,
                                     const Company& company, ReasonLanguage language);

}  // namespace tundish::binding
