#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formula/kpi.h"
#include "model/unit.h"

namespace tundish::formula {

/// Results of one formula of one asset, one a window.
struct Amounts {
  Unit unit;
  std::vector<double> values;
  std::vector<std::uint32_t> qualities;
  std::vector<double> percent_good, coverage;
};

/// A number of one asset over each window; the formula may say `window`. `windows` are not empty, ascend and lie
/// apart. Errors: those of formulas, with the place; kInvalidArgument for what is no number.
Result<Amounts> amounts_of(const std::string& text, const Asset& asset, const KpiInputs& inputs,
                           std::span<const TimeRange> windows, const Budget& budget);

}  // namespace tundish::formula
