#include "codec/integers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "codec/bit_packing.h"

namespace tundish::codec {
namespace {

using Values = std::span<const std::uint64_t>;
using Filled = std::span<std::uint64_t>;

constexpr std::size_t kVector = 1024;  // rows that share one frame and width

std::uint64_t zigzag_bits(std::uint64_t bits) { return zigzag(static_cast<std::int64_t>(bits)); }
std::uint64_t svarint_bits(ByteReader& bytes) {
  return static_cast<std::uint64_t>(bytes.svarint());
}

// --- raw: eight bytes a value ----------------------------------------------------------------

std::size_t raw_estimate(Values values) { return values.size_bytes(); }

void raw_encode(Values values, Bytes& out) { ByteWriter(out).raw(std::as_bytes(values)); }

bool raw_decode(ByteReader& bytes, Filled values) {
  const ByteSpan raw = bytes.raw(values.size_bytes());
  if (!bytes.ok()) return false;
  if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
  return true;
}

// --- runs: (length, eight bytes) -------------------------------------------------------------

template <class Visit>
void each_run(Values values, const Visit& visit) {
  for (std::size_t from = 0; from < values.size();) {
    std::size_t to = from + 1;
    while (to < values.size() && values[to] == values[from]) ++to;
    visit(values[from], to - from);
    from = to;
  }
}

std::size_t runs_estimate(Values values) {
  std::size_t bytes = 0;
  each_run(values, [&](std::uint64_t, std::size_t length) { bytes += varint_bytes(length) + 8; });
  return bytes;
}

void runs_encode(Values values, Bytes& out) {
  ByteWriter writer(out);
  each_run(values, [&](std::uint64_t value, std::size_t length) {
    writer.varint(length);
    writer.fixed(value);
  });
}

bool runs_decode(ByteReader& bytes, Filled values) {
  while (!values.empty()) {
    const auto length = static_cast<std::size_t>(bytes.varint_max(values.size()));
    const auto value = bytes.fixed<std::uint64_t>();
    if (!bytes.ok() || length == 0) return false;
    std::ranges::fill(values.first(length), value);
    values = values.subspan(length);
  }
  return bytes.ok();
}

// --- delta varints: the first value is a delta from zero ---------------------------------------

std::size_t delta_varint_estimate(Values values) {
  std::size_t bytes = 0;
  std::uint64_t last = 0;
  for (const std::uint64_t value : values) {
    bytes += varint_bytes(zigzag_bits(value - last));
    last = value;
  }
  return bytes;
}

void delta_varint_encode(Values values, Bytes& out) {
  ByteWriter writer(out);
  std::uint64_t last = 0;
  for (const std::uint64_t value : values) {
    writer.varint(zigzag_bits(value - last));
    last = value;
  }
}

bool delta_varint_decode(ByteReader& bytes, Filled values) {
  std::uint64_t last = 0;
  for (std::uint64_t& value : values) {
    last += svarint_bits(bytes);
    value = last;
  }
  return bytes.ok();
}

// --- packed: per 1,024 values the smallest one and the others' distance from it ------------------

struct Frame {
  std::uint64_t base;  // smallest as a signed number
  unsigned width;      // bits of the largest distance from it
};

Frame frame_of(Values vector) {
  std::int64_t least = static_cast<std::int64_t>(vector.front());
  std::int64_t most = least;
  for (const std::uint64_t bits : vector) {
    const auto value = static_cast<std::int64_t>(bits);
    least = std::min(least, value);
    most = std::max(most, value);
  }
  const std::uint64_t base = static_cast<std::uint64_t>(least);
  return {base, static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(most) - base))};
}

std::size_t packed_estimate(Values values) {
  std::size_t bytes = 0;
  for (; !values.empty(); values = values.subspan(std::min(kVector, values.size()))) {
    const Values vector = values.first(std::min(kVector, values.size()));
    const Frame frame = frame_of(vector);
    bytes += varint_bytes(zigzag_bits(frame.base)) + 1 + packed_bytes(vector.size(), frame.width);
  }
  return bytes;
}

void packed_encode(Values values, Bytes& out) {
  std::array<std::uint64_t, kVector> distances;
  for (; !values.empty(); values = values.subspan(std::min(kVector, values.size()))) {
    const Values vector = values.first(std::min(kVector, values.size()));
    const Frame frame = frame_of(vector);
    for (std::size_t i = 0; i < vector.size(); ++i) distances[i] = vector[i] - frame.base;
    ByteWriter writer(out);
    writer.varint(zigzag_bits(frame.base));
    writer.fixed(static_cast<std::uint8_t>(frame.width));
    pack_bits(std::span(distances).first(vector.size()), frame.width, out);
  }
}

bool packed_decode(ByteReader& bytes, Filled values) {
  for (; !values.empty(); values = values.subspan(std::min(kVector, values.size()))) {
    const Filled vector = values.first(std::min(kVector, values.size()));
    const std::uint64_t base = svarint_bits(bytes);
    const unsigned width = bytes.fixed<std::uint8_t>();
    if (!bytes.ok() || !unpack_bits(bytes, width, vector)) return false;
    for (std::uint64_t& value : vector) value += base;
  }
  return bytes.ok();
}

// --- packed deltas: the first value, then the deltas packed ---------------------------------------

std::vector<std::uint64_t> deltas_of(Values values) {
  std::vector<std::uint64_t> deltas(values.empty() ? 0 : values.size() - 1);
  for (std::size_t i = 0; i < deltas.size(); ++i) deltas[i] = values[i + 1] - values[i];
  return deltas;
}

std::size_t packed_delta_estimate(Values values) {
  if (values.size() < 2) return kNotPossible;
  return varint_bytes(zigzag_bits(values.front())) + packed_estimate(deltas_of(values));
}

void packed_delta_encode(Values values, Bytes& out) {
  ByteWriter(out).varint(zigzag_bits(values.front()));
  packed_encode(deltas_of(values), out);
}

bool packed_delta_decode(ByteReader& bytes, Filled values) {
  if (values.empty()) return false;
  values.front() = svarint_bits(bytes);
  if (!packed_decode(bytes, values.subspan(1))) return false;
  for (std::size_t i = 1; i < values.size(); ++i) values[i] += values[i - 1];
  return true;
}

// --- times ---------------------------------------------------------------------------------------

Values bits_of_times(std::span<const TimeNs> times) {
  // Signed and unsigned of one width may alias.
  return {reinterpret_cast<const std::uint64_t*>(times.data()), times.size()};
}
Filled bits_of_times(std::span<TimeNs> times) {
  return {reinterpret_cast<std::uint64_t*>(times.data()), times.size()};
}

template <std::size_t (*Estimate)(Values), void (*Encode)(Values, Bytes&),
          bool (*Decode)(ByteReader&, Filled)>
constexpr ColumnCodec<TimeNs> for_times(std::uint8_t id, std::string_view name) {
  return {id, name, [](std::span<const TimeNs> times) { return Estimate(bits_of_times(times)); },
          [](std::span<const TimeNs> times, Bytes& out) { Encode(bits_of_times(times), out); },
          [](ByteReader& bytes, std::span<TimeNs> times) {
            return Decode(bytes, bits_of_times(times));
          }};
}

std::size_t period_estimate(Values times) {
  if (times.empty()) return kNotPossible;
  const std::uint64_t period = times.size() < 2 ? 0 : times[1] - times[0];
  for (std::size_t i = 1; i < times.size(); ++i)
    if (times[i] - times[i - 1] != period) return kNotPossible;
  return varint_bytes(zigzag_bits(times.front())) + varint_bytes(zigzag_bits(period));
}

void period_encode(Values times, Bytes& out) {
  ByteWriter writer(out);
  writer.varint(zigzag_bits(times.front()));
  writer.varint(zigzag_bits(times.size() < 2 ? 0 : times[1] - times[0]));
}

bool period_decode(ByteReader& bytes, Filled times) {
  std::uint64_t time = svarint_bits(bytes);
  const std::uint64_t period = svarint_bits(bytes);
  for (std::uint64_t& filled : times) {
    filled = time;
    time += period;
  }
  return bytes.ok();
}

std::size_t second_delta_estimate(Values times) {
  std::size_t bytes = 0;
  std::uint64_t last = 0;
  std::uint64_t last_delta = 0;
  for (const std::uint64_t time : times) {
    const std::uint64_t delta = time - last;
    bytes += varint_bytes(zigzag_bits(delta - last_delta));
    last = time;
    last_delta = delta;
  }
  return bytes;
}

void second_delta_encode(Values times, Bytes& out) {
  ByteWriter writer(out);
  std::uint64_t last = 0;
  std::uint64_t last_delta = 0;
  for (const std::uint64_t time : times) {
    const std::uint64_t delta = time - last;
    writer.varint(zigzag_bits(delta - last_delta));
    last = time;
    last_delta = delta;
  }
}

bool second_delta_decode(ByteReader& bytes, Filled times) {
  std::uint64_t time = 0;
  std::uint64_t delta = 0;
  for (std::uint64_t& filled : times) {
    delta += svarint_bits(bytes);
    time += delta;
    filled = time;
  }
  return bytes.ok();
}

constexpr std::array<ColumnCodec<std::uint64_t>, 5> kIntegerCodecs{{
    {0, "raw", raw_estimate, raw_encode, raw_decode},
    {1, "runs", runs_estimate, runs_encode, runs_decode},
    {2, "delta varint", delta_varint_estimate, delta_varint_encode, delta_varint_decode},
    {3, "packed delta", packed_delta_estimate, packed_delta_encode, packed_delta_decode},
    {4, "packed", packed_estimate, packed_encode, packed_decode},
}};

constexpr std::array<ColumnCodec<TimeNs>, 5> kTimeCodecs{{
    for_times<raw_estimate, raw_encode, raw_decode>(0, "raw"),
    for_times<period_estimate, period_encode, period_decode>(1, "period"),
    for_times<second_delta_estimate, second_delta_encode, second_delta_decode>(2, "delta of delta"),
    for_times<packed_delta_estimate, packed_delta_encode, packed_delta_decode>(3, "packed delta"),
    for_times<delta_varint_estimate, delta_varint_encode, delta_varint_decode>(4, "delta varint"),
}};

}  // namespace

std::span<const ColumnCodec<std::uint64_t>> integer_codecs() { return kIntegerCodecs; }
std::span<const ColumnCodec<std::int64_t>> time_codecs() { return kTimeCodecs; }

void encode_integers(std::span<const std::uint64_t> values, Bytes& out) {
  encode_column(integer_codecs(), values, out);
}
Status decode_integers(ByteSpan bytes, std::span<std::uint64_t> values) {
  return decode_column("integers", integer_codecs(), bytes, values);
}
void encode_times(std::span<const TimeNs> times, Bytes& out) {
  encode_column(time_codecs(), times, out);
}
Status decode_times(ByteSpan bytes, std::span<TimeNs> times) {
  return decode_column("times", time_codecs(), bytes, times);
}

}  // namespace tundish::codec
