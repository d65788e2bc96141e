#pragma once

#include <cstdint>

#include "model/columns.h"
#include "model/definitions.h"
#include "model/ports/sample_reader.h"
#include "model/sample.h"

namespace tundish {

/// The valid range of a tag, ready to judge what was received: a number outside it, infinities among
/// them, reads as Bad (out of range); its value stays. What is Bad already keeps its own reason; NaN,
/// which every statistic leaves out anyway, bools and texts are not judged. The one place where this is
/// decided, for formulas as for everything that reads samples. Pure.
class ValidRange {
 public:
  /// A side that is infinite lets every finite number through.
  explicit ValidRange(const Limits& limits);

  bool holds(double value) const { return !(value < low_) && !(value > high_); }
  /// Exact: a whole number is not rounded to a double first.
  bool holds(std::int64_t value) const { return value >= low_whole_ && value <= high_whole_; }
  /// True for bools and texts.
  bool holds(const Value& value) const;

  /// The ends as doubles, finite.
  double low() const { return low_; }
  double high() const { return high_; }

  /// Whether judge() might change anything of `columns`.
  bool any_outside(const Columns& columns) const;
  /// The same of samples of which only this is known, by the smallest and the greatest value.
  bool any_outside(const SampleSummary& summary) const;
  void judge(Columns& columns) const;
  void judge(Sample& sample) const { sample.quality = judged(sample.value, sample.quality); }
  Quality judged(const Value& value, Quality received) const {
    return received.is_bad() || holds(value) ? received : kBadOutOfRange;
  }

 private:
  double low_, high_;
  std::int64_t low_whole_, high_whole_;  ///< low_whole_ > high_whole_: no whole number is inside
};

}  // namespace tundish
