#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "ingest/resolve.h"
#include "model/ports/door.h"
#include "model/sample_batch.h"

namespace tundish::ingest {

/// Refusals by code, for the counters.
using RefusalCounts = std::array<std::uint64_t, 32>;

/// Rows that nothing but their tag can refuse: a time that is not in the future, a string within
/// 4 KiB of UTF-8. False rows get their reason in screen_rows.
std::vector<bool> rows_that_may_stand(const BatchColumns& rows, TimeNs latest);

struct Screened {
  SampleBatch
      batch;  ///< what is kept, each value of its tag's type; row_numbers set when rows are missing
  std::uint64_t refused = 0;
  RefusalCounts by_code{};
  std::vector<Refusal> refusals;  ///< the first Receipt::kRefusalsMax
};

/// Takes the rows that can be kept, converted exactly; refuses the others one by one.
Screened screen_rows(ReceivedBatch batch, std::span<const ResolvedPath> paths,
                     const std::vector<bool>& may_stand, TimeNs latest);

}  // namespace tundish::ingest
