#pragma once

#include <cstdint>
#include <string>
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
  std::string source;           ///< `http/token-12`, `opcua/3`: the source of unnumbered batches, the ledger's key
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
  bool repeated = false;            ///< the whole numbered batch had been stored before
  Position position;                ///< of the last record written, 0 if none
  std::vector<Refusal> refusals;    ///< the first kRefusalsMax, ascending by row
  static constexpr std::size_t kRefusalsMax = 1000;
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
  virtual Result<StreamState> open_stream(const Origin& origin, const std::string& source,
                                          const std::string& stream) = 0;
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
