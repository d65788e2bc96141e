#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/column_codec.h"

namespace tundish::codec {

/// Ways to write doubles, given and returned as their bits: raw, runs, and decimal (integers at a
/// common power of ten, written as an integer column, with a list of the values that are none).
std::span<const ColumnCodec<std::uint64_t>> double_codecs();

/// Appends n values, n <= kRowsMax. Lossless: every bit pattern returns, NaN and -0.0 included.
void encode_doubles(std::span<const std::uint64_t> bits, Bytes& out);
/// Dense: also tries what is slower to decode, and keeps it where it is smaller.
void encode_doubles(std::span<const std::uint64_t> bits, Bytes& out, Tier tier);
/// `bits` has the size that was encoded. Errors: kCorruption.
Status decode_doubles(ByteSpan bytes, std::span<std::uint64_t> bits);

/// A few doubles that belong together, as an index has them: as decimals of one power where they are, else as they are.
void encode_few_doubles(std::span<const std::uint64_t> bits, Bytes& out);
/// The reverse; on a failure the reader is marked failed.
void decode_few_doubles(ByteReader& bytes, std::span<std::uint64_t> bits);

}  // namespace tundish::codec
