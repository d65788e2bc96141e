#include "backup/rest_sums.h"

#include <fmt/format.h>

#include "model/data_files.h"

namespace tundish::backup {
namespace {

/// The format has a word for where a copy lies; here there is none.
constexpr const char* kNoCopy = "-";

/// Size and checksum of what is there now.
Result<BackupFile> sum_of(io::Disk& disk, const std::string& path) {
  TUNDISH_TRY(const auto file, disk.open(path, io::Open::kRead));
  BackupFile sum;
  sum.path = path;
  sum.stored = kNoCopy;
  TUNDISH_RETURN_IF_ERROR(sum_up(*file, sum));
  return sum;
}

}  // namespace

Status write_rest_sums(io::Disk& disk, std::span<const std::string> paths, TimeNs taken,
                       const std::string& program) {
  BackupManifest sums;
  sums.taken = taken;
  sums.program = program;
  for (const std::string& path : paths) {
    TUNDISH_TRY(const bool exists, disk.exists(path));
    if (!exists) continue;
    TUNDISH_TRY(auto sum, sum_of(disk, path));
    sums.files.push_back(std::move(sum));
  }
  return io::replace_file(disk, files::kSums, as_byte_span(encode_backup_manifest(sums)));
}

Result<std::vector<BackupDamage>> check_rest_sums(io::Disk& disk) {
  std::vector<BackupDamage> damage;
  TUNDISH_TRY(const bool exists, disk.exists(files::kSums));
  if (!exists) return damage;
  TUNDISH_TRY(const Bytes text, io::read_file(disk, files::kSums, kBackupManifestBytesMax));
  const auto sums = parse_backup_manifest(as_text(text));
  if (!sums) {
    damage.push_back({{}, files::kSums, "this file of checksums is damaged itself"});
    return damage;
  }
  for (const BackupFile& was : sums->files) {
    TUNDISH_TRY(const bool is_there, disk.exists(was.path));
    if (!is_there) {
      damage.push_back({{}, was.path, "it is gone since the last clean stop"});
      continue;
    }
    TUNDISH_TRY(const BackupFile now, sum_of(disk, was.path));
    if (now.bytes == was.bytes && now.crc == was.crc) continue;
    damage.push_back(
        {{},
         was.path,
         fmt::format(
             "its bytes changed while nobody had the folder open: {} bytes with checksum {:08x} at "
             "the last clean stop, now {} bytes with {:08x}",
             was.bytes, was.crc, now.bytes, now.crc)});
  }
  return damage;
}

Status drop_rest_sums(io::Disk& disk) {
  TUNDISH_TRY(const bool exists, disk.exists(files::kSums));
  if (!exists) return {};
  TUNDISH_RETURN_IF_ERROR(disk.remove(files::kSums));
  return disk.sync_folder("");
}

}  // namespace tundish::backup
