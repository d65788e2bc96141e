#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace tundish::codec {

/// Bytes of `count` values of `width` bits.
constexpr std::size_t packed_bytes(std::size_t count, unsigned width) {
  return (count * width + 7) / 8;
}

/// Appends the low `width` bits (0..64) of each value, least significant first, without gaps; the
/// last byte is filled up with zeros.
void pack_bits(std::span<const std::uint64_t> values, unsigned width, Bytes& out);

/// The reverse, with `base` added to each; false when the bytes end before or `width` is over 64.
bool unpack_bits(ByteReader& bytes, unsigned width, std::span<std::uint64_t> values,
                 std::uint64_t base = 0);

}  // namespace tundish::codec
