#include "access/login_limiter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

namespace tundish::access {
namespace {

class LoginLimiterTest : public ::testing::Test {
 protected:
  /// Failed guesses that came through.
  int guess(int count, DurationNs every, auto name_of, auto address_of) {
    int through = 0;
    for (int i = 0; i < count; ++i) {
      if (limiter_.admit(name_of(i), address_of(i), now_).wait == 0) ++through;
      now_ += every;
    }
    return through;
  }
  static auto always(std::string text) {
    return [text](int) { return text; };
  }
  static auto numbered(std::string format, int of) {
    return [=](int i) { return fmt::format(fmt::runtime(format), i % of); };
  }

  DurationNs now_ = 1000 * kHour;
  io::SeededRandom random_{1};  // two keys may share a bucket: the same ones at every run
  LoginLimiter limiter_{LoginLimiter::Options{}, random_};
};

TEST_F(LoginLimiterTest, OneAccountFromOneAddress) {
  // 10,000 guesses within 10 s.
  EXPECT_LE(guess(10'000, kMillisecond, always("anna"), always("192.0.2.66")), 10);
  const auto real = limiter_.admit("anna", "198.51.100.7", now_);
  EXPECT_EQ(real.wait, 0) << "the user is shut out elsewhere";
}

TEST_F(LoginLimiterTest, SlowlyOverAnHour) {
  EXPECT_LE(guess(10'000, kHour / 10'000, always("anna"), always("192.0.2.66")), 100);
}

TEST_F(LoginLimiterTest, SprayedOverAThousandAccounts) {
  EXPECT_LE(guess(10'000, kMillisecond, numbered("user{}", 1000), always("192.0.2.66")), 100);
  EXPECT_EQ(limiter_.admit("user7", "198.51.100.7", now_).wait, 0);
}

TEST_F(LoginLimiterTest, OneAccountFromTenThousandAddresses) {
  limiter_.succeeded(limiter_.admit("anna", "198.51.100.7", now_), now_);
  const auto from = [](int i) { return fmt::format("10.0.{}.{}", i / 256, i % 256); };
  EXPECT_LE(guess(10'000, kMillisecond, always("anna"), from), 100);
  EXPECT_EQ(limiter_.admit("anna", "198.51.100.7", now_).wait, 0)
      << "the user is shut out where they always sign in";
}

TEST_F(LoginLimiterTest, OneNetworkOfIPv6CountsAsOneAddress) {
  const auto from = [](int i) { return fmt::format("2001:db8:1:2::{:x}", i); };
  EXPECT_LE(guess(10'000, kMillisecond, numbered("user{}", 10'000), from), 100);
}

TEST_F(LoginLimiterTest, ANeighbourBehindTheSameAddressDoesNotShutOutWhoWasInBefore) {
  limiter_.succeeded(limiter_.admit("anna", "192.0.2.66", now_), now_);
  guess(10'000, kMillisecond, numbered("user{}", 1000), always("192.0.2.66"));
  EXPECT_GT(limiter_.admit("someone", "192.0.2.66", now_).wait, 0);
  EXPECT_EQ(limiter_.admit("anna", "192.0.2.66", now_).wait, 0);
}

TEST_F(LoginLimiterTest, SaysHowLongToWaitAndMeansIt) {
  DurationNs wait = 0;
  while ((wait = limiter_.admit("anna", "192.0.2.66", now_).wait) == 0) {
  }
  EXPECT_LE(wait, kMinute);
  now_ += wait - 1;
  EXPECT_GT(limiter_.admit("anna", "192.0.2.66", now_).wait, 0);
  now_ += 1;
  EXPECT_EQ(limiter_.admit("anna", "192.0.2.66", now_).wait, 0);
  EXPECT_GT(limiter_.admit("anna", "192.0.2.66", now_).wait, 0) << "one at a time from here on";
}

TEST_F(LoginLimiterTest, SuccessCostsNothing) {
  for (int i = 0; i < 1000; ++i) {
    const auto attempt = limiter_.admit("anna", "192.0.2.66", now_);
    ASSERT_EQ(attempt.wait, 0) << i;
    limiter_.succeeded(attempt, now_);
  }
}

TEST_F(LoginLimiterTest, WhatWasNotTriedCostsNothing) {
  for (int i = 0; i < 1000; ++i) {
    const auto attempt = limiter_.admit("anna", "192.0.2.66", now_);
    ASSERT_EQ(attempt.wait, 0) << i;
    limiter_.withdrawn(attempt, now_);
  }
}

TEST_F(LoginLimiterTest, ManyThreadsGetNoMoreThrough) {
  std::atomic<int> through = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int guesses = 0; guesses < 1000; ++guesses)
        if (limiter_.admit("anna", "192.0.2.66", now_).wait == 0) ++through;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(through, 5);
}

}  // namespace
}  // namespace tundish::access
