#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "model/value.h"

namespace tundish::wire {

/// Appends JSON to a string, left to right, without building a tree. Commas are put by the writer;
/// that each `begin_` has its `end_` and each member its key is the caller's care (checked in the
/// tests of whoever writes). The output is always well-formed UTF-8: bytes that are not become U+FFFD.
///
/// Numbers: a double is the shortest text that reads back as the same bits (-0.0 included); NaN and
/// infinities are the strings "NaN", "Infinity", "-Infinity"; an integer beyond +-2^53 is a string of
/// digits, because readers in other languages would round it.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name);

  JsonWriter& null();
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(double number);
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  JsonWriter& value(T number) {
    if constexpr (std::signed_integral<T>)
      return integer(static_cast<std::int64_t>(number));
    else
      return unsigned_integer(static_cast<std::uint64_t>(number));
  }
  /// A sample's value, by its type.
  JsonWriter& value(const Value& any);

  /// `"2026-11-23T08:15:00.25Z"`.
  JsonWriter& time(TimeNs at);
  /// `"1700000000000000000"`: nanoseconds as a string, because they are beyond 2^53.
  JsonWriter& nanoseconds(TimeNs at);
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  /// `key(name)` and `value(what)`.
  template <class T>
  JsonWriter& member(std::string_view name, T&& what) {
    key(name);
    return value(std::forward<T>(what));
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& integer(std::int64_t number);
  JsonWriter& unsigned_integer(std::uint64_t number);
  void begin_value();

  std::string& out_;
  bool comma_ = false;  ///< a value stands before, at this level
};

/// `text` as a JSON string with its quotes, appended to `out`.
void append_json_string(std::string& out, std::string_view text);

/// `number` as JSON, as JsonWriter writes it, appended to `out`.
void append_json_number(std::string& out, double number);

}  // namespace tundish::wire
