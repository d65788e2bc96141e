#include "formula/amounts.h"

#include <fmt/format.h>

#include "formula/plant_names.h"
#include "formula/plant_sources.h"
#include "formula/program.h"

namespace tundish::formula {

Result<Amounts> amounts_of(const std::string& text, const Asset& asset, const KpiInputs& inputs,
                           std::span<const TimeRange> windows, const Budget& budget) {
  TUNDISH_TRY(const auto program, compile(text, PlantNames(inputs.model, asset, Use::kPerWindow)));
  if (program.result().kind != Kind::kNumber)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a figure is a number, and this is {}", program.result().text()));
  PlantSources sources(inputs.snapshot, inputs.model, asset, inputs.windows);
  Amounts amounts;
  amounts.unit = program.result().unit;
  const Grid grid{.range = {windows.front().from, windows.back().to},
                  .windows = {windows.begin(), windows.end()}};
  TUNDISH_TRY(const auto account,
              evaluate(program, sources, grid, budget, [&](const Results& rows) -> Status {
                amounts.values.insert(amounts.values.end(), rows.values.begin(), rows.values.end());
                amounts.qualities.insert(amounts.qualities.end(), rows.qualities.begin(),
                                         rows.qualities.end());
                amounts.percent_good.insert(amounts.percent_good.end(), rows.percent_good.begin(),
                                            rows.percent_good.end());
                amounts.coverage.insert(amounts.coverage.end(), rows.coverage.begin(),
                                        rows.coverage.end());
                return {};
              }));
  static_cast<void>(account);
  if (amounts.values.size() != windows.size())
    return fail(ErrorCode::kInternal, "a window has no result");
  return amounts;
}

}  // namespace tundish::formula
