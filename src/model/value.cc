#include "model/value.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace tundish {

std::string_view value_type_name(ValueType type) {
  switch (type) {
    case ValueType::kDouble: return "double";
    case ValueType::kInt64: return "int64";
    case ValueType::kBool: return "bool";
    case ValueType::kString: return "string";
  }
  return "double";
}

std::optional<ValueType> parse_value_type(std::string_view name) {
  for (const ValueType type :
       {ValueType::kDouble, ValueType::kInt64, ValueType::kBool, ValueType::kString})
    if (name == value_type_name(type)) return type;
  return std::nullopt;
}

bool same_bits(const Value& a, const Value& b) {
  if (a.index() != b.index()) return false;
  if (const double* x = std::get_if<double>(&a)) return bits_of(*x) == bits_of(std::get<double>(b));
  return a == b;
}

namespace {

Error mismatch(const Value& value, ValueType type) {
  return {ErrorCode::kTypeMismatch, "a " + std::string(value_type_name(type_of(value))) +
                                        " value does not convert exactly to " +
                                        std::string(value_type_name(type)) +
                                        "; send that type, or retype the tag"};
}

}  // namespace

Result<Value> convert_exact(const Value& value, ValueType type) {
  if (type_of(value) == type) return value;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    if (type == ValueType::kDouble) {
      const auto as_double = static_cast<double>(*integer);
      // 2^63 itself is not an int64, so the cast back needs the bound.
      if (as_double < 9223372036854775808.0 && static_cast<std::int64_t>(as_double) == *integer)
        return Value(as_double);
    }
    if (type == ValueType::kBool && (*integer == 0 || *integer == 1)) return Value(*integer == 1);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    const bool negative_zero = *number == 0.0 && std::signbit(*number);
    if (type == ValueType::kInt64 && !negative_zero && *number >= -9223372036854775808.0 &&
        *number < 9223372036854775808.0 && std::trunc(*number) == *number)
      return Value(static_cast<std::int64_t>(*number));
    if (type == ValueType::kBool && !negative_zero && (*number == 0.0 || *number == 1.0))
      return Value(*number == 1.0);
  }
  if (const auto* flag = std::get_if<bool>(&value)) {
    if (type == ValueType::kDouble) return Value(*flag ? 1.0 : 0.0);
    if (type == ValueType::kInt64) return Value(static_cast<std::int64_t>(*flag));
  }
  return fail(mismatch(value, type));
}

namespace {

/// JSON's grammar (RFC 8259, 6); says whether there is a fraction or an exponent.
bool is_json_number(std::string_view text, bool& integer) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  const auto skip = [&](char a, char b) {
    const bool there = at < text.size() && (text[at] == a || text[at] == b);
    if (there) ++at;
    return there;
  };
  skip('-', '-');
  const std::size_t first = at;
  const std::size_t count = digits();
  if (count == 0 || (count > 1 && text[first] == '0')) return false;
  integer = at == text.size();
  if (skip('.', '.') && digits() == 0) return false;
  if (skip('e', 'E')) {
    skip('+', '-');
    if (digits() == 0) return false;
  }
  return at == text.size();
}

Error no_number(ErrorCode code, std::string_view text, const char* why) {
  return {code, "'" + std::string(text.substr(0, 64)) + "' " + why};
}

}  // namespace

Result<Value> parse_number(std::string_view text) {
  if (text == "NaN") return Value(std::numeric_limits<double>::quiet_NaN());
  if (text == "Infinity") return Value(std::numeric_limits<double>::infinity());
  if (text == "-Infinity") return Value(-std::numeric_limits<double>::infinity());
  bool integer = false;
  if (!is_json_number(text, integer))
    return fail(no_number(ErrorCode::kInvalidArgument, text, "is not a number"));
  const char* const end = text.data() + text.size();
  double number = 0;
  if (std::from_chars(text.data(), end, number).ec != std::errc())
    return fail(no_number(ErrorCode::kTypeMismatch, text, "is beyond what a double can hold"));
  if (!integer || number == 0) return Value(number);
  std::int64_t whole = 0;
  if (std::from_chars(text.data(), end, whole).ec == std::errc()) {
    Result<Value> exact = convert_exact(Value(whole), ValueType::kDouble);
    return exact ? std::move(*exact) : Value(whole);
  }
  char digits[512];  // the largest double has 309
  std::snprintf(digits, sizeof digits, "%.0f", number);
  if (text == digits) return Value(number);
  return fail(no_number(ErrorCode::kTypeMismatch, text,
                        "is an integer that neither int64 nor double holds exactly"));
}

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = at + text.size();
  while (at < end) {
    const unsigned lead = *at++;
    if (lead < 0x80) continue;
    int more = 0;
    std::uint32_t point = 0, least = 0;
    if ((lead & 0xE0) == 0xC0) {
      more = 1, point = lead & 0x1F, least = 0x80;
    } else if ((lead & 0xF0) == 0xE0) {
      more = 2, point = lead & 0x0F, least = 0x800;
    } else if ((lead & 0xF8) == 0xF0) {
      more = 3, point = lead & 0x07, least = 0x10000;
    } else {
      return false;
    }
    if (end - at < more) return false;
    for (; more > 0; --more, ++at) {
      if ((*at & 0xC0) != 0x80) return false;
      point = (point << 6) | (*at & 0x3F);
    }
    if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
  }
  return true;
}

}  // namespace tundish
