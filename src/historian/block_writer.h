#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/column_codec.h"
#include "historian/block_format.h"
#include "io/disk.h"
#include "model/ports/sample_sink.h"

namespace tundish::historian {

/// Writes one block file from front to back. One thread. A file without its footer is no block: a
/// writer that is dropped before `finish()` leaves a file that the reader refuses and the caller
/// removes. Errors of all: kDiskFull, kIo; after one the writer is of no more use.
class BlockWriter {
 public:
  /// Makes the file, which must not exist. `file_id` is never used for another file. Dense: for what is kept long.
  static Result<BlockWriter> create(io::Disk& disk, std::string path, std::uint64_t file_id,
                                    Position from, Position through,
                                    codec::Tier tier = codec::Tier::kPacked);

  BlockWriter(BlockWriter&&) noexcept;
  BlockWriter& operator=(BlockWriter&&) noexcept;
  ~BlockWriter();

  /// Rows of one tag, cut into chunks here. Tags come in ascending order; a tag may be added again
  /// with rows that follow the earlier ones, or with any rows of another type.
  Status add(TagId tag, const StoredColumns& rows);

  /// May be called several times; order does not matter and is kept.
  Status add_tombstones(std::span<const Tombstone> tombstones);

  /// Writes tombstones, index and footer and syncs the file. Making its name durable
  /// (sync_folder) is the caller's. A failed sync is an error here: nothing may count on the file.
  Result<BlockInfo> finish();

 private:
  struct State;
  explicit BlockWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tundish::historian
