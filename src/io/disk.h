#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tundish::io {

/// One open file. Any thread may read; one writes.
class File {
 public:
  virtual ~File() = default;
  /// Fills all of `into` from `offset`. Errors: kIo, also when the file ends before.
  virtual Status read_at(std::uint64_t offset, std::span<std::byte> into) const = 0;
  /// Writes all of `bytes`. On an error any part of them may have been written.
  /// Errors: kDiskFull, kIo.
  virtual Status write_at(std::uint64_t offset, ByteSpan bytes) = 0;
  /// fdatasync: what was written before is on the medium. After an error nothing is known of it,
  /// and trying again proves nothing: end the process.
  virtual Status sync() = 0;
  virtual Result<std::uint64_t> size() const = 0;
  virtual Status truncate(std::uint64_t bytes) = 0;
};

enum class Open {
  kRead,       ///< must exist
  kReadWrite,  ///< must exist
  kCreateNew,  ///< must not exist
  kCreateOrTruncate,
};

/// Held while it lives; released by the process's end at the latest.
class FolderLock {
 public:
  virtual ~FolderLock() = default;
};

/// One folder tree: the data folder. Paths are relative to it, with `/`. A create, rename or remove
/// is durable only after sync_folder of the folder that names the file.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Open how) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  /// Names of the files in a folder, sorted, without sub-folders. The root folder is empty text.
  /// Errors: kNotFound.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  /// One level; fine if it is there. Durable after sync_folder of the folder above.
  virtual Status make_folder(const std::string& folder) = 0;
  virtual Status sync_folder(const std::string& folder) = 0;
  /// Free bytes for this user.
  virtual Result<std::uint64_t> free_bytes() = 0;
  /// Errors: kInUse, with the process id of the owner.
  virtual Result<std::unique_ptr<FolderLock>> lock(const std::string& path) = 0;
};

/// `root` is made if missing, owner-only.
Result<std::unique_ptr<Disk>> open_real_disk(const std::string& root);

/// The folder that names `path`: what stands before the last `/`, empty for the root.
std::string folder_of(const std::string& path);
/// Errors: kInvalidArgument for a path that is absolute or has an empty name, `.` or `..` in it.
Status check_disk_path(const std::string& path);

/// Convenience on any disk: the whole file, at most `bytes_max` (kTooLarge).
Result<Bytes> read_file(Disk& disk, const std::string& path, std::uint64_t bytes_max);
/// Whole new content or the old: temporary file, sync, rename, sync_folder.
Status replace_file(Disk& disk, const std::string& path, ByteSpan bytes);

}  // namespace tundish::io
