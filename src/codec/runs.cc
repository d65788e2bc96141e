#include "codec/runs.h"

#include <algorithm>
#include <array>
#include <vector>

#include "codec/bit_packing.h"

namespace tundish::codec {
namespace {

// --- bools: the first value, then the lengths of alternating runs ---------------------------------

using Bools = std::span<const std::uint64_t>;

template <class Visit>
void each_bool_run(Bools values, const Visit& visit) {
  for (std::size_t from = 0; from < values.size();) {
    std::size_t to = from + 1;
    while (to < values.size() && (values[to] != 0) == (values[from] != 0)) ++to;
    visit(to - from);
    from = to;
  }
}

std::size_t bool_runs_estimate(Bools values) {
  std::size_t bytes = 1;
  each_bool_run(values, [&](std::size_t length) { bytes += varint_bytes(length); });
  return bytes;
}

void bool_runs_encode(Bools values, Bytes& out) {
  ByteWriter writer(out);
  writer.fixed(static_cast<std::uint8_t>(!values.empty() && values.front() != 0));
  each_bool_run(values, [&](std::size_t length) { writer.varint(length); });
}

bool bool_runs_decode(ByteReader& bytes, std::span<std::uint64_t> values) {
  auto value = bytes.fixed<std::uint8_t>();
  if (value > 1) return false;
  while (!values.empty()) {
    const auto length = static_cast<std::size_t>(bytes.varint_max(values.size()));
    if (!bytes.ok() || length == 0) return false;
    std::ranges::fill(values.first(length), value);
    values = values.subspan(length);
    value ^= 1;
  }
  return bytes.ok();
}

std::size_t bitmap_estimate(Bools values) { return packed_bytes(values.size(), 1); }

void bitmap_encode(Bools values, Bytes& out) {
  std::vector<std::uint64_t> bits(values.size());
  std::ranges::transform(values, bits.begin(), [](std::uint64_t value) { return value != 0; });
  pack_bits(bits, 1, out);
}

bool bitmap_decode(ByteReader& bytes, std::span<std::uint64_t> values) {
  return unpack_bits(bytes, 1, values);
}

// --- quality codes --------------------------------------------------------------------------------

using Codes = std::span<const std::uint32_t>;

template <class Visit>
void each_code_run(Codes codes, const Visit& visit) {
  for (std::size_t from = 0; from < codes.size();) {
    std::size_t to = from + 1;
    while (to < codes.size() && codes[to] == codes[from]) ++to;
    visit(codes[from], to - from);
    from = to;
  }
}

std::size_t code_runs_estimate(Codes codes) {
  std::size_t bytes = 0;
  each_code_run(codes, [&](std::uint32_t code, std::size_t length) {
    bytes += varint_bytes(length) + varint_bytes(code);
  });
  return bytes;
}

void code_runs_encode(Codes codes, Bytes& out) {
  ByteWriter writer(out);
  each_code_run(codes, [&](std::uint32_t code, std::size_t length) {
    writer.varint(length);
    writer.varint(code);
  });
}

bool code_runs_decode(ByteReader& bytes, std::span<std::uint32_t> codes) {
  while (!codes.empty()) {
    const auto length = static_cast<std::size_t>(bytes.varint_max(codes.size()));
    const auto code = static_cast<std::uint32_t>(bytes.varint_max(0xFFFFFFFFu));
    if (!bytes.ok() || length == 0) return false;
    std::ranges::fill(codes.first(length), code);
    codes = codes.subspan(length);
  }
  return bytes.ok();
}

std::size_t code_raw_estimate(Codes codes) { return codes.size_bytes(); }

void code_raw_encode(Codes codes, Bytes& out) { ByteWriter(out).raw(std::as_bytes(codes)); }

bool code_raw_decode(ByteReader& bytes, std::span<std::uint32_t> codes) {
  const ByteSpan raw = bytes.raw(codes.size_bytes());
  if (!bytes.ok()) return false;
  if (!raw.empty()) std::memcpy(codes.data(), raw.data(), raw.size());
  return true;
}

constexpr std::array<ColumnCodec<std::uint64_t>, 2> kBoolCodecs{{
    {0, "runs", bool_runs_estimate, bool_runs_encode, bool_runs_decode},
    {1, "bitmap", bitmap_estimate, bitmap_encode, bitmap_decode},
}};

constexpr std::array<ColumnCodec<std::uint32_t>, 2> kQualityCodecs{{
    {0, "runs", code_runs_estimate, code_runs_encode, code_runs_decode},
    {1, "raw", code_raw_estimate, code_raw_encode, code_raw_decode},
}};

}  // namespace

std::span<const ColumnCodec<std::uint64_t>> bool_codecs() { return kBoolCodecs; }
std::span<const ColumnCodec<std::uint32_t>> quality_codecs() { return kQualityCodecs; }

void encode_bools(std::span<const std::uint64_t> values, Bytes& out) {
  encode_column(bool_codecs(), values, out);
}
Status decode_bools(ByteSpan bytes, std::span<std::uint64_t> values) {
  return decode_column("bools", bool_codecs(), bytes, values);
}
void encode_qualities(std::span<const std::uint32_t> codes, Bytes& out) {
  encode_column(quality_codecs(), codes, out);
}
Status decode_qualities(ByteSpan bytes, std::span<std::uint32_t> codes) {
  return decode_column("qualities", quality_codecs(), bytes, codes);
}

}  // namespace tundish::codec
