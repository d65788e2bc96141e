#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "historian/block_format.h"
#include "historian/compaction_plan.h"
#include "historian/journal_format.h"
#include "historian/manifest.h"
#include "historian/recent_changes.h"
#include "historian/registry.h"
#include "historian/shard_executor.h"
#include "historian/snapshot.h"
#include "io/clock.h"
#include "io/disk.h"
#include "model/ports/change_feed.h"
#include "model/ports/historian_admin.h"
#include "model/ports/retention_keeper.h"
#include "model/ports/sample_reader.h"
#include "model/ports/sample_sink.h"

namespace tundish::historian {

class GroupWriter;
class JournalWriter;
class Hold;
struct BadBytes;
struct Arrival;
class RecordPipeline;
struct CommitRequest;

struct Options {
  std::uint64_t segment_bytes = 16 << 20;       ///< of a journal file, pre-written
  std::uint64_t head_bytes_max = 256 << 20;     ///< flush from here on; writers wait at twice this
  std::uint64_t journal_bytes_max = 256 << 20;  ///< flush when this much would be replayed
  DurationNs flush_age = 10 * kMinute;          ///< flush when the oldest unflushed record is older
  std::size_t shards = 2;
  std::size_t blocks_before_compaction = 8;  ///< neighbours of about one size are merged
  std::size_t tag_numbers_max = 2'000'000;   ///< ever made for an enterprise
  std::size_t queue_capacity = 1024;         ///< requests waiting for the journal; full: block
  /// False: everything runs inline in the calling thread, nothing happens by itself; call
  /// maintain(). For simulation and for commands on a folder that nobody serves.
  bool threads = true;
  /// Called when a sync failed. The default ends the process. If it returns, the historian answers
  /// kUnavailable to all that comes after.
  std::function<void(std::string_view)> on_fatal = {};
};

/// The store of all samples: journal, head and blocks in one data folder. README.md has the story.
///
/// Threads: any number of callers; one commit thread (journal, registry); one a shard of the head;
/// one for flush and compaction. Destroying it without stop() leaves what is not flushed in the
/// journal, as a crash would. Snapshots must be released before.
class Historian final : public SampleSink,
                        public SampleReader,
                        public ChangeFeed,
                        public HistorianAdmin,
                        public RetentionKeeper {
 public:
  /// Takes the lock of the folder, recovers what is in it, and is ready. `disk` and `clock` must
  /// outlive it. Errors: kInUse, kUnsupported (written by a newer version), kIo, kDiskFull, and
  /// kCorruption only if both manifests are unusable; other damage is in status().damage.
  static Result<std::unique_ptr<Historian>> open(io::Disk& disk, const io::Clock& clock,
                                                 Options options);
  ~Historian() override;

  Result<Appended> append(SampleBatch batch, std::optional<FeedCommit> commit = {}) override;
  Result<std::vector<TagId>> make_tags(EnterpriseId enterprise,
                                       std::span<const NewTagId> tags) override;
  Status retype_tag(TagId tag, ValueType type) override;
  Result<StreamState> open_stream(EnterpriseId enterprise, const std::string& source,
                                  const std::string& stream) override;
  Result<StreamState> find_stream(EnterpriseId enterprise, const std::string& source,
                                  const std::string& stream, std::uint32_t epoch) override;
  std::size_t stream_count(EnterpriseId enterprise) override;
  Result<Position> erase(std::vector<Tombstone> tombstones) override;
  TimeNs kept_from(TagId tag) const override;

  Status keep_tags(EnterpriseId enterprise, KeepDays keep, std::span<const TagId> tags) override;
  Status advance_horizon(EnterpriseId enterprise, KeepDays keep, TimeNs horizon) override;
  KeepDays kept_for(TagId tag) const override;

  Result<std::unique_ptr<Snapshot>> snapshot() override;
  std::string source_name(EnterpriseId enterprise, std::uint32_t source) const override;

  Position head() const override;
  Result<ChangePage> changes_after(Position after) override;
  bool wait_after(Position after, std::chrono::milliseconds timeout) override;
  std::optional<Position> committed(const std::string& consumer) const override;

  HistorianStatus status() const override;
  Result<VerifyReport> verify() override;
  Status flush() override;

  /// What the background thread does once a second: the next journal segment, a flush if memory,
  /// journal size or age ask for one, a compaction if there are enough blocks. After flush() blocks are merged
  /// that are fewer, and the journal is left empty.
  Status maintain();
  /// Drops what retention has taken, or merges blocks if there are enough; true if it did.
  Result<bool> compact();

  /// Keeps every file that the state from now on consists of until the Hold goes (historian_hold.cc):
  /// for whoever copies them. Waits for a flush or compaction that runs. Any thread.
  std::unique_ptr<Hold> hold();

  /// Refuses what comes from now on, finishes what waits, and flushes. Reads still work.
  void stop();

  /// Type of a tag; for repair and tests. kNotFound.
  Result<ValueType> tag_type(TagId tag) const;

 private:
  Historian(io::Disk& disk, const io::Clock& clock, Options options);

  // historian_append.cc: requests and the commit thread
  Status commit(CommitRequest& request);
  void commit_loop();
  void commit_group(std::span<CommitRequest* const> requests);
  void commit_batches(std::span<CommitRequest* const> requests) TUNDISH_REQUIRES(commit_mutex_)
      TUNDISH_REQUIRES_SHARED(registry_mutex_);
  void commit_one(CommitRequest& request) TUNDISH_REQUIRES(commit_mutex_)
      TUNDISH_REQUIRES_SHARED(registry_mutex_);
  Status admit(CommitRequest& request) const TUNDISH_REQUIRES_SHARED(registry_mutex_);
  Status check_rows(const SampleBatch& batch, const TagGroups& groups) const
      TUNDISH_REQUIRES_SHARED(registry_mutex_);
  bool is_stored(const SampleBatch& batch) const TUNDISH_REQUIRES_SHARED(registry_mutex_);
  Status write_records(std::span<CommitRequest* const> requests) TUNDISH_REQUIRES(commit_mutex_)
      TUNDISH_REQUIRES_SHARED(registry_mutex_);
  Status check_numbers(const Record& record) const TUNDISH_REQUIRES_SHARED(registry_mutex_);
  void fill_numbers(Record& record) const TUNDISH_REQUIRES_SHARED(registry_mutex_);
  void apply_records(std::span<Arrival* const> records, Position first)
      TUNDISH_REQUIRES(commit_mutex_) TUNDISH_REQUIRES_SHARED(registry_mutex_);
  void apply_to_head(std::span<const Arrival* const> records, Position first)
      TUNDISH_REQUIRES(commit_mutex_);
  void wait_for_room();
  void stop_for_ever(const Error& error);
  Error unavailable() const;

  // historian_recover.cc
  Status recover();
  Status make_folders();
  Status choose_manifest() TUNDISH_REQUIRES(maintenance_mutex_);
  Status accept_missing_manifest(const ManifestFile& newest, const ManifestFile& previous);
  Status clean_up_files() TUNDISH_REQUIRES(maintenance_mutex_);
  Status settle_unlisted_block(std::uint64_t file_id) TUNDISH_REQUIRES(maintenance_mutex_);
  Status open_blocks() TUNDISH_REQUIRES(maintenance_mutex_);
  Status replay() TUNDISH_REQUIRES(maintenance_mutex_);
  void replay_records(RecordPipeline& pipeline, std::size_t count)
      TUNDISH_REQUIRES(maintenance_mutex_);

  // historian_quarantine.cc
  struct BadPlace {
    std::string file;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  void report_damage(const BadPlace& place, std::string what) TUNDISH_REQUIRES(maintenance_mutex_);
  Result<std::string> copy_to_quarantine(const BadPlace& place);
  void copy_what_was_not(std::string_view file = {}) TUNDISH_REQUIRES(maintenance_mutex_);
  void copy_when_due() TUNDISH_REQUIRES(maintenance_mutex_);
  bool is_copied(std::string_view file) const TUNDISH_REQUIRES(maintenance_mutex_);
  Status save_damaged_manifests() TUNDISH_REQUIRES(maintenance_mutex_);
  Status remove_segment(const std::string& path) TUNDISH_REQUIRES(maintenance_mutex_);
  void note_quarantined(const BadPlace& place, const std::string& copy);

  // historian_hold.cc
  friend class Hold;
  bool is_held(std::uint64_t block) const TUNDISH_REQUIRES(maintenance_mutex_);
  Position held_from() const TUNDISH_REQUIRES(maintenance_mutex_);

  // historian_flush.cc, historian_compact.cc
  struct Frozen {
    Position through;
    Registry registry;
    std::vector<GenerationPtr> generations;
  };
  Frozen freeze();
  Status flush_locked() TUNDISH_REQUIRES(maintenance_mutex_);
  Result<std::optional<BlockInfo>> write_block(const Frozen& frozen, std::uint64_t file_id)
      TUNDISH_REQUIRES(maintenance_mutex_);
  Status put_in_force(std::vector<BlockInfo> blocks, Position flushed, const Registry& registry)
      TUNDISH_REQUIRES(maintenance_mutex_);
  Status release_previous() TUNDISH_REQUIRES(maintenance_mutex_);
  Status turn_journal() TUNDISH_REQUIRES(maintenance_mutex_);
  void remove_unneeded() TUNDISH_REQUIRES(maintenance_mutex_);
  bool flush_is_due() const;
  std::uint64_t journal_bytes_unflushed() const;
  std::uint64_t bytes_to_flush() const;
  bool has_room_for(std::uint64_t bytes) const;
  void maintenance_loop();
  struct CompactionInput;
  struct Standing {
    std::uint64_t revision = UINT64_MAX;  ///< of the registry's retention
    bool is_gone = false;                 ///< nothing in it is kept any more
    std::optional<BlockGroup> group;      ///< nothing: mixed
  };
  const Standing& standing_of(const BlockReader& block) TUNDISH_REQUIRES(maintenance_mutex_);
  CompactionInput readable_blocks() const TUNDISH_REQUIRES(maintenance_mutex_);
  Result<bool> compact_blocks(bool tidy);
  std::optional<CompactionInput> choose_compaction(bool tidy) TUNDISH_REQUIRES(maintenance_mutex_);
  Status merge_blocks(const CompactionInput& input, GroupWriter& writer)
      TUNDISH_REQUIRES(maintenance_mutex_);
  Status replace_blocks(const CompactionInput& input, const std::vector<BlockInfo>& merged,
                        bool& named) TUNDISH_REQUIRES(maintenance_mutex_);

  void stop_threads();
  void add_damage(Damage damage);
  std::uint64_t next_file_id() { return next_file_id_.fetch_add(1); }
  View current_view(Position* applied = nullptr) const;
  Position applied() const;

  io::Disk& disk_;
  const io::Clock& clock_;
  const Options options_;
  std::unique_ptr<io::FolderLock> lock_;
  std::atomic<std::uint64_t> next_file_id_{1};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> dead_{false};  ///< a sync failed
  /// False: nothing was ever put into a class, so nobody needs the registry to know what is kept.
  std::atomic<bool> retention_is_used_{false};

  std::vector<std::unique_ptr<ShardExecutor>> executors_;
  std::unique_ptr<JournalWriter> journal_;
  BoundedQueue<CommitRequest*> queue_;

  /// Held while a group is written and applied, and by freeze(): so a generation ends between two
  /// groups. The only lock that is held across I/O besides maintenance_mutex_; nothing but these
  /// two wants it. Also the turn for changes of the registry.
  Mutex commit_mutex_;
  mutable SharedMutex registry_mutex_;
  Registry registry_ TUNDISH_GUARDED_BY(registry_mutex_);

  mutable Mutex view_mutex_;
  View view_ TUNDISH_GUARDED_BY(view_mutex_);
  Position applied_ TUNDISH_GUARDED_BY(view_mutex_);

  RecentChanges changes_;
  mutable Mutex feed_mutex_;  ///< guards only the waiting: a change goes into changes_ under it
  Condition feed_moved_;

  /// One flush or compaction at a time.
  Mutex maintenance_mutex_;
  /// Its registry is not kept up here.
  Manifest in_force_ TUNDISH_GUARDED_BY(maintenance_mutex_);
  Bytes in_force_bytes_ TUNDISH_GUARDED_BY(maintenance_mutex_);
  std::vector<BlockInfo> previous_blocks_ TUNDISH_GUARDED_BY(maintenance_mutex_);
  Position previous_flushed_ TUNDISH_GUARDED_BY(maintenance_mutex_);
  /// Blocks to remove when no manifest names them.
  std::set<std::uint64_t> retired_files_ TUNDISH_GUARDED_BY(maintenance_mutex_);
  std::set<const Hold*> holds_ TUNDISH_GUARDED_BY(maintenance_mutex_);
  std::atomic<bool> tidy_wanted_{
      false};  ///< flush() was called: merge what is left, empty the journal
  std::atomic<bool> hold_ended_{false};  ///< what it kept may go: the next maintain() sees to it
  /// As found at the start.
  bool manifest_is_sound_ TUNDISH_GUARDED_BY(maintenance_mutex_) = false;
  bool previous_is_sound_ TUNDISH_GUARDED_BY(maintenance_mutex_) = false;
  /// Blocks that cannot be read in full: left as they are.
  std::set<std::uint64_t> damaged_files_ TUNDISH_GUARDED_BY(maintenance_mutex_);
  std::map<std::uint64_t, Standing> standings_ TUNDISH_GUARDED_BY(maintenance_mutex_);  ///< by file
  /// Damage that recovery found and has no copy of yet: the files that hold it stay.
  std::vector<BadPlace> uncopied_ TUNDISH_GUARDED_BY(maintenance_mutex_);
  DurationNs copy_due_ TUNDISH_GUARDED_BY(maintenance_mutex_) = 0;  ///< monotonic

  Mutex wake_mutex_;
  Condition wake_;       ///< maintenance thread
  Condition room_made_;  ///< commit thread, with wake_mutex_
  bool wake_wanted_ TUNDISH_GUARDED_BY(wake_mutex_) = false;
  std::atomic<bool> flush_failed_{false};
  std::atomic<bool> room_wanted_{false};  ///< somebody was refused for want of space
  std::atomic<std::uint64_t> flushed_position_{0};
  std::atomic<DurationNs> unflushed_since_{0};  ///< monotonic; 0: nothing is unflushed

  mutable Mutex status_mutex_;
  HistorianStatus counters_ TUNDISH_GUARDED_BY(status_mutex_);

  std::jthread commit_thread_;
  std::jthread maintenance_thread_;
};

/// For a data folder that nobody serves: checks every byte of every file without changing any.
/// Errors: kInUse, kUnsupported, kIo. Damage is in the report.
Result<VerifyReport> verify_folder(io::Disk& disk);

}  // namespace tundish::historian
