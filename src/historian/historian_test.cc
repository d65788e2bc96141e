#include "historian/historian.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "historian/historian_testing.h"
#include "historian/hold.h"

namespace tundish::historian {
namespace {

using testing::batch;
using testing::Folder;
using testing::kEnterprise;
using testing::Node;
using testing::Rows;
using testing::rows_of;
using testing::scan_rows;
using testing::small_options;

TEST(Historian, WhatWasAcknowledgedCanBeReadAndSurvivesAReopen) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{20, 2.0}, {10, 1.0}})));
  const Rows expected = rows_of({{10, 1.0}, {20, 2.0}});
  EXPECT_EQ(node.scan(tag), expected);
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), expected);
  ASSERT_TRUE(node->flush());
  EXPECT_EQ(node->status().blocks, 1u);
  EXPECT_EQ(node->status().head_samples, 0u);
  EXPECT_EQ(node.scan(tag), expected);
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), expected);
  EXPECT_TRUE(node->status().damage.empty());
  node.close();
  EXPECT_TRUE(folder.verify().damage.empty());
}

TEST(Historian, EveryTypeAndEveryBitPatternComesBack) {
  Folder folder;
  auto node = folder.open();
  const StreamState stream = node.open_stream("plc");
  const TagId number = node.make_tag(ValueType::kDouble);
  const TagId integer = node.make_tag(ValueType::kInt64);
  const TagId flag = node.make_tag(ValueType::kBool);
  const TagId text = node.make_tag(ValueType::kString);
  const auto nan = double_of(0x7FF8000000000123);
  ASSERT_TRUE(node.append(batch(stream, 1, number, {{1, nan}, {2, -0.0}, {3, 1e308}})));
  ASSERT_TRUE(node.append(batch(stream, 2, integer, {{1, std::int64_t{-5}}})));
  ASSERT_TRUE(node.append(batch(stream, 3, flag, {{1, true}, {2, false}})));
  ASSERT_TRUE(
      node.append(batch(stream, 4, text, {{1, std::string("Ofen <1>")}, {2, std::string()}})));
  for (int round = 0; round < 2; ++round) {
    auto snapshot = node.snapshot();
    EXPECT_TRUE(same_bits((*snapshot->at_or_after(number, 1))->value, Value(nan)));
    EXPECT_TRUE(same_bits((*snapshot->at_or_after(number, 2))->value, Value(-0.0)));
    EXPECT_EQ(scan_rows(*snapshot, integer), rows_of({{1, std::int64_t{-5}}}));
    EXPECT_EQ(scan_rows(*snapshot, flag), rows_of({{1, true}, {2, false}}));
    EXPECT_EQ(scan_rows(*snapshot, text),
              rows_of({{1, std::string("Ofen <1>")}, {2, std::string()}}));
    snapshot.reset();
    ASSERT_TRUE(node->flush());
  }
}

TEST(Historian, TheContractIsCheckedAgain) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  const auto code_of = [](const auto& result) { return result.error().code; };
  EXPECT_EQ(code_of(node.append(batch(stream, 1, {kEnterprise, 99}, {{1, 1.0}}))),
            ErrorCode::kNotFound);
  EXPECT_EQ(code_of(node.append(batch(stream, 1, {EnterpriseId(8), 1}, {{1, 1.0}}))),
            ErrorCode::kNotFound);
  EXPECT_EQ(code_of(node.append(batch(stream, 1, tag, {{1, true}}))), ErrorCode::kTypeMismatch);
  EXPECT_EQ(code_of(node.append(batch(stream, 0, tag, {{1, 1.0}}))), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(node.append(batch({9, 9, 9, 1}, 1, tag, {{1, 1.0}}))), ErrorCode::kNotFound);
  SampleBatch huge = batch(stream, 1, tag, {});
  for (int i = 0; i < 500'000; ++i) {
    huge.tags.push_back(tag.number);
    huge.rows.push_back(i, double_of(0x9E3779B97F4A7C15u * static_cast<std::uint64_t>(i + 1)),
                        kGood);
  }
  EXPECT_EQ(code_of(node.append(huge)), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of(node->erase({})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(node->find_stream(kEnterprise, "plc", "main", 2)), ErrorCode::kNotFound);
  EXPECT_TRUE(node.scan(tag).empty());
  EXPECT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.0}})));
}

TEST(Historian, ARepeatedBatchIsAnsweredWithoutWriting) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  const SampleBatch first = batch(stream, 1, tag, {{10, 1.0}});
  EXPECT_FALSE(node.append(first)->repeated);
  ASSERT_TRUE(node.append(batch(stream, 3, tag, {{30, 3.0}})));
  const auto bytes = node->status().applied;
  EXPECT_TRUE(node.append(first)->repeated);
  EXPECT_TRUE(node.append(batch(stream, 3, tag, {{30, 3.0}}))->repeated);
  EXPECT_EQ(node->status().applied, bytes);
  EXPECT_EQ(node->find_stream(kEnterprise, "plc", "main", 1)->next_sequence, 2u);
  ASSERT_TRUE(node->flush());
  node = folder.reopen(std::move(node));
  EXPECT_TRUE(node.append(first)->repeated);
  EXPECT_TRUE(node.append(batch(stream, 3, tag, {{30, 3.0}}))->repeated);
  EXPECT_FALSE(node.append(batch(stream, 2, tag, {{20, 2.0}}))->repeated);
  EXPECT_EQ(node->find_stream(kEnterprise, "plc", "main", 1)->next_sequence, 4u);
  EXPECT_EQ(node.scan(tag), rows_of({{10, 1.0}, {20, 2.0}, {30, 3.0}}));
}

TEST(Historian, EpochsGrowAndAnOldOneStaysOpen) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState old_epoch = node.open_stream("plc");
  node = folder.reopen(std::move(node));
  const StreamState new_epoch = node.open_stream("plc");
  EXPECT_EQ(new_epoch.source, old_epoch.source);
  EXPECT_EQ(new_epoch.stream, old_epoch.stream);
  EXPECT_EQ(new_epoch.epoch, old_epoch.epoch + 1);
  EXPECT_NE(node.open_stream("plc", "other").stream, old_epoch.stream);
  EXPECT_NE(node.open_stream("other").source, old_epoch.source);
  ASSERT_TRUE(node.append(batch(new_epoch, 1, tag, {{1, 2.0}})));
  ASSERT_TRUE(node.append(batch(old_epoch, 1, tag, {{1, 1.0}, {2, 1.0}})));  // late, and lesser
  EXPECT_EQ(node.scan(tag), rows_of({{1, 2.0}, {2, 1.0}}));
}

TEST(Historian, NumbersOfTagsAreHandedOutWithinAQuota) {
  Options options = small_options();
  options.tag_numbers_max = 3;
  Folder folder(options);
  auto node = folder.open();
  const std::vector<NewTagId> two(2);
  ASSERT_TRUE(node->make_tags(kEnterprise, two));
  EXPECT_EQ(node->make_tags(kEnterprise, two).error().code, ErrorCode::kQuotaExceeded);
  ASSERT_TRUE(node->make_tags(kEnterprise, std::span(two).first(1)));
  ASSERT_TRUE(node->make_tags(EnterpriseId(8), two)) << "each enterprise has its own";
}

TEST(Historian, ACorrectionWinsOverWhatIsMeasuredLater) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  SampleBatch corrected = batch(stream, 1, tag, {{1, 5.0}});
  corrected.sample_class = SampleClass::kCorrected;
  SampleBatch synthetic = batch(stream, 2, tag, {{1, 0.0}, {2, 0.0}});
  synthetic.sample_class = SampleClass::kSynthetic;
  ASSERT_TRUE(node.append(corrected));
  ASSERT_TRUE(node.append(synthetic));
  ASSERT_TRUE(node->flush());
  ASSERT_TRUE(node.append(batch(stream, 3, tag, {{1, 9.0}, {2, 9.0}})));
  EXPECT_EQ(node.scan(tag), rows_of({{1, 5.0}, {2, 9.0}}));
  ASSERT_TRUE(node->flush());
  EXPECT_EQ(node.scan(tag), rows_of({{1, 5.0}, {2, 9.0}}));
}

TEST(Historian, ARetypeStartsANewSeriesUnderTheTag) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.5}, {3, 3.5}})));
  ASSERT_TRUE(node->retype_tag(tag, ValueType::kString));
  EXPECT_FALSE(node.append(batch(stream, 2, tag, {{4, 4.5}})));
  EXPECT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.5}, {3, 3.5}}))->repeated);
  ASSERT_TRUE(node.append(batch(stream, 2, tag, {{2, std::string("b")}, {4, std::string("d")}})));
  const Rows expected = rows_of({{1, 1.5}, {2, std::string("b")}, {3, 3.5}, {4, std::string("d")}});
  EXPECT_EQ(node.scan(tag), expected);
  ASSERT_TRUE(node->flush());
  EXPECT_EQ(node.scan(tag), expected);
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), expected);
  EXPECT_EQ(*node->tag_type(tag), ValueType::kString);
  EXPECT_EQ(testing::row_text(**node.snapshot()->latest(tag)), expected.back());
}

TEST(Historian, WhatIsErasedStaysErasedForRepeatsAndComesBackForLaterWrites) {
  for (const bool flush_between : {false, true}) {
    Folder folder;
    auto node = folder.open();
    const TagId tag = node.make_tag(ValueType::kDouble);
    const StreamState stream = node.open_stream("plc");
    const SampleBatch original = batch(stream, 1, tag, {{1, 1.0}, {2, 2.0}, {3, 3.0}});
    ASSERT_TRUE(node.append(original));
    if (flush_between) {
      ASSERT_TRUE(node->flush());
    }
    const Version before_three = batch(stream, 3, tag, {{0, 0.0}}).version(0);
    ASSERT_TRUE(node->erase({{tag, {2, 4}, before_three}}));
    EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}}));
    EXPECT_EQ((*node.snapshot()->latest(tag))->time, 1);
    if (flush_between) {
      ASSERT_TRUE(node->flush());
    }
    ASSERT_TRUE(node.append(batch(stream, 2, tag, {{2, 9.0}})));  // late, and covered
    EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}}));
    ASSERT_TRUE(node.append(batch(stream, 3, tag, {{3, 7.0}})));
    EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}, {3, 7.0}}));
    node = folder.reopen(std::move(node));
    EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}, {3, 7.0}}));
    ASSERT_TRUE(node->flush());
    node = folder.reopen(std::move(node));
    EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}, {3, 7.0}}));
  }
}

TEST(Historian, WhatIsInBlocksLeavesTheJournal) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  std::uint64_t sequence = 0;
  std::vector<std::pair<TimeNs, Value>> all;
  for (int i = 0; i < 60; ++i) {
    std::vector<std::pair<TimeNs, Value>> some;
    for (int k = 0; k < 400; ++k) some.emplace_back(400 * i + k, 1.0 / (400 * i + k + 1));
    all.insert(all.end(), some.begin(), some.end());
    ASSERT_TRUE(node.append(batch(stream, ++sequence, tag, some)));
    ASSERT_TRUE(node->maintain());
  }
  const auto segments = [&] {
    const auto names = folder.disk().list("journal");
    std::size_t count = 0;
    for (const auto& name : *names) count += name.ends_with(".jnl") ? 1 : 0;
    return count;
  };
  ASSERT_GT(segments(), 2u);
  ASSERT_TRUE(node->flush());
  EXPECT_GT(segments(), 2u) << "the manifest before needs them";
  ASSERT_TRUE(node->maintain());
  EXPECT_EQ(segments(), 1u);
  // The manifest before still does without the one in force.
  node.close();
  ASSERT_TRUE(folder.disk().remove("manifest"));
  node = folder.open();
  EXPECT_EQ(node.scan(tag), rows_of(all));
}

TEST(Historian, ASnapshotSeesOneStateWhateverHappensAfterIt) {
  Options options = small_options();
  options.blocks_before_compaction = 2;
  Folder folder(options);
  auto node = folder.open();
  const TagId a = node.make_tag(ValueType::kDouble);
  const TagId b = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, a, {{1, 1.0}})));
  ASSERT_TRUE(node->flush());
  ASSERT_TRUE(node.append(batch(stream, 2, a, {{2, 2.0}})));
  auto snapshot = node.snapshot();
  const Rows expected = rows_of({{1, 1.0}, {2, 2.0}});
  EXPECT_EQ(scan_rows(*snapshot, a), expected);
  ASSERT_TRUE(node.append(batch(stream, 3, a, {{1, 10.0}, {3, 3.0}})));
  ASSERT_TRUE(node.append(batch(stream, 4, b, {{1, 1.0}})));
  ASSERT_TRUE(node->erase({{a, {}, Version{SampleClass::kCorrected, 255, 0, 0, 0, 0, 0}}}));
  EXPECT_EQ(scan_rows(*snapshot, a), expected);
  ASSERT_TRUE(node->flush());
  EXPECT_EQ(scan_rows(*snapshot, a), expected);
  EXPECT_TRUE(scan_rows(*snapshot, b).empty());
  EXPECT_TRUE(*node->compact());
  ASSERT_TRUE(node.append(batch(stream, 5, b, {{2, 2.0}})));
  ASSERT_TRUE(node->flush());
  ASSERT_TRUE(node->flush());
  EXPECT_EQ(scan_rows(*snapshot, a), expected);
  EXPECT_EQ((*snapshot->latest(a))->time, 2);
  EXPECT_TRUE(scan_rows(*snapshot, b).empty());
  EXPECT_TRUE(node.scan(a).empty());
  EXPECT_EQ(node.scan(b), rows_of({{1, 1.0}, {2, 2.0}}));
}

/// Somebody asks for a flush: in the end there is one block, and a journal with nothing in it.
TEST(Historian, AFlushByHandLeavesOneBlockAndAnEmptyJournal) {
  Options options = small_options();
  options.segment_bytes = 1 << 20;
  Folder folder(options);
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  std::vector<std::pair<TimeNs, Value>> all;
  std::uint64_t sequence = 0;
  const auto append = [&](std::size_t count) {
    std::vector<std::pair<TimeNs, Value>> rows;
    for (std::size_t i = 0; i < count; ++i)
      rows.emplace_back(static_cast<TimeNs>(all.size() + i) * 1'000'003,
                        std::sin(static_cast<double>(all.size() + i)));
    all.insert(all.end(), rows.begin(), rows.end());
    ASSERT_TRUE(node.append(batch(stream, ++sequence, tag, rows)));
  };
  for (int i = 0; i < 3; ++i) {
    append(10'000);
    ASSERT_TRUE(node->flush());
  }
  const auto blocks = [&] { return folder.disk().list("blocks")->size(); };
  const auto journal = [&] { return *folder.disk().list("journal"); };
  ASSERT_EQ(blocks(), 3u);
  const auto before = journal();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(node->maintain());
  EXPECT_EQ(blocks(), 1u);
  ASSERT_EQ(journal().size(), 1u);
  EXPECT_EQ(std::ranges::count(before, journal().front()), 0);
  EXPECT_EQ(node.scan(tag), rows_of(all));
  // Nothing is left to do, and what comes now comes as before.
  const auto after = journal();
  ASSERT_TRUE(node->maintain());
  EXPECT_EQ(journal(), after);
  append(10);
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), rows_of(all));
  node.close();
  EXPECT_TRUE(folder.verify().damage.empty());
}

/// `value class`, with `*` for what is to be seen and `x` for what is erased; newest first.
Rows versions_of(Node& node, TagId tag, TimeRange range = {}, std::size_t limit = 100) {
  std::vector<SampleVersion> found;
  const auto all = node.snapshot()->history(tag, range, limit, found);
  EXPECT_TRUE(all) << all.error().to_string();
  Rows rows;
  for (const SampleVersion& one : found)
    rows.push_back(fmt::format("{} {}{}{}", testing::row_text(one.sample),
                               static_cast<int>(one.version.sample_class),
                               one.is_current ? "*" : "", one.is_erased ? "x" : ""));
  if (all && !*all) rows.push_back("more");
  return rows;
}
TEST(Historian, WhatWasCorrectedStaysReadableThroughFlushCompactionAndRestart) {
  Options options = small_options();
  options.blocks_before_compaction = 2;
  Folder folder(options);
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState plc = node.open_stream("plc");
  const StreamState desk = node.open_stream("entry", "entries");
  EXPECT_EQ(node->source_name(kEnterprise, desk.source), "entry");
  EXPECT_EQ(node->source_name(kEnterprise, 99), "");
  EXPECT_EQ(node->source_name(EnterpriseId(99), 1), "");
  const auto correct = [&](std::uint64_t sequence, double value) {
    SampleBatch made = batch(desk, sequence, tag, {{2, value}});
    made.sample_class = SampleClass::kCorrected;
    ASSERT_TRUE(node.append(std::move(made)));
  };
  ASSERT_TRUE(node.append(batch(plc, 1, tag, {{1, 1.0}, {2, 2.0}, {3, 3.0}})));
  ASSERT_TRUE(node->flush());
  correct(1, 20.0);
  ASSERT_TRUE(node->flush());
  ASSERT_TRUE(*node->compact());
  // A repeat of what was measured, and a later measurement: neither is seen, the later one is kept.
  ASSERT_TRUE(node.append(batch(plc, 2, tag, {{2, 2.5}})));
  correct(2, 21.0);
  const Rows expected = {"3=3/0 1*", "2=21/0 2*", "2=20/0 2", "2=2.5/0 1", "1=1/0 1*"};
  // The measured value that lost is still in a block of its own.
  EXPECT_EQ(versions_of(node, tag).size(), expected.size() + 1);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(node->flush());
    while (*node->compact()) {
    }
    node = folder.reopen(std::move(node));
    EXPECT_EQ(versions_of(node, tag), expected);
    EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}, {2, 21.0}, {3, 3.0}}));
  }
  EXPECT_EQ(versions_of(node, tag, {2, 3}, 2), (Rows{"2=21/0 2*", "2=20/0 2", "more"}));
  EXPECT_EQ(versions_of(node, tag, {2, 3}, 3).size(), 3u);
  EXPECT_TRUE(versions_of(node, tag, {5, 4}).empty());
  EXPECT_TRUE(versions_of(node, {kEnterprise, 77}).empty());
  // A deletion covers versions; they are told, not hidden.
  ASSERT_TRUE(node->erase({{tag, {1, 3}, Version{SampleClass::kCorrected, 0, 9, 1, 1, 0, 1}}}));
  EXPECT_EQ(versions_of(node, tag, {1, 3}),
            (Rows{"2=21/0 2*", "2=20/0 2", "2=2.5/0 1x", "1=1/0 1x"}));
  EXPECT_TRUE(node->verify()->damage.empty());
}

TEST(Historian, NeighboursOfATime) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  std::vector<std::pair<TimeNs, Value>> early, late;
  for (TimeNs time = 0; time < 5000; time += 10)
    early.emplace_back(time, static_cast<double>(time));
  for (TimeNs time = 5; time < 5000; time += 10) late.emplace_back(time, static_cast<double>(time));
  ASSERT_TRUE(node.append(batch(stream, 1, tag, early)));
  ASSERT_TRUE(node->flush());
  ASSERT_TRUE(node.append(batch(stream, 2, tag, late)));
  auto snapshot = node.snapshot();
  for (TimeNs time = 0; time < 4990; time += 7) {
    EXPECT_EQ((*snapshot->at_or_before(tag, time))->time, time / 5 * 5);
    EXPECT_EQ((*snapshot->at_or_after(tag, time))->time, (time + 4) / 5 * 5);
  }
  EXPECT_EQ((*snapshot->latest(tag))->time, 4995);
  EXPECT_FALSE(*snapshot->at_or_before(tag, -1));
  EXPECT_FALSE(*snapshot->at_or_after(tag, 4996));
  EXPECT_FALSE(*snapshot->latest({kEnterprise, 77}));
  EXPECT_EQ(scan_rows(*snapshot, tag, {10, 20}), rows_of({{10, 10.0}, {15, 15.0}}));
  EXPECT_TRUE(scan_rows(*snapshot, tag, {20, 10}).empty());
}

TEST(Historian, TheOutermostTimesAreTimesToo) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{kTimeMin, 1.0}, {kTimeMax, 2.0}})));
  for (int round = 0; round < 2; ++round) {
    auto snapshot = node.snapshot();
    EXPECT_EQ((*snapshot->latest(tag))->time, kTimeMax);
    EXPECT_EQ((*snapshot->at_or_before(tag, 0))->time, kTimeMin);
    EXPECT_EQ((*snapshot->at_or_after(tag, 0))->time, kTimeMax);
    EXPECT_EQ(scan_rows(*snapshot, tag), rows_of({{kTimeMin, 1.0}}));  // to is excluded
    ASSERT_TRUE(node->flush());
  }
}

TEST(Historian, TheFeedNamesWhatChangedAndSurvives) {
  Folder folder;
  auto node = folder.open();
  const TagId a = node.make_tag(ValueType::kDouble);
  const TagId b = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  const Position start = node->head();
  ASSERT_TRUE(node.append(batch(stream, 1, a, {{5, 1.0}, {9, 1.0}})));
  const Position middle = node->head();
  ASSERT_TRUE(node.append(batch(stream, 2, b, {{7, 1.0}}), FeedCommit{"kpi", middle}));
  ASSERT_TRUE(node->erase({{a, {20, 30}, {}}}));
  const auto text = [&](Position after) {
    std::string all;
    const ChangePage page = *node->changes_after(after);
    for (const Change& change : page.changes)
      all += fmt::format("{}:{}-{} ", change.tag.number, change.from, change.to);
    return all;
  };
  EXPECT_EQ(text(start), "1:5-29 2:7-7 ");
  EXPECT_EQ(text(middle), "1:20-29 2:7-7 ");
  EXPECT_EQ(text(node->head()), "");
  EXPECT_EQ(node->changes_after(start)->through, node->head());
  EXPECT_EQ(node->committed("kpi"), middle);
  EXPECT_FALSE(node->committed("nobody"));
  EXPECT_TRUE(node->wait_after(middle, std::chrono::milliseconds(0)));
  EXPECT_FALSE(node->wait_after(node->head(), std::chrono::milliseconds(1)));

  node = folder.reopen(std::move(node));
  EXPECT_EQ(text(middle), "1:20-29 2:7-7 ");
  ASSERT_TRUE(node->flush());
  node = folder.reopen(std::move(node));
  EXPECT_EQ(text(middle), "1:5-29 2:7-7 ") << "whole chunks: wider, never narrower";
  EXPECT_EQ(text(node->head()), "");
  EXPECT_EQ(node->committed("kpi"), middle);
  // A consumer that derived nothing commits its place all the same.
  ASSERT_TRUE(node.append(SampleBatch{}, FeedCommit{"kpi", node->head()}));
  EXPECT_GT(*node->committed("kpi"), middle);
}

TEST(Historian, CompactionMergesAndRemovesWhatNoManifestNeeds) {
  Options options = small_options();
  options.blocks_before_compaction = 4;
  Folder folder(options);
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  Rows expected;
  for (std::uint64_t sequence = 1; sequence <= 9; ++sequence) {
    const auto time = static_cast<TimeNs>(sequence % 5 + 10 * sequence);
    ASSERT_TRUE(node.append(batch(stream, sequence, tag, {{time, 1.0}, {0, double(sequence)}})));
    ASSERT_TRUE(node->flush());
    ASSERT_TRUE(node->maintain());
    EXPECT_LE(node->status().blocks, 4u);
  }
  EXPECT_EQ(node.scan(tag).size(), 10u);
  EXPECT_EQ((*node.snapshot()->at_or_before(tag, 0))->value, Value(9.0));
  const auto count_blocks = [&] {
    const auto files = folder.disk().files();
    return std::count_if(files.begin(), files.end(),
                         [](const auto& name) { return name.starts_with("blocks/"); });
  };
  EXPECT_LE(count_blocks(), 8);
  EXPECT_EQ(node->status().samples_appended, 18u);
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag).size(), 10u);
  EXPECT_TRUE(node->verify()->damage.empty());
}

TEST(Historian, WhatIsHeldStaysUntilNobodyHoldsIt) {
  Options options = small_options();
  options.blocks_before_compaction = 3;
  Folder folder(options);
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  std::uint64_t sequence = 0;
  const auto add = [&](bool flush) {
    ++sequence;
    ASSERT_TRUE(node.append(batch(stream, sequence, tag, {{static_cast<TimeNs>(sequence), 1.0}})));
    if (!flush) return;
    ASSERT_TRUE(node->flush().has_value());
  };
  add(true);
  add(true);
  add(false);
  auto hold = node->hold();
  const auto cut = hold->cut();
  EXPECT_EQ(cut.position, node->head());
  EXPECT_EQ(std::count_if(cut.files.begin(), cut.files.end(),
                          [](const auto& file) { return file.path.starts_with("blocks/"); }),
            2);
  const auto missing = [&] {
    return std::count_if(cut.files.begin(), cut.files.end(),
                         [&](const Hold::File& file) { return !*folder.disk().exists(file.path); });
  };
  for (int i = 0; i < 12; ++i) {
    add(true);
    ASSERT_TRUE(node->maintain().has_value());
  }
  EXPECT_EQ(missing(), 0);
  hold.reset();
  ASSERT_TRUE(node->maintain().has_value());
  EXPECT_GE(missing(), 2);
  EXPECT_TRUE(node->verify()->damage.empty());
}

TEST(Historian, AFolderHasOneOwner) {
  Folder folder;
  auto node = folder.open();
  const auto second = Historian::open(folder.disk(), folder.clock(), folder.options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kInUse);
  EXPECT_EQ(verify_folder(folder.disk()).error().code, ErrorCode::kInUse);
}

TEST(Historian, AfterStopEverythingIsInBlocksAndWritesAreRefused) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.0}})));
  node->stop();
  EXPECT_EQ(node->status().head_samples, 0u);
  EXPECT_EQ(node.append(batch(stream, 2, tag, {{1, 1.0}})).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}}));
}

TEST(Historian, FlushIsDueByAgeMemoryAndJournal) {
  Options options = small_options();
  options.head_bytes_max = 100'000;
  options.journal_bytes_max = 300 << 10;
  Folder folder(options);
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  ASSERT_TRUE(node->maintain());
  const auto blocks = [&] { return node->status().blocks; };
  ASSERT_TRUE(node.append(batch(stream, 1, tag, {{1, 1.0}})));
  ASSERT_TRUE(node->maintain());
  EXPECT_EQ(blocks(), 0u);
  folder.clock().advance(11 * kMinute);
  ASSERT_TRUE(node->maintain());
  EXPECT_EQ(blocks(), 1u);
  std::uint64_t sequence = 2;
  for (; blocks() == 1 && sequence < 100; ++sequence) {
    std::vector<std::pair<TimeNs, Value>> rows;
    for (TimeNs time = 0; time < 100; ++time) rows.emplace_back(time, 1.0);
    ASSERT_TRUE(node.append(batch(stream, sequence, tag, rows)));
    ASSERT_TRUE(node->maintain());
  }
  EXPECT_LT(sequence, 60u) << "memory asked for no flush";
}

/// A segment is prepared, one in haste is put to use before it, then it.
TEST(Historian, ASegmentMadeInHasteDoesNotOvertakeThePreparedOne) {
  Options options = small_options();
  options.segment_bytes = 4096;
  Folder folder(options);
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kInt64);
  const StreamState stream = node.open_stream("plc");
  io::SeededRandom random(1);
  TimeNs time = 0;
  std::uint64_t sequence = 1;
  std::vector<std::pair<TimeNs, Value>> sent;
  const auto append = [&](std::size_t rows) {
    std::vector<std::pair<TimeNs, Value>> samples;
    for (std::size_t i = 0; i < rows; ++i)
      samples.emplace_back(time++, static_cast<std::int64_t>(random.next()));
    sent.insert(sent.end(), samples.begin(), samples.end());
    ASSERT_TRUE(node.append(batch(stream, sequence++, tag, samples)));
  };
  append(250);  // more than half of a segment
  ASSERT_TRUE(node->maintain());
  append(1000);  // more than a whole one
  append(250);
  EXPECT_TRUE(node->verify()->damage.empty());
  node = folder.reopen(std::move(node));
  EXPECT_EQ(node.scan(tag), rows_of(sent));
  EXPECT_TRUE(node->status().damage.empty());
}

}  // namespace
}  // namespace tundish::historian
