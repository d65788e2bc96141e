#include "historian/block_set.h"

#include <algorithm>
#include <functional>

namespace tundish::historian {

BlockSet::BlockSet(std::vector<BlockPtr> blocks) : blocks_(std::move(blocks)) {
  for (const BlockPtr& block : blocks_) {
    for (const Tombstone& tombstone : block->tombstones())
      tombstones_[tombstone.tag].push_back(tombstone);
    if (block->info().samples > 0) newest_first_.push_back(block.get());
  }
  std::ranges::stable_sort(newest_first_, std::ranges::greater(),
                           [](const BlockReader* block) { return block->info().times.to; });
}

std::vector<BlockChunk> BlockSet::chunks(TagId tag, TimeSpan span) const {
  std::vector<BlockChunk> found;
  for (const BlockPtr& block : blocks_) {
    const TimeRange& times = block->info().times;
    // A block that reaches the last time of all does not end after it.
    const bool ends_before = times.to <= span.first && times.to != kTimeMax;
    if (times.from > span.last || ends_before) continue;
    for (const ChunkRef& chunk : block->chunks(tag, span)) {
      if (chunk.first <= span.last && chunk.last >= span.first) found.push_back({block, chunk});
    }
  }
  return found;
}

std::span<const Tombstone> BlockSet::tombstones(TagId tag) const {
  const auto found = tombstones_.find(tag);
  if (found == tombstones_.end()) return {};
  return found->second;
}

}  // namespace tundish::historian
