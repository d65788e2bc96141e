#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aggregate/exact_sum.h"
#include "aggregate/good_rows.h"
#include "aggregate/points.h"

// Aggregates over time see stretches between samples, not samples. All classes here take points in
// ascending order, those before and after the intervals included, and clip to the intervals.

namespace tundish::aggregate {

/// Exact integrals over adjoining intervals, each rounded once when the next begins.
class TimeIntegral {
 public:
  struct Outcome {
    double value = 0;               ///< time average, or value x seconds
    std::uint64_t known_ns = 0;     ///< how much of the interval a value is known for
    std::uint64_t degraded_ns = 0;  ///< of that, how much is not good
  };

  /// `edges` must outlive this.
  TimeIntegral(std::span<const TimeNs> edges, bool total);
  /// The value of `from` until `to`.
  void hold(const Point& from, TimeNs begin, TimeNs to, bool degraded);
  /// The straight line from `from` to `to`.
  void line(const Point& from, const Point& to, bool degraded);
  /// The line through `a` and `b` from `b` on, until `to`; not good.
  void line_on(const Point& a, const Point& b, TimeNs to);
  /// Rows [from, to) in one interval, from the first to the last: held or along lines.
  void rows(const GoodRows& rows, std::size_t from, std::size_t to, bool held);
  /// The same of samples in one interval of which only this is known, sums included.
  void add(const SampleSummary& summary, bool held);
  std::vector<Outcome> finish();

 private:
  template <class AddTwice>
  void cover(TimeNs from, TimeNs to, bool degraded, const AddTwice& add_twice);
  void close();

  std::span<const TimeNs> edges_;
  bool total_;
  std::size_t current_ = 0;
  ExactSum twice_;  ///< of the current interval: value x ns x 2, so that halves stay exact
  std::vector<Outcome> outcomes_;
};

/// Value at an edge, with simple bounding values.
struct Bound {
  std::optional<Number> number;  ///< nothing: Bad, or unknown
  bool degraded = false;
  bool raw = false;       ///< a sample stands on the edge
  bool text = false;      ///< the value is a text; `number` is nothing then
  bool held = false;      ///< what it comes from is held
  bool has_next = false;  ///< there is a sample after the edge, or on it
  /// Of the sample it comes from, as received; nothing: there is none before.
  std::optional<Quality> from;
};

/// Regions with simple bounding values (OPC 10000-13, 3.1.9): a sample counts until the next one,
/// whatever its quality. Durations always; integrals and bounds on request.
class SimpleRegions {
 public:
  enum class Wants { kDurations, kAverage, kTotal, kBounds };

  SimpleRegions(std::span<const TimeNs> edges, bool step, Wants wants);
  void add(const Point& point);
  /// Rows [from, to) of a piece, all in one interval unless only durations are wanted.
  void add(const GoodRows& rows, std::size_t from, std::size_t to);
  /// Samples of which only this is known: for durations anywhere, for integrals in one interval and with sums.
  void add(const SampleSummary& summary);
  void finish();

  std::uint64_t good_ns(std::size_t interval) const { return good_ns_[interval]; }
  std::uint64_t uncertain_ns(std::size_t interval) const { return uncertain_ns_[interval]; }
  const TimeIntegral::Outcome& integral(std::size_t interval) const { return outcomes_[interval]; }
  const Bound& bound(std::size_t edge) const { return bounds_[edge]; }

 private:
  void region(const Point& from, const Point* to);
  void durations(const Point& from, TimeNs end, Health inside);
  Health health_inside(const Point& from, const Point* to) const;

  std::span<const TimeNs> edges_;
  bool step_;
  Wants wants_;
  std::optional<Point> last_;
  std::size_t interval_ = 0;  ///< the first that may still overlap what comes
  std::size_t edge_ = 0;      ///< the first without its bound
  std::vector<std::uint64_t> good_ns_;
  std::vector<std::uint64_t> uncertain_ns_;
  std::optional<TimeIntegral> integral_;
  std::vector<TimeIntegral::Outcome> outcomes_;
  std::vector<Bound> bounds_;
};

/// Value at the start of an interval, with interpolated bounding values.
struct Interpolated {
  std::optional<Value> value;
  Quality quality;  ///< info bits included
};

/// Regions with interpolated bounding values (OPC 10000-13, 3.1.8): bad samples are passed over,
/// and what bridges them is uncertain. After the last usable sample its value is held: as good as
/// it was for steps, uncertain for slopes; or drawn on, where that is asked for (3.1.4).
class InterpolatedRegions {
 public:
  enum class Wants { kValues, kAverage, kTotal };

  InterpolatedRegions(std::span<const TimeNs> edges, bool step, bool sloped_extrapolation,
                      Wants wants);
  void add(const Point& point);
  /// Rows [from, to) of a piece, all in one interval.
  void add(const GoodRows& rows, std::size_t from, std::size_t to);
  /// Samples of which only this is known, with sums, for integrals, without extrapolation; in one interval.
  void add(const SampleSummary& summary);
  void finish();

  const TimeIntegral::Outcome& integral(std::size_t interval) const { return outcomes_[interval]; }
  const Interpolated& value(std::size_t interval) const { return values_[interval]; }

 private:
  void region(const Point& from, const Point* to);
  void values(const Point& from, const Point* to);

  std::span<const TimeNs> edges_;
  bool draws_on() const;

  bool step_;
  bool sloped_extrapolation_;
  Wants wants_;
  std::optional<Point> before_last_;
  std::optional<Point> last_;        ///< last sample that is not bad
  std::optional<TimeNs> bad_since_;  ///< first bad sample after it
  std::size_t edge_ = 0;
  std::optional<TimeIntegral> integral_;
  std::vector<TimeIntegral::Outcome> outcomes_;
  std::vector<Interpolated> values_;
};

}  // namespace tundish::aggregate
