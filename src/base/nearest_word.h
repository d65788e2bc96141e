#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tundish {

/// How many single-character edits turn `a` into `b` (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The word of `known` that takes the fewest edits, of two such the one that begins alike for longer; empty
/// when there are none. Capitals of ASCII count as small letters. Only the first 32 bytes of each count, so that an input of any length costs the same.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace tundish
