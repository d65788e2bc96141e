#include "historian/chunk.h"

#include <algorithm>
#include <compare>
#include <utility>

#include "aggregate/numbers.h"
#include "base/check.h"
#include "base/crc32c.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/runs.h"
#include "codec/strings.h"
#include "codec/versions.h"
#include "historian/chunk_sums.h"

namespace tundish::historian {
namespace {

using aggregate::Number;

constexpr std::size_t kHeaderBytes = 78;
constexpr std::size_t kChecksumBytes = 4;

enum Flags : std::uint8_t { kAllGood = 1, kRepeats = 2, kHasSums = 4, kKnownFlags = 7 };

Error corrupt(const ChunkRef& ref, std::string message) {
  return {ErrorCode::kCorruption, std::move(message), {}, ref.offset};
}

std::uint8_t flags_of(const ChunkStatistics& statistics, bool has_sums) {
  return static_cast<std::uint8_t>((statistics.all_good ? kAllGood : 0) |
                                   (statistics.repeats ? kRepeats : 0) | (has_sums ? kHasSums : 0));
}

ChunkStatistics statistics_of(const StoredColumns& rows, std::size_t from, std::size_t count) {
  const Columns& columns = rows.columns;
  const bool numeric = columns.type != ValueType::kString;
  ChunkStatistics statistics;
  Number least, most;
  for (std::size_t i = from; i < from + count; ++i) {
    if (i > from && columns.times[i] == columns.times[i - 1]) statistics.repeats = true;
    const Number number{columns.type, columns.bits[i]};
    if (!Quality{columns.qualities[i]}.is_good() || aggregate::is_nan(number)) continue;
    if (numeric) {
      const auto to_least =
          statistics.good == 0 ? std::strong_ordering::less : aggregate::compare(number, least);
      const auto to_most =
          statistics.good == 0 ? std::strong_ordering::greater : aggregate::compare(number, most);
      if (to_least <= 0) statistics.min_is_once = to_least < 0;
      if (to_most >= 0) statistics.max_is_once = to_most > 0;
      if (to_least < 0) least = number;
      if (to_most > 0) most = number;
    }
    ++statistics.good;
  }
  if (numeric) {
    statistics.has_last = true;
    statistics.last_bits = columns.bits[from + count - 1];
    statistics.last_quality = columns.qualities[from + count - 1];
  }
  statistics.all_good = statistics.good == count;
  statistics.min_bits = least.bits;
  statistics.max_bits = most.bits;
  return statistics;
}

void encode_values(const Columns& columns, std::size_t from, std::size_t count, Bytes& out) {
  const auto bits = std::span(columns.bits).subspan(from, count);
  switch (columns.type) {
    case ValueType::kDouble: return codec::encode_doubles(bits, out);
    case ValueType::kInt64: return codec::encode_integers(bits, out);
    case ValueType::kBool: return codec::encode_bools(bits, out);
    case ValueType::kString: return codec::encode_strings(bits, columns.text, out);
  }
}

Status decode_values(ByteSpan bytes, Columns& columns) {
  switch (columns.type) {
    case ValueType::kDouble: return codec::decode_doubles(bytes, columns.bits);
    case ValueType::kInt64: return codec::decode_integers(bytes, columns.bits);
    case ValueType::kBool: return codec::decode_bools(bytes, columns.bits);
    case ValueType::kString: return codec::decode_strings(bytes, columns.bits, columns.text);
  }
  return fail(ErrorCode::kCorruption, "a chunk has an unknown type");
}

struct Header {
  ChunkRef ref;
  bool has_sums = false;
  std::uint32_t times_bytes = 0;
  std::uint32_t values_bytes = 0;
  std::uint32_t qualities_bytes = 0;
  std::uint32_t versions_bytes = 0;
  std::uint16_t sums_bytes = 0;
};

void write_header(const Header& header, ByteWriter& writer) {
  const ChunkRef& ref = header.ref;
  writer.fixed(ref.bytes);
  writer.fixed(ref.tag.packed());
  writer.fixed(static_cast<std::uint8_t>(ref.type));
  writer.fixed(flags_of(ref.statistics, header.has_sums));
  writer.fixed(std::uint16_t{0});
  writer.fixed(ref.count);
  writer.fixed(ref.statistics.good);
  writer.fixed(ref.first);
  writer.fixed(ref.last);
  writer.fixed(ref.statistics.min_bits);
  writer.fixed(ref.statistics.max_bits);
  writer.fixed(header.times_bytes);
  writer.fixed(header.values_bytes);
  writer.fixed(header.qualities_bytes);
  writer.fixed(header.versions_bytes);
  writer.fixed(header.sums_bytes);
}

bool same_chunk(const ChunkRef& a, const ChunkRef& b) {
  return a.tag == b.tag && a.type == b.type && a.first == b.first && a.last == b.last &&
         a.count == b.count && a.bytes == b.bytes && a.statistics.good == b.statistics.good &&
         a.statistics.min_bits == b.statistics.min_bits &&
         a.statistics.max_bits == b.statistics.max_bits &&
         a.statistics.all_good == b.statistics.all_good &&
         a.statistics.repeats == b.statistics.repeats;
}

/// Checks the checksum and that the header says what the index said; leaves `reader` behind it.
Result<Header> read_header(std::uint64_t file_id, const ChunkRef& ref, ByteSpan bytes,
                           ByteReader& reader) {
  if (bytes.size() != ref.bytes || bytes.size() < kHeaderBytes)
    return fail(corrupt(ref, "a chunk is shorter than its header"));
  const auto stored = reader.fixed<std::uint32_t>();
  if (stored != placed_crc32c(file_id, ref.offset, bytes.subspan(kChecksumBytes)))
    return fail(corrupt(ref, "a chunk fails its checksum"));
  Header header;
  header.ref.offset = ref.offset;
  header.ref.bytes = reader.fixed<std::uint32_t>();
  header.ref.tag = TagId::from_packed(reader.fixed<std::uint64_t>());
  header.ref.type = static_cast<ValueType>(reader.fixed<std::uint8_t>());
  const auto flags = reader.fixed<std::uint8_t>();
  const auto reserved = reader.fixed<std::uint16_t>();
  header.ref.count = reader.fixed<std::uint32_t>();
  header.ref.statistics.good = reader.fixed<std::uint32_t>();
  header.ref.first = reader.fixed<TimeNs>();
  header.ref.last = reader.fixed<TimeNs>();
  header.ref.statistics.min_bits = reader.fixed<std::uint64_t>();
  header.ref.statistics.max_bits = reader.fixed<std::uint64_t>();
  header.ref.statistics.all_good = (flags & kAllGood) != 0;
  header.ref.statistics.repeats = (flags & kRepeats) != 0;
  header.has_sums = (flags & kHasSums) != 0;
  header.times_bytes = reader.fixed<std::uint32_t>();
  header.values_bytes = reader.fixed<std::uint32_t>();
  header.qualities_bytes = reader.fixed<std::uint32_t>();
  header.versions_bytes = reader.fixed<std::uint32_t>();
  header.sums_bytes = reader.fixed<std::uint16_t>();
  if (!reader.ok() || (flags & ~kKnownFlags) != 0 || reserved != 0 ||
      !same_chunk(header.ref, ref) || ref.count == 0 || ref.count > kChunkSamplesMax)
    return fail(corrupt(ref, "a chunk is not the one that the index names"));
  const std::uint64_t columns = std::uint64_t{header.times_bytes} + header.values_bytes +
                                header.qualities_bytes + header.versions_bytes;
  if (columns + header.sums_bytes != reader.remaining())
    return fail(corrupt(ref, "the columns of a chunk do not fill it"));
  return header;
}

bool ascends(const StoredColumns& rows) {
  const auto& times = rows.columns.times;
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] < times[i - 1]) return false;
    if (times[i] == times[i - 1] && rows.versions[i] < rows.versions[i - 1]) return false;
  }
  return true;
}

/// The same where no time may occur twice; without a branch a row, so that it costs next to nothing.
bool ascends_strictly(std::span<const TimeNs> times) {
  bool ascends = true;
  for (std::size_t i = 1; i < times.size(); ++i) ascends &= times[i - 1] < times[i];
  return ascends;
}

bool is_within(const ChunkRef& ref, const Columns& columns) {
  const ChunkStatistics& known = ref.statistics;
  return columns.times.front() == ref.first && columns.times.back() == ref.last &&
         (!known.has_last || (columns.bits.back() == known.last_bits &&
                              columns.qualities.back() == known.last_quality));
}

/// Leaves `reader` at the versions.
Status decode_columns(const Header& header, ByteReader& reader, Columns& columns) {
  const std::uint32_t count = header.ref.count;
  columns.type = header.ref.type;
  columns.times.resize(count);
  columns.bits.resize(count);
  columns.qualities.resize(count);
  TUNDISH_RETURN_IF_ERROR(codec::decode_times(reader.raw(header.times_bytes), columns.times));
  TUNDISH_RETURN_IF_ERROR(decode_values(reader.raw(header.values_bytes), columns));
  return codec::decode_qualities(reader.raw(header.qualities_bytes), columns.qualities);
}

}  // namespace

std::uint32_t placed_crc32c(std::uint64_t file_id, std::uint64_t offset, ByteSpan content) {
  const std::uint64_t place[2] = {file_id, offset};
  return crc32c(content, crc32c(std::as_bytes(std::span(place))));
}

ChunkRef encode_chunk(std::uint64_t file_id, std::uint64_t offset, TagId tag,
                      const StoredColumns& rows, std::size_t from, std::size_t count, Bytes& out) {
  TUNDISH_CHECK(count >= 1 && count <= kChunkSamplesMax && from + count <= rows.size());
  const Columns& columns = rows.columns;
  Header header;
  header.ref = {tag,
                columns.type,
                columns.times[from],
                columns.times[from + count - 1],
                static_cast<std::uint32_t>(count),
                offset,
                0,
                statistics_of(rows, from, count)};
  header.has_sums = columns.type != ValueType::kString && header.ref.statistics.all_good &&
                    !header.ref.statistics.repeats;

  const std::size_t start = out.size();
  Bytes body;
  auto column_bytes = [&, last = std::size_t{0}]() mutable {
    return static_cast<std::uint32_t>(body.size() - std::exchange(last, body.size()));
  };
  codec::encode_times(std::span(columns.times).subspan(from, count), body);
  header.times_bytes = column_bytes();
  encode_values(columns, from, count, body);
  header.values_bytes = column_bytes();
  codec::encode_qualities(std::span(columns.qualities).subspan(from, count), body);
  header.qualities_bytes = column_bytes();
  codec::encode_versions(std::span(rows.versions).subspan(from, count), body);
  header.versions_bytes = column_bytes();
  if (header.has_sums) {
    const ChunkSums sums = chunk_sums(columns, from, count);
    sums.sum.serialize(body);
    sums.step_integral.serialize(body);
    sums.slope_integral_twice.serialize(body);
    header.sums_bytes = static_cast<std::uint16_t>(column_bytes());
  }
  TUNDISH_CHECK(kHeaderBytes + body.size() <= kChunkBytesMax);
  header.ref.bytes = static_cast<std::uint32_t>(kHeaderBytes + body.size());

  ByteWriter writer(out);
  writer.fixed(std::uint32_t{0});  // the checksum, known last
  write_header(header, writer);
  writer.raw(body);
  const std::uint32_t checksum =
      placed_crc32c(file_id, offset, ByteSpan(out).subspan(start + kChecksumBytes));
  std::memcpy(out.data() + start, &checksum, sizeof checksum);
  return header.ref;
}

Result<StoredColumns> decode_chunk(std::uint64_t file_id, const ChunkRef& ref, ByteSpan bytes) {
  ByteReader reader(bytes);
  TUNDISH_TRY(const Header header, read_header(file_id, ref, bytes, reader));
  StoredColumns rows;
  Status status = decode_columns(header, reader, rows.columns);
  rows.versions.resize(ref.count);
  if (status) status = codec::decode_versions(reader.raw(header.versions_bytes), rows.versions);
  if (!status) return fail(corrupt(ref, std::move(status.error().message)));
  if (!is_within(ref, rows.columns) || !ascends(rows))
    return fail(corrupt(ref, "the rows of a chunk are not in order"));
  return rows;
}

Status decode_chunk_columns(std::uint64_t file_id, const ChunkRef& ref, ByteSpan bytes,
                            Columns& columns) {
  TUNDISH_CHECK(!ref.statistics.repeats);
  ByteReader reader(bytes);
  TUNDISH_TRY(const Header header, read_header(file_id, ref, bytes, reader));
  columns.text.clear();
  if (Status status = decode_columns(header, reader, columns); !status)
    return fail(corrupt(ref, std::move(status.error().message)));
  if (!is_within(ref, columns) || !ascends_strictly(columns.times))
    return fail(corrupt(ref, "the rows of a chunk are not in order"));
  return {};
}

Result<std::optional<ChunkSums>> decode_chunk_sums(std::uint64_t file_id, const ChunkRef& ref,
                                                   ByteSpan bytes) {
  ByteReader reader(bytes);
  TUNDISH_TRY(const Header header, read_header(file_id, ref, bytes, reader));
  if (!header.has_sums) return std::nullopt;
  reader.raw(reader.remaining() - header.sums_bytes);
  ChunkSums sums;
  sums.sum = aggregate::ExactSum::deserialize(reader);
  sums.step_integral = aggregate::ExactSum::deserialize(reader);
  sums.slope_integral_twice = aggregate::ExactSum::deserialize(reader);
  if (!reader.at_end()) return fail(corrupt(ref, "the sums of a chunk do not decode"));
  return sums;
}

}  // namespace tundish::historian
