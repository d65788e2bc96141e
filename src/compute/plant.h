#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "compute/dirty.h"
#include "compute/graph.h"
#include "compute/interval_store.h"
#include "compute/interval_tracker.h"
#include "compute/writer.h"
#include "model/ports/change_feed.h"
#include "model/ports/model_reader.h"
#include "model/ports/sample_reader.h"

namespace tundish::compute {

/// The formulas of one enterprise while they are kept up to date: which of their results are out of date,
/// and how they come right. A result is written only where it differs from what is stored, so what is computed
/// twice is written once.
///
/// 1. mark(): a changed sample makes stale what follows from it, up to the next sample and on through windows.
/// 2. run(): level by level, newest stretch first; what came out different makes the next level stale.
/// 3. catch_up(): formulas that are new, or whose facts changed, over all of history, a piece at a time.
///
/// One thread.
class Plant {
 public:
  Plant(SampleReader& reader, SampleSink& sink, const WindowSource& windows,
        IntervalStore& intervals, std::shared_ptr<const PlantModel> model);

  const Graph& graph() const { return *graph_; }
  /// Another version of the model; tells which formulas have yet to be computed from the start.
  void adopt(std::shared_ptr<const PlantModel> model);
  /// By fingerprint, which formulas need no catching up. Others do.
  using IsDone = std::function<bool(TagId, std::uint64_t fingerprint)>;
  void find_backlog(const IsDone& is_done);

  /// The same of intervals. Those that have to be found from the start are marked, and told when they are.
  using IsFound = std::function<bool(const IntervalTracker&)>;
  void find_intervals_anew(const IsFound& is_done);
  using Found = std::function<void(const IntervalTracker&)>;

  /// Errors: those of the snapshot.
  Status mark(Snapshot& snapshot, const Change& change);
  /// Intervals of a kind changed: what uses them as windows is out of date there.
  void mark_windows(std::string_view kind, TimeRange range);
  bool is_stale() const;

  /// Brings everything marked up to date. `commit` goes with the last batch; `found` is told intervals that
  /// were found from the start. Errors: those of the ports; what was marked is then still marked.
  Status run(const std::optional<FeedCommit>& commit, const Found& found = {});
  /// Works for about `budget` on formulas that have to be computed from the start. `done` is told each
  /// that is complete. Errors: those of the ports.
  Status catch_up(std::chrono::milliseconds budget,
                  const std::function<Status(TagId, std::uint64_t fingerprint)>& done);
  std::size_t backlog() const { return backlog_.size(); }

  std::uint64_t rows_written() const { return writer_.rows_written(); }
  std::uint64_t samples_read() const { return samples_read_; }
  /// What formulas said when they could not be run, by path: budget, a window that is not there.
  const std::map<std::string, std::string>& faults() const { return faults_; }
  /// Every feed position up to here has been seen by whoever read it; later ones may be our own.
  void forget_own(Position through);

 private:
  struct State {
    DirtyRanges dirty;
    TimeNs done_until = 0;    ///< results before it are there, unless they are dirty
    bool is_open = false;     ///< done_until is known
    TimeNs caught_up_to = 0;  ///< in the backlog: where it goes on
    bool in_backlog = false;
  };
  using SteadyTime = std::chrono::steady_clock::time_point;
  /// What computing a range led to.
  struct Outcome {
    std::optional<TimeRange> changed;
    TimeNs through = 0;  ///< exclusive; before the wanted end when it was interrupted
  };

  Result<TimeNs> latest(Snapshot& snapshot, TagId tag);
  Result<TimeNs> end_of(Snapshot& snapshot, const DerivedTag& tag);
  Result<TimeNs> held_until(Snapshot& snapshot, TagId tag, TimeNs time, std::size_t samples,
                            const DerivedTag* reader = nullptr);
  std::vector<std::optional<Limits>> limits_of(Snapshot& snapshot, const DerivedTag& reader,
                                               TagId tag) const;
  Result<TimeNs> frozen_until(Snapshot& snapshot, const DerivedTag& tag);
  Status open(Snapshot& snapshot, std::uint32_t index);
  Status mark_reader(Snapshot& snapshot, std::uint32_t index, const Change& change);
  Status mark_readers(Snapshot& snapshot, TagId tag, TimeRange changed, bool only_live);
  Result<Outcome> compute(Snapshot& snapshot, std::uint32_t index, TimeRange range,
                          std::optional<SteadyTime> until);
  Status run_levels();
  Status run_intervals(const Found& found);
  void make_trackers();
  Status mark_trackers(Snapshot& snapshot, const Change& change);
  Status compute_level(Snapshot& snapshot, const std::vector<std::uint32_t>& level);

  SampleReader& reader_;
  const WindowSource& windows_;
  IntervalStore& intervals_;
  std::unique_ptr<Graph> graph_;
  Writer writer_;
  std::vector<State> states_;                       ///< by graph_->tags()
  std::vector<std::vector<std::uint32_t>> levels_;  ///< indexes
  std::vector<IntervalTracker> trackers_;
  std::unordered_map<TagId, std::vector<std::size_t>> tracked_;  ///< which trackers read a tag
  std::set<std::size_t> unfound_;  ///< trackers that have to find all of history
  std::set<std::uint32_t> stale_;
  std::set<std::uint32_t> backlog_;
  std::unordered_map<TagId, TimeNs> latest_;  ///< newest sample of each input, or kTimeMin
  std::unordered_map<TagId, TimeRange> own_;  ///< what was written and has not come by the feed yet
  std::map<std::string, std::string> faults_;
  std::uint64_t samples_read_ = 0;
};

}  // namespace tundish::compute
