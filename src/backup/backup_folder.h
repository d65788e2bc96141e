#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backup/backup_manifest.h"
#include "base/result.h"
#include "io/disk.h"
#include "model/data_files.h"

// A folder of backups:
//
//   tundish-backup     says what the folder is
//   backups/NAME       one manifest a backup; NAME is its time, so names sort by time
//   files/NAME-NUMBER  the bytes, each file named by one manifest or more

namespace tundish::backup {

inline constexpr const char* kMarkerPath = files::kBackupMarker;
inline constexpr const char* kBackupsFolder = files::kBackupManifestFolder;
inline constexpr const char* kFilesFolder = files::kBackupCopyFolder;

/// One backup as found.
struct FoundBackup {
  std::string name;
  std::optional<BackupManifest> manifest;  ///< nothing when it is damaged
  std::string damage;                      ///< why it cannot be used
};

/// `20261128T042110.123456789Z`
std::string backup_name(TimeNs taken);

/// Errors: kNotFound when there is no such folder or it is none of backups. Writes nothing.
Result<std::unique_ptr<io::Disk>> open_backup_folder(const std::string& folder);

/// All backups, oldest first. Errors: kIo, kUnsupported.
Result<std::vector<FoundBackup>> list_backups(io::Disk& folder);

/// The backup called `name`, or the newest one when `name` is empty.
/// Errors: kNotFound with the names that there are, kCorruption when it is damaged, and those of list_backups.
Result<FoundBackup> find_backup(io::Disk& folder, const std::string& name);

/// Called now and then in long work.
using Progress = std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

/// Reads one file of a backup in pieces and compares size and checksum.
/// Errors: kCorruption naming the file, kIo, and what `take` answers.
Status read_stored(io::Disk& folder, const BackupFile& file,
                   const std::function<Status(std::uint64_t offset, ByteSpan)>& take);

struct BackupDamage {
  std::string backup;
  std::string file;  ///< below the backup folder
  std::string what;
};
struct BackupCheck {
  std::uint64_t backups = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<BackupDamage> damage;
};
/// Reads every file that any backup names, each once. Errors: kIo of the folder itself.
Result<BackupCheck> check_backups(io::Disk& folder, const Progress& progress);

/// Copies every file of a backup into the empty `target`, comparing checksums, all of it synced at return.
/// Errors: kCorruption naming the file, kDiskFull, kIo; then `target` holds a part.
Status restore_files(io::Disk& folder, const BackupManifest& manifest, io::Disk& target,
                     const Progress& progress);

}  // namespace tundish::backup
