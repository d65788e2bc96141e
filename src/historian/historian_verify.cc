// Verify reads with the code that recovery and queries read with, and changes nothing.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "historian/historian.h"
#include "historian/journal_reader.h"
#include "historian/journal_writer.h"

namespace tundish::historian {
namespace {

/// @return the manifest's content if it can be used
Result<std::optional<Manifest>> verify_manifest(io::Disk& disk, const char* path,
                                                VerifyReport& report) {
  TUNDISH_TRY(ManifestFile file, load_manifest(disk, path));
  if (!file.exists) return std::nullopt;
  ++report.files;
  report.bytes += file.bytes.size();
  if (!file.manifest) report.damage.push_back({path, 0, file.damage, ""});
  return std::move(file.manifest);
}

Status verify_journal(io::Disk& disk, const ReadJournalOptions& options, VerifyReport& report) {
  TUNDISH_TRY(const JournalReading journal,
              read_journal(disk, options,
                           [&](const RecordFrame& frame, const std::string& file,
                               std::uint64_t offset) -> Status {
                             if (const auto record = unpack_record(frame); !record)
                               report.damage.push_back({file, offset, record.error().message, ""});
                             return {};
                           }));
  report.files += journal.segments.size();
  report.bytes += journal.bytes;
  report.records += journal.records;
  for (const BadBytes& bad : journal.bad)
    report.damage.push_back({bad.file, bad.from, bad.what, ""});
  return {};
}

Status verify_block(io::Disk& disk, const BlockInfo& block, VerifyReport& report) {
  const std::string path = block_path(block.file_id);
  const auto reader = BlockReader::open(disk, path);
  if (reader) {
    if ((*reader)->info().from != block.from || (*reader)->info().through != block.through)
      report.damage.push_back({path, 0, "it is another block than the manifest names", ""});
    return (*reader)->verify(report);
  }
  if (reader.error().code == ErrorCode::kUnsupported) return std::unexpected(reader.error());
  ++report.files;
  report.damage.push_back({path, reader.error().offset.value_or(0), reader.error().message, ""});
  return {};
}

}  // namespace

Result<VerifyReport> verify_folder(io::Disk& disk) {
  TUNDISH_TRY(const auto lock, disk.lock(files::kLock));
  VerifyReport report;
  TUNDISH_TRY(const auto newest, verify_manifest(disk, kManifestPath, report));
  TUNDISH_TRY(const auto previous, verify_manifest(disk, kPreviousManifestPath, report));
  TUNDISH_TRY(const bool has_journal, disk.exists(std::string(kJournalFolder)));
  if (!newest && !previous && report.files == 0 && !has_journal) return report;  // an empty folder
  TUNDISH_TRY(const auto segments, list_segments(disk));
  TUNDISH_TRY(const bool has_manifest, disk.exists(kManifestPath));
  if (!has_manifest && (previous || !segments.empty()))
    report.damage.push_back({kManifestPath, 0, "the manifest is missing", ""});

  ReadJournalOptions options;
  if (newest) {
    options.flushed = newest->flushed;
  } else if (previous) {
    options.flushed = previous->flushed;
  }
  TUNDISH_RETURN_IF_ERROR(verify_journal(disk, options, report));
  std::set<std::uint64_t> seen;
  for (const auto* manifest : {&newest, &previous}) {
    if (!*manifest) continue;
    for (const BlockInfo& block : (*manifest)->blocks) {
      if (seen.insert(block.file_id).second)
        TUNDISH_RETURN_IF_ERROR(verify_block(disk, block, report));
    }
  }
  return report;
}

Result<VerifyReport> Historian::verify() {
  VerifyReport report;
  TUNDISH_TRY(const auto newest, verify_manifest(disk_, kManifestPath, report));
  TUNDISH_TRY(const auto previous, verify_manifest(disk_, kPreviousManifestPath, report));
  if (!newest && report.damage.empty())
    report.damage.push_back({kManifestPath, 0, "the manifest is missing", ""});
  ReadJournalOptions options;
  // Read before the journal: what is flushed meanwhile is no gap.
  if (newest) options.flushed = newest->flushed;
  options.writer = [this] { return journal_->end(); };
  TUNDISH_RETURN_IF_ERROR(verify_journal(disk_, options, report));

  // Blocks that compaction removes meanwhile stay readable through their open files.
  const View view = current_view();
  std::set<std::uint64_t> live;
  for (const auto& block : view.blocks->blocks()) {
    live.insert(block->info().file_id);
    TUNDISH_RETURN_IF_ERROR(block->verify(report));
  }
  std::vector<BlockInfo> unreadable;
  {
    const MutexLock lock(maintenance_mutex_);
    std::copy_if(in_force_.blocks.begin(), in_force_.blocks.end(), std::back_inserter(unreadable),
                 [&](const BlockInfo& block) TUNDISH_REQUIRES(maintenance_mutex_) {
                   return damaged_files_.contains(block.file_id) && !live.contains(block.file_id);
                 });
  }
  for (const BlockInfo& block : unreadable)
    TUNDISH_RETURN_IF_ERROR(verify_block(disk_, block, report));
  return report;
}

}  // namespace tundish::historian
