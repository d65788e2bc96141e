#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

// What decoding a column consists of, with the widest vectors that the machine has (Highway: chosen when the
// program runs). Each kernel has a twin in kernels::scalar, which gives the same bits. Pure; no allocation.

namespace tundish::codec::kernels {

/// values[i] = base + the i-th number of `width` bits (0..64) in `packed`, least significant bits first; wraps.
/// `packed` holds at least packed_bytes(values.size(), width).
void unpack(ByteSpan packed, unsigned width, std::uint64_t base, std::span<std::uint64_t> values);

/// Each value, an int64, becomes the bits of the double value / power, rounded once as IEEE 754 divides.
void decimals_to_doubles(std::span<std::uint64_t> values, double power);

/// values[i] becomes base + factor x values[i]; wraps.
void scale(std::span<std::uint64_t> values, std::uint64_t factor, std::uint64_t base);

/// Names of the instruction sets that this build has and this machine can, best first; for tests and benches.
std::span<const std::int64_t> targets();
/// Only those instructions from now on, or the best again (0). For tests and benches: not while others decode.
void use_target(std::int64_t target);

namespace scalar {

void unpack(ByteSpan packed, unsigned width, std::uint64_t base, std::span<std::uint64_t> values);
void decimals_to_doubles(std::span<std::uint64_t> values, double power);
void scale(std::span<std::uint64_t> values, std::uint64_t factor, std::uint64_t base);

}  // namespace scalar
}  // namespace tundish::codec::kernels
