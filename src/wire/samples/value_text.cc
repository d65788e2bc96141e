#include "wire/samples/value_text.h"

#include <fmt/format.h>

namespace tundish::wire {

Result<Value> value_from_text(std::string_view text, ValueType type) {
  const auto mismatch = [&](std::string_view why) {
    return fail(ErrorCode::kTypeMismatch,
                fmt::format("'{}' is not a {}{}", text.substr(0, 64), value_type_name(type), why));
  };
  switch (type) {
    case ValueType::kString: return Value(std::string(text));
    case ValueType::kBool:
      if (text == "true") return Value(true);
      if (text == "false") return Value(false);
      return mismatch("; write true or false");
    case ValueType::kDouble:
    case ValueType::kInt64: break;
  }
  const Result<Value> number = parse_number(text);
  if (!number) return mismatch("");
  Result<Value> exact = convert_exact(*number, type);
  if (!exact) return mismatch(" exactly");
  return exact;
}

bool is_spelt_like_number(std::string_view text) {
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 20 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<ValueType> type_from_text(std::string_view name) {
  if (const auto type = parse_value_type(name)) return *type;
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is no type; write double, int64, bool or string", name.substr(0, 64)));
}

}  // namespace tundish::wire
