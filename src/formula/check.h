#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formula/syntax.h"
#include "model/unit.h"

namespace tundish::formula {

enum class Kind : std::uint8_t {
  kNumber,
  kBool,
  kText,
  kWindow,  ///< `shift`, `heat`: a stretch of time that a calendar or an interval says
  kAssets,  ///< `children`: several assets, of which an attribute is asked for
};

/// What a part of a formula is.
struct Type {
  Kind kind = Kind::kNumber;
  Unit unit = {};     ///< of numbers
  bool many = false;  ///< one value for each of several assets

  bool operator==(const Type&) const = default;
  /// For a person: `a number in kW`, `several numbers in kW`, `a condition`.
  std::string text() const;
};

/// What the names in a formula stand for, for one asset or for all of a template.
class Names {
 public:
  virtual ~Names() = default;
  /// An attribute (`power`, `../blast/flow`), a window (`shift`) or a set of assets (`children`).
  /// Errors: kNotFound, with what there is instead in the message where something is near.
  virtual Result<Type> find(std::string_view name) const = 0;
  /// An attribute of each asset of a set; `many`. Errors: kNotFound.
  virtual Result<Type> find_member(std::string_view set, std::string_view attribute) const = 0;
};

/// A formula that means something: every part has a type, and the dimensions agree.
struct Checked {
  Syntax syntax;
  std::vector<Type> types;  ///< of each node
  const Type& result() const { return types.back(); }
};

/// Finds the type of every part. The result is one number, condition or text. Pure; linear in the
/// formula. Errors: kInvalidArgument, kNotFound, kTooLarge (a unit beyond its bounds); `offset` is
/// the first byte of the part that is wrong.
Result<Checked> check_formula(Syntax syntax, const Names& names);

}  // namespace tundish::formula
