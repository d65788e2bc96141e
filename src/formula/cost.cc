#include "formula/cost.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "formula/amounts.h"
#include "formula/kernels.h"

namespace tundish::formula {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double hours(DurationNs duration) { return static_cast<double>(duration) / kHour; }

/// Amounts as they are, or without a formula good zeros.
Result<std::vector<CostAmount>> amounts_in(const Unit& unit, const std::string& text,
                                           const Asset& asset, const KpiInputs& inputs,
                                           std::span<const TimeRange> windows,
                                           const Budget& budget) {
  const CostAmount nothing{.amount = 0,
                           .price = kNan,
                           .money = kNan,
                           .quality = kGood,
                           .percent_good = 100,
                           .coverage = 100};
  std::vector<CostAmount> made(windows.size(), nothing);
  if (text.empty()) return made;
  TUNDISH_TRY(const auto amounts, amounts_of(text, asset, inputs, windows, budget));
  TUNDISH_TRY(const auto conversion, UnitConversion::between(amounts.unit, unit));
  for (std::size_t i = 0; i < made.size(); ++i) {
    const double value = conversion(amounts.values[i]);
    std::uint32_t quality = amounts.qualities[i];
    if (severity(quality) < 2 && !std::isfinite(value)) quality = kBadNoData.code;
    made[i].amount = severity(quality) == 2 ? kNan : value;
    made[i].quality = Quality{quality};
    made[i].percent_good = amounts.percent_good[i];
    made[i].coverage = amounts.coverage[i];
  }
  return made;
}

/// The rate that would have been, over the planned time of each window.
Result<std::vector<CostAmount>> expected(const CostPart& part, const Unit& unit, const Asset& asset,
                                         const KpiInputs& inputs,
                                         std::span<const CostWindow> windows,
                                         std::span<const TimeRange> ranges, const Budget& budget) {
  TUNDISH_TRY(const auto hour, Unit::parse("h"));
  TUNDISH_TRY(const auto by_hour, unit.per(hour));
  TUNDISH_TRY(auto made, amounts_in(by_hour, part.rate, asset, inputs, ranges, budget));
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (windows[i].target) {
      made[i].amount = *windows[i].target;
      made[i].quality = kGood;
      made[i].percent_good = made[i].coverage = 100;
    }
    made[i].amount *= hours(windows[i].planned);
  }
  return made;
}

void take_away(CostAmount& from, const CostAmount& made) {
  from.quality = Quality{worse(from.quality.code, made.quality.code)};
  from.percent_good = std::min(from.percent_good, made.percent_good);
  from.coverage = std::min(from.coverage, made.coverage);
  const double left = from.amount - made.amount;
  // A stop outside planned time loses nothing, and neither does one in which more was made than expected.
  from.amount = std::isnan(left) ? kNan : std::max(0.0, left);
}

}  // namespace

Result<std::vector<CostAmount>> evaluate_cost(const CostPart& part, const Asset& asset,
                                              const KpiInputs& inputs,
                                              std::span<const CostWindow> windows,
                                              const Budget& budget) {
  if (windows.empty()) return std::vector<CostAmount>();
  std::vector<TimeRange> ranges;
  for (const CostWindow& window : windows) ranges.push_back(window.range);
  TUNDISH_TRY(const auto unit, Unit::parse(part.unit));
  std::vector<CostAmount> costs;
  if (part.rate.empty()) {
    TUNDISH_TRY(costs, amounts_in(unit, part.amount, asset, inputs, ranges, budget));
  } else {
    TUNDISH_TRY(costs, expected(part, unit, asset, inputs, windows, ranges, budget));
    TUNDISH_TRY(const auto made, amounts_in(unit, part.made, asset, inputs, ranges, budget));
    for (std::size_t i = 0; i < costs.size(); ++i) take_away(costs[i], made[i]);
  }
  if (part.price.empty()) return costs;
  TUNDISH_TRY(const auto by_unit, Unit().per(unit));
  TUNDISH_TRY(const auto prices, amounts_in(by_unit, part.price, asset, inputs, ranges, budget));
  for (std::size_t i = 0; i < costs.size(); ++i) {
    costs[i].price = prices[i].amount;
    costs[i].money = costs[i].amount * prices[i].amount;
  }
  return costs;
}

}  // namespace tundish::formula
