#include "codec/versions.h"

#include <array>

#include "codec/column_codec.h"

namespace tundish::codec {
namespace {

constexpr std::uint8_t kRuns = 0, kShared = 1;

struct Run {
  Version first;
  std::uint64_t sequence_stride = 0;  // both wrap, so that they can be negative
  std::uint32_t row_stride = 0;
  std::size_t length = 0;
};

bool same_but_sequence_and_row(const Version& a, const Version& b) {
  return a.sample_class == b.sample_class && a.priority == b.priority && a.source == b.source &&
         a.epoch == b.epoch && a.stream == b.stream;
}

Run first_run(std::span<const Version> versions) {
  Run run{versions[0], 0, 0, 1};
  if (versions.size() == 1 || !same_but_sequence_and_row(versions[0], versions[1])) return run;
  run.sequence_stride = versions[1].sequence - versions[0].sequence;
  run.row_stride = versions[1].row - versions[0].row;
  while (run.length < versions.size()) {
    const Version& last = versions[run.length - 1];
    const Version& next = versions[run.length];
    if (!same_but_sequence_and_row(last, next) ||
        next.sequence - last.sequence != run.sequence_stride ||
        next.row - last.row != run.row_stride)
      break;
    ++run.length;
  }
  return run;
}

// The six numbers that are written as differences.
constexpr std::size_t kFields = 6;
std::array<std::uint64_t, kFields> fields_of(const Run& run) {
  return {run.first.source,    run.first.epoch, run.first.sequence,
          run.sequence_stride, run.first.row,   run.first.stream};
}

bool fits_32_bits(std::uint64_t value) { return value <= 0xFFFFFFFFu; }

bool decode_runs(ByteReader& bytes, std::span<Version> versions) {
  std::array<std::uint64_t, kFields> fields{};
  while (!versions.empty()) {
    const auto length = static_cast<std::size_t>(bytes.varint_max(versions.size()));
    const auto sample_class = bytes.fixed<std::uint8_t>();
    const auto priority = bytes.fixed<std::uint8_t>();
    const auto row_stride = static_cast<std::uint32_t>(bytes.varint_max(0xFFFFFFFFu));
    for (std::uint64_t& field : fields) field += static_cast<std::uint64_t>(bytes.svarint());
    const auto& [source, epoch, sequence, sequence_stride, row, stream] = fields;
    if (!bytes.ok() || length == 0 ||
        sample_class > static_cast<std::uint8_t>(SampleClass::kCorrected) ||
        !fits_32_bits(source) || !fits_32_bits(epoch) || !fits_32_bits(row) ||
        !fits_32_bits(stream))
      return false;
    Version version{
        static_cast<SampleClass>(sample_class), priority, static_cast<std::uint32_t>(source),
        static_cast<std::uint32_t>(epoch),      sequence, static_cast<std::uint32_t>(row),
        static_cast<std::uint32_t>(stream)};
    for (Version& filled : versions.first(length)) {
      filled = version;
      version.sequence += sequence_stride;
      version.row += row_stride;
    }
    versions = versions.subspan(length);
  }
  return bytes.at_end();
}

}  // namespace

void encode_plain_versions(std::span<const Version> versions, std::uint32_t row_base, Bytes& out) {
  ByteWriter writer(out);
  writer.fixed(kRuns);
  std::array<std::uint64_t, kFields> last{};
  while (!versions.empty()) {
    Run run = first_run(versions);
    run.first.row -= row_base;
    writer.varint(run.length);
    writer.fixed(static_cast<std::uint8_t>(run.first.sample_class));
    writer.fixed(run.first.priority);
    writer.varint(run.row_stride);
    const auto fields = fields_of(run);
    for (std::size_t i = 0; i < kFields; ++i)
      writer.svarint(static_cast<std::int64_t>(fields[i] - last[i]));
    last = fields;
    versions = versions.subspan(run.length);
  }
}

void encode_versions(std::span<const Version> versions, Bytes& out) {
  const std::size_t from = out.size();
  encode_plain_versions(versions, 0, out);
  compress_column(out, from);
}

void encode_shared_versions(std::size_t pattern, std::uint32_t row_base, Bytes& out) {
  ByteWriter writer(out);
  writer.fixed(kShared);
  writer.varint(pattern);
  writer.varint(row_base);
}

Status decode_versions(ByteSpan bytes, std::span<Version> versions,
                       std::span<const Bytes> patterns) {
  ByteReader reader(bytes);
  if (reader.fixed<std::uint8_t>() != kShared) return decode_versions(bytes, versions);
  const auto pattern = static_cast<std::size_t>(reader.varint());
  const auto row_base = static_cast<std::uint32_t>(reader.varint_max(0xFFFFFFFFu));
  if (!reader.at_end() || pattern >= patterns.size())
    return corrupt_column("versions", "names a pattern that is not there");
  TUNDISH_RETURN_IF_ERROR(decode_versions(patterns[pattern], versions));
  for (Version& version : versions) version.row += row_base;
  return {};
}

Status decode_versions(ByteSpan bytes, std::span<Version> versions) {
  if (versions.size() > kRowsMax) return corrupt_column("versions", "has too many rows");
  Bytes unfolded;
  TUNDISH_TRY(const ByteSpan plain, open_column(bytes, unfolded));
  ByteReader reader(plain);
  if (reader.fixed<std::uint8_t>() != kRuns || !decode_runs(reader, versions))
    return corrupt_column("versions", "does not decode to the stated number of rows");
  return {};
}

}  // namespace tundish::codec
