#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "historian/block_format.h"
#include "historian/block_reader.h"
#include "model/columns.h"

namespace tundish::historian {

/// Columns of chunks that were read without their versions. Who reads a tag slice by slice stops in the
/// middle of a chunk and comes back for the rest of it: such chunks are kept, a few of them, so that they
/// are decoded once. Memory: at most kKept + 1 chunks of numbers. One thread.
class DecodedChunks {
 public:
  /// Chunks that are kept: inputs of one formula that are read side by side.
  static constexpr std::size_t kKept = 16;

  /// The rows of a chunk of numbers in which no time repeats; valid until the next call. `keep`: it is
  /// likely to be asked for again. Errors: those of BlockReader::read.
  Result<const Columns*> columns(const std::shared_ptr<const BlockReader>& block,
                                 const ChunkRef& chunk, bool keep);

 private:
  struct Kept {
    std::shared_ptr<const BlockReader> block;
    std::uint64_t offset = 0;
    Columns columns;
  };
  std::array<Kept, kKept> kept_;
  std::size_t next_ = 0;  ///< whose turn it is to go
  Columns passing_;       ///< of a chunk that is not kept
  Bytes bytes_;
};

}  // namespace tundish::historian
