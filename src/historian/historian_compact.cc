// Compaction and retention, one step a call:
// 1. A block of which everything is gone by retention leaves the manifest, and its file with it.
// 2. Blocks that compaction_plan.h chooses become one block a group: an enterprise, a retention class, a window of
//    time. What retention has taken meanwhile stays behind.

#include <algorithm>
#include <set>

#include "base/log.h"
#include "historian/compaction_plan.h"
#include "historian/group_writer.h"
#include "historian/historian.h"
#include "historian/version_merge.h"

namespace tundish::historian {

struct Historian::CompactionInput {
  std::vector<BlockInfo> blocks;
  std::vector<BlockSet::BlockPtr> readers;
  bool are_gone = false;  ///< by retention: nothing of them is written again

  bool has(std::uint64_t file_id) const {
    return std::ranges::find(blocks, file_id, &BlockInfo::file_id) != blocks.end();
  }
};

/// What a block is by the retention classes of its tags. Looked at again only when one of them has changed.
const Historian::Standing& Historian::standing_of(const BlockReader& block) {
  const ReadLock lock(registry_mutex_);
  Standing& standing = standings_[block.info().file_id];
  if (standing.revision == registry_.retention().revision()) return standing;
  standing = {.revision = registry_.retention().revision(), .is_gone = true, .group = {}};
  bool is_mixed = false;
  const auto meet = [&](const BlockGroup& group) {
    is_mixed |= standing.group && *standing.group != group;
    standing.group = group;
  };
  for (const ChunkRef& chunk : block.all_chunks()) {
    standing.is_gone &= chunk.last < registry_.retention().kept_from(chunk.tag);
    const KeepDays keep = registry_.retention().kept_for(chunk.tag);
    meet({chunk.tag.enterprise, keep, window_at(keep, chunk.first)});
    meet({chunk.tag.enterprise, keep, window_at(keep, chunk.last)});
  }
  for (const Tombstone& tombstone : block.tombstones()) {
    standing.is_gone &= tombstone.range.to <= registry_.retention().kept_from(tombstone.tag);
    if (block.all_chunks().empty())
      meet({tombstone.tag.enterprise, kKeptForEver, kTombstoneWindow});
  }
  if (is_mixed) standing.group.reset();
  return standing;
}

/// Those of the blocks in force that can be read, and all that is known of them.
Historian::CompactionInput Historian::readable_blocks() const {
  CompactionInput readable;
  const auto live = current_view().blocks;
  for (const BlockInfo& block : in_force_.blocks) {
    if (damaged_files_.contains(block.file_id)) continue;
    const auto reader = std::ranges::find_if(
        live->blocks(), [&](const auto& one) { return one->info().file_id == block.file_id; });
    if (reader == live->blocks().end()) continue;
    readable.blocks.push_back(block);
    readable.readers.push_back(*reader);
  }
  return readable;
}

std::optional<Historian::CompactionInput> Historian::choose_compaction(bool tidy) {
  const CompactionInput readable = readable_blocks();
  std::erase_if(standings_, [&](const auto& standing) { return !readable.has(standing.first); });
  std::vector<PlannedBlock> planned;
  CompactionInput gone;
  for (std::size_t i = 0; i < readable.blocks.size(); ++i) {
    const Standing& standing = standing_of(*readable.readers[i]);
    planned.push_back({readable.blocks[i].samples, standing.group});
    if (!standing.is_gone) continue;
    gone.blocks.push_back(readable.blocks[i]);
    gone.readers.push_back(readable.readers[i]);
  }
  gone.are_gone = true;
  if (!gone.blocks.empty()) return gone;
  CompactionInput chosen;
  for (const std::size_t i : choose_blocks(planned, options_.blocks_before_compaction, tidy)) {
    chosen.blocks.push_back(readable.blocks[i]);
    chosen.readers.push_back(readable.readers[i]);
  }
  if (chosen.blocks.empty()) return std::nullopt;
  return chosen;
}

Result<bool> Historian::compact() { return compact_blocks(false); }

Result<bool> Historian::compact_blocks(bool tidy) {
  const MutexLock lock(maintenance_mutex_);
  const auto input = choose_compaction(tidy);
  if (!input) return false;
  const auto by_position = [](const BlockInfo& a, const BlockInfo& b) { return a.from < b.from; };
  const Position from = std::ranges::min_element(input->blocks, by_position)->from;
  const Position through =
      std::ranges::max_element(input->blocks, {}, &BlockInfo::through)->through;
  // The blocks stay until the merged one stands beside them. On a disk that is nearly full a flush goes first.
  std::uint64_t bytes = 0;
  for (const BlockInfo& block : input->blocks) bytes += block.bytes;
  if (!input->are_gone && !has_room_for(bytes + bytes_to_flush())) return false;
  GroupWriter writer(disk_, [this] { return next_file_id(); }, from, through);
  bool named = false;
  const auto merge = [&]() TUNDISH_REQUIRES(maintenance_mutex_) -> Status {
    TUNDISH_RETURN_IF_ERROR(merge_blocks(*input, writer));
    TUNDISH_TRY(const std::vector<BlockInfo> merged, writer.finish());
    return replace_blocks(*input, merged, named);
  };
  const Status status = merge();
  if (status) {
    remove_unneeded();
    log_debug("historian", "{} blocks were merged", input->blocks.size());
    return true;
  }
  // A file that a manifest may name goes only when none does.
  const auto left = named ? writer.made() : writer.abandon();
  retired_files_.insert(left.begin(), left.end());
  // Damage has been noted and those blocks are left alone from now on; a stop is no failure.
  const ErrorCode code = status.error().code;
  if (code == ErrorCode::kCorruption || code == ErrorCode::kCancelled) return false;
  return std::unexpected(status.error());
}

/// Puts the merged blocks in the place of what they were made from, on disk and for readers.
Status Historian::replace_blocks(const CompactionInput& input, const std::vector<BlockInfo>& merged,
                                 bool& named) {
  std::vector<BlockSet::BlockPtr> readers;
  for (const BlockInfo& block : merged) {
    TUNDISH_TRY(auto reader, BlockReader::open(disk_, block_path(block.file_id)));
    readers.push_back(std::move(reader));
  }
  std::vector<BlockInfo> blocks = in_force_.blocks;
  std::erase_if(blocks, [&](const BlockInfo& block) { return input.has(block.file_id); });
  blocks.insert(blocks.end(), merged.begin(), merged.end());
  // The registry is that of the manifest in force: compaction moves no position.
  TUNDISH_TRY(const Manifest now, decode_manifest(in_force_bytes_));
  named = true;
  TUNDISH_RETURN_IF_ERROR(put_in_force(std::move(blocks), in_force_.flushed, now.registry));

  const MutexLock view_lock(view_mutex_);
  std::vector<BlockSet::BlockPtr> live = view_.blocks->blocks();
  std::erase_if(live, [&](const auto& reader) { return input.has(reader->info().file_id); });
  live.insert(live.end(), readers.begin(), readers.end());
  view_.blocks = std::make_shared<const BlockSet>(std::move(live));
  return {};
}

Status Historian::merge_blocks(const CompactionInput& input, GroupWriter& writer) {
  std::set<TagId> tags;
  std::map<TagId, std::vector<Tombstone>> tombstones;
  for (const auto& reader : input.readers) {
    for (const ChunkRef& chunk : reader->all_chunks()) tags.insert(chunk.tag);
    for (const Tombstone& tombstone : reader->tombstones()) {
      tags.insert(tombstone.tag);
      tombstones[tombstone.tag].push_back(tombstone);
    }
  }
  const auto on_damage = [&](const BlockChunk& chunk,
                             const Error& error) TUNDISH_REQUIRES(maintenance_mutex_) {
    damaged_files_.insert(chunk.block->info().file_id);
    add_damage({chunk.block->path(), error.offset.value_or(chunk.chunk.offset), error.message, ""});
  };
  const std::size_t damaged_before = damaged_files_.size();
  for (const TagId tag : tags) {
    if (stopping_) return fail(ErrorCode::kCancelled, "the historian is stopping");
    // A long merge must not hold up writers, who wait for room in the head. A flush only adds a
    // block behind those that are being merged.
    if (flush_is_due() && !flush_failed_) (void)flush_locked();
    const KeepDays keep = kept_for(tag);
    const TimeNs kept_since = kept_from(tag);
    std::vector<BlockChunk> chunks;
    for (const auto& reader : input.readers) {
      for (const ChunkRef& chunk : reader->chunks(tag)) chunks.push_back({reader, chunk});
    }
    TagMerge merge({}, std::move(chunks), TimeSpan{kept_since, kTimeMax}, on_damage);
    TUNDISH_RETURN_IF_ERROR(write_kept_rows(
        merge, [&](const StoredColumns& rows) { return writer.add(tag, keep, rows); }));
    if (damaged_files_.size() != damaged_before)
      return fail(ErrorCode::kCorruption, "a block to be merged is damaged");
    if (const auto found = tombstones.find(tag); found != tombstones.end()) {
      std::erase_if(found->second,
                    [&](const Tombstone& one) { return one.range.to <= kept_since; });
      TUNDISH_RETURN_IF_ERROR(writer.add_tombstones(tag, found->second));
    }
  }
  return {};
}

}  // namespace tundish::historian
