#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "aggregate/aggregate_kind.h"
#include "base/time.h"
#include "model/columns.h"
#include "model/ports/sample_reader.h"

namespace tundish::aggregate {

/// What to compute (OPC 10000-13, 4.2.1.2, AggregateConfiguration).
struct AggregateSpec {
  AggregateKind kind = AggregateKind::kTimeAverage;
  bool step = false;                ///< held values; false: straight lines between samples
  bool treat_uncertain_bad = true;  ///< Uncertain samples count as Bad
  double percent_good = 100;        ///< Good when at least this share is good, 0..100
  double percent_bad = 100;         ///< Bad when at least this share is bad, 0..100
  /// UseSlopedExtrapolation: after the last usable sample Interpolative, TimeAverage and Total draw the line through
  /// the last two on, in place of holding the last. Slopes only.
  bool sloped_extrapolation = false;
};

/// The answer for one interval, from <= t < to.
struct AggregateResult {
  TimeNs from = 0;
  TimeNs to = 0;
  TimeNs time = 0;  ///< `from`, or the sample's own time for Start, End, ActualTime and ActualTime2
  std::optional<Value> value;  ///< nothing when the quality is Bad
  Quality quality;             ///< severity, and in the low bits where it comes from (see below)
  /// Share of the interval's time that is good, 0..100; 0 for a result that lies outside the data.
  double percent_good = 0;
};

// Low bits of a result's status (OPC 10000-4, 7.39.1, DataValue info bits). None of the first
// two: a raw sample.
inline constexpr std::uint32_t kInfoCalculated = 0x0401;
inline constexpr std::uint32_t kInfoInterpolated = 0x0402;
inline constexpr std::uint32_t kInfoPartial = 0x0404;         ///< data starts or ends inside
inline constexpr std::uint32_t kInfoMultipleValues = 0x0410;  ///< the extreme occurs more than once

inline constexpr Quality kBadAggregateInvalidInputs{0x80D60000};  ///< a number of a text

/// One aggregate over adjoining intervals of one tag, fed in order of time. Results are the same
/// however the samples are cut into pieces: sums and integrals are exact and rounded once, an
/// interpolated bounding value is rounded once. int64 keeps its type and every digit in Minimum,
/// Maximum, Range, Start, End, Delta. NaN counts as Bad. Pure; one thread.
///
///   AggregateRun run(spec, edges);
///   for (next earlier sample; run.before(sample);) {}   // newest first; false: enough
///   snapshot.scan(tag, {edges.front(), edges.back()}, [&](const Columns& c) { run.push(c); ... });
///   for (next sample from the last edge on; run.after(sample);) {}
///   results = run.finish();
///
/// aggregate_tag() in aggregate/read.h does just that.
class AggregateRun {
 public:
  /// `edges`: strictly ascending, n + 1 of them make n intervals; at least two.
  AggregateRun(const AggregateSpec& spec, std::vector<TimeNs> edges);
  AggregateRun(AggregateRun&&) noexcept;
  AggregateRun& operator=(AggregateRun&&) noexcept;
  ~AggregateRun();

  /// A sample before the first edge; call with the nearest first, then with ever earlier ones for
  /// as long as it returns true (the nearest was bad and an interpolation wants a better one).
  bool before(const Sample& sample);
  /// Samples inside the edges, ascending; those outside are passed over.
  void push(const Columns& piece);
  /// Samples inside the edges of which only this is known. False: it does not suffice, push the samples.
  bool push(const SampleSummary& summary);
  /// Whether push(SampleSummary) may do more with sums.
  bool wants_sums() const;
  /// A sample at or after the last edge, nearest first, for as long as it returns true.
  bool after(const Sample& sample);
  /// AnnotationCount: times of the notes inside the edges, ascending, a time for each note. Before finish().
  void annotate(std::span<const TimeNs> times);
  /// One result an interval. Call once.
  std::vector<AggregateResult> finish();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace tundish::aggregate
