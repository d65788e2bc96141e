#include "compute/plant.h"

#include <algorithm>
#include <map>
#include <utility>

#include "compute/patch.h"
#include "formula/evaluate.h"
#include "formula/plant_sources.h"
#include "formula/reach.h"

namespace tundish::compute {
namespace {

/// No sample is so late.
constexpr TimeNs kForever = kTimeMax / 2;
/// How many samples are looked at for the next ones that are not Bad.
constexpr int kStepsMax = 100;
/// Of formulas that use intervals that follow from formulas.
constexpr int kRoundsMax = 8;

}  // namespace

Plant::Plant(SampleReader& reader, SampleSink& sink, const WindowSource& windows,
             IntervalStore& intervals, std::shared_ptr<const PlantModel> model)
    : reader_(reader),
      windows_(windows),
      intervals_(intervals),
      writer_(sink, model->enterprise()) {
  adopt(std::move(model));
}

void Plant::adopt(std::shared_ptr<const PlantModel> model) {
  graph_ = std::make_unique<Graph>(std::move(model));
  states_.assign(graph_->tags().size(), {});
  levels_.clear();
  stale_.clear();
  backlog_.clear();
  faults_.clear();
  for (std::uint32_t i = 0; i < graph_->tags().size(); ++i) {
    const std::uint32_t level = graph_->tags()[i].level;
    if (levels_.size() <= level) levels_.resize(level + 1);
    levels_[level].push_back(i);
  }
  for (const FormulaFault& fault : graph_->faults()) faults_[fault.path] = fault.message;
  make_trackers();
}

void Plant::make_trackers() {
  trackers_.clear();
  tracked_.clear();
  unfound_.clear();
  for (const Asset& asset : graph_->model().assets())
    for (const IntervalDefinition& definition : asset.facts->intervals) {
      auto tracker = IntervalTracker::make(graph_->model(), asset, definition);
      if (!tracker) {
        faults_[asset.path + " interval " + definition.name] = tracker.error().message;
        continue;
      }
      for (const TagId input : tracker->inputs()) tracked_[input].push_back(trackers_.size());
      trackers_.push_back(*std::move(tracker));
    }
}

void Plant::find_intervals_anew(const IsFound& is_done) {
  for (std::size_t i = 0; i < trackers_.size(); ++i) {
    if (is_done(trackers_[i])) continue;
    trackers_[i].mark({kTimeMin / 2, kForever});
    unfound_.insert(i);
  }
}

void Plant::find_backlog(const IsDone& is_done) {
  for (std::uint32_t i = 0; i < graph_->tags().size(); ++i) {
    const DerivedTag& tag = graph_->tags()[i];
    if (is_done(tag.attribute->tag, tag.fingerprint)) continue;
    backlog_.insert(i);
    states_[i].in_backlog = true;
    states_[i].caught_up_to = kTimeMin;
  }
}

bool Plant::is_stale() const {
  return !stale_.empty() || std::ranges::any_of(trackers_, &IntervalTracker::is_stale);
}

void Plant::forget_own(Position through) {
  if (through >= writer_.position()) own_.clear();
}

// --- what is known of inputs and results ---

Result<TimeNs> Plant::latest(Snapshot& snapshot, TagId tag) {
  if (const auto known = latest_.find(tag); known != latest_.end()) return known->second;
  TUNDISH_TRY(const auto sample, snapshot.latest(tag));
  return latest_[tag] = sample ? sample->time : kTimeMin;
}

/// Results go up to the newest sample of any input.
Result<TimeNs> Plant::end_of(Snapshot& snapshot, const DerivedTag& tag) {
  TimeNs end = kTimeMin;
  for (const TagId input : tag.inputs) {
    TUNDISH_TRY(const TimeNs newest, latest(snapshot, input));
    if (newest != kTimeMin) end = std::max(end, newest + 1);
  }
  return end;
}

Status Plant::open(Snapshot& snapshot, std::uint32_t index) {
  State& state = states_[index];
  if (state.is_open) return {};
  TUNDISH_TRY(const auto sample, snapshot.latest(graph_->tags()[index].attribute->tag));
  state.done_until = sample ? sample->time + 1 : kForever;
  state.is_open = true;
  return {};
}

/// Up to when a sample at `time` is worth something to formulas that look at `samples` of them; with `reader`
/// at those that are worth something to it.
Result<TimeNs> Plant::held_until(Snapshot& snapshot, TagId tag, TimeNs time, std::size_t samples,
                                 const DerivedTag* reader) {
  TUNDISH_TRY(const TimeNs newest, latest(snapshot, tag));
  if (time >= newest) return kForever;
  const auto limits = reader == nullptr || samples == 1
                          ? std::vector<std::optional<Limits>>{std::nullopt}
                          : limits_of(snapshot, *reader, tag);
  for (int i = 0; i < kStepsMax; ++i) {
    TUNDISH_TRY(const auto next, snapshot.at_or_after(tag, time + 1));
    if (!next) return kForever;
    time = next->time;
    const bool counts = std::ranges::all_of(
        limits, [&](const auto& valid) { return formula::is_usable(*next, valid); });
    if (counts && --samples == 0) return time;
  }
  return kForever;
}

/// The valid ranges under which `reader` reads `tag`.
std::vector<std::optional<Limits>> Plant::limits_of(Snapshot& snapshot, const DerivedTag& reader,
                                                    TagId tag) const {
  formula::PlantSources sources(snapshot, graph_->model(), *reader.asset, windows_);
  std::vector<std::optional<Limits>> limits;
  for (const formula::InputName& input : reader.program.inputs)
    for (const Attribute* attribute : sources.attributes(input))
      if (attribute != nullptr && attribute->tag == tag)
        limits.push_back(attribute->definition.valid);
  return limits;
}

// --- 1: what is out of date ---

Status Plant::mark(Snapshot& snapshot, const Change& change) {
  if (const auto* own = graph_->derived(change.tag)) {
    const auto written = own_.find(change.tag);
    const bool is_ours = written != own_.end() && change.from >= written->second.from &&
                         change.to < written->second.to;
    if (is_ours) return {};
    // Somebody else wrote there, or we did before a crash.
    TUNDISH_RETURN_IF_ERROR(open(snapshot, *own));
    states_[*own].dirty.add({change.from, change.to + 1});
    stale_.insert(*own);
  }
  const auto* readers = graph_->readers(change.tag);
  const bool is_tracked = tracked_.contains(change.tag);
  if (readers == nullptr && !is_tracked) return {};
  if (readers != nullptr)
    for (const std::uint32_t index : *readers)
      TUNDISH_RETURN_IF_ERROR(mark_reader(snapshot, index, change));
  TUNDISH_RETURN_IF_ERROR(mark_trackers(snapshot, change));
  TUNDISH_TRY(const TimeNs newest, latest(snapshot, change.tag));
  latest_[change.tag] = std::max(newest, change.to);
  return {};
}

Status Plant::mark_trackers(Snapshot& snapshot, const Change& change) {
  const auto readers = tracked_.find(change.tag);
  if (readers == tracked_.end()) return {};
  TUNDISH_TRY(const TimeNs to, held_until(snapshot, change.tag, change.to, 1));
  for (const std::size_t index : readers->second) trackers_[index].mark({change.from, to});
  return {};
}

/// Before this, results used what retention has taken: they stand as they are. An input of which all counts for
/// every result freezes only what is as old as itself.
Result<TimeNs> Plant::frozen_until(Snapshot& snapshot, const DerivedTag& tag) {
  TimeNs frozen = snapshot.kept_from(tag.attribute->tag);
  const std::size_t samples = formula::samples_after(tag.program);
  for (const TagId input : tag.inputs) {
    const TimeNs kept_from = snapshot.kept_from(input);
    if (kept_from == kTimeMin) continue;
    TUNDISH_TRY(TimeNs to, held_until(snapshot, input, kept_from - 1, samples, &tag));
    if (to < kForever) {
      // With the next sample the last that is gone counts no more, unless several are looked at.
      if (samples == 1) --to;
      formula::PlantSources sources(snapshot, graph_->model(), *tag.asset, windows_);
      TUNDISH_TRY(to, formula::reach(tag.program, sources, to));
    }
    frozen = std::max(frozen, to < kForever ? to : kept_from);
  }
  return frozen;
}

Status Plant::mark_reader(Snapshot& snapshot, std::uint32_t index, const Change& change) {
  const DerivedTag& tag = graph_->tags()[index];
  TUNDISH_RETURN_IF_ERROR(open(snapshot, index));
  State& state = states_[index];
  TUNDISH_TRY(TimeNs to, held_until(snapshot, change.tag, change.to,
                                    formula::samples_after(tag.program), &tag));
  if (to < kForever) {
    formula::PlantSources sources(snapshot, graph_->model(), *tag.asset, windows_);
    TUNDISH_TRY(to, formula::reach(tag.program, sources, to));
  }
  // A grid goes on from where it was.
  state.dirty.add({std::min(change.from, state.done_until), to});
  stale_.insert(index);
  return {};
}

Status Plant::mark_readers(Snapshot& snapshot, TagId tag, TimeRange changed, bool only_live) {
  const auto* readers = graph_->readers(tag);
  if (readers == nullptr) return {};
  const Change change{tag, changed.from, changed.to - 1};
  for (const std::uint32_t index : *readers) {
    if (only_live && states_[index].in_backlog) continue;
    TUNDISH_RETURN_IF_ERROR(mark_reader(snapshot, index, change));
  }
  return {};
}

void Plant::mark_windows(std::string_view kind, TimeRange range) {
  for (std::uint32_t i = 0; i < graph_->tags().size(); ++i) {
    const auto& kinds = graph_->tags()[i].kinds;
    if (std::ranges::find(kinds, kind) == kinds.end()) continue;
    states_[i].dirty.add(range);
    stale_.insert(i);
  }
}

// --- 2: computing it ---

Result<Plant::Outcome> Plant::compute(Snapshot& snapshot, std::uint32_t index, TimeRange range,
                                      std::optional<SteadyTime> until) {
  const DerivedTag& tag = graph_->tags()[index];
  const std::string path = tag.asset->path + "/" + tag.attribute->definition.name;
  TUNDISH_RETURN_IF_ERROR(open(snapshot, index));
  TUNDISH_TRY(const TimeNs end, end_of(snapshot, tag));
  TUNDISH_TRY(const TimeNs frozen, frozen_until(snapshot, tag));
  range.from = std::max(range.from, frozen);
  range.to = std::min(range.to, end);
  Outcome outcome{.changed = {}, .through = range.to};
  if (range.from >= range.to) return outcome;

  State& state = states_[index];
  Patch patch(snapshot, tag, writer_, range.from,
              state.done_until == kForever ? range.from : state.done_until);
  formula::PlantSources sources(snapshot, graph_->model(), *tag.asset, windows_);
  // Interrupted only after something came out, however long that takes: so it gets on.
  const auto keep_going = [&] {
    return !until || patch.covered() == range.from || std::chrono::steady_clock::now() < *until;
  };
  const auto account = formula::evaluate(
      tag.program, sources, {.range = range, .every = tag.every}, {.keep_going = keep_going},
      [&](const formula::Results& results) { return patch.take(results); });
  if (account) {
    samples_read_ += account->samples;
    faults_.erase(path);
  } else if (account.error().code == ErrorCode::kCancelled) {
    outcome.through = patch.covered();
  } else if (account.error().code == ErrorCode::kIo ||
             account.error().code == ErrorCode::kUnavailable) {
    return fail(account.error());
  } else {
    // The formula's own trouble stays its own: it is named, and the others go on.
    faults_[path] = account.error().message;
  }
  if (account) TUNDISH_RETURN_IF_ERROR(patch.finish(range.to));
  outcome.changed = patch.changed();
  if (state.done_until == kForever || outcome.through > state.done_until)
    state.done_until = outcome.through;
  if (outcome.changed) {
    const TagId id = tag.attribute->tag;
    const auto [own, is_new] = own_.try_emplace(id, *outcome.changed);
    own->second.from = std::min(own->second.from, outcome.changed->from);
    own->second.to = std::max(own->second.to, outcome.changed->to);
    // The snapshot is of before this.
    TUNDISH_TRY(const TimeNs newest, latest(snapshot, id));
    latest_[id] = std::max(newest, outcome.changed->to - 1);
  }
  return outcome;
}

Status Plant::compute_level(Snapshot& snapshot, const std::vector<std::uint32_t>& level) {
  std::vector<std::pair<std::uint32_t, TimeRange>> changed;
  for (const std::uint32_t index : level) {
    if (!stale_.contains(index)) continue;
    const std::vector<TimeRange> ranges = states_[index].dirty.ranges();
    for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
      TUNDISH_TRY(const auto outcome, compute(snapshot, index, *range, {}));
      if (outcome.changed) changed.emplace_back(index, *outcome.changed);
    }
    states_[index].dirty.clear();
    stale_.erase(index);
  }
  for (const auto& [index, range] : changed) {
    const TagId tag = graph_->tags()[index].attribute->tag;
    TUNDISH_RETURN_IF_ERROR(mark_readers(snapshot, tag, range, false));
    TUNDISH_RETURN_IF_ERROR(mark_trackers(snapshot, {tag, range.from, range.to - 1}));
  }
  return {};
}

Status Plant::run(const std::optional<FeedCommit>& commit, const Found& found) {
  // Formulas, the intervals that follow from them, and the formulas that use those as windows; circles are
  // refused when a model is saved, and cut here.
  for (int round = 0; round < kRoundsMax && is_stale(); ++round) {
    TUNDISH_RETURN_IF_ERROR(run_levels());
    TUNDISH_RETURN_IF_ERROR(run_intervals(found));
  }
  return writer_.flush(commit);
}

Status Plant::run_intervals(const Found& found) {
  if (std::ranges::none_of(trackers_, &IntervalTracker::is_stale)) return {};
  TUNDISH_RETURN_IF_ERROR(writer_.flush());
  TUNDISH_TRY(const auto snapshot, reader_.snapshot());
  for (std::size_t i = 0; i < trackers_.size(); ++i) {
    IntervalTracker& tracker = trackers_[i];
    if (!tracker.is_stale()) continue;
    const std::string path = tracker.asset().path + " interval " + tracker.definition().name;
    TimeNs end = kTimeMin;
    for (const TagId input : tracker.inputs()) {
      TUNDISH_TRY(const TimeNs newest, latest(*snapshot, input));
      if (newest != kTimeMin) end = std::max(end, newest + 1);
    }
    const auto changed = tracker.run(*snapshot, graph_->model(), windows_, intervals_, end);
    if (!changed) {
      const ErrorCode code = changed.error().code;
      if (code != ErrorCode::kTooLarge && code != ErrorCode::kNotFound &&
          code != ErrorCode::kInvalidArgument)
        return fail(changed.error());
      faults_[path] = changed.error().message;
      tracker.give_up();
      continue;
    }
    faults_.erase(path);
    if (*changed) mark_windows(tracker.definition().name, **changed);
    if (unfound_.erase(i) > 0 && found) found(tracker);
  }
  return {};
}

Status Plant::run_levels() {
  std::unique_ptr<Snapshot> snapshot;
  for (const auto& level : levels_) {
    if (std::ranges::none_of(level, [&](auto index) { return stale_.contains(index); })) continue;
    // A level reads what the one below wrote.
    const bool wrote = !writer_.empty();
    if (wrote) TUNDISH_RETURN_IF_ERROR(writer_.flush());
    if (wrote || snapshot == nullptr) {
      snapshot.reset();
      TUNDISH_TRY(snapshot, reader_.snapshot());
    }
    // What looks at the moment alone asks for a few samples of very many tags.
    std::vector<Snapshot::Wanted> wanted;
    for (const std::uint32_t index : level) {
      const DerivedTag& tag = graph_->tags()[index];
      if (!stale_.contains(index) || tag.program.has_folds()) continue;
      const TimeNs from = states_[index].dirty.ranges().front().from;
      for (const TagId input : tag.inputs) wanted.push_back({input, from});
    }
    snapshot->prefetch(wanted);
    TUNDISH_RETURN_IF_ERROR(compute_level(*snapshot, level));
  }
  return {};
}

// --- 3: formulas that are new ---

Status Plant::catch_up(std::chrono::milliseconds budget,
                       const std::function<Status(TagId, std::uint64_t fingerprint)>& done) {
  const SteadyTime until = std::chrono::steady_clock::now() + budget;
  while (!backlog_.empty() && std::chrono::steady_clock::now() < until) {
    const std::uint32_t index = *backlog_.begin();
    const DerivedTag& tag = graph_->tags()[index];
    State& state = states_[index];
    TUNDISH_TRY(const auto snapshot, reader_.snapshot());
    TimeNs from = state.caught_up_to;
    if (from == kTimeMin) {
      from = kForever;
      for (const TagId input : tag.inputs) {
        TUNDISH_TRY(const auto first, snapshot->at_or_after(input, kTimeMin));
        if (first) from = std::min(from, first->time);
      }
    }
    TUNDISH_TRY(const TimeNs end, end_of(*snapshot, tag));
    TUNDISH_TRY(const auto outcome, compute(*snapshot, index, {from, end}, until));
    TUNDISH_RETURN_IF_ERROR(writer_.flush());
    if (outcome.changed)
      TUNDISH_RETURN_IF_ERROR(mark_readers(*snapshot, tag.attribute->tag, *outcome.changed, true));
    state.caught_up_to = outcome.through;
    if (from < end && outcome.through < end) continue;
    state.in_backlog = false;
    backlog_.erase(index);
    TUNDISH_RETURN_IF_ERROR(done(tag.attribute->tag, tag.fingerprint));
  }
  return {};
}

}  // namespace tundish::compute
