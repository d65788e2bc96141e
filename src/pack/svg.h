#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tundish::pack {

struct SvgMistake {
  std::size_t offset = 0;  ///< byte
  std::string message;
};

struct Svg {
  std::map<std::string, std::string, std::less<>> ids;  ///< of which element: `pump` -> `circle`
  std::vector<SvgMistake> mistakes;                     ///< empty: harmless to show
};

/// Reads a drawing that the console will show inside its page. Only elements that draw and attributes that
/// say how: no scripts, no event handlers, nothing from elsewhere, no style sheets, no documents within.
/// Bounded: 512 KiB, 20,000 elements, 64 levels, 100 mistakes; linear.
Svg scan_svg(std::string_view text);

}  // namespace tundish::pack
