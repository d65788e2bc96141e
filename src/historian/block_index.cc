#include "historian/block_index.h"

#include <array>

#include "codec/column_codec.h"
#include "codec/doubles.h"
#include "historian/version_patterns.h"

// An entry says how it differs from the one before it: tags of one gateway have as many rows of the same times.

namespace tundish::historian {
namespace {

/// Entries of version 4 have at most so many bytes before they are folded.
constexpr std::size_t kEntryBytesMax = 128;

std::unexpected<Error> corrupt(std::string message, std::uint64_t offset) {
  return fail(Error{ErrorCode::kCorruption, std::move(message), {}, offset});
}

enum Flags : std::uint8_t {
  kAllGood = 1,
  kRepeats = 2,
  kHasLast = 4,  // since version 4 the first, too
  kMinIsOnce = 8,
  kMaxIsOnce = 16,
  kLastHasCode = 32,  // since version 4: the last status code is not 0
};
/// Those that an entry of this version may have.
constexpr std::uint8_t known_flags(std::uint32_t version) {
  return version >= 4 ? 63 : version == 3 ? 31 : 3;
}

std::uint8_t flags_of(const ChunkStatistics& statistics) {
  return static_cast<std::uint8_t>(
      (statistics.all_good ? kAllGood : 0) | (statistics.repeats ? kRepeats : 0) |
      (statistics.has_last ? kHasLast : 0) | (statistics.min_is_once ? kMinIsOnce : 0) |
      (statistics.max_is_once ? kMaxIsOnce : 0) |
      (statistics.last_quality != 0 ? kLastHasCode : 0));
}

void set_flags(ChunkStatistics& statistics, std::uint8_t flags) {
  statistics.all_good = (flags & kAllGood) != 0;
  statistics.repeats = (flags & kRepeats) != 0;
  statistics.has_last = (flags & kHasLast) != 0;
  statistics.min_is_once = (flags & kMinIsOnce) != 0;
  statistics.max_is_once = (flags & kMaxIsOnce) != 0;
}

// Both wrap: a reader must not trip over what nobody wrote.
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

// --- version 4 -----------------------------------------------------------------------------------

/// First, smallest, largest, last: each as its difference from the one before.
void write_values(const ChunkRef& chunk, Bytes& out) {
  const ChunkStatistics& known = chunk.statistics;
  const std::array<std::uint64_t, 4> values{known.first_bits, known.min_bits, known.max_bits,
                                            known.last_bits};
  if (chunk.type == ValueType::kDouble) return codec::encode_few_doubles(values, out);
  std::uint64_t last = 0;
  for (const std::uint64_t value : values) {
    ByteWriter(out).svarint(static_cast<std::int64_t>(value - last));
    last = value;
  }
}

void read_values(ByteReader& reader, ChunkRef& chunk) {
  std::array<std::uint64_t, 4> values{};
  if (chunk.type == ValueType::kDouble) {
    codec::decode_few_doubles(reader, values);
  } else {
    std::uint64_t last = 0;
    for (std::uint64_t& value : values)
      value = last += static_cast<std::uint64_t>(reader.svarint());
  }
  ChunkStatistics& known = chunk.statistics;
  known.has_first = true;
  known.first_bits = values[0];
  known.min_bits = values[1];
  known.max_bits = values[2];
  known.last_bits = values[3];
}

void write_entry(const ChunkRef& chunk, const ChunkRef& before, Bytes& out) {
  const ChunkStatistics& known = chunk.statistics;
  const bool same_enterprise = chunk.tag.enterprise == before.tag.enterprise;
  ByteWriter writer(out);
  writer.varint(chunk.bytes);
  writer.varint(chunk.tag.enterprise.value() - before.tag.enterprise.value());
  writer.varint(chunk.tag.number - (same_enterprise ? before.tag.number : 0));
  writer.fixed(static_cast<std::uint8_t>(chunk.type));
  writer.fixed(flags_of(known));
  writer.svarint(std::int64_t{chunk.count} - before.count);
  if (!known.all_good) writer.varint(known.good);
  writer.svarint(difference(chunk.first, before.first));
  writer.svarint(
      difference(difference(chunk.last, chunk.first), difference(before.last, before.first)));
  if (known.has_last) write_values(chunk, out);
  if (known.last_quality != 0) writer.varint(known.last_quality);
}

/// False when the entry cannot be.
bool read_entry(ByteReader& reader, const ChunkRef& before, ChunkRef& chunk) {
  chunk.is_packed = true;
  chunk.offset = before.offset + before.bytes;
  chunk.bytes = static_cast<std::uint32_t>(reader.varint_max(kChunkBytesMax));
  const auto enterprise = before.tag.enterprise.value() + reader.varint_max(0xFFFFFFFFu);
  const bool same_enterprise = enterprise == before.tag.enterprise.value();
  const auto number = (same_enterprise ? before.tag.number : 0) + reader.varint_max(0xFFFFFFFFu);
  chunk.tag = {EnterpriseId(static_cast<std::uint32_t>(enterprise)),
               static_cast<std::uint32_t>(number)};
  chunk.type = static_cast<ValueType>(reader.fixed<std::uint8_t>());
  const auto flags = reader.fixed<std::uint8_t>();
  set_flags(chunk.statistics, flags);
  const auto count = plus(before.count, reader.svarint());
  chunk.count = static_cast<std::uint32_t>(count);
  chunk.statistics.good = chunk.statistics.all_good
                              ? chunk.count
                              : static_cast<std::uint32_t>(reader.varint_max(kChunkSamplesMax));
  chunk.first = plus(before.first, reader.svarint());
  const std::int64_t length = plus(difference(before.last, before.first), reader.svarint());
  chunk.last = plus(chunk.first, length);
  if (!reader.ok() || enterprise > 0xFFFFFFFFu || number > 0xFFFFFFFFu || count < 1 ||
      count > static_cast<std::int64_t>(kChunkSamplesMax) || chunk.bytes < kChunkBytesMin ||
      chunk.statistics.good > chunk.count || chunk.type > ValueType::kString ||
      (flags & ~known_flags(4)) != 0 ||
      chunk.statistics.has_last == (chunk.type == ValueType::kString))
    return false;
  if (chunk.statistics.has_last) read_values(reader, chunk);
  if ((flags & kLastHasCode) != 0)
    chunk.statistics.last_quality = static_cast<std::uint32_t>(reader.varint_max(0xFFFFFFFFu));
  return reader.ok() && chunk.first <= chunk.last && before.tag <= chunk.tag;
}

Result<BlockIndex> read_packed(ByteSpan bytes, const BlockFooter& footer) {
  const auto damage = [&] {
    return corrupt("the index contradicts the block", footer.index_offset);
  };
  // A folded index states its size; it may not say more than its chunks and patterns can take.
  const std::size_t bytes_max = footer.chunks * kEntryBytesMax + 2 * kPatternBytesMax;
  Bytes unfolded;
  TUNDISH_TRY(const ByteSpan plain, codec::open_folded(bytes, bytes_max, unfolded));
  ByteReader reader(plain);
  BlockIndex index;
  const auto patterns = reader.varint_max(kPatternsMax);
  for (std::uint64_t i = 0; i < patterns && reader.ok(); ++i) {
    const ByteSpan pattern =
        reader.raw(static_cast<std::size_t>(reader.varint_max(kPatternBytesMax)));
    index.patterns.emplace_back(pattern.begin(), pattern.end());
  }
  if (!reader.ok()) return damage();
  ChunkRef before;
  before.offset = kBlockHeaderBytes;
  std::uint64_t samples = 0;
  for (std::uint64_t i = 0; i < footer.chunks; ++i) {
    ChunkRef chunk;
    if (!read_entry(reader, before, chunk)) return damage();
    samples += chunk.count;
    index.chunks.push_back(chunk);
    before = chunk;
  }
  if (!reader.at_end() || before.offset + before.bytes != footer.tombstones_offset ||
      samples != footer.samples)
    return corrupt("the index does not cover the block", footer.index_offset);
  return index;
}

// --- versions 1 to 3 -----------------------------------------------------------------------------

Result<BlockIndex> read_fixed(ByteSpan bytes, const BlockFooter& footer) {
  BlockIndex index;
  std::vector<ChunkRef>& chunks = index.chunks;
  chunks.reserve(footer.chunks);
  std::uint64_t next_offset = kBlockHeaderBytes;
  std::uint64_t samples = 0;
  for (ByteReader reader(bytes); !reader.at_end();) {
    const std::uint64_t at = footer.index_offset + reader.offset();
    ChunkRef chunk;
    chunk.offset = reader.fixed<std::uint64_t>();
    chunk.bytes = reader.fixed<std::uint32_t>();
    chunk.tag = TagId::from_packed(reader.fixed<std::uint64_t>());
    chunk.type = static_cast<ValueType>(reader.fixed<std::uint8_t>());
    const auto flags = reader.fixed<std::uint8_t>();
    const auto reserved = reader.fixed<std::uint16_t>();
    chunk.count = reader.fixed<std::uint32_t>();
    chunk.statistics.good = reader.fixed<std::uint32_t>();
    chunk.first = reader.fixed<TimeNs>();
    chunk.last = reader.fixed<TimeNs>();
    chunk.statistics.min_bits = reader.fixed<std::uint64_t>();
    chunk.statistics.max_bits = reader.fixed<std::uint64_t>();
    set_flags(chunk.statistics, flags & known_flags(footer.version));
    if (footer.version >= 3) {
      chunk.statistics.last_bits = reader.fixed<std::uint64_t>();
      chunk.statistics.last_quality = reader.fixed<std::uint32_t>();
    }
    const bool in_order = chunks.empty() || chunks.back().tag <= chunk.tag;
    if (!reader.ok() || reserved != 0 || (flags & ~known_flags(footer.version)) != 0 ||
        chunk.type > ValueType::kString || chunk.offset != next_offset ||
        chunk.bytes > kChunkBytesMax || chunk.count == 0 || chunk.count > kChunkSamplesMax ||
        chunk.first > chunk.last || !in_order)
      return corrupt("an index entry contradicts the block", at);
    next_offset += chunk.bytes;
    samples += chunk.count;
    chunks.push_back(chunk);
  }
  if (next_offset != footer.tombstones_offset || samples != footer.samples)
    return corrupt("the index does not cover the block", footer.index_offset);
  return index;
}

}  // namespace

void write_index(std::span<const ChunkRef> chunks, std::span<const Bytes> patterns, Bytes& out) {
  Bytes plain;
  ByteWriter writer(plain);
  writer.varint(patterns.size());
  for (const Bytes& pattern : patterns) writer.text(as_text(pattern));
  ChunkRef before;
  for (const ChunkRef& chunk : chunks) {
    write_entry(chunk, before, plain);
    before = chunk;
  }
  codec::fold(plain, out);
}

Result<BlockIndex> read_index(ByteSpan bytes, const BlockFooter& footer) {
  return footer.version >= 4 ? read_packed(bytes, footer) : read_fixed(bytes, footer);
}

}  // namespace tundish::historian
