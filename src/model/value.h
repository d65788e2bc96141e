#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace tundish {

/// The type of a tag's values, fixed per tag. The numbers are on disk: never change one.
enum class ValueType : std::uint8_t { kDouble = 0, kInt64 = 1, kBool = 2, kString = 3 };

inline constexpr std::size_t kStringBytesMax = 4096;

std::string_view value_type_name(ValueType type);  ///< `double`, `int64`, `bool`, `string`
std::optional<ValueType> parse_value_type(std::string_view name);

/// One value. Order of the alternatives is that of ValueType.
using Value = std::variant<double, std::int64_t, bool, std::string>;

inline ValueType type_of(const Value& value) { return static_cast<ValueType>(value.index()); }

/// Equal type and equal bits: NaN equals the same NaN, 0.0 differs from -0.0.
bool same_bits(const Value& a, const Value& b);

/// `value` as `type`, if every bit of its meaning survives: 3.0 <-> 3, true <-> 1, an int64 beyond
/// 2^53 that a double can hold, numbers written in a string never. Errors: kTypeMismatch.
Result<Value> convert_exact(const Value& value, ValueType type);

/// A number as text: JSON's syntax, and `NaN`, `Infinity`, `-Infinity`. An integer becomes a double
/// where that is exact (`-0` is -0.0), else an int64; the rest is the nearest double.
/// Errors: kInvalidArgument when it is not spelt like a number; kTypeMismatch when neither type holds
/// it (an integer beyond 64 bits, 1e999).
Result<Value> parse_number(std::string_view text);

/// The 64 bits a column holds for double, int64 and bool.
inline std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }
inline std::uint64_t bits_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }
inline std::uint64_t bits_of(bool value) { return value ? 1 : 0; }
inline double double_of(std::uint64_t bits) { return std::bit_cast<double>(bits); }

/// True for well-formed UTF-8 (no surrogates, no overlong forms, up to U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace tundish
