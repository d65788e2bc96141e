#pragma once

#include <span>
#include <string_view>

namespace tundish {

/// One unit of the table: `number` of `definition`. Source of codes and figures: The Unified Code for Units of
/// Measure, https://ucum.org/ucum, tables 1 to 20.
struct UnitAtom {
  enum class Kind : unsigned char {
    kPlain,
    kMetric,     ///< takes prefixes
    kArbitrary,  ///< compares with itself only; `definition` is empty
    kArbitraryMetric,
    kPoint,  ///< a scale with a zero of its own: `number` kelvin a degree, zero at `zero` kelvin
  };
  std::string_view code;
  Kind kind;
  double number;
  std::string_view definition;  ///< empty for the seven base units, in order
  double zero = 0;
};

/// A prefix of metric units: numerator / denominator.
struct UnitPrefix {
  std::string_view code;
  double numerator, denominator;
};

/// What people write, and the code that it stands for.
struct UnitAlias {
  std::string_view written, code;
};

std::span<const UnitAtom> unit_atoms();  ///< each after those that its definition names
std::span<const UnitPrefix> unit_prefixes();
std::span<const UnitAlias> unit_aliases();

}  // namespace tundish
