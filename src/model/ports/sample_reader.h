#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/columns.h"
#include "model/ids.h"
#include "model/version.h"

namespace tundish {

namespace aggregate {
class ExactSum;
}

/// What is known of successive samples of one tag without reading them. All of them are seen, numbers, Good,
/// and none is NaN. Bits as in Columns.
struct SampleSummary {
  ValueType type = ValueType::kDouble;
  TimeNs first = 0;  ///< time of the first sample
  TimeNs last = 0;   ///< time of the last one
  std::uint64_t count = 0;
  std::uint64_t min_bits = 0;  ///< -0.0 counts as less than 0.0
  std::uint64_t max_bits = 0;
  std::optional<std::uint64_t> first_bits, last_bits;  ///< of the samples at both ends, where known
  /// Exact sums over the samples: of the values; of value x ns from `first` to `last`, held and along straight
  /// lines (that one twice). Null unless they were asked for and are known.
  const aggregate::ExactSum* sum = nullptr;
  const aggregate::ExactSum* step_integral = nullptr;
  const aggregate::ExactSum* slope_integral_twice = nullptr;
};

/// One of the writes to a (tag, time) that are still kept.
struct SampleVersion {
  Sample sample;
  Version version;
  bool is_current = false;  ///< it is what readers see at its time
  bool is_erased = false;   ///< a deletion covers it
};

/// One consistent state of all tags: everything through `position()`, nothing later. Holds files
/// and memory until it is released; keep it for one query. Any thread, one at a time.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual Position position() const = 0;

  /// A tag that is asked for next, at `from` and later, and for what was there just before it.
  struct Wanted {
    TagId tag;
    TimeNs from = 0;
  };
  /// A hint that changes no answer: what is in memory of many tags is fetched at once instead of tag by
  /// tag. Forgets what was wanted before.
  virtual void prefetch(std::span<const Wanted> wanted) { static_cast<void>(wanted); }

  /// False stops the scan.
  using Visit = std::function<bool(const Columns&)>;

  /// Winning samples of one tag, ascending, from <= time < to, in pieces of up to a few thousand.
  /// An unknown tag has no samples. A piece has one type; after a retype a tag may give pieces of
  /// several. Damaged chunks are left out and named in `damage()`.
  /// Errors: kIo. Visiting code runs on the caller's thread.
  virtual Status scan(TagId tag, TimeRange range, const Visit& visit) = 0;

  /// Asked before samples are read of which this is known. True: that suffices, and they do not come.
  struct Digest {
    std::function<bool(const SampleSummary&)> take;
    bool wants_sums = false;  ///< knowing them costs a read
  };
  /// As scan(), but what is taken by `digest.take` is not visited; everything comes in order of time.
  virtual Status scan_digest(TagId tag, TimeRange range, const Visit& visit, const Digest& digest) {
    static_cast<void>(digest);
    return scan(tag, range, visit);
  }

  /// The last sample with time <= `time`, the first with time >= `time`, the newest of all.
  virtual Result<std::optional<Sample>> at_or_before(TagId tag, TimeNs time) = 0;
  virtual Result<std::optional<Sample>> at_or_after(TagId tag, TimeNs time) = 0;
  virtual Result<std::optional<Sample>> latest(TagId tag) = 0;

  /// Every version that is kept in from <= time < to: newest time first, of one time the greatest version first.
  /// Kept is at least, of each time, the greatest version of each class, and every corrected one. At most `limit`
  /// are appended to `found`; false when there are more. Reads what `scan` reads, so ask for short ranges.
  /// Errors: kIo.
  virtual Result<bool> history(TagId tag, TimeRange range, std::size_t limit,
                               std::vector<SampleVersion>& found) = 0;

  /// Samples before this are gone by retention, and what was derived from them stands; kTimeMin: none.
  virtual TimeNs kept_from(TagId tag) const {
    static_cast<void>(tag);
    return kTimeMin;
  }

  /// What could not be read so far because its checksum failed: file, offset, tag and time range as
  /// sentences. Empty means that the answers are complete.
  virtual std::vector<std::string> damage() const = 0;
};

class SampleReader {
 public:
  virtual ~SampleReader() = default;
  /// Everything acknowledged before this call is in it. Any thread.
  virtual Result<std::unique_ptr<Snapshot>> snapshot() = 0;
  /// The name of a source by its number in versions; empty when nobody has it.
  virtual std::string source_name(EnterpriseId enterprise, std::uint32_t source) const = 0;
};

}  // namespace tundish
