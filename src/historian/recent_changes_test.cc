#include "historian/recent_changes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace tundish::historian {
namespace {

constexpr TagId kTag{EnterpriseId(1), 7};

std::string text(const ChangeSet& changes) {
  std::string all;
  for (const Change& change : changes.sorted())
    all += fmt::format("{}:{}-{} ", change.tag.number, change.from / kSecond, change.to / kSecond);
  return all;
}

void add(ChangeSet& changes, TimeNs from_s, TimeNs to_s) {
  changes.add(kTag, from_s * kSecond, to_s * kSecond);
}

TEST(ChangeSet, NeighboursAreOneRangeAndALateSampleIsOneOfItsOwn) {
  ChangeSet changes;
  for (TimeNs second = 100'000; second < 100'010; ++second) add(changes, second, second);
  add(changes, 1'000, 1'000);
  EXPECT_EQ(text(changes), "7:1000-1000 7:100000-100009 ");
  add(changes, 1'060, 1'060);  // within a minute: close
  add(changes, 939, 939);      // beyond
  EXPECT_EQ(text(changes), "7:939-939 7:1000-1060 7:100000-100009 ");
  add(changes, 970, 970);  // close to both of them
  EXPECT_EQ(text(changes), "7:939-1060 7:100000-100009 ");
  add(changes, 0, 200'000);
  EXPECT_EQ(text(changes), "7:0-200000 ");
}

TEST(ChangeSet, TheClosestBecomeOneWhenThereAreTooMany) {
  ChangeSet changes;
  for (const TimeNs second : {0, 1'000, 5'000, 5'500, 9'000}) add(changes, second, second);
  EXPECT_EQ(text(changes), "7:0-0 7:1000-1000 7:5000-5500 7:9000-9000 ");
}

TEST(ChangeSet, HoldsTheEndsOfTime) {
  ChangeSet changes;
  changes.add(kTag, kTimeMin, kTimeMin);
  changes.add(kTag, kTimeMax, kTimeMax);
  changes.add(kTag, 0, 0);
  EXPECT_EQ(changes.sorted().size(), 3u);
  changes.add(kTag, kTimeMin, kTimeMax);
  ASSERT_EQ(changes.sorted().size(), 1u);
  EXPECT_EQ(changes.sorted()[0].from, kTimeMin);
  EXPECT_EQ(changes.sorted()[0].to, kTimeMax);
}

TEST(ChangeSet, CoversAllThatWasAddedInOrderAndApart) {
  std::mt19937_64 random(42);
  for (int round = 0; round < 2'000; ++round) {
    ChangeSet changes;
    std::vector<std::pair<TimeNs, TimeNs>> added;
    const TimeNs span = kSecond << (random() % 30);
    for (std::size_t i = 0, count = 1 + random() % 12; i < count; ++i) {
      const TimeNs from = static_cast<TimeNs>(random() % static_cast<std::uint64_t>(span));
      const TimeNs to = from + static_cast<TimeNs>(random() % static_cast<std::uint64_t>(kMinute));
      added.emplace_back(from, to);
      changes.add(kTag, from, to);
    }
    const auto ranges = changes.sorted();
    ASSERT_LE(ranges.size(), ChangeSet::kRangesMax);
    for (const auto& [from, to] : added)
      EXPECT_EQ(std::ranges::count_if(
                    ranges, [&](const Change& c) { return c.from <= from && to <= c.to; }),
                1);
    for (std::size_t i = 1; i < ranges.size(); ++i)
      EXPECT_GT(ranges[i].from - ranges[i - 1].to, ChangeSet::kApart);
  }
}

}  // namespace
}  // namespace tundish::historian
