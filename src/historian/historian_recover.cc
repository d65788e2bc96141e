// What happens when a data folder is opened:
// 1. Folders are made, their names synced.
// 2. The manifest is read; if it is damaged, manifest.prev, which the journal still reaches back to.
// 3. Files that an interrupted write left behind are removed; blocks that no manifest explains are
//    set aside in quarantine/.
// 4. The blocks are opened. One that is damaged or gone is reported, and the rest is read.
// 5. The journal is synced, its last group written once more before (what is read from it will be
//    relied on, and a sync may have failed before the end), then replayed after the
//    manifest's position: read here, unpacked by other threads, taken in here again, in order. Bytes that are no record are copied to quarantine/ and reported; what
//    cannot be copied yet keeps its file (historian_quarantine.cc).
// 6. The last segment is sealed by a new one.
// Nothing is deleted for being damaged.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "historian/commit_request.h"
#include "historian/historian.h"
#include "historian/journal_reader.h"
#include "historian/journal_writer.h"
#include "historian/record_pipeline.h"

namespace tundish::historian {
namespace {

constexpr std::string_view kNewSuffix = files::kUnfinishedSuffix;
/// Records that go into the head at once; as many again are unpacked meanwhile.
constexpr std::size_t kReplayedTogether = 32;

std::string plain_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool is_same_block(const BlockInfo& a, const BlockInfo& b) {
  return a.file_id == b.file_id && a.from == b.from && a.through == b.through;
}

}  // namespace

Status Historian::recover() {
  const DurationNs started = clock_.monotonic();
  const MutexLock maintenance(maintenance_mutex_);  // nobody waits for it yet
  TUNDISH_RETURN_IF_ERROR(make_folders());
  TUNDISH_RETURN_IF_ERROR(choose_manifest());
  TUNDISH_RETURN_IF_ERROR(clean_up_files());
  TUNDISH_RETURN_IF_ERROR(open_blocks());
  TUNDISH_RETURN_IF_ERROR(replay());
  const MutexLock lock(status_mutex_);
  counters_.recovery_time = clock_.monotonic() - started;
  return {};
}

Status Historian::make_folders() {
  for (const std::string_view folder : {kJournalFolder, kBlockFolder, kQuarantineFolder})
    TUNDISH_RETURN_IF_ERROR(disk_.make_folder(std::string(folder)));
  // After a crash that was no power cut, names may be there that are not durable yet.
  for (const std::string_view folder : {kJournalFolder, kBlockFolder, std::string_view()})
    TUNDISH_RETURN_IF_ERROR(disk_.sync_folder(std::string(folder)));
  return {};
}

// --- manifest --------------------------------------------------------------------------------------

Status Historian::choose_manifest() {
  TUNDISH_TRY(ManifestFile newest, load_manifest(disk_, kManifestPath));
  TUNDISH_TRY(ManifestFile previous, load_manifest(disk_, kPreviousManifestPath));
  for (const ManifestFile* file : {&newest, &previous}) {
    if (file->exists && !file->manifest)
      report_damage({file->path, 0, file->bytes.size()}, file->damage);
  }
  if (!newest.exists && previous.exists)
    add_damage({kManifestPath, 0, "the manifest is missing", ""});

  ManifestFile& chosen = newest.manifest ? newest : previous;
  if (!chosen.manifest) {
    TUNDISH_RETURN_IF_ERROR(accept_missing_manifest(newest, previous));
    in_force_ = Manifest{};
    in_force_bytes_ = encode_manifest(in_force_);
    TUNDISH_RETURN_IF_ERROR(save_damaged_manifests());
    TUNDISH_RETURN_IF_ERROR(store_manifest(disk_, in_force_bytes_, {}));
  } else {
    in_force_ = std::move(*chosen.manifest);
    in_force_bytes_ = std::move(chosen.bytes);
  }
  manifest_is_sound_ = newest.manifest.has_value() || (!newest.exists && !previous.exists);
  {
    const TurnLock turn(commit_mutex_, registry_mutex_);
    const PublishLock lock(registry_mutex_);
    registry_ = std::move(in_force_.registry);
    retention_is_used_ = registry_.retention().revision() != 0;
  }
  in_force_.registry = Registry{};
  // Without a sound one before it, the journal is kept from where this one needs it.
  previous_flushed_ = in_force_.flushed;
  previous_is_sound_ = !previous.exists || previous.manifest.has_value();
  if (newest.manifest && previous.manifest) {
    previous_flushed_ = std::min(previous.manifest->flushed, in_force_.flushed);
    previous_blocks_ = std::move(previous.manifest->blocks);
  }
  next_file_id_ = std::max<std::uint64_t>(1, in_force_.next_file_id);
  flushed_position_ = in_force_.flushed.value();
  return {};
}

/// No manifest can be used. Fine for a folder that is new, or whose journal is whole from its first
/// record; otherwise going on would hide what was stored.
Status Historian::accept_missing_manifest(const ManifestFile& newest,
                                          const ManifestFile& previous) {
  TUNDISH_TRY(const auto blocks, disk_.list(std::string(kBlockFolder)));
  TUNDISH_TRY(const auto segments, list_segments(disk_));
  const bool was_lost = newest.exists || previous.exists || !segments.empty() || !blocks.empty();
  if (!was_lost) return {};
  bool journal_is_whole = segments.empty();
  if (!segments.empty()) {
    TUNDISH_TRY(const Segment first, Segment::load(disk_, segments.front()));
    journal_is_whole = first.first_position() == Position(1);
  }
  if (!blocks.empty() || !journal_is_whole)
    return fail(ErrorCode::kCorruption,
                "manifest and manifest.prev are both missing or damaged, so it is unknown which "
                "blocks count; nothing was changed. Restore the data folder from a backup",
                kManifestPath);
  if (!newest.exists)
    add_damage(
        {kManifestPath, 0, "the manifest is missing; the journal was replayed from its start", ""});
  return {};
}

// --- files -----------------------------------------------------------------------------------------

Status Historian::clean_up_files() {
  std::uint64_t greatest = 0;
  const auto note = [&](std::uint64_t id) { greatest = std::max(greatest, id); };
  for (const BlockInfo& block : in_force_.blocks) note(block.file_id);

  for (const char* manifest : {kManifestPath, kPreviousManifestPath}) {
    const std::string leftover = std::string(manifest) + std::string(kNewSuffix);
    TUNDISH_TRY(const bool exists, disk_.exists(leftover));
    if (exists) TUNDISH_RETURN_IF_ERROR(disk_.remove(leftover));
  }
  TUNDISH_TRY(const auto journal_names, disk_.list(std::string(kJournalFolder)));
  for (const std::string& name : journal_names) {
    if (const auto id = parse_file_name(name, files::kSegmentSuffix)) note(*id);
    if (const auto id = parse_file_name(name, ".jnl.new")) {
      note(*id);  // never held a record
      TUNDISH_RETURN_IF_ERROR(disk_.remove(segment_path(*id) + std::string(kNewSuffix)));
    }
  }
  TUNDISH_TRY(const auto quarantined, disk_.list(std::string(kQuarantineFolder)));
  for (const std::string& name : quarantined) {
    if (const auto id = parse_file_name(name, files::kBlockSuffix)) note(*id);
    if (const auto id = parse_file_name(name, files::kSegmentSuffix)) note(*id);
    if (name.ends_with(kNewSuffix))  // a copy that was not finished; it is made anew
      TUNDISH_RETURN_IF_ERROR(disk_.remove(fmt::format("{}/{}", kQuarantineFolder, name)));
  }
  TUNDISH_TRY(const auto block_names, disk_.list(std::string(kBlockFolder)));
  for (const std::string& name : block_names) {
    const auto id = parse_file_name(name, files::kBlockSuffix);
    if (!id) continue;
    note(*id);
    TUNDISH_RETURN_IF_ERROR(settle_unlisted_block(*id));
  }
  next_file_id_ = std::max(next_file_id_.load(), greatest + 1);
  return {};
}

Status Historian::settle_unlisted_block(std::uint64_t file_id) {
  const auto is_it = [&](const BlockInfo& block) { return block.file_id == file_id; };
  const auto names_it = [&](const std::vector<BlockInfo>& blocks) {
    return std::any_of(blocks.begin(), blocks.end(), is_it);
  };
  if (names_it(in_force_.blocks) || names_it(previous_blocks_)) return {};
  if (manifest_is_sound_ && file_id >= in_force_.next_file_id)
    return disk_.remove(block_path(file_id));  // a flush or compaction that did not finish
  if (manifest_is_sound_ && previous_is_sound_)
    return disk_.remove(block_path(file_id));  // merged, and not yet removed
  if (manifest_is_sound_) return {};           // the damaged manifest.prev may have named it
  const std::string aside = std::string(kQuarantineFolder) + "/" + plain_name(block_path(file_id));
  TUNDISH_RETURN_IF_ERROR(disk_.rename(block_path(file_id), aside));
  TUNDISH_RETURN_IF_ERROR(disk_.sync_folder(std::string(kQuarantineFolder)));
  TUNDISH_RETURN_IF_ERROR(disk_.sync_folder(std::string(kBlockFolder)));
  add_damage({block_path(file_id), 0,
              "the damaged manifest may have named this block; its records are in the journal",
              aside});
  return {};
}

Status Historian::open_blocks() {
  std::vector<BlockSet::BlockPtr> readers;
  std::vector<std::string> unreadable;
  for (const BlockInfo& block : in_force_.blocks) {
    const std::string path = block_path(block.file_id);
    auto reader = BlockReader::open(disk_, path);
    // A disk that stumbles once is no reason to go without the block.
    if (!reader && reader.error().code == ErrorCode::kIo) reader = BlockReader::open(disk_, path);
    if (reader && is_same_block((*reader)->info(), block)) {
      readers.push_back(std::move(*reader));
      continue;
    }
    if (!reader && reader.error().code == ErrorCode::kUnsupported)
      return std::unexpected(std::move(reader).error());
    damaged_files_.insert(block.file_id);
    std::string what = fmt::format(
        "{} samples from {} to {} cannot be read: {}", block.samples, format_time(block.times.from),
        format_time(block.times.to),
        reader ? "it is another block than the manifest names" : reader.error().message);
    unreadable.push_back(fmt::format("{}: {}", path, what));
    add_damage({path, reader ? 0 : reader.error().offset.value_or(0), std::move(what), ""});
  }
  const MutexLock lock(view_mutex_);
  view_.unreadable = std::move(unreadable);
  view_.blocks = std::make_shared<const BlockSet>(std::move(readers));
  view_.generations = {std::make_shared<HeadGeneration>(executors_.size())};
  return {};
}

// --- journal ---------------------------------------------------------------------------------------

Status Historian::replay() {
  {
    const MutexLock lock(view_mutex_);
    applied_ = in_force_.flushed;
  }
  changes_.start_at(in_force_.flushed);
  TUNDISH_TRY(const auto ids, list_segments(disk_));
  for (const std::uint64_t id : ids) {
    if (id == ids.back()) {
      TUNDISH_RETURN_IF_ERROR(make_tail_durable(disk_, id));
      break;
    }
    TUNDISH_TRY(const auto file, disk_.open(segment_path(id), io::Open::kReadWrite));
    TUNDISH_RETURN_IF_ERROR(file->sync());
  }
  journal_ = std::make_unique<JournalWriter>(
      disk_, options_.segment_bytes, [this] { return next_file_id(); }, SegmentSeal{},
      Position(in_force_.flushed.value() + 1));

  ReadJournalOptions reading;
  reading.flushed = in_force_.flushed;
  RecordPipeline pipeline(options_.threads);
  Position pushed;
  const auto take = [&](const RecordFrame& frame, const std::string& file, std::uint64_t offset)
                        TUNDISH_REQUIRES(maintenance_mutex_) -> Status {
    // Which of two records of one position counts depends on whether the first is whole.
    if (frame.position <= pushed) replay_records(pipeline, pipeline.size());
    if (frame.position <= applied()) return {};
    pipeline.push(frame, file, offset);
    pushed = frame.position;
    if (pipeline.size() >= 2 * kReplayedTogether) replay_records(pipeline, kReplayedTogether);
    return {};
  };
  TUNDISH_TRY(const JournalReading journal, read_journal(disk_, reading, take));
  replay_records(pipeline, pipeline.size());
  for (const BadBytes& bad : journal.bad) report_damage({bad.file, bad.from, bad.to}, bad.what);
  // Positions that damage swallowed are not given out again.
  Position last;
  {
    const MutexLock lock(view_mutex_);
    last = applied_ = std::max(applied_, journal.last);
  }

  journal_ = std::make_unique<JournalWriter>(
      disk_, options_.segment_bytes, [this] { return next_file_id(); }, journal.end,
      Position(last.value() + 1), [this] { return bytes_to_flush(); });
  journal_->adopt(journal.segments);
  if (auto failure = journal_->start_segment(); failure) {
    // Reads go on with a full disk, and the first append tries again.
    if (failure->error.code != ErrorCode::kDiskFull)
      return std::unexpected(std::move(failure->error));
    const MutexLock lock(status_mutex_);
    counters_.disk_full = true;
  }
  remove_unneeded();
  return {};
}

/// Takes in the next `count` records, those of unbroken positions at once. What was before a gap stays as it is:
/// records do not depend on their neighbours.
void Historian::replay_records(RecordPipeline& pipeline, std::size_t count) {
  std::vector<RecordPipeline::Unpacked> together;
  const auto apply = [&]() TUNDISH_REQUIRES(maintenance_mutex_) {
    if (together.empty()) return;
    std::vector<Arrival*> arrivals;
    for (RecordPipeline::Unpacked& unpacked : together) arrivals.push_back(&*unpacked.arrival);
    {
      // Nobody follows yet, but who comes back later asks for what came after one of these records.
      const MutexLock lock(feed_mutex_);
      for (RecordPipeline::Unpacked& unpacked : together)
        changes_.add(unpacked.position, std::exchange(unpacked.arrival->changes, {}));
    }
    {
      const TurnLock turn(commit_mutex_, registry_mutex_);
      apply_records(arrivals, together.front().position);
    }
    together.clear();
    // Only a journal much larger than usual does not fit; disk full is no reason to stop here,
    // memory then has to do.
    if (current_view().generations.back()->bytes() > 2 * options_.head_bytes_max)
      (void)flush_locked();
  };
  for (; count > 0; --count) {
    RecordPipeline::Unpacked next = pipeline.pop();
    if (!next.arrival) {
      report_damage({next.file, next.offset, next.offset + next.bytes}, next.damage.message);
      continue;
    }
    if (!together.empty() && next.position.value() != together.back().position.value() + 1) apply();
    together.push_back(std::move(next));
    if (together.size() >= kReplayedTogether) apply();
  }
  apply();
}

}  // namespace tundish::historian
