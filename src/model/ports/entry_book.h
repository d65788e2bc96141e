#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/quality.h"
#include "model/sample.h"
#include "model/version.h"

namespace tundish {

/// What a person did. The numbers are on disk: never change one.
enum class EntryKind : std::uint8_t {
  kEntry = 0,        ///< wrote a value where none was: a laboratory's, a reading by eye
  kCorrection = 1,   ///< wrote a value where one was
  kWithdrawal = 2,   ///< marked a stretch as Bad; nothing is deleted
  kRestoration = 3,  ///< put back what was measured
};

/// One thing that a person did to one tag: who, when, why, and what was there before.
struct Entry {
  std::uint64_t id = 0;  ///< ascending, never used again
  TagId tag;
  EntryKind kind = EntryKind::kEntry;
  TimeRange range;                  ///< of one value: its nanosecond
  std::optional<Sample> after;      ///< what was written; none for a stretch
  std::optional<Sample> before;     ///< what was to be seen there; none for a stretch
  Quality stretch_quality = kGood;  ///< what a withdrawal marks its samples as
  std::uint64_t samples = 1;        ///< how many were written
  TimeNs received = 0;              ///< by this installation's clock
  std::string who;                  ///< `user:anna`, `token:lab-robot`
  std::string why;                  ///< may be empty for kEntry only
  BatchNumber number;               ///< of the batch, by which versions name their entry
  bool is_pending = false;          ///< recorded, but not yet known to be among the samples

  bool made(const Version& version) const {
    return version.source == number.source && version.stream == number.stream &&
           version.epoch == number.epoch && version.sequence == number.sequence;
  }
};

/// One thing that a person asks for.
struct NewEntry {
  EntryKind kind = EntryKind::kEntry;  ///< kCorrection is found out, not asked for
  std::string tag = {};                ///< path
  TimeRange range = {};                ///< of one value: its nanosecond
  Value value = 0.0;
  bool is_number_like = false;  ///< a string that is to be read as the tag's type says
  Quality quality = kGood;      ///< of a withdrawal: Bad
  std::string why = {};
};

struct EntryBy {
  EnterpriseId enterprise;
  std::string actor;
  bool may_correct = false;  ///< change what equipment measured, withdraw, restore
  bool is_override = false;  ///< values outside the valid range are meant so
  bool is_dry_run = false;   ///< says what would be done, and does nothing
};

/// Why something is not done.
struct EntryRefusal {
  std::size_t row = 0;  ///< of what was asked for, from 0
  Error error;
};

struct EntryReceipt {
  std::vector<Entry> entries;          ///< in the order asked for
  std::size_t unchanged = 0;           ///< asked for what was there already: nothing was written
  std::vector<EntryRefusal> refusals;  ///< any: nothing was done at all; the first kRefusalsMax
  static constexpr std::size_t kRefusalsMax = 100;
};

struct EntrySearch {
  std::vector<TagId> tags = {};  ///< empty: all of the enterprise
  TimeRange range = {kTimeMin, kTimeMax};
  std::uint64_t before = 0;  ///< only entries with lesser ids; 0: from the newest
  std::size_t limit = 100;
};

/// Manual entries and corrections. Any thread.
class EntryBook {
 public:
  virtual ~EntryBook() = default;

  /// All that is asked for or nothing; when it returns without an error the samples and who wrote them are on
  /// disk. At most kEntriesMax values, or one stretch of at most kStretchSamplesMax samples.
  /// Errors: kTooLarge, kDiskFull, kOverloaded, kIo (nothing was done); kUnavailable (what was asked for is
  /// recorded and is done at the next start, at the latest).
  virtual Result<EntryReceipt> enter(const EntryBy& by, std::vector<NewEntry> wanted) = 0;
  static constexpr std::size_t kEntriesMax = 5'000;
  static constexpr std::size_t kStretchSamplesMax = 10'000;
  static constexpr std::size_t kWhyBytesMax = 500;

  /// Newest first. Errors: kIo, kCorruption.
  virtual Result<std::vector<Entry>> entries(EnterpriseId enterprise,
                                             const EntrySearch& search) const = 0;
};

}  // namespace tundish
