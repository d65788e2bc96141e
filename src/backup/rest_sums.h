#pragma once

#include <span>
#include <string>
#include <vector>

#include "backup/backup_folder.h"
#include "base/result.h"
#include "io/disk.h"

namespace tundish::backup {

// Checksums of files that carry none of their own, beside them from a clean stop to the next start: the file `sums`, whose
// format is that of a backup's manifest. Why and what for: docs/decisions/metadata-without-page-checksums.md.

/// Writes `sums` of those of `paths` that exist. Nobody may have them open for writing. Errors: kIo, kDiskFull.
Status write_rest_sums(io::Disk& disk, std::span<const std::string> paths, TimeNs taken,
                       const std::string& program);

/// Files that are not what they were, and `sums` itself if it is damaged; none where there is no `sums`. Errors: kIo.
Result<std::vector<BackupDamage>> check_rest_sums(io::Disk& disk);

/// Before any of the files may change; durable on return. Errors: kIo.
Status drop_rest_sums(io::Disk& disk);

}  // namespace tundish::backup
