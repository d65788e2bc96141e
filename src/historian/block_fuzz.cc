#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "historian/block_index.h"
#include "historian/block_layout.h"
#include "historian/block_reader.h"
#include "historian/chunk.h"
#include "io/simulated_disk.h"

// Any bytes as a block file: it is refused, or every chunk is read or refused, and never more than
// that. Checksums would keep nearly every input out, so it is tried again with all of them put
// right: what then gets in was written by a liar, and must do no harm either.

namespace tundish::historian {
namespace {

void try_block(ByteSpan bytes) {
  io::SimulatedDisk disk(1);
  {
    const auto file = disk.open("block", io::Open::kCreateNew);
    if (!(*file)->write_at(0, bytes)) std::abort();
  }
  const auto block = BlockReader::open(disk, "block");
  if (!block) return;
  std::uint64_t samples = 0;
  Bytes bytes_again;
  Columns columns;
  for (const ChunkRef& chunk : (*block)->all_chunks()) {
    const auto rows = (*block)->read(chunk);
    if (rows && rows->size() != chunk.count) std::abort();
    // Without versions the same rows, or nothing: what repeats against its word is refused.
    if (!chunk.statistics.repeats && (*block)->read_columns(chunk, bytes_again, columns))
      if (rows &&
          (columns.times != rows->columns.times || columns.bits != rows->columns.bits ||
           columns.qualities != rows->columns.qualities || columns.text != rows->columns.text))
        std::abort();
    samples += chunk.count;
  }
  if (samples != (*block)->info().samples) std::abort();
  VerifyReport report;
  if (!(*block)->verify(report)) std::abort();
}

template <class T>
T get(const Bytes& bytes, std::uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <class T>
void put(Bytes& bytes, std::uint64_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

/// A version that is read: the input's own, if it is one.
std::uint32_t version_of(const Bytes& bytes) {
  const auto version = get<std::uint32_t>(bytes, 8);
  return version >= 1 && version <= kBlockVersion ? version : kBlockVersion;
}

/// Puts all magics, sizes and checksums right, wherever the input's own offsets point.
void put_right(Bytes& bytes) {
  const std::uint64_t size = bytes.size();
  const std::uint64_t footer = size - kBlockFooterBytes;
  std::memcpy(bytes.data(), "TUNBLOCK", 8);
  const std::uint32_t version = version_of(bytes);
  put(bytes, 8, version);
  const auto file_id = get<std::uint64_t>(bytes, 16);
  const auto placed = [&](std::uint64_t from, std::uint64_t to) {
    return placed_crc32c(file_id, from, ByteSpan(bytes).subspan(from, to - from));
  };
  put(bytes, 44, placed(0, 44));

  const auto tombstones = get<std::uint64_t>(bytes, footer + 8);
  const auto index = get<std::uint64_t>(bytes, footer + 24);
  if (tombstones <= index && index <= footer) {
    const auto put_chunk_right = [&](std::uint64_t offset, std::uint32_t length) {
      if (length < 4 || length > size || offset > size - length) return;
      put(bytes, offset,
          placed_crc32c(file_id, offset, ByteSpan(bytes).subspan(offset + 4, length - 4)));
    };
    const std::uint64_t entry_bytes = index_entry_bytes(version);
    if (version < 4)
      for (std::uint64_t entry = index; entry + entry_bytes <= footer; entry += entry_bytes)
        put_chunk_right(get<std::uint64_t>(bytes, entry), get<std::uint32_t>(bytes, entry + 8));
    else if (BlockFooter stated{
                 .tombstones_offset = tombstones,
                 .index_offset = index,
                 .chunks = get<std::uint64_t>(bytes, footer + 32) % (size / kChunkBytesMin),
                 .samples = get<std::uint64_t>(bytes, footer + 40),
                 .times = {},
                 .version = version};
             const auto known = read_index(ByteSpan(bytes).subspan(index, footer - index), stated))
      for (const ChunkRef& chunk : known->chunks) put_chunk_right(chunk.offset, chunk.bytes);
    put(bytes, footer + 72, placed(tombstones, index));
    put(bytes, footer + 76, placed(index, footer));
  }
  put(bytes, footer, file_id);
  put(bytes, footer + 64, size);
  put(bytes, footer + 80, version);
  put(bytes, footer + 84, placed(footer, footer + 84));
  std::memcpy(bytes.data() + footer + 88, "TUNFOOTR", 8);
}

}  // namespace
}  // namespace tundish::historian

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  using namespace tundish::historian;
  const ByteSpan input = std::as_bytes(std::span(data, size));
  try_block(input);
  if (size < kBlockHeaderBytes + kBlockFooterBytes) return 0;
  Bytes bytes(input.begin(), input.end());
  put_right(bytes);
  try_block(bytes);
  return 0;
}
