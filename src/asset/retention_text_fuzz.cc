#include <cstddef>
#include <cstdint>
#include <string_view>

#include "asset/retention_text.h"
#include "base/check.h"

// Input: retention rules. What is read, written a line each, reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  const auto rules = asset::read_retention({reinterpret_cast<const char*>(data), size});
  if (!rules) {
    TUNDISH_CHECK(!rules.error().message.empty() && !rules.error().where.empty());
    return 0;
  }
  std::string text;
  for (const RetentionRule& rule : *rules)
    text += rule.subject + ": " + asset::keep_text(rule.keep) + "\n";
  if (text.size() > asset::kRetentionBytesMax) return 0;
  const auto again = asset::read_retention(text);
  TUNDISH_CHECK(again && again->size() == rules->size());
  for (std::size_t i = 0; i < again->size(); ++i)
    TUNDISH_CHECK((*again)[i].keep == (*rules)[i].keep &&
                  (*again)[i].subject == (*rules)[i].subject);
  return 0;
}
