#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tundish {

/// A tag's name: `enterprise/site/area/line/asset/attribute`, levels may be skipped, at least the
/// enterprise and one name. A `/`, `*` or `%` inside a name is percent-encoded; control characters
/// are not allowed; UTF-8, at most 1,024 bytes and 16 levels.
inline constexpr std::size_t kPathBytesMax = 1024;
inline constexpr std::size_t kPathLevelsMax = 16;

/// Errors: kInvalidArgument that says what is wrong with the path.
Status check_path(std::string_view path);

/// One name made safe for a path: `/` `*` `%`, what cannot be seen and a blank at either end
/// percent-encoded. (`.` and `..` have no safe spelling.)
std::string encode_name(std::string_view name);
/// The reverse of encode_name; a `%` that starts no hex pair stays as it is.
std::string decode_name(std::string_view name);

/// The part before the first `/`.
std::string_view enterprise_of(std::string_view path);

/// Glob over whole paths: `*` any characters but `/`, `**` any number of levels, all else literal.
/// Bounded: time is O(pattern x path).
bool glob_matches(std::string_view pattern, std::string_view path);
inline bool is_glob(std::string_view pattern) {
  return pattern.find('*') != std::string_view::npos;
}

}  // namespace tundish
