#pragma once

#include <cstdint>
#include <semaphore>

#include "base/result.h"
#include "historian/journal_format.h"
#include "historian/journal_record.h"
#include "model/ids.h"

namespace tundish::historian {

/// What a caller asks the commit thread to write. Lives on the caller's stack until `done`.
struct CommitRequest {
  explicit CommitRequest(Record what) : record(std::move(what)) {}

  Record record;          ///< numbers of new tags and streams are filled in by the commit thread
  PackedPayload payload;  ///< of a batch: packed by the caller, beside the other callers
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
