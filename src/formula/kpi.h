#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "formula/evaluate.h"
#include "model/definitions.h"
#include "model/plant_model.h"
#include "model/ports/model_reader.h"
#include "model/ports/sample_reader.h"
#include "model/quality.h"

namespace tundish::formula {

/// A figure over one window.
struct KpiResult {
  TimeRange window;
  double value = 0;  ///< in the definition's unit; NaN when Bad
  Quality quality;
  double percent_good = 0, coverage = 0;
  double of = 0,
         by = 0;  ///< of a ratio: both amounts, each in the unit of its formula; NaN where Bad
};

/// What a figure is made from; all outlive the call.
struct KpiInputs {
  Snapshot& snapshot;
  const PlantModel& model;
  const WindowSource& windows;
};

/// Assets whose windows are the same, because one calendar holds for all of them.
struct KpiPart {
  std::span<const Asset* const> assets;
  std::vector<TimeRange> windows;  ///< ascend and lie apart; may be fewer than there are results
  std::vector<std::size_t> at;     ///< to which result each window belongs
};

/// A figure of one asset, or of several together: then both amounts of the ratio are summed over the assets
/// before they are divided, each as far as it is known. No output in a window is no figure (Bad), not 0.
/// `of_assets` are not empty and have `kpi` by their template; `windows` ascend and lie apart.
/// Errors: those of formulas, with the place in the formula; kInvalidArgument for several assets and a
/// figure that is no ratio.
Result<std::vector<KpiResult>> evaluate_kpi(const KpiDefinition& kpi,
                                            std::span<const Asset* const> of_assets,
                                            const KpiInputs& inputs,
                                            std::span<const TimeRange> windows,
                                            const Budget& budget);

/// The same over parts whose windows of one name are different stretches of time: the production day of
/// sites in several time zones. A result's `window` reaches from the earliest start to the latest end of
/// what was summed. @param results how many; each has a window in one part at least.
Result<std::vector<KpiResult>> evaluate_kpi(const KpiDefinition& kpi,
                                            std::span<const KpiPart> parts, std::size_t results,
                                            const KpiInputs& inputs, const Budget& budget);

}  // namespace tundish::formula
