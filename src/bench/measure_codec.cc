// The codecs on the columns of the work, a chunk at a time, on one core. Speed is of the 8 bytes that a value or a
// time has in memory. CPU time of this thread, so that what else runs on the machine counts less.

#include <fmt/format.h>
#include <time.h>

#include <array>
#include <functional>

#include "bench/benches.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/runs.h"

namespace tundish::bench {
namespace {

constexpr std::size_t kChunkRows = 4'096;
constexpr double kLeastSeconds = 0.2;  ///< of work for one figure, where there are as many rows as
constexpr std::size_t kRowsOfMeasure = 20'000;

double cpu_seconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

using Column = std::vector<std::uint64_t>;

struct ColumnCodec {
  std::function<void(const Column&, Bytes&)> encode;
  std::function<Status(ByteSpan, Column&)> decode;
};

ColumnCodec codec_of(ValueType type, codec::Tier tier) {
  switch (type) {
    case ValueType::kInt64:
      return {[tier](const Column& in, Bytes& out) { codec::encode_integers(in, out, tier); },
              [](ByteSpan in, Column& out) { return codec::decode_integers(in, out); }};
    case ValueType::kBool:
      return {[](const Column& in, Bytes& out) { codec::encode_bools(in, out); },
              [](ByteSpan in, Column& out) { return codec::decode_bools(in, out); }};
    default:
      return {[tier](const Column& in, Bytes& out) { codec::encode_doubles(in, out, tier); },
              [](ByteSpan in, Column& out) { return codec::decode_doubles(in, out); }};
  }
}

/// Times go through the same functions; their bits are those of int64.
ColumnCodec codec_of_times(codec::Tier tier) {
  return {[tier](const Column& in, Bytes& out) {
            const std::vector<TimeNs> times(in.begin(), in.end());
            codec::encode_times(times, out, tier);
          },
          [times = std::vector<TimeNs>()](ByteSpan in, Column& out) mutable {
            times.resize(out.size());
            return codec::decode_times(in, times);
          }};
}

/// GB/s of repeating `work`, which handles `bytes`, for a while.
template <class Work>
double speed(std::size_t bytes, const Work& work) {
  // Of less the speed says nothing.
  const double least_s = bytes < kRowsOfMeasure * sizeof(std::uint64_t) ? 0.005 : kLeastSeconds;
  const double began = cpu_seconds_now();
  double spent = 0, rounds = 0;
  do {
    work();
    ++rounds;
    spent = cpu_seconds_now() - began;
  } while (spent < least_s);
  return rounds * static_cast<double>(bytes) / spent * 1e-9;
}

struct Columns {
  std::vector<Column> columns;
  std::size_t rows = 0;

  void add(Column column) {
    rows += column.size();
    columns.push_back(std::move(column));
  }
};

Status measure(const std::string& name, const Columns& in, const ColumnCodec& codec,
               std::optional<double> decode_goal, Report& report) {
  std::vector<Bytes> encoded(in.columns.size());
  std::size_t encoded_bytes = 0;
  const std::size_t bytes = in.rows * sizeof(std::uint64_t);
  const double encode_speed = speed(bytes, [&] {
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      encoded[i].clear();
      codec.encode(in.columns[i], encoded[i]);
    }
  });
  for (const Bytes& one : encoded) encoded_bytes += one.size();
  std::vector<Column> out;
  for (const Column& column : in.columns) out.emplace_back(column.size());
  Status status;
  const double decode_speed = speed(bytes, [&] {
    for (std::size_t i = 0; i < encoded.size() && status; ++i)
      status = codec.decode(encoded[i], out[i]);
  });
  TUNDISH_RETURN_IF_ERROR(status);
  const bool times = name.starts_with("times");
  if (!times && out != in.columns)
    return fail(ErrorCode::kCorruption, "decoding does not give back what was encoded", name);
  report.add("codec." + name + ".bytes_per_row",
             static_cast<double>(encoded_bytes) / static_cast<double>(in.rows), "B/sample");
  report.add("codec." + name + ".encode", encode_speed, "GB/s");
  report.add({"codec." + name + ".decode", decode_speed, "GB/s", decode_goal, {}});
  return {};
}

}  // namespace

Status bench_codec(const WorkloadOptions& work, Report& report) {
  std::array<Columns, kTagKinds> values;
  Columns times;
  for (std::uint32_t tag = 0; tag < work.tags; ++tag) {
    TagStream stream(work, tag);
    for (std::uint32_t left = work.seconds; left > 0;) {
      Column value_column, time_column;
      for (; left > 0 && value_column.size() < kChunkRows; --left) {
        const WorkloadSample sample = stream.next();
        value_column.push_back(sample.bits);
        time_column.push_back(static_cast<std::uint64_t>(sample.time));
      }
      values[static_cast<std::size_t>(tag_kind(tag))].add(std::move(value_column));
      times.add(std::move(time_column));
    }
  }
  for (std::size_t kind = 0; kind < kTagKinds; ++kind) {
    if (values[kind].columns.empty()) continue;
    const auto name = std::string(tag_kind_name(static_cast<TagKind>(kind)));
    progress("codec: " + name);
    const bool analog = kind <= static_cast<std::size_t>(TagKind::kNoisyAnalog);
    const ValueType type = kind == static_cast<std::size_t>(TagKind::kCounter) ? ValueType::kInt64
                           : kind == static_cast<std::size_t>(TagKind::kBool)  ? ValueType::kBool
                                                                               : ValueType::kDouble;
    TUNDISH_RETURN_IF_ERROR(measure(name, values[kind], codec_of(type, codec::Tier::kPacked),
                                    analog ? std::optional(10.0) : std::nullopt, report));
    TUNDISH_RETURN_IF_ERROR(
        measure(name + ".dense", values[kind], codec_of(type, codec::Tier::kDense), {}, report));
  }
  TUNDISH_RETURN_IF_ERROR(
      measure("times", times, codec_of_times(codec::Tier::kPacked), {}, report));
  return measure("times.dense", times, codec_of_times(codec::Tier::kDense), {}, report);
}

}  // namespace tundish::bench
