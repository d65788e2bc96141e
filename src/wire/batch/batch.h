#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "wire/decoded/decoded_body.h"

namespace tundish::wire {

/// Media type of a binary batch.
inline constexpr std::string_view kBatchMediaType = "application/vnd.tundish.batch";

/// `batch` as the binary form of `POST /api/v1/samples`: docs/formats/batch.md. Paths that no row
/// names are written too. The batch must be well-formed: columns of one length, indexes within
/// `paths`, texts within their column (TUNDISH_CHECK).
Bytes encode_batch(const ReceivedBatch& batch);

/// The reverse, from bytes that nobody vouches for. All or nothing: a batch that contradicts itself
/// anywhere is refused whole, because one damaged count would shift every value after it. What a
/// batch may say but the door may refuse (an unknown tag, a time in the future) is left to the door.
/// Linear in the bytes; memory is at most some 60 bytes for each byte of the batch, within `limits`.
/// Errors: kInvalidArgument for anything malformed, with the offset; kCorruption when the checksum
/// does not match; kUnsupported for a later version; kTooLarge for a limit.
Result<DecodedBody> decode_batch(ByteSpan bytes, const BodyLimits& limits = {});

}  // namespace tundish::wire
