#include "serve/fair_workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <string>

namespace tundish::serve {
namespace {

TEST(FairWorkers, OnePartysLongJobsLeaveThreadsForTheOthers) {
  std::latch release(1);
  std::atomic<int> under_way{0};
  std::promise<void> answered;
  FairWorkers workers(3, 2);
  for (int i = 0; i < 50; ++i)
    workers.post("noisy", [&](bool stopping) {
      if (stopping) return;
      ++under_way;
      release.wait();
      --under_way;
    });
  workers.post("quiet", [&](bool) { answered.set_value(); });
  answered.get_future().wait();
  EXPECT_LE(under_way.load(), 2);
  EXPECT_GE(workers.waiting("noisy"), 48u);
  EXPECT_EQ(workers.waiting("quiet"), 0u);
  release.count_down();
}

TEST(FairWorkers, PartiesTakeTurnsWhoeverHasMoreWaiting) {
  std::latch began(1);
  std::latch release(1);
  std::string order;
  std::promise<void> done;
  FairWorkers workers(1, 1);  // one thread: the order is the line's
  workers.post("first", [&](bool) {
    began.count_down();
    release.wait();
  });
  began.wait();
  for (int i = 0; i < 5; ++i) workers.post("many", [&](bool) { order += 'm'; });
  for (int i = 0; i < 2; ++i) workers.post("few", [&](bool) { order += 'f'; });
  workers.post("many", [&](bool) { done.set_value(); });
  release.count_down();
  done.get_future().wait();
  EXPECT_EQ(order, "mfmfmmm");
}

TEST(FairWorkers, EveryJobIsCalledOnceAlsoWhenItStops) {
  std::latch began(2);
  std::latch release(1);
  std::atomic<int> worked{0};
  std::atomic<int> told{0};
  const auto job = [&](bool stopping) { ++(stopping ? told : worked); };
  {
    FairWorkers workers(2, 2);
    for (int i = 0; i < 2; ++i)
      workers.post("a", [&](bool) {
        began.count_down();
        release.wait();
      });
    began.wait();
    for (int i = 0; i < 10; ++i) workers.post("a", job);
    for (int i = 0; i < 10; ++i) workers.post("b", job);
    auto stopped = std::async(std::launch::async, [&] { workers.stop(); });
    release.count_down();
    stopped.wait();
    workers.post("a", job);
  }
  EXPECT_EQ(worked + told, 21);
  EXPECT_GE(told, 1);
}

}  // namespace
}  // namespace tundish::serve
