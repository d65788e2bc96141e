// What a backup consists of, and as of when:
// 1. The historian keeps the files of the manifest in force, and the journal after it (Hold).
// 2. With nobody writing to the metadata, the journal's end is noted and a read transaction begins on the
//    metadata: both are as of one moment. What is copied is what a power cut at that moment would have left,
//    so all that holds after one holds after a restore.
// 3. Files are copied a piece at a time while the platform goes on; immutable ones that an earlier backup has
//    are not.
// 4. The metadata is copied out of its read transaction, then all other files of the folder.
// 5. The backup's manifest makes it one.

#include "app/backup_run.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <utility>

#include "app/platform.h"
#include "backup/backup_writer.h"
#include "historian/hold.h"
#include "historian/manifest.h"
#include "model/data_files.h"

namespace tundish::app {
namespace {

namespace fs = std::filesystem;

constexpr int kPagesPerStep = 1024;
constexpr std::uint64_t kOtherFileBytesMax = std::uint64_t{1} << 30;
/// A file system needs some room for names and its own books.
constexpr std::uint64_t kSpareBytes = std::uint64_t{4} << 20;

/// What is copied otherwise, or belongs to the process that serves the folder.
bool is_other_file(const std::string& path) {
  static const std::set<std::string> kNotThese = {files::kLock,
                                                  files::kControlSocket,
                                                  historian::kManifestPath,
                                                  historian::kPreviousManifestPath,
                                                  files::kSums,
                                                  files::kMetadata,
                                                  "meta.db-wal",
                                                  "meta.db-shm",
                                                  "meta.db-journal"};
  return !kNotThese.contains(path) && !path.starts_with("journal/") &&
         !path.starts_with("blocks/") && !path.ends_with(".new");
}

std::int64_t changed_ns(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return 0;
  return info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec;
}

class Run final : public BackupRun {
 public:
  Run(std::string data_folder, std::unique_ptr<io::Disk> data,
      std::unique_ptr<backup::BackupWriter> writer, std::unique_ptr<historian::Hold> hold,
      std::string target, std::size_t keep)
      : data_folder_(std::move(data_folder)),
        data_(std::move(data)),
        writer_(std::move(writer)),
        hold_(std::move(hold)),
        target_(std::move(target)),
        keep_(keep) {}

  /// The moment. Then the plan, and whether there is room for it.
  Status cut(io::sqlite::Database& database) {
    {
      TUNDISH_TRY(const auto nobody_writes, database.begin());
      cut_ = hold_->cut();
      metadata_stored_ = writer_->new_file();
      TUNDISH_TRY(metadata_, database.copy_to(fmt::format("{}/{}/{}", target_, backup::kFilesFolder,
                                                          metadata_stored_)));
    }
    progress_.name = writer_->name();
    progress_.position = cut_.position;
    TUNDISH_RETURN_IF_ERROR(writer_->add(historian::kManifestPath, hold_->manifest()));
    note_done(hold_->manifest().size());
    for (const auto& file : cut_.files) plan(file);
    std::error_code error;
    const auto metadata_bytes = fs::file_size(data_folder_ + "/meta.db", error);
    const std::uint64_t wanted = error ? 0 : metadata_bytes;
    progress_.files_total += 1;
    progress_.bytes_total += wanted;
    TUNDISH_RETURN_IF_ERROR(plan_others());
    return check_room();
  }

  Result<BackupProgress> next() override {
    TUNDISH_RETURN_IF_ERROR(step());
    return progress_;
  }

 private:
  void note_done(std::uint64_t bytes) {
    ++progress_.files;
    ++progress_.files_total;
    progress_.bytes += bytes;
    progress_.bytes_total += bytes;
  }

  void plan(const historian::Hold::File& file) {
    const std::int64_t changed = file.immutable ? changed_ns(data_folder_ + "/" + file.path) : 0;
    if (writer_->reuse(file.path, file.bytes, changed)) {
      note_done(file.bytes);
      ++progress_.files_reused;
      progress_.bytes_reused += file.bytes;
      return;
    }
    ++progress_.files_total;
    progress_.bytes_total += file.bytes;
    space_wanted_ += file.valid_bytes;
    waiting_.push_back({file, changed});
  }

  /// Keys, packs, the ledger, what was quarantined: whatever else lies in the folder.
  Status plan_others() {
    std::error_code error;
    fs::recursive_directory_iterator entry(data_folder_, error);
    for (const fs::recursive_directory_iterator end; !error && entry != end;
         entry.increment(error)) {
      const std::string path = entry->path().lexically_relative(data_folder_).string();
      std::error_code gone;  // files may come and go meanwhile
      if (!entry->is_regular_file(gone) || entry->is_symlink(gone) || !is_other_file(path))
        continue;
      others_.push_back(path);
      ++progress_.files_total;
    }
    if (!error) return {};
    return fail(
        ErrorCode::kIo, "the data folder cannot be listed: " + error.message(),
        entry == fs::recursive_directory_iterator() ? std::string() : entry->path().string());
  }

  Status check_room() {
    TUNDISH_TRY(const std::uint64_t free, writer_->disk().free_bytes());
    const std::uint64_t wanted = space_wanted_ + kSpareBytes;
    if (free >= wanted) return {};
    return fail(ErrorCode::kDiskFull,
                fmt::format("the backup needs {} MiB in {} and {} MiB are free: make room there, "
                            "or keep fewer backups with --keep; earlier backups are as they were",
                            wanted >> 20, target_, free >> 20));
  }

  Status step() {
    if (copying_) return copy_on();
    if (at_ < waiting_.size()) return begin_file();
    if (metadata_) return copy_metadata();
    if (others_at_ < others_.size()) return copy_other();
    TUNDISH_RETURN_IF_ERROR(writer_->finish(cut_.position, version_text(), keep_));
    progress_.done = true;
    return {};
  }

  Status begin_file() {
    const auto& [file, changed] = waiting_[at_];
    auto source = data_->open(file.path, io::Open::kRead);
    if (!source) return leave_out(file.path, source.error());
    TUNDISH_RETURN_IF_ERROR(
        writer_->start(file.path, std::move(*source), file.bytes, file.valid_bytes, changed));
    copying_ = true;
    return {};
  }

  Status copy_on() {
    const auto done = writer_->copy_piece();
    if (!done) {
      // The rest of a damaged folder is worth a backup, too; what the target refuses ends it.
      const bool of_source = done.error().where == waiting_[at_].first.path;
      copying_ = false;
      return of_source ? leave_out(waiting_[at_].first.path, done.error()) : fail(done.error());
    }
    progress_.bytes += writer_->piece_bytes();
    if (!*done) return {};
    copying_ = false;
    ++at_;
    ++progress_.files;
    return {};
  }

  Status leave_out(const std::string& path, const Error& error) {
    progress_.unreadable.push_back(path + ": " + error.message);
    ++at_;
    --progress_.files_total;
    return {};
  }

  Status copy_metadata() {
    TUNDISH_TRY(const bool done, metadata_->step(kPagesPerStep));
    if (!done) return {};
    metadata_.reset();
    TUNDISH_TRY(const std::uint64_t bytes,
                writer_->add_written(files::kMetadata, metadata_stored_));
    ++progress_.files;
    progress_.bytes += bytes;
    progress_.bytes_total = std::max(progress_.bytes_total, progress_.bytes);
    return {};
  }

  Status copy_other() {
    const std::string& path = others_[others_at_++];
    const auto bytes = io::read_file(*data_, path, kOtherFileBytesMax);
    if (!bytes) {
      --progress_.files_total;
      if (bytes.error().code != ErrorCode::kNotFound)  // gone meanwhile is fine
        progress_.unreadable.push_back(path + ": " + bytes.error().message);
      return {};
    }
    TUNDISH_RETURN_IF_ERROR(writer_->add(path, *bytes));
    ++progress_.files;
    progress_.bytes += bytes->size();
    progress_.bytes_total = std::max(progress_.bytes_total, progress_.bytes);
    return {};
  }

  const std::string data_folder_;
  const std::unique_ptr<io::Disk> data_;
  const std::unique_ptr<backup::BackupWriter> writer_;
  const std::unique_ptr<historian::Hold> hold_;
  const std::string target_;
  const std::size_t keep_;
  historian::Hold::Cut cut_;
  std::unique_ptr<io::sqlite::DatabaseCopy> metadata_;
  std::string metadata_stored_;
  std::vector<std::pair<historian::Hold::File, std::int64_t>> waiting_;
  std::size_t at_ = 0;
  bool copying_ = false;
  std::vector<std::string> others_;
  std::size_t others_at_ = 0;
  std::uint64_t space_wanted_ = 0;
  BackupProgress progress_;
};

class Maker final : public BackupMaker {
 public:
  Maker(std::string data_folder, historian::Historian& historian, io::sqlite::Database& database,
        const io::Clock& clock)
      : data_folder_(std::move(data_folder)),
        historian_(historian),
        database_(database),
        clock_(clock) {}

  Result<std::unique_ptr<BackupRun>> begin(const std::string& folder, std::size_t keep) override {
    if (!fs::path(folder).is_absolute())
      return fail(ErrorCode::kInvalidArgument, "the backup's folder must be an absolute path",
                  "to");
    std::error_code error;
    const fs::path data = fs::weakly_canonical(data_folder_, error);
    const fs::path target = fs::weakly_canonical(folder, error);
    const auto differs = std::mismatch(data.begin(), data.end(), target.begin(), target.end());
    if (differs.first == data.end())
      return fail(
          ErrorCode::kInvalidArgument,
          "a backup inside the data folder would be lost with it: name another folder, best "
          "on another disk",
          "to");
    TUNDISH_TRY(auto writer, backup::BackupWriter::begin(folder, clock_.now()));
    TUNDISH_TRY(auto disk, io::open_real_disk(data_folder_));
    auto run = std::make_unique<Run>(data_folder_, std::move(disk), std::move(writer),
                                     historian_.hold(), folder, keep);
    TUNDISH_RETURN_IF_ERROR(run->cut(database_));
    return run;
  }

 private:
  const std::string data_folder_;
  historian::Historian& historian_;
  io::sqlite::Database& database_;
  const io::Clock& clock_;
};

}  // namespace

std::unique_ptr<BackupMaker> make_backup_maker(const std::string& data_folder,
                                               historian::Historian& historian,
                                               io::sqlite::Database& database,
                                               const io::Clock& clock) {
  return std::make_unique<Maker>(data_folder, historian, database, clock);
}

}  // namespace tundish::app
