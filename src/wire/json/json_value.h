#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tundish::wire {

/// A small JSON document as a tree: settings, queries, one request. Bodies of many samples have
/// readers of their own (wire/samples) that build no tree.
class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  using Member = std::pair<std::string, JsonValue>;
  using Object = std::vector<Member>;  ///< in the order written; keys are distinct

  JsonValue() = default;
  template <class T>
    requires(!std::same_as<std::remove_cvref_t<T>, JsonValue>)
  explicit JsonValue(T&& value) : value_(std::forward<T>(value)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  // What it is, or null when it is something else.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  /// A number without fraction or exponent that fits.
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  /// Any number; an integer beyond 2^53 is rounded.
  std::optional<double> number() const;

  /// The member of that name; null when there is none or this is not an object.
  const JsonValue* find(std::string_view key) const;

  /// `null`, `true or false`, `an integer`, `a number`, `a string`, `an array`, `an object`: for messages.
  std::string_view kind() const;

  bool operator==(const JsonValue&) const = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_;
};

struct JsonLimits {
  std::size_t bytes_max = 1 << 20;
  std::size_t depth_max = 32;        ///< nested arrays and objects; at most 256
  std::size_t values_max = 100'000;  ///< values of every kind in the whole document
};

/// The whole of `text` as one JSON value. An integer beyond 64 bits becomes a double. Time is linear
/// in the text but for sorting the keys of each object.
/// Errors: kTooLarge for a limit; kInvalidArgument for anything that is not JSON, a name twice in
/// one object, or text that is not UTF-8; `offset` is the byte where it went wrong.
Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits = {});

/// A member of an object as a C++ type: bool, std::int64_t, double, std::string, JsonValue::Array or
/// JsonValue::Object. Absent and null are both nothing.
/// Errors: kInvalidArgument with the member's name in `where` when it is of another kind.
template <class T>
Result<std::optional<T>> optional_member(const JsonValue& object, std::string_view key);

/// The same for a member that must be there.
template <class T>
Result<T> required_member(const JsonValue& object, std::string_view key);

/// kInvalidArgument unless `value` is an object with no member but these: a misspelt name is told
/// to the caller instead of being ignored.
Status check_members(const JsonValue& value, std::initializer_list<std::string_view> names);

}  // namespace tundish::wire
