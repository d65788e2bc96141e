#include "binding/vocabulary.h"

#include <algorithm>
#include <cmath>

#include "model/code_points.h"

namespace tundish::binding {
namespace {

constexpr float kSynonym = 0.99f;
constexpr std::size_t kWordsOfView = 24;
constexpr std::size_t kTemplateLettersMax = 8;
constexpr std::size_t kAbbreviatedMax = 6;
constexpr std::size_t kSameDimensionMax = 40;

std::uint32_t letter_bits(std::string_view word) {
  std::uint32_t bits = 0;
  for (const char c : word)
    if (c >= 'a' && c <= 'z') bits |= 1u << (c - 'a');
  return bits;
}

void merge(std::vector<Meaning>& into, std::span<const Meaning> from) {
  into.insert(into.end(), from.begin(), from.end());
}

bool only_noise(std::span<const Meaning> meanings) {
  const auto& lexicon = Lexicon::get();
  return !meanings.empty() && std::ranges::all_of(meanings, [&](const Meaning& meaning) {
    return meaning.id < lexicon.size() && lexicon.kind(meaning.id) == ConceptKind::kNoise;
  });
}

}  // namespace

float common_meaning(std::span<const Meaning> a, std::span<const Meaning> b) {
  float best = 0;
  if (a.size() > b.size()) std::swap(a, b);
  constexpr std::size_t kManyTimes = 8;
  if (a.size() * kManyTimes < b.size()) {
    for (const auto& meaning : a) {
      const auto found = std::ranges::lower_bound(b, meaning.id, {}, &Meaning::id);
      if (found != b.end() && found->id == meaning.id)
        best = std::max(best, meaning.strength * found->strength);
    }
    return best;
  }
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (i->id == j->id)
      best = std::max(best, i++->strength * j++->strength);
    else if (i->id < j->id)
      ++i;
    else
      ++j;
  }
  return best;
}

void tidy(std::vector<Meaning>& meanings) {
  std::ranges::sort(meanings, [](const Meaning& a, const Meaning& b) {
    return a.id != b.id ? a.id < b.id : a.strength > b.strength;
  });
  const auto rest = std::ranges::unique(meanings, {}, &Meaning::id);
  meanings.erase(rest.begin(), rest.end());
}

Vocabulary::Vocabulary(std::span<const Candidate> candidates) {
  // All words first, so that each text is cut by all of them.
  for (const auto& candidate : candidates) {
    add_words(candidate.attribute);
    add_words(candidate.template_name);
    for (const auto& words : {&candidate.words, &candidate.template_words})
      for (const auto& [language, text] : *words) add_words(text);
    for (const auto& alias : candidate.aliases) add_words(alias);
  }
  postings_.resize(Lexicon::get().size() + words_.size());
  std::map<std::string, std::uint32_t, std::less<>> numbers;
  for (std::uint32_t i = 0; i < candidates.size(); ++i) {
    const auto& candidate = candidates[i];
    const auto [at, is_new] =
        numbers.emplace(candidate.template_name, static_cast<std::uint32_t>(templates_.size()));
    if (is_new) add_template(candidate);
    auto& index = candidates_.emplace_back();
    index.template_number = at->second;
    index.first_view = static_cast<std::uint32_t>(views_.size());
    if (!candidate.unit.empty())
      if (auto unit = Unit::parse(candidate.unit)) {
        index.unit = *unit;
        index.unit_code = unit->code();
        const auto next = static_cast<std::uint32_t>(dimensions_.size() + 1);
        index.dimension = dimensions_.emplace(unit->dimension().text(), next).first->second;
        by_dimension_.resize(dimensions_.size() + 1);
        auto& alike = by_dimension_[index.dimension];
        if (alike.size() < kSameDimensionMax && !unit->dimension().is_one()) alike.push_back(i);
      }
    std::vector<Meaning> before;
    for (const auto& token :
         split_words(candidate.attribute, [&](std::string_view form) { return knows(form); })) {
      if (token.kind == TokenKind::kNumber)
        index.numbers.push_back({token.text, before});
      else
        before = exact(token.text);
    }
    add_view(i, candidate.attribute, candidate.template_name);
    for (const auto& [language, text] : candidate.words)
      add_view(i, text, word_in(candidate.template_words, language));
    for (const auto& alias : candidate.aliases) add_view(i, alias, candidate.template_name);
    index.view_count = static_cast<std::uint32_t>(views_.size()) - index.first_view;
    for (auto v = index.first_view; v < views_.size(); ++v)
      for (const auto& term : views_[v].terms) merge(index.meanings, term.meanings);
    tidy(index.meanings);
  }
  weigh();
  index_abbreviations();
}

bool Vocabulary::knows(std::string_view form) const {
  return Lexicon::get().has(form) || (form.size() > 1 && words_.find(form) != words_.end());
}

MeaningId Vocabulary::word_id(const std::string& word) {
  const auto next = static_cast<MeaningId>(Lexicon::get().size() + words_.size());
  return words_.emplace(word, next).first->second;
}

void Vocabulary::add_words(std::string_view text) {
  const auto& lexicon = Lexicon::get();
  // Not cut apart: `stopper` is a word and not `stop` and `per`.
  const auto tokens =
      split_words(text, [&](std::string_view form) { return lexicon.has(form); }, false);
  for (const auto& token : tokens)
    if (token.kind != TokenKind::kNumber) word_id(token.text);
}

std::vector<Meaning> Vocabulary::exact(std::string_view word) const {
  const auto& lexicon = Lexicon::get();
  std::vector<Meaning> meanings;
  merge(meanings, lexicon.find(word));
  // The very word of a candidate is a little better than another one of the same meaning.
  for (auto& meaning : meanings) meaning.strength *= kSynonym;
  if (const auto found = words_.find(word); found != words_.end())
    meanings.push_back({found->second, 1.0f});
  // A plural is its word.
  if (meanings.empty() && word.size() > 4 && word.ends_with('s'))
    return exact(word.substr(0, word.size() - 1));
  tidy(meanings);
  return meanings;
}

std::vector<Atom> Vocabulary::atoms_of(const Token& token) const {
  const auto& lexicon = Lexicon::get();
  std::vector<Atom> atoms;
  if (token.kind == TokenKind::kNumber) return atoms;
  if (const auto phrase = lexicon.phrase(token.text); !phrase.empty()) {
    for (const auto id : phrase)
      atoms.push_back(
          {token.text, {{id, 1.0f}}, token.kind, lexicon.kind(id) == ConceptKind::kQuantity});
    return atoms;
  }
  if (only_noise(lexicon.find(token.text))) return atoms;
  auto meanings = exact(token.text);
  const bool quantity = std::ranges::any_of(meanings, [&](const Meaning& meaning) {
    return is_concept(meaning.id) && meaning.strength > 0.9f &&
           lexicon.kind(meaning.id) == ConceptKind::kQuantity;
  });
  atoms.push_back({token.text, std::move(meanings), token.kind, quantity});
  return atoms;
}

std::vector<Atom> Vocabulary::read(std::string_view text) const {
  std::vector<Atom> atoms;
  for (const auto& token : split_words(text, [&](std::string_view form) { return knows(form); }))
    for (auto& atom : atoms_of(token)) atoms.push_back(std::move(atom));
  return atoms;
}

/// Words of a text for initialisms: Latin ones whole, of each Chinese character its initial.
std::vector<std::string> Vocabulary::letters_of(const Token& token) {
  std::vector<std::string> words;
  if (token.kind == TokenKind::kChinese)
    for (const char c : pinyin_initials(token.text)) words.emplace_back(1, c);
  else if (token.kind == TokenKind::kLatin)
    words.push_back(token.text);
  return words;
}

void Vocabulary::add_template(const Candidate& candidate) {
  auto& added = templates_.emplace_back();
  added.name = candidate.template_name;
  const auto add = [&](std::string_view text) {
    added.views.push_back(read(text));
    auto& letters = added.letters.emplace_back();
    for (const auto& token : split_words(text, [&](std::string_view form) { return knows(form); }))
      for (auto& word : letters_of(token))
        if (letters.size() < kInitialismWordsMax) letters.push_back(std::move(word));
  };
  add(candidate.template_name);
  for (const auto& [language, text] : candidate.template_words) add(text);
  for (const auto& view : added.views)
    for (const auto& atom : view) merge(added.meanings, atom.meanings);
  tidy(added.meanings);
}

void Vocabulary::add_view(std::uint32_t candidate, std::string_view text,
                          std::string_view template_text) {
  const auto known = [&](std::string_view form) { return knows(form); };
  View view;
  view.candidate = candidate;
  const auto add_letters = [&](const Token& token, std::uint32_t terms, std::size_t most) {
    for (auto& word : letters_of(token)) {
      if (view.letters.size() >= most) return;
      view.letters_used |= letter_bits(word);
      view.letters.push_back(std::move(word));
      view.letter_terms.push_back(terms);
    }
  };
  for (const auto& token : split_words(template_text, known))
    add_letters(token, 0, kTemplateLettersMax);
  for (const auto& token : split_words(text, known)) {
    std::uint32_t terms = 0;
    for (auto& atom : atoms_of(token)) {
      if (view.terms.size() >= kWordsOfView) break;
      terms |= 1u << view.terms.size();
      view.terms.push_back(std::move(atom));
    }
    add_letters(token, terms, kInitialismWordsMax);
  }
  if (!view.terms.empty()) views_.push_back(std::move(view));
}

std::uint32_t Vocabulary::dimension_of(const Unit& unit) const {
  const auto found = dimensions_.find(unit.dimension().text());
  return found == dimensions_.end() ? 0 : found->second;
}

std::span<const std::uint32_t> Vocabulary::measuring(std::uint32_t dimension) const {
  return dimension < by_dimension_.size() ? std::span<const std::uint32_t>(by_dimension_[dimension])
                                          : std::span<const std::uint32_t>();
}

void Vocabulary::weigh() {
  // In how many candidates a meaning is, for the weight of terms: what all have tells little.
  std::vector<float> count(postings_.size(), 0);
  for (const auto& candidate : candidates_)
    for (const auto& meaning : candidate.meanings) count[meaning.id] += meaning.strength;
  const auto total = static_cast<float>(candidates_.size());
  const auto& lexicon = Lexicon::get();
  for (auto& view : views_) {
    const auto& owner = templates_[candidates_[view.candidate].template_number];
    for (const auto& term : view.terms) {
      float rarity = 0;
      for (const auto& meaning : term.meanings)
        if (meaning.strength > 0.9f)
          rarity = std::max(rarity, std::log(1 + total / std::max(1.0f, count[meaning.id])) /
                                        std::log(2 + total));
      float weight = std::clamp(rarity, 0.4f, 1.0f);
      // What the template says already is often left out of the name.
      if (common_meaning(term.meanings, owner.meanings) > 0.9f) weight *= 0.45f;
      const bool filler = std::ranges::any_of(term.meanings, [&](const Meaning& meaning) {
        return is_concept(meaning.id) && lexicon.kind(meaning.id) == ConceptKind::kQuantity &&
               (meaning.id == lexicon.id_of("rate") || meaning.id == lexicon.id_of("content") ||
                meaning.id == lexicon.id_of("concentration") ||
                meaning.id == lexicon.id_of("ratio"));
      });
      if (filler) weight *= 0.6f;
      view.weights.push_back(weight);
      view.weight += weight;
    }
    for (std::size_t i = 0; i < view.terms.size(); ++i)
      for (const auto& meaning : view.terms[i].meanings)
        postings_[meaning.id].push_back(
            {view.candidate, meaning.strength * view.weights[i] / view.weight});
  }
  for (auto& list : postings_) {
    std::ranges::sort(list, [](const Posting& a, const Posting& b) {
      return a.candidate != b.candidate ? a.candidate < b.candidate : a.weight > b.weight;
    });
    const auto rest = std::ranges::unique(list, {}, &Posting::candidate);
    list.erase(rest.begin(), rest.end());
  }
}

void Vocabulary::index_abbreviations() {
  for (const auto& [form, id] : Lexicon::get().long_forms()) latin_[form[0]].push_back({form, id});
  for (const auto& [word, id] : words_) {
    const auto initial = static_cast<unsigned char>(word[0]);
    if (initial < 0x80) {
      if (word.size() > 2) latin_[word[0]].push_back({word, id});
      continue;
    }
    std::string_view rest = word;
    for (bool first = true; !rest.empty(); first = false) {
      const auto before = rest;
      take_code_point(rest);
      const auto character = before.substr(0, before.size() - rest.size());
      if (character.size() < word.size())
        chinese_[std::string(character)].push_back({id, first ? 0.6f : 0.45f});
    }
  }
  for (auto& [letter, list] : latin_)
    std::ranges::sort(list, [](const auto& a, const auto& b) {
      return a.word != b.word ? a.word < b.word : a.id < b.id;
    });
  for (auto& [character, list] : chinese_) tidy(list);
}

void Vocabulary::add_abbreviated(const Token& token, std::vector<Meaning>& meanings) const {
  if (token.kind == TokenKind::kChinese) {
    if (const auto found = chinese_.find(token.text); found != chinese_.end())
      merge(meanings, found->second);
    tidy(meanings);
    return;
  }
  const auto list = latin_.find(token.text[0]);
  if (list == latin_.end()) return;
  std::vector<Meaning> found;
  for (const auto& [word, id] : list->second)
    if (const float strength = abbreviates(token.text, word); strength > 0.3f)
      found.push_back({id, strength});
  tidy(found);
  std::ranges::stable_sort(found, std::greater(), &Meaning::strength);
  if (found.size() > kAbbreviatedMax) found.resize(kAbbreviatedMax);
  merge(meanings, found);
  tidy(meanings);
}

}  // namespace tundish::binding
