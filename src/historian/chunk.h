#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "aggregate/exact_sum.h"
#include "base/bytes.h"
#include "base/result.h"
#include "codec/column_codec.h"
#include "historian/block_format.h"
#include "historian/version_patterns.h"

// One chunk to bytes and back. Bytes: docs/formats/block.md. Pure functions, any thread.

namespace tundish::historian {

/// Exact sums over all rows of a chunk. Kept only where they can stand for the rows: numbers, all
/// Good and not NaN, no time twice.
struct ChunkSums {
  aggregate::ExactSum sum;
  /// Value x nanoseconds from the first row to the last, each value held to the next row.
  aggregate::ExactSum step_integral;
  /// The same along straight lines, times two (so that halves stay exact).
  aggregate::ExactSum slope_integral_twice;
};

/// Appends rows [from, from + count) as one chunk that will stand at `offset` of file `file_id`.
/// 1 <= count <= kChunkSamplesMax; rows ascend by (time, version).
/// With `patterns`, versions that another chunk has, too, become one of them.
ChunkRef encode_chunk(std::uint64_t file_id, std::uint64_t offset, TagId tag,
                      const StoredColumns& rows, std::size_t from, std::size_t count, Bytes& out,
                      codec::Tier tier = codec::Tier::kPacked, VersionPatterns* patterns = nullptr);

/// The rows of the chunk that `ref` describes, from `bytes` read at its place; `patterns` are those of its block.
/// Errors: kCorruption when the checksum fails, a column does not decode, or the chunk contradicts
/// `ref`. The caller adds the file to the error.
Result<StoredColumns> decode_chunk(std::uint64_t file_id, const ChunkRef& ref, ByteSpan bytes,
                                   std::span<const Bytes> patterns = {});

/// The rows without their versions, in the memory that `columns` has already. Only of a chunk without
/// `statistics.repeats`, in which each time has one row. Errors: as above.
Status decode_chunk_columns(std::uint64_t file_id, const ChunkRef& ref, ByteSpan bytes,
                            Columns& columns);

/// The sums alone, without decoding the rows; nothing where none are kept. Errors: as above.
Result<std::optional<ChunkSums>> decode_chunk_sums(std::uint64_t file_id, const ChunkRef& ref,
                                                   ByteSpan bytes);

/// The checksum of everything in a block: it covers the file and the place, so that bytes which
/// are whole but belong elsewhere are found, too.
std::uint32_t placed_crc32c(std::uint64_t file_id, std::uint64_t offset, ByteSpan content);

}  // namespace tundish::historian
