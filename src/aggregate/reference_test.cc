#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "aggregate/aggregate_run.h"

// Aggregates with simple bounding values against a slow reading of the standard's text (OPC 10000-13, 3.1.9, 5.4.3): each
// interval looks at all samples again. Values and times are small integers, so an interpolated value is one division of
// two numbers that a double holds exactly, and results are compared bit for bit.

namespace tundish::aggregate {
namespace {

using enum AggregateKind;

struct Raw {
  TimeNs time = 0;
  std::int64_t value = 0;
  int severity = 0;  ///< 0 Good, 1 Uncertain, 2 Bad, as received
};

struct Setting {
  std::vector<Raw> samples;
  std::vector<TimeNs> edges;
  bool step = false;
  bool uncertain_is_bad = true;

  int health(const Raw& raw) const {
    return raw.severity == 1 && uncertain_is_bad ? 2 : raw.severity;
  }
};

/// A value that counts from a time on.
struct At {
  TimeNs time = 0;
  double value = 0;
  int health = 2;
  int severity = 2;  ///< for the worst quality
  bool raw = false;
  bool beyond = false;  ///< nothing comes after it
};

At bound(const Setting& in, TimeNs time) {
  const Raw *before = nullptr, *after = nullptr;
  for (const Raw& raw : in.samples) {
    if (raw.time == time)
      return {time, static_cast<double>(raw.value), in.health(raw), raw.severity, true, false};
    if (raw.time < time) before = &raw;
    if (raw.time > time && after == nullptr) after = &raw;
  }
  At found{.time = time};
  found.beyond = after == nullptr;
  if (before == nullptr) return found;
  if (in.step) found.severity = before->severity;
  if (in.health(*before) == 2) return found;
  found.value = static_cast<double>(before->value);
  found.health = in.health(*before);
  if (!in.step) {
    const bool line = after != nullptr && in.health(*after) != 2;
    if (line)
      found.value = static_cast<double>(before->value * (after->time - time) +
                                        after->value * (time - before->time)) /
                    static_cast<double>(after->time - before->time);
    if (!line || in.health(*after) != 0) found.health = 1;
    found.severity = found.health;
  }
  return found;
}

/// The result's value, nothing where there is none.
std::optional<double> reference(const Setting& in, AggregateKind kind, TimeNs from, TimeNs to) {
  if (in.samples.empty() || to <= in.samples.front().time || from > in.samples.back().time)
    return std::nullopt;
  std::vector<At> points;
  if (const At start = bound(in, from); !start.raw) points.push_back(start);
  for (const Raw& raw : in.samples)
    if (raw.time >= from && raw.time < to) points.push_back(bound(in, raw.time));
  double lasts[3] = {0, 0, 0}, zero = 0, non_zero = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const TimeNs until = i + 1 < points.size() ? points[i + 1].time : to;
    const auto length = static_cast<double>(until - points[i].time);
    lasts[points[i].health] += length;
    if (points[i].health == 0) (points[i].value == 0 ? zero : non_zero) += length;
  }
  const bool all_bad = lasts[2] == static_cast<double>(to - from);
  const At end = bound(in, to);
  if (kind == kDurationGood) return lasts[0] / 1e6;
  if (kind == kDurationBad) return lasts[2] / 1e6;
  if (kind == kWorstQuality2) {
    int worst = end.beyond && !end.raw ? 2 : end.severity;
    for (const At& point : points) worst = std::max(worst, point.severity);
    return worst;
  }
  if (kind == kNumberOfTransitions) {
    double count = 0;
    std::size_t inside = 0, bad = 0;
    std::optional<std::int64_t> previous;
    for (const Raw& raw : in.samples) {
      const bool is_inside = raw.time >= from && raw.time < to;
      inside += is_inside ? 1 : 0;
      bad += is_inside && in.health(raw) == 2 ? 1 : 0;
      if (in.health(raw) == 2 || raw.time >= to) continue;
      if (is_inside && previous != raw.value) ++count;
      previous = raw.value;
    }
    return inside > 0 && bad == inside ? std::nullopt : std::optional(count);
  }
  if (all_bad) return std::nullopt;
  if (kind == kDurationInStateZero) return zero / 1e6;
  if (kind == kDurationInStateNonZero) return non_zero / 1e6;
  if (!in.step && end.health != 2 && !end.beyond) points.push_back(end);
  std::optional<double> least, most;
  for (const At& point : points) {
    if (point.health == 2) continue;
    least = std::min(least.value_or(point.value), point.value);
    most = std::max(most.value_or(point.value), point.value);
  }
  if (!least) return std::nullopt;
  return kind == kMinimum2 ? *least : kind == kMaximum2 ? *most : *most - *least;
}

Setting any_setting() {
  Setting in;
  in.step = *rc::gen::arbitrary<bool>();
  in.uncertain_is_bad = *rc::gen::arbitrary<bool>();
  TimeNs time = 0;
  const int count = *rc::gen::inRange(0, 25);
  for (int i = 0; i < count; ++i) {
    time += *rc::gen::inRange(1, 30);
    // Every other one is Good; few values, so that they repeat.
    in.samples.push_back({time, *rc::gen::inRange(-2, 3), std::max(0, *rc::gen::inRange(-3, 3))});
  }
  in.edges.push_back(*rc::gen::inRange(-60, 60));
  const int every = *rc::gen::inRange(1, 50);
  const int intervals = *rc::gen::inRange(1, 20);
  for (int i = 0; i < intervals; ++i) in.edges.push_back(in.edges.back() + every);
  // The last one is shorter, as where `every` does not divide the range.
  if (every > 1) in.edges.back() -= *rc::gen::inRange(0, every - 1);
  return in;
}

TEST(AggregateReference, SimpleBoundsAreThoseOfTheText) {
  EXPECT_TRUE(rc::check([] {
    const Setting in = any_setting();
    for (const AggregateKind kind :
         {kMinimum2, kMaximum2, kRange2, kDurationInStateZero, kDurationInStateNonZero,
          kWorstQuality2, kNumberOfTransitions, kDurationGood, kDurationBad}) {
      AggregateRun run({.kind = kind, .step = in.step, .treat_uncertain_bad = in.uncertain_is_bad},
                       in.edges);
      const auto sample = [](const Raw& raw) {
        const Quality quality = raw.severity == 0 ? kGood : raw.severity == 1 ? kUncertain : kBad;
        return Sample{raw.time, static_cast<double>(raw.value), quality};
      };
      bool more = true;
      for (auto raw = in.samples.rbegin(); raw != in.samples.rend() && more; ++raw)
        if (raw->time < in.edges.front()) more = run.before(sample(*raw));
      Columns inside;
      for (const Raw& raw : in.samples)
        if (raw.time >= in.edges.front() && raw.time < in.edges.back())
          inside.push_back(sample(raw));
      run.push(inside);
      more = true;
      for (const Raw& raw : in.samples)
        if (raw.time >= in.edges.back() && more) more = run.after(sample(raw));
      const auto results = run.finish();
      for (std::size_t i = 0; i < results.size(); ++i) {
        std::optional<double> value;
        if (results[i].value) {
          if (const auto* real = std::get_if<double>(&*results[i].value)) value = *real;
          if (const auto* whole = std::get_if<std::int64_t>(&*results[i].value))
            value = kind == kWorstQuality2 ? static_cast<double>(*whole >> 30)
                                           : static_cast<double>(*whole);
        }
        const auto expected = reference(in, kind, in.edges[i], in.edges[i + 1]);
        RC_LOG() << aggregate_name(kind) << " interval " << i << " from " << in.edges[i] << "\n";
        RC_ASSERT(value == expected);
      }
    }
  }));
}

}  // namespace
}  // namespace tundish::aggregate
