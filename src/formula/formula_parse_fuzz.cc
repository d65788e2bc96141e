#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "formula/check.h"

namespace {

using tundish::fail;
using tundish::Result;
using tundish::Unit;
using tundish::formula::Kind;
using tundish::formula::Type;

/// Names of every type, by their first letter.
class AllNames final : public tundish::formula::Names {
 public:
  Result<Type> find(std::string_view name) const override {
    switch (name[0] % 8) {
      case 0: return Type{.unit = *Unit::parse("kW")};
      case 1: return Type{.unit = *Unit::parse("Cel")};
      case 2: return Type{};
      case 3: return Type{.kind = Kind::kBool};
      case 4: return Type{.kind = Kind::kText};
      case 5: return Type{.kind = Kind::kWindow};
      case 6: return Type{.kind = Kind::kAssets};
      default: return fail(tundish::ErrorCode::kNotFound, "there is none");
    }
  }
  Result<Type> find_member(std::string_view, std::string_view name) const override {
    auto type = find(name);
    if (type) type->many = true;
    return type;
  }
};

}  // namespace

// Input: a formula. What is read is written in a way that reads as the same, and is typed throughout or
// refused at a place within it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size < 4096 ? size : 4096);
  const auto syntax = tundish::formula::parse_formula(text);
  if (!syntax) {
    (void)tundish::formula::place_of(text, syntax.error().offset.value_or(0));
    return 0;
  }
  for (std::size_t i = 0; i < syntax->nodes.size(); ++i)
    for (const auto operand : syntax->nodes[i].operands) TUNDISH_CHECK(operand < i);
  const auto checked = tundish::formula::check_formula(*syntax, AllNames());
  if (checked)
    TUNDISH_CHECK(checked->types.size() == syntax->nodes.size());
  else
    TUNDISH_CHECK(checked.error().offset.value_or(text.size()) < text.size());
  const auto written = tundish::formula::format_formula(*syntax);
  if (written.size() > tundish::formula::kTextBytesMax) return 0;
  const auto again = tundish::formula::parse_formula(written);
  TUNDISH_CHECK(again.has_value());
  TUNDISH_CHECK(tundish::formula::format_formula(*again) == written);
  return 0;
}
