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

// Tags of one gateway have their rows in the same batches: but for the place of a row in its batch their versions are
// the same. A pattern is such a column with the first row's number taken from all of them; it stands in a block once.

/// Appends the column without zstd around it, `row_base` taken from every row number (wraps).
void encode_plain_versions(std::span<const Version> versions, std::uint32_t row_base, Bytes& out);
/// Appends a column that is pattern number `pattern` with `row_base` added to each row number.
void encode_shared_versions(std::size_t pattern, std::uint32_t row_base, Bytes& out);
/// As above, and columns that name one of `patterns`, each a column of the plain kind.
Status decode_versions(ByteSpan bytes, std::span<Version> versions,
                       std::span<const Bytes> patterns);

}  // namespace tundish::codec
