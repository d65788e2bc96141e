#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "aggregate/good_rows.h"
#include "base/time.h"
#include "model/columns.h"

namespace tundish::aggregate {

/// The points that draw a curve on `columns` pixel columns as all samples would: per column the
/// first, the smallest, the largest and the last sample, so at most four and no peak is lost.
/// Source: M4, Jugel et al., VLDB 2014, doi 10.14778/2732951.2732953.
///
/// A sample that is Bad or NaN breaks the line. Where a break would fall between the four, it takes
/// the place of the first. The nearest samples outside the range come along as they are, so that
/// line or step reaches the borders. The points are the same however the samples are cut into
/// pieces. Step or slope is the drawing's business: the points are the same. Pure; one thread.
class PlotRun {
 public:
  /// `columns` >= 1; `range` is not empty.
  PlotRun(TimeRange range, std::uint32_t columns);

  /// The last sample before the range, the first at or after its end: at most one each.
  void before(const Sample& sample);
  void after(const Sample& sample);
  /// Samples inside the range, ascending; those outside are passed over.
  void push(const Columns& piece);
  /// Ascending points; one element, or after a retype several, each of one type. Call once.
  std::vector<Columns> finish();

 private:
  struct PixelColumn {
    std::optional<Sample> first, minimum, maximum, last, broken;
  };

  std::uint32_t column_of(TimeNs time) const;
  TimeNs end_of(std::uint32_t column) const;
  void go_to(TimeNs time);
  void take_extremes(const Sample& least, const Sample& most);
  void add(const Sample& sample);
  void add(const Columns& piece, const GoodRows& rows);
  void flush();
  void emit(const Sample& sample);

  TimeRange range_;
  std::uint32_t columns_;
  std::uint32_t current_ = 0;
  PixelColumn pixel_;
  std::optional<Sample> after_;
  std::vector<Columns> points_;
};

}  // namespace tundish::aggregate
