// The binary batch: docs/formats/batch.md.

#include "wire/batch/batch.h"

#include <fmt/format.h>

#include <limits>

#include "base/check.h"
#include "base/crc32c.h"
#include "model/tag_path.h"
#include "wire/batch/column_bytes.h"

namespace tundish::wire {
namespace {

constexpr std::string_view kMagic = "TDBATCH";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kCrcBytes = 4;

enum Flag : std::uint8_t { kNumbered = 1, kHasClass = 2 };

constexpr std::size_t kNameBytesMax = 128;
/// More than a tag can keep: a string over 4 KiB refuses its row, at the door, not the batch.
constexpr std::size_t kTextBytesMax = 64 * 1024;
/// An index, a time and a value take at least a byte each.
constexpr std::size_t kRowBytesMin = 3;

void write_values(ByteWriter& out, const BatchColumns& rows) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    switch (rows.types[row]) {
      case ValueType::kDouble:
      case ValueType::kInt64: out.fixed<std::uint64_t>(rows.bits[row]); break;
      case ValueType::kBool: out.fixed<std::uint8_t>(rows.bits[row] != 0 ? 1 : 0); break;
      case ValueType::kString: out.text(rows.text_at(row)); break;
    }
  }
}

void read_values(ByteReader& in, BatchColumns& rows) {
  rows.bits.resize(rows.types.size());
  for (std::size_t row = 0; row < rows.types.size(); ++row) {
    std::uint64_t& bits = rows.bits[row];
    switch (rows.types[row]) {
      case ValueType::kDouble:
      case ValueType::kInt64: bits = in.fixed<std::uint64_t>(); break;
      case ValueType::kBool: {
        const auto flag = in.fixed<std::uint8_t>();
        if (flag > 1) in.set_failed();
        bits = flag;
        break;
      }
      case ValueType::kString: {
        const std::string_view text = in.text(kTextBytesMax);
        bits = static_cast<std::uint64_t>(rows.text.size()) << 32 | text.size();
        rows.text += text;
        break;
      }
    }
    if (!in.ok()) return;
  }
}

class BatchDecoder {
 public:
  BatchDecoder(ByteReader& in, const BodyLimits& limits) : in_(in), limits_(limits) {}

  Result<DecodedBody> read() {
    TUNDISH_RETURN_IF_ERROR(read_head());
    TUNDISH_RETURN_IF_ERROR(read_paths());
    TUNDISH_RETURN_IF_ERROR(read_rows());
    if (!in_.at_end()) return malformed("there are bytes after the last value");
    body_.places.resize(body_.batch.rows.size());
    for (std::uint32_t row = 0; row < body_.places.size(); ++row) body_.places[row] = row;
    return std::move(body_);
  }

 private:
  Status read_head() {
    const auto flags = in_.fixed<std::uint8_t>();
    if (flags > (kNumbered | kHasClass))
      return malformed("a flag is set that version 1 does not have");
    if ((flags & kNumbered) != 0) {
      ReceivedBatch::Number number;
      number.source = in_.text(kNameBytesMax);
      number.stream = in_.text(kNameBytesMax);
      number.epoch =
          static_cast<std::uint32_t>(in_.varint_max(std::numeric_limits<std::uint32_t>::max()));
      number.sequence = in_.varint();
      body_.batch.number = std::move(number);
    }
    if ((flags & kHasClass) != 0) {
      const auto sample_class = in_.fixed<std::uint8_t>();
      if (sample_class > static_cast<std::uint8_t>(SampleClass::kCorrected))
        return malformed("the class is none of 0, 1 and 2");
      body_.batch.sample_class = static_cast<SampleClass>(sample_class);
    }
    if (!in_.ok()) return malformed("the head is cut short or names are too long");
    return {};
  }

  Status read_paths() {
    const std::uint64_t count = in_.varint_max(in_.remaining());
    if (!in_.ok()) return malformed("the number of paths is greater than the batch is long");
    if (count > limits_.paths_max)
      return fail(ErrorCode::kTooLarge,
                  fmt::format("A batch may name at most {} different tags; send several.",
                              limits_.paths_max),
                  "body");
    body_.batch.paths.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i) {
      body_.batch.paths.emplace_back(in_.text(kPathBytesMax));
      if (!in_.ok()) return malformed("a path is cut short or longer than 1024 bytes");
    }
    return {};
  }

  Status read_rows() {
    const auto count = static_cast<std::size_t>(in_.varint_max(in_.remaining() / kRowBytesMin));
    if (!in_.ok()) return malformed("the number of rows is greater than the batch is long");
    if (count > limits_.rows_max)
      return fail(
          ErrorCode::kTooLarge,
          fmt::format("A batch may have at most {} samples; send several.", limits_.rows_max),
          "body");
    ReceivedBatch& batch = body_.batch;
    read_differences(in_, count, batch.path_index);
    for (const std::uint32_t index : batch.path_index)
      if (index >= batch.paths.size()) in_.set_failed();
    if (!in_.ok()) return malformed("a row names a path that is not there");
    read_differences(in_, count, batch.rows.times);
    if (!in_.ok()) return malformed("the times are cut short");
    read_runs(in_, count, std::numeric_limits<std::uint32_t>::max(), batch.rows.qualities);
    if (!in_.ok()) return malformed("the runs of qualities do not add up to the rows");
    read_runs(in_, count, static_cast<std::uint64_t>(ValueType::kString), batch.rows.types);
    if (!in_.ok()) return malformed("the runs of types do not add up to the rows");
    read_values(in_, batch.rows);
    if (!in_.ok())
      return malformed(
          "the values are cut short, a bool is neither 0 nor 1, or a string is over 64 KiB");
    return {};
  }

  std::unexpected<Error> malformed(std::string_view why) const {
    Error error{ErrorCode::kInvalidArgument, fmt::format("This is not a sound batch: {}.", why),
                "body", in_.offset()};
    return fail(std::move(error));
  }

  ByteReader& in_;
  const BodyLimits& limits_;
  DecodedBody body_;
};

}  // namespace

Bytes encode_batch(const ReceivedBatch& batch) {
  const std::size_t rows = batch.rows.size();
  TUNDISH_CHECK(batch.path_index.size() == rows && batch.rows.qualities.size() == rows &&
                batch.rows.types.size() == rows && batch.rows.bits.size() == rows);
  Bytes bytes;
  bytes.reserve(64 + rows * 12 + batch.rows.text.size());
  ByteWriter out(bytes);
  out.raw(as_byte_span(kMagic));
  out.fixed(kVersion);
  out.fixed(static_cast<std::uint8_t>((batch.number ? kNumbered : 0) |
                                      (batch.sample_class ? kHasClass : 0)));
  if (batch.number) {
    out.text(batch.number->source);
    out.text(batch.number->stream);
    out.varint(batch.number->epoch);
    out.varint(batch.number->sequence);
  }
  if (batch.sample_class) out.fixed(static_cast<std::uint8_t>(*batch.sample_class));
  out.varint(batch.paths.size());
  for (const std::string& path : batch.paths) out.text(path);
  out.varint(rows);
  write_differences(out, batch.path_index);
  write_differences(out, batch.rows.times);
  write_runs(out, batch.rows.qualities);
  write_runs(out, batch.rows.types);
  write_values(out, batch.rows);
  out.fixed(crc32c(bytes));
  return bytes;
}

Result<DecodedBody> decode_batch(ByteSpan bytes, const BodyLimits& limits) {
  if (bytes.size() > limits.bytes_max)
    return fail(ErrorCode::kTooLarge,
                fmt::format("A batch may have at most {} bytes; send several.", limits.bytes_max),
                "body");
  if (!as_text(bytes).starts_with(kMagic) || bytes.size() < kMagic.size() + 1 + kCrcBytes)
    return fail(ErrorCode::kInvalidArgument,
                "This is not a batch: it does not start with TDBATCH (docs/formats/batch.md).",
                "body");
  const ByteSpan content = bytes.first(bytes.size() - kCrcBytes);
  ByteReader in(content);
  in.raw(kMagic.size());
  if (const auto version = in.fixed<std::uint8_t>(); version != kVersion)
    return fail(ErrorCode::kUnsupported,
                fmt::format("The batch is of version {}; this program reads version 1.", version),
                "body");
  ByteReader tail(bytes.last(kCrcBytes));
  if (tail.fixed<std::uint32_t>() != crc32c(content))
    return fail(ErrorCode::kCorruption,
                "The batch was damaged on its way: its checksum does not match. Send it again.",
                "body");
  return BatchDecoder(in, limits).read();
}

}  // namespace tundish::wire
