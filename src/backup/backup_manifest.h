#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "io/disk.h"
#include "model/ids.h"

namespace tundish::backup {

/// One file of a backup.
struct BackupFile {
  std::string path;    ///< in the data folder
  std::string stored;  ///< name below `files/` of the backup folder
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;  ///< crc32c of all bytes
  /// When the source was last written, nanoseconds since 1970; 0: it may change and is copied each time.
  std::int64_t changed = 0;

  bool operator==(const BackupFile&) const = default;
};

/// Reads `file` to its end, a piece at a time: sets `bytes` and `crc`. Errors: kIo.
Status sum_up(io::File& file, BackupFile& entry);

/// One backup: a data folder as of one moment. Bytes: docs/formats/backup.md.
struct BackupManifest {
  TimeNs taken = 0;
  Position position;    ///< the historian's: everything through here is in it
  std::string program;  ///< version that made it
  std::vector<BackupFile> files;

  bool operator==(const BackupManifest&) const = default;
};

inline constexpr std::size_t kBackupManifestBytesMax = std::size_t{256} << 20;
inline constexpr std::size_t kBackupFilesMax = 1'000'000;

std::string encode_backup_manifest(const BackupManifest& manifest);
/// There is one text for every manifest, so that no letter of it can change unseen.
/// Errors: kCorruption; kUnsupported for a later version.
Result<BackupManifest> parse_backup_manifest(std::string_view text);

}  // namespace tundish::backup
