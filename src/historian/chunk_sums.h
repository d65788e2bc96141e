#pragma once

#include <cstddef>

#include "historian/chunk.h"
#include "model/columns.h"

namespace tundish::historian {

/// The sums of rows [from, from + count), which are numbers and not NaN, ascending by time. Exact, whatever the order
/// in which it adds. Pure.
ChunkSums chunk_sums(const Columns& columns, std::size_t from, std::size_t count);

}  // namespace tundish::historian
