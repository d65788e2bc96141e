#include "backup/backup_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/crc32c.h"

namespace tundish::backup {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{4} << 20;
constexpr std::string_view kMarkerText =
    "Backups of Tundish, format 1. Made and read by `tundish backup` and `tundish restore`.\n";

const std::set<std::string> kOwnNames = {files::kLock, kBackupsFolder, kFilesFolder,
                                         std::string(kMarkerPath) + ".new"};

std::string stored_path(const std::string& stored) {
  return fmt::format("{}/{}", kFilesFolder, stored);
}

}  // namespace

BackupWriter::BackupWriter(std::unique_ptr<io::Disk> folder, TimeNs now)
    : folder_(std::move(folder)), name_(backup_name(now)) {
  manifest_.taken = now;
}

Result<std::unique_ptr<BackupWriter>> BackupWriter::begin(const std::string& folder, TimeNs now) {
  namespace fs = std::filesystem;
  std::error_code error;
  // A folder with a lock alone is one whose first backup was interrupted at once.
  if (!fs::is_regular_file(folder + "/" + kMarkerPath, error)) {
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
      if (!kOwnNames.contains(entry->path().filename().string()))
        return fail(ErrorCode::kConflict,
                    "the folder holds other files: name an empty one, or one that does not exist "
                    "yet",
                    folder);
  }
  TUNDISH_TRY(auto disk, io::open_real_disk(folder));
  std::unique_ptr<BackupWriter> writer(new BackupWriter(std::move(disk), now));
  TUNDISH_RETURN_IF_ERROR(writer->prepare());
  return writer;
}

Status BackupWriter::prepare() {
  auto lock = folder_->lock(files::kLock);
  if (!lock && lock.error().code == ErrorCode::kInUse)
    return fail(ErrorCode::kInUse, "another backup is being written into this folder");
  if (!lock) return fail(lock.error());
  lock_ = std::move(*lock);
  for (const char* folder : {kBackupsFolder, kFilesFolder})
    TUNDISH_RETURN_IF_ERROR(folder_->make_folder(folder));
  TUNDISH_TRY(const bool marked, folder_->exists(kMarkerPath));
  if (!marked)
    TUNDISH_RETURN_IF_ERROR(io::replace_file(*folder_, kMarkerPath, as_byte_span(kMarkerText)));
  TUNDISH_RETURN_IF_ERROR(folder_->sync_folder(""));
  TUNDISH_TRY(const auto all, list_backups(*folder_));
  for (const FoundBackup& backup : all) {
    // Time may have been set back; names must not meet, and the newest is to be the newest.
    if (backup.name >= name_)
      return fail(ErrorCode::kConflict,
                  fmt::format("the folder has a backup of {}, which is later than now: set the "
                              "clock, or use another folder",
                              backup.name));
    if (!backup.manifest) continue;
    for (const BackupFile& file : backup.manifest->files)
      if (file.changed != 0) known_[file.path] = file;
  }
  return remove_unnamed();
}

/// Files that no backup names: an interrupted one left them. With a damaged manifest all of them stay, as it
/// may be read by eye.
Status BackupWriter::remove_unnamed() {
  TUNDISH_TRY(const auto all, list_backups(*folder_));
  std::set<std::string> named;
  for (const FoundBackup& backup : all) {
    if (!backup.manifest) return {};
    for (const BackupFile& file : backup.manifest->files) named.insert(file.stored);
  }
  TUNDISH_TRY(const auto files, folder_->list(kFilesFolder));
  for (const std::string& file : files)
    if (!named.contains(file)) TUNDISH_RETURN_IF_ERROR(folder_->remove(stored_path(file)));
  return {};
}

bool BackupWriter::reuse(const std::string& path, std::uint64_t bytes, std::int64_t changed) {
  const auto found = known_.find(path);
  if (changed == 0 || found == known_.end() || found->second.bytes != bytes ||
      found->second.changed != changed)
    return false;
  // Whoever looks after the folder may have lost it.
  const auto file = folder_->open(stored_path(found->second.stored), io::Open::kRead);
  const auto size = file ? (*file)->size() : Result<std::uint64_t>(fail(file.error()));
  if (!size || *size != bytes) return false;
  manifest_.files.push_back(found->second);
  return true;
}

std::string BackupWriter::new_file() { return fmt::format("{}-{}", name_, ++files_); }

Status BackupWriter::start(const std::string& path, std::unique_ptr<io::File> source,
                           std::uint64_t bytes, std::uint64_t valid_bytes, std::int64_t changed) {
  auto copy = std::make_unique<Copy>();
  copy->file = {path, new_file(), bytes, 0, changed};
  copy->from = std::move(source);
  copy->valid_bytes = std::min(valid_bytes, bytes);
  TUNDISH_TRY(copy->to, folder_->open(stored_path(copy->file.stored), io::Open::kCreateOrTruncate));
  copy_ = std::move(copy);
  return {};
}

Result<bool> BackupWriter::copy_piece() {
  Copy& copy = *copy_;
  piece_bytes_ = std::min<std::uint64_t>(kPieceBytes, copy.file.bytes - copy.done);
  Bytes piece(piece_bytes_);
  const std::uint64_t valid =
      copy.done >= copy.valid_bytes ? 0 : std::min(piece_bytes_, copy.valid_bytes - copy.done);
  TUNDISH_RETURN_IF_ERROR(copy.from->read_at(copy.done, std::span(piece).first(valid)));
  copy.file.crc = crc32c(piece, copy.file.crc);
  TUNDISH_RETURN_IF_ERROR(copy.to->write_at(copy.done, ByteSpan(piece).first(valid)));
  copy.done += piece_bytes_;
  if (copy.done < copy.file.bytes) return false;
  // The zeros behind what counts cost no space.
  TUNDISH_RETURN_IF_ERROR(copy.to->truncate(copy.file.bytes));
  TUNDISH_RETURN_IF_ERROR(copy.to->sync());
  manifest_.files.push_back(std::move(copy.file));
  copy_.reset();
  return true;
}

Status BackupWriter::add(const std::string& path, ByteSpan bytes) {
  BackupFile file{path, new_file(), bytes.size(), crc32c(bytes), 0};
  TUNDISH_TRY(const auto out, folder_->open(stored_path(file.stored), io::Open::kCreateOrTruncate));
  TUNDISH_RETURN_IF_ERROR(out->write_at(0, bytes));
  TUNDISH_RETURN_IF_ERROR(out->sync());
  manifest_.files.push_back(std::move(file));
  return {};
}

Result<std::uint64_t> BackupWriter::add_written(const std::string& path,
                                                const std::string& stored) {
  TUNDISH_TRY(const auto file, folder_->open(stored_path(stored), io::Open::kReadWrite));
  BackupFile entry{path, stored, 0, 0, 0};
  TUNDISH_RETURN_IF_ERROR(sum_up(*file, entry));
  TUNDISH_RETURN_IF_ERROR(file->sync());
  manifest_.files.push_back(entry);
  return entry.bytes;
}

Status BackupWriter::finish(Position position, const std::string& program, std::size_t keep) {
  manifest_.position = position;
  manifest_.program = program;
  TUNDISH_RETURN_IF_ERROR(folder_->sync_folder(kFilesFolder));
  const std::string text = encode_backup_manifest(manifest_);
  TUNDISH_RETURN_IF_ERROR(
      io::replace_file(*folder_, fmt::format("{}/{}", kBackupsFolder, name_), as_byte_span(text)));
  return keep == 0 ? Status() : drop_oldest(keep);
}

Status BackupWriter::drop_oldest(std::size_t keep) {
  TUNDISH_TRY(const auto all, list_backups(*folder_));
  // One that cannot be read does not count: the rest must be whole ones.
  std::size_t left = 0;
  for (const FoundBackup& backup : all) left += backup.manifest ? 1 : 0;
  for (const FoundBackup& backup : all) {
    if (left <= keep) break;
    if (!backup.manifest) continue;
    TUNDISH_RETURN_IF_ERROR(folder_->remove(fmt::format("{}/{}", kBackupsFolder, backup.name)));
    --left;
  }
  TUNDISH_RETURN_IF_ERROR(folder_->sync_folder(kBackupsFolder));
  return remove_unnamed();
}

}  // namespace tundish::backup
