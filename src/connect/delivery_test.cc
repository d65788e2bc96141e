#include "connect/delivery.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/log.h"
#include "connect/backoff.h"
#include "connect/test_memory.h"

namespace tundish::connect {
namespace {

Options small() {
  Options options;
  options.batch_rows_max = 100;
  options.queue_rows_max = 50;
  options.stop_within = 100 * kMillisecond;
  return options;
}

Rows rows_of(std::initializer_list<double> values, std::uint32_t item = 0) {
  Rows rows;
  for (const double value : values)
    rows.push_back(item, {static_cast<TimeNs>(value * 1000), value, kGood});
  return rows;
}

class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest() { set_log_level(LogLevel::kError); }
  ~DeliveryTest() override { set_log_level(LogLevel::kInfo); }

  std::unique_ptr<Delivery> make(const Options& options) {
    Origin origin;
    origin.enterprise = EnterpriseId(1);
    origin.source = "opcua/1";
    return std::make_unique<Delivery>(door_, catalogue_, origin,
                                      std::vector<std::string>{"works/a", "works/b"}, options);
  }

  static NewTag heat() {
    NewTag tag;
    tag.path = "works/a";
    tag.unit = "Cel";
    return tag;
  }

  MemoryDoor door_;
  MemoryCatalogue catalogue_;
};

TEST_F(DeliveryTest, JoinsWhatWaitedAndKeepsItsOrder) {
  const auto delivery = make(small());
  delivery->push(rows_of({1, 2}), SampleClass::kMeasured);
  delivery->push(rows_of({3}, 1), SampleClass::kMeasured);
  delivery->push(rows_of({4}), SampleClass::kMeasured);
  delivery->start();
  delivery->stop();
  EXPECT_EQ(door_.batches(), 1u);
  const auto samples = door_.samples("works/a");
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_TRUE(same_bits(samples[2].value, Value(4.0)));
  EXPECT_EQ(door_.samples("works/b").size(), 1u);
  EXPECT_EQ(delivery->counts().delivered, 4u);
}

TEST_F(DeliveryTest, MarksAndMeasuredRowsStayApart) {
  const auto delivery = make(small());
  delivery->push(rows_of({1}), SampleClass::kMeasured);
  delivery->push(rows_of({2}), SampleClass::kSynthetic);
  delivery->start();
  delivery->stop();
  EXPECT_EQ(door_.batches(), 2u);
}

TEST_F(DeliveryTest, DropsTheOldestWhenItMustAndCountsThem) {
  const auto delivery = make(small());
  for (int batch = 0; batch < 8; ++batch)
    delivery->push(rows_of({1, 2, 3, 4, 5, 6, 7, 8, 9, batch + 10.0}), SampleClass::kMeasured);
  EXPECT_EQ(delivery->counts().dropped, 30u);
  EXPECT_EQ(delivery->counts().waiting, 50u);
  delivery->start();
  delivery->stop();
  EXPECT_EQ(door_.rows(), 50u);
  EXPECT_TRUE(same_bits(door_.samples("works/a").back().value, Value(17.0)));
}

TEST_F(DeliveryTest, WaitsForADoorThatRefusesAndGivesUpOnlyAtTheEnd) {
  const auto delivery = make(small());
  delivery->start();
  door_.refuse_with(ErrorCode::kDiskFull);
  delivery->push(rows_of({1}), SampleClass::kMeasured);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(delivery->counts().waiting, 1u);
  EXPECT_EQ(delivery->counts().trouble, "told to refuse");
  delivery->stop();
  EXPECT_EQ(delivery->counts().dropped, 1u);
  delivery->push(rows_of({1}), SampleClass::kMeasured);
  EXPECT_EQ(delivery->counts().dropped, 2u);
}

TEST_F(DeliveryTest, DoesNotRepeatWhatCanNeverBeTaken) {
  const auto delivery = make(small());
  door_.refuse_with(ErrorCode::kInvalidArgument);
  delivery->push(rows_of({1, 2}), SampleClass::kMeasured);
  delivery->start();
  delivery->stop();
  EXPECT_EQ(delivery->counts().refused, 2u);
  EXPECT_EQ(delivery->counts().dropped, 0u);
}

TEST_F(DeliveryTest, MakesTagsBeforeTheRowsThatFollow) {
  const auto delivery = make(small());
  delivery->announce({{0, heat()}});
  delivery->push(rows_of({1}), SampleClass::kMeasured);
  delivery->start();
  delivery->stop();
  ASSERT_TRUE(catalogue_.find(EnterpriseId(1), "works/a"));
  EXPECT_EQ(catalogue_.find(EnterpriseId(1), "works/a")->unit, "Cel");
  EXPECT_EQ(door_.rows(), 1u);
}

TEST_F(DeliveryTest, OfAnItemOnlyTheLatestAnnouncementWaits) {
  const auto delivery = make(small());
  catalogue_.refuse_with(ErrorCode::kDiskFull);
  for (int connect = 0; connect < 1000; ++connect) {
    NewTag tag = heat();
    tag.description = std::to_string(connect);
    delivery->announce({{0, tag}, {1, tag}});
  }
  EXPECT_EQ(delivery->counts().announced, 2u);
  catalogue_.refuse_with(std::nullopt);
  delivery->start();
  delivery->stop();
  ASSERT_TRUE(catalogue_.find(EnterpriseId(1), "works/a"));
  EXPECT_EQ(catalogue_.find(EnterpriseId(1), "works/a")->description, "999");
}

TEST_F(DeliveryTest, ATagThatIsGoneIsMadeAgainAsItWas) {
  const auto delivery = make(small());
  delivery->announce({{0, heat()}});
  delivery->push(rows_of({1}), SampleClass::kMeasured);
  delivery->start();
  while (delivery->counts().delivered < 1) std::this_thread::yield();
  const TagPtr first = catalogue_.find(EnterpriseId(1), "works/a");
  ASSERT_TRUE(first);
  ASSERT_TRUE(catalogue_.remove(first->id));
  delivery->push(rows_of({2}), SampleClass::kMeasured);
  delivery->stop();
  const TagPtr second = catalogue_.find(EnterpriseId(1), "works/a");
  ASSERT_TRUE(second);
  EXPECT_NE(second->id, first->id);
  EXPECT_EQ(second->unit, "Cel");
  EXPECT_EQ(delivery->counts().delivered, 2u);
}

TEST_F(DeliveryTest, ATagThatIsRefusedTakesNoOtherAlong) {
  const auto delivery = make(small());
  NewTag other = heat();
  other.path = "works/b";
  catalogue_.refuse_path("works/a");
  delivery->announce({{0, heat()}, {1, other}});
  delivery->start();
  delivery->stop();
  EXPECT_FALSE(catalogue_.find(EnterpriseId(1), "works/a"));
  EXPECT_TRUE(catalogue_.find(EnterpriseId(1), "works/b"));
  EXPECT_NE(delivery->counts().trouble.find("works/a"), std::string::npos);
}

TEST(Backoff, DoublesWithJitterUpToItsMaximum) {
  io::SeededRandom random(7);
  Backoff backoff(500 * kMillisecond, 15 * kSecond);
  DurationNs full = 500 * kMillisecond;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const DurationNs pause = backoff.next(random);
    EXPECT_GE(pause, std::max(500 * kMillisecond, full / 2));
    EXPECT_LE(pause, full);
    full = std::min(full * 2, 15 * kSecond);
  }
  backoff.reset();
  EXPECT_EQ(backoff.next(random), 500 * kMillisecond);
}

}  // namespace
}  // namespace tundish::connect
