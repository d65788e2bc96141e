#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backup/backup_folder.h"
#include "backup/backup_manifest.h"
#include "base/result.h"
#include "io/disk.h"

namespace tundish::backup {

/// Adds one backup to a folder of them. Bytes go to `files/` under names of their own and are synced; the
/// manifest comes last, so that until finish() returns the folder has the backups that it had. One thread.
class BackupWriter {
 public:
  /// Makes the folder if it is missing, and removes what interrupted backups left in it.
  /// Errors: kConflict when the folder holds something else, kInUse when another backup writes there.
  static Result<std::unique_ptr<BackupWriter>> begin(const std::string& folder, TimeNs now);

  const std::string& name() const { return name_; }
  io::Disk& disk() { return *folder_; }

  /// True when an earlier backup has this file, unchanged since then: it is in this backup, too.
  bool reuse(const std::string& path, std::uint64_t bytes, std::int64_t changed);

  /// Begins the copy of an open file: `bytes` of it, zeros from `valid_bytes` on.
  Status start(const std::string& path, std::unique_ptr<io::File> source, std::uint64_t bytes,
               std::uint64_t valid_bytes, std::int64_t changed);
  /// Copies a piece of it; true when it is done and on the medium.
  Result<bool> copy_piece();
  std::uint64_t piece_bytes() const { return piece_bytes_; }  ///< of the last copy_piece()

  /// A file with these bytes.
  Status add(const std::string& path, ByteSpan bytes);
  /// A name in `files/` for somebody else to write to, and the end of it.
  std::string new_file();
  /// @return its bytes
  Result<std::uint64_t> add_written(const std::string& path, const std::string& stored);

  /// From here on it is a backup. Keeps the newest `keep` ones, all with 0.
  Status finish(Position position, const std::string& program, std::size_t keep);

 private:
  struct Copy {
    BackupFile file;
    std::unique_ptr<io::File> from, to;
    std::uint64_t valid_bytes = 0;
    std::uint64_t done = 0;
  };
  BackupWriter(std::unique_ptr<io::Disk> folder, TimeNs now);
  Status prepare();
  Status remove_unnamed();
  Status drop_oldest(std::size_t keep);

  const std::unique_ptr<io::Disk> folder_;
  std::unique_ptr<io::FolderLock> lock_;
  const std::string name_;
  BackupManifest manifest_;
  std::map<std::string, BackupFile> known_;  ///< by path: as the newest backup that has it says
  std::uint64_t files_ = 0;
  std::unique_ptr<Copy> copy_;
  std::uint64_t piece_bytes_ = 0;
};

}  // namespace tundish::backup
