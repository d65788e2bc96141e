#pragma once

#include "base/result.h"
#include "base/time.h"
#include "formula/evaluate.h"

namespace tundish::formula {

/// The end of the results that a sample at `time` can change beyond the moment itself: by the windows that
/// contain it and by what folds remember. At least time + 1. How long the sample holds is the caller's
/// matter. Errors: those of the sources.
Result<TimeNs> reach(const Program& program, Sources& sources, TimeNs time);

/// How many samples after a changed one can be worth something else: they hold what came before them, and a
/// meter counts from the two readings before.
std::size_t samples_after(const Program& program);

}  // namespace tundish::formula
