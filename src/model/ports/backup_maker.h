#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ids.h"

namespace tundish {

/// How far a backup is.
struct BackupProgress {
  bool done = false;
  std::string name;   ///< what the backup will be called
  Position position;  ///< everything acknowledged through here is in it
  std::uint64_t files = 0, files_total = 0, files_reused = 0;
  std::uint64_t bytes = 0, bytes_total = 0, bytes_reused = 0;
  std::vector<std::string>
      unreadable;  ///< files of the data folder that could not be read: left out
};

/// One backup being made. Dropped before it is done it never was. One thread at a time.
class BackupRun {
 public:
  virtual ~BackupRun() = default;
  /// Does the next piece. Errors: kDiskFull, kIo; the backup is then given up.
  virtual Result<BackupProgress> next() = 0;
};

/// Makes backups of the whole data folder while it is in use. Any thread.
class BackupMaker {
 public:
  virtual ~BackupMaker() = default;
  /// `folder` is an absolute path on this machine; `keep` how many backups stay, 0 for all.
  /// Errors: kInvalidArgument, kConflict (it holds something else), kInUse, kDiskFull, kIo.
  virtual Result<std::unique_ptr<BackupRun>> begin(const std::string& folder, std::size_t keep) = 0;
};

}  // namespace tundish
