#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "binding/binding.h"

namespace tundish::binding {

inline constexpr std::size_t kRegisterListBytesMax = 64u << 20;

/// One line of a register list.
struct RegisterLine {
  FoundPoint point;
  std::string address;   ///< as written: `40001`, `DB12.DBD4`
  std::size_t line = 0;  ///< from 1, where it starts
};

/// The type that vendors call so: `REAL`, `float32`, `DINT`, `coil`, `string`. Empty when it is none.
std::optional<ValueType> read_type_word(std::string_view text);

/// Reads a register list as CSV (RFC 4180; commas; LF or CRLF; a byte order mark and empty lines are skipped). The
/// first line names the columns, in any order: `name` and, as there are, `address`, `type`, `unit`, `description`,
/// `low`, `high`. A name with `/` is a path. `type` is what vendors write: `REAL`, `float32`, `INT`, `BOOL`, `string`;
/// empty: not told. `low` and `high` come together.
/// Errors: kInvalidArgument with line and column in `where` and the nearest right word, kTooLarge.
Result<std::vector<RegisterLine>> read_register_list(std::string_view text);

}  // namespace tundish::binding
