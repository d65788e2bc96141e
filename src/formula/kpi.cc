#include "formula/kpi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
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
  explicit Total(std::size_t results) : sums_(results) {}

  /// @param at to which result each of the amounts belongs
  Status add(const Amounts& amounts, std::span<const std::size_t> at) {
    if (is_first_) unit_ = amounts.unit;
    is_first_ = false;
    TUNDISH_TRY(const auto conversion, UnitConversion::between(amounts.unit, unit_));
    for (std::size_t i = 0; i < at.size(); ++i) {
      Sum& sum = sums_[at[i]];
      ++sum.asked;
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
    return sum.doubtful || sum.kept < sum.asked ? kUncertainDataSubNormal.code : kGood.code;
  }
  double percent_good(std::size_t i) const {
    return sums_[i].percent_good / static_cast<double>(sums_[i].asked);
  }
  double coverage(std::size_t i) const {
    return sums_[i].coverage / static_cast<double>(sums_[i].asked);
  }

 private:
  struct Sum {
    aggregate::ExactSum sum;
    std::size_t asked = 0, kept = 0;  // assets that have this window; whose amount is known
    bool doubtful = false;
    std::uint32_t bad = kBadNoData.code;
    double percent_good = 0, coverage = 0;
  };
  Unit unit_;
  std::vector<Sum> sums_;
  bool is_first_ = true;
};

Result<Total> total_of(const std::string& text, std::span<const KpiPart> parts, std::size_t results,
                       const KpiInputs& inputs, const Budget& budget) {
  Total total(results);
  for (const KpiPart& part : parts) {
    if (part.windows.empty()) continue;
    for (const Asset* asset : part.assets) {
      TUNDISH_TRY(const auto amounts, amounts_of(text, *asset, inputs, part.windows, budget));
      TUNDISH_RETURN_IF_ERROR(total.add(amounts, part.at));
    }
  }
  return total;
}

/// From the earliest start to the latest end of what belongs to each result.
std::vector<TimeRange> hulls(std::span<const KpiPart> parts, std::size_t results) {
  std::vector<TimeRange> all(results, {kTimeMax, kTimeMin});
  for (const KpiPart& part : parts)
    for (std::size_t i = 0; i < part.at.size(); ++i) {
      TimeRange& hull = all[part.at[i]];
      hull.from = std::min(hull.from, part.windows[i].from);
      hull.to = std::max(hull.to, part.windows[i].to);
    }
  return all;
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
  KpiPart all{
      of_assets, {windows.begin(), windows.end()}, std::vector<std::size_t>(windows.size())};
  std::iota(all.at.begin(), all.at.end(), std::size_t{0});
  return evaluate_kpi(kpi, {&all, 1}, windows.size(), inputs, budget);
}

Result<std::vector<KpiResult>> evaluate_kpi(const KpiDefinition& kpi,
                                            std::span<const KpiPart> parts, std::size_t results,
                                            const KpiInputs& inputs, const Budget& budget) {
  std::vector<KpiResult> made;
  if (results == 0) return made;
  const auto windows = hulls(parts, results);
  TUNDISH_TRY(const auto unit, Unit::parse(kpi.unit));
  if (!kpi.value.empty()) {
    if (parts.size() != 1 || parts[0].assets.size() != 1)
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format(
              "'{}' is no ratio of two amounts, so it cannot be told of several assets together",
              kpi.name));
    TUNDISH_TRY(const auto amounts,
                amounts_of(kpi.value, *parts[0].assets[0], inputs, windows, budget));
    TUNDISH_TRY(const auto conversion, UnitConversion::between(amounts.unit, unit));
    for (std::size_t i = 0; i < results; ++i) {
      made.push_back(result_of(windows[i], conversion(amounts.values[i]), amounts.qualities[i]));
      made.back().percent_good = amounts.percent_good[i];
      made.back().coverage = amounts.coverage[i];
    }
    return made;
  }
  TUNDISH_TRY(const auto of, total_of(kpi.of, parts, results, inputs, budget));
  TUNDISH_TRY(const auto by, total_of(kpi.by, parts, results, inputs, budget));
  TUNDISH_TRY(const auto ratio_unit, of.unit().per(by.unit()));
  TUNDISH_TRY(const auto conversion, UnitConversion::between(ratio_unit, unit));
  for (std::size_t i = 0; i < results; ++i) {
    const double value = conversion(of.value(i) / by.value(i));
    made.push_back(result_of(windows[i], value, worse(of.quality(i), by.quality(i))));
    KpiResult& result = made.back();
    result.of = of.value(i);
    result.by = by.value(i);
    result.percent_good = std::min(of.percent_good(i), by.percent_good(i));
    result.coverage = std::min(of.coverage(i), by.coverage(i));
  }
  return made;
}

}  // namespace tundish::formula
