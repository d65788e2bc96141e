#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace {

void write(tundish::wire::JsonWriter& json, const tundish::wire::JsonValue& value) {
  if (const auto* array = value.array()) {
    json.begin_array();
    for (const auto& element : *array) write(json, element);
    json.end_array();
  } else if (const auto* object = value.object()) {
    json.begin_object();
    for (const auto& [name, member] : *object) write(json.key(name), member);
    json.end_object();
  } else if (const auto* text = value.string()) {
    json.value(*text);
  } else if (const auto* flag = value.boolean()) {
    json.value(*flag);
  } else if (const auto number = value.number()) {
    json.value(*number);
  } else {
    json.null();
  }
}

}  // namespace

/// What was read can be written, and reads back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = tundish::wire::parse_json(text);
  if (!value) return 0;
  std::string out;
  tundish::wire::JsonWriter json(out);
  write(json, *value);
  if (!tundish::wire::parse_json(out, {.bytes_max = SIZE_MAX})) std::abort();
  return 0;
}
