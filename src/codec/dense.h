#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

// The dense form of a column of integers: what cannot be predicted of each value, in about as many bits as it has
// information. For what is written once and kept long; the packed forms (integers.h) decode two or three times as
// fast. Bytes: docs/formats/block.md.

namespace tundish::codec {

/// Appends the dense form and returns true, or leaves `out` alone where it cannot pay: fewer than 128 values.
bool dense_encode(std::span<const std::uint64_t> values, Bytes& out);

/// Fills `values`, whose size the caller knows; false when the bytes do not hold as many. The bytes may be anything;
/// memory used is some 70 KiB and a byte a row.
bool dense_decode(ByteReader& bytes, std::span<std::uint64_t> values);

}  // namespace tundish::codec
