#include "historian/tag_groups.h"

#include <algorithm>

namespace tundish::historian {
namespace {

/// A table of counters may have so many for each row, and some for the first.
constexpr std::uint64_t kCountersPerRow = 8;
constexpr std::uint64_t kCountersFree = 1024;

/// Counting sort: a counter for each number from `least` on.
TagGroups by_counting(std::span<const std::uint32_t> tags, std::uint32_t least,
                      std::size_t numbers) {
  TagGroups grouped;
  std::vector<std::uint32_t> next(numbers);
  for (const std::uint32_t tag : tags) ++next[tag - least];
  std::uint32_t from = 0;
  grouped.groups.reserve(std::min(numbers, tags.size()));
  for (std::size_t i = 0; i < numbers; ++i) {
    const std::uint32_t count = next[i];
    if (count == 0) continue;
    next[i] = from;
    grouped.groups.push_back({least + static_cast<std::uint32_t>(i), from, from + count});
    from += count;
  }
  grouped.order.resize(tags.size());
  for (std::uint32_t row = 0; row < tags.size(); ++row)
    grouped.order[next[tags[row] - least]++] = row;
  return grouped;
}

TagGroups by_sorting(std::span<const std::uint32_t> tags) {
  std::vector<std::uint64_t> keys(tags.size());
  for (std::size_t row = 0; row < tags.size(); ++row)
    keys[row] = std::uint64_t{tags[row]} << 32 | row;
  std::sort(keys.begin(), keys.end());
  TagGroups grouped;
  grouped.order.reserve(keys.size());
  for (const std::uint64_t key : keys) {
    const auto tag = static_cast<std::uint32_t>(key >> 32);
    const auto at = static_cast<std::uint32_t>(grouped.order.size());
    if (grouped.groups.empty() || grouped.groups.back().tag != tag)
      grouped.groups.push_back({tag, at, at});
    grouped.groups.back().to = at + 1;
    grouped.order.push_back(static_cast<std::uint32_t>(key));
  }
  return grouped;
}

}  // namespace

TagGroups group_by_tag(std::span<const std::uint32_t> tags) {
  if (tags.empty()) return {};
  const auto [least, most] = std::ranges::minmax(tags);
  const std::uint64_t numbers = std::uint64_t{most} - least + 1;
  return numbers <= kCountersPerRow * tags.size() + kCountersFree
             ? by_counting(tags, least, static_cast<std::size_t>(numbers))
             : by_sorting(tags);
}

}  // namespace tundish::historian
