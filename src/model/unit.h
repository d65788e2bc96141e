#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tundish {

/// What a unit measures: powers of UCUM's seven base quantities and of arbitrary units, which only
/// compare with themselves ([pH], a currency). Two values may be added when these are equal.
struct Dimension {
  enum Base { kLength, kTime, kMass, kAngle, kTemperature, kCharge, kLuminosity, kBases };
  std::array<std::int8_t, kBases> powers{};
  std::vector<std::pair<std::string, int>> arbitrary;  ///< by code, none with power 0

  bool operator==(const Dimension&) const = default;
  bool is_one() const { return *this == Dimension{}; }
  /// For a person: `length2 mass / time3`; `a pure number`.
  std::string text() const;
};

/// A unit of measure by its UCUM code (docs/formats/units.md): `kW.h/t`, `m3{norm}/h`, `Cel`, `[CNY]`.
/// A value of this type is small and immutable; parsing and arithmetic are bounded. Any thread.
class Unit {
 public:
  /// A number without a unit; its code is `1`.
  Unit() = default;
  /// Reads a code, or what people write for it: `kWh`, `degC`, `ppm`, `Nm3/h`, `rpm`. The empty text is the
  /// unit 1. Errors: kInvalidArgument with the place, and the nearest code where there is one.
  static Result<Unit> parse(std::string_view code);

  /// The UCUM code: terms in the order in which they were written, equal ones joined.
  std::string code() const;
  const Dimension& dimension() const { return dimension_; }
  bool is_one() const { return terms_.empty(); }
  /// A place on a scale with a zero of its own (Cel, [degF]) and not an amount: two of them may be
  /// subtracted, which gives `difference()`, but neither added nor multiplied.
  bool is_point() const { return point_; }
  /// The unit of the difference of two values: K for Cel. Itself for any that is not a point.
  Unit difference() const;

  bool is_comparable(const Unit& other) const { return dimension_ == other.dimension_; }
  bool operator==(const Unit& other) const { return code() == other.code(); }

  /// Errors: kInvalidArgument for a point, or a result with too many terms or too high a power.
  Result<Unit> times(const Unit& other) const { return combined(other, 1); }
  Result<Unit> per(const Unit& other) const { return combined(other, -1); }
  Result<Unit> power(int exponent) const;

 private:
  friend class UnitParser;
  friend struct UnitAtoms;
  friend class UnitConversion;

  struct Term {
    std::string symbol;      ///< with its prefix; digits for a plain number
    std::string annotation;  ///< `{norm}`; says what, changes nothing
    int power = 1;
  };

  Result<Unit> combined(const Unit& other, int sign) const;

  std::vector<Term> terms_;
  Dimension dimension_;
  // One of this unit is numerator / denominator base units, from `zero_` on: a quotient, so that minutes
  // and hours convert without the error of 1/60.
  double numerator_ = 1, denominator_ = 1;
  double zero_ = 0;  ///< of a point, in kelvin
  bool point_ = false;
};

/// From values in one unit to values in another. Correctly rounded where the factors are small integers.
class UnitConversion {
 public:
  /// Errors: kInvalidArgument when they measure different things.
  static Result<UnitConversion> between(const Unit& from, const Unit& to);
  double operator()(double value) const {
    return ((value * numerator_ / denominator_) + add_) / divide_;
  }

 private:
  double numerator_ = 1, denominator_ = 1, add_ = 0, divide_ = 1;
};

}  // namespace tundish
