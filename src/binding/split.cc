#include "binding/split.h"

#include <algorithm>
#include <array>

#include "model/code_points.h"
#include "model/value.h"

namespace tundish::binding {
namespace {

using Known = std::function<bool(std::string_view)>;

constexpr std::size_t kTextBytesMax = 512;
constexpr std::size_t kChineseWordMax = 8;  // characters

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alnum(char c) { return is_digit(c) || is_upper(c) || is_lower(c); }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  return result;
}

void append_utf8(std::string& out, char32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

char32_t plain_point(char32_t point) {
  if (point >= 0xFF01 && point <= 0xFF5E) return point - 0xFF01 + '!';
  if (point >= 0x2080 && point <= 0x2089) return point - 0x2080 + '0';
  if (is_blank(point)) return ' ';
  return point;
}

bool is_chinese(char32_t point) { return point >= 0x3400 && point <= 0x9FFF; }

/// Pieces of a run of letters and digits: `HBTemp1` -> HB, Temp, 1.
std::vector<std::string_view> camel_pieces(std::string_view run) {
  std::vector<std::string_view> pieces;
  std::size_t start = 0;
  for (std::size_t i = 1; i < run.size(); ++i) {
    const char before = run[i - 1], here = run[i];
    const bool next_is_lower = i + 1 < run.size() && is_lower(run[i + 1]);
    const bool cut = is_digit(before) != is_digit(here) || (is_lower(before) && is_upper(here)) ||
                     (is_upper(before) && is_upper(here) && next_is_lower);
    if (!cut) continue;
    pieces.push_back(run.substr(start, i - start));
    start = i;
  }
  pieces.push_back(run.substr(start));
  return pieces;
}

/// Cuts `hotblasttemp` into the fewest known words of at least three letters; empty when it does not go.
std::vector<std::string> run_together(const std::string& word, const Known& known) {
  constexpr std::size_t kShortest = 3, kPiecesMax = 5, kWordMax = 32;
  if (word.size() < 2 * kShortest || word.size() > kWordMax) return {};
  std::array<std::size_t, kWordMax + 1> pieces{}, from{};
  pieces.fill(kPiecesMax + 1);
  pieces[0] = 0;
  for (std::size_t end = kShortest; end <= word.size(); ++end)
    for (std::size_t start = 0; start + kShortest <= end; ++start)
      if (pieces[start] + 1 < pieces[end] &&
          known(std::string_view(word).substr(start, end - start))) {
        pieces[end] = pieces[start] + 1;
        from[end] = start;
      }
  if (pieces[word.size()] > kPiecesMax) return {};
  std::vector<std::string> words;
  for (auto end = word.size(); end > 0; end = from[end])
    words.push_back(word.substr(from[end], end - from[end]));
  std::ranges::reverse(words);
  return words;
}

class Splitter {
 public:
  Splitter(const Known& known, bool cut_apart) : known_(known), cut_apart_(cut_apart) {}

  std::vector<Token> take(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && tokens_.size() < kTokensMax) {
      std::size_t end = at;
      while (end < text.size() && is_alnum(text[end])) ++end;
      if (end > at) {
        take_run(text.substr(at, end - at));
        at = end;
        continue;
      }
      std::vector<std::string_view> characters;
      while (at < text.size()) {
        auto rest = text.substr(at);
        if (!is_chinese(take_code_point(rest))) break;
        const auto bytes = text.size() - at - rest.size();
        characters.push_back(text.substr(at, bytes));
        at += bytes;
      }
      if (!characters.empty()) {
        take_chinese(characters);
        continue;
      }
      auto rest = text.substr(at);
      take_code_point(rest);
      at = text.size() - rest.size();
    }
    join_neighbours();
    if (tokens_.size() > kTokensMax) tokens_.resize(kTokensMax);
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i)
      tokens_[i].number_follows = tokens_[i + 1].kind == TokenKind::kNumber;
    return std::move(tokens_);
  }

 private:
  void add(std::string text) {
    const bool number = std::ranges::all_of(text, is_digit);
    tokens_.push_back({std::move(text), number ? TokenKind::kNumber : TokenKind::kLatin, false});
  }

  void take_run(std::string_view run) {
    if (auto whole = lower(run); known_(whole)) return add(std::move(whole));
    const auto pieces = camel_pieces(run);
    for (std::size_t i = 0; i < pieces.size();) {
      // The longest stretch of pieces that is a word: CO2, NH3N, P80.
      std::size_t count = std::min<std::size_t>(4, pieces.size() - i);
      for (; count > 1; --count) {
        const auto bytes =
            static_cast<std::size_t>(pieces[i + count - 1].data() - pieces[i].data()) +
            pieces[i + count - 1].size();
        if (auto joined = lower(std::string_view(pieces[i].data(), bytes)); known_(joined)) {
          add(std::move(joined));
          break;
        }
      }
      if (count <= 1) take_piece(lower(pieces[i]));
      i += std::max<std::size_t>(count, 1);
    }
  }

  void take_piece(std::string piece) {
    if (cut_apart_ && !known_(piece))
      if (auto words = run_together(piece, known_); !words.empty()) {
        for (auto& word : words) add(std::move(word));
        return;
      }
    add(std::move(piece));
  }

  /// The cut whose known words are longest, by the sum of squares of their lengths.
  void take_chinese(const std::vector<std::string_view>& characters) {
    const auto count = characters.size();
    std::vector<std::size_t> best(count + 1, 0), from(count + 1, 0);
    for (std::size_t end = 1; end <= count; ++end) {
      best[end] = best[end - 1];
      from[end] = end - 1;
      for (std::size_t length = 1; length <= std::min(kChineseWordMax, end); ++length) {
        const auto start = end - length;
        if (!known_(joined(characters, start, end))) continue;
        if (const auto score = best[start] + length * length; score > best[end]) {
          best[end] = score;
          from[end] = start;
        }
      }
    }
    std::vector<std::pair<std::size_t, std::size_t>> cuts;
    for (auto end = count; end > 0; end = from[end]) cuts.emplace_back(from[end], end);
    for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) {
      const auto word = joined(characters, cut->first, cut->second);
      constexpr std::string_view kNumerals = "一二三四五六七八九十";
      const bool numeral =
          cut->second - cut->first == 1 && kNumerals.find(word) != std::string_view::npos;
      tokens_.push_back(
          {std::string(word), numeral ? TokenKind::kNumber : TokenKind::kChinese, false});
    }
  }

  static std::string_view joined(const std::vector<std::string_view>& characters, std::size_t start,
                                 std::size_t end) {
    const auto* first = characters[start].data();
    const auto* last = characters[end - 1].data() + characters[end - 1].size();
    return {first, static_cast<std::size_t>(last - first)};
  }

  /// `set point`, `nh3_n`, `e-coat`: one word with something in between.
  void join_neighbours() {
    constexpr std::size_t kShortest = 4;
    std::vector<Token> joined;
    for (auto& token : tokens_) {
      if (!joined.empty() && joined.back().kind == TokenKind::kLatin &&
          token.kind != TokenKind::kChinese) {
        auto both = joined.back().text + token.text;
        const bool two_words =
            token.text.size() > 1 && known_(joined.back().text) && known_(token.text);
        if (both.size() >= kShortest && known_(both) && !two_words) {
          joined.back().text = std::move(both);
          continue;
        }
      }
      joined.push_back(std::move(token));
    }
    tokens_ = std::move(joined);
  }

  const Known& known_;
  bool cut_apart_;
  std::vector<Token> tokens_;
};

}  // namespace

std::string plain_text(std::string_view text, bool lower_case) {
  std::string plain;
  if (!is_utf8(text)) {
    for (const char c : text.substr(0, kTextBytesMax))
      if (static_cast<unsigned char>(c) < 0x80) plain += c;
  } else {
    while (!text.empty() && plain.size() < kTextBytesMax)
      append_utf8(plain, plain_point(take_code_point(text)));
  }
  return lower_case ? lower(plain) : plain;
}

std::vector<Token> split_words(std::string_view text, const Known& known, bool cut_apart) {
  const auto plain = plain_text(text, false);
  return Splitter(known, cut_apart).take(plain);
}

}  // namespace tundish::binding
