#include "binding/reading.h"

#include <algorithm>
#include <array>
#include <bit>

#include "binding/unit_words.h"

namespace tundish::binding {
namespace {

constexpr std::size_t kWordsOfPoint = 64;
constexpr std::size_t kFoldersRead = 8;
constexpr std::size_t kHitsMax = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Folders and the name: a flat name is cut at `/` and `\`, and at dots that stand between no digits.
std::vector<std::string_view> levels_of(const FoundPoint& point) {
  std::vector<std::string_view> levels;
  for (const auto& part : point.path) {
    std::string_view rest = part;
    std::size_t start = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      const bool between_digits =
          i > 0 && i + 1 < rest.size() && is_digit(rest[i - 1]) && is_digit(rest[i + 1]);
      if (rest[i] != '/' && rest[i] != '\\' && (rest[i] != '.' || between_digits)) continue;
      if (i > start) levels.push_back(rest.substr(start, i - start));
      start = i + 1;
    }
    if (start < rest.size()) levels.push_back(rest.substr(start));
  }
  return levels;
}

/// `BF1_HBT` -> `BF1_`, `1#高炉风温` -> `1#`: as far as the first number, when something follows.
std::string_view beginning_of(std::string_view name) {
  const auto first = std::ranges::find_if(name, is_digit) - name.begin();
  auto end = static_cast<std::size_t>(first);
  while (end < name.size() && is_digit(name[end])) ++end;
  constexpr std::size_t kRest = 2;
  if (end == 0 || end + kRest > name.size()) return {};
  return name.substr(0, end);
}

}  // namespace

PointReading Reader::read(const FoundPoint& point) {
  PointReading reading;
  const auto levels = levels_of(point);
  std::string folder;
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    if (i > 0) folder += '/';
    folder += levels[i];
  }
  const std::string_view name = levels.empty() ? std::string_view() : levels.back();
  add_text(name, Place::kName, 0, reading);
  add_text(point.description, Place::kDescription, 0, reading);
  const auto folders = levels.size() > 1 ? levels.size() - 1 : 0;
  for (std::size_t i = folders > kFoldersRead ? folders - kFoldersRead : 0; i < folders; ++i)
    add_text(levels[i], Place::kFolder, static_cast<std::uint8_t>(i), reading);
  reading.unit = read_unit_words(point.unit);
  if (!reading.unit) reading.unit = read_trailing_unit(name);
  if (!reading.unit) reading.unit = read_trailing_unit(point.description);
  if (reading.unit) {
    reading.unit_code = reading.unit->code();
    reading.dimension = vocabulary_.dimension_of(*reading.unit);
  }
  reading.group_name = folder.empty() ? std::string(beginning_of(name)) : folder;
  reading.group =
      groups_.emplace(reading.group_name, static_cast<std::uint32_t>(groups_.size())).first->second;
  return reading;
}

void Reader::add_text(std::string_view text, Place place, std::uint8_t level,
                      PointReading& reading) {
  for (const auto& token :
       split_words(text, [&](std::string_view form) { return vocabulary_.knows(form); })) {
    if (reading.words.size() >= kWordsOfPoint) return;
    const auto number = word(token);
    const bool seen = std::ranges::any_of(
        reading.words, [&](const PointWord& other) { return other.word == number; });
    if (!seen) ++words_[number].points;
    reading.words.push_back({number, place, level});
  }
}

std::uint32_t Reader::word(const Token& token) {
  auto key = token.text;
  if (token.number_follows) key += '#';
  const auto [at, is_new] =
      numbers_.emplace(std::move(key), static_cast<std::uint32_t>(words_.size()));
  if (!is_new) return at->second;
  const auto& lexicon = Lexicon::get();
  WordReading reading;
  reading.text = token.text;
  reading.number = token.kind == TokenKind::kNumber;
  reading.chinese = token.kind == TokenKind::kChinese;
  if (reading.number) {
    reading.weight = 0.03f;
    words_.push_back(std::move(reading));
    return at->second;
  }
  if (const auto phrase = lexicon.phrase(token.text); !phrase.empty())
    for (const auto id : phrase) reading.parts.push_back({{id, 1.0f}});
  auto meanings = vocabulary_.exact(token.text);
  const bool sure =
      std::ranges::any_of(meanings, [](const Meaning& meaning) { return meaning.strength > 0.9f; });
  std::vector<std::string_view> instrument;
  const bool tagged = token.kind == TokenKind::kLatin && token.number_follows &&
                      read_instrument(token.text, instrument);
  if (tagged)
    for (const auto name : instrument) meanings.push_back({lexicon.id_of(name), 0.8f});
  tidy(meanings);
  const bool character = token.kind == TokenKind::kChinese && token.text.size() <= 3;
  if (character || (!sure && reading.parts.empty() && token.kind == TokenKind::kLatin))
    vocabulary_.add_abbreviated(token, meanings);
  constexpr std::size_t kShortWord = 4;
  if (sure && token.kind == TokenKind::kLatin && reading.parts.empty() && token.text.size() > 2 &&
      token.text.size() <= kShortWord) {
    // A short word may begin a longer one all the same: `free` of `freeboard`.
    std::vector<Meaning> longer;
    vocabulary_.add_abbreviated(token, longer);
    for (const auto& meaning : longer) meanings.push_back({meaning.id, meaning.strength * 0.65f});
    tidy(meanings);
  }
  // What it is beyond doubt decides what it counts when nothing explains it.
  bool noise = false, known = false, of_candidates = false;
  for (const auto& meaning : vocabulary_.exact(token.text)) {
    if (meaning.id >= lexicon.size()) of_candidates = true;
    // A weak one too: `SP` behind a name is seldom the speed.
    if (meaning.id < lexicon.size() && lexicon.kind(meaning.id) == ConceptKind::kModifier)
      reading.modifier = true;
    if (meaning.id >= lexicon.size() || meaning.strength < 0.9f) continue;
    noise = noise || lexicon.kind(meaning.id) == ConceptKind::kNoise;
    known = known || lexicon.kind(meaning.id) != ConceptKind::kNoise;
  }
  if (tagged) {
    const auto is_modifier = [](std::string_view name) {
      return name == "alarm" || name == "valve";
    };
    reading.modifier = reading.modifier || std::ranges::any_of(instrument, is_modifier);
  }
  reading.noise = noise && !known;
  if (reading.noise)
    reading.weight = 0.05f;
  else if (known || !reading.parts.empty() || (of_candidates && !token.number_follows))
    reading.weight = 1;
  else if (tagged || token.number_follows)
    reading.weight = 0.2f;  // a code of equipment
  else
    reading.weight = token.kind == TokenKind::kChinese ? 0.6f
                     : token.text.size() < 3           ? 0.35f
                                                       : 0.6f;
  if (reading.parts.empty()) reading.parts.push_back(std::move(meanings));
  const bool word_of_its_own = sure && token.text.size() > 2;
  if (token.kind == TokenKind::kLatin && !word_of_its_own) find_hits(token, reading);
  words_.push_back(std::move(reading));
  return at->second;
}

void Reader::find_hits(const Token& token, WordReading& reading) const {
  if (token.text.size() < 2 || token.text.size() > kInitialismLettersMax) return;
  std::uint32_t letters = 0;
  for (const char c : token.text) {
    if (c < 'a' || c > 'z') return;
    letters |= 1u << (c - 'a');
  }
  find_template_hits(token, reading);
  const auto& views = vocabulary_.views();
  for (std::uint32_t v = 0; v < views.size(); ++v) {
    if ((letters & ~views[v].letters_used) != 0) continue;
    const auto initialism = read_initialism(token.text, views[v].letters);
    if (initialism.words == 0) continue;
    // A term is said when at least half of what it is written with is in it.
    std::array<int, 32> all{}, said{};
    for (std::size_t i = 0; i < views[v].letters.size(); ++i)
      for (auto terms = views[v].letter_terms[i]; terms != 0; terms &= terms - 1) {
        const auto term = static_cast<std::size_t>(std::countr_zero(terms));
        ++all[term];
        said[term] += (initialism.words >> i & 1u) != 0 ? 1 : 0;
      }
    std::uint32_t terms = 0;
    for (std::size_t term = 0; term < all.size(); ++term)
      if (said[term] > 0 && 2 * said[term] >= all[term]) terms |= 1u << term;
    if (terms != 0) reading.hits.push_back({v, terms, initialism.trust});
    if (reading.hits.size() >= kHitsMax) return;
  }
}

void Reader::find_template_hits(const Token& token, WordReading& reading) const {
  const auto& templates = vocabulary_.templates();
  for (std::uint32_t t = 0; t < templates.size(); ++t) {
    float trust = 0;
    for (const auto& letters : templates[t].letters) {
      const auto initialism = read_initialism(token.text, letters);
      if (initialism.words == 0) continue;
      // There are few templates: all their words' initials are hardly a coincidence.
      const bool all = static_cast<std::size_t>(std::popcount(initialism.words)) == letters.size();
      trust = std::max(trust, all ? std::max(initialism.trust, 0.8f) : initialism.trust * 0.8f);
    }
    if (trust > 0) reading.template_hits.push_back({t, trust});
  }
}

}  // namespace tundish::binding
