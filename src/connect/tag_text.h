#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tundish::connect {

/// What the catalogue of tags takes as a unit and as a description.
constexpr std::size_t kUnitBytesMax = 64;
constexpr std::size_t kDescriptionBytesMax = 1000;

/// What equipment says of itself, as text that a tag may carry: control characters (descriptions of
/// several lines) become spaces, bytes that are not UTF-8 become U+FFFD, and it is cut after the last
/// character that ends within `bytes_max`. No spaces at its ends.
std::string fit_text(std::string_view text, std::size_t bytes_max);

}  // namespace tundish::connect
