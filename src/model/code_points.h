#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tundish {

/// The first character of `text`, which must be well-formed UTF-8 (is_utf8) and not empty; removes it.
constexpr char32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t point = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes && i < text.size(); ++i)
    point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  text.remove_prefix(std::min(bytes, text.size()));
  return point;
}

/// Characters that draw nothing or reorder others: Unicode's categories Cc, Zl, Zp and of Cf what is no
/// letters' business (U+200C and U+200D join letters in Persian and Indic names). Source: Unicode
/// 15, UnicodeData.txt.
constexpr bool is_unseen(char32_t point) {
  constexpr std::array<std::pair<char32_t, char32_t>, 11> kRanges = {{{0x00, 0x1F},
                                                                      {0x7F, 0x9F},
                                                                      {0xAD, 0xAD},
                                                                      {0x61C, 0x61C},
                                                                      {0x180E, 0x180E},
                                                                      {0x200B, 0x200B},
                                                                      {0x200E, 0x200F},
                                                                      {0x2028, 0x202E},
                                                                      {0x2060, 0x206F},
                                                                      {0xFEFF, 0xFEFF},
                                                                      {0xE0000, 0xE007F}}};
  return std::ranges::any_of(kRanges, [point](const auto& range) {
    return point >= range.first && point <= range.second;
  });
}

/// The space and its relatives (category Zs).
constexpr bool is_blank(char32_t point) {
  return point == ' ' || point == 0xA0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200A) ||
         point == 0x202F || point == 0x205F || point == 0x3000;
}

}  // namespace tundish
