#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "model/columns.h"
#include "model/ids.h"
#include "model/version.h"

// What a block is made of, for those who write and read one. Bytes: docs/formats/block.md.

namespace tundish::historian {

/// Samples of one tag with the version of each row: n entries in every vector, ascending by
/// (time, version). A time may occur several times: its versions, of which the greatest wins.
struct StoredColumns {
  Columns columns;
  std::vector<Version> versions;

  std::size_t size() const { return columns.size(); }
  bool empty() const { return columns.empty(); }
};

/// One block as its header and footer describe it.
struct BlockInfo {
  std::uint64_t file_id = 0;
  Position from;     ///< the block holds samples of the journal's positions from ..
  Position through;  ///< .. through, both included
  std::uint64_t bytes = 0;
  std::uint64_t samples = 0;
  std::uint64_t chunks = 0;
  TimeRange times;  ///< of all samples, half-open; empty (from == to == 0) without samples
};

/// What the index knows of a chunk without reading it. "Good" below means Good and not NaN.
struct ChunkStatistics {
  std::uint32_t good = 0;      ///< count of Good samples
  std::uint64_t min_bits = 0;  ///< smallest Good value (bits as in Columns), when good > 0;
  std::uint64_t max_bits = 0;  ///< always 0 for strings. -0.0 counts as less than 0.0
  bool all_good = false;       ///< every row is Good and not NaN
  bool repeats = false;        ///< some time has several versions: decode, do not use statistics

  // Since version 3 of the format, and of numbers only.
  bool has_last = false;           ///< the two below are there
  std::uint64_t last_bits = 0;     ///< value of the last row, Good or not
  std::uint32_t last_quality = 0;  ///< its status code
  bool min_is_once = false;        ///< no second Good row has the smallest value
  bool max_is_once = false;        ///< ... the largest

  bool has_first = false;        ///< the one below is there; since version 4, of numbers only
  std::uint64_t first_bits = 0;  ///< value of the first row, Good or not
};

/// One chunk: up to kChunkSamplesMax rows of one tag and one type.
struct ChunkRef {
  TagId tag;
  ValueType type = ValueType::kDouble;
  TimeNs first = 0;  ///< time of the first row
  TimeNs last = 0;   ///< time of the last row, included
  std::uint32_t count = 0;
  std::uint64_t offset = 0;  ///< in the file
  std::uint32_t bytes = 0;
  ChunkStatistics statistics;
};

/// Rows of one time stay in one chunk, unless there are more of them than this.
inline constexpr std::size_t kChunkSamplesMax = 4096;
/// A chunk of strings ends early at this many bytes of text (distinct or not).
inline constexpr std::size_t kChunkTextBytesMax = 1 << 20;
/// A larger chunk is not written and not believed.
inline constexpr std::uint32_t kChunkBytesMax = 4 << 20;

}  // namespace tundish::historian
