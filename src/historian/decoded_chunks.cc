#include "historian/decoded_chunks.h"

namespace tundish::historian {

Result<const Columns*> DecodedChunks::columns(const std::shared_ptr<const BlockReader>& block,
                                              const ChunkRef& chunk, bool keep) {
  for (const Kept& kept : kept_)
    if (kept.block == block && kept.offset == chunk.offset) return &kept.columns;
  if (!keep) {
    TUNDISH_RETURN_IF_ERROR(block->read_columns(chunk, bytes_, passing_));
    return &passing_;
  }
  Kept& kept = kept_[next_];
  next_ = (next_ + 1) % kKept;
  kept.block.reset();  // nobody must find what a failure leaves behind
  TUNDISH_RETURN_IF_ERROR(block->read_columns(chunk, bytes_, kept.columns));
  kept.block = block;
  kept.offset = chunk.offset;
  return &kept.columns;
}

}  // namespace tundish::historian
