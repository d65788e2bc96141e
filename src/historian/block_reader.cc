#include "historian/block_reader.h"

#include <algorithm>

#include "historian/block_layout.h"
#include "historian/chunk.h"

namespace tundish::historian {
namespace {

std::unexpected<Error> in_file(Error error, const std::string& path) {
  if (error.where.empty()) error.where = path;
  return fail(std::move(error));
}

std::unexpected<Error> corrupt(std::string message, const std::string& path, std::uint64_t offset) {
  return fail(Error{ErrorCode::kCorruption, std::move(message), path, offset});
}

Result<Bytes> read_at(const io::File& file, std::uint64_t offset, std::uint64_t count) {
  Bytes bytes(static_cast<std::size_t>(count));
  TUNDISH_RETURN_IF_ERROR(file.read_at(offset, bytes));
  return bytes;
}

}  // namespace

BlockReader::BlockReader(std::string path, std::shared_ptr<const io::File> file)
    : path_(std::move(path)), file_(std::move(file)) {}

Result<std::shared_ptr<const BlockReader>> BlockReader::open(io::Disk& disk, std::string path) {
  TUNDISH_TRY(std::unique_ptr<io::File> file, disk.open(path, io::Open::kRead));
  // make_shared cannot reach the private constructor.
  std::shared_ptr<BlockReader> reader(new BlockReader(std::move(path), std::move(file)));
  TUNDISH_RETURN_IF_ERROR(reader->load());
  return std::shared_ptr<const BlockReader>(std::move(reader));
}

Status BlockReader::load() {
  TUNDISH_TRY(const std::uint64_t file_bytes, file_->size());
  if (file_bytes < kBlockHeaderBytes + kBlockFooterBytes)
    return corrupt("the block is cut short", path_, file_bytes);

  TUNDISH_TRY(const Bytes header_bytes, read_at(*file_, 0, kBlockHeaderBytes));
  const auto header = read_block_header(header_bytes);
  if (!header) return in_file(header.error(), path_);

  const std::uint64_t footer_offset = file_bytes - kBlockFooterBytes;
  TUNDISH_TRY(const Bytes footer_bytes, read_at(*file_, footer_offset, kBlockFooterBytes));
  const auto footer = read_block_footer(footer_bytes, file_bytes);
  if (!footer) return in_file(footer.error(), path_);
  if (footer->file_id != header->file_id)
    return corrupt("the block footer belongs to another file", path_, footer_offset);

  const auto part = [&](std::uint64_t offset, std::uint64_t end, std::uint32_t checksum,
                        const char* name) -> Result<Bytes> {
    TUNDISH_TRY(Bytes bytes, read_at(*file_, offset, end - offset));
    if (placed_crc32c(header->file_id, offset, bytes) != checksum)
      return corrupt(std::string("the block's ") + name + " fails its checksum", path_, offset);
    return bytes;
  };
  TUNDISH_TRY(const Bytes tombstone_bytes, part(footer->tombstones_offset, footer->index_offset,
                                                footer->tombstones_crc32c, "list of tombstones"));
  auto tombstones = read_tombstones(tombstone_bytes, footer->tombstones_offset);
  if (!tombstones) return in_file(tombstones.error(), path_);

  TUNDISH_TRY(const Bytes index_bytes,
              part(footer->index_offset, footer_offset, footer->index_crc32c, "index"));
  auto chunks = read_index(index_bytes, *footer);
  if (!chunks) return in_file(chunks.error(), path_);

  info_ = {header->file_id, header->from,   header->through, file_bytes,
           footer->samples, footer->chunks, footer->times};
  tombstones_ = std::move(*tombstones);
  chunks_ = std::move(*chunks);
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    if (i == 0 || chunks_[i - 1].tag != chunks_[i].tag)
      starts_.push_back({chunks_[i].tag, static_cast<std::uint32_t>(i)});
    else
      times_ascend_ &= chunks_[i - 1].last <= chunks_[i].first;
  }
  return {};
}

std::span<const ChunkRef> BlockReader::chunks(TagId tag) const {
  const auto start = std::ranges::lower_bound(starts_, tag, {}, &TagStart::tag);
  if (start == starts_.end() || start->tag != tag) return {};
  const auto next = std::next(start);
  const std::size_t end = next == starts_.end() ? chunks_.size() : next->chunk;
  return std::span(chunks_).subspan(start->chunk, end - start->chunk);
}

std::span<const ChunkRef> BlockReader::chunks(TagId tag, TimeSpan span) const {
  const std::span<const ChunkRef> all = chunks(tag);
  if (!times_ascend_) return all;
  const auto from = std::ranges::lower_bound(all, span.first, {}, &ChunkRef::last);
  const auto to = std::ranges::upper_bound(from, all.end(), span.last, {}, &ChunkRef::first);
  return {from, to};
}

Result<StoredColumns> BlockReader::read(const ChunkRef& chunk) const {
  TUNDISH_TRY(const Bytes bytes, read_at(*file_, chunk.offset, chunk.bytes));
  auto rows = decode_chunk(info_.file_id, chunk, bytes);
  if (!rows) return in_file(rows.error(), path_);
  return rows;
}

Status BlockReader::read_columns(const ChunkRef& chunk, Bytes& bytes, Columns& columns) const {
  bytes.resize(chunk.bytes);
  TUNDISH_RETURN_IF_ERROR(file_->read_at(chunk.offset, bytes));
  const Status status = decode_chunk_columns(info_.file_id, chunk, bytes, columns);
  if (!status) return in_file(status.error(), path_);
  return {};
}

Result<std::optional<ChunkSums>> BlockReader::read_sums(const ChunkRef& chunk, Bytes& bytes) const {
  bytes.resize(chunk.bytes);
  TUNDISH_RETURN_IF_ERROR(file_->read_at(chunk.offset, bytes));
  auto sums = decode_chunk_sums(info_.file_id, chunk, bytes);
  if (!sums) return in_file(sums.error(), path_);
  return sums;
}

Status BlockReader::verify(VerifyReport& report) const {
  ++report.files;
  report.bytes += info_.bytes;
  const auto note = [&](const Error& error) -> Status {
    if (error.code != ErrorCode::kCorruption && error.code != ErrorCode::kUnsupported)
      return fail(error);
    report.damage.push_back({path_, error.offset.value_or(0), error.message, {}});
    return {};
  };
  // The parts in memory were checked when the file was opened; the medium may have changed since.
  BlockReader again(path_, file_);
  if (const Status loaded = again.load(); !loaded) TUNDISH_RETURN_IF_ERROR(note(loaded.error()));
  TUNDISH_TRY(const std::uint64_t file_bytes, file_->size());
  for (const ChunkRef& chunk : chunks_) {
    ++report.chunks;
    if (chunk.offset + chunk.bytes > file_bytes) {
      report.damage.push_back({path_, chunk.offset, "the file ends before this chunk does", {}});
      continue;
    }
    if (const auto rows = read(chunk); !rows) TUNDISH_RETURN_IF_ERROR(note(rows.error()));
  }
  return {};
}

}  // namespace tundish::historian
