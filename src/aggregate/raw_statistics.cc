#include "aggregate/raw_statistics.h"

namespace tundish::aggregate {
namespace {

/// Keeps the more extreme of the two, and notes equals.
/// @param point_repeats what `point` stands for has its value more than once
void take_extreme(std::optional<Point>& extreme, bool& repeats, const Point& point,
                  bool point_repeats, bool least) {
  if (extreme) {
    const auto order = compare(point.number, extreme->number);
    if (order == 0) repeats = true;
    if (least ? order >= 0 : order <= 0) return;
  }
  extreme = point;
  repeats = point_repeats;
}

std::uint32_t severity(Quality quality) { return quality.code >> 30; }

}  // namespace

void RawStatistics::add_quality(Quality quality) {
  if (!worst || severity(quality) > severity(*worst)) {
    worst = quality;
    worst_repeats = false;
  } else if (severity(quality) > 0 && severity(quality) == severity(*worst)) {
    worst_repeats = true;
  }
}

/// One more of `good` values.
void RawStatistics::add_to_variance(double value) {
  const double distance = value - mean;
  mean += distance / static_cast<double>(good);
  squares += distance * (value - mean);
}

void RawStatistics::add(const Point& point, Wants wants) {
  if (!first) first = point;
  last = point;
  add_quality(point.quality);
  switch (point.health) {
    case Health::kUncertain: ++uncertain; return;
    case Health::kBad: ++bad; return;
    case Health::kGood: break;
  }
  ++good;
  if (!first_good) first_good = point;
  last_good = point;
  if (point.is_text()) return;
  switch (wants) {
    case Wants::kCounts: break;
    case Wants::kExtremes:
      take_extreme(minimum, minimum_repeats, point, false, true);
      take_extreme(maximum, maximum_repeats, point, false, false);
      break;
    case Wants::kSum: add_product(sum, point.number, 1); break;
    case Wants::kVariance: add_to_variance(to_double(point.number)); break;
  }
}

void RawStatistics::add(const GoodRows& rows, std::size_t from, std::size_t to, Wants wants) {
  const Point begin = rows.point(from);
  if (!first) first = begin;
  if (!first_good) first_good = begin;
  last = last_good = rows.point(to - 1);
  add_quality(begin.quality);  // of equal severity the first counts, and all here are Good
  switch (wants) {
    case Wants::kCounts: break;
    case Wants::kExtremes: {
      const auto [least, most] = rows.extremes(from, to);
      take_extreme(minimum, minimum_repeats, rows.point(least), rows.repeats(least, to), true);
      take_extreme(maximum, maximum_repeats, rows.point(most), rows.repeats(most, to), false);
      break;
    }
    case Wants::kSum: rows.add_values(from, to, sum); break;
    case Wants::kVariance:
      for (std::size_t row = from; row < to; ++row) {
        ++good;
        add_to_variance(to_double(rows.number(row)));
      }
      return;
  }
  good += to - from;
}

void RawStatistics::add(const SampleSummary& summary, Wants wants) {
  const auto point = [&](std::uint64_t bits) {
    return Point{bits == summary.first_bits ? summary.first : summary.last,
                 kGood,
                 Health::kGood,
                 {summary.type, bits},
                 {}};
  };
  good += summary.count;
  if (wants == Wants::kExtremes) {
    take_extreme(minimum, minimum_repeats, point(summary.min_bits), false, true);
    take_extreme(maximum, maximum_repeats, point(summary.max_bits), false, false);
  } else if (wants == Wants::kSum) {
    sum.merge(*summary.sum);
  }
}

}  // namespace tundish::aggregate
