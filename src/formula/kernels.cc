#include "formula/kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "aggregate/exact_sum.h"

namespace tundish::formula {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void combine(View a, View b, std::size_t rows, Column& out) {
  out.resize(rows);
  out.all_good = a.qualities == nullptr && b.qualities == nullptr;
  if (out.all_good) return;
  out.want_qualities();
  for (std::size_t i = 0; i < rows; ++i) out.qualities[i] = worse(a.quality(i), b.quality(i));
}

void take_over(View a, std::size_t rows, Column& out) {
  out.resize(rows);
  out.all_good = a.qualities == nullptr;
  if (out.all_good) return;
  out.want_qualities();
  std::copy_n(a.qualities, rows, out.qualities.begin());
}

void own_qualities(std::size_t rows, Column& out) {
  if (!out.all_good) return;
  out.want_qualities();
  std::fill_n(out.qualities.begin(), rows, kGood.code);
}

/// 1 for what is no finite number. Summed up instead of or-ed, which g++ turns into vector code.
std::uint64_t is_infinite(double value) {
  return std::abs(value) <= std::numeric_limits<double>::max() ? 0 : 1;
}

void refuse_found_infinite(std::size_t rows, Column& out) {
  own_qualities(rows, out);
  for (std::size_t i = 0; i < rows; ++i)
    if (!std::isfinite(out.values[i]) && severity(out.qualities[i]) < 2)
      out.qualities[i] = kBadOutOfRange.code;
}

/// Rows that are not finite become Bad.
void refuse_infinite(std::size_t rows, Column& out) {
  std::uint64_t infinite = 0;
  for (std::size_t i = 0; i < rows; ++i) infinite += is_infinite(out.values[i]);
  if (infinite != 0) refuse_found_infinite(rows, out);
}

/// As each(), and rows that do not come out finite become Bad. One pass.
template <class Function>
void each_finite(View a, View b, std::size_t rows, Column& out, Function function) {
  out.resize(rows);
  double* const values = out.values.data();
  std::uint64_t infinite = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const double value = function(a.values[i], b.values[i]);
    values[i] = value;
    infinite += is_infinite(value);
  }
  if (infinite != 0) refuse_found_infinite(rows, out);
}

template <class Function>
void each(View a, View b, std::size_t rows, Column& out, Function function) {
  out.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) out.values[i] = function(a.values[i], b.values[i]);
}

template <class Function>
void each(View a, std::size_t rows, Column& out, Function function) {
  out.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) out.values[i] = function(a.values[i]);
}

double truth(bool value) { return value ? 1.0 : 0.0; }

/// One of two for `and` (decider 0) and `or` (decider 1).
void decide(View a, View b, double decider, std::size_t rows, Column& out) {
  out.resize(rows);
  combine(a, b, rows, out);
  for (std::size_t i = 0; i < rows; ++i) {
    const bool by_a = a.values[i] == decider, by_b = b.values[i] == decider;
    out.values[i] = by_a || by_b ? decider : 1.0 - decider;
    if (out.all_good) continue;
    const std::uint32_t qa = a.quality(i), qb = b.quality(i);
    const bool good_a = by_a && severity(qa) == 0, good_b = by_b && severity(qb) == 0;
    if (good_a || good_b)
      out.qualities[i] = kGood.code;
    else if (severity(out.qualities[i]) == 2) {
      // A doubtful decider decides doubtfully where the other says nothing.
      const bool doubtful_a = by_a && severity(qa) == 1, doubtful_b = by_b && severity(qb) == 1;
      if (doubtful_a || doubtful_b) {
        out.values[i] = decider;
        out.qualities[i] = doubtful_a ? qa : qb;
      }
    }
  }
}

}  // namespace

void apply_binary(Operator op, View a, View b, std::size_t rows, Column& out) {
  combine(a, b, rows, out);
  switch (op) {
    case Operator::kAdd:
      return each_finite(a, b, rows, out, [](double x, double y) { return x + y; });
    case Operator::kSubtract:
      return each_finite(a, b, rows, out, [](double x, double y) { return x - y; });
    case Operator::kMultiply:
      return each_finite(a, b, rows, out, [](double x, double y) { return x * y; });
    case Operator::kDivide:
      return each_finite(a, b, rows, out, [](double x, double y) { return x / y; });
    case Operator::kPower:
      each(a, b, rows, out, [](double x, double y) { return std::pow(x, y); });
      return refuse_infinite(rows, out);
    case Operator::kLess:
      return each(a, b, rows, out, [](double x, double y) { return truth(x < y); });
    case Operator::kLessEqual:
      return each(a, b, rows, out, [](double x, double y) { return truth(x <= y); });
    case Operator::kGreater:
      return each(a, b, rows, out, [](double x, double y) { return truth(x > y); });
    case Operator::kGreaterEqual:
      return each(a, b, rows, out, [](double x, double y) { return truth(x >= y); });
    case Operator::kEqual:
      return each(a, b, rows, out, [](double x, double y) { return truth(x == y); });
    case Operator::kNotEqual:
      return each(a, b, rows, out, [](double x, double y) { return truth(x != y); });
    default: break;
  }
  each(a, rows, out, [](double) { return kNan; });
  refuse_infinite(rows, out);
}

void apply_and(View a, View b, std::size_t rows, Column& out) { decide(a, b, 0.0, rows, out); }
void apply_or(View a, View b, std::size_t rows, Column& out) { decide(a, b, 1.0, rows, out); }

void apply_not(View a, std::size_t rows, Column& out) {
  each(a, rows, out, [](double x) { return truth(x == 0.0); });
  take_over(a, rows, out);
}

void apply_negate(View a, std::size_t rows, Column& out) {
  each(a, rows, out, [](double x) { return -x; });
  take_over(a, rows, out);
}

void apply_convert(const UnitConversion& conversion, View a, std::size_t rows, Column& out) {
  each(a, rows, out, conversion);
  take_over(a, rows, out);
  refuse_infinite(rows, out);
}

void apply_scalar(Scalar function, View a, std::size_t rows, Column& out) {
  const auto run = [&](auto step) { each(a, rows, out, step); };
  switch (function) {
    case Scalar::kAbs: run([](double x) { return std::abs(x); }); break;
    case Scalar::kCeil: run([](double x) { return std::ceil(x); }); break;
    case Scalar::kExp: run([](double x) { return std::exp(x); }); break;
    case Scalar::kFloor: run([](double x) { return std::floor(x); }); break;
    case Scalar::kLn: run([](double x) { return std::log(x); }); break;
    case Scalar::kLog10: run([](double x) { return std::log10(x); }); break;
    case Scalar::kRound: run([](double x) { return std::round(x); }); break;
    case Scalar::kSqrt: run([](double x) { return std::sqrt(x); }); break;
  }
  take_over(a, rows, out);
  refuse_infinite(rows, out);
}

void apply_if(View condition, View a, View b, std::size_t rows, Column& out) {
  out.resize(rows);
  out.all_good = condition.qualities == nullptr && a.qualities == nullptr && b.qualities == nullptr;
  if (!out.all_good) out.want_qualities();
  for (std::size_t i = 0; i < rows; ++i) {
    const View& taken = condition.values[i] != 0.0 ? a : b;
    out.values[i] = taken.values[i];
    if (!out.all_good) out.qualities[i] = worse(condition.quality(i), taken.quality(i));
  }
}

void apply_clamp(View a, View low, View high, std::size_t rows, Column& out) {
  combine(a, low, rows, out);
  each(a, low, rows, out, [](double x, double y) { return x < y ? y : x; });
  for (std::size_t i = 0; i < rows; ++i)
    if (out.values[i] > high.values[i]) out.values[i] = high.values[i];
  if (high.qualities == nullptr) return;
  own_qualities(rows, out);
  for (std::size_t i = 0; i < rows; ++i)
    out.qualities[i] = worse(out.qualities[i], high.quality(i));
}

void apply_first_good(std::span<const View> views, std::size_t rows, Column& out) {
  out.resize(rows);
  out.want_qualities();
  for (std::size_t i = 0; i < rows; ++i) {
    const View* best = &views.front();
    for (const View& view : views)
      if (severity(view.quality(i)) < severity(best->quality(i))) best = &view;
    out.values[i] = best->values[i];
    out.qualities[i] = worse(kGood.code, best->quality(i));
  }
}

void apply_extreme(std::span<const View> views, bool greatest, bool tolerant, std::size_t rows,
                   Column& out) {
  out.resize(rows);
  out.want_qualities();
  for (std::size_t i = 0; i < rows; ++i) {
    double best = kNan;
    std::uint32_t quality = kGood.code, worst_kept = kGood.code;
    bool any = false;
    for (const View& view : views) {
      const std::uint32_t q = view.quality(i);
      if (tolerant && q == kNotAMember) continue;
      quality = worse(quality, q);
      if (severity(q) == 2) continue;
      worst_kept = worse(worst_kept, q);
      const double value = view.values[i];
      if (!any || (greatest ? value > best : value < best)) best = value;
      any = true;
    }
    out.values[i] = best;
    if (!any && severity(quality) < 2) quality = kBadNoData.code;
    if (tolerant && any && severity(quality) == 2)
      quality = severity(worst_kept) == 1 ? worst_kept : kUncertainDataSubNormal.code;
    out.qualities[i] = quality;
  }
}

void apply_good(View a, std::size_t rows, Column& out) {
  out.resize(rows);
  out.all_good = true;
  for (std::size_t i = 0; i < rows; ++i) out.values[i] = truth(severity(a.quality(i)) == 0);
}

void apply_join(Join join, std::span<const View> views, std::size_t rows, Column& out,
                std::span<double> share) {
  out.resize(rows);
  out.want_qualities();
  for (std::size_t i = 0; i < rows; ++i) {
    aggregate::ExactSum sum;
    std::size_t members = 0, kept = 0, good = 0;
    for (const View& view : views) {
      if (view.quality(i) == kNotAMember) continue;
      ++members;
      const unsigned how = severity(view.quality(i));
      if (how == 2) continue;
      sum.add(view.values[i]);
      ++kept;
      good += how == 0 ? 1 : 0;
    }
    share[i] = members == 0 ? 0.0 : static_cast<double>(good) / static_cast<double>(members);
    if (join == Join::kCount) {
      out.values[i] = static_cast<double>(kept);
      out.qualities[i] = kGood.code;
      continue;
    }
    out.qualities[i] = kept == 0         ? kBadNoData.code
                       : good == members ? kGood.code
                                         : kUncertainDataSubNormal.code;
    out.values[i] = kept == 0            ? kNan
                    : join == Join::kSum ? sum.rounded()
                                         : sum.rounded_quotient(static_cast<std::uint64_t>(kept));
  }
  refuse_infinite(rows, out);
}

}  // namespace tundish::formula
