#pragma once

#include <cstddef>
#include <cstdint>

#include "aggregate/exact_sum.h"
#include "aggregate/points.h"
#include "base/wide_int.h"
#include "model/columns.h"

namespace tundish::aggregate {

/// Rows of a piece that need no look at each of them: numbers, all Good, none NaN. What is asked of it
/// is computed column by column, and is what adding row by row gives, to the bit. Refers to the piece.
/// Row numbers are those of the piece; ranges of rows are from <= row < to. Pure.
class GoodRows {
 public:
  /// The longest such stretch from row `from` on, at most up to `to`; empty where row `from` is none of it.
  GoodRows(const Columns& columns, std::size_t from, std::size_t to);

  std::size_t from() const { return from_; }
  std::size_t to() const { return to_; }
  std::size_t size() const { return to_ - from_; }
  TimeNs time(std::size_t row) const { return columns_.times[row]; }
  /// The first row from `row` on whose time is not before `time`; to() when there is none.
  std::size_t first_at_or_after(TimeNs time, std::size_t row) const;
  Number number(std::size_t row) const { return {columns_.type, columns_.bits[row]}; }
  Point point(std::size_t row) const { return point_at(columns_, row, true); }

  /// sum += the values.
  void add_values(std::size_t from, std::size_t to, ExactSum& sum) const;
  /// sum += factor x value x ns, from the first row's time to the last row's, each value held to the next
  /// row; factor 1 or 2.
  void add_steps(std::size_t from, std::size_t to, std::uint64_t factor, ExactSum& sum) const;
  /// twice += 2 x value x ns along straight lines between the rows (twice: so that halves stay exact).
  void add_lines_twice(std::size_t from, std::size_t to, ExactSum& twice) const;

  /// Rows of the smallest and of the greatest value, the earliest of equals; from < to.
  struct Extremes {
    std::size_t minimum;
    std::size_t maximum;
  };
  Extremes extremes(std::size_t from, std::size_t to) const;
  /// Whether a row after `row` and before `to` has its value.
  bool repeats(std::size_t row, std::size_t to) const;

 private:
  void find_scale(std::uint64_t least, std::uint64_t most);
  bool is_regular(std::size_t from, std::size_t to) const;
  std::int64_t scaled(std::size_t row) const;
  Int128 scaled_sum(std::size_t from, std::size_t to) const;
  template <class Weight>
  void add_weighted(std::size_t from, std::size_t to, const Weight& weight, ExactSum& sum) const;

  const Columns& columns_;
  std::size_t from_;
  std::size_t to_;
  /// A value times this is an integer that fits 63 bits, unless it is smaller than `least_scaled_`;
  /// 0: doubles that have no such scale.
  double scale_ = 0;
  double least_scaled_ = 0;
  int exponent_ = 0;  ///< of the scaled integers: value = integer x 2^exponent
};

}  // namespace tundish::aggregate
