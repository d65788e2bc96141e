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

void PlotRun::push(const Columns& piece) {
  const auto& times = piece.times;
  auto i = static_cast<std::size_t>(std::ranges::lower_bound(times, range_.from) - times.begin());
  for (; i < times.size() && times[i] < range_.to; ++i) add(piece.at(i));
}

void PlotRun::add(const Sample& sample) {
  if (const std::uint32_t column = column_of(sample.time); column != current_) {
    flush();
    current_ = column;
  }
  const Point point{next_order_++, sample};
  if (!pixel_.first) pixel_.first = point;
  pixel_.last = point;
  if (breaks_line(sample)) {
    if (!pixel_.broken) pixel_.broken = point;
    return;
  }
  if (type_of(sample.value) == ValueType::kString) return;
  const auto order = [&](const std::optional<Point>& other) {
    return compare(number_of(sample.value), number_of(other->sample.value));
  };
  if (!pixel_.minimum || order(pixel_.minimum) < 0) pixel_.minimum = point;
  if (!pixel_.maximum || order(pixel_.maximum) > 0) pixel_.maximum = point;
}

/// Writes the points of the current pixel column in order of time, each sample once.
void PlotRun::flush() {
  const PixelColumn pixel = std::exchange(pixel_, {});
  if (!pixel.first) return;
  std::vector<const Point*> points;
  for (const std::optional<Point>* slot :
       {&pixel.first, &pixel.minimum, &pixel.maximum, &pixel.last}) {
    if (!*slot) continue;
    const auto same = [&](const Point* point) { return point->order == (*slot)->order; };
    if (std::ranges::none_of(points, same)) points.push_back(&**slot);
  }
  const auto breaks = [](const Point* point) { return breaks_line(point->sample); };
  if (pixel.broken && std::ranges::none_of(points, breaks)) {
    if (points.size() == 4) points.erase(points.begin());  // the first: neither extreme nor last
    points.push_back(&*pixel.broken);
  }
  std::ranges::sort(points, {}, [](const Point* point) { return point->order; });
  for (const Point* point : points) emit(point->sample);
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
