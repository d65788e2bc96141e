#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "historian/block_format.h"
#include "historian/chunk.h"
#include "historian/resolve.h"
#include "io/disk.h"
#include "model/ports/historian_admin.h"
#include "model/ports/sample_sink.h"

namespace tundish::historian {

/// One block file, immutable; holds it open and keeps the index in memory. Any thread.
class BlockReader {
 public:
  /// Reads header, tombstones, index and footer and checks them; no chunk is read.
  /// Errors: kCorruption with file and offset, kUnsupported for a later format version, kIo.
  static Result<std::shared_ptr<const BlockReader>> open(io::Disk& disk, std::string path);

  const BlockInfo& info() const { return info_; }
  const std::string& path() const { return path_; }
  /// Chunks of one tag in the order written: ascending in time within one type.
  std::span<const ChunkRef> chunks(TagId tag) const;
  /// Those of them that may have rows in `span`, and perhaps others.
  std::span<const ChunkRef> chunks(TagId tag, TimeSpan span) const;
  /// All chunks, ascending by tag and offset.
  std::span<const ChunkRef> all_chunks() const { return chunks_; }
  std::span<const Tombstone> tombstones() const { return tombstones_; }

  /// Reads and decodes one chunk of this block.
  /// Errors: kCorruption with file and offset (checksum over file id, offset and content; or the
  /// chunk contradicts the index), kIo.
  Result<StoredColumns> read(const ChunkRef& chunk) const;
  /// The same without versions, of a chunk in which no time repeats. `bytes` and `columns` are memory
  /// to be used again.
  Status read_columns(const ChunkRef& chunk, Bytes& bytes, Columns& columns) const;

  /// The sums of a chunk alone, nothing where none are kept. Errors: as above.
  Result<std::optional<ChunkSums>> read_sums(const ChunkRef& chunk, Bytes& bytes) const;

  /// Reads the whole file again and checks every byte of it, decoding every chunk. Damage goes
  /// into `report`, one entry a place; the error is only for a disk that cannot be read.
  Status verify(VerifyReport& report) const;

 private:
  BlockReader(std::string path, std::shared_ptr<const io::File> file);
  Status load();

  std::string path_;
  std::shared_ptr<const io::File> file_;
  BlockInfo info_;
  std::vector<ChunkRef> chunks_;
  /// Where the chunks of each tag begin, ascending by tag; small, since it is searched for every tag of a query.
  struct TagStart {
    TagId tag;
    std::uint32_t chunk = 0;
  };
  std::vector<TagStart> starts_;
  std::vector<Tombstone> tombstones_;
  bool times_ascend_ = true;  ///< in the chunks of each tag: no retyped tag is among them
};

}  // namespace tundish::historian
