#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "historian/block_reader.h"
#include "historian/resolve.h"
#include "historian/tag_merge.h"
#include "model/ids.h"

namespace tundish::historian {

/// The live blocks at one moment, and the tombstones in them by tag. Immutable; any thread.
class BlockSet {
 public:
  using BlockPtr = std::shared_ptr<const BlockReader>;

  BlockSet() = default;
  explicit BlockSet(std::vector<BlockPtr> blocks);

  const std::vector<BlockPtr>& blocks() const { return blocks_; }
  /// Those with samples, by the time of their last one.
  const std::vector<const BlockReader*>& newest_first() const { return newest_first_; }
  std::vector<BlockChunk> chunks(TagId tag, TimeSpan span) const;
  std::span<const Tombstone> tombstones(TagId tag) const;

 private:
  std::vector<BlockPtr> blocks_;
  std::vector<const BlockReader*> newest_first_;
  std::unordered_map<TagId, std::vector<Tombstone>> tombstones_;
};

}  // namespace tundish::historian
