#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace tundish {

/// One damaged place: what a verify found, or what recovery put aside.
struct Damage {
  std::string file;
  std::uint64_t offset = 0;
  std::string what;         ///< one sentence
  std::string quarantined;  ///< file that holds a copy of the bytes, if any
};

struct VerifyReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;  ///< journal records
  std::uint64_t chunks = 0;
  std::vector<Damage> damage;
};

struct HistorianStatus {
  Position applied;
  std::uint64_t head_samples = 0;
  std::uint64_t head_bytes = 0;
  std::uint64_t journal_bytes = 0;
  std::uint64_t blocks = 0;
  std::uint64_t block_bytes = 0;
  std::uint64_t samples_appended = 0;  ///< since the start
  std::uint64_t batches_appended = 0;
  std::uint64_t syncs = 0;
  std::uint64_t sync_ns_total = 0;
  std::uint64_t sync_ns_max = 0;
  std::uint64_t refused_disk_full = 0;
  bool disk_full = false;  ///< the last append was refused for want of space
  DurationNs recovery_time = 0;
  std::vector<Damage> damage;  ///< found since the start, recovery included
};

class HistorianAdmin {
 public:
  virtual ~HistorianAdmin() = default;
  virtual HistorianStatus status() const = 0;
  /// Reads every file and checks every checksum, while ingest and queries go on. Any thread.
  virtual Result<VerifyReport> verify() = 0;
  /// Writes the head out as blocks now. Blocks until they are live.
  virtual Status flush() = 0;
};

}  // namespace tundish
