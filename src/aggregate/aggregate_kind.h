#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tundish::aggregate {

/// Aggregates of OPC 10000-13 under their own names. Values of one interval:
/// - over the samples inside it: Average to VariancePopulation, Start, End, Delta;
/// - over time, with interpolated bounding values (bad samples are bridged, the result is then
///   uncertain): Interpolative, TimeAverage, Total (value x seconds);
/// - over time, with simple bounding values (a bad sample ends what is known): TimeAverage2, Total2,
///   durations in milliseconds, percentages, StartBound, EndBound, DeltaBounds;
/// - over the samples inside and the simple bounding values: Minimum2 to Range2, DurationInStateZero and
///   NonZero, WorstQuality2;
/// - AnnotationCount: notes of people (model/ports/annotation_book.h), not samples.
///
/// All 37 of the standard.
enum class AggregateKind : std::uint8_t {
  kInterpolative,
  kAverage,
  kTimeAverage,
  kTotal,
  kTimeAverage2,
  kTotal2,
  kMinimum,
  kMaximum,
  kMinimumActualTime,
  kMaximumActualTime,
  kRange,
  kCount,
  kStart,
  kEnd,
  kDelta,
  kStartBound,
  kEndBound,
  kDeltaBounds,
  kDurationGood,
  kDurationBad,
  kPercentGood,
  kPercentBad,
  kWorstQuality,
  kStandardDeviationSample,
  kStandardDeviationPopulation,
  kVarianceSample,
  kVariancePopulation,
  kMinimum2,
  kMaximum2,
  kMinimumActualTime2,
  kMaximumActualTime2,
  kRange2,
  kDurationInStateZero,
  kDurationInStateNonZero,
  kWorstQuality2,
  kNumberOfTransitions,
  kAnnotationCount,
};

/// `TimeAverage`.
std::string_view aggregate_name(AggregateKind kind);
/// Exact names only; nothing for a name that is not ours.
std::optional<AggregateKind> parse_aggregate(std::string_view name);
/// All of them, in the order above.
std::span<const AggregateKind> aggregate_kinds();

}  // namespace tundish::aggregate
