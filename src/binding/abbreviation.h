#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tundish::binding {

/// How well `token` may stand for `word`, both in lower case: 1 the same, 0 not at all. Beginnings (`temp`), words
/// without their vowels (`blst`), some of the letters in order (`tmp`), one letter wrong (`presure`).
float abbreviates(std::string_view token, std::string_view word);

/// A token that is made of the beginnings of several words: `hbt`, `hbtmp`, `rfwd` of 热风温度.
struct Initialism {
  std::uint32_t words = 0;  ///< the bits of those that it holds
  float trust = 0;          ///< 0: it is none; grows with its letters
};

inline constexpr std::size_t kInitialismLettersMax = 16;
inline constexpr std::size_t kInitialismWordsMax = 28;

/// Cuts `token` into abbreviations of two or more of `words`, in their order; words may be left out.
/// At most kInitialismLettersMax letters and kInitialismWordsMax words; longer ones are none.
Initialism read_initialism(std::string_view token, const std::vector<std::string>& words);

}  // namespace tundish::binding
