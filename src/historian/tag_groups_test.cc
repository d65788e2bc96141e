#include "historian/tag_groups.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tundish::historian {
namespace {

/// The same by a map, row by row.
std::map<std::uint32_t, std::vector<std::uint32_t>> slowly(const std::vector<std::uint32_t>& tags) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> rows;
  for (std::uint32_t row = 0; row < tags.size(); ++row) rows[tags[row]].push_back(row);
  return rows;
}

void expect_grouped(const std::vector<std::uint32_t>& tags) {
  const TagGroups grouped = group_by_tag(tags);
  const auto expected = slowly(tags);
  ASSERT_EQ(grouped.groups.size(), expected.size());
  ASSERT_EQ(grouped.order.size(), tags.size());
  std::uint32_t from = 0;
  auto wanted = expected.begin();
  for (const TagGroups::Group& group : grouped.groups) {
    EXPECT_EQ(group.tag, wanted->first);
    EXPECT_EQ(group.from, from);
    const auto rows = grouped.rows(group);
    EXPECT_EQ(std::vector<std::uint32_t>(rows.begin(), rows.end()), wanted->second);
    from = group.to;
    ++wanted;
  }
}

TEST(TagGroups, OfNothingAreNone) { EXPECT_TRUE(group_by_tag({}).groups.empty()); }

TEST(TagGroups, HoldTheLeastAndTheGreatestNumber) {
  expect_grouped({7});
  expect_grouped({UINT32_MAX, 0, UINT32_MAX, 1});
  expect_grouped({UINT32_MAX, UINT32_MAX - 1, UINT32_MAX});
}

TEST(TagGroups, AreThoseOfTheSlowTwin) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    // From close together, which is counted, to far apart, which is sorted.
    const std::uint64_t spread = std::uint64_t{1} << (random() % 33);
    const std::uint64_t least = random() % ((std::uint64_t{1} << 32) - spread + 1);
    std::vector<std::uint32_t> tags(1 + random() % 500);
    for (std::uint32_t& tag : tags) tag = static_cast<std::uint32_t>(least + random() % spread);
    expect_grouped(tags);
  }
}

}  // namespace
}  // namespace tundish::historian
