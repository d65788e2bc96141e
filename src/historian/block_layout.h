#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "historian/block_format.h"
#include "model/ports/sample_sink.h"

// The fixed parts of a block file: header, tombstones, index, footer. Bytes: docs/formats/block.md.

namespace tundish::historian {

/// What is written. Every version from 1 on is read: 2 has one encoding of times more, 3 more of a chunk in the index, 4
/// has both packed, and dense columns.
inline constexpr std::uint32_t kBlockVersion = 4;
inline constexpr std::size_t kBlockHeaderBytes = 48;
inline constexpr std::size_t kBlockFooterBytes = 96;
inline constexpr std::size_t kTombstoneBytes = 52;

/// No chunk of version 4 is shorter.
inline constexpr std::size_t kChunkBytesMin = 16;
/// Bytes of an index entry up to version 3; later ones differ in length.
constexpr std::size_t index_entry_bytes(std::uint32_t version) { return version >= 3 ? 76 : 64; }

struct BlockHeader {
  std::uint64_t file_id = 0;
  Position from;
  Position through;
};

struct BlockFooter {
  std::uint64_t file_id = 0;
  std::uint64_t tombstones_offset = 0;
  std::uint64_t tombstones = 0;  ///< count
  std::uint64_t index_offset = 0;
  std::uint64_t chunks = 0;
  std::uint64_t samples = 0;
  TimeRange times;
  std::uint64_t file_bytes = 0;
  std::uint32_t tombstones_crc32c = 0;
  std::uint32_t index_crc32c = 0;
  std::uint32_t version = kBlockVersion;
};

void write_block_header(const BlockHeader& header, Bytes& out);
/// Errors: kCorruption with the offset; kUnsupported for a later version (whose header keeps its
/// checksum in the same place).
Result<BlockHeader> read_block_header(ByteSpan bytes);

void write_block_footer(const BlockFooter& footer, Bytes& out);
/// `file_bytes`: the file's true size. All offsets are checked against it. Errors: kCorruption.
Result<BlockFooter> read_block_footer(ByteSpan bytes, std::uint64_t file_bytes);

void write_tombstone(const Tombstone& tombstone, Bytes& out);
/// Errors: kCorruption; `offset` is where `bytes` stand in the file.
Result<std::vector<Tombstone>> read_tombstones(ByteSpan bytes, std::uint64_t offset);

}  // namespace tundish::historian
