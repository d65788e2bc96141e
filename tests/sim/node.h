#pragma once

#include <memory>
#include <string>
#include <vector>

#include "historian/historian.h"
#include "io/clock.h"
#include "io/simulated_disk.h"
#include "sim/oracle.h"
#include "sim/workload.h"

namespace tundish::sim {

/// What a run may meet besides a power cut.
struct Tolerance {
  bool io_errors = false;  ///< a call may fail with kIo, and be tried again
  bool disk_full = false;  ///< a call may fail with kDiskFull
};

/// A whole historian in one thread, on a simulated disk and clock, with the oracle beside it.
/// Every method that finds something wrong returns a sentence; empty means that all is well.
class Node {
 public:
  Node(std::uint64_t seed, io::SimulatedDiskOptions disk_options, Tolerance tolerance);
  ~Node();

  /// Opens the historian with other options than last time. Not tried again on an error.
  Status boot();
  bool alive() const { return historian_ != nullptr && !fatal_ && disk_.powered(); }
  /// One random thing that a caller, an operator or the background thread does.
  std::string step();
  /// Everything that can be read is what the oracle expects; settles doubts when `after_boot`.
  std::string check(bool after_boot);
  /// What verify says of all files: nothing, or a sentence.
  std::string check_files();
  /// Lets go of the historian without stop(), as the end of its process would.
  void kill();
  /// In order: flushes and lets go.
  void stop();

  io::SimulatedDisk& disk() { return disk_; }
  io::Random& random() { return random_; }
  const Oracle& oracle() const { return oracle_; }
  /// Writes the disk's files below the folder that SIM_DUMP names, if it names one.
  void dump() const;
  /// A checksum of all answers so far and of the disk: equal for equal seeds.
  std::uint32_t digest() const;
  std::uint64_t refused_disk_full() const { return refused_disk_full_; }
  std::uint64_t acknowledged() const { return acknowledged_; }

  /// Calls `operation` and tells the oracle.
  std::string perform(const Operation& operation);
  Operation next_operation() { return workload_.next(oracle_); }

 private:
  struct Held {
    std::unique_ptr<Snapshot> snapshot;
    std::map<TagId, std::vector<Sample>> expected;
  };

  historian::Options random_options();
  std::string call(const Append& operation);
  std::string call(const MakeTags& operation);
  std::string call(const Retype& operation);
  std::string call(const OpenStream& operation);
  std::string call(const Erase& operation);
  std::string call(const KeepTags& operation);
  std::string call(const AdvanceHorizon& operation);
  /// What a failed call means; may put the operation in doubt.
  std::string failed(const Operation& operation, const Error& error);
  /// A failed call that writes nothing of the oracle's.
  std::string tolerate(const char* what, const Error& error) const;

  Result<Observed> observe();
  std::string check_feed();
  std::string check_query();
  std::string hold_snapshot();
  std::string check_held(Held& held);
  void note(std::uint64_t answer);

  io::SeededRandom random_;
  io::SimulatedClock clock_;
  io::SimulatedDisk disk_;
  const Tolerance tolerance_;
  Workload workload_;
  Oracle oracle_;
  std::unique_ptr<historian::Historian> historian_;
  std::vector<Held> held_;
  bool fatal_ = false;
  std::uint32_t answers_ = 0;
  std::uint64_t refused_disk_full_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace tundish::sim
