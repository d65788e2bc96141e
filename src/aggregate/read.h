#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "aggregate/aggregate_run.h"
#include "aggregate/count_run.h"
#include "base/result.h"
#include "model/ports/annotation_book.h"
#include "model/ports/sample_reader.h"

namespace tundish::aggregate {

/// False cancels: asked once a piece, so that a query keeps its time budget.
using KeepGoing = std::function<bool()>;

/// How many samples an interpolation passes over on either side in search of one that is not Bad.
inline constexpr int kBoundStepsMax = 1000;

/// One aggregate of one tag over adjoining intervals, bounding values included.
/// @param notes for AnnotationCount, as they are now; without it there are none
/// Errors: those of the snapshot and of the notes; kCancelled.
Result<std::vector<AggregateResult>> aggregate_tag(Snapshot& snapshot, TagId tag,
                                                   const AggregateSpec& spec,
                                                   std::vector<TimeNs> edges,
                                                   const KeepGoing& keep_going = {},
                                                   const AnnotationBook* notes = nullptr);

/// Samples in a range that lie between two values. Errors: those of the snapshot; kCancelled.
Result<CountRun> count_tag(Snapshot& snapshot, TagId tag, TimeRange range,
                           std::optional<double> above, std::optional<double> below,
                           const KeepGoing& keep_going = {});

/// The points of one curve (see PlotRun). Errors: those of the snapshot; kCancelled.
Result<std::vector<Columns>> plot_tag(Snapshot& snapshot, TagId tag, TimeRange range,
                                      std::uint32_t columns, const KeepGoing& keep_going = {});

}  // namespace tundish::aggregate
