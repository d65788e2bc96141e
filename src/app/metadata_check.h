#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/disk.h"
#include "model/ports/historian_admin.h"

namespace tundish::app {

/// Reads every page of the names and accounts in `folder`/meta.db, while it is served or not. The first
/// finding; nothing when it is sound or there is none yet. SQLite keeps no checksums: what breaks the
/// structure of a page or an index is found, a changed letter inside a name is not.
/// Errors: kInUse, kIo: it could not be read, which says nothing about its state.
Result<std::optional<Damage>> check_metadata(const std::string& folder);

/// The ledger's checksum, and bytes that changed since the last clean stop in files that have none (meta.db, the identity).
/// Errors: kIo.
Result<std::vector<Damage>> check_small_files(const std::string& folder);

/// For whoever is about to open the folder's metadata and holds its lock: refuses bytes that changed while nobody had it open
/// (kCorruption, with what to do), since a name or a right in them may be another one now.
Status take_up(io::Disk& disk);
/// The other way round, once all is closed: notes the bytes that are to be found again.
void put_to_rest(io::Disk& disk);

}  // namespace tundish::app
