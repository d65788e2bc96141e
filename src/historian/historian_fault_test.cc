#include "historian/historian.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "historian/historian_testing.h"

// What a historian does when the disk fails, is full, or gives other bytes back.

namespace tundish::historian {
namespace {

using testing::batch;
using testing::Folder;
using testing::Node;
using testing::Rows;
using testing::rows_of;
using testing::scan_rows;
using testing::small_options;

TEST(HistorianFault, AFullDiskRefusesAndResumesByItself) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  folder.disk().set_capacity(folder.disk().used_bytes());
  std::uint64_t sequence = 1;
  Rows expected;
  std::optional<Error> refusal;
  for (int i = 0; i < 2000 && !refusal; ++i) {
    const auto value = double_of(0x9E3779B97F4A7C15u * sequence);
    const auto time = static_cast<TimeNs>(sequence);
    if (const auto result = node.append(batch(stream, sequence, tag, {{time, value}}))) {
      expected.push_back(testing::row_text({time, value, kGood}));
      ++sequence;
    } else {
      refusal = result.error();
    }
  }
  ASSERT_TRUE(refusal) << "the disk never got full";
  EXPECT_EQ(refusal->code, ErrorCode::kDiskFull) << refusal->to_string();
  EXPECT_GT(expected.size(), 500u) << "the space of the segment was not ours";
  EXPECT_TRUE(node->status().disk_full);
  EXPECT_EQ(node->status().refused_disk_full, 1u);
  EXPECT_EQ(node.scan(tag), expected) << "reads go on";
  EXPECT_FALSE(node->flush());
  EXPECT_EQ(node.scan(tag), expected);
  node = folder.reopen(std::move(node));  // a restart with a full disk reads as well
  EXPECT_EQ(node.scan(tag), expected);

  folder.disk().set_capacity(1 << 30);
  ASSERT_TRUE(node.append(batch(stream, sequence, tag, {{0, 0.0}})));
  EXPECT_FALSE(node->status().disk_full);
  ASSERT_TRUE(node->flush());
  EXPECT_EQ(node.scan(tag).size(), expected.size() + 1);
  EXPECT_TRUE(node->verify()->damage.empty());
}

/// Appends batches of 100 values that do not compress until one is refused, at most `batches`.
/// @return how many were taken
std::uint64_t append_until_full(Node& node, const StreamState& stream, TagId tag,
                                std::uint64_t& sequence, std::uint64_t batches) {
  for (std::uint64_t taken = 0; taken < batches; ++taken, ++sequence) {
    std::vector<std::pair<TimeNs, Value>> samples;
    for (std::uint64_t i = 0; i < 100; ++i)
      samples.emplace_back(static_cast<TimeNs>(sequence * 100 + i),
                           double_of((sequence * 100 + i) * 0x9E3779B97F4A7C15u));
    if (const auto done = node.append(batch(stream, sequence, tag, samples)); !done) {
      EXPECT_EQ(done.error().code, ErrorCode::kDiskFull) << done.error().to_string();
      return taken;
    }
  }
  return batches;
}
TEST(HistorianFault, AFullDiskIsFullOfBlocksAndNotOfJournal) {
  Folder folder;  // by size and age no flush is due for long
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  constexpr std::uint64_t kRoom = 4 << 20;
  folder.disk().set_capacity(folder.disk().used_bytes() + kRoom);
  std::uint64_t sequence = 1;
  while (append_until_full(node, stream, tag, sequence, 100'000) > 0)
    (void)node->maintain();  // as the background does once somebody was refused
  EXPECT_GT(node->status().block_bytes, kRoom * 3 / 4);
  EXPECT_LT(node->status().journal_bytes, kRoom / 8);
  EXPECT_EQ(node.scan(tag).size(), (sequence - 1) * 100);
  EXPECT_TRUE(node->verify()->damage.empty());
}

TEST(HistorianFault, TheJournalLeavesTheRoomThatAFlushNeeds) {
  Folder folder;
  folder.options().head_bytes_max = 64 << 10;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  const std::uint64_t room = folder.disk().used_bytes() + (4 << 20);
  std::uint64_t sequence = 1;
  for (int round = 0; round < 100; ++round) {
    // Somebody else's file comes and goes; whenever a flush is tried the disk is full.
    folder.disk().set_capacity(folder.disk().used_bytes());
    (void)node->maintain();
    folder.disk().set_capacity(room);
    append_until_full(node, stream, tag, sequence, 60);
  }
  ASSERT_TRUE(node->maintain());
  EXPECT_EQ(append_until_full(node, stream, tag, sequence, 10), 10u) << "full of its own journal";
  EXPECT_EQ(node.scan(tag).size(), (sequence - 1) * 100);
}

TEST(HistorianFault, ADamagedManifestFallsBackToTheOneBefore) {
  for (const bool remove : {false, true}) {
    Folder folder;
    auto node = folder.open();
    const TagId tag = node.make_tag(ValueType::kDouble);
    const StreamState stream = node.open_stream("plc");
    Rows expected;
    for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) {
      const auto time = static_cast<TimeNs>(sequence);
      ASSERT_TRUE(node.append(batch(stream, sequence, tag, {{time, 1.0}})));
      expected.push_back(testing::row_text({time, 1.0, kGood}));
      ASSERT_TRUE(node->flush());
    }
    node.close();
    if (remove) {
      ASSERT_TRUE(folder.disk().remove(kManifestPath));
    } else {
      folder.disk().flip_bit(kManifestPath, 333);
    }
    EXPECT_EQ(folder.verify().damage.size(), 1u);
    node = folder.open();
    EXPECT_EQ(node.scan(tag), expected);
    EXPECT_TRUE(node.append(batch(stream, 5, tag, {{5, 1.0}}))->repeated);
    EXPECT_FALSE(node->status().damage.empty());
    ASSERT_TRUE(node.append(batch(stream, 6, tag, {{6, 1.0}})));
    ASSERT_TRUE(node->flush());
    node.close();
    EXPECT_TRUE(folder.verify().damage.empty());
    node = folder.open();
    EXPECT_EQ(node.scan(tag).size(), 6u);
  }
}

TEST(HistorianFault, WithoutAnyManifestNothingIsTouched) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.0}})));
  ASSERT_TRUE(node->flush());
  node.close();
  folder.disk().flip_bit(kManifestPath, 100);
  folder.disk().flip_bit(kPreviousManifestPath, 100);
  const auto files = folder.disk().files().size();
  const auto opened = Historian::open(folder.disk(), folder.clock(), folder.options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorruption);
  EXPECT_GE(folder.disk().files().size(), files);
  EXPECT_EQ(folder.verify().damage.size(), 2u);
}

TEST(HistorianFault, ADamagedBlockIsReportedAndTheRestIsRead) {
  for (const bool header : {true, false}) {
    Folder folder;
    auto node = folder.open();
    const TagId tag = node.make_tag(ValueType::kDouble);
    const StreamState stream = node.open_stream("plc");
    ASSERT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.0}})));
    ASSERT_TRUE(node->flush());
    ASSERT_TRUE(node.append(batch(stream, 2, tag, {{2, 2.0}})));
    ASSERT_TRUE(node->flush());
    node.close();
    const auto files = folder.disk().files();
    const auto block = *std::find_if(files.begin(), files.end(),
                                     [](const auto& name) { return name.starts_with("blocks/"); });
    const auto bytes = folder.disk().content(block).size();
    folder.disk().flip_bit(block, header ? 5 : 8 * 100);
    node = folder.open();
    auto snapshot = node.snapshot();
    EXPECT_EQ(scan_rows(*snapshot, tag), rows_of({{2, 2.0}}));
    EXPECT_EQ(snapshot->damage().size(), 1u);
    EXPECT_FALSE(node->status().damage.empty());
    EXPECT_FALSE(node->verify()->damage.empty());
    ASSERT_TRUE(node.append(batch(stream, 3, tag, {{3, 3.0}})));
    ASSERT_TRUE(node->flush());
    ASSERT_TRUE(node->flush());
    EXPECT_EQ(folder.disk().content(block).size(), bytes) << "never deleted for being damaged";
  }
}

TEST(HistorianFault, AFailedSyncIsFatalAndAcknowledgesNothing) {
  std::string why;
  Options options = small_options();
  options.on_fatal = [&](std::string_view text) { why = text; };
  Folder folder(options);
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  folder.disk().fail_at_call(2);  // the write, then the sync
  const auto result = node.append(batch(stream, 1, tag, {{1, 1.0}}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(why.empty());
  EXPECT_EQ(node.append(batch(stream, 1, tag, {{1, 1.0}})).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(node->flush().error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(node.scan(tag).empty());
}

/// After a failed sync the kernel calls the pages clean: they read back, the next sync succeeds, and
/// they never reach the medium.
TEST(HistorianFault, WhatAFailedSyncLeftInTheCacheIsOnTheMediumBeforeItIsReliedOn) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Folder folder(small_options(), seed);
    auto node = folder.open();
    const TagId tag = node.make_tag(ValueType::kDouble);
    const StreamState stream = node.open_stream("plc");
    std::vector<std::pair<TimeNs, Value>> many;
    for (TimeNs time = 0; time < 2000; ++time)
      many.emplace_back(time,
                        double_of(0x3FF0000000000000u + 0x9E3779B97F4A7u * time % (1u << 30)));
    ASSERT_TRUE(node.append(batch(stream, 1, tag, {{5000, 1.0}})));
    folder.disk().set_fault_rates({.sync_one_in = 1});
    EXPECT_FALSE(node.append(batch(stream, 2, tag, many)));
    folder.disk().set_fault_rates({});
    node = folder.reopen(std::move(node));  // the process ended, the machine did not
    const auto again = node.append(batch(stream, 2, tag, many));
    ASSERT_TRUE(again) << again.error().to_string();
    node.close();
    folder.disk().power_cut();
    folder.disk().power_on();
    node = folder.open();
    EXPECT_EQ(node.scan(tag).size(), 2001u)
        << "seed " << seed << (again->repeated ? ": it was called a repeat" : "");
  }
}

TEST(HistorianFault, AFailedWriteRefusesOneGroupAndGoesOnInANewSegment) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.0}})));
  folder.disk().fail_at_call(1);
  EXPECT_EQ(node.append(batch(stream, 2, tag, {{2, 2.0}})).error().code, ErrorCode::kIo);
  ASSERT_TRUE(node.append(batch(stream, 2, tag, {{2, 3.0}})));
  EXPECT_TRUE(node->verify()->damage.empty());
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}, {2, 3.0}}));
  EXPECT_TRUE(node->status().damage.empty());
}

/// As after a remount for reading only: writes and changes of names fail, reads and syncs do not.
TEST(HistorianFault, ADiskThatTakesNoWritesRefusesAndLosesNothing) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.0}})));
  ASSERT_TRUE(node->flush());
  ASSERT_TRUE(node.append(batch(stream, 2, tag, {{2, 2.0}})));
  folder.disk().set_fault_rates({.write_one_in = 1, .name_one_in = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(node.append(batch(stream, 3, tag, {{3, 3.0}})).error().code, ErrorCode::kIo);
    EXPECT_FALSE(node->flush());
    (void)node->maintain();
  }
  EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}, {2, 2.0}})) << "reads go on";
  folder.disk().set_fault_rates({});
  EXPECT_FALSE(node.append(batch(stream, 3, tag, {{3, 3.0}}))->repeated);
  ASSERT_TRUE(node->flush());
  node.close();
  folder.disk().power_cut();
  folder.disk().power_on();
  node = folder.open();
  EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}, {2, 2.0}, {3, 3.0}}));
  EXPECT_TRUE(node->status().damage.empty());
}

}  // namespace
}  // namespace tundish::historian
