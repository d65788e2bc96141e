#include "aggregate/aggregate_run.h"

#include <algorithm>
#include <cmath>

#include "aggregate/bounded.h"
#include "aggregate/raw_statistics.h"
#include "aggregate/regions.h"
#include "base/check.h"

// 1. before() collects the samples before the range; push() replays them in order of time first.
// 2. Every point goes to those of three views that the kind needs: samples inside the current
//    interval (RawStatistics), regions with simple bounds, regions with interpolated bounds.
// 3. finish() makes a result of each interval and marks where the data begin and end.

namespace tundish::aggregate {
namespace {

using enum AggregateKind;

bool is_interpolated(AggregateKind kind) {
  return kind == kInterpolative || kind == kTimeAverage || kind == kTotal;
}

bool is_over_samples(AggregateKind kind) {
  return kind == kAverage || (kind >= kMinimum && kind <= kDelta) ||
         (kind >= kWorstQuality && kind <= kVariancePopulation) || kind == kNumberOfTransitions;
}

/// Over the samples and the simple bounding values.
bool is_bounded(AggregateKind kind) { return kind >= kMinimum2 && kind <= kWorstQuality2; }

/// Of how long the value was how good, and of nothing else.
bool is_from_durations(AggregateKind kind) {
  return kind == kDurationGood || kind == kDurationBad || kind == kPercentGood ||
         kind == kPercentBad || kind == kAnnotationCount;
}

/// What texts have, too. Everything else needs numbers.
bool is_for_texts(AggregateKind kind) {
  switch (kind) {
    case kInterpolative:
    case kCount:
    case kStart:
    case kEnd:
    case kDurationGood:
    case kDurationBad:
    case kPercentGood:
    case kPercentBad:
    case kWorstQuality:
    case kWorstQuality2:
    case kNumberOfTransitions:
    case kAnnotationCount: return true;
    default: return false;
  }
}

RawStatistics::Wants statistics_wants(AggregateKind kind) {
  using Wants = RawStatistics::Wants;
  switch (kind) {
    case kAverage: return Wants::kSum;
    case kMinimum:
    case kMaximum:
    case kMinimumActualTime:
    case kMaximumActualTime:
    case kRange:
    case kDelta: return Wants::kExtremes;
    case kStandardDeviationSample:
    case kStandardDeviationPopulation:
    case kVarianceSample:
    case kVariancePopulation: return Wants::kVariance;
    default: return Wants::kCounts;
  }
}

SimpleRegions::Wants simple_wants(AggregateKind kind) {
  switch (kind) {
    case kTimeAverage2: return SimpleRegions::Wants::kAverage;
    case kTotal2: return SimpleRegions::Wants::kTotal;
    case kStartBound:
    case kEndBound:
    case kDeltaBounds: return SimpleRegions::Wants::kBounds;
    default: break;
  }
  return is_bounded(kind) ? SimpleRegions::Wants::kBounds : SimpleRegions::Wants::kDurations;
}

InterpolatedRegions::Wants interpolated_wants(AggregateKind kind) {
  switch (kind) {
    case kTimeAverage: return InterpolatedRegions::Wants::kAverage;
    case kTotal: return InterpolatedRegions::Wants::kTotal;
    default: return InterpolatedRegions::Wants::kValues;
  }
}

/// EffectiveEndTime (3.1.3): an end bound is given a time inside the interval, a millisecond before its end as in the
/// standard's examples.
constexpr DurationNs kBeforeEnd = kMillisecond;

TimeNs effective_end(const AggregateResult& result) {
  return elapsed_ns(result.from, result.to) > static_cast<std::uint64_t>(kBeforeEnd)
             ? result.to - kBeforeEnd
             : result.from;
}

Quality with_info(Quality quality, std::uint32_t info) { return {quality.code | info}; }

double percent(std::uint64_t part, std::uint64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

double milliseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

}  // namespace

class AggregateRun::State {
 public:
  State(const AggregateSpec& spec, std::vector<TimeNs> edges)
      : spec_(spec),
        edges_(std::move(edges)),
        results_(edges_.size() - 1),
        adds_rows_(!is_bounded(spec.kind) && spec.kind != kNumberOfTransitions),
        wants_(statistics_wants(spec.kind)),
        simple_(edges_, spec.step, simple_wants(spec.kind)) {
    if (is_interpolated(spec.kind))
      interpolated_.emplace(edges_, spec.step, spec.sloped_extrapolation,
                            interpolated_wants(spec.kind));
    if (is_bounded(spec.kind)) bounded_.resize(results_.size());
    for (std::size_t i = 0; i + 1 < edges_.size(); ++i) {
      results_[i].from = results_[i].time = edges_[i];
      results_[i].to = edges_[i + 1];
      results_[i].quality = kBadNoData;
    }
  }

  bool before(const Sample& sample) {
    TUNDISH_CHECK(!started_);
    if (sample.time >= edges_.front()) return true;
    before_.push_back(point_of(sample, spec_.treat_uncertain_bad));
    const bool is_bad = before_.back().is_bad();
    if (!is_bad) ++usable_before_;
    if (is_interpolated(spec_.kind)) {
      // A line is drawn on through two of them.
      const bool wants_two = spec_.sloped_extrapolation && !spec_.step;
      return usable_before_ < (wants_two ? 2 : 1);
    }
    return spec_.kind == kNumberOfTransitions && is_bad;
  }

  void push(const Columns& piece) {
    const auto row_of = [&](TimeNs time) {
      return static_cast<std::size_t>(std::ranges::lower_bound(piece.times, time) -
                                      piece.times.begin());
    };
    const std::size_t end = row_of(edges_.back());
    std::size_t row = row_of(edges_.front());
    while (row < end) {
      std::size_t to = end;
      if (adds_rows_) {
        const GoodRows rows(piece, row, end);
        if (rows.size() >= kRowsAtOnce) {
          add(rows);
          row = rows.to();
          continue;
        }
        to = std::min(rows.to() + 1, end);
      }
      for (; row < to; ++row) add(point_at(piece, row, spec_.treat_uncertain_bad));
    }
  }

  bool wants_sums() const { return wants_ == RawStatistics::Wants::kSum || is_integral(); }
  bool push(const SampleSummary& summary);

  bool after(const Sample& sample) {
    if (sample.time < edges_.back()) return true;
    const Point point = point_of(sample, spec_.treat_uncertain_bad);
    add(point);
    return is_interpolated(spec_.kind) && !spec_.step && point.is_bad();
  }

  void annotate(std::span<const TimeNs> times) {
    for (const TimeNs time : times) {
      const auto next = std::ranges::upper_bound(edges_, time);
      if (next == edges_.begin() || next == edges_.end()) continue;
      if (annotations_.empty()) annotations_.resize(results_.size());
      ++annotations_[static_cast<std::size_t>(next - edges_.begin()) - 1];
    }
  }

  std::vector<AggregateResult> finish();

 private:
  /// Good rows in a row that are worth being added at once.
  static constexpr std::size_t kRowsAtOnce = 4;

  void start();
  void add(const Point& point);
  void add(const GoodRows& rows);
  bool is_integral() const;
  bool suffices(const SampleSummary& summary) const;
  void close_interval();
  bool is_partial(const AggregateResult& result) const;
  Quality over_time(std::uint64_t good, std::uint64_t bad, std::uint64_t whole) const;
  void from_samples(const RawStatistics& samples, AggregateResult& result) const;
  void from_integral(const TimeIntegral::Outcome& outcome, AggregateResult& result) const;
  void from_durations(std::size_t interval, AggregateResult& result) const;
  void from_bounds(std::size_t interval, AggregateResult& result) const;
  void from_bounded(std::size_t interval, AggregateResult& result);
  void from_extreme(const Extreme& extreme, Quality quality, AggregateResult& result) const;

  const AggregateSpec spec_;
  const std::vector<TimeNs> edges_;
  std::vector<AggregateResult> results_;
  std::vector<Point> before_;  ///< newest first, until started
  bool started_ = false;
  bool texts_ = false;
  std::optional<TimeNs> first_;  ///< time of the first and the last sample known
  std::optional<TimeNs> last_;
  std::size_t interval_ = 0;  ///< of `samples_`
  RawStatistics samples_;
  const bool adds_rows_;  ///< the kind takes Good rows at once
  const RawStatistics::Wants wants_;
  std::size_t row_interval_ = 0;  ///< in which such rows are
  int usable_before_ = 0;
  std::optional<Point> last_usable_;  ///< NumberOfTransitions: the last that is not Bad
  std::int64_t transitions_ = 0;      ///< of the current interval
  BoundedStatistics current_;
  std::vector<BoundedStatistics> bounded_;  ///< of all intervals
  std::vector<std::int64_t> annotations_;   ///< of all intervals; empty: none
  SimpleRegions simple_;
  std::optional<InterpolatedRegions> interpolated_;
};

void AggregateRun::State::start() {
  if (std::exchange(started_, true)) return;
  std::ranges::reverse(before_);
  for (const Point& point : std::exchange(before_, {})) add(point);
}

void AggregateRun::State::add(const Point& point) {
  start();
  if (last_ && point.time <= *last_) return;  // a bounding sample given twice
  if (!first_) first_ = point.time;
  last_ = point.time;
  texts_ |= point.is_text();
  simple_.add(point);
  if (interpolated_) interpolated_->add(point);
  const bool bounded = is_bounded(spec_.kind);
  if (!bounded && !is_over_samples(spec_.kind)) return;
  const bool inside = point.time >= edges_.front();
  while (inside && interval_ < results_.size() && edges_[interval_ + 1] <= point.time)
    close_interval();
  if (inside && interval_ < results_.size()) {
    if (bounded)
      current_.add(point);
    else
      samples_.add(point, wants_);
  }
  if (spec_.kind == kNumberOfTransitions && !point.is_bad()) {
    if (inside && (!last_usable_ || !same_state(*last_usable_, point))) ++transitions_;
    last_usable_ = point;
  }
}

/// What add() of each row does, interval by interval.
void AggregateRun::State::add(const GoodRows& rows) {
  start();
  std::size_t row = rows.from();
  while (row < rows.to() && last_ && rows.time(row) <= *last_) ++row;
  if (row == rows.to()) return;
  if (!first_) first_ = rows.time(row);
  last_ = rows.time(rows.to() - 1);
  const bool over_samples = is_over_samples(spec_.kind);
  const bool durations = simple_wants(spec_.kind) == SimpleRegions::Wants::kDurations;
  if (durations) simple_.add(rows, row, rows.to());
  if (durations && !over_samples && !interpolated_) return;
  while (row < rows.to()) {
    while (edges_[row_interval_ + 1] <= rows.time(row)) ++row_interval_;
    const std::size_t to = rows.first_at_or_after(edges_[row_interval_ + 1], row);
    if (!durations) simple_.add(rows, row, to);
    if (interpolated_) interpolated_->add(rows, row, to);
    if (over_samples) {
      while (interval_ < row_interval_) close_interval();
      samples_.add(rows, row, to, wants_);
    }
    row = to;
  }
}

/// Sums of time and value make the result.
bool AggregateRun::State::is_integral() const {
  switch (spec_.kind) {
    case kTimeAverage:
    case kTotal:
    case kTimeAverage2:
    case kTotal2: return true;
    default: return false;
  }
}

/// Whether the result follows from what is known of samples in the interval `row_interval_`.
bool AggregateRun::State::suffices(const SampleSummary& summary) const {
  if (summary.last >= edges_[row_interval_ + 1] || (last_ && summary.first <= *last_)) return false;
  switch (spec_.kind) {
    case kCount: return true;
    case kAverage: return summary.sum != nullptr;
    case kRange: return true;
    case kMinimum:
    case kMaximum:
      // At the start of the interval the status says that the sample itself is the extreme.
      return summary.first_bits || summary.first != edges_[row_interval_];
    case kTimeAverage:
    case kTotal:
      if (spec_.sloped_extrapolation) return false;
      [[fallthrough]];
    case kTimeAverage2:
    case kTotal2:
      return summary.step_integral != nullptr && summary.first_bits && summary.last_bits;
    default: return false;
  }
}

bool AggregateRun::State::push(const SampleSummary& summary) {
  if (summary.first < edges_.front() || summary.first >= edges_.back()) return false;
  start();
  const bool durations = simple_wants(spec_.kind) == SimpleRegions::Wants::kDurations;
  if (!(durations && is_from_durations(spec_.kind))) {
    while (edges_[row_interval_ + 1] <= summary.first) ++row_interval_;
    if (!suffices(summary)) return false;
  } else if (summary.last >= edges_.back() || (last_ && summary.first <= *last_)) {
    return false;
  }
  if (!first_) first_ = summary.first;
  last_ = summary.last;
  simple_.add(summary);
  if (interpolated_) interpolated_->add(summary);
  if (is_over_samples(spec_.kind)) {
    while (interval_ < row_interval_) close_interval();
    samples_.add(summary, wants_);
  }
  return true;
}

void AggregateRun::State::close_interval() {
  if (is_bounded(spec_.kind)) {
    current_.close(edges_[interval_ + 1]);
    bounded_[interval_++] = std::exchange(current_, {});
    return;
  }
  from_samples(samples_, results_[interval_++]);
  samples_ = {};
  transitions_ = 0;
}

/// The status of what is good for so much and bad for so much (OPC 10000-13, 5.3.3.2).
Quality AggregateRun::State::over_time(std::uint64_t good, std::uint64_t bad,
                                       std::uint64_t whole) const {
  if (percent(good, whole) >= spec_.percent_good) return kGood;
  if (percent(bad, whole) >= spec_.percent_bad) return kBad;
  return kUncertainDataSubNormal;
}

void AggregateRun::State::from_samples(const RawStatistics& samples,
                                       AggregateResult& result) const {
  const auto set = [&](Value value, Quality quality, std::uint32_t info) {
    if (!quality.is_bad()) result.value = std::move(value);
    result.quality = quality.is_bad() ? quality : with_info(quality, info);
  };
  const auto set_sample = [&](const Point& point, Quality quality, std::uint32_t info) {
    set(point.value(), quality, info);
    result.time = point.time;
  };

  if (samples.count() == 0) {
    // No sample is a count of zero; that it lies within the data at all is checked in finish().
    if (spec_.kind == kCount || spec_.kind == kNumberOfTransitions)
      set(std::int64_t{0}, kGood, kInfoCalculated);
    return;
  }
  const Quality quality = over_time(samples.good, samples.bad, samples.count());
  switch (spec_.kind) {
    case kCount: return set(static_cast<std::int64_t>(samples.good), quality, kInfoCalculated);
    case kStart: return set_sample(*samples.first, samples.first->quality, 0);
    case kEnd: return set_sample(*samples.last, samples.last->quality, 0);
    case kNumberOfTransitions: return set(transitions_, quality, kInfoCalculated);
    case kWorstQuality:
      return set(static_cast<std::int64_t>(samples.worst->code), kGood,
                 kInfoCalculated | (samples.worst_repeats ? kInfoMultipleValues : 0));
    default: break;
  }
  if (samples.good == 0) return;

  const auto good = static_cast<double>(samples.good);
  const double sample_variance = samples.good < 2 ? 0 : samples.squares / (good - 1);
  const double population_variance = samples.squares / good;
  const auto extreme = [&](const std::optional<Point>& point) {
    if (point) set(point->value(), quality, point->time == result.from ? 0 : kInfoCalculated);
  };
  const auto extreme_at = [&](const std::optional<Point>& point, bool repeats) {
    if (point) set_sample(*point, quality, repeats ? kInfoMultipleValues : 0);
  };
  switch (spec_.kind) {
    case kAverage: return set(samples.sum.rounded_quotient(samples.good), quality, kInfoCalculated);
    case kMinimum: return extreme(samples.minimum);
    case kMaximum: return extreme(samples.maximum);
    case kMinimumActualTime: return extreme_at(samples.minimum, samples.minimum_repeats);
    case kMaximumActualTime: return extreme_at(samples.maximum, samples.maximum_repeats);
    case kRange:
      if (samples.minimum)
        set(value_of(difference(samples.maximum->number, samples.minimum->number)), quality,
            kInfoCalculated);
      return;
    case kDelta:
      if (samples.minimum)
        set(value_of(difference(samples.last_good->number, samples.first_good->number)), quality,
            kInfoCalculated);
      return;
    case kStandardDeviationSample: return set(std::sqrt(sample_variance), quality, kInfoCalculated);
    case kStandardDeviationPopulation:
      return set(std::sqrt(population_variance), quality, kInfoCalculated);
    case kVarianceSample: return set(sample_variance, quality, kInfoCalculated);
    case kVariancePopulation: return set(population_variance, quality, kInfoCalculated);
    default: return;
  }
}

void AggregateRun::State::from_integral(const TimeIntegral::Outcome& outcome,
                                        AggregateResult& result) const {
  if (outcome.known_ns == 0) return;
  const std::uint64_t whole = elapsed_ns(result.from, result.to);
  const Quality quality =
      over_time(outcome.known_ns - outcome.degraded_ns, whole - outcome.known_ns, whole);
  result.quality = quality.is_bad() ? quality : with_info(quality, kInfoCalculated);
  if (!quality.is_bad()) result.value = outcome.value;
}

void AggregateRun::State::from_durations(std::size_t interval, AggregateResult& result) const {
  const std::uint64_t whole = elapsed_ns(result.from, result.to);
  const std::uint64_t good = simple_.good_ns(interval);
  const std::uint64_t bad = whole - good - simple_.uncertain_ns(interval);
  result.quality = with_info(kGood, kInfoCalculated);
  switch (spec_.kind) {
    case kDurationGood: result.value = milliseconds(good); break;
    case kDurationBad: result.value = milliseconds(bad); break;
    case kPercentGood: result.value = percent(good, whole); break;
    default: result.value = percent(bad, whole); break;
  }
}

void AggregateRun::State::from_bounds(std::size_t interval, AggregateResult& result) const {
  const Bound& start = simple_.bound(interval);
  const Bound& end = simple_.bound(interval + 1);
  const auto status = [](bool degraded) { return degraded ? kUncertainDataSubNormal : kGood; };
  if (spec_.kind == kStartBound && start.number) {
    result.value = value_of(*start.number);
    result.quality = with_info(status(start.degraded), start.raw ? 0 : kInfoInterpolated);
  } else if (spec_.kind == kEndBound && end.number) {
    result.value = value_of(*end.number);
    result.quality = with_info(status(end.degraded), kInfoCalculated);
  } else if (spec_.kind == kDeltaBounds && start.number && end.number) {
    result.value = value_of(difference(*end.number, *start.number));
    result.quality = with_info(status(start.degraded || end.degraded), kInfoCalculated);
  }
}

void AggregateRun::State::from_extreme(const Extreme& extreme, Quality quality,
                                       AggregateResult& result) const {
  using enum Extreme::Place;
  const bool actual = spec_.kind == kMinimumActualTime2 || spec_.kind == kMaximumActualTime2;
  std::uint32_t info = 0;
  if (!extreme.raw)
    info = kInfoInterpolated;
  else if (!actual && extreme.place != kStart)
    info = kInfoCalculated;
  if (extreme.repeats) info |= kInfoMultipleValues;
  if (actual) result.time = extreme.place == kEnd ? effective_end(result) : extreme.time;
  result.value = value_of(extreme.number);
  result.quality = with_info(quality, info);
}

void AggregateRun::State::from_bounded(std::size_t interval, AggregateResult& result) {
  BoundedStatistics& found = bounded_[interval];
  found.set_bounds(simple_.bound(interval), result.from, simple_.bound(interval + 1), result.to);
  const std::uint64_t whole = elapsed_ns(result.from, result.to);
  if (spec_.kind == kWorstQuality2) {
    result.value = static_cast<std::int64_t>(found.worst.code);
    result.quality =
        with_info(kGood, kInfoCalculated | (found.worst_repeats ? kInfoMultipleValues : 0));
    return;
  }
  if (spec_.kind == kDurationInStateZero || spec_.kind == kDurationInStateNonZero) {
    const std::uint64_t good = found.zero_ns + found.non_zero_ns;
    const Quality quality = over_time(good, whole - good - found.uncertain_ns, whole);
    result.quality = quality.is_bad() ? quality : with_info(quality, kInfoCalculated);
    if (!quality.is_bad())
      result.value =
          milliseconds(spec_.kind == kDurationInStateZero ? found.zero_ns : found.non_zero_ns);
    return;
  }
  if (!found.minimum) return;
  const std::uint64_t good = simple_.good_ns(interval);
  const Quality quality = over_time(good, whole - good - simple_.uncertain_ns(interval), whole);
  if (quality.is_bad()) {
    result.quality = quality;
  } else if (spec_.kind == kRange2) {
    result.value = value_of(difference(found.maximum->number, found.minimum->number));
    result.quality = with_info(quality, kInfoCalculated);
  } else {
    const bool least = spec_.kind == kMinimum2 || spec_.kind == kMinimumActualTime2;
    from_extreme(least ? *found.minimum : *found.maximum, quality, result);
  }
}

/// Data begin or end inside the interval. Interpolative is about an instant, and the standard's own
/// examples never mark an Average.
bool AggregateRun::State::is_partial(const AggregateResult& result) const {
  if (spec_.kind == kInterpolative || spec_.kind == kAverage || !first_) return false;
  const bool begins = result.from < *first_ && *first_ < result.to;
  const bool ends = result.from <= *last_ && *last_ < result.to;  // nothing came after
  return begins || ends;
}

std::vector<AggregateResult> AggregateRun::State::finish() {
  start();
  if (is_over_samples(spec_.kind) || is_bounded(spec_.kind))
    while (interval_ < results_.size()) close_interval();
  simple_.finish();
  if (interpolated_) interpolated_->finish();

  for (std::size_t i = 0; i < results_.size(); ++i) {
    AggregateResult& result = results_[i];
    result.percent_good = percent(simple_.good_ns(i), elapsed_ns(result.from, result.to));
    const bool before_data = !first_ || result.to <= *first_;
    const bool after_data = last_ && result.from > *last_;
    if (before_data || (after_data && !interpolated_)) {
      // What a held value would be good for says nothing of a result that there is not.
      result.value.reset();
      result.quality = kBadNoData;
      result.percent_good = 0;
      continue;
    }
    if (texts_ && !is_for_texts(spec_.kind)) {
      result.value.reset();
      result.quality = kBadAggregateInvalidInputs;
      continue;
    }
    if (spec_.kind == kInterpolative) {
      result.value = interpolated_->value(i).value;
      result.quality = interpolated_->value(i).quality;
    } else if (interpolated_) {
      from_integral(interpolated_->integral(i), result);
    } else if (spec_.kind == kTimeAverage2 || spec_.kind == kTotal2) {
      from_integral(simple_.integral(i), result);
    } else if (is_bounded(spec_.kind)) {
      from_bounded(i, result);
    } else if (spec_.kind == kAnnotationCount) {
      result.value = annotations_.empty() ? std::int64_t{0} : annotations_[i];
      result.quality = with_info(kGood, kInfoCalculated);
    } else if (simple_wants(spec_.kind) == SimpleRegions::Wants::kBounds) {
      from_bounds(i, result);
    } else if (!is_over_samples(spec_.kind)) {
      from_durations(i, result);
    }
    if (is_partial(result)) result.quality = with_info(result.quality, kInfoPartial);
  }
  return std::move(results_);
}

AggregateRun::AggregateRun(const AggregateSpec& spec, std::vector<TimeNs> edges) {
  TUNDISH_CHECK(edges.size() >= 2);
  for (std::size_t i = 1; i < edges.size(); ++i) TUNDISH_CHECK(edges[i - 1] < edges[i]);
  state_ = std::make_unique<State>(spec, std::move(edges));
}
AggregateRun::AggregateRun(AggregateRun&&) noexcept = default;
AggregateRun& AggregateRun::operator=(AggregateRun&&) noexcept = default;
AggregateRun::~AggregateRun() = default;

bool AggregateRun::before(const Sample& sample) { return state_->before(sample); }
void AggregateRun::push(const Columns& piece) { state_->push(piece); }
bool AggregateRun::push(const SampleSummary& summary) { return state_->push(summary); }
bool AggregateRun::wants_sums() const { return state_->wants_sums(); }
bool AggregateRun::after(const Sample& sample) { return state_->after(sample); }
void AggregateRun::annotate(std::span<const TimeNs> times) { state_->annotate(times); }
std::vector<AggregateResult> AggregateRun::finish() { return state_->finish(); }

}  // namespace tundish::aggregate
