#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "model/tag_path.h"

// Input: a pattern, a newline, a path.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size < 2048 ? size : 2048);
  const auto cut = text.find('\n');
  const auto pattern = text.substr(0, cut);
  const auto path = cut == std::string_view::npos ? std::string_view() : text.substr(cut + 1);
  if (tundish::check_path(path)) TUNDISH_CHECK(tundish::glob_matches(path, path));
  (void)tundish::glob_matches(pattern, path);
  TUNDISH_CHECK(tundish::decode_name(tundish::encode_name(path)) == path);
  return 0;
}
