#include "historian/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

namespace tundish::historian {
namespace {

constexpr std::size_t kPieceRows = 4096;
/// Rows of a chunk that are worth a piece of their own; fewer are gathered.
constexpr std::size_t kLonePieceRows = 1024;
/// Tags of which a snapshot remembers what the head holds, unless it is told to.
constexpr std::size_t kPrefetchedMax = 1024;

/// Rows [from, to) of numbers to the end of others of their type.
void append_rows(const Columns& columns, std::size_t from, std::size_t to, Columns& into) {
  const auto append = [&](const auto& source, auto& target) {
    target.insert(target.end(), source.begin() + static_cast<std::ptrdiff_t>(from),
                  source.begin() + static_cast<std::ptrdiff_t>(to));
  };
  append(columns.times, into.times);
  append(columns.bits, into.bits);
  append(columns.qualities, into.qualities);
}

/// Rows of `columns` in `span`, as indexes from .. to.
std::pair<std::size_t, std::size_t> rows_in(const Columns& columns, TimeSpan span) {
  const auto& times = columns.times;
  const auto from = std::lower_bound(times.begin(), times.end(), span.first);
  const auto to = std::upper_bound(from, times.end(), span.last);
  return {static_cast<std::size_t>(from - times.begin()),
          static_cast<std::size_t>(to - times.begin())};
}

/// Columns of which every row in the window is seen: a lone chunk, or one run of numbers in which no time
/// repeats and nothing is erased; null where rows have to be compared.
const Columns* without_resolving(const TagMerge::Window& window,
                                 std::span<const Tombstone> tombstones) {
  if (window.lone != nullptr) return window.lone;
  if (window.runs.size() != 1) return nullptr;
  const Columns& columns = window.runs.front()->columns;
  if (columns.type == ValueType::kString) return nullptr;
  for (const Tombstone& tombstone : tombstones)
    if (tombstone.range.from <= window.span.last && tombstone.range.to > window.span.first)
      return nullptr;
  const auto [first, last] = rows_in(columns, window.span);
  bool repeats = false;
  for (std::size_t row = first + 1; row < last; ++row)
    repeats |= columns.times[row] == columns.times[row - 1];
  return repeats ? nullptr : &columns;
}

/// Sets a flag for as long as it is there.
class Visiting {
 public:
  explicit Visiting(bool& flag) : flag_(flag), before_(std::exchange(flag, true)) {}
  ~Visiting() { flag_ = before_; }
  Visiting(const Visiting&) = delete;
  Visiting& operator=(const Visiting&) = delete;

 private:
  bool& flag_;
  const bool before_;
};

/// The first of the rows that a window shows, or the last.
enum class End { kFirst, kLast };

/// Of a number.
Value value_of(ValueType type, std::uint64_t bits) {
  if (type == ValueType::kDouble) return double_of(bits);
  if (type == ValueType::kBool) return bits != 0;
  return static_cast<std::int64_t>(bits);
}

std::optional<Sample> sample_of(const TagMerge::Window& window,
                                std::span<const Tombstone> tombstones, End end) {
  if (window.lone != nullptr) {
    const auto [from, to] = rows_in(*window.lone, window.span);
    if (from == to) return std::nullopt;
    return window.lone->at(end == End::kFirst ? from : to - 1);
  }
  const auto rows = winning_rows(window.runs, window.span, tombstones);
  if (rows.empty()) return std::nullopt;
  const RowRef row = end == End::kFirst ? rows.front() : rows.back();
  return window.runs[row.run]->columns.at(row.row);
}

}  // namespace

ViewSnapshot::ViewSnapshot(View view, Position position, Executors executors,
                           RetentionTable retention, ReportDamage report)
    : view_(std::move(view)),
      position_(position),
      executors_(executors),
      retention_(std::move(retention)),
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
          if (!generation->shard(shard).holds(tag)) {
            into.from = kTimeMin;
            continue;
          }
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

void ViewSnapshot::take_live(const HeadGeneration& generation, TagId tag, TimeSpan span,
                             HeadCapture& into) {
  // Nothing was applied to it before this snapshot, or it would be counted.
  if (generation.empty()) return;
  const std::size_t index = HeadGeneration::shard_of(tag, generation.shards());
  const HeadShard& shard = generation.shard(index);
  // Asked twice: somebody reads on and on. Then what comes later is fetched as well, instead of waiting for the
  // shard's thread at every slice.
  const bool again = prefetched_.size() < kPrefetchedMax && asked_.size() < kPrefetchedMax &&
                     !asked_.insert(tag).second;
  if (!again) return executors_[index]->run([&] { shard.capture(tag, span, position_, into); });
  Prefetched& kept = prefetched_[tag];
  kept.capture = {};
  kept.from = span.first;
  executors_[index]->run(
      [&] { shard.capture(tag, {span.first, kTimeMax}, position_, kept.capture); });
  take_prefetched(tag, span, into);
}

ViewSnapshot::Sources ViewSnapshot::sources(TagId tag, TimeSpan span, Asked asked) {
  // What retention has taken may still be on disk; nobody sees it.
  span.first = std::max(span.first, retention_.kept_from(tag));
  HeadCapture capture;
  for (const GenerationPtr& generation : view_.generations) {
    if (generation->frozen()) {
      const std::size_t shard = HeadGeneration::shard_of(tag, generation->shards());
      generation->shard(shard).capture(tag, span, position_, capture);
    } else if (!take_prefetched(tag, span, capture)) {
      take_live(*generation, tag, span, capture);
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
  Sources made{TagMerge(std::move(capture.runs), view_.blocks->chunks(tag, span), span, on_damage),
               std::move(capture.tombstones)};
  // Who asks while he visits must not lose the columns that he looks at.
  if (asked == Asked::kWhatIsSeen && !is_visiting_)
    made.merge.allow_lone(decoded_, made.tombstones);
  return made;
}

/// Whether a chunk that is all seen need not be read.
Result<bool> ViewSnapshot::take_unread(const BlockChunk& at, const Digest& digest) {
  const auto& [block, chunk] = at;
  const ChunkStatistics& known = chunk.statistics;
  SampleSummary summary;
  summary.type = chunk.type;
  summary.first = chunk.first;
  summary.last = chunk.last;
  summary.count = chunk.count;
  summary.min_bits = known.min_bits;
  summary.max_bits = known.max_bits;
  if (known.has_first) summary.first_bits = known.first_bits;
  if (known.has_last) summary.last_bits = known.last_bits;
  if (!digest.wants_sums) return digest.take(summary);
  const auto sums = block->read_sums(chunk, chunk_bytes_);
  if (!sums) {
    // What is damaged is found again, and named, when it is read.
    if (sums.error().code == ErrorCode::kCorruption) return false;
    return fail(sums.error());
  }
  if (sums->has_value()) {
    summary.sum = &(*sums)->sum;
    summary.step_integral = &(*sums)->step_integral;
    summary.slope_integral_twice = &(*sums)->slope_integral_twice;
  }
  return digest.take(summary);
}

Status ViewSnapshot::scan_digest(TagId tag, TimeRange range, const Visit& visit,
                                 const Digest& digest) {
  if (range.from >= range.to) return {};
  Sources from = sources(tag, {range.from, range.to - 1});
  if (digest.take) from.merge.allow_unread();
  const Visiting visiting(is_visiting_);
  Columns piece;
  const auto hand_over = [&] {
    const bool goes_on = piece.empty() || visit(piece);
    piece.clear();
    return goes_on;
  };
  TagMerge::Window window;
  while (true) {
    TUNDISH_TRY(const bool more, from.merge.next(window));
    if (!more) break;
    if (window.unread != nullptr) {
      if (!hand_over()) return {};
      TUNDISH_TRY(const bool taken, take_unread(*window.unread, digest));
      if (taken) continue;
      TUNDISH_RETURN_IF_ERROR(from.merge.read(window));
    }
    if (const Columns* unresolved = without_resolving(window, from.tombstones)) {
      const Columns& columns = *unresolved;
      const auto [first, last] = rows_in(columns, window.span);
      if (last - first == columns.size() && columns.size() >= kLonePieceRows) {
        if (!hand_over() || !visit(columns)) return {};
        continue;
      }
      if ((piece.type != columns.type || piece.size() + (last - first) > kPieceRows) &&
          !hand_over())
        return {};
      piece.type = columns.type;
      append_rows(columns, first, last, piece);
      continue;
    }
    for (const RowRef row : winning_rows(window.runs, window.span, from.tombstones)) {
      const Columns& columns = window.runs[row.run]->columns;
      if ((piece.type != columns.type || piece.size() >= kPieceRows) && !hand_over()) return {};
      piece.type = columns.type;
      piece.push_from(columns, row.row);
    }
  }
  hand_over();
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
    if (auto found = sample_of(window, from.tombstones, End::kLast)) return found;
  }
}

Result<std::optional<Sample>> ViewSnapshot::at_or_after(TagId tag, TimeNs time) {
  Sources from = sources(tag, {time, kTimeMax});
  TagMerge::Window window;
  while (true) {
    TUNDISH_TRY(const bool more, from.merge.next(window));
    if (!more) return std::nullopt;
    if (auto found = sample_of(window, from.tombstones, End::kFirst)) return found;
  }
}

/// Whether the head may have anything of the tag.
bool ViewSnapshot::is_in_head(TagId tag) {
  for (const GenerationPtr& generation : view_.generations) {
    const std::size_t index = HeadGeneration::shard_of(tag, generation->shards());
    const HeadShard& shard = generation->shard(index);
    if (generation->frozen()) {
      if (shard.holds(tag)) return true;
      continue;
    }
    if (generation->empty()) continue;
    const auto known = prefetched_.find(tag);
    if (known == prefetched_.end() || known->second.from != kTimeMin ||
        !known->second.capture.runs.empty() || !known->second.capture.tombstones.empty())
      return true;
  }
  return false;
}

/// The newest sample, when the indexes of the blocks say what it is.
std::optional<Sample> ViewSnapshot::last_by_index(TagId tag) {
  if (!view_.blocks->tombstones(tag).empty() || is_in_head(tag)) return std::nullopt;
  const ChunkRef* newest = nullptr;
  bool is_alone = true;
  for (const BlockReader* block : view_.blocks->newest_first()) {
    const TimeNs end = block->info().times.to;
    if (newest != nullptr && end <= newest->last && end != kTimeMax) break;
    for (const ChunkRef& chunk : block->chunks(tag)) {
      if (newest != nullptr && chunk.last < newest->last) continue;
      is_alone = newest == nullptr || chunk.last > newest->last;
      newest = &chunk;
    }
  }
  if (newest == nullptr || !is_alone || newest->statistics.repeats ||
      !newest->statistics.has_last || newest->last < retention_.kept_from(tag))
    return std::nullopt;
  return Sample{newest->last, value_of(newest->type, newest->statistics.last_bits),
                Quality{newest->statistics.last_quality}};
}

Result<std::optional<Sample>> ViewSnapshot::latest(TagId tag) {
  if (auto known = last_by_index(tag)) return known;
  return at_or_before(tag, kTimeMax);
}

Result<bool> ViewSnapshot::history(TagId tag, TimeRange range, std::size_t limit,
                                   std::vector<SampleVersion>& found) {
  if (range.from >= range.to) return true;
  Sources from = sources(tag, {range.from, range.to - 1}, Asked::kEveryVersion);
  TagMerge::Window window;
  std::size_t added = 0;
  while (true) {
    TUNDISH_TRY(const bool more, from.merge.previous(window));
    if (!more) return true;
    for (const VersionRow& row : rows_with_versions(window.runs, window.span, from.tombstones)) {
      if (added++ == limit) return false;
      const StoredColumns& run = *window.runs[row.row.run];
      found.push_back(
          {run.columns.at(row.row.row), run.versions[row.row.row], row.is_current, row.is_erased});
    }
  }
}

}  // namespace tundish::historian
