#include "historian/block_set.h"

namespace tundish::historian {

BlockSet::BlockSet(std::vector<BlockPtr> blocks) : blocks_(std::move(blocks)) {
  for (const BlockPtr& block : blocks_) {
    for (const Tombstone& tombstone : block->tombstones())
      tombstones_[tombstone.tag].push_back(tombstone);
  }
}

std::vector<BlockChunk> BlockSet::chunks(TagId tag, TimeSpan span) const {
  std::vector<BlockChunk> found;
  for (const BlockPtr& block : blocks_) {
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
