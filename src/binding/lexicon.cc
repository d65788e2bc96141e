#include "binding/lexicon.h"

#include <algorithm>

#include "base/check.h"
#include "binding/pinyin_table.h"
#include "model/code_points.h"
#include "model/value.h"

namespace tundish::binding {
namespace {

constexpr float kWeak = 0.55f;
constexpr std::size_t kLongForm = 5;

/// Calls `take` with each word of `text`.
template <class Take>
void each_word(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

class Initials {
 public:
  Initials() {
    for (const auto& [letter, characters] : pinyin_letters()) {
      auto rest = characters;
      while (!rest.empty()) letters_.emplace_back(take_code_point(rest), letter);
    }
    std::ranges::sort(letters_);
  }
  char of(char32_t point) const {
    const auto found =
        std::ranges::lower_bound(letters_, point, {}, &std::pair<char32_t, char>::first);
    return found != letters_.end() && found->first == point ? found->second : '\0';
  }

 private:
  std::vector<std::pair<char32_t, char>> letters_;
};

}  // namespace

const Lexicon& Lexicon::get() {
  static const Lexicon lexicon;
  return lexicon;
}

Lexicon::Lexicon() {
  for (const auto& entry : lexicon_entries()) {
    const auto id = static_cast<MeaningId>(kinds_.size());
    kinds_.push_back(entry.kind);
    TUNDISH_CHECK(names_.emplace(entry.name, id).second);
    add_forms(entry.latin, id, true);
    add_forms(entry.chinese, id, false);
  }
  for (const auto& phrase : lexicon_phrases()) {
    auto& meanings = phrases_[std::string(phrase.form)];
    each_word(phrase.concepts, [&](std::string_view name) { meanings.push_back(id_of(name)); });
  }
}

void Lexicon::add_forms(std::string_view forms, MeaningId id, bool latin) {
  each_word(forms, [&](std::string_view form) {
    const bool weak = form.ends_with('~');
    if (weak) form.remove_suffix(1);
    auto& meanings = forms_[std::string(form)];
    const float strength = weak ? kWeak : 1.0f;
    const auto same = std::ranges::find(meanings, id, &Meaning::id);
    if (same == meanings.end())
      meanings.push_back({id, strength});
    else
      same->strength = std::max(same->strength, strength);
    if (latin && !weak && form.size() >= kLongForm) long_forms_.emplace_back(form, id);
  });
}

std::span<const Meaning> Lexicon::find(std::string_view form) const {
  const auto found = forms_.find(form);
  return found == forms_.end() ? std::span<const Meaning>()
                               : std::span<const Meaning>(found->second);
}

std::span<const MeaningId> Lexicon::phrase(std::string_view form) const {
  const auto found = phrases_.find(form);
  return found == phrases_.end() ? std::span<const MeaningId>()
                                 : std::span<const MeaningId>(found->second);
}

MeaningId Lexicon::id_of(std::string_view name) const {
  const auto found = names_.find(name);
  TUNDISH_CHECK(found != names_.end());
  return found->second;
}

bool read_instrument(std::string_view letters, std::vector<std::string_view>& concepts) {
  if (letters.size() < 2 || letters.size() > 5) return false;
  std::string_view measured;
  switch (letters[0]) {
    case 't': measured = "temperature"; break;
    case 'p': measured = "pressure"; break;
    case 'f': measured = "flow"; break;
    case 'l': measured = "level"; break;
    case 's': measured = "speed"; break;
    case 'v': measured = "vibration"; break;
    case 'w': measured = "weight"; break;
    case 'z': measured = "position"; break;
    case 'j': measured = "power"; break;
    case 'i': measured = "current"; break;
    case 'e': measured = "voltage"; break;
    case 'a': break;
    default: return false;
  }
  auto rest = letters.substr(1);
  if (!rest.ends_with('v') && rest.find_first_not_of("ticersahlqydx") != std::string_view::npos)
    return false;
  const bool differential = rest.starts_with('d') && rest.size() > 1;
  if (differential) rest.remove_prefix(1);
  if (rest.find_first_not_of("ticersahlqyvx") != std::string_view::npos) return false;
  if (!measured.empty()) concepts.push_back(measured);
  if (differential) concepts.push_back("differential");
  if (rest.find('q') != std::string_view::npos) concepts.push_back("total");
  if (rest.ends_with('v')) concepts.push_back("valve");
  // An A, S or H behind the first letter: what switches or warns.
  if (rest.find_first_of("ash") != std::string_view::npos) concepts.push_back("alarm");
  return true;
}

std::string pinyin_initials(std::string_view text) {
  static const Initials initials;
  std::string letters;
  if (!is_utf8(text)) return letters;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (point < 0x80) {
      const auto c = static_cast<char>(point);
      if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c - 'A' + 'a');
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) letters += c;
    } else if (const char letter = initials.of(point)) {
      letters += letter;
    }
  }
  return letters;
}

}  // namespace tundish::binding
