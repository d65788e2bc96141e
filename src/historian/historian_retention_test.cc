// Retention from end to end: what a horizon takes is refused, not shown, and leaves the disk; blocks come apart by
// enterprise, class and window.

#include "historian/historian_testing.h"

namespace tundish::historian {
namespace {

using testing::batch;
using testing::Folder;
using testing::kEnterprise;
using testing::Node;
using testing::rows_of;
using testing::scan_rows;
using testing::small_options;

constexpr TimeNs kDay0 = 20'000 * kDay;

Options eager_options() {
  Options options = small_options();
  options.blocks_before_compaction = 2;
  return options;
}

std::vector<std::pair<TimeNs, Value>> days(int from, int to) {
  std::vector<std::pair<TimeNs, Value>> samples;
  for (int day = from; day < to; ++day) samples.emplace_back(kDay0 + day * kDay, double(day));
  return samples;
}

void compact_all(Node& node) {
  for (int i = 0; i < 100; ++i) {
    const auto merged = node->compact();
    ASSERT_TRUE(merged) << merged.error().to_string();
    if (!*merged) return;
  }
  FAIL() << "compaction does not come to an end";
}

TEST(Retention, WhatIsOlderThanTheHorizonIsRefusedAndNotShown) {
  Folder folder(eager_options());
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const TagId other = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, days(0, 10))));
  ASSERT_TRUE(node.append(batch(stream, 2, other, days(0, 10))));
  const auto before = node.snapshot();
  ASSERT_TRUE(node->keep_tags(kEnterprise, 7, std::span(&tag, 1)));
  EXPECT_EQ(node->kept_for(tag), 7u);
  EXPECT_EQ(node->kept_from(tag), kTimeMin);
  ASSERT_TRUE(node->advance_horizon(kEnterprise, 7, kDay0 + 3 * kDay));
  ASSERT_TRUE(node->advance_horizon(kEnterprise, 7, kDay0 + 2 * kDay));  // it only advances

  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(node->kept_from(tag), kDay0 + 3 * kDay);
    EXPECT_EQ(node.scan(tag), rows_of(days(3, 10)));
    EXPECT_EQ(node.scan(other), rows_of(days(0, 10)));
    EXPECT_FALSE(*node.snapshot()->at_or_before(tag, kDay0 + 2 * kDay));
    EXPECT_EQ((*node.snapshot()->at_or_after(tag, 0))->time, kDay0 + 3 * kDay);
    const auto late = node.append(batch(stream, 3, tag, {{kDay0 + 3 * kDay - 1, 1.0}}));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::kBeyondRetention);
    // What was stored before is a repeat still.
    EXPECT_TRUE(node.append(batch(stream, 1, tag, days(0, 10)))->repeated);
    if (round == 0) {
      EXPECT_EQ(scan_rows(*before, tag), rows_of(days(0, 10)));
    }
    ASSERT_TRUE(node->flush());
    node = folder.reopen(std::move(node));
  }
}

TEST(Retention, AWindowThatIsGoneLeavesTheDisk) {
  Folder folder(eager_options());
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node->keep_tags(kEnterprise, 5, std::span(&tag, 1)));
  ASSERT_TRUE(node.append(batch(stream, 1, tag, days(0, 5))));
  ASSERT_TRUE(node->flush());
  ASSERT_TRUE(node.append(batch(stream, 2, tag, days(2, 8))));
  ASSERT_TRUE(node->flush());
  compact_all(node);
  EXPECT_EQ(node->status().blocks, 8u);  // one a day
  ASSERT_TRUE(node->advance_horizon(kEnterprise, 5, kDay0 + 6 * kDay));
  compact_all(node);
  EXPECT_EQ(node->status().blocks, 2u);
  EXPECT_EQ(node.scan(tag), rows_of(days(6, 8)));
  ASSERT_TRUE(node->advance_horizon(kEnterprise, 5, kDay0 + 60 * kDay));
  compact_all(node);
  EXPECT_EQ(node->status().blocks, 0u);
  ASSERT_TRUE(node.append(batch(stream, 3, tag, days(60, 61))));
  ASSERT_TRUE(node->flush());  // the manifest before names them no more, so the files go
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), rows_of(days(60, 61)));
  EXPECT_EQ(folder.disk().list("blocks")->size(), 1u);
  EXPECT_TRUE(folder.reopen(std::move(node))->verify()->damage.empty());
}

TEST(Retention, ALongerClassDoesNotBringBackWhatIsGone) {
  Folder folder(eager_options());
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, days(0, 10))));
  ASSERT_TRUE(node->keep_tags(kEnterprise, 1, std::span(&tag, 1)));
  ASSERT_TRUE(node->advance_horizon(kEnterprise, 1, kDay0 + 4 * kDay));
  ASSERT_TRUE(node->keep_tags(kEnterprise, kKeptForEver, std::span(&tag, 1)));
  ASSERT_TRUE(node->advance_horizon(kEnterprise, 1, kDay0 + 8 * kDay));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(node.scan(tag), rows_of(days(4, 10)));
    ASSERT_TRUE(node->flush());
    node = folder.reopen(std::move(node));
  }
}

TEST(Retention, ADeletionOutlivesTheWindowsItCovers) {
  Folder folder(eager_options());
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node->keep_tags(kEnterprise, 5, std::span(&tag, 1)));
  ASSERT_TRUE(node.append(batch(stream, 1, tag, days(0, 8))));
  ASSERT_TRUE(node->erase(
      {{tag, {kDay0, kDay0 + 7 * kDay}, Version{SampleClass::kMeasured, 255, 0, 0, 0, 0, 0}}}));
  ASSERT_TRUE(node->flush());
  ASSERT_TRUE(node.append(batch(stream, 2, tag, days(8, 9))));
  ASSERT_TRUE(node->flush());
  compact_all(node);
  EXPECT_EQ(node.scan(tag), rows_of(days(7, 9)));
  ASSERT_TRUE(node->advance_horizon(kEnterprise, 5, kDay0 + 5 * kDay));
  compact_all(node);
  EXPECT_EQ(node.scan(tag), rows_of(days(7, 9)));
  // With the last time that it covers the deletion goes, too.
  ASSERT_TRUE(node->advance_horizon(kEnterprise, 5, kDay0 + 30 * kDay));
  compact_all(node);
  EXPECT_EQ(node->status().blocks, 0u);
}

TEST(Retention, EachEnterpriseHasBlocksOfItsOwn) {
  Folder folder(eager_options());
  auto node = folder.open();
  const TagId mine = node.make_tag(ValueType::kDouble);
  constexpr EnterpriseId kOther{9};
  const NewTagId wanted{ValueType::kDouble, "plant/tag"};
  const TagId theirs = node->make_tags(kOther, std::span(&wanted, 1))->front();
  const StreamState stream = node.open_stream("plc");
  const StreamState other = *node->open_stream(kOther, "plc", "main");
  for (std::uint64_t i = 1; i <= 2; ++i) {
    ASSERT_TRUE(node.append(batch(stream, i, mine, {{kDay0 + TimeNs(i), 1.0}})));
    ASSERT_TRUE(node.append(batch(other, i, theirs, {{kDay0 + TimeNs(i), 2.0}})));
    ASSERT_TRUE(node->flush());
  }
  EXPECT_EQ(node->status().blocks, 2u);
  compact_all(node);
  EXPECT_EQ(node->status().blocks, 2u);
  std::set<std::uint32_t> enterprises;
  const auto names = folder.disk().list("blocks");
  ASSERT_TRUE(names);
  for (const std::string& name : *names) {
    const auto block = BlockReader::open(folder.disk(), "blocks/" + name);
    ASSERT_TRUE(block);
    std::set<std::uint32_t> in_it;
    for (const ChunkRef& chunk : (*block)->all_chunks()) in_it.insert(chunk.tag.enterprise.value());
    if ((*block)->info().samples == 2 && in_it.size() == 1) enterprises.insert(*in_it.begin());
  }
  EXPECT_EQ(enterprises, (std::set<std::uint32_t>{7, 9}));
}

TEST(Retention, RefusesClassesThatDoNotExist) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  EXPECT_EQ(node->keep_tags(kEnterprise, kKeepDaysMax + 1, std::span(&tag, 1)).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(node->advance_horizon(kEnterprise, kKeptForEver, 0).error().code,
            ErrorCode::kInvalidArgument);
  const TagId unknown{kEnterprise, 4'000'000'000};
  ASSERT_TRUE(node->keep_tags(kEnterprise, 5, std::span(&unknown, 1)));
  EXPECT_EQ(node->kept_for(unknown), kKeptForEver);
}

}  // namespace
}  // namespace tundish::historian
