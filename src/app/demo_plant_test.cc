#include "app/demo_plant.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "app/faults_file.h"
#include "app/platform.h"

namespace tundish::app {
namespace {

TEST(DemoPlant, LengthsOfHistoryInWords) {
  EXPECT_EQ(length_text(2 * kDay + 700 * kMillisecond), "2 days");
  EXPECT_EQ(length_text(kDay), "a day");
  EXPECT_EQ(length_text(23 * kHour), "23 hours");
  EXPECT_EQ(length_text(36 * kHour), "36 hours");
  EXPECT_EQ(length_text(kHour + 2 * kSecond), "an hour");
  EXPECT_EQ(length_text(10 * kMinute), "10 minutes");
}

TEST(FaultsFile, AFollowerSwitchesAnswersAndGoes) {
  std::string folder = ::testing::TempDir() + "faults_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string file = folder + "/plant.faults";
  EXPECT_EQ(split_faults(" a ,,b,\n"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ask_faults(file, {"a"}).error().code, ErrorCode::kUnavailable);
  {
    std::vector<std::string> on;
    std::atomic<bool> ended = false;
    std::thread plant([&] {
      FaultsFollower follower(file, {"first"},
                              [&](const std::vector<std::string>& names) -> Status {
                                if (std::ranges::find(names, "wrong") != names.end())
                                  return fail(ErrorCode::kNotFound, "there is no fault 'wrong'");
                                on = names;
                                return {};
                              });
      while (!ended) {
        follower.look();
        ::usleep(1000);
      }
    });
    for (int i = 0; i < 5000 && !faults_on(file); ++i) ::usleep(1000);
    EXPECT_EQ(faults_on(file).value_or(std::vector<std::string>{}),
              std::vector<std::string>{"first"});
    EXPECT_TRUE(ask_faults(file, {"a", "b"}));
    EXPECT_EQ(faults_on(file).value_or(std::vector<std::string>{}),
              (std::vector<std::string>{"a", "b"}));
    const auto wrong = ask_faults(file, {"wrong"});
    EXPECT_TRUE(!wrong && wrong.error().message == "there is no fault 'wrong'");
    EXPECT_TRUE(ask_faults(file, {}));
    ended = true;
    plant.join();
    EXPECT_TRUE(on.empty());
  }
  // One that was killed leaves its answer behind: nobody answers, and nothing is left for the next one.
  for (const char* end : {"", ".on"}) std::ofstream(file + end) << "a";
  EXPECT_EQ(ask_faults(file, {"b"}, 100 * kMillisecond).error().code, ErrorCode::kUnavailable);
  std::string left;
  std::ifstream(file) >> left;
  EXPECT_EQ(left, "a");
  std::filesystem::remove_all(folder);
}

TEST(DemoPlant, AConnectionFromAnEarlierRunFindsThePlantBeforeItConnects) {
  std::string folder = ::testing::TempDir() + "demo_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string before = "opc.tcp://127.0.0.1:40001", now = "opc.tcp://127.0.0.1:40002";
  const std::string fingerprint(64, 'a');
  const auto open = [&] {
    Platform::Options options;
    options.data_folder = folder;
    options.serving = false;
    return Platform::open(std::move(options));
  };
  {
    auto platform = open();
    ASSERT_TRUE(platform) << platform.error().to_string();
    EXPECT_TRUE(move_connection(**platform, "steel-01", now, fingerprint)) << "nothing there yet";
    Enterprise enterprise;
    enterprise.code = enterprise.name = "steel-01";
    const auto made = (*platform)->enterprises().create(enterprise);
    ASSERT_TRUE(made);
    for (const bool simulated : {false, true}) {
      ConnectionConfig config;
      config.enterprise = made->id;
      config.name = simulated ? "plant" : "a real one";
      config.endpoint = before;
      config.trusted_fingerprint = fingerprint;
      config.simulated = simulated;
      config.publishing_ms = 500;
      ASSERT_TRUE((*platform)->connection_store().save(config));
    }
    ASSERT_TRUE(move_connection(**platform, "steel-01", now, fingerprint));
  }
  auto platform = open();
  ASSERT_TRUE(platform) << platform.error().to_string();
  const auto all = (*platform)->connection_store().load_all();
  ASSERT_EQ(all.size(), 2u);
  for (const auto& config : all) {
    EXPECT_EQ(config.endpoint, config.simulated ? now : before);
    EXPECT_EQ(config.publishing_ms, 500u) << "what a person changed stays";
  }
  platform->reset();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tundish::app
