#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/column_codec.h"

namespace tundish::codec {

/// Ways to write 64-bit integers (as two's complement bits; all arithmetic wraps, so every value
/// is allowed): raw, runs, delta varints, packed deltas, packed frame of reference.
std::span<const ColumnCodec<std::uint64_t>> integer_codecs();

/// Ways to write times: those of integers, fixed period, varints of delta of delta.
std::span<const ColumnCodec<std::int64_t>> time_codecs();

/// Appends n values, n <= kRowsMax. Every int64 returns.
void encode_integers(std::span<const std::uint64_t> values, Bytes& out);
/// `values` has the size that was encoded. Errors: kCorruption.
Status decode_integers(ByteSpan bytes, std::span<std::uint64_t> values);

/// As for integers. A fixed period of any length costs some ten bytes.
void encode_times(std::span<const TimeNs> times, Bytes& out);
Status decode_times(ByteSpan bytes, std::span<TimeNs> times);

}  // namespace tundish::codec
