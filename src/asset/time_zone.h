#pragma once

#include <string_view>

#include "base/result.h"

namespace tundish::asset {

inline constexpr std::string_view kZoneFolder = "/usr/share/zoneinfo";

/// Whether `name` is an IANA time zone that this system's tzdata knows: `Asia/Shanghai`, `UTC`. Only
/// letters, digits, `_` `+` `-` and single `/` between names can reach the disk, so no name leaves
/// `folder`. Errors: kInvalidArgument; kUnavailable when the system has no tzdata.
Status check_time_zone(std::string_view name, std::string_view folder = kZoneFolder);

}  // namespace tundish::asset
