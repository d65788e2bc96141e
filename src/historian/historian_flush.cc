// How the head becomes a block:
// 1. Between two groups the live generation is frozen, together with a copy of the registry: both
//    are as of one position.
// 2. The frozen generations are written as one block; the file and its name are synced.
// 3. The manifest that names the block is stored; the one before it stays as manifest.prev.
// 4. Readers get a view with the block and without the generations.
// 5. Journal segments and blocks that neither manifest needs are removed.
// An error before 3 leaves everything as it was, and the next flush takes the frozen ones along.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "historian/block_writer.h"
#include "historian/historian.h"
#include "historian/journal_writer.h"
#include "historian/version_merge.h"

namespace tundish::historian {

Status Historian::flush() {
  if (dead_) return std::unexpected(unavailable());
  {
    const MutexLock lock(maintenance_mutex_);
    TUNDISH_RETURN_IF_ERROR(flush_locked());
  }
  tidy_wanted_ = true;
  const MutexLock lock(wake_mutex_);
  wake_wanted_ = true;
  wake_.notify_one();
  return {};
}

Historian::Frozen Historian::freeze() {
  const TurnLock turn(commit_mutex_, registry_mutex_);
  Frozen frozen;
  frozen.registry = registry_;
  auto fresh = std::make_shared<HeadGeneration>(executors_.size());
  const MutexLock view_lock(view_mutex_);
  frozen.through = applied_;
  if (!view_.generations.back()->empty()) {
    view_.generations.back()->freeze();
    view_.generations.push_back(std::move(fresh));
  }
  frozen.generations.assign(view_.generations.begin(), view_.generations.end() - 1);
  unflushed_since_ = 0;
  return frozen;
}

Status Historian::flush_locked() {
  const DurationNs unflushed_since = unflushed_since_;
  const Frozen frozen = freeze();
  if (frozen.through == in_force_.flushed) return {};
  const std::uint64_t file_id = next_file_id();
  bool named = false;  // a manifest may name the file
  const auto flush = [&]() TUNDISH_REQUIRES(maintenance_mutex_) -> Status {
    TUNDISH_TRY(const auto block, write_block(frozen, file_id));
    std::vector<BlockInfo> blocks = in_force_.blocks;
    std::shared_ptr<const BlockReader> reader;
    if (block) {
      blocks.push_back(*block);
      TUNDISH_TRY(reader, BlockReader::open(disk_, block_path(file_id)));
    }
    named = true;
    TUNDISH_RETURN_IF_ERROR(put_in_force(std::move(blocks), frozen.through, frozen.registry));

    const MutexLock lock(view_mutex_);
    auto& generations = view_.generations;
    std::erase_if(generations, [&](const GenerationPtr& generation) {
      return std::find(frozen.generations.begin(), frozen.generations.end(), generation) !=
             frozen.generations.end();
    });
    if (reader) {
      auto readers = view_.blocks->blocks();
      readers.push_back(std::move(reader));
      view_.blocks = std::make_shared<const BlockSet>(std::move(readers));
    }
    return {};
  };
  const Status status = flush();
  flush_failed_ = !status;
  if (!status) {
    // A full disk needs the space at once; a file that a manifest may name goes with the next flush
    // that succeeds.
    if (!named) (void)disk_.remove(block_path(file_id));
    retired_files_.insert(file_id);
    DurationNs nothing = 0;
    unflushed_since_.compare_exchange_strong(nothing, unflushed_since);
  } else {
    flushed_position_ = frozen.through.value();
    changes_.set_flushed(frozen.through);
    remove_unneeded();
  }
  {
    const MutexLock lock(wake_mutex_);
  }
  room_made_.notify_all();
  return status;
}

Result<std::optional<BlockInfo>> Historian::write_block(const Frozen& frozen,
                                                        std::uint64_t file_id) {
  std::vector<std::pair<TagId, const HeadShard*>> tags;
  for (const GenerationPtr& generation : frozen.generations) {
    for (std::size_t shard = 0; shard < generation->shards(); ++shard) {
      for (const TagId tag : generation->shard(shard).tags())
        tags.emplace_back(tag, &generation->shard(shard));
    }
  }
  // Of one tag the older generation stays first.
  std::ranges::stable_sort(tags, {}, [](const auto& entry) { return entry.first; });
  if (tags.empty()) return std::nullopt;
  const std::string path = block_path(file_id);
  TUNDISH_TRY(BlockWriter writer,
              BlockWriter::create(disk_, path, file_id, Position(in_force_.flushed.value() + 1),
                                  frozen.through));
  for (auto entry = tags.begin(); entry != tags.end();) {
    const TagId tag = entry->first;
    HeadCapture capture;
    for (; entry != tags.end() && entry->first == tag; ++entry)
      entry->second->capture_all(tag, capture);
    TagMerge merge(std::move(capture.runs), {}, TimeSpan{});
    TUNDISH_RETURN_IF_ERROR(
        write_kept_rows(merge, [&](const StoredColumns& rows) { return writer.add(tag, rows); }));
    TUNDISH_RETURN_IF_ERROR(writer.add_tombstones(capture.tombstones));
  }
  TUNDISH_TRY(const BlockInfo info, writer.finish());
  TUNDISH_RETURN_IF_ERROR(disk_.sync_folder(std::string(kBlockFolder)));
  return info;
}

/// Stores a manifest and makes it the one in force.
Status Historian::put_in_force(std::vector<BlockInfo> blocks, Position flushed,
                               const Registry& registry) {
  Manifest manifest{flushed, next_file_id_.load(), std::move(blocks), registry};
  Bytes bytes = encode_manifest(manifest);
  if (bytes.size() > kManifestBytesMax)  // it could not be read again; the journal keeps it all
    return fail(ErrorCode::kTooLarge, "the manifest is larger than 4 GiB", kManifestPath);
  TUNDISH_RETURN_IF_ERROR(save_damaged_manifests());
  TUNDISH_RETURN_IF_ERROR(store_manifest(disk_, bytes, in_force_bytes_));
  for (const BlockInfo& block : previous_blocks_) retired_files_.insert(block.file_id);
  previous_blocks_ = std::move(in_force_.blocks);
  previous_flushed_ = in_force_.flushed;
  in_force_ = std::move(manifest);
  in_force_.registry = Registry{};
  in_force_bytes_ = std::move(bytes);
  return {};
}

/// Removes what neither manifest needs. A block that does not go now goes after the next start.
void Historian::remove_unneeded() {
  const auto is_named = [&](std::uint64_t file_id) TUNDISH_REQUIRES(maintenance_mutex_) {
    const auto is_it = [&](const BlockInfo& block) { return block.file_id == file_id; };
    return std::any_of(in_force_.blocks.begin(), in_force_.blocks.end(), is_it) ||
           std::any_of(previous_blocks_.begin(), previous_blocks_.end(), is_it);
  };
  for (const std::uint64_t file_id : std::exchange(retired_files_, {})) {
    if (is_held(file_id))
      retired_files_.insert(file_id);
    else if (!is_named(file_id))
      (void)disk_.remove(block_path(file_id));
  }
  // Oldest first, each removal durable before the next: what a power cut leaves is an unbroken
  // stretch, in which every segment but the last is sealed by its successor.
  const Position through = std::min(previous_flushed_, held_from());
  while (const auto segment = journal_->oldest_unneeded(through)) {
    if (!remove_segment(segment_path(segment->file_id))) break;  // the next flush tries again
    journal_->forget_oldest();
  }
}

/// Stores the manifest once more, so that the one before it is the same and needs no more of the journal nor other
/// blocks: when that frees more than it writes.
Status Historian::release_previous() {
  std::uint64_t freed = 0;
  for (const BlockInfo& block : previous_blocks_) {
    const bool is_needed =
        is_held(block.file_id) || std::ranges::find(in_force_.blocks, block.file_id,
                                                    &BlockInfo::file_id) != in_force_.blocks.end();
    if (!is_needed) freed += block.bytes;
  }
  const std::vector<SegmentInfo> segments = journal_->segments();
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const bool is_needed = segments[i].last > in_force_.flushed;
    if (!is_needed && segments[i].last > previous_flushed_) freed += segments[i].bytes;
  }
  if (freed <= in_force_bytes_.size()) return {};
  TUNDISH_TRY(const Manifest now, decode_manifest(in_force_bytes_));
  TUNDISH_RETURN_IF_ERROR(put_in_force(in_force_.blocks, in_force_.flushed, now.registry));
  remove_unneeded();
  return {};
}

/// Begins a new segment when all that the open one holds is in blocks, so that it can go.
Status Historian::turn_journal() {
  constexpr std::uint64_t kWorthTurning = 64 * 1024;
  const auto is_worth_it = [&]() TUNDISH_REQUIRES(maintenance_mutex_) {
    return applied() == in_force_.flushed && journal_->end().valid_end >= kWorthTurning;
  };
  if (!is_worth_it()) return {};
  TUNDISH_RETURN_IF_ERROR(journal_->prepare_another());  // writers do not wait for that
  {
    const TurnLock turn(commit_mutex_, registry_mutex_);
    if (!is_worth_it()) return {};
    if (auto failure = journal_->turn_segment()) {
      if (failure->fatal) stop_for_ever(failure->error);
      return std::unexpected(std::move(failure->error));
    }
  }
  remove_unneeded();
  return {};
}

// --- when ------------------------------------------------------------------------------------------

std::uint64_t Historian::journal_bytes_unflushed() const {
  std::uint64_t bytes = 0;
  for (const SegmentInfo& segment : journal_->segments()) {
    if (segment.last.value() > flushed_position_) bytes += segment.bytes;
  }
  return bytes;
}

/// What a flush may write. A block is smaller than the journal that it replaces, unless it has few samples of each of
/// many tags; their chunks cost more in memory.
std::uint64_t Historian::bytes_to_flush() const {
  std::uint64_t head_bytes = 0;
  for (const GenerationPtr& generation : current_view().generations)
    head_bytes += generation->bytes();
  return std::max(journal_bytes_unflushed(), head_bytes);
}

bool Historian::has_room_for(std::uint64_t bytes) const {
  const auto free = disk_.free_bytes();
  return !free || *free >= bytes;
}

bool Historian::flush_is_due() const {
  Position applied;
  const View view = current_view(&applied);
  if (applied.value() <= flushed_position_) return false;
  std::uint64_t head_bytes = 0;
  for (const GenerationPtr& generation : view.generations) head_bytes += generation->bytes();
  const DurationNs since = unflushed_since_;
  return head_bytes >= options_.head_bytes_max ||
         journal_bytes_unflushed() >= options_.journal_bytes_max ||
         (since != 0 && clock_.monotonic() - since >= options_.flush_age);
}

Status Historian::maintain() {
  if (dead_) return std::unexpected(unavailable());
  Status prepared = journal_->prepare_next();
  const bool is_tight =
      room_wanted_.exchange(false) || (!prepared && prepared.error().code == ErrorCode::kDiskFull);
  {
    const MutexLock lock(maintenance_mutex_);
    copy_when_due();
    if (hold_ended_.exchange(false)) remove_unneeded();
    if (is_tight) (void)release_previous();
  }
  // A block takes less than the journal that it frees.
  if (is_tight || flush_is_due()) {
    const MutexLock lock(maintenance_mutex_);
    TUNDISH_RETURN_IF_ERROR(flush_locked());
  }
  if (stopping_) return prepared;
  const bool is_tidying = tidy_wanted_;
  TUNDISH_TRY(const bool merged, compact_blocks(is_tidying));
  {
    const MutexLock lock(maintenance_mutex_);
    if (stopping_) return prepared;
    if (is_tidying && !merged && !is_tight && tidy_wanted_.exchange(false))
      TUNDISH_RETURN_IF_ERROR(turn_journal());
    TUNDISH_RETURN_IF_ERROR(release_previous());
  }
  if (is_tight) prepared = journal_->prepare_next();
  return prepared;
}

void Historian::maintenance_loop() {
  using std::chrono::seconds;
  // After a failure the disk may be full for long: try again now and then, and say it once.
  bool failed_before = false;
  bool for_space = false;
  auto until = std::chrono::steady_clock::now() + seconds(1);
  auto retry = until;
  while (!stopping_) {
    {
      const MutexLock lock(wake_mutex_);
      while (!stopping_ && (!wake_wanted_ || (failed_before && flush_failed_)) &&
             wake_.wait_until(wake_mutex_, until)) {
      }
      wake_wanted_ = false;
    }
    if (stopping_ || dead_) return;
    const auto now = std::chrono::steady_clock::now();
    if (failed_before && now < retry && !(for_space && has_room_for(journal_bytes_unflushed()))) {
      // Only a compaction failed, which needs more space than a flush: writers must not wait for it.
      if (!flush_failed_ && flush_is_due()) {
        const MutexLock lock(maintenance_mutex_);
        (void)flush_locked();
      }
      until = now + seconds(1);
      continue;
    }
    const Status status = maintain();
    if (!status && !failed_before)
      log_error("historian",
                "flush or compaction failed and is tried again every 5 s, nothing is lost: {}",
                status.error().to_string());
    if (status && failed_before) log_info("historian", "flush and compaction work again");
    failed_before = !status;
    for_space = !status && status.error().code == ErrorCode::kDiskFull;
    until = std::chrono::steady_clock::now() + seconds(1);
    retry = std::chrono::steady_clock::now() + seconds(5);
  }
}

}  // namespace tundish::historian
