#include "io/disk.h"

#include <algorithm>

namespace tundish::io {
namespace {

Status write_new(Disk& disk, const std::string& path, ByteSpan bytes) {
  TUNDISH_TRY(auto file, disk.open(path, Open::kCreateOrTruncate));
  TUNDISH_RETURN_IF_ERROR(file->write_at(0, bytes));
  return file->sync();
}

}  // namespace

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

Status check_disk_path(const std::string& path) {
  std::size_t from = 0;
  while (true) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    const std::string name = path.substr(from, to - from);
    if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string::npos)
      return fail(ErrorCode::kInvalidArgument, "not a path below the data folder", path);
    if (to == path.size()) return {};
    from = to + 1;
  }
}

Result<Bytes> read_file(Disk& disk, const std::string& path, std::uint64_t bytes_max) {
  TUNDISH_TRY(const auto file, disk.open(path, Open::kRead));
  TUNDISH_TRY(const std::uint64_t bytes, file->size());
  if (bytes > bytes_max)
    return fail(ErrorCode::kTooLarge,
                "the file has " + std::to_string(bytes) + " bytes, more than the " +
                    std::to_string(bytes_max) + " it may have",
                path);
  Bytes content(bytes);
  TUNDISH_RETURN_IF_ERROR(file->read_at(0, content));
  return content;
}

Status replace_file(Disk& disk, const std::string& path, ByteSpan bytes) {
  const std::string temporary = path + ".new";
  auto status = write_new(disk, temporary, bytes);
  if (status) status = disk.rename(temporary, path);
  if (!status) {
    // A leftover holds space that a full disk needs; if this fails too the next call overwrites it.
    (void)disk.remove(temporary);
    return status;
  }
  return disk.sync_folder(folder_of(path));
}

}  // namespace tundish::io
