#include "formula/token.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace tundish::formula {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Bytes above ASCII are letters: attribute names may be Chinese.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

struct TimeUnit {
  std::string_view name;
  DurationNs length;
};
constexpr TimeUnit kTimeUnits[] = {
    {"ns", 1},        {"us", 1000}, {"ms", kMillisecond}, {"s", kSecond},
    {"min", kMinute}, {"h", kHour}, {"d", kDay},          {"wk", 7 * kDay},
};

}  // namespace

std::unexpected<Error> Lexer::bad(std::size_t where, std::string message) const {
  return std::unexpected(Error{ErrorCode::kInvalidArgument, std::move(message), "formula", where});
}

Token Lexer::made(TokenKind kind, std::size_t begin) const {
  Token token;
  token.kind = kind;
  token.span = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
  token.text = std::string(text_.substr(begin, at_ - begin));
  return token;
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#')
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
      ++at_;
    else
      return;
  }
}

Result<Token> Lexer::next() {
  skip_blanks();
  if (at_ >= text_.size()) return made(TokenKind::kEnd, at_);
  const char c = text_[at_];
  if (is_digit(c)) return number();
  if (c == '"') return quoted(TokenKind::kText, '"');
  if (c == '\'') return quoted(TokenKind::kUnit, '\'');
  if (c == '{') return quoted(TokenKind::kReference, '}');
  if (is_letter(c)) return name();
  return symbol();
}

Result<Token> Lexer::number() {
  const std::size_t begin = at_;
  const auto digits = [&] {
    const std::size_t first = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > first;
  };
  digits();
  bool whole = true;
  if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
    ++at_;
    digits();
    whole = false;
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    const std::size_t before = at_++;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (digits())
      whole = false;
    else
      at_ = before;  // a letter that belongs to what comes next
  }
  Token token = made(TokenKind::kNumber, begin);
  const auto read =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), token.number);
  if (read.ec != std::errc())
    return bad(begin, fmt::format("{} is beyond what a number can hold", token.text.substr(0, 32)));
  if (at_ >= text_.size() || !is_letter(text_[at_])) return token;

  const std::size_t unit_begin = at_;
  while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
  const auto unit = text_.substr(unit_begin, at_ - unit_begin);
  for (const TimeUnit& known : kTimeUnits) {
    if (known.name != unit) continue;
    const double length = token.number * static_cast<double>(known.length);
    if (!whole && length != std::floor(length))
      return bad(begin, "a duration is a whole number of nanoseconds");
    if (length > 100.0 * 366 * static_cast<double>(kDay))
      return bad(begin, "a duration is at most 100 years");
    Token duration = made(TokenKind::kDuration, begin);
    duration.duration = static_cast<DurationNs>(length);
    return duration;
  }
  return bad(
      unit_begin,
      fmt::format(
          "'{}' is no unit of time (ns us ms s min h d wk); other units stand in quotes: {} '{}'",
          unit.substr(0, 32), token.text, unit.substr(0, 32)));
}

Result<Token> Lexer::quoted(TokenKind kind, char close) {
  const std::size_t begin = at_++;
  std::string inside;
  while (at_ < text_.size() && text_[at_] != close) {
    char c = text_[at_++];
    if (c == '\n') return bad(begin, fmt::format("a {} is missing on this line", close));
    if (c == '\\' && kind == TokenKind::kText) {
      if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\\'))
        return bad(at_ - 1, "after \\ comes \" or \\");
      c = text_[at_++];
    }
    inside += c;
  }
  if (at_ >= text_.size()) return bad(begin, fmt::format("a {} is missing", close));
  ++at_;
  Token token = made(kind, begin);
  token.text = std::move(inside);
  return token;
}

Token Lexer::name() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
  return made(TokenKind::kName, begin);
}

Result<Token> Lexer::symbol() {
  const std::size_t begin = at_;
  const std::string_view two = text_.substr(at_, 2);
  if (two == "<=" || two == ">=" || two == "!=") {
    at_ += 2;
    return made(TokenKind::kSymbol, begin);
  }
  if (two == "==") return bad(begin, "equality is written with one =");
  if (two == "&&") return bad(begin, "write 'and'");
  if (two == "||") return bad(begin, "write 'or'");
  if (std::string_view("+-*/^(),.:<>=").contains(text_[at_])) {
    ++at_;
    return made(TokenKind::kSymbol, begin);
  }
  if (text_[at_] == '!') return bad(begin, "write 'not', or != between two values");
  return bad(begin, static_cast<unsigned char>(text_[at_]) < 0x20
                        ? std::string("a control character stands here")
                        : fmt::format("'{}' has no meaning here", text_[at_]));
}

}  // namespace tundish::formula
