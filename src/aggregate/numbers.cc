#include "aggregate/numbers.h"

#include <cmath>

namespace tundish::aggregate {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;

std::int64_t integer_of(Number number) { return static_cast<std::int64_t>(number.bits); }

std::strong_ordering compare_doubles(double a, double b) {
  if (a < b) return std::strong_ordering::less;
  if (a > b) return std::strong_ordering::greater;
  return std::signbit(b) <=> std::signbit(a);
}

std::strong_ordering compare_mixed(std::int64_t a, double b) {
  if (b >= kTwo63) return std::strong_ordering::less;
  if (b < -kTwo63) return std::strong_ordering::greater;
  const double whole = std::floor(b);
  const auto integer = static_cast<std::int64_t>(whole);
  if (a != integer) return a <=> integer;
  return whole < b ? std::strong_ordering::less : std::strong_ordering::equal;
}

void add_to(ExactSum& sum, Number number, bool negative) {
  if (number.type == ValueType::kDouble) {
    const double value = double_of(number.bits);
    sum.add(negative ? -value : value);
  } else {
    const Int128 value = integer_of(number);
    sum.add_scaled(negative ? -value : value, 0);
  }
}

}  // namespace

Value value_of(Number number) {
  switch (number.type) {
    case ValueType::kInt64: return integer_of(number);
    case ValueType::kBool: return number.bits != 0;
    default: return double_of(number.bits);
  }
}

Number number_of(const Value& value) {
  switch (type_of(value)) {
    case ValueType::kDouble: return {ValueType::kDouble, bits_of(std::get<double>(value))};
    case ValueType::kInt64: return {ValueType::kInt64, bits_of(std::get<std::int64_t>(value))};
    case ValueType::kBool: return {ValueType::kBool, bits_of(std::get<bool>(value))};
    case ValueType::kString: break;
  }
  return {ValueType::kString, 0};
}

double to_double(Number number) {
  return number.type == ValueType::kDouble ? double_of(number.bits)
                                           : static_cast<double>(integer_of(number));
}

bool is_nan(Number number) {
  return number.type == ValueType::kDouble && std::isnan(double_of(number.bits));
}

std::strong_ordering compare(Number a, Number b) {
  const bool a_double = a.type == ValueType::kDouble;
  const bool b_double = b.type == ValueType::kDouble;
  if (a_double && b_double) return compare_doubles(double_of(a.bits), double_of(b.bits));
  if (!a_double && !b_double) return integer_of(a) <=> integer_of(b);
  if (!a_double) return compare_mixed(integer_of(a), double_of(b.bits));
  return 0 <=> compare_mixed(integer_of(b), double_of(a.bits));
}

void add_product(ExactSum& sum, Number number, std::uint64_t factor) {
  if (number.type == ValueType::kDouble)
    sum.add_product(double_of(number.bits), factor);
  else
    sum.add_product(integer_of(number), factor);
}

Number difference(Number a, Number b) {
  if (a.type != ValueType::kDouble && b.type != ValueType::kDouble) {
    std::int64_t exact = 0;
    if (!__builtin_sub_overflow(integer_of(a), integer_of(b), &exact))
      return {ValueType::kInt64, bits_of(exact)};
  }
  ExactSum sum;
  add_to(sum, a, false);
  add_to(sum, b, true);
  return {ValueType::kDouble, bits_of(sum.rounded())};
}

}  // namespace tundish::aggregate
