#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "aggregate/numbers.h"
#include "base/time.h"
#include "model/columns.h"
#include "model/ports/sample_reader.h"

namespace tundish::aggregate {

/// What a sample is worth to an aggregate: its severity, after NaN and, if so configured, Uncertain
/// have become Bad.
enum class Health : std::uint8_t { kGood, kUncertain, kBad };

/// One sample on its way through an aggregate.
struct Point {
  TimeNs time = 0;
  Quality quality;  ///< as received
  Health health = Health::kBad;
  Number number;     ///< type kString: the value is `text`
  std::string text;  ///< empty for all other types

  bool is_bad() const { return health == Health::kBad; }
  bool is_text() const { return number.type == ValueType::kString; }
  Value value() const { return is_text() ? Value(text) : value_of(number); }
};

/// The first and the last sample that a summary is of; without the value where it is not known.
std::pair<Point, Point> ends_of(const SampleSummary& summary);

Point point_of(const Sample& sample, bool treat_uncertain_bad);
Point point_at(const Columns& columns, std::size_t index, bool treat_uncertain_bad);

/// Held from one to the next: by the tag's property, and always for bools and strings.
inline bool is_held(const Point& point, bool step) {
  return step || point.number.type == ValueType::kBool || point.is_text();
}

/// Value at `time` on the straight line through two numbers, a.time <= time <= b.time,
/// a.time < b.time: (a x (b.time - time) + b x (time - a.time)) / (b.time - a.time), exact and
/// rounded once.
Number interpolate(const Point& a, const Point& b, TimeNs time);

/// The same line drawn on: a.time < b.time <= time. Exact and rounded once.
Number extrapolate(const Point& a, const Point& b, TimeNs time);

/// b - a for a <= b; the difference of any two times fits.
inline std::uint64_t elapsed_ns(TimeNs a, TimeNs b) {
  return static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a);
}

}  // namespace tundish::aggregate
