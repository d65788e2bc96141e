#pragma once

#include <optional>
#include <span>
#include <vector>

#include "formula/kpi.h"

namespace tundish::formula {

/// One stretch of a downtime, and what the calendar of its site says of it.
struct CostWindow {
  TimeRange range;
  DurationNs planned = 0;        ///< the time in it in which work was planned
  std::optional<double> target;  ///< of CostPart::target, in the part's unit an hour
};

/// What one part of a downtime came to in one stretch. NaN: not known, or not said.
struct CostAmount {
  double amount = 0;  ///< in the part's unit; lost output is never less than 0
  double price = 0;   ///< money by unit
  double money = 0;
  Quality quality;  ///< of the amount
  double percent_good = 0, coverage = 0;
};

/// Computes a part of what downtimes of `asset` cost, one a window; with `rate` it is the rate over the planned
/// time, less what was made in the window. `windows` ascend and lie apart; the part is not empty.
/// Errors: those of formulas, with the place in the formula.
Result<std::vector<CostAmount>> evaluate_cost(const CostPart& part, const Asset& asset,
                                              const KpiInputs& inputs,
                                              std::span<const CostWindow> windows,
                                              const Budget& budget);

}  // namespace tundish::formula
