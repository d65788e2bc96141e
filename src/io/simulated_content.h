#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "io/random.h"

namespace tundish::io {

/// The bytes of one file of a SimulatedDisk: what a reader sees (the page cache) and what the
/// medium holds. They differ in whole sectors: `behind_` keeps the medium's old bytes of each
/// sector that it lacks, and the medium's own size. Not thread-safe; SimulatedDisk holds its lock.
class SimulatedContent {
 public:
  /// `sector_bytes`: the unit that the medium writes as a whole, 512 or 4096.
  explicit SimulatedContent(std::uint32_t sector_bytes) : sector_bytes_(sector_bytes) {}

  std::uint64_t size() const { return cache_.size(); }
  /// offset + into.size() <= size().
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  void write(std::uint64_t offset, ByteSpan bytes);
  void truncate(std::uint64_t bytes);

  /// Everything written so far reaches the medium.
  void sync();
  /// A sync that fails as Linux does: some sectors reach the medium, the rest is never written
  /// although the cache shows it, because the kernel calls its pages clean from then on.
  void fail_sync(Random& random);
  /// Some sectors reach the medium on their own, as the kernel's writeback does at any time.
  void write_back_some(Random& random);
  /// What is read after the power returns: per unsynced sector the old or the new bytes, and any
  /// size between the old and the new. Bytes of a hole are zero.
  void power_cut(Random& random);

  /// Changes cache and medium, as a decaying medium would. `bit` < 8 * size().
  void flip_bit(std::uint64_t bit);

  /// Allocated 4,096-byte blocks: a hole made by truncate takes none.
  std::uint64_t blocks() const { return blocks_; }
  /// How many bytes from `offset` on can be written before `blocks_free` new ones are used up.
  std::uint64_t writable(std::uint64_t offset, std::uint64_t bytes,
                         std::uint64_t blocks_free) const;

  static constexpr std::uint64_t kBlockBytes = 4096;

 private:
  struct Behind {
    Bytes bytes;        ///< what the medium holds, sector_bytes_ long
    bool dirty = true;  ///< false after a failed sync: nobody will ever write it
  };
  void fall_behind(std::uint64_t first_sector, std::uint64_t last_sector);
  void restore(std::uint64_t sector, const Behind& behind);
  void count_blocks();

  std::uint32_t sector_bytes_;
  Bytes cache_;
  std::uint64_t medium_size_ = 0;
  std::map<std::uint64_t, Behind> behind_;  ///< by sector number
  std::vector<bool> allocated_;             ///< by block
  std::uint64_t blocks_ = 0;
};

}  // namespace tundish::io
