#include "compute/interval_tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "compute/graph.h"
#include "formula/dependencies.h"
#include "formula/evaluate.h"
#include "formula/kernels.h"
#include "formula/plant_names.h"
#include "formula/plant_sources.h"

namespace tundish::compute {
namespace {

/// How long before an edge the condition is looked at, to know that it was false.
constexpr DurationNs kBefore = kHour;

Result<formula::Program> compile(const char* what, const std::string& text, const PlantModel& model,
                                 const Asset& asset, formula::Use use) {
  auto program = formula::compile(text, formula::PlantNames(model, asset, use));
  if (program) return program;
  Error error = program.error();
  error.message = fmt::format("{}: {}", what, error.message);
  return std::unexpected(std::move(error));
}

/// `H004711`, `17`, `3.25`: what a value is called.
std::string label_of(const Sample& sample) {
  if (const auto* text = std::get_if<std::string>(&sample.value)) return *text;
  if (const auto* flag = std::get_if<bool>(&sample.value)) return *flag ? "on" : "";
  const double value = std::get<double>(sample.value);
  return value == 0 ? "" : fmt::format("{}", value);
}

}  // namespace

Result<IntervalTracker> IntervalTracker::make(const PlantModel& model, const Asset& asset,
                                              const IntervalDefinition& definition) {
  IntervalTracker made;
  made.asset_ = &asset;
  made.definition_ = &definition;
  std::string facts =
      fmt::format("{}|{}|{}|", definition.name, definition.shortest, definition.longest);
  const auto add = [&](const char* what, const std::string& text) -> Status {
    if (text.empty()) return {};
    TUNDISH_TRY(auto program, compile(what, text, model, asset, formula::Use::kAlways));
    made.conditions_.push_back(std::move(program));
    facts += text + "|";
    return {};
  };
  TUNDISH_RETURN_IF_ERROR(add("during", definition.during));
  TUNDISH_RETURN_IF_ERROR(add("by", definition.by));
  TUNDISH_RETURN_IF_ERROR(add("start", definition.start));
  TUNDISH_RETURN_IF_ERROR(add("end", definition.end));
  for (const auto& [name, text] : definition.capture) {
    TUNDISH_TRY(auto program, compile(name.c_str(), text, model, asset, formula::Use::kPerWindow));
    made.captures_.push_back({name, std::move(program)});
    facts += name + "=" + text + "|";
  }
  const auto read = [&](const formula::Program& program) {
    for (const auto& input : formula::inputs_of(program.checked.syntax, model, asset))
      if (input.attribute != nullptr && input.attribute->tag.number != 0) {
        made.inputs_.push_back(input.attribute->tag);
        facts += facts_text(input.attribute->definition, input.attribute->tag);
      }
  };
  for (const auto& program : made.conditions_) read(program);
  for (const auto& capture : made.captures_) read(capture.program);
  std::ranges::sort(made.inputs_);
  const auto repeated = std::ranges::unique(made.inputs_);
  made.inputs_.erase(repeated.begin(), repeated.end());
  made.fingerprint_ = fingerprint_of(facts);
  return made;
}

Result<std::vector<FoundInterval>> IntervalTracker::find(Snapshot& snapshot,
                                                         const PlantModel& model,
                                                         const WindowSource& windows,
                                                         TimeRange range, TimeNs begin) const {
  formula::PlantSources sources(snapshot, model, *asset_, windows);
  const bool by_edges = conditions_.size() == 2;
  std::vector<IntervalRow> rows;
  std::map<TimeNs, EdgeRow> edges;
  for (std::size_t which = 0; which < conditions_.size(); ++which) {
    const formula::Program& program = conditions_[which];
    const formula::Grid grid{.range = range, .every = program.has_folds() ? kEveryDefault : 0};
    TUNDISH_TRY(
        const auto account,
        formula::evaluate(
            program, sources, grid, {}, [&](const formula::Results& results) -> Status {
              for (std::size_t i = 0; i < results.times.size(); ++i) {
                const Sample sample = results.at(i);
                const bool is_bad = sample.quality.is_bad();
                if (by_edges) {
                  EdgeRow& row = edges[sample.time];
                  row.time = sample.time;
                  if (!is_bad) (which == 0 ? row.start : row.end) = std::get<bool>(sample.value);
                  continue;
                }
                const std::string label = is_bad ? "" : label_of(sample);
                const auto state = is_bad          ? IntervalRow::State::kBad
                                   : label.empty() ? IntervalRow::State::kOutside
                                                   : IntervalRow::State::kInside;
                // Only changes matter, and a year of them must fit.
                if (!rows.empty() && rows.back().state == state && rows.back().label == label)
                  continue;
                rows.push_back({sample.time, state, label});
              }
              return {};
            }));
    static_cast<void>(account);
  }
  if (by_edges) {
    std::vector<EdgeRow> all;
    for (auto& [time, row] : edges) all.push_back(row);
    rows = rows_of_edges(all, begin);
  }
  auto found = find_intervals(rows, range.to, definition_->shortest, definition_->longest);
  if (!definition_->during.empty() || by_edges)
    for (auto& interval : found) interval.label.clear();
  return found;
}

Status IntervalTracker::capture(Snapshot& snapshot, const PlantModel& model,
                                const WindowSource& windows, Interval& interval) const {
  if (!interval.to || interval.from >= *interval.to) return {};
  formula::PlantSources sources(snapshot, model, *asset_, windows);
  const TimeRange range{interval.from, *interval.to};
  for (const Capture& capture : captures_) {
    std::string text;
    TUNDISH_TRY(const auto account,
                formula::evaluate(capture.program, sources, {.range = range, .windows = {range}},
                                  {}, [&](const formula::Results& results) -> Status {
                                    const Sample sample = results.at(results.times.size() - 1);
                                    if (sample.quality.is_bad()) return {};
                                    text =
                                        std::holds_alternative<double>(sample.value)
                                            ? fmt::format("{:.9g}", std::get<double>(sample.value))
                                            : label_of(sample);
                                    return {};
                                  }));
    static_cast<void>(account);
    const auto& unit = capture.program.result().unit;
    if (!text.empty() && !unit.is_one()) text += " " + unit.code();
    interval.captured.emplace_back(capture.name, text);
  }
  return {};
}

Result<std::optional<TimeRange>> IntervalTracker::run(Snapshot& snapshot, const PlantModel& model,
                                                      const WindowSource& windows,
                                                      IntervalStore& store, TimeNs end) {
  std::optional<TimeRange> changed;
  TimeNs kept_from = kTimeMin;
  for (const TagId input : inputs_) kept_from = std::max(kept_from, snapshot.kept_from(input));
  while (!dirty_.empty()) {
    TimeRange range = dirty_.ranges().front();
    const auto stored = store.intervals(model.enterprise(), asset_->id, definition_->name,
                                        {kTimeMin, kTimeMax}, SIZE_MAX);
    // What began while there were samples that are gone now stands as it is.
    for (const Interval& interval : stored)
      if (!interval.is_withdrawn && interval.from < kept_from && interval.to)
        range.from = std::max(range.from, *interval.to);
    range.from = std::max(range.from, kept_from);
    if (range.from >= range.to) {
      dirty_.take_front();
      continue;
    }
    // From the start of what the change may belong to; Bad stretches before it may now be passed over.
    TimeNs from = range.from;
    const TimeNs touched = range.from < kTimeMin + kBridge ? kTimeMin : range.from - kBridge;
    for (const Interval& interval : stored)
      if (!interval.is_withdrawn && interval.from >= kept_from && interval.from < from &&
          interval.to.value_or(kTimeMax) >= touched) {
        from = interval.from;
        break;
      }
    // Up to where the same interval as before begins again; else to the end.
    TimeNs to = end;
    for (const Interval& interval : stored)
      if (!interval.is_withdrawn && interval.from > range.to &&
          interval.from - range.to > kBridge) {
        to = interval.from;
        break;
      }
    const TimeNs look_from =
        std::max(kTimeMin / 2, from < kTimeMin / 2 + kBefore ? kTimeMin / 2 : from - kBefore);
    auto found = find(snapshot, model, windows, {look_from, to < end ? to + 1 : end}, from);
    if (!found) return std::unexpected(found.error());
    if (to < end && (found->empty() || found->back().from != to)) {
      to = end;
      found = find(snapshot, model, windows, {look_from, end}, from);
      if (!found) return std::unexpected(found.error());
    }
    std::vector<Interval> fresh;
    // The time in which anything may be different: from the first that was or is there.
    TimeNs first = to;
    for (const Interval& interval : stored)
      if (interval.from >= from && interval.from < to) first = std::min(first, interval.from);
    for (const FoundInterval& one : *found) {
      if (one.from < from || one.from >= to) continue;
      first = std::min(first, one.from);
      Interval interval;
      interval.from = one.from;
      interval.to = one.to;
      interval.label = one.label;
      interval.is_doubtful = one.is_doubtful;
      TUNDISH_RETURN_IF_ERROR(capture(snapshot, model, windows, interval));
      fresh.push_back(std::move(interval));
    }
    TUNDISH_TRY(const bool is_changed,
                store.replace(model.enterprise(), asset_->id, definition_->name, {from, to},
                              std::move(fresh)));
    if (is_changed) {
      if (!changed) changed = TimeRange{first, to};
      changed->from = std::min(changed->from, first);
      changed->to = std::max(changed->to, to);
    }
    dirty_.take_front();
  }
  return changed;
}

}  // namespace tundish::compute
