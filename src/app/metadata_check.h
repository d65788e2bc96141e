#pragma once

#include <optional>
#include <string>

#include "model/ports/historian_admin.h"

namespace tundish::app {

/// Reads every page of the names and accounts in `folder`/meta.db, while it is served or not. The first
/// finding; nothing when it is sound or there is none yet. SQLite keeps no checksums: what breaks the
/// structure of a page or an index is found, a changed letter inside a name is not.
/// Errors: kInUse, kIo: it could not be read, which says nothing about its state.
Result<std::optional<Damage>> check_metadata(const std::string& folder);

}  // namespace tundish::app
