#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tundish::serve {

std::string gzip(std::string_view bytes);

/// One or more gzip members, or a zlib stream. Errors: kTooLarge past `bytes_max` (nothing more is
/// unpacked), kInvalidArgument for damaged or cut input.
Result<std::string> gunzip(std::string_view bytes, std::uint64_t bytes_max);

}  // namespace tundish::serve
