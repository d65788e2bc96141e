#include "formula/kpi.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>

#include "aggregate/exact_sum.h"
#include "formula/amounts.h"
#include "formula/kernels.h"

namespace tundish::formula {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Amounts of several assets in one unit, summed as far as they are known.
class Total {
 public:
  explicit Total(std::size_t windows) : sums_(windows) {}

  Status add(const Amounts& amounts) {
    if (assets_ == 0) unit_ = amounts.unit;
    TUNDISH_TRY(const auto conversion, UnitConversion::between(amounts.unit, unit_));
    ++assets_;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      Sum& sum = sums_[i];
      sum.percent_good += amounts.percent_good[i];
      sum.coverage += amounts.coverage[i];
      if (severity(amounts.qualities[i]) == 2) {
        sum.bad = amounts.qualities[i];
        continue;
      }
      ++sum.kept;
      if (severity(amounts.qualities[i]) == 1) sum.doubtful = true;
      sum.sum.add(conversion(amounts.values[i]));
    }
    return {};
  }

  const Unit& unit() const { return unit_; }
  double value(std::size_t i) const { return sums_[i].kept == 0 ? kNan : sums_[i].sum.rounded(); }
  std::uint32_t quality(std::size_t i) const {
    const Sum& sum = sums_[i];
    if (sum.kept == 0) return sum.bad;
    return sum.doubtful || sum.kept < assets_ ? kUncertainDataSubNormal.code : kGood.code;
  }
  double percent_good(std::size_t i) const {
    return sums_[i].percent_good / static_cast<double>(assets_);
  }
  double coverage(std::size_t i) const { return sums_[i].coverage / static_cast<double>(assets_); }

 private:
  struct Sum {
    aggregate::ExactSum sum;
    std::size_t kept = 0;
    bool doubtful = false;
    std::uint32_t bad = kBadNoData.code;
    double percent_good = 0, coverage = 0;
  };
  Unit unit_;
  std::vector<Sum> sums_;
  std::size_t assets_ = 0;
};

Result<Total> total_of(const std::string& text, std::span<const Asset* const> assets,
                       const KpiInputs& inputs, std::span<const TimeRange> windows,
                       const Budget& budget) {
  Total total(windows.size());
  for (const Asset* asset : assets) {
    TUNDISH_TRY(const auto amounts, amounts_of(text, *asset, inputs, windows, budget));
    TUNDISH_RETURN_IF_ERROR(total.add(amounts));
  }
  return total;
}

KpiResult result_of(const TimeRange& window, double value, std::uint32_t quality) {
  if (severity(quality) < 2 && !std::isfinite(value)) quality = kBadNoData.code;
  return {.window = window,
          .value = severity(quality) == 2 ? kNan : value,
          .quality = Quality{quality},
          .of = kNan,
          .by = kNan};
}

}  // namespace

Result<std::vector<KpiResult>> evaluate_kpi(const KpiDefinition& kpi,
                                            std::span<const Asset* const> of_assets,
                                            const KpiInputs& inputs,
                                            std::span<const TimeRange> windows,
                                            const Budget& budget) {
  std::vector<KpiResult> results;
  if (windows.empty()) return results;
  TUNDISH_TRY(const auto unit, Unit::parse(kpi.unit));
  if (!kpi.value.empty()) {
    if (of_assets.size() != 1)
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format(
              "'{}' is no ratio of two amounts, so it cannot be told of several assets together",
              kpi.name));
    TUNDISH_TRY(const auto amounts, amounts_of(kpi.value, *of_assets[0], inputs, windows, budget));
    TUNDISH_TRY(const auto conversion, UnitConversion::between(amounts.unit, unit));
    for (std::size_t i = 0; i < windows.size(); ++i) {
      results.push_back(result_of(windows[i], conversion(amounts.values[i]), amounts.qualities[i]));
      results.back().percent_good = amounts.percent_good[i];
      results.back().coverage = amounts.coverage[i];
    }
    return results;
  }
  TUNDISH_TRY(const auto of, total_of(kpi.of, of_assets, inputs, windows, budget));
  TUNDISH_TRY(const auto by, total_of(kpi.by, of_assets, inputs, windows, budget));
  TUNDISH_TRY(const auto ratio_unit, of.unit().per(by.unit()));
  TUNDISH_TRY(const auto conversion, UnitConversion::between(ratio_unit, unit));
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const double value = conversion(of.value(i) / by.value(i));
    results.push_back(result_of(windows[i], value, worse(of.quality(i), by.quality(i))));
    KpiResult& made = results.back();
    made.of = of.value(i);
    made.by = by.value(i);
    made.percent_good = std::min(of.percent_good(i), by.percent_good(i));
    made.coverage = std::min(of.coverage(i), by.coverage(i));
  }
  return results;
}

}  // namespace tundish::formula
