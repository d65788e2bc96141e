#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/column_codec.h"

namespace tundish::codec {

/// Ways to write 64-bit integers (as two's complement bits; all arithmetic wraps, so every value
/// is allowed): raw, runs, delta varints, packed deltas, packed frame of reference, scaled, dense. The dense one
/// comes last and estimates nothing: it is chosen by what it came to.
std::span<const ColumnCodec<std::uint64_t>> integer_codecs();
/// Those among which estimates choose.
std::span<const ColumnCodec<std::uint64_t>> packed_integer_codecs();
/// Appends a plain column (encoding byte and payload, no zstd around it) in the dense form, scaled first where one number
/// divides all distances; false, and nothing is appended, where the values are too few.
bool encode_dense_integers(std::span<const std::uint64_t> values, Bytes& out);

/// Ways to write times: those of integers, fixed period, varints of delta of delta.
std::span<const ColumnCodec<std::int64_t>> time_codecs();

/// Appends n values, n <= kRowsMax. Every int64 returns.
void encode_integers(std::span<const std::uint64_t> values, Bytes& out);
/// Dense: also tries what is slower to decode, and keeps it where it is smaller.
void encode_integers(std::span<const std::uint64_t> values, Bytes& out, Tier tier);
/// `values` has the size that was encoded. Errors: kCorruption.
Status decode_integers(ByteSpan bytes, std::span<std::uint64_t> values);

/// As for integers. A fixed period of any length costs some ten bytes.
void encode_times(std::span<const TimeNs> times, Bytes& out);
void encode_times(std::span<const TimeNs> times, Bytes& out, Tier tier);
Status decode_times(ByteSpan bytes, std::span<TimeNs> times);

}  // namespace tundish::codec
