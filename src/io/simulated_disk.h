#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "io/clock.h"
#include "io/disk.h"
#include "io/random.h"

namespace tundish::io {

struct SimulatedDiskOptions {
  std::uint32_t sector_bytes = 512;               ///< written whole or not at all: 512 or 4096
  std::uint64_t capacity_bytes = UINT64_MAX / 2;  ///< in blocks of 4,096 bytes
  SimulatedClock* clock = nullptr;                ///< advanced by the time that calls take
  // A medium that says it synced and did not. Nothing can survive on it: who checks what survives
  // proves with it that the check would notice.
  bool file_syncs_lie = false;
  bool folder_syncs_lie = false;
};

/// How often calls fail with kIo: one in so many, 0 never.
struct FaultRates {
  std::uint32_t read_one_in = 0;
  std::uint32_t write_one_in = 0;  ///< a part of the bytes may have been written
  std::uint32_t sync_one_in = 0;   ///< what was not synced may be lost although it still reads back
  std::uint32_t name_one_in = 0;   ///< open, rename, remove, list, make_folder, sync_folder
  std::uint32_t stall_one_in = 0;  ///< no failure: the call takes a second of the clock
};

/// A disk in memory that fails by seed: the same seed and calls give the same bytes and failures.
/// README.md tells what is promised and what is lost. Any thread, though only calls from one thread
/// can be repeated. Outlives the files and locks it gave out.
class SimulatedDisk final : public Disk {
 public:
  explicit SimulatedDisk(std::uint64_t seed, SimulatedDiskOptions options = {});
  ~SimulatedDisk() override;

  Result<std::unique_ptr<File>> open(const std::string& path, Open how) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Status make_folder(const std::string& folder) override;
  Status sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes() override;
  Result<std::unique_ptr<FolderLock>> lock(const std::string& path) override;

  /// Cuts the power now. Until power_on() every call fails with kIo; what was opened before stays
  /// dead for ever, locks are free.
  void power_cut();
  void power_on();
  bool powered() const;
  /// The n-th call from now (1 is the next) is under way when the power is cut: it may or may not
  /// have had its effect, a write in part. 0 takes the order back.
  void crash_at_call(std::uint64_t n);
  /// The n-th call from now fails with kIo, once. 0 takes the order back.
  void fail_at_call(std::uint64_t n);
  void set_fault_rates(const FaultRates& rates);

  void set_capacity(std::uint64_t bytes);
  std::uint64_t used_bytes() const;

  std::uint64_t calls() const;    ///< so far, failed ones included
  std::uint64_t syncs() const;    ///< file and folder syncs that succeeded
  DurationNs time_spent() const;  ///< what the calls have taken

  /// Inverts bit `bit` (0 is the lowest of the first byte) of a file, in cache and on the medium.
  void flip_bit(const std::string& path, std::uint64_t bit);
  /// All files as full paths, sorted. Counts as no call.
  std::vector<std::string> files() const;
  /// Content of a file that exists. Counts as no call.
  Bytes content(const std::string& path) const;
  /// A checksum of all names and contents: equal when two runs did the same.
  std::uint32_t digest() const;
  /// A second disk with the same files, everything synced, no faults, and its own seed.
  std::unique_ptr<SimulatedDisk> clone(std::uint64_t seed) const;

  struct Node;  ///< a file or a folder; known to the sources only

 private:
  friend class SimulatedFile;
  friend class SimulatedLock;
  using NodePtr = std::shared_ptr<Node>;
  enum class Call { kRead, kWrite, kSync, kName };
  /// What a call meets: it goes on, fails, or the power is cut under it.
  enum class Fate { kGoOn, kFail, kCrash };

  /// One change of names, atomic on the medium: each entry is set to a node, or to nothing.
  struct NameChange {
    struct Entry {
      NodePtr folder;
      std::string name;
      NodePtr node;
    };
    std::vector<Entry> entries;
  };
  static bool touches(const NameChange& change, const Node& folder);
  static bool share_an_entry(const NameChange& a, const NameChange& b);
  static void make_durable(const NameChange& change);

  Fate begin_call(Call call) TUNDISH_REQUIRES(mutex_);
  Status check_call(Call call, const std::string& path) TUNDISH_REQUIRES(mutex_);
  NodePtr find(const std::string& path) const TUNDISH_REQUIRES(mutex_);
  Result<NodePtr> find_folder(const std::string& folder) const TUNDISH_REQUIRES(mutex_);
  void apply(NameChange change) TUNDISH_REQUIRES(mutex_);
  void sync_names(const Node& folder) TUNDISH_REQUIRES(mutex_);
  void cut_power() TUNDISH_REQUIRES(mutex_);
  void settle(Node& folder) TUNDISH_REQUIRES(mutex_);
  void release(Node& node) TUNDISH_REQUIRES(mutex_);
  /// A power cut may bring removed files back, so more can be used than there is.
  std::uint64_t free_blocks() const TUNDISH_REQUIRES(mutex_) {
    return used_blocks_ < capacity_blocks_ ? capacity_blocks_ - used_blocks_ : 0;
  }

  const SimulatedDiskOptions options_;
  mutable Mutex mutex_;  ///< guards all nodes too
  SeededRandom random_ TUNDISH_GUARDED_BY(mutex_);
  std::uint64_t capacity_blocks_ TUNDISH_GUARDED_BY(mutex_);
  std::uint64_t used_blocks_ TUNDISH_GUARDED_BY(mutex_) = 0;
  NodePtr root_ TUNDISH_GUARDED_BY(mutex_);
  /// Seen by callers, not yet on the medium; in order.
  std::vector<NameChange> pending_ TUNDISH_GUARDED_BY(mutex_);
  std::set<std::string> locks_ TUNDISH_GUARDED_BY(mutex_);
  FaultRates rates_ TUNDISH_GUARDED_BY(mutex_);
  bool powered_ TUNDISH_GUARDED_BY(mutex_) = true;
  /// Counts power cuts; files and locks remember theirs.
  std::uint64_t boot_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::uint64_t calls_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::uint64_t crash_at_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::uint64_t fail_at_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::uint64_t syncs_ TUNDISH_GUARDED_BY(mutex_) = 0;
  DurationNs time_spent_ TUNDISH_GUARDED_BY(mutex_) = 0;
};

}  // namespace tundish::io
