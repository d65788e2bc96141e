#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "model/columns.h"
#include "model/ports/sample_reader.h"

namespace tundish::aggregate {

/// How many samples of one tag lie between two values, both left out: Good numbers that are not NaN; whole numbers
/// are compared exactly. Bools and texts are not counted. Pure; one thread.
class CountRun {
 public:
  /// Nothing: no limit on that side; infinities are counted where there is none.
  CountRun(std::optional<double> above, std::optional<double> below);

  void push(const Columns& piece);
  /// Samples of which only this is known. False: it does not suffice, push the samples.
  bool push(const SampleSummary& summary);

  std::uint64_t counted() const {
    return counted_;
  }  ///< of the Good numbers, those that lie between
  std::uint64_t good() const { return good_; }  ///< Good numbers

 private:
  enum class Place : std::uint8_t { kBelow, kBetween, kAbove };
  Place place(ValueType type, std::uint64_t bits) const;

  std::optional<double> above_, below_;
  /// The whole numbers between; least > greatest: there is none.
  std::int64_t least_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t greatest_ = std::numeric_limits<std::int64_t>::max();
  std::uint64_t counted_ = 0;
  std::uint64_t good_ = 0;
};

}  // namespace tundish::aggregate
