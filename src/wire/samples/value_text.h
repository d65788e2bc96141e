#pragma once

#include <string_view>

#include "base/result.h"
#include "model/value.h"

namespace tundish::wire {

/// `text` read as `type`: numbers as parse_number does, bools `true` and `false`, strings as they
/// are. Errors: kTypeMismatch with a sentence that names text and type.
Result<Value> value_from_text(std::string_view text, ValueType type);

/// True for `NaN`, `Infinity`, `-Infinity` and for digits, perhaps with a minus: what JSON has to
/// write as a string although it is a number.
bool is_spelt_like_number(std::string_view text);

/// `type` by its name. Errors: kInvalidArgument that lists the names.
Result<ValueType> type_from_text(std::string_view name);

}  // namespace tundish::wire
