#pragma once

#include <span>
#include <string_view>

namespace tundish::binding {

/// The characters whose reading begins with `letter`.
struct PinyinLetter {
  char letter;
  std::string_view characters;
};

std::span<const PinyinLetter> pinyin_letters();

}  // namespace tundish::binding
