#include "wire/json/json_value.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace tundish::wire {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kDepthCeiling = 256;  // this reader recurses: one frame a level

/// Walks the document once and visits every value, so everything in it is validated.
class TreeReader {
 public:
  TreeReader(const JsonLimits& limits, ondemand::document& document, const char* begin,
             std::size_t size)
      : limits_(limits), document_(document), begin_(begin), size_(size) {}

  Result<JsonValue> read_document() {
    bool scalar = false;
    if (const auto error = document_.is_scalar().get(scalar)) return bad(error);
    Result<JsonValue> value = scalar ? read_scalar(document_) : read_nested();
    const char* after = nullptr;
    if (value && !document_.current_location().get(after))
      return bad("there is something after the end of the value");
    return value;
  }

 private:
  Result<JsonValue> read_nested() {
    ondemand::value value;
    if (const auto error = document_.get_value().get(value)) return bad(error);
    return read(value, 1);
  }

  Result<JsonValue> read(ondemand::value value, std::size_t depth) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return bad(error);
    if (type != ondemand::json_type::array && type != ondemand::json_type::object)
      return read_scalar(value);
    if (depth > std::min(limits_.depth_max, kDepthCeiling))
      return too_large(fmt::format("it is nested more than {} deep", limits_.depth_max));
    if (++values_ > limits_.values_max)
      return too_large(fmt::format("it has more than {} values", limits_.values_max));
    return type == ondemand::json_type::array ? read_array(value, depth)
                                              : read_object(value, depth);
  }

  Result<JsonValue> read_array(ondemand::value& value, std::size_t depth) {
    ondemand::array elements;
    if (const auto error = value.get_array().get(elements)) return bad(error);
    JsonValue::Array array;
    for (auto element : elements) {
      ondemand::value next;
      if (const auto error = std::move(element).get(next)) return bad(error);
      TUNDISH_TRY(JsonValue read_element, read(next, depth + 1));
      array.push_back(std::move(read_element));
    }
    return JsonValue(std::move(array));
  }

  Result<JsonValue> read_object(ondemand::value& value, std::size_t depth) {
    ondemand::object members;
    if (const auto error = value.get_object().get(members)) return bad(error);
    JsonValue::Object object;
    for (auto member : members) {
      ondemand::field field;
      if (const auto error = std::move(member).get(field)) return bad(error);
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return bad(error);
      std::string name(key);
      TUNDISH_TRY(JsonValue read_member, read(field.value(), depth + 1));
      object.emplace_back(std::move(name), std::move(read_member));
    }
    if (const std::string* twice = name_used_twice(object))
      return bad(fmt::format("the name '{}' is there twice in one object", twice->substr(0, 64)));
    return JsonValue(std::move(object));
  }

  template <class Source>  // a value, or a document that is a scalar
  Result<JsonValue> read_scalar(Source& value) {
    if (++values_ > limits_.values_max)
      return too_large(fmt::format("it has more than {} values", limits_.values_max));
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return bad(error);
    switch (type) {
      case ondemand::json_type::string: {
        std::string_view text;
        if (const auto error = value.get_string().get(text)) return bad(error);
        return JsonValue(std::string(text));
      }
      case ondemand::json_type::boolean: {
        bool flag = false;
        if (const auto error = value.get_bool().get(flag)) return bad(error);
        return JsonValue(flag);
      }
      case ondemand::json_type::number: return read_number(value);
      default: break;
    }
    bool null = false;
    if (const auto error = value.is_null().get(null)) return bad(error);
    if (!null) return bad("there is a word that is none of true, false and null");
    return JsonValue(nullptr);
  }

  template <class Source>
  Result<JsonValue> read_number(Source& value) {
    // Kept before the number is consumed: the text of an integer that 64 bits do not hold.
    const simdjson::simdjson_result<std::string_view> raw = value.raw_json_token();
    if (raw.error()) return bad(raw.error());
    const std::string_view token = raw.value_unsafe();
    ondemand::number number;
    if (const auto error = value.get_number().get(number)) {
      const std::size_t digits_from = token.starts_with('-') ? 1 : 0;
      const std::size_t digits_end =
          std::min(token.find_first_not_of("0123456789", digits_from), token.size());
      const std::string_view rest = token.substr(digits_end);
      const bool integer = digits_end - digits_from > 18 && token[digits_from] != '0' &&
                           rest.find_first_not_of(" \t\r\n") == std::string_view::npos;
      double rounded = 0;
      if (integer &&
          std::from_chars(token.data(), token.data() + digits_end, rounded).ec == std::errc())
        return JsonValue(rounded);
      return bad(error);
    }
    if (number.is_int64()) return JsonValue(number.get_int64());
    if (number.is_uint64()) return JsonValue(static_cast<double>(number.get_uint64()));
    return JsonValue(number.get_double());
  }

  static const std::string* name_used_twice(const JsonValue::Object& object) {
    std::vector<const std::string*> names;
    names.reserve(object.size());
    for (const auto& [name, value] : object) names.push_back(&name);
    const auto by_text = [](const std::string* a, const std::string* b) { return *a < *b; };
    std::sort(names.begin(), names.end(), by_text);
    const auto equal = [](const std::string* a, const std::string* b) { return *a == *b; };
    const auto twice = std::adjacent_find(names.begin(), names.end(), equal);
    return twice == names.end() ? nullptr : *twice;
  }

  std::unexpected<Error> bad(simdjson::error_code code) const {
    return bad(simdjson::error_message(code));
  }
  std::unexpected<Error> bad(std::string_view why) const {
    Error error{
        ErrorCode::kInvalidArgument, fmt::format("This is not valid JSON: {}.", why), {}, {}};
    const char* at = nullptr;
    if (!document_.current_location().get(at) && at >= begin_ && at <= begin_ + size_) {
      error.where = "body";
      error.offset = static_cast<std::uint64_t>(at - begin_);
    }
    return fail(std::move(error));
  }
  static std::unexpected<Error> too_large(std::string why) {
    return fail(ErrorCode::kTooLarge, fmt::format("The JSON is too large: {}.", why), "body");
  }

  const JsonLimits& limits_;
  ondemand::document& document_;
  const char* begin_;
  std::size_t size_;
  std::size_t values_ = 0;
};

}  // namespace

std::optional<double> JsonValue::number() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*whole);
  if (const auto* fraction = std::get_if<double>(&value_)) return *fraction;
  return std::nullopt;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  if (const Object* members = object())
    for (const auto& [name, value] : *members)
      if (name == key) return &value;
  return nullptr;
}

std::string_view JsonValue::kind() const {
  static constexpr std::string_view kKinds[] = {
      "null", "true or false", "an integer", "a number", "a string", "an array", "an object"};
  return kKinds[value_.index()];
}

Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max)
    return fail(
        ErrorCode::kTooLarge,
        fmt::format("The JSON has {} bytes; {} are allowed.", text.size(), limits.bytes_max),
        "body");
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  if (const auto error = parser.iterate(padded).get(document))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("This is not valid JSON: {}.", simdjson::error_message(error)), "body");
  return TreeReader(limits, document, padded.data(), padded.size()).read_document();
}

namespace {

template <class T>
struct Kind;
template <>
struct Kind<bool> {
  static constexpr std::string_view kName = "true or false";
  static std::optional<bool> of(const JsonValue& v) {
    return v.boolean() ? std::optional(*v.boolean()) : std::nullopt;
  }
};
template <>
struct Kind<std::int64_t> {
  static constexpr std::string_view kName = "an integer";
  static std::optional<std::int64_t> of(const JsonValue& v) {
    return v.integer() ? std::optional(*v.integer()) : std::nullopt;
  }
};
template <>
struct Kind<double> {
  static constexpr std::string_view kName = "a number";
  static std::optional<double> of(const JsonValue& v) { return v.number(); }
};
template <>
struct Kind<std::string> {
  static constexpr std::string_view kName = "a string";
  static std::optional<std::string> of(const JsonValue& v) {
    return v.string() ? std::optional(*v.string()) : std::nullopt;
  }
};
template <>
struct Kind<JsonValue::Array> {
  static constexpr std::string_view kName = "an array";
  static std::optional<JsonValue::Array> of(const JsonValue& v) {
    return v.array() ? std::optional(*v.array()) : std::nullopt;
  }
};
template <>
struct Kind<JsonValue::Object> {
  static constexpr std::string_view kName = "an object";
  static std::optional<JsonValue::Object> of(const JsonValue& v) {
    return v.object() ? std::optional(*v.object()) : std::nullopt;
  }
};

}  // namespace

template <class T>
Result<std::optional<T>> optional_member(const JsonValue& object, std::string_view key) {
  const JsonValue* member = object.find(key);
  if (member == nullptr || member->is_null()) return std::optional<T>();
  std::optional<T> value = Kind<T>::of(*member);
  if (!value)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' must be {}, not {}.", key, Kind<T>::kName, member->kind()),
                std::string(key));
  return value;
}

template <class T>
Result<T> required_member(const JsonValue& object, std::string_view key) {
  TUNDISH_TRY(std::optional<T> value, optional_member<T>(object, key));
  if (!value)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is missing; it must be {}.", key, Kind<T>::kName),
                std::string(key));
  return std::move(*value);
}

Status check_members(const JsonValue& value, std::initializer_list<std::string_view> names) {
  const JsonValue::Object* object = value.object();
  if (object == nullptr)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("An object is expected here, not {}.", value.kind()));
  for (const auto& [name, member] : *object)
    if (std::find(names.begin(), names.end(), name) == names.end())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is not known here; known are {}.", name.substr(0, 64),
                              fmt::join(names, ", ")),
                  name.substr(0, 64));
  return {};
}

template Result<std::optional<bool>> optional_member(const JsonValue&, std::string_view);
template Result<std::optional<std::int64_t>> optional_member(const JsonValue&, std::string_view);
template Result<std::optional<double>> optional_member(const JsonValue&, std::string_view);
template Result<std::optional<std::string>> optional_member(const JsonValue&, std::string_view);
template Result<std::optional<JsonValue::Array>> optional_member(const JsonValue&,
                                                                 std::string_view);
template Result<std::optional<JsonValue::Object>> optional_member(const JsonValue&,
                                                                  std::string_view);
template Result<bool> required_member(const JsonValue&, std::string_view);
template Result<std::int64_t> required_member(const JsonValue&, std::string_view);
template Result<double> required_member(const JsonValue&, std::string_view);
template Result<std::string> required_member(const JsonValue&, std::string_view);
template Result<JsonValue::Array> required_member(const JsonValue&, std::string_view);
template Result<JsonValue::Object> required_member(const JsonValue&, std::string_view);

}  // namespace tundish::wire
