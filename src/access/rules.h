#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/ids.h"

namespace tundish::access {

/// 1..64 of [a-z0-9._@-]. Errors: kInvalidArgument.
Status check_user_name(std::string_view name);

/// As kept in a column: NULL for the installation.
inline std::optional<std::uint32_t> stored(std::optional<EnterpriseId> enterprise) {
  if (!enterprise) return std::nullopt;
  return enterprise->value();
}

/// Text for the audit log: control characters and bytes that are not UTF-8 as \xNN, cut to
/// `bytes_max` with an ellipsis. One entry stays one line whoever wrote it.
std::string encode_for_audit(std::string_view text, std::size_t bytes_max);

}  // namespace tundish::access
