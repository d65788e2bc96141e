#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "formula/syntax.h"

// Input: a formula. What is read is written in a way that reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size < 4096 ? size : 4096);
  const auto syntax = tundish::formula::parse_formula(text);
  if (!syntax) {
    (void)tundish::formula::place_of(text, syntax.error().offset.value_or(0));
    return 0;
  }
  for (std::size_t i = 0; i < syntax->nodes.size(); ++i)
    for (const auto operand : syntax->nodes[i].operands) TUNDISH_CHECK(operand < i);
  const auto written = tundish::formula::format_formula(*syntax);
  if (written.size() > tundish::formula::kTextBytesMax) return 0;
  const auto again = tundish::formula::parse_formula(written);
  TUNDISH_CHECK(again.has_value());
  TUNDISH_CHECK(tundish::formula::format_formula(*again) == written);
  return 0;
}
