#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "aggregate/exact_sum.h"
#include "aggregate/good_rows.h"
#include "aggregate/points.h"

namespace tundish::aggregate {

/// What the samples of one interval amount to, whatever lies between them. Good points only, where
/// nothing else is said.
struct RawStatistics {
  /// What is computed beyond counts, ends and the worst quality.
  enum class Wants : std::uint8_t { kCounts, kExtremes, kSum, kVariance };

  std::uint64_t good = 0;  ///< counts of samples
  std::uint64_t uncertain = 0;
  std::uint64_t bad = 0;

  std::optional<Point> first, last;  ///< of any health
  std::optional<Point> first_good, last_good;
  std::optional<Point> minimum, maximum;  ///< the earliest of equals
  bool minimum_repeats = false;
  bool maximum_repeats = false;
  std::optional<Quality> worst;  ///< of the greatest severity, the first; as received
  bool worst_repeats = false;    ///< another one is as bad, and not Good

  ExactSum sum;
  // Variance by Welford's recurrence (Technometrics 4, 1962): in order of time, so the same for any
  // cut of the samples.
  double mean = 0;
  double squares = 0;  ///< sum of squared distances from the mean

  void add(const Point& point, Wants wants);
  /// The same for rows [from, to) of a piece, at least one.
  void add(const GoodRows& rows, std::size_t from, std::size_t to, Wants wants);
  std::uint64_t count() const { return good + uncertain + bad; }
  /// The same of samples of which only this is known: counts, the sum, and the extremes, whose time is said to be that
  /// of the first sample where they are its value, and of the last one otherwise.
  void add(const SampleSummary& summary, Wants wants);

 private:
  void add_quality(Quality quality);
  void add_to_variance(double value);
};

}  // namespace tundish::aggregate
