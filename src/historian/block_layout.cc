#include "historian/block_layout.h"

#include <string_view>

#include "historian/chunk.h"

namespace tundish::historian {
namespace {

constexpr std::string_view kHeaderMagic = "TUNBLOCK";
constexpr std::string_view kFooterMagic = "TUNFOOTR";
constexpr std::size_t kHeaderChecked = kBlockHeaderBytes - 4;  // all before the checksum
constexpr std::size_t kFooterChecked = kBlockFooterBytes - 12;

std::unexpected<Error> corrupt(std::string message, std::uint64_t offset) {
  return fail(Error{ErrorCode::kCorruption, std::move(message), {}, offset});
}

bool is_read(std::uint32_t version) { return version >= 1 && version <= kBlockVersion; }

}  // namespace

void write_block_header(const BlockHeader& header, Bytes& out) {
  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.raw(as_byte_span(kHeaderMagic));
  writer.fixed(kBlockVersion);
  writer.fixed(std::uint32_t{0});
  writer.fixed(header.file_id);
  writer.fixed(header.from.value());
  writer.fixed(header.through.value());
  writer.fixed(std::uint32_t{0});
  writer.fixed(placed_crc32c(header.file_id, 0, ByteSpan(out).subspan(start)));
}

Result<BlockHeader> read_block_header(ByteSpan bytes) {
  ByteReader reader(bytes);
  const bool ours = as_text(reader.raw(kHeaderMagic.size())) == kHeaderMagic;
  const auto version = reader.fixed<std::uint32_t>();
  auto reserved = reader.fixed<std::uint32_t>();
  BlockHeader header;
  header.file_id = reader.fixed<std::uint64_t>();
  header.from = Position(reader.fixed<std::uint64_t>());
  header.through = Position(reader.fixed<std::uint64_t>());
  reserved |= reader.fixed<std::uint32_t>();
  const auto checksum = reader.fixed<std::uint32_t>();
  if (!reader.ok() || !ours) return corrupt("this is not a block file", 0);
  if (checksum != placed_crc32c(header.file_id, 0, bytes.first(kHeaderChecked)))
    return corrupt("the block header fails its checksum", 0);
  if (!is_read(version) || reserved != 0)
    return fail(ErrorCode::kUnsupported, "the block has format version " + std::to_string(version) +
                                             ", this program reads versions up to " +
                                             std::to_string(kBlockVersion) + ": update it");
  return header;
}

void write_block_footer(const BlockFooter& footer, Bytes& out) {
  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.fixed(footer.file_id);
  writer.fixed(footer.tombstones_offset);
  writer.fixed(footer.tombstones);
  writer.fixed(footer.index_offset);
  writer.fixed(footer.chunks);
  writer.fixed(footer.samples);
  writer.fixed(footer.times.from);
  writer.fixed(footer.times.to);
  writer.fixed(footer.file_bytes);
  writer.fixed(footer.tombstones_crc32c);
  writer.fixed(footer.index_crc32c);
  writer.fixed(footer.version);
  writer.fixed(placed_crc32c(footer.file_id, footer.file_bytes - kBlockFooterBytes,
                             ByteSpan(out).subspan(start)));
  writer.raw(as_byte_span(kFooterMagic));
}

Result<BlockFooter> read_block_footer(ByteSpan bytes, std::uint64_t file_bytes) {
  const std::uint64_t offset = file_bytes - kBlockFooterBytes;
  ByteReader reader(bytes);
  BlockFooter footer;
  footer.file_id = reader.fixed<std::uint64_t>();
  footer.tombstones_offset = reader.fixed<std::uint64_t>();
  footer.tombstones = reader.fixed<std::uint64_t>();
  footer.index_offset = reader.fixed<std::uint64_t>();
  footer.chunks = reader.fixed<std::uint64_t>();
  footer.samples = reader.fixed<std::uint64_t>();
  footer.times.from = reader.fixed<TimeNs>();
  footer.times.to = reader.fixed<TimeNs>();
  footer.file_bytes = reader.fixed<std::uint64_t>();
  footer.tombstones_crc32c = reader.fixed<std::uint32_t>();
  footer.index_crc32c = reader.fixed<std::uint32_t>();
  footer.version = reader.fixed<std::uint32_t>();
  const auto checksum = reader.fixed<std::uint32_t>();
  const bool ours = as_text(reader.raw(kFooterMagic.size())) == kFooterMagic;
  if (!reader.ok() || !ours) return corrupt("the block has no footer: it is cut short", offset);
  if (checksum != placed_crc32c(footer.file_id, offset, bytes.first(kFooterChecked)))
    return corrupt("the block footer fails its checksum", offset);
  if (!is_read(footer.version) || footer.file_bytes != file_bytes)
    return corrupt("the block footer belongs to another file", offset);
  // Each count is bounded first, so that no product overflows.
  if (footer.tombstones > file_bytes / kTombstoneBytes ||
      footer.chunks >
          file_bytes / (footer.version >= 4 ? kChunkBytesMin : index_entry_bytes(footer.version)) ||
      footer.tombstones_offset < kBlockHeaderBytes || footer.tombstones_offset > offset ||
      footer.index_offset != footer.tombstones_offset + footer.tombstones * kTombstoneBytes ||
      footer.index_offset > offset ||
      (footer.version < 4 &&
       offset != footer.index_offset + footer.chunks * index_entry_bytes(footer.version)))
    return corrupt("the block footer contradicts itself", offset);
  return footer;
}

void write_tombstone(const Tombstone& tombstone, Bytes& out) {
  ByteWriter writer(out);
  writer.fixed(tombstone.tag.packed());
  writer.fixed(tombstone.range.from);
  writer.fixed(tombstone.range.to);
  const Version& version = tombstone.version;
  writer.fixed(static_cast<std::uint8_t>(version.sample_class));
  writer.fixed(version.priority);
  writer.fixed(std::uint16_t{0});
  writer.fixed(version.source);
  writer.fixed(version.epoch);
  writer.fixed(version.sequence);
  writer.fixed(version.row);
  writer.fixed(version.stream);
}

Result<std::vector<Tombstone>> read_tombstones(ByteSpan bytes, std::uint64_t offset) {
  std::vector<Tombstone> tombstones;
  tombstones.reserve(bytes.size() / kTombstoneBytes);
  for (ByteReader reader(bytes); !reader.at_end();) {
    const std::uint64_t at = offset + reader.offset();
    Tombstone tombstone;
    tombstone.tag = TagId::from_packed(reader.fixed<std::uint64_t>());
    tombstone.range.from = reader.fixed<TimeNs>();
    tombstone.range.to = reader.fixed<TimeNs>();
    Version& version = tombstone.version;
    version.sample_class = static_cast<SampleClass>(reader.fixed<std::uint8_t>());
    version.priority = reader.fixed<std::uint8_t>();
    const auto reserved = reader.fixed<std::uint16_t>();
    version.source = reader.fixed<std::uint32_t>();
    version.epoch = reader.fixed<std::uint32_t>();
    version.sequence = reader.fixed<std::uint64_t>();
    version.row = reader.fixed<std::uint32_t>();
    version.stream = reader.fixed<std::uint32_t>();
    if (!reader.ok() || reserved != 0 || version.sample_class > SampleClass::kCorrected)
      return corrupt("a tombstone does not decode", at);
    tombstones.push_back(tombstone);
  }
  return tombstones;
}

}  // namespace tundish::historian
