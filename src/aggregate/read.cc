#include "aggregate/read.h"

#include <limits>
#include <utility>

#include "aggregate/plot_run.h"

namespace tundish::aggregate {
namespace {

/// Gives ever earlier samples before `time` to `take` until it has enough.
template <class Take>
Status walk_back(Snapshot& snapshot, TagId tag, TimeNs time, const Take& take) {
  for (int step = 0; step < kBoundStepsMax && time > kTimeMin; ++step) {
    TUNDISH_TRY(const std::optional<Sample> sample, snapshot.at_or_before(tag, time - 1));
    if (!sample || !take(*sample)) break;
    time = sample->time;
  }
  return {};
}

/// The same from `time` on.
template <class Take>
Status walk_on(Snapshot& snapshot, TagId tag, TimeNs time, const Take& take) {
  for (int step = 0; step < kBoundStepsMax; ++step) {
    TUNDISH_TRY(const std::optional<Sample> sample, snapshot.at_or_after(tag, time));
    if (!sample || !take(*sample) || sample->time == kTimeMax) break;
    time = sample->time + 1;
  }
  return {};
}

template <class Run>
Status scan_into(Snapshot& snapshot, TagId tag, TimeRange range, Run& run,
                 const KeepGoing& keep_going, const Snapshot::Digest& digest = {}) {
  bool cancelled = false;
  TUNDISH_RETURN_IF_ERROR(snapshot.scan_digest(
      tag, range,
      [&](const Columns& piece) {
        run.push(piece);
        cancelled = keep_going && !keep_going();
        return !cancelled;
      },
      digest));
  if (cancelled) return fail(ErrorCode::kCancelled, "the query was cancelled");
  return {};
}

}  // namespace

Result<std::vector<AggregateResult>> aggregate_tag(Snapshot& snapshot, TagId tag,
                                                   const AggregateSpec& spec,
                                                   std::vector<TimeNs> edges,
                                                   const KeepGoing& keep_going,
                                                   const AnnotationBook* notes) {
  const TimeRange range{edges.front(), edges.back()};
  AggregateRun run(spec, std::move(edges));
  TUNDISH_RETURN_IF_ERROR(walk_back(snapshot, tag, range.from,
                                    [&](const Sample& sample) { return run.before(sample); }));
  const Snapshot::Digest digest{[&](const SampleSummary& summary) { return run.push(summary); },
                                run.wants_sums()};
  TUNDISH_RETURN_IF_ERROR(scan_into(snapshot, tag, range, run, keep_going, digest));
  TUNDISH_RETURN_IF_ERROR(
      walk_on(snapshot, tag, range.to, [&](const Sample& sample) { return run.after(sample); }));
  if (spec.kind == AggregateKind::kAnnotationCount && notes != nullptr) {
    TUNDISH_TRY(const std::vector<TimeNs> times, notes->times(tag, range));
    run.annotate(times);
  }
  return run.finish();
}

Result<CountRun> count_tag(Snapshot& snapshot, TagId tag, TimeRange range,
                           std::optional<double> above, std::optional<double> below,
                           const KeepGoing& keep_going) {
  CountRun run(above, below);
  TUNDISH_RETURN_IF_ERROR(
      scan_into(snapshot, tag, range, run, keep_going,
                {[&](const SampleSummary& summary) { return run.push(summary); }}));
  return run;
}

Result<std::vector<Columns>> plot_tag(Snapshot& snapshot, TagId tag, TimeRange range,
                                      std::uint32_t columns, const KeepGoing& keep_going) {
  PlotRun run(range, columns);
  if (range.from > kTimeMin) {
    TUNDISH_TRY(const auto before, snapshot.at_or_before(tag, range.from - 1));
    if (before) run.before(*before);
  }
  TUNDISH_RETURN_IF_ERROR(scan_into(snapshot, tag, range, run, keep_going));
  TUNDISH_TRY(const auto after, snapshot.at_or_after(tag, range.to));
  if (after) run.after(*after);
  return run.finish();
}

}  // namespace tundish::aggregate
