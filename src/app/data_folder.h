#pragma once

#include <string>

#include "base/result.h"

namespace tundish::app {

/// Says whether `folder` is a data folder of Tundish, by the files that one of any age or damage still has
/// some of. Writes nothing: whoever only looks must not turn somebody's folder into one.
/// Errors: kNotFound when there is no such folder, or none of ours; kPermissionDenied when we may not look.
Status check_data_folder(const std::string& folder);

}  // namespace tundish::app
