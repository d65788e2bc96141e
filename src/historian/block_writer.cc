#include "historian/block_writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "historian/block_index.h"
#include "historian/block_layout.h"
#include "historian/chunk.h"
#include "historian/resolve.h"

// 1. add() collects rows of one tag and type; full chunks leave as soon as they are there, the
//    rest when another tag or type begins.
// 2. Chunks gather in a buffer that goes to the file in large writes.
// 3. finish() appends tombstones, index and footer and syncs. The footer comes last, so a file
//    without one is no block.

namespace tundish::historian {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

}  // namespace

struct BlockWriter::State {
  std::string path;
  std::unique_ptr<io::File> file;
  BlockHeader header;
  codec::Tier tier = codec::Tier::kPacked;
  VersionPatterns patterns;

  TagId tag;  ///< of `pending`
  StoredColumns pending;
  std::vector<ChunkRef> index;
  std::vector<Tombstone> tombstones;
  TimeRange times{kTimeMax, kTimeMin};
  std::uint64_t samples = 0;

  Bytes buffer;                     ///< encoded, not yet in the file
  std::uint64_t buffer_offset = 0;  ///< where `buffer` will stand

  std::uint64_t offset() const { return buffer_offset + buffer.size(); }
  Status write_out();
  Status cut(bool all);
  std::size_t chunk_end(std::size_t from) const;
};

Status BlockWriter::State::write_out() {
  if (Status written = file->write_at(buffer_offset, buffer); !written) {
    Error error = std::move(written).error();
    if (error.where.empty()) error.where = path;
    return fail(std::move(error));
  }
  buffer_offset += buffer.size();
  buffer.clear();
  return {};
}

/// One past the last row of the chunk that starts at `from`; rows of one time are kept together.
std::size_t BlockWriter::State::chunk_end(std::size_t from) const {
  const Columns& columns = pending.columns;
  std::size_t end = std::min(pending.size(), from + kChunkSamplesMax);
  if (columns.type == ValueType::kString) {
    std::size_t text_bytes = 0;
    for (std::size_t i = from; i < end; ++i) {
      text_bytes += columns.bits[i] & 0xFFFFFFFFu;
      if (text_bytes > kChunkTextBytesMax) end = std::max(i, from + 1);
    }
  }
  if (end == pending.size()) return end;
  std::size_t group = end;
  while (group > from && columns.times[group - 1] == columns.times[end]) --group;
  return group > from ? group : end;
}

/// Encodes pending rows: all of them, or only those that surely fill chunks.
Status BlockWriter::State::cut(bool all) {
  const Columns& columns = pending.columns;
  const std::size_t full = kChunkSamplesMax;
  std::size_t from = 0;
  while (from < pending.size() &&
         (all || pending.size() - from > full || columns.text.size() > 2 * kChunkTextBytesMax)) {
    const std::size_t end = chunk_end(from);
    // Without `all` the last chunk waits for rows of the same time that may still come.
    if (!all && end == pending.size()) break;
    index.push_back(encode_chunk(header.file_id, offset(), tag, pending, from, end - from, buffer,
                                 tier, &patterns));
    from = end;
    if (buffer.size() >= kBufferBytes) TUNDISH_RETURN_IF_ERROR(write_out());
  }
  if (from == 0) return {};
  StoredColumns rest;
  rest.columns.type = columns.type;
  append_rows(pending, from, pending.size(), rest);
  pending = std::move(rest);
  return {};
}

BlockWriter::BlockWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlockWriter::BlockWriter(BlockWriter&&) noexcept = default;
BlockWriter& BlockWriter::operator=(BlockWriter&&) noexcept = default;
BlockWriter::~BlockWriter() = default;

Result<BlockWriter> BlockWriter::create(io::Disk& disk, std::string path, std::uint64_t file_id,
                                        Position from, Position through, codec::Tier tier) {
  auto state = std::make_unique<State>();
  TUNDISH_TRY(state->file, disk.open(path, io::Open::kCreateNew));
  state->path = std::move(path);
  state->header = {file_id, from, through};
  state->tier = tier;
  write_block_header(state->header, state->buffer);
  return BlockWriter(std::move(state));
}

Status BlockWriter::add(TagId tag, const StoredColumns& rows) {
  State& state = *state_;
  TUNDISH_CHECK(rows.versions.size() == rows.size());
  if (rows.empty()) return {};
  if (tag != state.tag || rows.columns.type != state.pending.columns.type) {
    TUNDISH_CHECK(state.samples == 0 || tag >= state.tag);
    TUNDISH_RETURN_IF_ERROR(state.cut(true));
    state.tag = tag;
    state.pending.columns.type = rows.columns.type;
  }
  StoredColumns& pending = state.pending;
  TUNDISH_CHECK(is_sorted(rows));
  TUNDISH_CHECK(pending.empty() || pending.columns.times.back() < rows.columns.times.front() ||
                (pending.columns.times.back() == rows.columns.times.front() &&
                 pending.versions.back() <= rows.versions.front()));
  append_rows(rows, 0, rows.size(), pending);
  state.samples += rows.size();
  state.times.from = std::min(state.times.from, rows.columns.times.front());
  state.times.to = std::max(state.times.to, rows.columns.times.back());
  return state.cut(false);
}

Status BlockWriter::add_tombstones(std::span<const Tombstone> tombstones) {
  state_->tombstones.insert(state_->tombstones.end(), tombstones.begin(), tombstones.end());
  return {};
}

Result<BlockInfo> BlockWriter::finish() {
  State& state = *state_;
  TUNDISH_RETURN_IF_ERROR(state.cut(true));
  const std::uint64_t file_id = state.header.file_id;
  if (state.samples == 0)
    state.times = {0, 0};
  else if (state.times.to != kTimeMax)
    ++state.times.to;  // half-open; the last instant of all stays where it is

  BlockFooter footer;
  footer.file_id = file_id;
  footer.samples = state.samples;
  footer.times = state.times;

  footer.tombstones_offset = state.offset();
  footer.tombstones = state.tombstones.size();
  Bytes tombstones;
  for (const Tombstone& tombstone : state.tombstones) write_tombstone(tombstone, tombstones);
  footer.tombstones_crc32c = placed_crc32c(file_id, footer.tombstones_offset, tombstones);
  state.buffer.insert(state.buffer.end(), tombstones.begin(), tombstones.end());

  footer.index_offset = state.offset();
  footer.chunks = state.index.size();
  Bytes index;
  write_index(state.index, state.patterns.columns(), index);
  footer.index_crc32c = placed_crc32c(file_id, footer.index_offset, index);
  state.buffer.insert(state.buffer.end(), index.begin(), index.end());

  footer.file_bytes = state.offset() + kBlockFooterBytes;
  write_block_footer(footer, state.buffer);
  TUNDISH_RETURN_IF_ERROR(state.write_out());
  TUNDISH_RETURN_IF_ERROR(state.file->sync());
  return BlockInfo{file_id,        state.header.from, state.header.through, footer.file_bytes,
                   footer.samples, footer.chunks,     footer.times};
}

}  // namespace tundish::historian
