#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tundish {

// What a new name must be besides well-formed: two names that look the same are the same. Names that exist
// already are not asked; so these rules may grow. Names that differ only in how Unicode composes them (NFC,
// NFD) are different names: normalising would need tables that change with each Unicode version, and a
// sender that spells one way would no longer find what another made.

/// Why `text` does not look as it is: a character that cannot be seen or turns the order of others around (C1
/// controls, zero width, bidi controls, line separators, tags), or a blank at either end. Empty when
/// nothing is wrong. Joiners (U+200C, U+200D) are letters' business and stay. `text` is UTF-8.
std::string unseen_in(std::string_view text);

/// check_text and unseen_in, for the name of a new enterprise, site, person or token.
/// Errors: kInvalidArgument with `field` in `where`.
Status check_new_name(std::string_view text, std::size_t bytes_min, std::size_t bytes_max,
                      std::string_view field);

/// check_path and unseen_in of each level, for the path of a new tag. A level that reads `.` or `..` is
/// refused as well: programs that keep one file a tag would leave their folder.
/// Errors: kInvalidArgument that says what is wrong with the path.
Status check_new_path(std::string_view path);

}  // namespace tundish
