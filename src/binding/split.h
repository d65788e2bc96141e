#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tundish::binding {

enum class TokenKind : unsigned char { kLatin, kChinese, kNumber };

/// One word of a name or a sentence, in lower case.
struct Token {
  std::string text;
  TokenKind kind = TokenKind::kLatin;
  bool number_follows = false;
};

/// At most this many words of one text are read; the rest of it is passed over.
inline constexpr std::size_t kTokensMax = 40;

/// Lower case, full-width characters as ASCII, subscripts as digits; what is no UTF-8 loses its bytes beyond ASCII.
std::string plain_text(std::string_view text, bool lower_case = true);

/// Cuts a name into words: at separators, between `hotBlast` and `HBTemp`, between letters and digits unless `known`
/// has both together (`co2`), Chinese by the words that `known` has, run-together ones (`hotblasttemp`) too.
/// @param known whether a form in lower case is a word
/// @param cut_apart whether a word that is not known may be several run together
std::vector<Token> split_words(std::string_view text,
                               const std::function<bool(std::string_view)>& known,
                               bool cut_apart = true);

}  // namespace tundish::binding
