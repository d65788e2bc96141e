#pragma once

#include <vector>

#include "base/result.h"
#include "entry/entry_check.h"
#include "model/ports/entry_book.h"
#include "model/ports/sample_reader.h"
#include "model/sample_batch.h"

namespace tundish::entry {

/// What a call comes to, over what is there.
struct Plan {
  std::vector<Entry> entries;  ///< without ids, numbers and who
  std::size_t unchanged = 0;
  SampleBatch batch;  ///< without its number
};

/// Kinds, what each replaces, and the samples to be written.
/// @param refusals of rows: no permission, no reason, nothing to remove or to restore
/// Errors: kIo, kTooLarge.
Result<Plan> make_plan(const EntryBy& by, const std::vector<Checked>& checked, Snapshot& snapshot,
                       std::vector<EntryRefusal>& refusals);

/// Appends the samples of one entry to a batch and counts them: its value, or what its stretch comes to over what is
/// there now. A stretch of which nothing is left to do has none.
/// @param type of the tag's values now
/// Errors: kIo; kTooLarge; kTypeMismatch (values from before the tag had another type).
Status append_samples(Entry& entry, ValueType type, Snapshot& snapshot, SampleBatch& batch);

}  // namespace tundish::entry
