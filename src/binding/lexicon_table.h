#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tundish::binding {

/// What sort of word a concept is, which decides what it means when one side has it and the other has not.
enum class ConceptKind : std::uint8_t {
  kThing,      ///< hot, furnace, coolant
  kQuantity,   ///< temperature, pressure: two different ones contradict each other
  kAggregate,  ///< maximum, total
  kModifier,   ///< set point, alarm, command: another point about the same thing
  kNoise,      ///< says nothing about what is measured: PV, AI, DB
};

/// A meaning and how plants write it. Forms are separated by blanks; `~` at the end of one marks it as weak:
/// it may as well mean something else.
struct LexiconEntry {
  ConceptKind kind;
  std::string_view name;
  std::string_view latin;
  std::string_view chinese;
};

/// A form that stands for several meanings at once: `pci`, `soc`.
struct LexiconPhrase {
  std::string_view form;
  std::string_view concepts;  ///< names of entries, separated by blanks
};

std::span<const LexiconEntry> lexicon_entries();
std::span<const LexiconPhrase> lexicon_phrases();

}  // namespace tundish::binding
