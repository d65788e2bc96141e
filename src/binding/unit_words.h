#pragma once

#include <optional>
#include <string_view>

#include "model/unit.h"

namespace tundish::binding {

/// The unit that a list of registers means: UCUM, or what vendors and plants write (`KPA`, `barg`, `Nm³/hr`, `吨/时`,
/// `摄氏度`, `C`). Empty when there is none or it cannot be told; never an error.
std::optional<Unit> read_unit_words(std::string_view text);

/// The unit at the end of a name or description, in brackets: `热风温度(℃)`, `Hot blast [degC]`.
std::optional<Unit> read_trailing_unit(std::string_view text);

}  // namespace tundish::binding
