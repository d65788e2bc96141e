#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "historian/journal_format.h"
#include "historian/journal_reader.h"
#include "io/disk.h"

namespace tundish::historian {

/// Appends groups of records to pre-written segments. Steps of a segment's life:
/// 1. `<id>.jnl.new` is written full of zeros and synced, ahead of need: from then on its space is
///    ours, and a full disk shows here, before anything of a batch is written. It is smaller where the disk
///    is nearly full, and is not made where a flush would then have no room.
/// 2. It gets its header, with the seal of the segment before it, is synced, renamed to `<id>.jnl`,
///    and the folder synced.
/// 3. Groups: one write and one sync each.
/// 4. Full, or after a write that failed: sealed by the next one's header. Never written again.
/// One thread appends; prepare_next may run on another.
class JournalWriter {
 public:
  using NextFileId = std::function<std::uint64_t()>;
  /// Bytes that writing out all that is not flushed may take. Called without a lock of the writer.
  using BytesToFlush = std::function<std::uint64_t()>;

  /// `previous` seals the last segment that recovery found; `next` is the next record's position.
  JournalWriter(io::Disk& disk, std::uint64_t segment_bytes, NextFileId next_file_id,
                SegmentSeal previous, Position next, BytesToFlush bytes_to_flush = {});
  ~JournalWriter();

  struct Failure {
    Error error;
    bool fatal = false;  ///< a sync failed: nothing is known of what it covered, stop
  };
  /// Writes and syncs the payloads as consecutive records from `first` on.
  /// On a failure that is not fatal nothing was appended: the next call starts a new segment.
  std::optional<Failure> append(Position first, std::span<const PackedPayload* const> payloads);

  /// Opens a segment if none is open: after recovery, so that the old last one is sealed.
  std::optional<Failure> start_segment();

  /// Begins the next segment though there is room in this one: what it holds is needed no more.
  std::optional<Failure> turn_segment() { return next_segment(0); }

  /// As prepare_next, wanted or not.
  Status prepare_another();
  /// Makes the next segment if it is wanted and missing. Any one thread beside the appending one.
  Status prepare_next();
  /// True when the open segment is half full and the next one has not been made.
  bool wants_next() const;

  /// Any thread.
  std::vector<SegmentInfo> segments() const;
  JournalEnd end() const;
  std::uint64_t syncs() const { return syncs_.load(std::memory_order_relaxed); }

  /// The oldest segment if it holds only records through `through`; never the open one. Segments
  /// go from the oldest on, each forgotten once its file is gone: what stays is unbroken.
  std::optional<SegmentInfo> oldest_unneeded(Position through) const;
  void forget_oldest();
  /// Segments that recovery found, oldest first; before any append.
  void adopt(std::vector<SegmentInfo> segments);

 private:
  /// A segment's file, zeros written and synced.
  struct Prepared {
    std::string path;
    std::uint64_t bytes = 0;
    std::unique_ptr<io::File> file;
  };

  /// A segment of `bytes_min` to `bytes_wanted`.
  Result<Prepared> prepare(std::uint64_t bytes_wanted, std::uint64_t bytes_min);
  Result<std::uint64_t> affordable(std::uint64_t bytes_wanted, std::uint64_t bytes_min);
  std::optional<Failure> next_segment(std::uint64_t bytes_min);
  std::optional<Failure> seal_open_segment();
  /// @return the id that the segment has from now on
  Result<std::uint64_t> put_to_use(Prepared& prepared);

  io::Disk& disk_;
  const std::uint64_t segment_bytes_;
  const NextFileId next_file_id_;
  const BytesToFlush bytes_to_flush_;

  // The appending thread's.
  std::unique_ptr<io::File> file_;  ///< the open segment; none before the first or once abandoned
  std::uint64_t file_id_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t valid_end_ = 0;
  bool abandoned_ = false;  ///< a write failed: its rest holds unknown bytes
  SegmentSeal previous_;    ///< of the last segment that holds records we answer for
  Position next_;

  std::atomic<std::uint64_t> syncs_{0};
  mutable Mutex mutex_;  ///< never held across I/O
  /// Under the same lock as `prepared_`: never set while there is one, so that none is made twice.
  bool wants_next_ TUNDISH_GUARDED_BY(mutex_) = false;
  std::optional<Prepared> prepared_ TUNDISH_GUARDED_BY(mutex_);
  std::vector<SegmentInfo> segments_ TUNDISH_GUARDED_BY(mutex_);
  JournalEnd end_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::historian
