#include "historian/snapshot.h"

#include <fmt/format.h>

namespace tundish::historian {
namespace {

constexpr std::size_t kPieceRows = 4096;

Sample sample_at(const TagMerge::Window& window, RowRef row) {
  return window.runs[row.run]->columns.at(row.row);
}

}  // namespace

ViewSnapshot::ViewSnapshot(View view, Position position, Executors executors, ReportDamage report)
    : view_(std::move(view)),
      position_(position),
      executors_(executors),
      report_(std::move(report)),
      damage_(view_.unreadable) {}

void ViewSnapshot::prefetch(std::span<const Wanted> wanted) {
  prefetched_.clear();
  for (const GenerationPtr& generation : view_.generations) {
    if (generation->frozen()) continue;
    // One task a shard instead of one a tag.
    std::vector<std::vector<Wanted>> by_shard(generation->shards());
    for (const Wanted& one : wanted)
      by_shard[HeadGeneration::shard_of(one.tag, generation->shards())].push_back(one);
    for (std::size_t shard = 0; shard < by_shard.size(); ++shard) {
      if (by_shard[shard].empty()) continue;
      executors_[shard]->run([&] {
        for (const auto& [tag, from] : by_shard[shard]) {
          Prefetched& into = prefetched_[tag];
          into.capture = {};
          into.from = generation->shard(shard).newest_before(tag, from, position_).value_or(from);
          generation->shard(shard).capture(tag, {into.from, kTimeMax}, position_, into.capture);
        }
      });
    }
  }
}

bool ViewSnapshot::take_prefetched(TagId tag, TimeSpan span, HeadCapture& into) const {
  const auto found = prefetched_.find(tag);
  if (found == prefetched_.end() || span.first < found->second.from) return false;
  for (const RunPtr& run : found->second.capture.runs) {
    const auto& times = run->columns.times;
    if (times.front() <= span.last && times.back() >= span.first) into.runs.push_back(run);
  }
  const auto& tombstones = found->second.capture.tombstones;
  into.tombstones.insert(into.tombstones.end(), tombstones.begin(), tombstones.end());
  return true;
}

ViewSnapshot::Sources ViewSnapshot::sources(TagId tag, TimeSpan span) {
  HeadCapture capture;
  for (const GenerationPtr& generation : view_.generations) {
    const std::size_t shard = HeadGeneration::shard_of(tag, generation->shards());
    const auto take = [&] { generation->shard(shard).capture(tag, span, position_, capture); };
    if (generation->frozen()) {
      take();
    } else if (!take_prefetched(tag, span, capture)) {
      executors_[shard]->run(take);
    }
  }
  const auto in_blocks = view_.blocks->tombstones(tag);
  capture.tombstones.insert(capture.tombstones.end(), in_blocks.begin(), in_blocks.end());
  const auto on_damage = [this](const BlockChunk& chunk, const Error& error) {
    if (!damaged_.emplace(chunk.block.get(), chunk.chunk.offset).second) return;
    damage_.push_back(fmt::format("{} samples of tag {}/{} from {} to {} cannot be read: {}",
                                  chunk.chunk.count, chunk.chunk.tag.enterprise.value(),
                                  chunk.chunk.tag.number, format_time(chunk.chunk.first),
                                  format_time(chunk.chunk.last), error.to_string()));
    report_(chunk, error);
  };
  return {TagMerge(std::move(capture.runs), view_.blocks->chunks(tag, span), span, on_damage),
          std::move(capture.tombstones)};
}

Status ViewSnapshot::scan(TagId tag, TimeRange range, const Visit& visit) {
  if (range.from >= range.to) return {};
  Sources from = sources(tag, {range.from, range.to - 1});
  Columns piece;
  TagMerge::Window window;
  while (true) {
    TUNDISH_TRY(const bool more, from.merge.next(window));
    if (!more) break;
    for (const RowRef row : winning_rows(window.runs, window.span, from.tombstones)) {
      const Columns& columns = window.runs[row.run]->columns;
      if (!piece.empty() && (piece.type != columns.type || piece.size() >= kPieceRows)) {
        if (!visit(piece)) return {};
        piece.clear();
      }
      piece.type = columns.type;
      piece.push_from(columns, row.row);
    }
  }
  if (!piece.empty()) visit(piece);
  return {};
}

Result<std::optional<Sample>> ViewSnapshot::at_or_before(TagId tag, TimeNs time) {
  // Mostly it is among what was fetched; what lies before that is only asked for if nothing there counts.
  if (const auto known = prefetched_.find(tag);
      known != prefetched_.end() && known->second.from <= time) {
    TUNDISH_TRY(auto found, last_in(tag, {known->second.from, time}));
    if (found) return found;
  }
  return last_in(tag, {kTimeMin, time});
}

Result<std::optional<Sample>> ViewSnapshot::last_in(TagId tag, TimeSpan span) {
  Sources from = sources(tag, span);
  TagMerge::Window window;
  while (true) {
    TUNDISH_TRY(const bool more, from.merge.previous(window));
    if (!more) return std::nullopt;
    const auto rows = winning_rows(window.runs, window.span, from.tombstones);
    if (!rows.empty()) return sample_at(window, rows.back());
  }
}

Result<std::optional<Sample>> ViewSnapshot::at_or_after(TagId tag, TimeNs time) {
  Sources from = sources(tag, {time, kTimeMax});
  TagMerge::Window window;
  while (true) {
    TUNDISH_TRY(const bool more, from.merge.next(window));
    if (!more) return std::nullopt;
    const auto rows = winning_rows(window.runs, window.span, from.tombstones);
    if (!rows.empty()) return sample_at(window, rows.front());
  }
}

Result<std::optional<Sample>> ViewSnapshot::latest(TagId tag) {
  return at_or_before(tag, kTimeMax);
}

Result<bool> ViewSnapshot::history(TagId tag, TimeRange range, std::size_t limit,
                                   std::vector<SampleVersion>& found) {
  if (range.from >= range.to) return true;
  Sources from = sources(tag, {range.from, range.to - 1});
  TagMerge::Window window;
  std::size_t added = 0;
  while (true) {
    TUNDISH_TRY(const bool more, from.merge.previous(window));
    if (!more) return true;
    for (const VersionRow& row : rows_with_versions(window.runs, window.span, from.tombstones)) {
      if (added++ == limit) return false;
      found.push_back({sample_at(window, row.row), window.runs[row.row.run]->versions[row.row.row],
                       row.is_current, row.is_erased});
    }
  }
}

}  // namespace tundish::historian
