#include "backup/backup_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/crc32c.h"

namespace tundish::backup {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

std::string stored_path(const BackupFile& file) {
  return fmt::format("{}/{}", kFilesFolder, file.stored);
}

/// Makes the folders above `path`; `made` has those that are there.
Status make_folders_above(io::Disk& disk, const std::string& path, std::set<std::string>& made) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (made.insert(folder).second) TUNDISH_RETURN_IF_ERROR(disk.make_folder(folder));
  }
  return {};
}

}  // namespace

std::string backup_name(TimeNs taken) {
  std::string name = format_time(taken);
  std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
  // Always nine digits, so that names sort by time.
  const auto point = name.find('.');
  const std::string whole = name.substr(0, std::min(point, name.find('Z')));
  return fmt::format("{}.{:09}Z", whole, ((taken % kSecond) + kSecond) % kSecond);
}

Result<std::unique_ptr<io::Disk>> open_backup_folder(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error))
    return fail(ErrorCode::kNotFound, "there is no folder " + folder);
  if (!std::filesystem::is_regular_file(folder + "/" + kMarkerPath, error))
    return fail(ErrorCode::kNotFound, "no backups of Tundish here: " + folder + " has no file " +
                                          kMarkerPath + "; is the path right?");
  return io::open_real_disk(folder);
}

Result<std::vector<FoundBackup>> list_backups(io::Disk& folder) {
  TUNDISH_TRY(const auto names, folder.list(kBackupsFolder));
  std::vector<FoundBackup> found;
  for (const std::string& name : names) {
    if (name.ends_with(".new")) continue;  // never became one
    FoundBackup one;
    one.name = name;
    const std::string path = fmt::format("{}/{}", kBackupsFolder, name);
    const auto bytes = io::read_file(folder, path, kBackupManifestBytesMax);
    auto manifest = bytes ? parse_backup_manifest(as_text(*bytes))
                          : Result<BackupManifest>(fail(bytes.error()));
    if (manifest && backup_name(manifest->taken) != name) {
      one.damage = "it is the manifest of another backup";
    } else if (manifest) {
      one.manifest = std::move(*manifest);
    } else if (manifest.error().code == ErrorCode::kUnsupported) {
      return fail(ErrorCode::kUnsupported, manifest.error().message, path);
    } else {
      one.damage = manifest.error().message;
    }
    found.push_back(std::move(one));
  }
  return found;
}

Result<FoundBackup> find_backup(io::Disk& folder, const std::string& name) {
  TUNDISH_TRY(auto all, list_backups(folder));
  if (all.empty()) return fail(ErrorCode::kNotFound, "there is no finished backup in this folder");
  auto found = name.empty() ? all.end() - 1
                            : std::find_if(all.begin(), all.end(), [&](const FoundBackup& one) {
                                return one.name == name;
                              });
  if (found == all.end())
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no backup {}; the newest is {}", name, all.back().name));
  if (!found->manifest)
    return fail(
        ErrorCode::kCorruption,
        fmt::format("{}; take another one: `tundish restore --list` shows them", found->damage),
        fmt::format("{}/{}", kBackupsFolder, found->name));
  return std::move(*found);
}

Status read_stored(io::Disk& folder, const BackupFile& file,
                   const std::function<Status(std::uint64_t offset, ByteSpan)>& take) {
  const std::string path = stored_path(file);
  const auto damaged = [&](const std::string& what) {
    return fail(ErrorCode::kCorruption,
                fmt::format("{}, the copy of {}, {}", path, file.path, what));
  };
  const auto opened = folder.open(path, io::Open::kRead);
  if (!opened && opened.error().code == ErrorCode::kNotFound) return damaged("is missing");
  if (!opened) return fail(opened.error());
  TUNDISH_TRY(const std::uint64_t bytes, (*opened)->size());
  if (bytes != file.bytes)
    return damaged(fmt::format("has {} bytes instead of {}", bytes, file.bytes));
  Bytes piece(std::min<std::uint64_t>(kPieceBytes, bytes));
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < bytes; at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(piece.size(), bytes - at));
    if (const Status read = (*opened)->read_at(at, piece); !read)
      return damaged("cannot be read: " + read.error().message);
    crc = crc32c(piece, crc);
    TUNDISH_RETURN_IF_ERROR(take(at, piece));
  }
  if (crc != file.crc) return damaged("fails its checksum");
  return {};
}

Result<BackupCheck> check_backups(io::Disk& folder, const Progress& progress) {
  TUNDISH_TRY(const auto all, list_backups(folder));
  BackupCheck check;
  std::map<std::string, std::pair<const BackupFile*, std::string>>
      files;  // and the first that names it
  std::uint64_t total = 0;
  for (const FoundBackup& backup : all) {
    ++check.backups;
    if (!backup.manifest) {
      check.damage.push_back(
          {backup.name, fmt::format("{}/{}", kBackupsFolder, backup.name), backup.damage});
      continue;
    }
    for (const BackupFile& file : backup.manifest->files)
      if (files.try_emplace(file.stored, &file, backup.name).second) total += file.bytes;
  }
  for (const auto& [stored, named] : files) {
    const auto& [file, backup] = named;
    ++check.files;
    const Status read = read_stored(folder, *file, [&](std::uint64_t, ByteSpan piece) -> Status {
      check.bytes += piece.size();
      if (progress) progress(check.bytes, total);
      return {};
    });
    if (!read) check.damage.push_back({backup, stored_path(*file), read.error().message});
  }
  const auto marker = io::read_file(folder, kMarkerPath, 1024);
  if (!marker) return fail(marker.error());
  return check;
}

Status restore_files(io::Disk& folder, const BackupManifest& manifest, io::Disk& target,
                     const Progress& progress) {
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  for (const BackupFile& file : manifest.files) total += file.bytes;
  TUNDISH_TRY(const std::uint64_t free, target.free_bytes());
  if (free < total)
    return fail(ErrorCode::kDiskFull,
                fmt::format("the backup needs {} MiB and {} MiB are free: make room, or restore "
                            "to another disk",
                            (total >> 20) + 1, free >> 20));
  std::set<std::string> folders;
  for (const BackupFile& file : manifest.files) {
    TUNDISH_RETURN_IF_ERROR(make_folders_above(target, file.path, folders));
    TUNDISH_TRY(const auto out, target.open(file.path, io::Open::kCreateNew));
    const auto write = [&](std::uint64_t offset, ByteSpan piece) -> Status {
      done += piece.size();
      if (progress) progress(done, total);
      return out->write_at(offset, piece);
    };
    TUNDISH_RETURN_IF_ERROR(read_stored(folder, file, write));
    TUNDISH_RETURN_IF_ERROR(out->sync());
  }
  for (const std::string& made : folders) TUNDISH_RETURN_IF_ERROR(target.sync_folder(made));
  return target.sync_folder("");
}

}  // namespace tundish::backup
