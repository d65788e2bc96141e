#include "aggregate/raw_statistics.h"

namespace tundish::aggregate {
namespace {

/// Keeps the more extreme of the two, and notes equals.
void take_extreme(std::optional<Point>& extreme, bool& repeats, const Point& point, bool least) {
  if (extreme) {
    const auto order = compare(point.number, extreme->number);
    if (order == 0) repeats = true;
    if (least ? order >= 0 : order <= 0) return;
  }
  extreme = point;
  repeats = false;
}

std::uint32_t severity(Quality quality) { return quality.code >> 30; }

}  // namespace

void RawStatistics::add(const Point& point) {
  if (!first) first = point;
  last = point;
  if (!worst || severity(point.quality) > severity(*worst)) {
    worst = point.quality;
    worst_repeats = false;
  } else if (severity(point.quality) > 0 && severity(point.quality) == severity(*worst)) {
    worst_repeats = true;
  }
  switch (point.health) {
    case Health::kUncertain: ++uncertain; return;
    case Health::kBad: ++bad; return;
    case Health::kGood: break;
  }
  ++good;
  if (!first_good) first_good = point;
  last_good = point;
  if (point.is_text()) return;
  take_extreme(minimum, minimum_repeats, point, true);
  take_extreme(maximum, maximum_repeats, point, false);
  add_product(sum, point.number, 1);
  const double value = to_double(point.number);
  const double distance = value - mean;
  mean += distance / static_cast<double>(good);
  squares += distance * (value - mean);
}

}  // namespace tundish::aggregate
