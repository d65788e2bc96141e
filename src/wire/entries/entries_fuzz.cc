#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "wire/entries/entries.h"

// Input: the first byte says which form the rest has. Whatever is read is within its limits and has a tag and a time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr tundish::TimeNs kNow = 1'795'000'000 * tundish::kSecond;
  const bool is_csv = data[0] == 'c';
  const auto body = is_csv ? tundish::wire::decode_entries_csv(text, {"e/a", "because"}, kNow)
                           : tundish::wire::decode_entries_json(text, kNow);
  if (!body) return 0;
  TUNDISH_CHECK(!body->wanted.empty());
  TUNDISH_CHECK(body->wanted.size() <= tundish::EntryBook::kEntriesMax);
  TUNDISH_CHECK(body->lines.size() == (is_csv ? body->wanted.size() : 0));
  for (const auto& refusal : body->refusals) TUNDISH_CHECK(refusal.row < body->wanted.size());
  if (!body->refusals.empty()) return 0;
  for (const auto& entry : body->wanted) TUNDISH_CHECK(!entry.tag.empty());
  return 0;
}
