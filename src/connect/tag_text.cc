#include "connect/tag_text.h"

#include <algorithm>

#include "model/text.h"
#include "model/value.h"

namespace tundish::connect {
namespace {

/// Bytes of the character at the front of `text`; 0 when it is not UTF-8.
std::size_t character_bytes(std::string_view text) {
  constexpr std::size_t kCharacterBytesMax = 4;
  for (std::size_t bytes = 1; bytes <= std::min(text.size(), kCharacterBytesMax); ++bytes)
    if (is_utf8(text.substr(0, bytes))) return bytes;
  return 0;
}

}  // namespace

std::string fit_text(std::string_view text, std::size_t bytes_max) {
  std::string fitted;
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    std::string_view character = bytes == 0 ? "\uFFFD" : text.substr(0, bytes);
    if (bytes == 1 && is_control(character[0])) character = " ";
    if (fitted.size() + character.size() > bytes_max) break;
    if (character != " " || !fitted.empty()) fitted += character;
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  fitted.erase(fitted.find_last_not_of(' ') + 1);
  return fitted;
}

}  // namespace tundish::connect
