#include "historian/journal_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/crc32c.h"
#include "codec/zstd.h"

namespace tundish::historian {
namespace {

constexpr std::string_view kSegmentMagic = "TNDJNL\r\n";
// Compression pays for itself from about this size on.
constexpr std::size_t kCompressBytesMin = 128;
// The fastest level that still packs time stamps and slow values well: a record lives for minutes.
constexpr int kZstdLevel = 1;

// Where a record stands is under its checksum: a record copied elsewhere is not a record.
std::uint32_t frame_crc(std::uint64_t file_id, std::uint64_t offset, ByteSpan after_crc) {
  const std::uint64_t place[2] = {file_id, offset};
  return crc32c(after_crc, crc32c(std::as_bytes(std::span(place))));
}

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

}  // namespace

Bytes encode_segment_header(const SegmentHeader& header) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.raw(as_byte_span(kSegmentMagic));
  out.fixed(kJournalVersion);
  out.fixed(static_cast<std::uint32_t>(kSegmentHeaderBytes));
  out.fixed(header.file_id);
  out.fixed(header.bytes);
  out.fixed(header.first.value());
  out.fixed(header.previous.file_id);
  out.fixed(header.previous.valid_end);
  out.fixed(header.previous.bytes);
  out.fixed(header.previous.rest_crc);
  bytes.resize(kSegmentHeaderBytes - sizeof(std::uint32_t));
  out.fixed(crc32c(bytes));
  return bytes;
}

Result<SegmentHeader> decode_segment_header(ByteSpan bytes) {
  if (bytes.size() < kSegmentHeaderBytes)
    return fail(ErrorCode::kCorruption, "the segment is shorter than its header");
  bytes = bytes.first(kSegmentHeaderBytes);
  ByteReader checksum(bytes.last(sizeof(std::uint32_t)));
  if (checksum.fixed<std::uint32_t>() !=
      crc32c(bytes.first(kSegmentHeaderBytes - sizeof(std::uint32_t))))
    return fail(ErrorCode::kCorruption, "the segment's header fails its checksum");
  ByteReader in(bytes);
  if (as_text(in.raw(kSegmentMagic.size())) != kSegmentMagic)
    return fail(ErrorCode::kCorruption, "this is no journal segment");
  const auto version = in.fixed<std::uint32_t>();
  if (version > kJournalVersion)
    return fail(ErrorCode::kUnsupported,
                fmt::format("the journal has format version {}, this program reads up to {}; use "
                            "the newer program that wrote it",
                            version, kJournalVersion));
  in.fixed<std::uint32_t>();
  SegmentHeader header;
  header.file_id = in.fixed<std::uint64_t>();
  header.bytes = in.fixed<std::uint64_t>();
  header.first = Position(in.fixed<std::uint64_t>());
  header.previous.file_id = in.fixed<std::uint64_t>();
  header.previous.valid_end = in.fixed<std::uint64_t>();
  header.previous.bytes = in.fixed<std::uint64_t>();
  header.previous.rest_crc = in.fixed<std::uint32_t>();
  return header;
}

Result<PackedPayload> pack_record(const Record& record) {
  PackedPayload packed;
  packed.type = type_of(record);
  packed.bytes = encode_record(record);
  const std::size_t raw_bytes = packed.bytes.size();
  if (raw_bytes <= kPayloadBytesMax && raw_bytes >= kCompressBytesMin) {
    Bytes smaller;
    codec::zstd_compress(packed.bytes, kZstdLevel, smaller);
    if (smaller.size() < raw_bytes) {
      packed.bytes = std::move(smaller);
      packed.compressed = true;
    }
  }
  packed.raw_bytes = static_cast<std::uint32_t>(raw_bytes);
  if (raw_bytes > kPayloadBytesMax || packed.record_bytes() > kRecordBytesMax)
    return fail(ErrorCode::kTooLarge,
                fmt::format("a batch of {} bytes does not fit into one record; send it in parts",
                            raw_bytes));
  return packed;
}

Result<Record> unpack_record(const RecordFrame& frame) {
  if (!frame.compressed) return decode_record(frame.type, frame.payload);
  TUNDISH_TRY(const Bytes raw, codec::zstd_decompress(frame.payload, frame.payload_raw));
  return decode_record(frame.type, raw);
}

void append_frame(Bytes& out, std::uint64_t file_id, std::uint64_t offset, Position position,
                  std::uint64_t synced, const PackedPayload& payload) {
  TUNDISH_CHECK(offset % kRecordAlignment == 0);
  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.fixed<std::uint32_t>(0);  // the checksum's place
  writer.fixed(static_cast<std::uint32_t>(payload.bytes.size()));
  writer.fixed(position.value());
  writer.fixed(synced);
  writer.fixed(static_cast<std::uint8_t>(payload.type));
  writer.fixed<std::uint8_t>(payload.compressed ? 1 : 0);
  writer.fixed<std::uint16_t>(0);
  writer.fixed(payload.raw_bytes);
  writer.raw(payload.bytes);
  out.resize(start + payload.record_bytes());
  const std::uint32_t crc =
      frame_crc(file_id, offset, ByteSpan(out).subspan(start + sizeof(std::uint32_t)));
  std::memcpy(out.data() + start, &crc, sizeof crc);
}

std::optional<RecordFrame> parse_frame(ByteSpan segment, std::uint64_t file_id,
                                       std::uint64_t offset) {
  if (offset > segment.size() || segment.size() - offset < kRecordHeaderBytes) return std::nullopt;
  const ByteSpan bytes = segment.subspan(offset);
  ByteReader in(bytes);
  const auto crc = in.fixed<std::uint32_t>();
  const auto payload_bytes = in.fixed<std::uint32_t>();
  RecordFrame frame;
  frame.position = Position(in.fixed<std::uint64_t>());
  frame.synced = in.fixed<std::uint64_t>();
  const auto type = in.fixed<std::uint8_t>();
  const auto compression = in.fixed<std::uint8_t>();
  const auto reserved = in.fixed<std::uint16_t>();
  frame.payload_raw = in.fixed<std::uint32_t>();
  // Cheap checks first: a search tries every eighth byte.
  if (type == 0 || compression > 1 || reserved != 0 || frame.position.value() == 0 ||
      frame.synced > offset || frame.payload_raw > kPayloadBytesMax)
    return std::nullopt;
  if (payload_bytes > kRecordBytesMax - kRecordHeaderBytes) return std::nullopt;
  frame.bytes = aligned(kRecordHeaderBytes + payload_bytes);
  if (frame.bytes > bytes.size()) return std::nullopt;
  if (crc != frame_crc(file_id, offset, bytes.subspan(sizeof crc, frame.bytes - sizeof crc)))
    return std::nullopt;
  frame.type = static_cast<RecordType>(type);
  frame.compressed = compression == 1;
  frame.payload = bytes.subspan(kRecordHeaderBytes, payload_bytes);
  return frame;
}

std::string segment_path(std::uint64_t file_id) {
  return fmt::format("{}/{:016x}{}", kJournalFolder, file_id, files::kSegmentSuffix);
}

std::string block_path(std::uint64_t file_id) {
  return fmt::format("{}/{:016x}{}", kBlockFolder, file_id, files::kBlockSuffix);
}

std::optional<std::uint64_t> parse_file_name(std::string_view name, std::string_view extension) {
  if (name.size() != 16 + extension.size() || !name.ends_with(extension)) return std::nullopt;
  std::uint64_t id = 0;
  const char* const end = name.data() + 16;
  const auto [stopped, error] = std::from_chars(name.data(), end, id, 16);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return id;
}

}  // namespace tundish::historian
