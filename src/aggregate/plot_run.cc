#include "aggregate/plot_run.h"

#include <algorithm>
#include <array>

#include "aggregate/points.h"
#include "base/check.h"
#include "base/wide_int.h"

namespace tundish::aggregate {
namespace {

/// Not part of the line: the line ends before it and starts anew after it.
bool breaks_line(const Sample& sample) {
  const double* number = std::get_if<double>(&sample.value);
  return sample.quality.is_bad() || (number != nullptr && *number != *number);
}

}  // namespace

PlotRun::PlotRun(TimeRange range, std::uint32_t columns) : range_(range), columns_(columns) {
  TUNDISH_CHECK(range.from < range.to && columns >= 1);
}

void PlotRun::before(const Sample& sample) {
  if (sample.time < range_.from) emit(sample);
}

void PlotRun::after(const Sample& sample) {
  if (sample.time >= range_.to) after_ = sample;
}

std::uint32_t PlotRun::column_of(TimeNs time) const {
  const UInt128 since = elapsed_ns(range_.from, time);
  return static_cast<std::uint32_t>(since * columns_ / elapsed_ns(range_.from, range_.to));
}

/// The first time after the column; the range's end for the last one.
TimeNs PlotRun::end_of(std::uint32_t column) const {
  // The first time since the start that, multiplied, reaches the next column.
  const UInt128 whole = elapsed_ns(range_.from, range_.to);
  const auto since = static_cast<std::uint64_t>((whole * (column + 1) + columns_ - 1) / columns_);
  return static_cast<TimeNs>(static_cast<std::uint64_t>(range_.from) + since);
}

void PlotRun::push(const Columns& piece) {
  const auto row_of = [&](TimeNs time) {
    return static_cast<std::size_t>(std::ranges::lower_bound(piece.times, time) -
                                    piece.times.begin());
  };
  const std::size_t end = row_of(range_.to);
  std::size_t row = row_of(range_.from);
  while (row < end) {
    const GoodRows rows(piece, row, end);
    add(piece, rows);
    row = rows.to();
    if (row < end) add(piece.at(row++));
  }
}

/// What add() of each row does, pixel column by pixel column.
void PlotRun::add(const Columns& piece, const GoodRows& rows) {
  for (std::size_t row = rows.from(); row < rows.to();) {
    go_to(rows.time(row));
    const std::size_t to = rows.first_at_or_after(end_of(current_), row);
    if (!pixel_.first) pixel_.first = piece.at(row);
    pixel_.last = piece.at(to - 1);
    const auto [least, most] = rows.extremes(row, to);
    take_extremes(piece.at(least), piece.at(most));
    row = to;
  }
}

/// The pixel column that samples go to from now on.
void PlotRun::go_to(TimeNs time) {
  const std::uint32_t column = column_of(time);
  if (column == current_) return;
  flush();
  current_ = column;
}

/// Later than all before, so that of equals the ones that are there stay.
void PlotRun::take_extremes(const Sample& least, const Sample& most) {
  const auto order = [](const Sample& sample, const std::optional<Sample>& other) {
    return compare(number_of(sample.value), number_of(other->value));
  };
  if (!pixel_.minimum || order(least, pixel_.minimum) < 0) pixel_.minimum = least;
  if (!pixel_.maximum || order(most, pixel_.maximum) > 0) pixel_.maximum = most;
}

void PlotRun::add(const Sample& sample) {
  go_to(sample.time);
  if (!pixel_.first) pixel_.first = sample;
  pixel_.last = sample;
  if (breaks_line(sample)) {
    if (!pixel_.broken) pixel_.broken = sample;
    return;
  }
  if (type_of(sample.value) != ValueType::kString) take_extremes(sample, sample);
}

/// Writes the points of the current pixel column in order of time, each sample once.
void PlotRun::flush() {
  const PixelColumn pixel = std::exchange(pixel_, {});
  if (!pixel.first) return;
  std::vector<const Sample*> points;
  for (const std::optional<Sample>* slot :
       {&pixel.first, &pixel.minimum, &pixel.maximum, &pixel.last}) {
    if (!*slot) continue;
    const auto same = [&](const Sample* point) { return point->time == (*slot)->time; };
    if (std::ranges::none_of(points, same)) points.push_back(&**slot);
  }
  const auto breaks = [](const Sample* point) { return breaks_line(*point); };
  if (pixel.broken && std::ranges::none_of(points, breaks)) {
    if (points.size() == 4) points.erase(points.begin());  // the first: neither extreme nor last
    points.push_back(&*pixel.broken);
  }
  std::ranges::sort(points, {}, &Sample::time);
  for (const Sample* point : points) emit(*point);
}

void PlotRun::emit(const Sample& sample) {
  if (points_.empty() || points_.back().type != type_of(sample.value)) {
    points_.emplace_back();
    points_.back().type = type_of(sample.value);
  }
  points_.back().push_back(sample);
}

std::vector<Columns> PlotRun::finish() {
  flush();
  if (after_) emit(*after_);
  return std::move(points_);
}

}  // namespace tundish::aggregate
