#include "aggregate/regions.h"

#include <algorithm>
#include <utility>

#include "aggregate/aggregate_run.h"

namespace tundish::aggregate {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

}  // namespace

// --- TimeIntegral ---------------------------------------------------------------------------------

TimeIntegral::TimeIntegral(std::span<const TimeNs> edges, bool total)
    : edges_(edges), total_(total), outcomes_(edges.size() - 1) {}

void TimeIntegral::close() {
  Outcome& outcome = outcomes_[current_];
  if (outcome.known_ns > 0) {
    outcome.value = twice_.rounded_quotient(total_ ? kNsPerSecond : outcome.known_ns, -1);
    twice_ = {};
  }
  ++current_;
}

/// Calls add_twice(a, b) for the part [a, b) of every interval that [from, to) touches.
template <class AddTwice>
void TimeIntegral::cover(TimeNs from, TimeNs to, bool degraded, const AddTwice& add_twice) {
  from = std::max(from, edges_.front());
  to = std::min(to, edges_.back());
  while (from < to) {
    while (edges_[current_ + 1] <= from) close();
    const TimeNs end = std::min(to, edges_[current_ + 1]);
    const std::uint64_t length = elapsed_ns(from, end);
    add_twice(from, end);
    outcomes_[current_].known_ns += length;
    if (degraded) outcomes_[current_].degraded_ns += length;
    from = end;
  }
}

void TimeIntegral::hold(const Point& from, TimeNs begin, TimeNs to, bool degraded) {
  cover(begin, to, degraded, [&](TimeNs a, TimeNs b) {
    add_product(twice_, from.number, elapsed_ns(a, b));
    add_product(twice_, from.number, elapsed_ns(a, b));
  });
}

void TimeIntegral::line(const Point& from, const Point& to, bool degraded) {
  const auto at = [&](TimeNs time) {
    if (time == from.time) return from.number;
    if (time == to.time) return to.number;
    return interpolate(from, to, time);
  };
  std::optional<Number> left;
  cover(from.time, to.time, degraded, [&](TimeNs a, TimeNs b) {
    if (!left) left = at(a);
    const Number right = at(b);
    add_product(twice_, *left, elapsed_ns(a, b));
    add_product(twice_, right, elapsed_ns(a, b));
    left = right;
  });
}

void TimeIntegral::line_on(const Point& a, const Point& b, TimeNs to) {
  const auto at = [&](TimeNs time) { return time == b.time ? b.number : extrapolate(a, b, time); };
  cover(b.time, to, true, [&](TimeNs from, TimeNs end) {
    add_product(twice_, at(from), elapsed_ns(from, end));
    add_product(twice_, at(end), elapsed_ns(from, end));
  });
}

void TimeIntegral::rows(const GoodRows& rows, std::size_t from, std::size_t to, bool held) {
  while (edges_[current_ + 1] <= rows.time(from)) close();
  if (held)
    rows.add_steps(from, to, 2, twice_);
  else
    rows.add_lines_twice(from, to, twice_);
  outcomes_[current_].known_ns += elapsed_ns(rows.time(from), rows.time(to - 1));
}

void TimeIntegral::add(const SampleSummary& summary, bool held) {
  while (edges_[current_ + 1] <= summary.first) close();
  twice_.merge(held ? *summary.step_integral : *summary.slope_integral_twice);
  if (held) twice_.merge(*summary.step_integral);
  outcomes_[current_].known_ns += elapsed_ns(summary.first, summary.last);
}

std::vector<TimeIntegral::Outcome> TimeIntegral::finish() {
  while (current_ + 1 < edges_.size()) close();
  return std::move(outcomes_);
}

// --- SimpleRegions --------------------------------------------------------------------------------

SimpleRegions::SimpleRegions(std::span<const TimeNs> edges, bool step, Wants wants)
    : edges_(edges),
      step_(step),
      wants_(wants),
      good_ns_(edges.size() - 1),
      uncertain_ns_(edges.size() - 1) {
  if (wants == Wants::kAverage || wants == Wants::kTotal)
    integral_.emplace(edges, wants == Wants::kTotal);
  if (wants == Wants::kBounds) bounds_.resize(edges.size());
}

void SimpleRegions::add(const Point& point) {
  if (last_) region(*last_, &point);
  last_ = point;
}

void SimpleRegions::add(const GoodRows& rows, std::size_t from, std::size_t to) {
  const Point first = rows.point(from);
  add(first);
  if (to - from == 1) return;
  const Point last = rows.point(to - 1);
  if (wants_ == Wants::kDurations) return add(last);  // Good all the way
  // A bound on the first row is seen with the second; after that no edge comes.
  add(rows.point(from + 1));
  durations(*last_, last.time, Health::kGood);
  if (integral_) integral_->rows(rows, from + 1, to, is_held(first, step_));
  last_ = last;
}

void SimpleRegions::add(const SampleSummary& summary) {
  const auto [first, last] = ends_of(summary);
  add(first);
  if (integral_) integral_->add(summary, is_held(first, step_));
  durations(first, last.time, Health::kGood);
  last_ = last;
}

void SimpleRegions::finish() {
  if (last_) region(*last_, nullptr);
  if (integral_) outcomes_ = integral_->finish();
}

/// At a place after `from` and before `to` (nothing: after all data).
Health SimpleRegions::health_inside(const Point& from, const Point* to) const {
  if (from.is_bad() || is_held(from, step_)) return from.health;
  const bool good = from.health == Health::kGood && to != nullptr && to->health == Health::kGood;
  return good ? Health::kGood : Health::kUncertain;
}

/// What lies from `from` to `end` is as healthy as `inside`.
void SimpleRegions::durations(const Point& from, TimeNs end, Health inside) {
  while (interval_ + 2 < edges_.size() && edges_[interval_ + 1] <= from.time) ++interval_;
  for (std::size_t i = interval_; i + 1 < edges_.size() && edges_[i] < end; ++i) {
    const TimeNs a = std::max(from.time, edges_[i]);
    const TimeNs b = std::min(end, edges_[i + 1]);
    if (a >= b) continue;
    const Health health = a == from.time ? from.health : inside;
    if (health == Health::kGood) good_ns_[i] += elapsed_ns(a, b);
    if (health == Health::kUncertain) uncertain_ns_[i] += elapsed_ns(a, b);
  }
}

void SimpleRegions::region(const Point& from, const Point* to) {
  const TimeNs end = to != nullptr ? to->time : edges_.back();
  const Health inside = health_inside(from, to);
  durations(from, end, inside);

  const bool held = is_held(from, step_);
  const bool line = !held && to != nullptr && !to->is_bad() && !to->is_text();
  if (integral_ && !from.is_bad()) {
    if (line)
      integral_->line(from, *to, inside != Health::kGood);
    else
      integral_->hold(from, from.time, end, inside != Health::kGood);
  }

  if (wants_ != Wants::kBounds) return;
  while (edge_ < edges_.size() && edges_[edge_] < from.time) ++edge_;
  for (; edge_ < edges_.size(); ++edge_) {
    const TimeNs time = edges_[edge_];
    if (to != nullptr ? time >= to->time : time > from.time) break;
    Bound& bound = bounds_[edge_];
    bound.raw = time == from.time;
    bound.from = from.quality;
    bound.held = held;
    bound.has_next = bound.raw || to != nullptr;
    bound.text = from.is_text();
    if (from.is_bad() || bound.text) continue;
    bound.degraded = (bound.raw ? from.health : inside) != Health::kGood;
    bound.number = bound.raw || !line ? from.number : interpolate(from, *to, time);
  }
}

// --- InterpolatedRegions --------------------------------------------------------------------------

InterpolatedRegions::InterpolatedRegions(std::span<const TimeNs> edges, bool step,
                                         bool sloped_extrapolation, Wants wants)
    : edges_(edges), step_(step), sloped_extrapolation_(sloped_extrapolation), wants_(wants) {
  if (wants == Wants::kValues)
    values_.assign(edges.size() - 1, {std::nullopt, kBadNoData});
  else
    integral_.emplace(edges, wants == Wants::kTotal);
}

void InterpolatedRegions::add(const Point& point) {
  if (point.is_bad()) {
    if (last_ && !bad_since_) bad_since_ = point.time;
    return;
  }
  if (last_) region(*last_, &point);
  before_last_ = std::exchange(last_, point);
  bad_since_.reset();
}

void InterpolatedRegions::add(const GoodRows& rows, std::size_t from, std::size_t to) {
  const Point first = rows.point(from);
  add(first);
  if (to - from == 1) return;
  // A value on the first row is seen with the second; after that no edge comes.
  add(rows.point(from + 1));
  if (to - from == 2) return;
  if (integral_) integral_->rows(rows, from + 1, to, is_held(first, step_));
  before_last_ = rows.point(to - 2);
  last_ = rows.point(to - 1);
}

void InterpolatedRegions::add(const SampleSummary& summary) {
  const auto [first, last] = ends_of(summary);
  add(first);
  if (integral_) integral_->add(summary, is_held(first, step_));
  before_last_ = first;
  last_ = last;
}

/// Two numbers to draw a line through.
bool InterpolatedRegions::draws_on() const {
  return sloped_extrapolation_ && before_last_ && !is_held(*before_last_, step_) && last_ &&
         !is_held(*last_, step_);
}

void InterpolatedRegions::finish() {
  if (last_) region(*last_, nullptr);
  if (integral_) outcomes_ = integral_->finish();
}

void InterpolatedRegions::region(const Point& from, const Point* to) {
  if (wants_ == Wants::kValues) return values(from, to);
  const TimeNs end = to != nullptr ? to->time : edges_.back();
  const bool uncertain = from.health == Health::kUncertain;
  if (is_held(from, step_)) {
    // Good up to the first bad sample, which then says no longer.
    const TimeNs doubted = bad_since_ ? std::min(*bad_since_, end) : end;
    integral_->hold(from, from.time, doubted, uncertain);
    integral_->hold(from, doubted, end, true);
  } else if (to == nullptr && draws_on()) {
    integral_->line_on(*before_last_, from, end);
  } else if (to == nullptr || to->is_text()) {
    integral_->hold(from, from.time, end, true);
  } else {
    integral_->line(from, *to, uncertain || to->health == Health::kUncertain || bad_since_);
  }
}

void InterpolatedRegions::values(const Point& from, const Point* to) {
  const bool held = is_held(from, step_);
  while (edge_ + 1 < edges_.size() && edges_[edge_] < from.time) ++edge_;
  for (; edge_ + 1 < edges_.size(); ++edge_) {
    const TimeNs time = edges_[edge_];
    if (to != nullptr && time >= to->time) break;
    Interpolated& result = values_[edge_];
    if (time == from.time) {
      result = {from.value(), from.quality};
      continue;
    }
    bool degraded = from.health == Health::kUncertain;
    if (held)
      degraded |= bad_since_ && *bad_since_ <= time;
    else
      degraded |= to == nullptr || to->health == Health::kUncertain || bad_since_;
    const bool line = !held && to != nullptr && !to->is_text();
    if (line)
      result.value = value_of(interpolate(from, *to, time));
    else if (to == nullptr && draws_on())
      result.value = value_of(extrapolate(*before_last_, from, time));
    else
      result.value = from.value();
    result.quality = {(degraded ? kUncertainDataSubNormal.code : kGood.code) | kInfoInterpolated};
  }
}

}  // namespace tundish::aggregate
