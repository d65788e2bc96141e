#include "historian/tag_merge.h"

#include <algorithm>

namespace tundish::historian {

TagMerge::TagMerge(std::vector<RunPtr> runs, std::vector<BlockChunk> chunks, TimeSpan span,
                   OnDamage on_damage)
    : rest_(span), done_(span.first > span.last), on_damage_(std::move(on_damage)) {
  const auto overlaps = [&](TimeNs first, TimeNs last) {
    return first <= span.last && last >= span.first;
  };
  for (RunPtr& run : runs) {
    if (run->empty()) continue;
    const TimeNs first = run->columns.times.front();
    const TimeNs last = run->columns.times.back();
    if (overlaps(first, last)) sources_.push_back({first, last, std::move(run), {}, false, false});
  }
  for (BlockChunk& chunk : chunks) {
    const TimeNs first = chunk.chunk.first;
    const TimeNs last = chunk.chunk.last;
    if (overlaps(first, last)) sources_.push_back({first, last, {}, std::move(chunk), true, false});
  }
  for (Source& source : sources_) waiting_.push_back(&source);
}

void TagMerge::allow_lone(DecodedChunks& decoded, std::span<const Tombstone> tombstones) {
  decoded_ = &decoded;
  erased_.clear();
  for (const Tombstone& tombstone : tombstones) erased_.push_back(tombstone.range);
}

/// Whether nothing but this active source has rows between its first and its last.
bool TagMerge::is_alone(const Source& source) const {
  if (active_.size() != 1) return false;
  if (!waiting_.empty()) {
    const Source& next = *waiting_.back();
    if (next.first <= source.last && next.last >= source.first) return false;
  }
  return std::ranges::none_of(erased_, [&](const TimeRange& range) {
    return range.from <= source.last && range.to > source.first;
  });
}

Result<bool> TagMerge::fill_lone(Window& window) {
  if (decoded_ == nullptr || active_.size() != 1) return false;
  Source& source = *active_.front();
  if (!source.is_chunk || source.rows || source.damaged || source.chunk.chunk.statistics.repeats ||
      source.chunk.chunk.type == ValueType::kString || !is_alone(source))
    return false;
  const ChunkRef& chunk = source.chunk.chunk;
  if (allows_unread_ && chunk.statistics.all_good && source.first >= window.span.first &&
      source.last <= window.span.last)
    window.unread = &source.chunk;
  else
    TUNDISH_RETURN_IF_ERROR(read_lone(source, window));
  return true;
}

Status TagMerge::read_lone(Source& source, Window& window) {
  const bool goes_on = source.last > window.span.last || source.first < window.span.first;
  const auto columns = decoded_->columns(source.chunk.block, source.chunk.chunk, goes_on);
  if (columns) {
    window.lone = *columns;
    return {};
  }
  if (columns.error().code != ErrorCode::kCorruption || !on_damage_) return fail(columns.error());
  source.damaged = true;
  on_damage_(source.chunk, columns.error());
  return {};
}

Status TagMerge::read(Window& window) {
  window.unread = nullptr;
  return read_lone(*active_.front(), window);
}

Status TagMerge::fill(Window& window) {
  window.runs.clear();
  window.lone = nullptr;
  window.unread = nullptr;
  TUNDISH_TRY(const bool filled, fill_lone(window));
  if (filled) return {};
  for (Source* source : active_) {
    if (source->is_chunk && !source->rows && !source->damaged) {
      auto rows = source->chunk.block->read(source->chunk.chunk);
      if (rows) {
        source->rows = std::make_shared<const StoredColumns>(std::move(*rows));
      } else if (rows.error().code == ErrorCode::kCorruption && on_damage_) {
        source->damaged = true;
        on_damage_(source->chunk, rows.error());
      } else {
        return std::unexpected(std::move(rows).error());
      }
    }
    if (source->rows) window.runs.push_back(source->rows.get());
  }
  return {};
}

Result<bool> TagMerge::next(Window& window) {
  if (!started_) {
    started_ = true;
    std::sort(waiting_.begin(), waiting_.end(),
              [](const Source* a, const Source* b) { return a->first > b->first; });
  }
  // Those that ended with the last window go, and their decoded rows with them.
  std::erase_if(active_, [&](Source* source) {
    if (source->last >= rest_.first) return false;
    if (source->is_chunk) source->rows.reset();
    return true;
  });
  if (done_) return false;
  if (active_.empty()) {
    if (waiting_.empty()) return false;
    rest_.first = std::max(rest_.first, waiting_.back()->first);
  }
  while (!waiting_.empty() && waiting_.back()->first <= rest_.first) {
    active_.push_back(waiting_.back());
    waiting_.pop_back();
  }
  window.span = rest_;
  for (const Source* source : active_) window.span.last = std::min(window.span.last, source->last);
  if (!waiting_.empty()) window.span.last = std::min(window.span.last, waiting_.back()->first - 1);
  TUNDISH_RETURN_IF_ERROR(fill(window));
  done_ = window.span.last == rest_.last;
  if (!done_) rest_.first = window.span.last + 1;
  return true;
}

Result<bool> TagMerge::previous(Window& window) {
  if (!started_) {
    started_ = true;
    std::sort(waiting_.begin(), waiting_.end(),
              [](const Source* a, const Source* b) { return a->last < b->last; });
  }
  std::erase_if(active_, [&](Source* source) {
    if (source->first <= rest_.last) return false;
    if (source->is_chunk) source->rows.reset();
    return true;
  });
  if (done_) return false;
  if (active_.empty()) {
    if (waiting_.empty()) return false;
    rest_.last = std::min(rest_.last, waiting_.back()->last);
  }
  while (!waiting_.empty() && waiting_.back()->last >= rest_.last) {
    active_.push_back(waiting_.back());
    waiting_.pop_back();
  }
  window.span = rest_;
  for (const Source* source : active_)
    window.span.first = std::max(window.span.first, source->first);
  if (!waiting_.empty()) window.span.first = std::max(window.span.first, waiting_.back()->last + 1);
  TUNDISH_RETURN_IF_ERROR(fill(window));
  done_ = window.span.first == rest_.first;
  if (!done_) rest_.last = window.span.first - 1;
  return true;
}

}  // namespace tundish::historian
