#include "aggregate/bounded.h"

namespace tundish::aggregate {
namespace {

std::uint32_t severity(Quality quality) { return quality.code >> 30; }

bool is_zero(Number number) { return to_double(number) == 0; }

/// `first`: `found` lies before what is there, so of equals it is the one.
void take(std::optional<Extreme>& extreme, const Extreme& found, bool least, bool first) {
  if (!extreme) {
    extreme = found;
    return;
  }
  const auto order = compare(found.number, extreme->number);
  if (order == 0) {
    if (first) extreme = found;
    extreme->repeats = true;
  } else if (least ? order < 0 : order > 0) {
    extreme = found;
  }
}

/// Status of a bounding value between samples. What is held has the status of its sample, whatever Uncertain is treated
/// as; a line's is that of 3.1.9.
Quality status_of(const Bound& bound) {
  if (!bound.from) return kBadNoData;
  if (bound.held && severity(*bound.from) == 1) return kUncertainDataSubNormal;
  if (!bound.number && !bound.text) return kBadNoData;
  return bound.degraded ? kUncertainDataSubNormal : kGood;
}

}  // namespace

bool same_state(const Point& a, const Point& b) {
  if (a.is_text() || b.is_text()) return a.is_text() == b.is_text() && a.text == b.text;
  return compare(a.number, b.number) == 0 || (is_zero(a.number) && is_zero(b.number));
}

void BoundedStatistics::hold(Number number, Health health, std::uint64_t ns) {
  switch (health) {
    case Health::kBad: return;
    case Health::kUncertain: uncertain_ns += ns; return;
    case Health::kGood: (is_zero(number) ? zero_ns : non_zero_ns) += ns; return;
  }
}

void BoundedStatistics::extremes(const Extreme& found, bool is_first) {
  take(minimum, found, true, is_first);
  take(maximum, found, false, is_first);
}

/// Later than all before it.
void BoundedStatistics::quality(Quality quality) {
  if (severity(quality) > severity(worst)) {
    worst = quality;
    worst_repeats = false;
  } else if (severity(quality) > 0 && severity(quality) == severity(worst)) {
    worst_repeats = true;
  }
}

void BoundedStatistics::add(const Point& point) {
  close(point.time);
  if (!first_) first_ = point.time;
  held_ = point.number;
  held_health_ = point.health;
  held_since_ = point.time;
  quality(point.quality);
  if (!point.is_bad() && !point.is_text())
    extremes({.number = point.number, .time = point.time}, false);
}

void BoundedStatistics::close(TimeNs end) {
  if (held_) hold(*held_, held_health_, elapsed_ns(held_since_, end));
  held_.reset();
}

void BoundedStatistics::set_bounds(const Bound& start, TimeNs from, const Bound& end, TimeNs to) {
  using enum Extreme::Place;
  if (!start.raw) {
    // The bound is the first of all, so what was found inside comes after it.
    const Quality inside = worst;
    const bool inside_repeats = worst_repeats;
    worst = status_of(start);
    worst_repeats = false;
    quality(inside);
    if (inside_repeats && severity(inside) == severity(worst)) worst_repeats = true;
    if (start.number) {
      hold(*start.number, start.degraded ? Health::kUncertain : Health::kGood,
           elapsed_ns(from, first_.value_or(to)));
      extremes({.number = *start.number, .time = from, .place = kStart, .raw = false}, true);
    }
  }
  if (minimum && minimum->time == from) minimum->place = kStart;
  if (maximum && maximum->time == from) maximum->place = kStart;

  quality(end.raw ? *end.from : end.has_next ? status_of(end) : kBadNoData);
  // 5.4.3.15: the end bound counts for slopes only, whose line reaches it.
  if (end.number && !end.held && end.has_next)
    extremes({.number = *end.number, .time = to, .place = kEnd, .raw = end.raw}, false);
}

}  // namespace tundish::aggregate
