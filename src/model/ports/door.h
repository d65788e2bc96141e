#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/ports/sample_sink.h"
#include "model/sample_batch.h"

namespace tundish {

/// Who brings samples, as established by the credential or by the connection's owner.
struct Origin {
  EnterpriseId enterprise;
  std::string enterprise_code;  ///< first level of every path
  std::string
      source;  ///< `http/token-12`, `opcua/3`: the source of unnumbered batches, the ledger's key
  bool may_create_tags = false;
  std::uint8_t priority = Version::kPriorityDefault;
};

/// One row that was not kept.
struct Refusal {
  std::uint32_t row = 0;
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
};

struct Receipt {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  bool repeated = false;          ///< the whole numbered batch had been stored before
  Position position;              ///< of the last record written, 0 if none
  std::vector<Refusal> refusals;  ///< the first kRefusalsMax, ascending by row
  /// Sentences about what was accepted but is hardly meant so; they promise and refuse nothing.
  std::vector<std::string> warnings;
  static constexpr std::size_t kRefusalsMax = 1000;
};

/// Counts since the start, for /metrics.
struct DoorCounters {
  std::uint64_t batches = 0;           ///< received, whatever became of them
  std::uint64_t batches_repeated = 0;  ///< numbered ones that had been stored before
  std::uint64_t batches_failed = 0;    ///< answered with an error
  std::uint64_t rows_accepted = 0;
  std::uint64_t rows_unreadable = 0;  ///< refused by whoever decoded the body
  std::vector<std::pair<ErrorCode, std::uint64_t>> rows_refused;  ///< codes that occurred
  std::uint64_t in_flight_bytes = 0;  ///< of batches on their way to disk now
};

/// The one way in for readings of every protocol: resolves paths, makes tags on first arrival where
/// the origin may, converts exactly, refuses row by row what cannot be kept, numbers what came
/// unnumbered, and returns when the rest is on disk. Any thread.
class Door {
 public:
  virtual ~Door() = default;

  /// Errors (nothing was kept unless the message says how much): kDiskFull, kOverloaded,
  /// kUnavailable, kConflict (numbered for an epoch that is not the stream's latest).
  virtual Result<Receipt> receive(const Origin& origin, ReceivedBatch batch) = 0;

  /// For senders that number their batches: a new epoch of (origin.enterprise, source, stream).
  /// Errors: those of SampleSink, kInvalidArgument (a name), kQuotaExceeded (too many streams).
  virtual Result<StreamState> open_stream(const Origin& origin, const std::string& source,
                                          const std::string& stream) = 0;

  virtual DoorCounters counters() const { return {}; }
};

/// What was sent, accepted, refused and stored, per source and UTC hour.
struct LedgerRow {
  EnterpriseId enterprise;
  std::string source;
  TimeNs hour = 0;
  std::uint64_t batches = 0;
  std::uint64_t sent = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t repeated = 0;
};

class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Rows of one enterprise with from <= hour < to, ascending by hour, then source.
  virtual std::vector<LedgerRow> rows(EnterpriseId enterprise, TimeRange hours) const = 0;
};

}  // namespace tundish
