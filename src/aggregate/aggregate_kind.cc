#include "aggregate/aggregate_kind.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tundish::aggregate {
namespace {

using enum AggregateKind;

// In the order of the enumeration, so that a kind is its own index.
constexpr std::array<std::pair<AggregateKind, std::string_view>, 37> kNames{{
    {kInterpolative, "Interpolative"},
    {kAverage, "Average"},
    {kTimeAverage, "TimeAverage"},
    {kTotal, "Total"},
    {kTimeAverage2, "TimeAverage2"},
    {kTotal2, "Total2"},
    {kMinimum, "Minimum"},
    {kMaximum, "Maximum"},
    {kMinimumActualTime, "MinimumActualTime"},
    {kMaximumActualTime, "MaximumActualTime"},
    {kRange, "Range"},
    {kCount, "Count"},
    {kStart, "Start"},
    {kEnd, "End"},
    {kDelta, "Delta"},
    {kStartBound, "StartBound"},
    {kEndBound, "EndBound"},
    {kDeltaBounds, "DeltaBounds"},
    {kDurationGood, "DurationGood"},
    {kDurationBad, "DurationBad"},
    {kPercentGood, "PercentGood"},
    {kPercentBad, "PercentBad"},
    {kWorstQuality, "WorstQuality"},
    {kStandardDeviationSample, "StandardDeviationSample"},
    {kStandardDeviationPopulation, "StandardDeviationPopulation"},
    {kVarianceSample, "VarianceSample"},
    {kVariancePopulation, "VariancePopulation"},
    {kMinimum2, "Minimum2"},
    {kMaximum2, "Maximum2"},
    {kMinimumActualTime2, "MinimumActualTime2"},
    {kMaximumActualTime2, "MaximumActualTime2"},
    {kRange2, "Range2"},
    {kDurationInStateZero, "DurationInStateZero"},
    {kDurationInStateNonZero, "DurationInStateNonZero"},
    {kWorstQuality2, "WorstQuality2"},
    {kNumberOfTransitions, "NumberOfTransitions"},
    {kAnnotationCount, "AnnotationCount"},
}};

constexpr auto kKinds = [] {
  std::array<AggregateKind, kNames.size()> kinds{};
  for (std::size_t i = 0; i < kNames.size(); ++i) kinds[i] = kNames[i].first;
  return kinds;
}();

}  // namespace

std::string_view aggregate_name(AggregateKind kind) {
  return kNames[static_cast<std::size_t>(kind)].second;
}

std::optional<AggregateKind> parse_aggregate(std::string_view name) {
  const auto found =
      std::ranges::find(kNames, name, [](const auto& entry) { return entry.second; });
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

std::span<const AggregateKind> aggregate_kinds() { return kKinds; }

}  // namespace tundish::aggregate
