#include "historian/head.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tundish::historian {
namespace {

constexpr EnterpriseId kEnterprise{3};

/// What a row says, in words that compare.
struct Said {
  TimeNs time = 0;
  Version version;
  std::string what;
  auto operator<=>(const Said&) const = default;
};

Said said(const Columns& columns, std::size_t row, const Version& version) {
  const std::string value = columns.type == ValueType::kString ? std::string(columns.text_at(row))
                                                               : std::to_string(columns.bits[row]);
  return {columns.times[row], version,
          fmt::format("{} {} {}", static_cast<int>(columns.type), value, columns.qualities[row])};
}

/// Every row ever applied, in a list.
struct SlowHead {
  struct Row {
    TagId tag;
    Position position;
    Said row;
  };
  std::vector<Row> rows;

  void apply(const SampleBatch& batch, Position position) {
    for (std::size_t row = 0; row < batch.size(); ++row) {
      Columns columns;
      columns.type = batch.rows.types[row];
      columns.push_back(batch.rows.at(row));
      rows.push_back(
          {{batch.enterprise, batch.tags[row]}, position, said(columns, 0, batch.version(row))});
    }
  }
  bool is_of(const Row& row, TagId tag, TimeSpan span, Position through) const {
    return row.tag == tag && row.position <= through && row.row.time >= span.first &&
           row.row.time <= span.last;
  }
  std::vector<Said> capture(TagId tag, TimeSpan span, Position through) const {
    std::vector<Said> found;
    for (const Row& row : rows)
      if (is_of(row, tag, span, through)) found.push_back(row.row);
    std::ranges::sort(found);
    return found;
  }
};

std::vector<Said> sorted_rows(const HeadCapture& capture) {
  std::vector<Said> found;
  for (const RunPtr& run : capture.runs) {
    EXPECT_FALSE(run->empty());
    EXPECT_TRUE(is_sorted(*run));
    for (std::size_t row = 0; row < run->size(); ++row)
      found.push_back(said(run->columns, row, run->versions[row]));
  }
  std::ranges::sort(found);
  return found;
}

SampleBatch random_batch(std::mt19937_64& random, std::uint64_t sequence, TimeNs now,
                         int disorder) {
  SampleBatch batch;
  batch.enterprise = kEnterprise;
  batch.number = {1, 1, 1, sequence};
  const std::size_t count = 1 + random() % 40;
  for (std::size_t row = 0; row < count; ++row) {
    // Neighbours, and one in another page of places.
    batch.tags.push_back(random() % 8 == 0 ? 5'000 : 1 + static_cast<std::uint32_t>(random() % 3));
    const auto late =
        disorder == 0 ? 0 : static_cast<TimeNs>(random() % static_cast<unsigned>(disorder));
    const TimeNs time = now + static_cast<TimeNs>(row) - late;
    const Quality quality{random() % 9 == 0 ? 0x80000000u : 0u};
    switch (random() % 12) {
      case 0: batch.rows.push_back(time, std::string(random() % 5, 'x'), quality); break;
      case 1: batch.rows.push_back(time, true, quality); break;
      default: batch.rows.push_back(time, static_cast<double>(random() % 100), quality);
    }
    if (sequence % 2 == 0) batch.row_numbers.push_back(static_cast<std::uint32_t>(2 * row));
  }
  return batch;
}

TEST(HeadShard, GivesWhatTheSlowTwinGives) {
  std::mt19937_64 random(11);
  for (const int disorder : {0, 3, 500}) {
    HeadShard shard;
    SlowHead slow;
    constexpr std::uint64_t kBatches = 120;
    for (std::uint64_t i = 1; i <= kBatches; ++i) {
      const SampleBatch batch = random_batch(random, i, static_cast<TimeNs>(i) * 40, disorder);
      shard.apply(batch, group_by_tag(batch.tags), Position(2 * i), 0, 1);
      slow.apply(batch, Position(2 * i));
    }
    EXPECT_EQ(shard.samples(), slow.rows.size());
    EXPECT_GE(shard.bytes(), shard.samples() * sizeof(HeadRow));
    for (int question = 0; question < 300; ++question) {
      const TagId tag{kEnterprise,
                      question % 5 == 0 ? 5'000u : static_cast<std::uint32_t>(question) % 5};
      const auto first = static_cast<TimeNs>(random() % (kBatches * 44));
      const TimeSpan span = question % 7 == 0
                                ? TimeSpan{}
                                : TimeSpan{first, first + static_cast<TimeNs>(random() % 900)};
      const Position through(random() % (2 * kBatches + 2));
      HeadCapture capture;
      shard.capture(tag, span, through, capture);
      const std::vector<Said> expected = slow.capture(tag, span, through);
      ASSERT_EQ(sorted_rows(capture), expected);
      const auto before = slow.capture(tag, {kTimeMin, first - 1}, through);
      const auto newest = shard.newest_before(tag, first, through);
      ASSERT_EQ(newest.has_value(), !before.empty());
      if (newest.has_value()) {
        ASSERT_EQ(*newest, before.back().time);
      }
    }
  }
}

/// What arrives in order of time is handed out as few long runs, which need no merging.
TEST(HeadShard, WhatFollowsInTimeIsOneRun) {
  HeadShard shard;
  SampleBatch batch;
  batch.enterprise = kEnterprise;
  batch.number = {1, 1, 1, 1};
  for (TimeNs time = 0; time < 3'000; ++time) {
    batch.tags.push_back(1);
    batch.rows.push_back(time, 1.5, kGood);
  }
  shard.apply(batch, group_by_tag(batch.tags), Position(1), 0, 1);
  HeadCapture capture;
  shard.capture({kEnterprise, 1}, {100, 2'000}, Position(1), capture);
  ASSERT_EQ(capture.runs.size(), 1u);
  EXPECT_EQ(capture.runs[0]->size(), 1'901u);
}

TEST(HeadShard, HoldsAGreatNumberWithLittleMemory) {
  HeadShard shard;
  const TagId last{kEnterprise, UINT32_MAX};
  shard.apply(Tombstone{last, {0, 10}, {}}, Position(1));
  EXPECT_TRUE(shard.holds(last));
  EXPECT_FALSE(shard.holds({kEnterprise, UINT32_MAX - 1}));
  EXPECT_FALSE(shard.holds({EnterpriseId(4), UINT32_MAX}));
  EXPECT_LT(shard.bytes(), 64u << 10);
}

}  // namespace
}  // namespace tundish::historian
