#include "connect/item_table.h"

#include <gtest/gtest.h>

namespace tundish::connect {
namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecond;

/// A table of one item, and a clock for it that server and receipt share.
class ItemTableTest : public testing::Test {
 protected:
  void connect() { table_.connected(now_, wall()); }
  TimeNs wall() const { return kStart + now_; }
  void wait(DurationNs time) { now_ += time; }

  void arrive(double value, TimeNs source_time, Quality quality = kGood, bool proves = true) {
    rows_ = {};
    table_.arrived(0, {value, quality, source_time, wall(), proves}, now_, wall(), wall(), rows_);
  }
  void lose() {
    rows_ = {};
    table_.lost(wall(), rows_);
  }
  Sample row(std::size_t index) const { return rows_.columns.at(index); }

  ItemTable table_{1};
  DurationNs now_ = 0;
  Rows rows_;
};

TEST_F(ItemTableTest, AFreshValueIsOneSampleAndProvesTheItem) {
  connect();
  EXPECT_FALSE(table_.is_proven(0));
  wait(kSecond);
  arrive(1.5, wall());
  ASSERT_EQ(rows_.size(), 1u);
  EXPECT_EQ(row(0).time, wall());
  EXPECT_TRUE(table_.is_proven(0));
  EXPECT_EQ(table_.resumed(), 1u);
  wait(kSecond);
  arrive(1.5, wall() - 10 * kHour);
  EXPECT_EQ(rows_.size(), 1u) << "late data of a proven item stays as it is";
}

TEST_F(ItemTableTest, AnOldValueIsRecordedAgainWhereItWasRead) {
  connect();
  wait(kSecond);
  arrive(42, kStart - 3 * kHour);
  ASSERT_EQ(rows_.size(), 2u);
  EXPECT_EQ(row(0).time, kStart - 3 * kHour);
  EXPECT_EQ(row(1).time, wall());
  EXPECT_TRUE(same_bits(row(1).value, Value(42.0)));
}

TEST_F(ItemTableTest, ALossIsMarkedOnceAndAfterTheNewestSample) {
  connect();
  wait(kSecond);
  arrive(7, wall() + kMinute);  // the equipment's clock is ahead
  lose();
  ASSERT_EQ(rows_.size(), 1u);
  EXPECT_EQ(row(0).time, wall() + kMinute + 1);
  EXPECT_EQ(row(0).quality, kBadNoCommunication);
  EXPECT_TRUE(same_bits(row(0).value, Value(7.0)));
  lose();
  EXPECT_TRUE(rows_.empty());

  wait(kSecond);
  connect();
  arrive(7, wall() - kHour);
  ASSERT_EQ(rows_.size(), 2u);
  EXPECT_GT(row(1).time, kStart + kSecond + kMinute + 1) << "after the mark, or it would stand";
  lose();
  EXPECT_EQ(rows_.size(), 1u) << "a new outage, a new mark";
}

TEST_F(ItemTableTest, ATimeFarAheadDoesNotMoveTheMarksThere) {
  connect();
  arrive(7, wall() + 400 * kDay);  // the door refuses it
  lose();
  ASSERT_EQ(rows_.size(), 1u);
  EXPECT_LT(row(0).time, wall() + kDay);
}

TEST_F(ItemTableTest, WhatTheItemNeverFedIsNotMarked) {
  lose();
  EXPECT_TRUE(rows_.empty());
  table_.set_type(0, ValueType::kString);  // the tag exists: somebody else feeds it
  lose();
  EXPECT_TRUE(rows_.empty());
  table_.failed(0, kBadNodeIdUnknown, now_, wall(), rows_);
  EXPECT_TRUE(rows_.empty());
  table_.arrived(0, {{}, kBadNodeIdUnknown, {}, {}, false}, now_, wall(), wall(), rows_);
  EXPECT_TRUE(rows_.empty());
  EXPECT_EQ(table_.status(0, "p").status, kBadNodeIdUnknown);
  table_.set_fed(0);  // before a crash
  lose();
  ASSERT_EQ(rows_.size(), 1u);
  EXPECT_TRUE(same_bits(row(0).value, Value(std::string())));
}

TEST_F(ItemTableTest, ANodeThatIsGoneGivesOneSampleAndTakesTheProof) {
  constexpr Quality kGone = kBadNodeIdUnknown;
  connect();
  wait(kSecond);
  arrive(7, wall());
  rows_ = {};
  table_.arrived(0, {{}, kGone, {}, {}, false}, now_, wall(), wall(), rows_);
  ASSERT_EQ(rows_.size(), 1u);
  EXPECT_EQ(row(0).quality, kGone);
  EXPECT_TRUE(same_bits(row(0).value, Value(7.0)));
  EXPECT_EQ(table_.resumed(), 0u);
  rows_ = {};
  table_.arrived(0, {{}, kGone, {}, {}, false}, now_, wall(), wall(), rows_);
  EXPECT_TRUE(rows_.empty());
  EXPECT_EQ(table_.status(0, "p").status, kGone);
  wait(kSecond);
  arrive(7, kStart);
  EXPECT_EQ(rows_.size(), 2u) << "back, unchanged: recorded where it was read";
}

TEST_F(ItemTableTest, ABadReadingOfTheEquipmentIsDataAndProvesTheItem) {
  constexpr Quality kSensorFailure{0x808C0000};
  connect();
  wait(kSecond);
  arrive(0, wall(), kSensorFailure);
  ASSERT_EQ(rows_.size(), 1u);
  EXPECT_EQ(row(0).quality, kSensorFailure);
  EXPECT_TRUE(table_.is_proven(0));
}

TEST_F(ItemTableTest, AGoodReadingWithoutAValueIsNoGoodSample) {
  connect();
  wait(kSecond);
  arrive(3, wall());
  rows_ = {};
  table_.arrived(0, {{}, kGood, wall(), wall(), true}, now_, wall(), wall(), rows_);
  ASSERT_EQ(rows_.size(), 1u);
  EXPECT_EQ(row(0).quality, kBadNoData);
}

TEST_F(ItemTableTest, TimesComeFromTheSourceElseTheServerElseTheReceipt) {
  connect();
  wait(kMinute);
  rows_ = {};
  table_.arrived(0, {1.0, kGood, wall() - 3, wall() - 2, true}, now_, wall(), wall(), rows_);
  table_.arrived(0, {1.0, kGood, {}, wall() - 2, true}, now_, wall(), wall(), rows_);
  table_.arrived(0, {1.0, kGood, {}, {}, true}, now_, wall(), wall(), rows_);
  EXPECT_EQ(rows_.columns.times, (std::vector<TimeNs>{wall() - 3, wall() - 2, wall()}));
}

TEST_F(ItemTableTest, SilenceIsPerItemAndAskedOnce) {
  ItemTable table(2);
  table.connected(0, kStart);
  Rows rows;
  table.arrived(1, {1.0, kGood, {}, {}, true}, 20 * kSecond, kStart, kStart, rows);
  EXPECT_EQ(table.unproven(21 * kSecond), std::vector<std::uint32_t>{0});
  EXPECT_TRUE(table.silent(40 * kSecond, 30 * kSecond).empty());
  EXPECT_EQ(table.silent(50 * kSecond, 30 * kSecond), std::vector<std::uint32_t>{1});
  EXPECT_EQ(table.silent(52 * kSecond, 30 * kSecond), std::vector<std::uint32_t>{0});
  EXPECT_TRUE(table.silent(53 * kSecond, 30 * kSecond).empty());
}

}  // namespace
}  // namespace tundish::connect
