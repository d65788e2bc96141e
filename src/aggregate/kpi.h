#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "aggregate/exact_sum.h"
#include "base/result.h"

// Figures that are amounts divided by amounts. Over time, shifts and machines the amounts are added, exactly, and
// divided once at the end: the mean of ratios would give an hour of trial running the weight of a day. What has
// nothing to be divided by has no value, which is not 0. Pure; an object belongs to one thread.

namespace tundish::aggregate {

/// A share or a specific amount: `of` per `by`.
class RatioTotals {
 public:
  void add(double of, double by);
  void merge(const RatioTotals& other);
  /// Nothing when there is nothing to divide by, or a number was none.
  std::optional<double> value() const;
  bool operator==(const RatioTotals&) const = default;

 private:
  ExactSum of_, by_;
};

/// What one machine did in one stretch of time. Times in one unit, whichever; `ideal_cycle` in that unit a piece
/// (or tonne); `total` and `good` in the same unit. None is negative.
struct OeeInput {
  double planned = 0;  ///< planned production time
  double run = 0;      ///< of it the time in which it ran
  double ideal_cycle = 0;
  double total = 0;
  double good = 0;
};

struct Oee {
  std::optional<double> availability;  ///< run / planned
  std::optional<double> performance;   ///< ideal_cycle x total / run
  std::optional<double> quality;       ///< good / total
  /// ideal_cycle x good / planned: the product of the three where all are known, and 0 for planned time in which
  /// nothing ran.
  std::optional<double> oee;
  // A factor above 1 (by more than 1e-9) is shown as it is and flagged: the planned time, the ideal cycle or a count is wrong.
  bool availability_above_one = false;
  bool performance_above_one = false;
  bool quality_above_one = false;
};

/// OEE (JIPM, S. Nakajima 1988; the same ratios as in ISO 22400-2) of any number of machines and stretches. Pieces
/// of different machines count by their ideal cycles, and a stretch without planned time counts for nothing.
class OeeTotals {
 public:
  /// Errors: kInvalidArgument for a number that is negative or none; nothing is added then.
  Status add(const OeeInput& input);
  void merge(const OeeTotals& other);
  Oee oee() const;
  bool operator==(const OeeTotals&) const = default;

 private:
  ExactSum planned_, run_, ideal_total_, ideal_good_;
  ExactSum total_, good_;  ///< for the quality of machines without an ideal cycle
};

/// Mean times between failures and to repair.
struct Reliability {
  std::optional<double> mtbf_s;        ///< run time / failures; nothing without a failure
  std::optional<double> mttr_s;        ///< repair time / repairs
  std::optional<double> availability;  ///< run time / (run time + repair time)
};

class ReliabilityTotals {
 public:
  /// @param run_s, repair_s seconds, not negative
  /// Errors: kInvalidArgument.
  Status add(double run_s, std::uint64_t failures, double repair_s);
  void merge(const ReliabilityTotals& other);
  Reliability reliability() const;
  std::uint64_t failures() const { return failures_; }
  bool operator==(const ReliabilityTotals&) const = default;

 private:
  ExactSum run_s_, repair_s_;
  std::uint64_t failures_ = 0;
};

/// Count, sum and sum of squares, exact: what mean and deviation need, whatever the order of the values.
class Moments {
 public:
  void add(double value);
  void merge(const Moments& other);
  std::uint64_t count() const { return count_; }
  std::optional<double> mean() const;
  /// Sum of squared distances from the mean. The sums are exact, so nothing is lost for values that lie close
  /// together far from zero.
  std::optional<double> squared_distances() const;
  /// With count - 1; nothing for fewer than two values.
  std::optional<double> sample_deviation() const;
  bool operator==(const Moments&) const = default;

 private:
  std::uint64_t count_ = 0;
  ExactSum sum_, squares_;
};

/// At least one of them.
struct SpecificationLimits {
  std::optional<double> low, high;
};

/// Process capability (ISO 22514-2; NIST/SEMATECH e-Handbook of Statistical Methods, 6.1.6). Each figure is nothing
/// where the deviation is zero or unknown; the ones without k need both limits.
struct Capability {
  std::optional<double> mean;
  std::optional<double> deviation_overall, deviation_within;
  std::optional<double> pp, ppk;  ///< by the deviation of all values
  std::optional<double> cp, cpk;  ///< by the deviation within the subgroups, pooled
};

/// @param subgroups values taken together under the same conditions; with one subgroup cpk is ppk
/// Errors: kInvalidArgument without limits, or when they do not ascend.
Result<Capability> capability(std::span<const Moments> subgroups,
                              const SpecificationLimits& limits);

}  // namespace tundish::aggregate
