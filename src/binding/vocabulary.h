#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "binding/abbreviation.h"
#include "binding/binding.h"
#include "binding/lexicon.h"
#include "binding/split.h"
#include "model/unit.h"

namespace tundish::binding {

/// One word as read: its meanings, ascending by id.
struct Atom {
  std::string text;
  std::vector<Meaning> meanings;
  TokenKind kind = TokenKind::kLatin;
  bool quantity = false;  ///< it names one: temperature, flow
};

/// One way to say what a candidate is: its name, its words in a language, an alias.
struct View {
  std::uint32_t candidate = 0;
  std::vector<Atom> terms;
  std::vector<float> weights;  ///< of each term; rare words weigh more
  float weight = 0;            ///< their sum
  // What initialisms are made of: the template's words, then its own. Latin words, or one initial for each
  // Chinese character; `letter_terms` has the bits of the terms that each belongs to, none for the template's.
  std::vector<std::string> letters;
  std::vector<std::uint32_t> letter_terms;
  std::uint32_t letters_used = 0;  ///< bits of a..z
};

struct TemplateIndex {
  std::string name;
  std::vector<std::vector<Atom>> views;
  std::vector<Meaning> meanings;                  ///< of all views, ascending
  std::vector<std::vector<std::string>> letters;  ///< as View::letters, of each way to say it
};

/// A number and what it numbers.
struct NumberedWord {
  std::string number;
  std::vector<Meaning> word;
};

struct CandidateIndex {
  std::uint32_t template_number = 0;
  std::uint32_t first_view = 0, view_count = 0;
  std::vector<Meaning> meanings;  ///< of all views, ascending
  std::optional<Unit> unit;
  std::string unit_code;
  std::uint32_t dimension = 0;        ///< of `unit`; 0 without one
  std::vector<NumberedWord> numbers;  ///< that its name holds: `2` of `cyclone2_pressure`
};

struct Posting {
  std::uint32_t candidate = 0;
  float weight = 0;
};

/// Candidates by the words that they may be called. Immutable after the constructor; any thread.
class Vocabulary {
 public:
  explicit Vocabulary(std::span<const Candidate> candidates);

  bool knows(std::string_view form) const;
  /// Words of a text with what is known of them; a phrase gives several atoms.
  std::vector<Atom> read(std::string_view text) const;
  /// Meanings of a word by the lexicon and the candidates, exact forms only.
  std::vector<Meaning> exact(std::string_view word) const;
  /// Meanings of words that `token` may abbreviate, added to `meanings`.
  void add_abbreviated(const Token& token, std::vector<Meaning>& meanings) const;

  const std::vector<View>& views() const { return views_; }
  const std::vector<CandidateIndex>& candidates() const { return candidates_; }
  const std::vector<TemplateIndex>& templates() const { return templates_; }
  /// A number for what a unit measures; 0 when no candidate measures that.
  std::uint32_t dimension_of(const Unit& unit) const;
  /// Candidates that measure it, unless it is a pure number; at most kSameDimensionMax.
  std::span<const std::uint32_t> measuring(std::uint32_t dimension) const;
  std::span<const Posting> postings(MeaningId id) const { return postings_[id]; }
  std::size_t meaning_count() const { return postings_.size(); }
  bool is_concept(MeaningId id) const { return id < Lexicon::get().size(); }

 private:
  MeaningId word_id(const std::string& word);
  void add_words(std::string_view text);
  /// Meanings of one token; a phrase gives several atoms, a word that tells nothing gives none.
  std::vector<Atom> atoms_of(const Token& token) const;
  static std::vector<std::string> letters_of(const Token& token);
  void add_template(const Candidate& candidate);
  void add_view(std::uint32_t candidate, std::string_view text, std::string_view template_text);
  void weigh();
  void index_abbreviations();

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  struct Abbreviated {
    std::string word;
    MeaningId id = 0;
  };
  std::unordered_map<std::string, MeaningId, Hash, std::equal_to<>> words_;
  std::vector<View> views_;
  std::vector<CandidateIndex> candidates_;
  std::vector<TemplateIndex> templates_;
  std::vector<std::vector<Posting>> postings_;
  std::map<std::string, std::uint32_t, std::less<>> dimensions_;
  std::vector<std::vector<std::uint32_t>> by_dimension_;  ///< by number of the dimension
  std::map<char, std::vector<Abbreviated>> latin_;        ///< by first letter
  std::map<std::string, std::vector<Meaning>, std::less<>> chinese_;  ///< by character
};

/// The product of two atoms' likeliest common meaning; 0: they have none.
float common_meaning(std::span<const Meaning> a, std::span<const Meaning> b);
/// Sorts by id, keeps the strongest of each.
void tidy(std::vector<Meaning>& meanings);

}  // namespace tundish::binding
