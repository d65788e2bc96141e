#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "historian/journal_record.h"
#include "model/data_files.h"
#include "model/ids.h"

// The journal's bytes: docs/formats/journal.md. Pure functions on bytes.

namespace tundish::historian {

inline constexpr std::uint32_t kJournalVersion = 2;
inline constexpr std::size_t kSegmentHeaderBytes = 128;
inline constexpr std::size_t kRecordHeaderBytes = 32;
/// Records start at multiples of this; what fills up to it is zero and under the checksum.
inline constexpr std::size_t kRecordAlignment = 8;
/// A record with its header and filling.
inline constexpr std::size_t kRecordBytesMax = 1 << 20;
/// A payload before compression.
inline constexpr std::size_t kPayloadBytesMax = 4 << 20;

/// What a segment says of the one before it, which gets no more records.
struct SegmentSeal {
  std::uint64_t file_id = 0;    ///< 0: there is none before
  std::uint64_t valid_end = 0;  ///< end of its last record
  std::uint64_t bytes = 0;      ///< of the whole file
  std::uint32_t rest_crc = 0;   ///< crc32c of all its bytes from valid_end on

  bool operator==(const SegmentSeal&) const = default;
};

struct SegmentHeader {
  std::uint64_t file_id = 0;
  Position first;  ///< position of the first record that this segment gets
  std::uint64_t bytes = 0;
  SegmentSeal previous;
};

/// kSegmentHeaderBytes bytes, checksum included.
Bytes encode_segment_header(const SegmentHeader& header);
/// Errors: kCorruption; kUnsupported for a sound header of a later version.
Result<SegmentHeader> decode_segment_header(ByteSpan bytes);

/// One record as it stands in a segment.
struct RecordFrame {
  Position position;
  std::uint64_t synced = 0;  ///< offset in the same file below which all was on disk already
  RecordType type = RecordType::kBatch;
  ByteSpan payload = {};          ///< as stored, maybe compressed
  std::uint32_t payload_raw = 0;  ///< bytes of the payload before compression
  bool compressed = false;
  std::size_t bytes = 0;  ///< header, payload and filling
};

/// A payload ready to be placed: compressed when that is smaller.
struct PackedPayload {
  RecordType type = RecordType::kBatch;
  Bytes bytes;
  std::uint32_t raw_bytes = 0;
  bool compressed = false;

  std::size_t record_bytes() const {
    return (kRecordHeaderBytes + bytes.size() + kRecordAlignment - 1) / kRecordAlignment *
           kRecordAlignment;
  }
};

/// Errors: kTooLarge when the record would exceed kRecordBytesMax.
Result<PackedPayload> pack_record(const Record& record);
/// The payload of a frame, decompressed and decoded. Errors: kCorruption.
Result<Record> unpack_record(const RecordFrame& frame);

/// Appends the record to `out`, as it will stand at `offset` of the file.
void append_frame(Bytes& out, std::uint64_t file_id, std::uint64_t offset, Position position,
                  std::uint64_t synced, const PackedPayload& payload);

/// The record at `offset` of a segment's bytes, if a sound one starts there.
std::optional<RecordFrame> parse_frame(ByteSpan segment, std::uint64_t file_id,
                                       std::uint64_t offset);

/// `journal/00000000000000a7.jnl`
std::string segment_path(std::uint64_t file_id);
/// The id in a name as segment_path and block_path make it; nothing for another name.
std::optional<std::uint64_t> parse_file_name(std::string_view name, std::string_view extension);
/// `blocks/00000000000000a8.blk`
std::string block_path(std::uint64_t file_id);

inline constexpr std::string_view kJournalFolder = files::kJournalFolder;
inline constexpr std::string_view kBlockFolder = files::kBlockFolder;
inline constexpr std::string_view kQuarantineFolder = files::kQuarantineFolder;

}  // namespace tundish::historian
