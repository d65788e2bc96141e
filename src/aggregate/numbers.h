#pragma once

#include <compare>
#include <cstdint>

#include "aggregate/exact_sum.h"
#include "model/value.h"

// Numbers as columns hold them: a type and 64 bits. Double, int64 and bool; never strings.

namespace tundish::aggregate {

struct Number {
  ValueType type = ValueType::kDouble;
  std::uint64_t bits = 0;

  bool operator==(const Number&) const = default;
};

Value value_of(Number number);
/// For a string: type kString, no bits.
Number number_of(const Value& value);
/// The nearest double.
double to_double(Number number);
/// True for a double that is NaN.
bool is_nan(Number number);

/// By exact value, also between int64 and double; -0.0 is less than 0.0. Not for NaN.
std::strong_ordering compare(Number a, Number b);

/// sum += number x factor, exactly.
void add_product(ExactSum& sum, Number number, std::uint64_t factor);

/// a - b: int64 when both are integers (or bools) and the difference fits, else double, rounded
/// once.
Number difference(Number a, Number b);

}  // namespace tundish::aggregate
