#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "wire/definitions/definitions_json.h"

// Input: a template, or overrides, as JSON. What is read is written in a way that reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tundish::wire::JsonWriter;
  const auto json =
      tundish::wire::parse_json(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!json) return 0;
  if (const auto definition = tundish::wire::read_template(*json)) {
    std::string text;
    JsonWriter writer(text);
    tundish::wire::write_template(writer, *definition);
    const auto again = tundish::wire::parse_json(text, {.bytes_max = SIZE_MAX});
    TUNDISH_CHECK(again.has_value());
    const auto same = tundish::wire::read_template(*again);
    TUNDISH_CHECK(same && *same == *definition);
  }
  if (const auto overrides = tundish::wire::read_overrides(*json)) {
    std::string text;
    JsonWriter writer(text);
    tundish::wire::write_overrides(writer, *overrides);
    const auto again = tundish::wire::parse_json(text, {.bytes_max = SIZE_MAX});
    TUNDISH_CHECK(again.has_value());
    TUNDISH_CHECK(tundish::wire::read_overrides(*again).has_value());
  }
  return 0;
}
