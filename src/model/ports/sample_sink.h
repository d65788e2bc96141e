#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/retention.h"
#include "model/sample_batch.h"

namespace tundish {

/// A consumer's place in the change feed, stored together with what it derived up to there.
struct FeedCommit {
  std::string consumer;
  Position position;
};

struct NewTagId {
  ValueType type = ValueType::kDouble;
  std::string path;  ///< only for repair: names live in the metadata store
};

/// A (source, stream) as the historian numbers it. `next_sequence` is the lowest not yet stored.
struct StreamState {
  std::uint32_t source = 0;
  std::uint32_t stream = 0;
  std::uint32_t epoch = 0;
  std::uint64_t next_sequence = 1;
};

/// Covers every sample of `tag` in `range` whose version is less than `version`.
struct Tombstone {
  TagId tag;
  TimeRange range;
  Version version;
};

/// The historian as those who write see it. Any thread. Every call returns after its record is
/// synced to disk and applied: what it acknowledged can be read.
/// Errors of all: kDiskFull (nothing was appended; try again later), kUnavailable (stopping),
/// kOverloaded.
class SampleSink {
 public:
  virtual ~SampleSink() = default;

  struct Appended {
    Position position;
    bool repeated = false;  ///< this batch number was stored before; nothing was written
  };
  /// A batch of at most 1 MiB encoded; a larger one is split by the caller (kTooLarge says so).
  /// Checks the contract again: tags exist (kNotFound), values have the tag's type (kTypeMismatch), and no
  /// sample is older than its tag is kept (kBeyondRetention).
  virtual Result<Appended> append(SampleBatch batch, std::optional<FeedCommit> commit = {}) = 0;

  /// Makes ids, in the order asked for. Never used again, even if the caller then fails.
  virtual Result<std::vector<TagId>> make_tags(EnterpriseId enterprise,
                                               std::span<const NewTagId> tags) = 0;
  /// From here on new samples of the tag have `type`; the older keep theirs.
  virtual Status retype_tag(TagId tag, ValueType type) = 0;

  /// Opens a new epoch of a stream: greater than every earlier one of that (source, stream).
  virtual Result<StreamState> open_stream(EnterpriseId enterprise, const std::string& source,
                                          const std::string& stream) = 0;
  /// The state of an epoch of a stream, 0: of its newest. kNotFound if nobody opened it, or it is so
  /// old that it is kept no more.
  virtual Result<StreamState> find_stream(EnterpriseId enterprise, const std::string& source,
                                          const std::string& stream, std::uint32_t epoch) = 0;

  /// Streams that were ever opened for an enterprise.
  virtual std::size_t stream_count(EnterpriseId enterprise) = 0;

  /// Errors: kInvalidArgument (no range, an empty one), kNotFound (no such tag), kTooLarge.
  virtual Result<Position> erase(std::vector<Tombstone> tombstones) = 0;

  /// Samples of the tag before this are refused, not shown, and removed in time; kTimeMin: none. It only
  /// advances. No I/O.
  virtual TimeNs kept_from(TagId tag) const {
    static_cast<void>(tag);
    return kTimeMin;
  }
};

}  // namespace tundish
