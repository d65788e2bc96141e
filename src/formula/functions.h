#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formula/check.h"

namespace tundish::formula {

/// One argument of a call, as far as types are concerned.
struct Argument {
  Type type;
  std::string_view parameter;  ///< its name, empty when it has none
  bool is_zero = false;        ///< the plain number 0, which is 0 of any amount
  bool is_duration = false;    ///< `15min`: a window as well as a number of seconds
};

/// The type that a call has. The error's `offset` is the number of the argument that is wrong, or none
/// when it is the call. Errors: kNotFound for an unknown function, kInvalidArgument.
Result<Type> check_call(std::string_view function, std::span<const Argument> arguments);

/// Names of all functions, sorted.
std::vector<std::string> function_names();

/// Whether a value of `type` can stand where one in `unit` is wanted: another unit of the same
/// dimension is converted. Errors: kInvalidArgument saying what to write.
Status check_unit(const Type& type, bool is_zero, const Unit& unit);

}  // namespace tundish::formula
