#pragma once

#include <cstddef>
#include <vector>

#include "model/sample_batch.h"

namespace tundish::ingest {

/// Bytes that the batch takes at most in a journal record, before compression: differences of tag,
/// row number and time as varints, a value at full width, strings with their length.
std::size_t encoded_bytes_max(const SampleBatch& batch);

/// Whether it takes no more than `record_bytes_max` even if every row takes what a row can at most: then nothing needs
/// to be measured.
bool surely_fits(const SampleBatch& batch, std::size_t record_bytes_max);

/// Ends (one past the last row) of pieces that take at most `record_bytes_max` each; a piece has at
/// least one row. One piece, the whole, where that fits.
std::vector<std::size_t> piece_ends(const SampleBatch& batch, std::size_t record_bytes_max);

/// Rows [from, to) as a batch of their own, numbered from 0.
SampleBatch piece_of(const SampleBatch& batch, std::size_t from, std::size_t to);

}  // namespace tundish::ingest
