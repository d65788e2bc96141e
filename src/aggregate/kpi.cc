#include "aggregate/kpi.h"

#include <algorithm>
#include <cmath>

namespace tundish::aggregate {
namespace {

/// A cycle of 1/60 min or 0.1 s is no double: three pieces of it may exceed 0.3 s in the 17th digit.
constexpr double kRoundingOfInputs = 1e-9;

/// a x b without rounding (unless it overflows, or is smaller than plants measure).
void add_exact(ExactSum& sum, double a, double b, bool subtract = false) {
  const double sign = subtract ? -1 : 1;
  const double product = a * b;
  sum.add(sign * product);
  if (std::isfinite(product)) sum.add(sign * std::fma(a, b, -product));
}

std::optional<double> quotient(const ExactSum& of, const ExactSum& by) {
  const double divisor = by.rounded();
  const double value = of.rounded() / divisor;
  if (divisor == 0 || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool is_amount(double value) { return std::isfinite(value) && value >= 0; }

std::unexpected<Error> no_amount() {
  return fail(ErrorCode::kInvalidArgument, "times and counts are numbers that are not negative");
}

}  // namespace

// --- ratios ----------------------------------------------------------------------------------------

void RatioTotals::add(double of, double by) {
  of_.add(of);
  by_.add(by);
}

void RatioTotals::merge(const RatioTotals& other) {
  of_.merge(other.of_);
  by_.merge(other.by_);
}

std::optional<double> RatioTotals::value() const { return quotient(of_, by_); }

// --- OEE -------------------------------------------------------------------------------------------

Status OeeTotals::add(const OeeInput& input) {
  for (const double value : {input.planned, input.run, input.ideal_cycle, input.total, input.good})
    if (!is_amount(value)) return no_amount();
  planned_.add(input.planned);
  run_.add(input.run);
  add_exact(ideal_total_, input.ideal_cycle, input.total);
  add_exact(ideal_good_, input.ideal_cycle, input.good);
  total_.add(input.total);
  good_.add(input.good);
  return {};
}

void OeeTotals::merge(const OeeTotals& other) {
  planned_.merge(other.planned_);
  run_.merge(other.run_);
  ideal_total_.merge(other.ideal_total_);
  ideal_good_.merge(other.ideal_good_);
  total_.merge(other.total_);
  good_.merge(other.good_);
}

Oee OeeTotals::oee() const {
  Oee result;
  result.availability = quotient(run_, planned_);
  result.performance = quotient(ideal_total_, run_);
  result.quality = quotient(ideal_good_, ideal_total_);
  if (!result.quality) result.quality = quotient(good_, total_);
  result.oee = quotient(ideal_good_, planned_);
  const auto above = [](const std::optional<double>& factor) {
    return factor && *factor > 1 + kRoundingOfInputs;
  };
  result.availability_above_one = above(result.availability);
  result.performance_above_one = above(result.performance);
  result.quality_above_one = above(result.quality);
  return result;
}

// --- reliability -----------------------------------------------------------------------------------

Status ReliabilityTotals::add(double run_s, std::uint64_t failures, double repair_s) {
  std::uint64_t sum = 0;
  if (!is_amount(run_s) || !is_amount(repair_s) ||
      __builtin_add_overflow(failures_, failures, &sum))
    return no_amount();
  run_s_.add(run_s);
  repair_s_.add(repair_s);
  failures_ = sum;
  return {};
}

void ReliabilityTotals::merge(const ReliabilityTotals& other) {
  run_s_.merge(other.run_s_);
  repair_s_.merge(other.repair_s_);
  failures_ += other.failures_;
}

Reliability ReliabilityTotals::reliability() const {
  Reliability result;
  if (failures_ > 0) {
    result.mtbf_s = run_s_.rounded_quotient(failures_);
    result.mttr_s = repair_s_.rounded_quotient(failures_);
  }
  ExactSum both = run_s_;
  both.merge(repair_s_);
  result.availability = quotient(run_s_, both);
  return result;
}

// --- capability ------------------------------------------------------------------------------------

void Moments::add(double value) {
  ++count_;
  sum_.add(value);
  add_exact(squares_, value, value);
}

void Moments::merge(const Moments& other) {
  count_ += other.count_;
  sum_.merge(other.sum_);
  squares_.merge(other.squares_);
}

std::optional<double> Moments::mean() const {
  if (count_ == 0 || !sum_.is_finite()) return std::nullopt;
  return sum_.rounded_quotient(count_);
}

std::optional<double> Moments::squared_distances() const {
  const auto centre = mean();
  if (!centre || !squares_.is_finite()) return std::nullopt;
  // With c = the mean as rounded, and r = sum - n c what the rounding left over (exactly known, and tiny):
  // sum of (x - c)^2 = squares - n c^2 - 2 c r, and about the true mean it is r^2 / n less.
  const double c = *centre;
  ExactSum rest = sum_;
  rest.add_product(-c, count_);
  const double r = rest.rounded();
  ExactSum distances = squares_;
  const double square = c * c;
  if (!std::isfinite(square)) return std::nullopt;
  distances.add_product(-square, count_);
  distances.add_product(-std::fma(c, c, -square), count_);
  add_exact(distances, 2 * c, r, true);
  return std::max(0.0, distances.rounded() - r * r / static_cast<double>(count_));
}

std::optional<double> Moments::sample_deviation() const {
  const auto distances = squared_distances();
  if (!distances || count_ < 2) return std::nullopt;
  return std::sqrt(*distances / static_cast<double>(count_ - 1));
}

namespace {

/// The two figures for one deviation.
void set_indices(std::optional<double>& both, std::optional<double>& nearest, double mean,
                 std::optional<double> deviation, const SpecificationLimits& limits) {
  if (!deviation || *deviation == 0) return;
  const double three = 3 * *deviation;
  if (limits.low) nearest = (mean - *limits.low) / three;
  if (limits.high) {
    const double upper = (*limits.high - mean) / three;
    nearest = nearest ? std::min(*nearest, upper) : upper;
  }
  if (limits.low && limits.high) both = (*limits.high - *limits.low) / (2 * three);
}

}  // namespace

Result<Capability> capability(std::span<const Moments> subgroups,
                              const SpecificationLimits& limits) {
  if (!limits.low && !limits.high)
    return fail(ErrorCode::kInvalidArgument, "capability needs a lower or an upper limit");
  if ((limits.low && !std::isfinite(*limits.low)) ||
      (limits.high && !std::isfinite(*limits.high)) ||
      (limits.low && limits.high && *limits.low >= *limits.high))
    return fail(ErrorCode::kInvalidArgument, "the lower limit lies below the upper one");
  Moments all;
  ExactSum distances;
  std::uint64_t freedom = 0;
  bool known = true;
  for (const auto& group : subgroups) {
    all.merge(group);
    if (group.count() < 2) continue;  // says nothing about the deviation within
    const auto own = group.squared_distances();
    known = known && own.has_value();
    distances.add(own.value_or(0));
    freedom += group.count() - 1;
  }
  Capability result;
  result.mean = all.mean();
  if (!result.mean) return result;
  result.deviation_overall = all.sample_deviation();
  if (known && freedom > 0)
    result.deviation_within = std::sqrt(distances.rounded_quotient(freedom));
  set_indices(result.pp, result.ppk, *result.mean, result.deviation_overall, limits);
  set_indices(result.cp, result.cpk, *result.mean, result.deviation_within, limits);
  return result;
}

}  // namespace tundish::aggregate
