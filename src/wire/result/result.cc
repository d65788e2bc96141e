// The binary answer: docs/formats/result.md.

#include "wire/result/result.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/crc32c.h"
#include "model/tag_path.h"
#include "wire/batch/column_bytes.h"

namespace tundish::wire {
namespace {

constexpr std::string_view kMagic = "TDRESLT";
constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kTextMax = 64 * 1024;
constexpr std::size_t kIntervalBytesMin = 12;  // three times, a flag and a share
constexpr std::size_t kAggregateMax = 64;
constexpr std::size_t kRowBytesMin = 2;  // a time and a value take at least a byte each

enum class Frame : std::uint8_t { kStart = 0, kSeries = 1, kRows = 2, kEnd = 3, kIntervals = 4 };
enum Flag : std::uint8_t { kStep = 1, kSimulated = 2 };

class ResultReader {
 public:
  ResultReader(ByteSpan bytes, const ResultLimits& limits) : in_(bytes), limits_(limits) {}

  Result<DecodedResult> read() {
    if (as_text(in_.raw(kMagic.size())) != kMagic)
      return fail(ErrorCode::kInvalidArgument,
                  "This is not a binary answer: it does not start with TDRESLT.", "body");
    if (const auto version = in_.fixed<std::uint8_t>();
        in_.ok() && (version < 1 || version > kVersion))
      return fail(ErrorCode::kUnsupported,
                  fmt::format("The answer is of version {}; this program reads 1 and 2.", version),
                  "body");
    while (!ended_) TUNDISH_RETURN_IF_ERROR(read_frame());
    if (!in_.at_end()) return malformed("there is something after its end");
    return std::move(result_);
  }

 private:
  Status read_frame() {
    const auto size = in_.fixed<std::uint32_t>();
    const ByteSpan payload = in_.raw(size);
    const auto crc = in_.fixed<std::uint32_t>();
    if (!in_.ok()) return malformed("it is cut short");
    if (crc != crc32c(payload))
      return fail(ErrorCode::kCorruption,
                  "The answer was damaged on its way: a checksum does not match.", "body");
    ByteReader in(payload);
    const auto kind = static_cast<Frame>(in.fixed<std::uint8_t>());
    if (started_ == (kind == Frame::kStart)) return malformed("it must begin with one start");
    switch (kind) {
      case Frame::kStart:
        started_ = true;
        result_.position = Position(in.varint());
        break;
      case Frame::kSeries: read_series(in); break;
      case Frame::kRows: TUNDISH_RETURN_IF_ERROR(read_rows(in)); break;
      case Frame::kIntervals: TUNDISH_RETURN_IF_ERROR(read_intervals(in)); break;
      case Frame::kEnd: read_end(in); break;
      default: return malformed("a part is of no kind that there is");
    }
    if (!in.at_end()) return malformed("a part contradicts itself");
    return {};
  }

  void read_series(ByteReader& in) {
    ResultSeries series;
    series.path = in.text(kPathBytesMax);
    series.number = static_cast<std::uint32_t>(in.varint_max(UINT32_MAX));
    series.type = read_type(in);
    const auto flags = in.fixed<std::uint8_t>();
    if (flags > (kStep | kSimulated)) in.set_failed();
    series.step = (flags & kStep) != 0;
    series.simulated = (flags & kSimulated) != 0;
    series.unit = in.text(kTextMax);
    result_.series.push_back(std::move(series));
  }

  Status read_rows(ByteReader& in) {
    if (result_.series.empty()) return malformed("samples come before any series");
    Columns columns;
    columns.type = read_type(in);
    const auto count = static_cast<std::size_t>(in.varint_max(in.remaining() / kRowBytesMin));
    rows_ += count;
    if (rows_ > limits_.rows_max)
      return fail(ErrorCode::kTooLarge, "The answer has more samples than wanted.", "body");
    read_differences(in, count, columns.times);
    if (in.ok()) read_runs(in, count, std::numeric_limits<std::uint32_t>::max(), columns.qualities);
    if (in.ok()) read_values(in, count, columns);
    result_.series.back().pieces.push_back(std::move(columns));
    return {};
  }

  Status read_intervals(ByteReader& in) {
    if (result_.series.empty()) return malformed("intervals come before any series");
    ResultIntervals read;
    read.aggregate = in.text(kAggregateMax);
    read.values.type = read_type(in);
    const auto count = static_cast<std::size_t>(in.varint_max(in.remaining() / kIntervalBytesMin));
    rows_ += count;
    if (rows_ > limits_.rows_max)
      return fail(ErrorCode::kTooLarge, "The answer has more intervals than wanted.", "body");
    read_differences(in, count, read.values.times);
    if (in.ok()) read_differences(in, count, read.from);
    if (in.ok()) read_differences(in, count, read.to);
    if (in.ok())
      read_runs(in, count, std::numeric_limits<std::uint32_t>::max(), read.values.qualities);
    if (in.ok()) read_runs(in, count, 1, read.has_value);
    if (in.ok()) read_values(in, count, read.values);
    for (std::size_t i = 0; i < count && in.ok(); ++i)
      read.percent_good.push_back(double_of(in.fixed<std::uint64_t>()));
    result_.series.back().intervals.push_back(std::move(read));
    return {};
  }

  static void read_values(ByteReader& in, std::size_t count, Columns& columns) {
    columns.bits.reserve(count);
    for (std::size_t row = 0; row < count && in.ok(); ++row) {
      switch (columns.type) {
        case ValueType::kDouble:
        case ValueType::kInt64: columns.bits.push_back(in.fixed<std::uint64_t>()); break;
        case ValueType::kBool: {
          const auto flag = in.fixed<std::uint8_t>();
          if (flag > 1) in.set_failed();
          columns.bits.push_back(flag);
          break;
        }
        case ValueType::kString: {
          const std::string_view text = in.text(kTextMax);
          columns.bits.push_back(static_cast<std::uint64_t>(columns.text.size()) << 32 |
                                 text.size());
          columns.text += text;
          break;
        }
      }
    }
  }

  void read_end(ByteReader& in) {
    ended_ = true;
    const std::uint64_t count = in.varint_max(in.remaining());
    for (std::uint64_t i = 0; i < count && in.ok(); ++i)
      result_.damage.emplace_back(in.text(kTextMax));
  }

  static ValueType read_type(ByteReader& in) {
    return static_cast<ValueType>(in.varint_max(static_cast<std::uint64_t>(ValueType::kString)));
  }

  std::unexpected<Error> malformed(std::string_view why) const {
    return fail(Error{ErrorCode::kInvalidArgument,
                      fmt::format("This is not a sound answer: {}.", why), "body", in_.offset()});
  }

  ByteReader in_;
  const ResultLimits& limits_;
  DecodedResult result_;
  std::size_t rows_ = 0;
  bool started_ = false;
  bool ended_ = false;
};

void put_kind(ByteWriter& out, Frame kind) { out.fixed(static_cast<std::uint8_t>(kind)); }

/// As rows and intervals have them.
void put_values(ByteWriter& payload, const Columns& columns) {
  for (std::size_t row = 0; row < columns.size(); ++row) {
    switch (columns.type) {
      case ValueType::kDouble:
      case ValueType::kInt64: payload.fixed<std::uint64_t>(columns.bits[row]); break;
      case ValueType::kBool: payload.fixed<std::uint8_t>(columns.bits[row] != 0 ? 1 : 0); break;
      case ValueType::kString: payload.text(columns.text_at(row)); break;
    }
  }
}

}  // namespace

ResultWriter::ResultWriter(Bytes& out, Position position, std::uint8_t version) : out_(out) {
  ByteWriter head(out_);
  head.raw(as_byte_span(kMagic));
  head.fixed(version);
  ByteWriter payload(payload_);
  put_kind(payload, Frame::kStart);
  payload.varint(position.value());
  frame(payload_);
}

void ResultWriter::series(const TagInfo& tag) {
  payload_.clear();
  ByteWriter payload(payload_);
  put_kind(payload, Frame::kSeries);
  payload.text(tag.path);
  payload.varint(tag.id.number);
  payload.varint(static_cast<std::uint64_t>(tag.type));
  payload.fixed(
      static_cast<std::uint8_t>((tag.step ? kStep : 0) | (tag.simulated ? kSimulated : 0)));
  payload.text(tag.unit);
  frame(payload_);
}

void ResultWriter::rows(const Columns& columns) {
  payload_.clear();
  ByteWriter payload(payload_);
  put_kind(payload, Frame::kRows);
  payload.varint(static_cast<std::uint64_t>(columns.type));
  payload.varint(columns.size());
  write_differences(payload, columns.times);
  write_runs(payload, columns.qualities);
  put_values(payload, columns);
  frame(payload_);
}

void ResultWriter::intervals(const ResultIntervals& intervals) {
  payload_.clear();
  ByteWriter payload(payload_);
  put_kind(payload, Frame::kIntervals);
  payload.text(intervals.aggregate);
  payload.varint(static_cast<std::uint64_t>(intervals.values.type));
  payload.varint(intervals.values.size());
  write_differences(payload, intervals.values.times);
  write_differences(payload, intervals.from);
  write_differences(payload, intervals.to);
  write_runs(payload, intervals.values.qualities);
  write_runs(payload, intervals.has_value);
  put_values(payload, intervals.values);
  for (const double share : intervals.percent_good) payload.fixed<std::uint64_t>(bits_of(share));
  frame(payload_);
}

void ResultWriter::end(std::span<const std::string> damage) {
  payload_.clear();
  ByteWriter payload(payload_);
  put_kind(payload, Frame::kEnd);
  payload.varint(damage.size());
  for (const std::string& sentence : damage)
    payload.text(std::string_view(sentence).substr(0, kTextMax));
  frame(payload_);
}

void ResultWriter::frame(ByteSpan payload) {
  ByteWriter out(out_);
  out.fixed(static_cast<std::uint32_t>(payload.size()));
  out.raw(payload);
  out.fixed(crc32c(payload));
}

Result<DecodedResult> decode_result(ByteSpan bytes, const ResultLimits& limits) {
  if (bytes.size() > limits.bytes_max)
    return fail(ErrorCode::kTooLarge, "The answer has more bytes than wanted.", "body");
  return ResultReader(bytes, limits).read();
}

}  // namespace tundish::wire
