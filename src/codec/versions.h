#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "model/version.h"

namespace tundish::codec {

/// Appends n versions as runs in which sequence and row advance by fixed strides: one batch with
/// many rows of the tag is a run, and so are many batches with one row each. A run's fields are
/// differences from the run before, so that a rhythm of runs compresses away.
void encode_versions(std::span<const Version> versions, Bytes& out);

/// `versions` has the size that was encoded. Errors: kCorruption.
Status decode_versions(ByteSpan bytes, std::span<Version> versions);

}  // namespace tundish::codec
