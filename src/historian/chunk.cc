#include "historian/chunk.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <compare>
#include <utility>

#include "aggregate/good_rows.h"
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

constexpr std::size_t kChecksumBytes = 4;

enum Flags : std::uint8_t {
  kAllGood = 1,
  kRepeats = 2,
  kHasSums = 4,
  kIsRegular = 8,  // since version 4
  kKnownFlags = 15,
};

Error corrupt(const ChunkRef& ref, std::string message) {
  return {ErrorCode::kCorruption, std::move(message), {}, ref.offset};
}

std::uint8_t flags_of(const ChunkStatistics& statistics, bool has_sums) {
  return static_cast<std::uint8_t>((statistics.all_good ? kAllGood : 0) |
                                   (statistics.repeats ? kRepeats : 0) | (has_sums ? kHasSums : 0));
}

/// Takes in a stretch of Good numbers, later than those before.
void add_rows(const aggregate::GoodRows& rows, ChunkStatistics& statistics) {
  const auto [least, most] = rows.extremes(rows.from(), rows.to());
  const Number low = rows.number(least), high = rows.number(most);
  const bool is_first = statistics.good == 0;
  const auto below = is_first ? std::strong_ordering::less
                              : aggregate::compare(low, {low.type, statistics.min_bits});
  const auto above = is_first ? std::strong_ordering::greater
                              : aggregate::compare(high, {high.type, statistics.max_bits});
  if (below <= 0) statistics.min_is_once = below < 0 && !rows.repeats(least, rows.to());
  if (above >= 0) statistics.max_is_once = above > 0 && !rows.repeats(most, rows.to());
  if (below < 0) statistics.min_bits = low.bits;
  if (above > 0) statistics.max_bits = high.bits;
  statistics.good += static_cast<std::uint32_t>(rows.size());
}

ChunkStatistics statistics_of(const StoredColumns& rows, std::size_t from, std::size_t count) {
  const Columns& columns = rows.columns;
  const std::size_t to = from + count;
  ChunkStatistics statistics;
  for (std::size_t row = from + 1; row < to; ++row)
    statistics.repeats |= columns.times[row] == columns.times[row - 1];
  if (columns.type == ValueType::kString) {
    for (std::size_t row = from; row < to; ++row)
      statistics.good += Quality{columns.qualities[row]}.is_good() ? 1 : 0;
  } else {
    for (std::size_t row = from; row < to;) {
      const aggregate::GoodRows good(columns, row, to);
      if (good.size() > 0) add_rows(good, statistics);
      row = good.to() + 1;  // the row that ended it is not Good
    }
    statistics.has_first = statistics.has_last = true;
    statistics.first_bits = columns.bits[from];
    statistics.last_bits = columns.bits[to - 1];
    statistics.last_quality = columns.qualities[to - 1];
  }
  statistics.all_good = statistics.good == count;
  return statistics;
}

void encode_values(const Columns& columns, std::size_t from, std::size_t count, codec::Tier tier,
                   Bytes& out) {
  const auto bits = std::span(columns.bits).subspan(from, count);
  switch (columns.type) {
    case ValueType::kDouble: return codec::encode_doubles(bits, out, tier);
    case ValueType::kInt64: return codec::encode_integers(bits, out, tier);
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
  bool is_regular = false;  ///< times have one period, and only the first sum is written
  std::uint32_t times_bytes = 0;
  std::uint32_t values_bytes = 0;
  std::uint32_t qualities_bytes = 0;  ///< since version 4: 0 where every status code is 0
  std::uint32_t versions_bytes = 0;
  std::uint32_t sums_bytes = 0;
};

/// What comes between the checksum and the columns.
Bytes header_bytes(const Header& header) {
  Bytes bytes;
  ByteWriter writer(bytes);
  const ChunkRef& ref = header.ref;
  writer.varint(ref.tag.enterprise.value());
  writer.varint(ref.tag.number);
  writer.fixed(static_cast<std::uint8_t>(ref.type));
  writer.fixed(static_cast<std::uint8_t>(flags_of(ref.statistics, header.has_sums) |
                                         (header.is_regular ? kIsRegular : 0)));
  writer.varint(ref.count);
  writer.varint(header.times_bytes);
  writer.varint(header.values_bytes);
  writer.varint(header.qualities_bytes);
  writer.varint(header.versions_bytes);
  return bytes;
}

/// A chunk as of version 4. What the index says of it besides, its rows say.
bool parse_packed(const ChunkRef& ref, ByteReader& reader, Header& header) {
  header.ref = ref;
  const auto size = reader.varint_max(kChunkBytesMax);
  const bool fits = size == reader.remaining();
  const auto enterprise = reader.varint_max(0xFFFFFFFFu);
  const auto number = reader.varint_max(0xFFFFFFFFu);
  const TagId tag{EnterpriseId(static_cast<std::uint32_t>(enterprise)),
                  static_cast<std::uint32_t>(number)};
  const auto type = static_cast<ValueType>(reader.fixed<std::uint8_t>());
  const auto flags = reader.fixed<std::uint8_t>();
  const auto count = reader.varint_max(kChunkSamplesMax);
  for (std::uint32_t* bytes :
       {&header.times_bytes, &header.values_bytes, &header.qualities_bytes, &header.versions_bytes})
    *bytes = static_cast<std::uint32_t>(reader.varint_max(kChunkBytesMax));
  const std::uint64_t columns = std::uint64_t{header.times_bytes} + header.values_bytes +
                                header.qualities_bytes + header.versions_bytes;
  header.has_sums = (flags & kHasSums) != 0;
  header.is_regular = (flags & kIsRegular) != 0;
  header.sums_bytes = static_cast<std::uint32_t>(reader.remaining() - columns);
  return reader.ok() && fits && tag == ref.tag && type == ref.type && count == ref.count &&
         ((flags & kAllGood) != 0) == ref.statistics.all_good &&
         ((flags & kRepeats) != 0) == ref.statistics.repeats && (flags & ~kKnownFlags) == 0 &&
         columns <= reader.remaining() && (header.has_sums || header.sums_bytes == 0);
}

bool same_chunk(const ChunkRef& a, const ChunkRef& b) {
  return a.tag == b.tag && a.type == b.type && a.first == b.first && a.last == b.last &&
         a.count == b.count && a.bytes == b.bytes && a.statistics.good == b.statistics.good &&
         a.statistics.min_bits == b.statistics.min_bits &&
         a.statistics.max_bits == b.statistics.max_bits &&
         a.statistics.all_good == b.statistics.all_good &&
         a.statistics.repeats == b.statistics.repeats;
}

/// A chunk as of versions 1 to 3.
bool parse_fixed(const ChunkRef& ref, ByteReader& reader, Header& header) {
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
  const std::uint64_t columns = std::uint64_t{header.times_bytes} + header.values_bytes +
                                header.qualities_bytes + header.versions_bytes;
  return reader.ok() && (flags & ~kKnownFlags & ~kIsRegular) == 0 && (flags & kIsRegular) == 0 &&
         reserved == 0 && same_chunk(header.ref, ref) &&
         columns + header.sums_bytes == reader.remaining();
}

/// Checks the checksum and that the header says what the index said; leaves `reader` behind it.
Result<Header> read_header(std::uint64_t file_id, const ChunkRef& ref, ByteSpan bytes,
                           ByteReader& reader) {
  if (bytes.size() != ref.bytes || bytes.size() < kChecksumBytes)
    return fail(corrupt(ref, "a chunk is shorter than its header"));
  const auto stored = reader.fixed<std::uint32_t>();
  if (stored != placed_crc32c(file_id, ref.offset, bytes.subspan(kChecksumBytes)))
    return fail(corrupt(ref, "a chunk fails its checksum"));
  Header header;
  const bool parsed =
      ref.is_packed ? parse_packed(ref, reader, header) : parse_fixed(ref, reader, header);
  if (!parsed || ref.count == 0 || ref.count > kChunkSamplesMax)
    return fail(corrupt(ref, "a chunk is not the one that the index names"));
  return header;
}

// --- sums --------------------------------------------------------------------------------------------

/// The time between any two neighbours, if it is always the same.
std::optional<std::uint64_t> period_of(std::span<const TimeNs> times) {
  if (times.size() < 2) return std::nullopt;
  const auto apart = [&](std::size_t i) {
    return static_cast<std::uint64_t>(times[i]) - static_cast<std::uint64_t>(times[i - 1]);
  };
  for (std::size_t i = 2; i < times.size(); ++i)
    if (apart(i) != apart(1)) return std::nullopt;
  return apart(1);
}

void subtract(aggregate::ExactSum& sum, ValueType type, std::uint64_t bits) {
  if (type == ValueType::kDouble)
    sum.add(-std::bit_cast<double>(bits));
  else
    sum.add_scaled(-static_cast<Int128>(static_cast<std::int64_t>(bits)), 0);
}

/// Where times have one period, the integrals follow from the sum and the values at the two ends:
/// period x (sum - last), and twice along lines period x (2 sum - first - last).
void integrate(const ChunkRef& ref, std::uint64_t period, ChunkSums& sums) {
  sums.step_integral = sums.sum;
  subtract(sums.step_integral, ref.type, ref.statistics.last_bits);
  sums.slope_integral_twice = sums.sum;
  sums.slope_integral_twice.merge(sums.sum);
  subtract(sums.slope_integral_twice, ref.type, ref.statistics.first_bits);
  subtract(sums.slope_integral_twice, ref.type, ref.statistics.last_bits);
  sums.step_integral.multiply(period);
  sums.slope_integral_twice.multiply(period);
}

void write_sums(const Header& header, const ChunkSums& sums, Bytes& out) {
  sums.sum.serialize_packed(out);
  if (header.is_regular) return;
  sums.step_integral.serialize_packed(out);
  sums.slope_integral_twice.serialize_packed(out);
}

ChunkSums read_sums(const Header& header, ByteReader& reader) {
  const ChunkRef& ref = header.ref;
  ChunkSums sums;
  if (!ref.is_packed) {
    sums.sum = aggregate::ExactSum::deserialize(reader);
    sums.step_integral = aggregate::ExactSum::deserialize(reader);
    sums.slope_integral_twice = aggregate::ExactSum::deserialize(reader);
    return sums;
  }
  sums.sum = aggregate::ExactSum::deserialize_packed(reader);
  if (!header.is_regular) {
    sums.step_integral = aggregate::ExactSum::deserialize_packed(reader);
    sums.slope_integral_twice = aggregate::ExactSum::deserialize_packed(reader);
    return sums;
  }
  const std::uint64_t whole =
      static_cast<std::uint64_t>(ref.last) - static_cast<std::uint64_t>(ref.first);
  const std::uint64_t steps = ref.count - 1;
  const ChunkStatistics& known = ref.statistics;
  const auto is_usable = [&](std::uint64_t bits) {
    return ref.type != ValueType::kDouble || std::isfinite(std::bit_cast<double>(bits));
  };
  if (steps == 0 || whole % steps != 0 || !sums.sum.is_finite() || !known.has_first ||
      !known.has_last || !is_usable(known.first_bits) || !is_usable(known.last_bits)) {
    reader.set_failed();
    return {};
  }
  integrate(ref, whole / steps, sums);
  return sums;
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
         (!known.has_first || columns.bits.front() == known.first_bits) &&
         (!known.has_last || (columns.bits.back() == known.last_bits &&
                              columns.qualities.back() == known.last_quality));
}

void encode_row_versions(std::span<const Version> versions, VersionPatterns* patterns, Bytes& out) {
  if (patterns != nullptr) {
    Bytes plain;
    const std::uint32_t row_base = versions.front().row;
    codec::encode_plain_versions(versions, row_base, plain);
    if (const auto pattern = patterns->find_or_add(plain))
      return codec::encode_shared_versions(*pattern, row_base, out);
  }
  codec::encode_versions(versions, out);
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
  if (header.ref.is_packed && header.qualities_bytes == 0) {
    std::ranges::fill(columns.qualities, 0u);
    return {};
  }
  return codec::decode_qualities(reader.raw(header.qualities_bytes), columns.qualities);
}

}  // namespace

std::uint32_t placed_crc32c(std::uint64_t file_id, std::uint64_t offset, ByteSpan content) {
  const std::uint64_t place[2] = {file_id, offset};
  return crc32c(content, crc32c(std::as_bytes(std::span(place))));
}

ChunkRef encode_chunk(std::uint64_t file_id, std::uint64_t offset, TagId tag,
                      const StoredColumns& rows, std::size_t from, std::size_t count, Bytes& out,
                      codec::Tier tier, VersionPatterns* patterns) {
  TUNDISH_CHECK(count >= 1 && count <= kChunkSamplesMax && from + count <= rows.size());
  const Columns& columns = rows.columns;
  const auto times = std::span(columns.times).subspan(from, count);
  const auto qualities = std::span(columns.qualities).subspan(from, count);
  Header header;
  header.ref = {tag,
                columns.type,
                times.front(),
                times.back(),
                static_cast<std::uint32_t>(count),
                offset,
                0,
                statistics_of(rows, from, count),
                true};
  header.has_sums = columns.type != ValueType::kString && header.ref.statistics.all_good &&
                    !header.ref.statistics.repeats;

  Bytes body;
  auto column_bytes = [&, last = std::size_t{0}]() mutable {
    return static_cast<std::uint32_t>(body.size() - std::exchange(last, body.size()));
  };
  codec::encode_times(times, body, tier);
  header.times_bytes = column_bytes();
  encode_values(columns, from, count, tier, body);
  header.values_bytes = column_bytes();
  if (std::ranges::any_of(qualities, [](std::uint32_t code) { return code != 0; }))
    codec::encode_qualities(qualities, body);
  header.qualities_bytes = column_bytes();
  encode_row_versions(std::span(rows.versions).subspan(from, count), patterns, body);
  header.versions_bytes = column_bytes();
  if (header.has_sums) {
    const ChunkSums sums = chunk_sums(columns, from, count);
    header.is_regular = sums.sum.is_finite() && period_of(times).has_value();
    write_sums(header, sums, body);
  }
  const Bytes head = header_bytes(header);
  const std::size_t size = head.size() + body.size();
  header.ref.bytes = static_cast<std::uint32_t>(kChecksumBytes + codec::varint_bytes(size) + size);
  TUNDISH_CHECK(header.ref.bytes <= kChunkBytesMax);

  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.fixed(std::uint32_t{0});  // the checksum, known last
  writer.varint(size);
  writer.raw(head);
  writer.raw(body);
  const std::uint32_t checksum =
      placed_crc32c(file_id, offset, ByteSpan(out).subspan(start + kChecksumBytes));
  std::memcpy(out.data() + start, &checksum, sizeof checksum);
  return header.ref;
}

Result<StoredColumns> decode_chunk(std::uint64_t file_id, const ChunkRef& ref, ByteSpan bytes,
                                   std::span<const Bytes> patterns) {
  ByteReader reader(bytes);
  TUNDISH_TRY(const Header header, read_header(file_id, ref, bytes, reader));
  StoredColumns rows;
  Status status = decode_columns(header, reader, rows.columns);
  rows.versions.resize(ref.count);
  if (status)
    status = codec::decode_versions(reader.raw(header.versions_bytes), rows.versions, patterns);
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
  const ChunkSums sums = read_sums(header, reader);
  if (!reader.at_end()) return fail(corrupt(ref, "the sums of a chunk do not decode"));
  return sums;
}

}  // namespace tundish::historian
