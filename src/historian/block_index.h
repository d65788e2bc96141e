#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "historian/block_format.h"
#include "historian/block_layout.h"

// The index of a block: what it has of each chunk. Bytes: docs/formats/block.md.

namespace tundish::historian {

struct BlockIndex {
  std::vector<ChunkRef> chunks;  ///< ascending by tag and offset
  std::vector<Bytes> patterns;   ///< columns of versions that several chunks share; since version 4
};

/// Of the version that is written.
void write_index(std::span<const ChunkRef> chunks, std::span<const Bytes> patterns, Bytes& out);

/// Of any version. Chunks must follow each other from the header to `footer.tombstones_offset` without a gap.
/// Memory: at most some 200 bytes a chunk that has room in the file, and kPatternBytesMax. Errors: kCorruption.
Result<BlockIndex> read_index(ByteSpan bytes, const BlockFooter& footer);

}  // namespace tundish::historian
