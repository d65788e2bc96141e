#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "model/unit.h"

// Input: a code. What is read prints as a code that reads as the same unit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size < 200 ? size : 200);
  const auto unit = tundish::Unit::parse(text);
  if (!unit) return 0;
  const auto code = unit->code();
  if (code.size() > 128) return 0;
  const auto again = tundish::Unit::parse(code);
  TUNDISH_CHECK(again.has_value());
  TUNDISH_CHECK(again->code() == code);
  TUNDISH_CHECK(again->dimension() == unit->dimension());
  return 0;
}
