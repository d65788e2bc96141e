#include "binding/abbreviation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/nearest_word.h"

namespace tundish::binding {
namespace {

bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

/// The first letter and the consonants, doubled ones once: pressure -> prsr.
std::string skeleton(std::string_view word) {
  std::string bones;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (i == 0 || (!is_vowel(word[i]) && word[i] != bones.back())) bones += word[i];
  return bones;
}

bool is_subsequence(std::string_view part, std::string_view whole) {
  std::size_t at = 0;
  for (const char c : whole)
    if (at < part.size() && part[at] == c) ++at;
  return at == part.size();
}

float by_length(std::size_t length, float two, float three, float more) {
  return length < 2 ? 0.25f : length == 2 ? two : length == 3 ? three : more;
}

/// Worth of a piece of an initialism; 0 when it does not abbreviate the word.
float piece_score(std::string_view piece, std::string_view word) {
  if (piece.empty() || word.empty() || piece[0] != word[0]) return 0;
  if (piece.size() == 1) return 0.6f;
  if (piece.size() > word.size()) return 0;
  const float length = static_cast<float>(piece.size());
  if (word.starts_with(piece)) return 0.55f * length + 0.1f;
  if (is_subsequence(piece, skeleton(word))) return 0.55f * length;
  return piece.size() > 2 && is_subsequence(piece, word) ? 0.5f * length : 0;
}

}  // namespace

float abbreviates(std::string_view token, std::string_view word) {
  if (token.empty() || word.empty() || token[0] != word[0]) return 0;
  if (token == word) return 1;
  constexpr std::size_t kTypo = 5;
  if (token.size() >= kTypo && word.size() >= kTypo && token.size() + 1 >= word.size() &&
      token.size() <= word.size() + 1 && edit_distance(token, word) == 1)
    return 0.85f;
  if (token.size() >= word.size()) return 0;
  if (word.starts_with(token)) return by_length(token.size(), 0.45f, 0.75f, 0.85f);
  const auto bones = skeleton(word);
  if (token == bones) return by_length(token.size(), 0.6f, 0.85f, 0.9f);
  const bool same_end = token.back() == word.back() || token.back() == bones.back();
  if (is_subsequence(token, bones))
    return same_end ? by_length(token.size(), 0.5f, 0.75f, 0.85f)
                    : by_length(token.size(), 0.35f, 0.6f, 0.75f);
  if (token.size() >= 3 && is_subsequence(token, word))
    return same_end ? by_length(token.size(), 0, 0.6f, 0.75f)
                    : by_length(token.size(), 0, 0.35f, 0.55f);
  return 0;
}

Initialism read_initialism(std::string_view token, const std::vector<std::string>& words) {
  if (token.size() < 2 || token.size() > kInitialismLettersMax || words.size() < 2 ||
      words.size() > kInitialismWordsMax)
    return {};
  // Its first letter begins one of the words, or there is nothing to read.
  if (std::ranges::none_of(words, [first = token[0]](const auto& word) {
        return !word.empty() && word[0] == first;
      }))
    return {};
  struct State {
    float score = -1;
    std::uint32_t mask = 0;
  };
  // best[n]: the first n letters, read with the words so far.
  std::array<State, kInitialismLettersMax + 1> best{};
  best[0].score = 0;
  for (std::size_t w = 0; w < words.size(); ++w) {
    const std::string_view word = words[w];
    // From the end, so that each word is taken once.
    for (std::size_t start = token.size(); start-- > 0;) {
      if (best[start].score < 0 || word.empty() || token[start] != word[0]) continue;
      for (std::size_t end = start + 1; end <= token.size(); ++end) {
        const float piece = piece_score(token.substr(start, end - start), word);
        if (piece <= 0) {
          if (end > start + 3) break;
          continue;
        }
        const float score = best[start].score + piece;
        if (score > best[end].score) best[end] = {score, best[start].mask | (1u << w)};
      }
    }
  }
  const auto& whole = best[token.size()];
  if (whole.score < 0 || std::popcount(whole.mask) < 2) return {};
  // Words left out between the first and the last that it holds make it less likely.
  const auto first = std::countr_zero(whole.mask), last = 31 - std::countl_zero(whole.mask);
  const auto left_out = last - first + 1 - std::popcount(whole.mask);
  const float trust = 1 - std::pow(0.55f, static_cast<float>(token.size() - 1));
  return {whole.mask, trust * std::pow(0.9f, static_cast<float>(left_out))};
}

}  // namespace tundish::binding
