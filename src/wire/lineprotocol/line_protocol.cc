// A body names the same series again and again. What a series stands for (the front of its paths) is
// worked out at its first point and found by its bytes from then on; the index of a field's path is
// remembered by the field's place in the point. Bodies name their series in the same order again and again, so the
// one that came after it the last time is expected after a series.

#include "wire/lineprotocol/line_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/tag_path.h"
#include "wire/lineprotocol/line_scanner.h"

namespace tundish::wire {
namespace {

struct Series {
  std::string_view text;   ///< as it stands in the body
  std::size_t number = 0;  ///< in the order of first points
  std::string prefix;      ///< `enterprise/measurement/values/`
  std::string wrong;       ///< why its points are refused; empty when they are not
  struct Field {
    std::string_view key;
    std::uint32_t path = 0;
  };
  std::vector<Field> fields;  ///< by their place in the point, as last seen
};

class PointReader {
 public:
  explicit PointReader(const LineProtocolOptions& options)
      : options_(options),
        received_(options.received - options.received % options.precision),
        paths_(body_.batch.paths, options.limits.paths_max) {}

  Result<DecodedBody> read(std::string_view text) {
    LineScanner scanner(text);
    for (;;) {
      scanner.expect(next_ < in_order_.size() ? in_order_[next_]->text : std::string_view());
      switch (scanner.next()) {
        case LineScanner::Next::kEnd: return std::move(body_);
        case LineScanner::Next::kError: {
          const LineError& error = scanner.error();
          refuse(error.line, error.code, error.message, error.column);
          break;
        }
        case LineScanner::Next::kPoint: {
          TUNDISH_RETURN_IF_ERROR(keep(scanner.point()));
          break;
        }
      }
    }
  }

 private:
  void refuse(std::size_t line, ErrorCode code, std::string_view message, std::size_t column) {
    const auto place = static_cast<std::uint32_t>(line);
    const auto in_line = static_cast<std::uint32_t>(std::min<std::size_t>(column, UINT32_MAX));
    body_.refuse(
        place, code,
        column == 0 ? std::string(message) : fmt::format("at column {}: {}", column, message),
        in_line);
  }

  /// Errors: kTooLarge for the whole body.
  Status keep(const RawPoint& point) {
    TimeNs time = received_;
    if (point.timestamp && __builtin_mul_overflow(*point.timestamp, options_.precision, &time)) {
      refuse(point.line, ErrorCode::kInvalidArgument, "the timestamp is outside 1677 to 2262", 0);
      return {};
    }
    Series& series = series_of(point);
    if (!series.wrong.empty()) {
      refuse(point.line, ErrorCode::kInvalidArgument, series.wrong, 0);
      return {};
    }
    if (body_.batch.rows.size() + point.fields.size() > options_.limits.rows_max)
      return fail(
          ErrorCode::kTooLarge,
          fmt::format("A body may have at most {} fields; send several.", options_.limits.rows_max),
          "body");
    if (series.fields.size() < point.fields.size()) series.fields.resize(point.fields.size());
    for (std::size_t i = 0; i < point.fields.size(); ++i) {
      const RawField& field = point.fields[i];
      Series::Field& known = series.fields[i];
      if (known.key != field.key.text) {
        const std::string path = series.prefix + encode_name(unescape_name(field.key));
        if (path.size() > kPathBytesMax) {
          refuse(point.line, ErrorCode::kInvalidArgument,
                 "the path of measurement, tag values and field is longer than 1024 bytes", 0);
          continue;
        }
        TUNDISH_TRY(known.path, paths_.index_of(path));
        known.key = field.key.text;
      }
      if (field.kind != RawField::Kind::kString && field.kind != RawField::Kind::kUnsigned) {
        push_number(point.line, known.path, time, field);
        continue;
      }
      const Result<Value> value = value_of(field);
      if (!value) {
        refuse(point.line, value.error().code, value.error().message, 0);
        continue;
      }
      body_.push_back(static_cast<std::uint32_t>(point.line), known.path, time, *value, kGood);
    }
    return {};
  }

  /// A float, an integer or a bool: its bits are those of a column.
  void push_number(std::size_t line, std::uint32_t path, TimeNs time, const RawField& field) {
    BatchColumns& rows = body_.batch.rows;
    body_.places.push_back(static_cast<std::uint32_t>(line));
    body_.batch.path_index.push_back(path);
    rows.times.push_back(time);
    rows.qualities.push_back(kGood.code);
    rows.types.push_back(field.kind == RawField::Kind::kFloat     ? ValueType::kDouble
                         : field.kind == RawField::Kind::kInteger ? ValueType::kInt64
                                                                  : ValueType::kBool);
    rows.bits.push_back(field.bits);
  }

  Series& series_of(const RawPoint& point) {
    if (point.is_expected) {
      Series& expected = *in_order_[next_];
      next_ = expected.number + 1 < in_order_.size() ? expected.number + 1 : 0;
      return expected;
    }
    const auto [at, is_new] = series_.try_emplace(point.series);
    Series& series = at->second;
    if (is_new) {
      series.text = at->first;
      series.number = in_order_.size();
      in_order_.push_back(&series);
    }
    next_ = series.number + 1 < in_order_.size() ? series.number + 1 : 0;
    if (!is_new) return series;
    const Result<std::vector<LineTag>> tags = sorted_tags(point);
    if (!tags) {
      series.wrong = tags.error().message;
      return series;
    }
    series.prefix = options_.enterprise_code + '/' +
                    encode_name(unescape_name(point.measurement, /*is_measurement=*/true)) + '/';
    for (const LineTag& tag : *tags) series.prefix += encode_name(tag.value) + '/';
    if (series.prefix.size() > kPathBytesMax)
      series.wrong = "the path of measurement and tag values is longer than 1024 bytes";
    return series;
  }

  const LineProtocolOptions& options_;
  const TimeNs received_;
  DecodedBody body_;
  PathTable paths_;
  std::unordered_map<std::string_view, Series> series_;  ///< keys lie in the body
  std::vector<Series*> in_order_;
  std::size_t next_ = 0;  ///< of in_order_: the one that is expected
};

}  // namespace

Result<DurationNs> parse_precision(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, DurationNs>, 11> kNames{
      {{"", 1},
       {"ns", 1},
       {"n", 1},
       {"us", kMicrosecond},
       {"u", kMicrosecond},
       {"\u00B5", kMicrosecond},
       {"\u00B5s", kMicrosecond},
       {"ms", kMillisecond},
       {"s", kSecond},
       {"m", kMinute},
       {"h", kHour}}};
  for (const auto& [known, length] : kNames)
    if (name == known) return length;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no precision; write ns, us, ms, s, m or h.", name.substr(0, 32)),
              "precision");
}

Result<DecodedBody> decode_line_protocol(std::string_view body,
                                         const LineProtocolOptions& options) {
  if (body.size() > options.limits.bytes_max)
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("A body may have at most {} bytes; send several.", options.limits.bytes_max),
        "body");
  return PointReader(options).read(body);
}

}  // namespace tundish::wire
