// Compaction, simple and right: when enough neighbouring blocks of about one size have gathered,
// they become one. Neighbours by position, so that every block stands for one stretch of the
// journal; of about one size, so that a sample is rewritten a few times in its life, not at every
// flush.

#include <algorithm>
#include <set>

#include "base/log.h"
#include "historian/block_writer.h"
#include "historian/historian.h"
#include "historian/version_merge.h"

namespace tundish::historian {
namespace {

constexpr std::uint64_t kTierSamples[] = {1 << 20, 16 << 20, 256 << 20};

/// 0 for the smallest; blocks beyond the last tier are left alone.
std::size_t tier_of(const BlockInfo& block) {
  std::size_t tier = 0;
  while (tier < std::size(kTierSamples) && block.samples >= kTierSamples[tier]) ++tier;
  return tier;
}

}  // namespace

struct Historian::CompactionInput {
  std::size_t at = 0;  ///< index of the first in the manifest's list
  std::vector<BlockInfo> blocks;
  std::vector<BlockSet::BlockPtr> readers;
};

/// A run of at least blocks_before_compaction neighbours of one tier or smaller.
std::optional<Historian::CompactionInput> Historian::choose_compaction() const {
  const auto& blocks = in_force_.blocks;
  const auto live = current_view().blocks;
  const auto reader_of = [&](const BlockInfo& block)
                             TUNDISH_REQUIRES(maintenance_mutex_) -> BlockSet::BlockPtr {
    if (damaged_files_.contains(block.file_id)) return nullptr;
    for (const auto& reader : live->blocks()) {
      if (reader->info().file_id == block.file_id) return reader;
    }
    return nullptr;
  };
  for (std::size_t tier = 0; tier < std::size(kTierSamples); ++tier) {
    CompactionInput input;
    for (std::size_t i = 0; i <= blocks.size(); ++i) {
      BlockSet::BlockPtr reader = i < blocks.size() ? reader_of(blocks[i]) : nullptr;
      if (reader && tier_of(blocks[i]) <= tier) {
        if (input.blocks.empty()) input.at = i;
        input.blocks.push_back(blocks[i]);
        input.readers.push_back(std::move(reader));
        continue;
      }
      if (input.blocks.size() >= std::max<std::size_t>(2, options_.blocks_before_compaction))
        return input;
      input = {};
    }
  }
  return std::nullopt;
}

Result<bool> Historian::compact() {
  const MutexLock lock(maintenance_mutex_);
  const auto input = choose_compaction();
  if (!input) return false;
  const std::uint64_t file_id = next_file_id();
  const std::string path = block_path(file_id);
  bool named = false;
  const auto merge = [&]() TUNDISH_REQUIRES(maintenance_mutex_) -> Status {
    TUNDISH_TRY(const BlockInfo merged, merge_blocks(*input, file_id));
    TUNDISH_TRY(auto reader, BlockReader::open(disk_, path));
    std::vector<BlockInfo> blocks = in_force_.blocks;
    const auto first = blocks.begin() + static_cast<std::ptrdiff_t>(input->at);
    *first = merged;
    blocks.erase(first + 1, first + static_cast<std::ptrdiff_t>(input->blocks.size()));
    // The registry is that of the manifest in force: compaction moves no position.
    TUNDISH_TRY(const Manifest now, decode_manifest(in_force_bytes_));
    named = true;
    TUNDISH_RETURN_IF_ERROR(put_in_force(std::move(blocks), in_force_.flushed, now.registry));

    const MutexLock view_lock(view_mutex_);
    std::vector<BlockSet::BlockPtr> readers;
    for (const auto& live : view_.blocks->blocks()) {
      if (live == input->readers.front()) readers.push_back(reader);
      if (std::find(input->readers.begin(), input->readers.end(), live) == input->readers.end())
        readers.push_back(live);
    }
    view_.blocks = std::make_shared<const BlockSet>(std::move(readers));
    return {};
  };
  const Status status = merge();
  if (status) {
    remove_unneeded();
    log_debug("historian", "{} blocks became block {}", input->blocks.size(), file_id);
    return true;
  }
  if (!named) (void)disk_.remove(path);
  retired_files_.insert(file_id);
  // Damage has been noted and those blocks are left alone from now on; a stop is no failure.
  const ErrorCode code = status.error().code;
  if (code == ErrorCode::kCorruption || code == ErrorCode::kCancelled) return false;
  return std::unexpected(status.error());
}

Result<BlockInfo> Historian::merge_blocks(const CompactionInput& input, std::uint64_t file_id) {
  TUNDISH_TRY(BlockWriter writer,
              BlockWriter::create(disk_, block_path(file_id), file_id, input.blocks.front().from,
                                  input.blocks.back().through));
  std::set<TagId> tags;
  for (const auto& reader : input.readers) {
    for (const ChunkRef& chunk : reader->all_chunks()) tags.insert(chunk.tag);
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
    std::vector<BlockChunk> chunks;
    for (const auto& reader : input.readers) {
      for (const ChunkRef& chunk : reader->chunks(tag)) chunks.push_back({reader, chunk});
    }
    TagMerge merge({}, std::move(chunks), TimeSpan{}, on_damage);
    TUNDISH_RETURN_IF_ERROR(write_kept_rows(merge, tag, writer));
    if (damaged_files_.size() != damaged_before)
      return fail(ErrorCode::kCorruption, "a block to be merged is damaged");
  }
  for (const auto& reader : input.readers)
    TUNDISH_RETURN_IF_ERROR(writer.add_tombstones(reader->tombstones()));
  TUNDISH_TRY(const BlockInfo info, writer.finish());
  TUNDISH_RETURN_IF_ERROR(disk_.sync_folder(std::string(kBlockFolder)));
  return info;
}

}  // namespace tundish::historian
