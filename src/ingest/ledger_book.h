#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/result.h"
#include "io/disk.h"
#include "model/ports/door.h"

namespace tundish::ingest {

/// What is added to the ledger after a batch.
struct LedgerEntry {
  std::uint64_t batches = 0;
  std::uint64_t sent = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t repeated = 0;
};

/// The ledger: counts per enterprise, source and UTC hour of receipt. In memory, and as a file of
/// which every save is a whole new copy (docs/formats/ledger.md). Any thread.
class LedgerBook {
 public:
  /// Keeps the latest `hours_max` hours that had batches, and at most `rows_max` rows.
  LedgerBook(std::size_t hours_max, std::size_t rows_max)
      : hours_max_(hours_max), rows_max_(rows_max) {}

  /// Adds to the hour that holds `now`. Over a bound the oldest hours go; they are counted, not aged,
  /// so a clock that jumps does not empty the ledger.
  void add(EnterpriseId enterprise, const std::string& source, TimeNs now,
           const LedgerEntry& entry);

  /// As Ledger::rows.
  std::vector<LedgerRow> rows(EnterpriseId enterprise, TimeRange hours) const;

  Bytes encode() const;
  /// Adds what a file says to what is here. Errors: kCorruption, kUnsupported; nothing is added then.
  Status decode(ByteSpan bytes);

 private:
  using Hour = std::map<std::pair<EnterpriseId, std::string>, LedgerEntry>;

  void add_locked(TimeNs hour, EnterpriseId enterprise, const std::string& source,
                  const LedgerEntry& entry) TUNDISH_REQUIRES(mutex_);

  const std::size_t hours_max_;
  const std::size_t rows_max_;
  mutable Mutex mutex_;
  std::map<TimeNs, Hour> hours_ TUNDISH_GUARDED_BY(mutex_);
  std::size_t rows_ TUNDISH_GUARDED_BY(mutex_) = 0;  ///< in all hours
};

}  // namespace tundish::ingest
