#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "formula/syntax.h"

namespace tundish::formula {

enum class TokenKind : std::uint8_t {
  kEnd,
  kNumber,
  kDuration,   ///< a number with a unit of time and nothing between: `15min`
  kText,       ///< "..."
  kUnit,       ///< '...'
  kName,       ///< letters of any script, digits, `_`; not beginning with a digit
  kReference,  ///< {...}
  kSymbol,     ///< one of + - * / ^ ( ) , . : < <= > >= = !=
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
  std::string text;  ///< without quotes or braces, escapes undone
  double number = 0;
  DurationNs duration = 0;
};

/// Cuts a formula into tokens, one at a time. `#` begins a comment to the end of the line.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  Result<Token> next();

 private:
  std::unexpected<Error> bad(std::size_t where, std::string message) const;
  void skip_blanks();
  Result<Token> number();
  Result<Token> quoted(TokenKind kind, char close);
  Token name();
  Result<Token> symbol();
  Token made(TokenKind kind, std::size_t begin) const;

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace tundish::formula
