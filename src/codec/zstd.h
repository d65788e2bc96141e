#pragma once

#include "base/bytes.h"
#include "base/result.h"

// The one place that calls libzstd.

namespace tundish::codec {

/// Appends one zstd frame of `plain` to `out`. Any thread.
void zstd_compress(ByteSpan plain, int level, Bytes& out);

/// Unfolds one frame that must give exactly `plain_bytes`. The caller bounds `plain_bytes` before.
/// Errors: kCorruption.
Result<Bytes> zstd_decompress(ByteSpan frame, std::size_t plain_bytes);

}  // namespace tundish::codec
