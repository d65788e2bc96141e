#include "codec/doubles.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "codec/integers.h"
#include "codec/kernels.h"

// Decimal: a sensor's value is nearly always a short decimal, v = d / 10^e with a small integer d.
// 1. e is the smallest that fits a spread of sampled values best.
// 2. Each value is tried: it counts only if d / 10^e gives back every bit. Division of two exact
//    doubles rounds once, so this is what reading the decimal as text would give.
// 3. Values that fail (NaN, -0.0, infinities, long binaries) go to a side list of positions and
//    bits; in the integer column they repeat their neighbour, which costs nothing.

namespace tundish::codec {
namespace {

using Values = std::span<const std::uint64_t>;

constexpr unsigned kExponentMax = 18;
constexpr std::array<double, kExponentMax + 1> kPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
                                                       1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
                                                       1e14, 1e15, 1e16, 1e17, 1e18};
constexpr double kIntegerMax = 9007199254740992.0;  // 2^53: beyond it not every integer is a double
constexpr std::size_t kSampled = 64;

/// d with d / 10^e == value to the bit.
bool to_decimal(std::uint64_t bits, unsigned exponent, std::int64_t& decimal) {
  const double value = std::bit_cast<double>(bits);
  const double scaled = std::nearbyint(value * kPowers[exponent]);
  if (!(std::fabs(scaled) <= kIntegerMax)) return false;  // also NaN
  decimal = static_cast<std::int64_t>(scaled);
  return std::bit_cast<std::uint64_t>(static_cast<double>(decimal) / kPowers[exponent]) == bits;
}

struct Exponent {
  unsigned exponent = 0;
  std::size_t exact = 0;  // of the sampled values
  std::size_t sampled = 0;
};

Exponent best_exponent(Values values) {
  const std::size_t stride = std::max<std::size_t>(1, values.size() / kSampled);
  Exponent best;
  for (unsigned exponent = 0; exponent <= kExponentMax; ++exponent) {
    Exponent candidate{exponent, 0, 0};
    for (std::size_t i = 0; i < values.size(); i += stride) {
      std::int64_t decimal = 0;
      candidate.exact += to_decimal(values[i], exponent, decimal) ? 1 : 0;
      ++candidate.sampled;
    }
    if (exponent == 0 || candidate.exact > best.exact) best = candidate;
    if (best.exact == best.sampled) break;
  }
  return best;
}

struct Decimals {
  unsigned exponent = 0;
  std::vector<std::uint64_t> integers;
  std::vector<std::size_t> exceptions;  // positions, ascending
};

Decimals decimals_of(Values values) {
  Decimals decimals{best_exponent(values).exponent, std::vector<std::uint64_t>(values.size()), {}};
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t decimal = 0;
    if (to_decimal(values[i], decimals.exponent, decimal))
      last = static_cast<std::uint64_t>(decimal);
    else
      decimals.exceptions.push_back(i);
    decimals.integers[i] = last;
  }
  return decimals;
}

std::size_t exception_bytes(const std::vector<std::size_t>& positions) {
  std::size_t bytes = varint_bytes(positions.size());
  std::size_t next = 0;
  for (const std::size_t position : positions) {
    bytes += varint_bytes(position - next) + 8;
    next = position + 1;
  }
  return bytes;
}

std::size_t decimal_estimate(Values values) {
  if (values.empty()) return kNotPossible;
  const Exponent best = best_exponent(values);
  if (best.exact * 4 < best.sampled * 3) return kNotPossible;  // long binaries: not worth a try
  const Decimals decimals = decimals_of(values);
  std::size_t integer_bytes = kNotPossible;
  for (const auto& codec : packed_integer_codecs())
    integer_bytes = std::min(integer_bytes, codec.estimate(decimals.integers));
  return 2 + exception_bytes(decimals.exceptions) + integer_bytes;
}

void write_exceptions(const Decimals& decimals, Values values, Bytes& out) {
  ByteWriter writer(out);
  writer.fixed(static_cast<std::uint8_t>(decimals.exponent));
  writer.varint(decimals.exceptions.size());
  std::size_t next = 0;
  for (const std::size_t position : decimals.exceptions) {
    writer.varint(position - next);
    writer.fixed(values[position]);
    next = position + 1;
  }
}

void decimal_encode(Values values, Bytes& out) {
  const Decimals decimals = decimals_of(values);
  write_exceptions(decimals, values, out);
  encode_plain_column(packed_integer_codecs(), Values(decimals.integers), out);
}

bool decimal_decode(ByteReader& bytes, std::span<std::uint64_t> values) {
  const unsigned exponent = bytes.fixed<std::uint8_t>();
  const auto exceptions = static_cast<std::size_t>(bytes.varint_max(values.size()));
  if (!bytes.ok() || exponent > kExponentMax) return false;
  std::vector<std::pair<std::size_t, std::uint64_t>> patches;
  patches.reserve(exceptions);
  std::size_t next = 0;
  for (std::size_t i = 0; i < exceptions; ++i) {
    const auto skipped = static_cast<std::size_t>(bytes.varint_max(values.size()));
    const auto bits = bytes.fixed<std::uint64_t>();
    if (!bytes.ok() || next + skipped >= values.size()) return false;
    patches.emplace_back(next + skipped, bits);
    next += skipped + 1;
  }
  if (!decode_plain_column(integer_codecs(), bytes, values)) return false;
  kernels::decimals_to_doubles(values, kPowers[exponent]);
  for (const auto& [position, bits] : patches) values[position] = bits;
  return true;
}

// Raw and runs are those of integers; the ids are the same, too.
const std::array<ColumnCodec<std::uint64_t>, 3> kDoubleCodecs{{
    integer_codecs()[0],
    integer_codecs()[1],
    {2, "decimal", decimal_estimate, decimal_encode, decimal_decode},
}};

}  // namespace

std::span<const ColumnCodec<std::uint64_t>> double_codecs() { return kDoubleCodecs; }

void encode_doubles(std::span<const std::uint64_t> bits, Bytes& out) {
  encode_column(double_codecs(), bits, out);
}
void encode_doubles(std::span<const std::uint64_t> bits, Bytes& out, Tier tier) {
  const std::size_t from = out.size();
  encode_doubles(bits, out);
  if (tier != Tier::kDense || out.size() - from <= kWorthDensity ||
      decimal_estimate(bits) == kNotPossible)
    return;
  const Decimals decimals = decimals_of(bits);
  Bytes dense{static_cast<std::byte>(double_codecs().back().id)};
  write_exceptions(decimals, bits, dense);
  if (encode_dense_integers(decimals.integers, dense)) take_smaller(dense, out, from);
}
Status decode_doubles(ByteSpan bytes, std::span<std::uint64_t> bits) {
  return decode_column("doubles", double_codecs(), bytes, bits);
}

namespace {
constexpr std::uint8_t kAsTheyAre = 0xFF;
}

void encode_few_doubles(std::span<const std::uint64_t> bits, Bytes& out) {
  ByteWriter writer(out);
  const Exponent best = best_exponent(bits);
  const bool are_decimals = best.exact == bits.size();
  writer.fixed(are_decimals ? static_cast<std::uint8_t>(best.exponent) : kAsTheyAre);
  std::int64_t last = 0;
  for (const std::uint64_t value : bits) {
    std::int64_t decimal = 0;
    if (are_decimals && to_decimal(value, best.exponent, decimal))
      writer.svarint(decimal - std::exchange(last, decimal));
    else
      writer.fixed(value);
  }
}

void decode_few_doubles(ByteReader& bytes, std::span<std::uint64_t> bits) {
  const unsigned exponent = bytes.fixed<std::uint8_t>();
  if (exponent != kAsTheyAre && exponent > kExponentMax) bytes.set_failed();
  std::uint64_t last = 0;
  for (std::uint64_t& value : bits) {
    if (exponent == kAsTheyAre) {
      value = bytes.fixed<std::uint64_t>();
      continue;
    }
    last += static_cast<std::uint64_t>(bytes.svarint());
    value = bytes.ok()
                ? std::bit_cast<std::uint64_t>(
                      static_cast<double>(static_cast<std::int64_t>(last)) / kPowers[exponent])
                : 0;
  }
}

}  // namespace tundish::codec
