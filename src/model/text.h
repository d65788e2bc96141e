#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace tundish {

/// Below 0x20, and 0x7F.
constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// A name or a description for people: well-formed UTF-8 without control characters, of
/// `bytes_min`..`bytes_max` bytes. Markup and quotes are text like any other.
/// Errors: kInvalidArgument with `field` in `where`.
Status check_text(std::string_view text, std::size_t bytes_min, std::size_t bytes_max,
                  std::string_view field);

}  // namespace tundish
