#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace tundish {
namespace {

TEST(BoundedQueue, DropsTheOldestAndCounts) {
  BoundedQueue<int> queue(2, WhenFull::kDropOldest);
  for (int i = 1; i <= 5; ++i) EXPECT_TRUE(queue.push(int(i)));
  EXPECT_EQ(queue.dropped(), 3u);
  EXPECT_EQ(queue.pop(), 4);
  EXPECT_EQ(queue.pop(), 5);
}

TEST(BoundedQueue, RefusesWhenFull) {
  BoundedQueue<int> queue(1, WhenFull::kRefuse);
  EXPECT_TRUE(queue.push(1));
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.dropped(), 1u);
  EXPECT_EQ(queue.pop(), 1);
}

TEST(BoundedQueue, BlocksUntilThereIsRoomAndKeepsOrder) {
  BoundedQueue<int> queue(3, WhenFull::kBlock);
  std::thread producer([&] {
    for (int i = 0; i < 1000; ++i) queue.push(int(i));
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.pop()) EXPECT_EQ(*item, expected++);
  producer.join();
  EXPECT_EQ(expected, 1000);
  EXPECT_EQ(queue.dropped(), 0u);
}

TEST(BoundedQueue, CloseLetsTheRestOutAndWakesWaiters) {
  BoundedQueue<int> queue(3, WhenFull::kBlock);
  queue.push(1);
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_TRUE(queue.pop_all().empty());
}

}  // namespace
}  // namespace tundish
