#pragma once

#include <cstdint>
#include <semaphore>
#include <utility>
#include <vector>

#include "base/result.h"
#include "historian/journal_format.h"
#include "historian/journal_record.h"
#include "historian/recent_changes.h"
#include "historian/tag_groups.h"
#include "model/ids.h"

namespace tundish::historian {

/// A record on its way into memory, with what is worked out from it beside the other threads.
struct Arrival {
  explicit Arrival(Record what) : record(std::move(what)) {}

  Record record;
  TagGroups groups;             ///< of a batch
  std::vector<Change> changes;  ///< what followers of the feed hear

  /// Call before it is applied.
  void prepare() {
    if (const auto* samples = std::get_if<BatchRecord>(&record))
      groups = group_by_tag(samples->batch.tags);
    changes = changes_of(record, groups);
  }
};

/// What a caller asks the commit thread to write. Lives on the caller's stack until `done`. Numbers of new tags and
/// streams are filled in by the commit thread.
struct CommitRequest : Arrival {
  explicit CommitRequest(Record what) : Arrival(std::move(what)) { prepare(); }

  PackedPayload payload;            ///< of a batch: packed by the caller, beside the other callers
  std::uint64_t tags_revision = 0;  ///< of the registry that the caller checked the rows against

  // The answer.
  Status status;
  Position position;
  bool repeated = false;
  std::binary_semaphore done{0};

  bool is_batch() const { return std::holds_alternative<BatchRecord>(record); }
  const SampleBatch& batch() const { return std::get<BatchRecord>(record).batch; }
};

}  // namespace tundish::historian
