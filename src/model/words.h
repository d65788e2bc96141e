#pragma once

#include <map>
#include <string>
#include <string_view>

namespace tundish {

/// What a thing is called, by language: `en`, `zh`, `es`, `pt`, `ru`.
using Words = std::map<std::string, std::string, std::less<>>;

/// The name in `language`, else in English, else in any language; empty when there is none.
inline std::string_view word_in(const Words& words, std::string_view language) {
  if (const auto found = words.find(language); found != words.end()) return found->second;
  if (const auto found = words.find("en"); found != words.end()) return found->second;
  return words.empty() ? std::string_view() : std::string_view(words.begin()->second);
}

}  // namespace tundish
