#include "compute/interval_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace tundish::compute {
namespace {

const EnterpriseId kOurs(1), kOthers(2);
const AssetId kMill(7);

class IntervalStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = ::testing::TempDir() + "intervals_XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    open();
  }
  void TearDown() override {
    store_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    store_.reset();
    database_.reset();
    auto database = io::sqlite::Database::open(folder_ + "/meta.db");
    ASSERT_TRUE(database) << database.error().to_string();
    database_ = *std::move(database);
    auto store = IntervalStore::open(*database_);
    ASSERT_TRUE(store) << store.error().to_string();
    store_ = *std::move(store);
  }
  void replace(std::vector<TimeRange> stops) {
    std::vector<Interval> found;
    for (const TimeRange& stop : stops) {
      Interval interval;
      interval.from = stop.from;
      interval.to = stop.to;
      found.push_back(interval);
    }
    ASSERT_TRUE(store_->replace(kOurs, kMill, "stop", {0, 1000}, std::move(found)));
  }
  std::vector<Interval> all() const {
    return store_->intervals(kOurs, kMill, "stop", {0, 1000}, 100);
  }

  std::string folder_;
  std::unique_ptr<io::sqlite::Database> database_;
  std::unique_ptr<IntervalStore> store_;
};

TEST_F(IntervalStoreTest, AReasonStaysWithTheIntervalThatGoesOnAsTheSame) {
  replace({{100, 200}, {300, 400}});
  const auto id = all()[0].id;
  ASSERT_TRUE(store_->set_reason(kOurs, id, {1, "user:an", "P01", true, ""}));
  ASSERT_TRUE(store_->set_reason(kOurs, id, {2, "user:bo", "M01", false, "bearing"}));
  replace({{120, 260}, {300, 400}});
  open();  // and over a start
  ASSERT_EQ(all().size(), 2u);
  EXPECT_EQ(all()[0].id, id);
  EXPECT_EQ(all()[0].to, 260);
  ASSERT_TRUE(all()[0].reason);
  EXPECT_EQ(all()[0].reason->code, "M01");
  EXPECT_EQ(all()[0].reason->who, "user:bo");
  EXPECT_FALSE(all()[0].reason->planned);
  EXPECT_FALSE(all()[1].reason);
  const auto told = store_->reasons(kOurs, id);
  ASSERT_TRUE(told);
  ASSERT_EQ(told->size(), 2u);
  EXPECT_EQ((*told)[0].code, "P01");

  // Taken back, which is told as well.
  ASSERT_TRUE(store_->set_reason(kOurs, id, {3, "user:bo", "", false, "wrong one"}));
  open();
  EXPECT_FALSE(all()[0].reason);
  EXPECT_EQ(store_->reasons(kOurs, id)->size(), 3u);
}

TEST_F(IntervalStoreTest, OneWithAReasonIsWithdrawnWhereOthersAreRemoved) {
  replace({{100, 200}, {300, 400}});
  const auto id = all()[0].id;
  ASSERT_TRUE(store_->set_reason(kOurs, id, {1, "user:an", "M01", false, ""}));
  replace({});
  ASSERT_EQ(all().size(), 1u);
  EXPECT_TRUE(all()[0].is_withdrawn);
  replace({{150, 190}});
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(all()[0].id, id);
  EXPECT_FALSE(all()[0].is_withdrawn);
  EXPECT_EQ(all()[0].reason->code, "M01");
}

TEST_F(IntervalStoreTest, WhatIsNotOursOrTooLongIsRefused) {
  replace({{100, 200}});
  const auto id = all()[0].id;
  EXPECT_EQ(store_->set_reason(kOthers, id, {1, "x", "M01", false, ""}).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(store_->reasons(kOthers, id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->find(kOthers, id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(
      store_->set_reason(kOurs, id, {1, "x", "M01", false, std::string(2001, 'a')}).error().code,
      ErrorCode::kInvalidArgument);
  EXPECT_FALSE(all()[0].reason);
}

}  // namespace
}  // namespace tundish::compute
