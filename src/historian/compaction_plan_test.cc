#include "historian/compaction_plan.h"

#include <gtest/gtest.h>

namespace tundish::historian {
namespace {

constexpr EnterpriseId kOne{1};
constexpr EnterpriseId kTwo{2};

PlannedBlock block(std::uint64_t samples, std::int64_t window, EnterpriseId enterprise = kOne,
                   KeepDays keep = kKeptForEver) {
  return {samples, BlockGroup{enterprise, keep, window}};
}

PlannedBlock mixed(std::uint64_t samples) { return {samples, std::nullopt}; }

using Chosen = std::vector<std::size_t>;

TEST(CompactionPlan, WindowsGrowWithTheClass) {
  EXPECT_EQ(window_of(1), kDay);
  EXPECT_EQ(window_of(90), kDay);
  EXPECT_EQ(window_of(400), 2 * kDay);
  EXPECT_EQ(window_of(1826), 8 * kDay);
  EXPECT_EQ(window_of(kKeepDaysMax), 32 * kDay);
  EXPECT_EQ(window_of(kKeptForEver), 32 * kDay);
}

TEST(CompactionPlan, EveryTimeLiesInOneWindow) {
  for (const KeepDays keep : {1u, 90u, 400u, kKeptForEver}) {
    for (const TimeNs time : {kTimeMin, kTimeMin + 1, TimeNs{-1}, TimeNs{0}, kDay - 1, kDay,
                              1'700'000'000 * kSecond, kTimeMax - 1, kTimeMax}) {
      const std::int64_t window = window_at(keep, time);
      const TimeNs end = window_end(keep, window);
      EXPECT_GE(end, time);
      EXPECT_EQ(window_at(keep, end), window);
      if (end != kTimeMax) {
        EXPECT_EQ(window_at(keep, end + 1), window + 1);
      }
    }
  }
}

TEST(CompactionPlan, MixedBlocksAreTakenApartWhenThereAreEnough) {
  EXPECT_EQ(choose_blocks(std::vector{mixed(10), mixed(10)}, 3), Chosen{});
  EXPECT_EQ(choose_blocks(std::vector{mixed(10), block(5, 1), mixed(10), mixed(7)}, 3),
            (Chosen{0, 2, 3}));
  EXPECT_EQ(choose_blocks(std::vector(kMixedEnough - 1, mixed(10)), 8), Chosen{});
  EXPECT_EQ(choose_blocks(std::vector(kMixedEnough, mixed(10)), 8), (Chosen{0, 1, 2, 3}));
}

TEST(CompactionPlan, BlocksOfAGroupAreMergedByTheirSize) {
  const std::vector blocks{block(300 << 20, 1), block(100, 1),     block(100, 2),
                           block(100, 1),       block(2 << 20, 1), block(100, 1)};
  EXPECT_EQ(choose_blocks(std::vector(blocks.begin(), blocks.begin() + 2), 3), Chosen{});
  // The newest window goes on; window 1 is over, but its three small ones are a group of their own first.
  EXPECT_EQ(choose_blocks(blocks, 3), (Chosen{1, 3, 5}));
}

TEST(CompactionPlan, EnterprisesAndClassesStayApart) {
  EXPECT_EQ(
      choose_blocks(std::vector{block(10, 1, kOne), block(10, 1, kTwo), block(10, 1, kOne, 90)}, 2),
      Chosen{});
}

TEST(CompactionPlan, AWindowThatIsOverBecomesOneBlock) {
  EXPECT_EQ(choose_blocks(std::vector{block(1000, 1), block(900, 1)}, 8), Chosen{});
  EXPECT_EQ(choose_blocks(std::vector{block(1000, 1), block(900, 1), block(10, 2)}, 8),
            (Chosen{0, 1}));
}

TEST(CompactionPlan, AFewLateRowsDoNotRewriteAWholeWindow) {
  const std::vector late{block(1'000'000, 1), block(10, 1), block(10, 2)};
  EXPECT_EQ(choose_blocks(late, 8), Chosen{});
  const std::vector more{block(1'000'000, 1), block(200'000, 1), block(10, 2)};
  EXPECT_EQ(choose_blocks(more, 8), (Chosen{0, 1}));
}

TEST(CompactionPlan, WhoAsksForTidinessGetsOneBlockOfWhatIsNotMuch) {
  const std::vector blocks{block(35'000'000, 1), block(500'000, 1), block(9, 1, kTwo)};
  EXPECT_EQ(choose_blocks(blocks, 8), Chosen{});
  EXPECT_EQ(choose_blocks(blocks, 8, true), (Chosen{0, 1}));
  const std::vector large{block(200'000'000, 1), block(500'000, 1)};
  EXPECT_EQ(choose_blocks(large, 8, true), Chosen{});
  EXPECT_EQ(choose_blocks(std::vector{block(10, 1)}, 8, true), Chosen{});
  EXPECT_EQ(
      choose_blocks(std::vector{block(0, kTombstoneWindow), block(0, kTombstoneWindow)}, 8, true),
      Chosen{});
}

TEST(CompactionPlan, TombstonesAreNeverOver) {
  const std::vector blocks{block(0, kTombstoneWindow), block(0, kTombstoneWindow), block(10, 2)};
  EXPECT_EQ(choose_blocks(blocks, 8), Chosen{});
  EXPECT_EQ(choose_blocks(blocks, 2), (Chosen{0, 1}));
}

/// However it starts, merging ends, and then nothing is left that is worth it.
TEST(CompactionPlan, MergingComesToAnEnd) {
  std::vector<PlannedBlock> blocks;
  for (int i = 0; i < 200; ++i) {
    blocks.push_back(i % 3 == 0 ? mixed(1000)
                                : block(1 << (i % 30), i % 7, EnterpriseId(1 + i % 3)));
    for (int merges = 0;; ++merges) {
      ASSERT_LT(merges, 100);
      const Chosen chosen = choose_blocks(blocks, 4);
      if (chosen.empty()) break;
      PlannedBlock merged = blocks[chosen.front()];
      merged.samples = 0;
      for (auto at = chosen.rbegin(); at != chosen.rend(); ++at) {
        merged.samples += blocks[*at].samples;
        blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(*at));
      }
      if (!merged.group) merged.group = BlockGroup{kOne, kKeptForEver, 3};
      blocks.push_back(merged);
    }
  }
  EXPECT_LT(blocks.size(), 90u);
}

}  // namespace
}  // namespace tundish::historian
