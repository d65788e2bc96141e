#include "compute/interval_finder.h"

#include <utility>

namespace tundish::compute {
namespace {

using State = IntervalRow::State;

/// Rows that say the same as the one before say nothing, and short Bad stretches between equals go.
std::vector<IntervalRow> bridged(const std::vector<IntervalRow>& rows,
                                 std::vector<bool>& doubtful) {
  std::vector<IntervalRow> kept;
  for (const IntervalRow& row : rows) {
    if (!kept.empty() && kept.back().state == row.state && kept.back().label == row.label) continue;
    const std::size_t n = kept.size();
    if (n >= 2 && kept[n - 1].state == State::kBad && kept[n - 2].state == row.state &&
        kept[n - 2].label == row.label && row.time - kept[n - 1].time <= kBridge) {
      kept.pop_back();
      doubtful.pop_back();
      doubtful.back() = true;
      continue;
    }
    kept.push_back(row);
    doubtful.push_back(false);
  }
  return kept;
}

}  // namespace

std::vector<FoundInterval> find_intervals(const std::vector<IntervalRow>& rows, TimeNs end,
                                          DurationNs shortest, DurationNs longest) {
  std::vector<bool> doubtful;
  const auto kept = bridged(rows, doubtful);
  std::vector<FoundInterval> found;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i].state != State::kInside) continue;
    FoundInterval made{
        .from = kept[i].time, .to = {}, .label = kept[i].label, .is_doubtful = doubtful[i]};
    if (i + 1 < kept.size()) {
      // Whether a Bad stretch at the very end is passed over is not known yet.
      const bool undecided = i + 2 == kept.size() && kept[i + 1].state == State::kBad &&
                             end - kept[i + 1].time <= kBridge;
      if (undecided)
        made.is_doubtful = true;
      else
        made.to = kept[i + 1].time;
    }
    if (longest > 0 && (made.to ? *made.to : end) - made.from > longest) {
      made.to = made.from + longest;
      made.is_doubtful = true;
    }
    if (made.to && *made.to - made.from < shortest) continue;
    found.push_back(std::move(made));
  }
  return found;
}

std::vector<IntervalRow> rows_of_edges(const std::vector<EdgeRow>& rows, TimeNs from) {
  std::vector<IntervalRow> made;
  bool start = false, end = false, inside = false;
  for (const EdgeRow& row : rows) {
    const bool starts = row.start.value_or(start), ends = row.end.value_or(end);
    const bool began = starts && !start, ended = ends && !end;
    start = starts;
    end = ends;
    if (row.time < from) continue;
    // Both at once: one ends and the next begins.
    if (inside && ended) {
      inside = false;
      made.push_back({row.time, State::kOutside, ""});
    }
    if (!inside && began) {
      inside = true;
      // Where one ended at this very moment, the outside row is of no length.
      if (!made.empty() && made.back().time == row.time) made.pop_back();
      made.push_back({row.time, State::kInside, std::to_string(row.time)});
    }
  }
  return made;
}

}  // namespace tundish::compute
