#include "access/password.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace tundish::access {
namespace {

PasswordHasher::Options cheap() {
  PasswordHasher::Options options;
  options.cost = {.passes = 1, .memory_bytes = 8192};
  return options;
}

TEST(Password, CostsWhatOwaspAsks) {
  PasswordHasher hasher(PasswordHasher::Options{});
  const auto hash = hasher.hash("correct horse battery");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
}

TEST(Password, MatchesOnlyItself) {
  PasswordHasher hasher(cheap());
  const std::string hash = hasher.hash("correct horse battery").value();
  EXPECT_NE(hash, hasher.hash("correct horse battery").value()) << "no salt";
  EXPECT_TRUE(hasher.verify(hash, "correct horse battery").value());
  for (const std::string_view wrong : {"", "correct horse batterY", "correct horse battery "})
    EXPECT_FALSE(hasher.verify(hash, wrong).value()) << wrong;
  EXPECT_FALSE(hasher.verify(hash, std::string_view("correct horse battery\0", 22)).value());
  EXPECT_FALSE(hasher.verify(hash, std::string(1 << 20, 'x')).value());
  EXPECT_FALSE(hasher.verify("not a hash", "correct horse battery").value());
}

TEST(Password, AnUnknownUserNeverMatchesAndCostsAHash) {
  PasswordHasher hasher(cheap());
  const auto before = hasher.hashes();
  EXPECT_FALSE(hasher.verify("", "").value());
  EXPECT_FALSE(hasher.verify("", "correct horse battery").value());
  EXPECT_EQ(hasher.hashes(), before + 2);
}

// Medians, taken in turns; a decoy that were not hashed would be thousands of times faster.
TEST(Password, AnUnknownUserTakesAsLong) {
  PasswordHasher::Options options;
  options.cost = {.passes = 2, .memory_bytes = 1 << 20};
  PasswordHasher hasher(options);
  const std::string hash = hasher.hash("correct horse battery").value();
  std::vector<std::int64_t> known_ns;
  std::vector<std::int64_t> unknown_ns;
  for (int i = 0; i < 31; ++i) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(hasher.verify(hash, "wrong password").value());
    const auto between = std::chrono::steady_clock::now();
    EXPECT_FALSE(hasher.verify("", "wrong password").value());
    known_ns.push_back((between - start).count());
    unknown_ns.push_back((std::chrono::steady_clock::now() - between).count());
  }
  const auto median = [](std::vector<std::int64_t>& times) {
    std::ranges::nth_element(times, times.begin() + 15);
    return static_cast<double>(times[15]);
  };
  const double ratio = median(known_ns) / median(unknown_ns);
  EXPECT_GT(ratio, 0.2);
  EXPECT_LT(ratio, 5.0);
}

TEST(Password, WhoComesWhileTheGateIsFullIsTurnedAway) {
  PasswordHasher::Options options;
  options.cost = {.passes = 6, .memory_bytes = 16 << 20};  // some 100 ms
  options.at_once_max = 1;
  options.waiting_max = 1;
  options.wait_max = 10 * kMillisecond;
  PasswordHasher hasher(options);
  std::atomic<int> overloaded = 0;
  std::atomic<int> hashed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      const auto result = hasher.verify("", "x");
      if (result)
        ++hashed;
      else if (result.error().code == ErrorCode::kOverloaded)
        ++overloaded;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_GE(hashed, 1);
  EXPECT_GE(overloaded, 1);
  EXPECT_EQ(hashed + overloaded, 6);
  EXPECT_TRUE(hasher.verify("", "x")) << "the gate opens again";
}

TEST(Password, Rules) {
  EXPECT_TRUE(check_password_rules("correct horse", "anna"));
  EXPECT_TRUE(check_password_rules("高炉高炉", "anna"));  // 12 bytes
  EXPECT_TRUE(check_password_rules(std::string(256, 'x'), "anna"));
  for (const std::string& bad :
       {std::string("123456789"), std::string(257, 'x'), std::string("bad utf8 \xFF\xFE"),
        std::string("anna.example@plant")}) {
    const auto status = check_password_rules(bad, "anna.example@plant");
    ASSERT_FALSE(status) << bad;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(status.error().message.find(bad), std::string::npos) << "the sentence repeats it";
  }
}

}  // namespace
}  // namespace tundish::access
