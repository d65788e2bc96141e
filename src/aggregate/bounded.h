#pragma once

#include <cstdint>
#include <optional>

#include "aggregate/points.h"
#include "aggregate/regions.h"

// Aggregates over the samples of one interval and its simple bounding values (OPC 10000-13, 3.1.9).

namespace tundish::aggregate {

/// The smallest or greatest of what an interval holds, the earliest of equals.
struct Extreme {
  /// Where it was found. A raw sample at the start of the interval is kStart with `raw`.
  enum class Place : std::uint8_t { kStart, kInside, kEnd };

  Number number;
  TimeNs time = 0;
  Place place = Place::kInside;
  bool raw = true;  ///< false: an interpolated bounding value
  bool repeats = false;
};

/// One interval. add() its samples in order, close() it, then give it its bounds, which are known only when the next
/// sample has been seen.
class BoundedStatistics {
 public:
  /// A sample inside. Bad ones count for the worst quality only.
  void add(const Point& point);
  /// Nothing more comes before `end`.
  void close(TimeNs end);
  /// @param from start of the interval
  void set_bounds(const Bound& start, TimeNs from, const Bound& end, TimeNs to);

  std::optional<Extreme> minimum, maximum;
  std::uint64_t zero_ns = 0;  ///< a Good value held, from sample to sample
  std::uint64_t non_zero_ns = 0;
  std::uint64_t uncertain_ns = 0;
  Quality worst = kGood;  ///< the first of the greatest severity
  bool worst_repeats = false;

 private:
  void hold(Number number, Health health, std::uint64_t ns);
  void extremes(const Extreme& found, bool is_first);
  void quality(Quality quality);

  std::optional<TimeNs> first_;  ///< time of the first sample
  std::optional<Number> held_;   ///< the last one
  Health held_health_ = Health::kBad;
  TimeNs held_since_ = 0;
};

/// The same value, where it is asked whether it changed: 0.0 and -0.0 are.
bool same_state(const Point& a, const Point& b);

}  // namespace tundish::aggregate
