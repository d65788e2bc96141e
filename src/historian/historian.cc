// Construction, stop, and the ports that only look. The verbs have files of their own:
// historian_recover.cc, historian_append.cc, historian_flush.cc, historian_compact.cc,
// historian_quarantine.cc, historian_verify.cc.

#include "historian/historian.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "historian/journal_writer.h"

namespace tundish::historian {
namespace {

// About 24 bytes each: 24 MiB at most, unless there are more tags than this.
constexpr std::size_t kRecentChangesMax = 1 << 20;
// The list is for people: the first places say enough, the log has them all.
constexpr std::size_t kDamageKeptMax = 1000;

Options checked(Options options) {
  TUNDISH_CHECK(options.shards > 0 && options.queue_capacity > 0);
  if (!options.on_fatal) options.on_fatal = [](std::string_view why) { end_process(why); };
  return options;
}

}  // namespace

Historian::Historian(io::Disk& disk, const io::Clock& clock, Options options)
    : disk_(disk),
      clock_(clock),
      options_(checked(std::move(options))),
      queue_(options_.queue_capacity, WhenFull::kBlock),
      changes_(kRecentChangesMax) {
  for (std::size_t i = 0; i < options_.shards; ++i)
    executors_.push_back(std::make_unique<ShardExecutor>(options_.threads));
}

Result<std::unique_ptr<Historian>> Historian::open(io::Disk& disk, const io::Clock& clock,
                                                   Options options) {
  auto historian = std::unique_ptr<Historian>(new Historian(disk, clock, std::move(options)));
  TUNDISH_TRY(historian->lock_, disk.lock(files::kLock));
  TUNDISH_RETURN_IF_ERROR(historian->recover());
  if (historian->options_.threads) {
    historian->commit_thread_ = std::jthread([raw = historian.get()] { raw->commit_loop(); });
    historian->maintenance_thread_ =
        std::jthread([raw = historian.get()] { raw->maintenance_loop(); });
  }
  return historian;
}

Historian::~Historian() { stop_threads(); }

/// What waits in the queue is still written.
void Historian::stop_threads() {
  stopping_ = true;
  queue_.close();
  // Passing through the locks: nobody is between looking at stopping_ and waiting.
  {
    const MutexLock lock(wake_mutex_);
  }
  {
    const MutexLock lock(feed_mutex_);
  }
  wake_.notify_all();
  room_made_.notify_all();
  feed_moved_.notify_all();
  if (commit_thread_.joinable()) commit_thread_.join();
  if (maintenance_thread_.joinable()) maintenance_thread_.join();
}

void Historian::stop() {
  if (stopping_) return;
  stop_threads();
  if (dead_) return;
  const MutexLock lock(maintenance_mutex_);
  if (Status status = flush_locked(); !status)
    log_warning("historian", "not flushed on stop, the journal keeps it: {}",
                status.error().to_string());
}

// --- reading ---------------------------------------------------------------------------------------

View Historian::current_view(Position* applied) const {
  const MutexLock lock(view_mutex_);
  if (applied != nullptr) *applied = applied_;
  return view_;
}

Position Historian::applied() const {
  const MutexLock lock(view_mutex_);
  return applied_;
}

Result<std::unique_ptr<Snapshot>> Historian::snapshot() {
  Position applied;
  View view = current_view(&applied);
  // After the view: then all that the table calls kept is in it, whatever a compaction drops meanwhile.
  RetentionTable retention;
  {
    const ReadLock lock(registry_mutex_);
    retention = registry_.retention();
  }
  const auto report = [this](const BlockChunk& chunk, const Error& error) {
    add_damage({chunk.block->path(), error.offset.value_or(chunk.chunk.offset), error.message, ""});
  };
  return std::make_unique<ViewSnapshot>(std::move(view), applied, executors_, std::move(retention),
                                        report);
}

TimeNs Historian::kept_from(TagId tag) const {
  if (!retention_is_used_) return kTimeMin;
  const ReadLock lock(registry_mutex_);
  return registry_.retention().kept_from(tag);
}

KeepDays Historian::kept_for(TagId tag) const {
  const ReadLock lock(registry_mutex_);
  return registry_.retention().kept_for(tag);
}

Result<ValueType> Historian::tag_type(TagId tag) const {
  const ReadLock lock(registry_mutex_);
  const RegisteredTag* found = registry_.find_tag(tag);
  if (found == nullptr) return fail(ErrorCode::kNotFound, "there is no such tag");
  return found->type;
}

// --- change feed -----------------------------------------------------------------------------------

Position Historian::head() const { return changes_.through(); }

Result<ChangePage> Historian::changes_after(Position after) {
  // First what memory knows, then the blocks: a flush in between only makes them overlap.
  RecentChanges::Answer recent = changes_.after(after);
  if (recent.complete)
    return ChangePage{std::move(recent.changes), std::max(recent.through, after)};
  ChangeSet changes;
  const auto live = current_view().blocks;
  for (const auto& block : live->blocks()) {
    if (block->info().through <= after) continue;
    for (const ChunkRef& chunk : block->all_chunks())
      changes.add(chunk.tag, chunk.first, chunk.last);
    for (const Tombstone& tombstone : block->tombstones())
      changes.add(tombstone.tag, tombstone.range.from, tombstone.range.to - 1);
  }
  for (const Change& change : recent.changes) changes.add(change.tag, change.from, change.to);
  return ChangePage{changes.sorted(), recent.through};
}

bool Historian::wait_after(Position after, std::chrono::milliseconds timeout) {
  const MutexLock lock(feed_mutex_);
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (changes_.through() <= after && !stopping_ && feed_moved_.wait_until(feed_mutex_, until)) {
  }
  return changes_.through() > after;
}

std::optional<Position> Historian::committed(const std::string& consumer) const {
  const ReadLock lock(registry_mutex_);
  return registry_.committed(consumer);
}

// --- state -----------------------------------------------------------------------------------------

void Historian::add_damage(Damage damage) {
  log_error("historian", "damage in {} at byte {}: {}{}{}", damage.file, damage.offset, damage.what,
            damage.quarantined.empty() ? "" : "; its bytes are in ", damage.quarantined);
  const MutexLock lock(status_mutex_);
  const bool known =
      std::any_of(counters_.damage.begin(), counters_.damage.end(), [&](const Damage& earlier) {
        return earlier.file == damage.file && earlier.offset == damage.offset;
      });
  if (!known && counters_.damage.size() < kDamageKeptMax)
    counters_.damage.push_back(std::move(damage));
}

HistorianStatus Historian::status() const {
  HistorianStatus status;
  {
    const MutexLock lock(status_mutex_);
    status = counters_;
  }
  const View view = current_view(&status.applied);
  for (const GenerationPtr& generation : view.generations) {
    status.head_samples += generation->samples();
    status.head_bytes += generation->bytes();
  }
  for (const SegmentInfo& segment : journal_->segments()) status.journal_bytes += segment.bytes;
  status.syncs = journal_->syncs();
  status.blocks = view.blocks->blocks().size();
  for (const auto& block : view.blocks->blocks()) status.block_bytes += block->info().bytes;
  return status;
}

}  // namespace tundish::historian
