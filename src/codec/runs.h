#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/column_codec.h"

// Columns that rarely change: bools and quality codes.

namespace tundish::codec {

/// Runs, or one bit a value where it changes all the time. Values are 0 or 1.
std::span<const ColumnCodec<std::uint64_t>> bool_codecs();
/// Runs of (length, code), or four bytes a code.
std::span<const ColumnCodec<std::uint32_t>> quality_codecs();

/// Appends n values, n <= kRowsMax; any value but 0 counts as 1.
void encode_bools(std::span<const std::uint64_t> values, Bytes& out);
/// `values` has the size that was encoded. Errors: kCorruption.
Status decode_bools(ByteSpan bytes, std::span<std::uint64_t> values);

void encode_qualities(std::span<const std::uint32_t> codes, Bytes& out);
Status decode_qualities(ByteSpan bytes, std::span<std::uint32_t> codes);

}  // namespace tundish::codec
