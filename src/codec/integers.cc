#include "codec/integers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "codec/bit_packing.h"
#include "codec/dense.h"
#include "codec/kernels.h"

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

/// Takes as many varints of one byte as stand in front, eight at a time; returns how many.
std::size_t take_short_deltas(ByteReader& bytes, Filled values, std::uint64_t& last) {
  constexpr std::uint64_t kMore = 0x8080808080808080u;
  ByteReader ahead = bytes;
  const ByteSpan rest = ahead.raw(ahead.remaining());
  std::size_t taken = 0;
  std::uint64_t sum = last;
  for (; taken + 8 <= std::min(values.size(), rest.size()); taken += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, rest.data() + taken, sizeof eight);
    if ((eight & kMore) != 0) break;
    for (std::size_t i = 0; i < 8; ++i) {
      sum += static_cast<std::uint64_t>(unzigzag(eight >> (8 * i) & 0x7F));
      values[taken + i] = sum;
    }
  }
  last = sum;
  bytes.raw(taken);
  return taken;
}

bool delta_varint_decode(ByteReader& bytes, Filled values) {
  std::uint64_t last = 0;
  while (!values.empty()) {
    values = values.subspan(take_short_deltas(bytes, values, last));
    // Then one by one up to where short ones may go on.
    for (std::size_t i = std::min<std::size_t>(8, values.size()); i > 0; --i) {
      last += svarint_bits(bytes);
      values.front() = last;
      values = values.subspan(1);
    }
    if (!bytes.ok()) return false;
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
    if (!bytes.ok() || !unpack_bits(bytes, width, vector, base)) return false;
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
  std::uint64_t sum = 0;
  for (std::uint64_t& value : values) value = sum += value;
  return true;
}

// --- scaled: the distances from the first value, divided by what divides them all --------------------

constexpr std::array<ColumnCodec<std::uint64_t>, 5> kUnscaledCodecs{{
    {0, "raw", raw_estimate, raw_encode, raw_decode},
    {1, "runs", runs_estimate, runs_encode, runs_decode},
    {2, "delta varint", delta_varint_estimate, delta_varint_encode, delta_varint_decode},
    {3, "packed delta", packed_delta_estimate, packed_delta_encode, packed_delta_decode},
    {4, "packed", packed_estimate, packed_encode, packed_decode},
}};

constexpr std::uint8_t kScaled = 5, kDense = 6;

/// The greatest number that divides all differences; 0 where there are none, 1 where nothing is gained.
std::uint64_t divisor_of(Values values) {
  std::uint64_t divisor = 0;
  for (std::size_t i = 1; i < values.size() && divisor != 1; ++i) {
    const auto apart = static_cast<std::int64_t>(values[i] - values[i - 1]);
    if (apart == std::numeric_limits<std::int64_t>::min()) return 1;
    if (apart != 0) divisor = std::gcd(divisor, static_cast<std::uint64_t>(std::abs(apart)));
  }
  return divisor;
}

struct Scaled {
  std::uint64_t first = 0;
  std::uint64_t divisor = 1;
  std::vector<std::uint64_t> quotients;
};

/// Nothing where scaling gains nothing, or a distance does not fit.
std::optional<Scaled> scaled_of(Values values) {
  if (values.size() < 2) return std::nullopt;
  Scaled scaled{values.front(), divisor_of(values), {}};
  if (scaled.divisor <= 1) return std::nullopt;
  scaled.quotients.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto apart = static_cast<std::int64_t>(values[i] - scaled.first);
    // It has wrapped where the signed order says the opposite.
    if ((apart < 0) !=
        (static_cast<std::int64_t>(values[i]) < static_cast<std::int64_t>(scaled.first)))
      return std::nullopt;
    scaled.quotients[i] =
        static_cast<std::uint64_t>(apart / static_cast<std::int64_t>(scaled.divisor));
  }
  return scaled;
}

void write_scale(const Scaled& scaled, Bytes& out) {
  ByteWriter writer(out);
  writer.varint(zigzag_bits(scaled.first));
  writer.varint(scaled.divisor);
}

std::size_t scaled_estimate(Values values) {
  const auto scaled = scaled_of(values);
  if (!scaled) return kNotPossible;
  std::size_t bytes = kNotPossible;
  for (const auto& codec : kUnscaledCodecs)
    bytes = std::min(bytes, codec.estimate(scaled->quotients));
  return varint_bytes(zigzag_bits(scaled->first)) + varint_bytes(scaled->divisor) + 1 + bytes;
}

void scaled_encode(Values values, Bytes& out) {
  const auto scaled = scaled_of(values);
  write_scale(*scaled, out);
  encode_plain_column(std::span<const ColumnCodec<std::uint64_t>>(kUnscaledCodecs),
                      Values(scaled->quotients), out);
}

// Estimated nowhere: encode_dense_integers() makes it, and its size decides.
constexpr ColumnCodec<std::uint64_t> kDenseCodec{
    kDense, "dense", [](Values) { return kNotPossible; },
    [](Values values, Bytes& out) { dense_encode(values, out); }, dense_decode};

bool scaled_decode(ByteReader& bytes, Filled values) {
  const std::uint64_t first = svarint_bits(bytes);
  const std::uint64_t divisor = bytes.varint();
  ByteReader ahead = bytes;
  const bool is_dense = ahead.fixed<std::uint8_t>() == kDense;
  const std::span<const ColumnCodec<std::uint64_t>> unscaled =
      is_dense ? std::span(&kDenseCodec, 1) : std::span(kUnscaledCodecs);
  if (!bytes.ok() || !decode_plain_column(unscaled, bytes, values)) return false;
  kernels::scale(values, divisor, first);
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

// Period and residuals: a clock that ticks regularly and is read a little early or late, in whole milliseconds or
// whatever its resolution is. time[i] = first + i x period + scale x residual[i].

/// Division by one number, of many that it mostly divides: multiplication by its inverse among the odd numbers of 64
/// bits (Granlund and Montgomery 1994, section 9).
class ExactDivisor {
 public:
  explicit ExactDivisor(std::uint64_t divisor)  // > 0
      : shift_(std::countr_zero(divisor)), quotient_max_(~0ull / divisor) {
    const std::uint64_t odd = divisor >> shift_;
    inverse_ = odd;  // right in the lowest three bits; each step doubles them
    for (int i = 0; i < 5; ++i) inverse_ *= 2 - odd * inverse_;
  }
  bool divides(std::uint64_t value) const {
    return std::rotr(value * inverse_, shift_) <= quotient_max_;
  }
  /// `value` must be a multiple.
  std::int64_t quotient(std::int64_t value) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value >> shift_) * inverse_);
  }

 private:
  int shift_;
  std::uint64_t quotient_max_;
  std::uint64_t inverse_ = 0;
};

struct Ticks {
  std::uint64_t period = 0;
  std::uint64_t scale = 1;  // the greatest that divides all
  std::vector<std::uint64_t> residuals;
};

/// The greatest number that divides all differences; 0 when there are none, or when times are so far apart that a
/// residual might overflow.
std::uint64_t scale_of(Values times) {
  constexpr std::int64_t kApartMax = std::int64_t{1} << 61;
  std::uint64_t scale = 0, last_delta = 0;
  ExactDivisor by_scale(1);
  for (std::size_t i = 1; i < times.size(); ++i) {
    const auto apart = static_cast<std::int64_t>(times[i] - times.front());
    if (apart < 0 || apart > kApartMax) return 0;
    const std::uint64_t delta = times[i] - times[i - 1];
    if (delta == last_delta) continue;
    last_delta = delta;
    const auto step = static_cast<std::int64_t>(delta);
    const auto size = static_cast<std::uint64_t>(step < 0 ? -step : step);
    // It is mostly found after a few rows.
    if (scale != 0 && by_scale.divides(size)) continue;
    scale = std::gcd(scale, size);
    if (scale != 0) by_scale = ExactDivisor(scale);
  }
  return scale;
}

std::optional<Ticks> ticks_of(Values times) {
  if (times.size() < 3) return std::nullopt;
  const std::uint64_t scale = scale_of(times);
  if (scale == 0) return std::nullopt;
  const std::uint64_t steps = times.size() - 1;
  const std::uint64_t mean = (times.back() - times.front()) / steps;
  Ticks ticks{(mean + scale / 2) / scale * scale, scale, std::vector<std::uint64_t>(times.size())};
  const ExactDivisor by_scale(scale);
  std::uint64_t regular = times.front();
  for (std::size_t i = 0; i < times.size(); ++i, regular += ticks.period)
    ticks.residuals[i] = static_cast<std::uint64_t>(
        by_scale.quotient(static_cast<std::int64_t>(times[i] - regular)));
  return ticks;
}

std::size_t ticks_bytes(std::uint64_t first, const Ticks& ticks) {
  return varint_bytes(zigzag_bits(first)) + varint_bytes(ticks.period) + varint_bytes(ticks.scale) +
         packed_estimate(ticks.residuals);
}

void write_ticks(std::uint64_t first, const Ticks& ticks, Bytes& out) {
  ByteWriter writer(out);
  writer.varint(zigzag_bits(first));
  writer.varint(ticks.period);
  writer.varint(ticks.scale);
  packed_encode(ticks.residuals, out);
}

std::size_t residual_estimate(Values times) {
  const auto ticks = ticks_of(times);
  return ticks ? ticks_bytes(times.front(), *ticks) : kNotPossible;
}

void residual_encode(Values times, Bytes& out) {
  write_ticks(times.front(), *ticks_of(times), out);
}

bool residual_decode(ByteReader& bytes, Filled times) {
  std::uint64_t regular = svarint_bits(bytes);
  const std::uint64_t period = bytes.varint();
  const std::uint64_t scale = bytes.varint();
  if (!packed_decode(bytes, times)) return false;
  for (std::uint64_t& time : times) {
    time = regular + scale * time;
    regular += period;
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

// The packed ones by themselves, then what only the dense tier writes.
constexpr std::array<ColumnCodec<std::uint64_t>, 7> kIntegerCodecs{{
    kUnscaledCodecs[0],
    kUnscaledCodecs[1],
    kUnscaledCodecs[2],
    kUnscaledCodecs[3],
    kUnscaledCodecs[4],
    {kScaled, "scaled", scaled_estimate, scaled_encode, scaled_decode},
    kDenseCodec,
}};

// Period and dense residuals: as period and residuals, but the residuals are an integer column of their own.

bool dense_residual_decode(ByteReader& bytes, Filled times) {
  std::uint64_t regular = svarint_bits(bytes);
  const std::uint64_t period = bytes.varint();
  const std::uint64_t scale = bytes.varint();
  if (!decode_plain_column(std::span<const ColumnCodec<std::uint64_t>>(kIntegerCodecs), bytes,
                           times))
    return false;
  for (std::uint64_t& time : times) {
    time = regular + scale * time;
    regular += period;
  }
  return true;
}

bool write_dense_ticks(Values times, Bytes& out) {
  const auto ticks = ticks_of(times);
  if (!ticks) return false;
  ByteWriter writer(out);
  writer.varint(zigzag_bits(times.front()));
  writer.varint(ticks->period);
  writer.varint(ticks->scale);
  return encode_dense_integers(ticks->residuals, out);
}

constexpr std::array<ColumnCodec<TimeNs>, 7> kTimeCodecs{{
    for_times<raw_estimate, raw_encode, raw_decode>(0, "raw"),
    for_times<period_estimate, period_encode, period_decode>(1, "period"),
    for_times<second_delta_estimate, second_delta_encode, second_delta_decode>(2, "delta of delta"),
    for_times<packed_delta_estimate, packed_delta_encode, packed_delta_decode>(3, "packed delta"),
    for_times<delta_varint_estimate, delta_varint_encode, delta_varint_decode>(4, "delta varint"),
    for_times<residual_estimate, residual_encode, residual_decode>(5, "period and residuals"),
    {6, "period and dense residuals", [](std::span<const TimeNs>) { return kNotPossible; },
     [](std::span<const TimeNs> times, Bytes& out) {
       write_dense_ticks(bits_of_times(times), out);
     },
     [](ByteReader& bytes, std::span<TimeNs> times) {
       return dense_residual_decode(bytes, bits_of_times(times));
     }},
}};
constexpr std::size_t kResiduals = 5;  // its place there

}  // namespace

std::span<const ColumnCodec<std::uint64_t>> integer_codecs() { return kIntegerCodecs; }
std::span<const ColumnCodec<std::uint64_t>> packed_integer_codecs() {
  return integer_codecs().first(kIntegerCodecs.size() - 1);
}
std::span<const ColumnCodec<std::int64_t>> time_codecs() { return kTimeCodecs; }

bool encode_dense_integers(std::span<const std::uint64_t> values, Bytes& out) {
  const std::size_t from = out.size();
  const auto scaled = scaled_of(values);
  if (scaled) {
    out.push_back(static_cast<std::byte>(kScaled));
    write_scale(*scaled, out);
  }
  out.push_back(static_cast<std::byte>(kDense));
  if (dense_encode(scaled ? Values(scaled->quotients) : values, out)) return true;
  out.resize(from);
  return false;
}

void encode_integers(std::span<const std::uint64_t> values, Bytes& out) {
  encode_column(packed_integer_codecs(), values, out);
}
void encode_integers(std::span<const std::uint64_t> values, Bytes& out, Tier tier) {
  const std::size_t from = out.size();
  encode_integers(values, out);
  if (Bytes dense; tier == Tier::kDense && out.size() - from > kWorthDensity &&
                   encode_dense_integers(values, dense))
    take_smaller(dense, out, from);
}
Status decode_integers(ByteSpan bytes, std::span<std::uint64_t> values) {
  return decode_column("integers", integer_codecs(), bytes, values);
}
// Estimates know nothing of what zstd makes of a column. Residuals leave it nothing, differences are often folded to
// less. So residuals of more than four bits a row are taken only where they beat what the others came to in the end.
void encode_times(std::span<const TimeNs> times, Bytes& out) {
  const Values bits = bits_of_times(times);
  const std::size_t from = out.size();
  const auto ticks = period_estimate(bits) == kNotPossible ? ticks_of(bits) : std::nullopt;
  const std::size_t residual_bytes = ticks ? 1 + ticks_bytes(bits.front(), *ticks) : kNotPossible;
  if (!ticks || residual_bytes > times.size() / 2) {
    encode_column(time_codecs().first(kResiduals), times, out);
    if (residual_bytes >= out.size() - from) return;
    out.resize(from);
  }
  out.push_back(static_cast<std::byte>(kTimeCodecs[kResiduals].id));
  write_ticks(bits.front(), *ticks, out);
  compress_column(out, from);
}
void encode_times(std::span<const TimeNs> times, Bytes& out, Tier tier) {
  const std::size_t from = out.size();
  encode_times(times, out);
  if (tier != Tier::kDense || out.size() - from <= kWorthDensity) return;
  Bytes dense{static_cast<std::byte>(kTimeCodecs.back().id)};
  if (write_dense_ticks(bits_of_times(times), dense)) take_smaller(dense, out, from);
}
Status decode_times(ByteSpan bytes, std::span<TimeNs> times) {
  return decode_column("times", time_codecs(), bytes, times);
}

}  // namespace tundish::codec
