#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "binding/lexicon_table.h"

namespace tundish::binding {

/// A number for a meaning: below `Lexicon::size()` a concept of the lexicon, from there on a word of the candidates.
using MeaningId = std::uint32_t;

/// One way to read a word, and how far it is to be believed, 0..1.
struct Meaning {
  MeaningId id = 0;
  float strength = 0;
};

/// The industrial words of the table, by form. Immutable; any thread.
class Lexicon {
 public:
  /// The one of this program; made at the first call.
  static const Lexicon& get();

  /// The meanings of a form in lower case; empty when it is unknown or a phrase.
  std::span<const Meaning> find(std::string_view form) const;
  /// The meanings, in order, of a phrase (`pci`); empty when it is none.
  std::span<const MeaningId> phrase(std::string_view form) const;
  bool has(std::string_view form) const { return !find(form).empty() || !phrase(form).empty(); }

  std::size_t size() const { return kinds_.size(); }
  ConceptKind kind(MeaningId id) const { return kinds_[id]; }
  MeaningId id_of(std::string_view name) const;  ///< of an entry; the name must be there
  /// Latin forms of at least five letters, which others abbreviate; in the table's order.
  const std::vector<std::pair<std::string, MeaningId>>& long_forms() const { return long_forms_; }

 private:
  Lexicon();
  void add_forms(std::string_view forms, MeaningId id, bool latin);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  std::vector<ConceptKind> kinds_;
  std::unordered_map<std::string, std::vector<Meaning>, Hash, std::equal_to<>> forms_;
  std::unordered_map<std::string, std::vector<MeaningId>, Hash, std::equal_to<>> phrases_;
  std::unordered_map<std::string, MeaningId, Hash, std::equal_to<>> names_;
  std::vector<std::pair<std::string, MeaningId>> long_forms_;
};

/// What the letters of an instrument's tag measure (ISA-5.1: `TT`, `PIC`, `FIT`): the name of a concept, empty for an
/// analysis, whose kind the letters do not tell. False when `letters` (lower case) are none.
bool read_instrument(std::string_view letters, std::vector<std::string_view>& concepts);

/// The first letters of the readings of Chinese characters; other ASCII letters and digits as they are: 热风 -> `rf`.
std::string pinyin_initials(std::string_view text);

}  // namespace tundish::binding
