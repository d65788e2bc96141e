#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pack/formula_names.h"
#include "pack/pack.h"
#include "pack/places.h"

namespace tundish::pack {

/// Edits up to which a name is taken for another one, misspelt.
inline constexpr std::size_t kMisspelt = 2;

/// A whole pack while it is checked: what needs more than one file.
struct Checking {
  const Pack& pack;
  const PackIndex& index;
  const Places& places;
  std::vector<PackMistake>& mistakes;

  void tell(std::string_view key, std::string message, std::size_t offset = 0,
            bool is_warning = false) const {
    if (mistakes.size() >= kMistakesMax) return;
    mistakes.push_back(places.at(key, std::move(message), offset));
    mistakes.back().is_warning = is_warning;
  }
  /// `there is no alarm 'x'; did you mean 'y'?`
  void tell_unknown(std::string_view key, std::string_view what, std::string_view name,
                    const std::vector<std::string>& known) const;
};

/// Templates, kinds of intervals and windows that are named are there; nothing goes round in a circle.
void check_references(const Checking& checking);
/// Every formula, from its template and from each asset of the plant. Bounded: 200,000 checks.
void check_formulas(const Checking& checking, AttributeTypes& types);
/// Screens against the plant and the drawings.
void check_screens(const Checking& checking, const Files& files, Pack& pack);
/// The plant's attributes against the signals of the simulation, and what faults.csv names.
void check_simulation(const Checking& checking, bool has_simulation);

}  // namespace tundish::pack
