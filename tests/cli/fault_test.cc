// The real program when system calls fail under it (support/fault_shim.cc).
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <string_view>
#include <vector>

#include "io/net.h"
#include "support/http_client.h"
#include "support/server_process.h"

namespace tundish::test {
namespace {

namespace fs = std::filesystem;

class FaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scratch_ = ::testing::TempDir() + "fault_XXXXXX";
    ASSERT_NE(::mkdtemp(scratch_.data()), nullptr);
    data_ = scratch_ + "/data";
  }
  void TearDown() override {
    clear();
    server_.reset();
    fs::remove_all(scratch_);
  }

  void clear() {
    for (const char* name : {"LD_PRELOAD", "FAULT_CALL", "FAULT_PATH", "FAULT_ARMED", "FAULT_AFTER",
                             "FAULT_COUNT", "FAULT_ERROR", "FAULT_TOLD"})
      ::unsetenv(name);
  }
  /// A server under which `call` fails on paths with `path` in them once arm() was called.
  void start(const char* call, const char* path, int error, const char* count = "1") {
    fs::remove(armed());
    ::setenv("LD_PRELOAD", TUNDISH_FAULT_SHIM, 1);
    ::setenv("FAULT_CALL", call, 1);
    ::setenv("FAULT_PATH", path, 1);
    ::setenv("FAULT_ARMED", armed().c_str(), 1);
    ::setenv("FAULT_COUNT", count, 1);
    ::setenv("FAULT_ERROR", std::to_string(error).c_str(), 1);
    restart();
  }
  void restart() {
    server_.reset();
    auto server = ServerProcess::start(TUNDISH_PROGRAM, data_, log(), {}, 30 * kSecond);
    clear();
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::make_unique<ServerProcess>(std::move(*server));
    if (!token_.empty()) return;
    std::string said;
    ASSERT_EQ(*run_command(
                  {TUNDISH_PROGRAM, "enterprise", "create", "--data", data_, "--code", "works-01"},
                  scratch_, said),
              0);
    ASSERT_EQ(
        *run_command({TUNDISH_PROGRAM, "token", "create", "--data", data_, "--enterprise",
                      "works-01", "--role", "engineer", "--name", "fault", "--may-create-tags"},
                     scratch_, said),
        0);
    token_ = said.substr(0, said.find_first_of(" \r\n"));
  }
  /// One life of the server, from its start to its stop, in which the `number`-th of these calls fails: samples, a flush, names,
  /// a backup. Adds the seconds that were acknowledged to `acknowledged`. @return whether the call was reached
  bool live_with_fault(const char* call, int error, int number, int& second,
                       std::vector<int>& acknowledged) {
    const std::string told = scratch_ + "/told";
    fs::remove(told);
    for (
        const auto& [name, value] :
        {std::pair{"LD_PRELOAD", std::string(TUNDISH_FAULT_SHIM)},
         {"FAULT_CALL", call},
         // Those that are told a path get one that is relative to the data folder; others are met only there.
         {"FAULT_PATH", std::string_view(call).ends_with("at") ? "" : scratch_ + "/"},
         {"FAULT_AFTER", std::to_string(number)},
         {"FAULT_ERROR", std::to_string(error)},
         {"FAULT_TOLD", told}})
      ::setenv(name, value.c_str(), 1);
    auto server = ServerProcess::start(TUNDISH_PROGRAM, data_, log(), {}, 30 * kSecond);
    clear();
    if (server) {
      server_ = std::make_unique<ServerProcess>(std::move(*server));
      std::string said;
      for (int i = 0; i < 3; ++i, ++second)
        if (send(second) / 100 == 2) acknowledged.push_back(second);
      (void)run_command({TUNDISH_PROGRAM, "backup", "--data", data_, "--to", scratch_ + "/backups",
                         "--keep", "2"},
                        scratch_, said);
      (void)run_command({TUNDISH_PROGRAM, "token", "create", "--data", data_, "--enterprise",
                         "works-01", "--role", "viewer", "--name", "t" + std::to_string(second)},
                        scratch_, said);
      for (int i = 0; i < 3; ++i, ++second)
        if (send(second) / 100 == 2) acknowledged.push_back(second);
      if (server_->process.running()) server_->process.send_signal(SIGTERM);
      const int code = server_->process.wait();
      // It may end at once for a failed sync, with a sentence; it may never fall.
      constexpr int kEndedAtOnce = 70;
      EXPECT_TRUE(code == 0 || code == 1 || code == kEndedAtOnce)
          << call << " " << number << ": ended with " << code << "\n"
          << read_text(log());
      EXPECT_TRUE(code == 0 || read_text(log()).find("sync") != std::string::npos)
          << call << " " << number << ": " << read_text(log());
      server_.reset();
    } else {
      EXPECT_NE(read_text(log()), "") << call << " " << number << ": it says nothing";
      EXPECT_EQ(server.error().code, ErrorCode::kUnavailable)
          << call << " " << number << ": " << server.error().to_string();
    }
    return fs::exists(told);
  }
  /// What a query shows of the seconds.
  std::set<int> seconds_there() {
    HttpClient client(io::real_net(), server_->address, token_);
    const auto answer = client.post(
        "/api/v1/query", R"({"tags":["works-01/fault/a"],"from":0,"to":"now","limit":50000})");
    EXPECT_TRUE(answer && answer->status == 200) << (answer ? answer->body : std::string());
    std::set<int> found;
    if (!answer) return found;
    const std::size_t values = answer->body.find("\"values\":[");
    for (std::size_t at = values; at != std::string::npos && answer->body[at] != ']';
         at = answer->body.find_first_of(",]", at + 1)) {
      const std::size_t from = answer->body.find_first_of("0123456789", at);
      found.insert(std::atoi(answer->body.c_str() + from));
    }
    return found;
  }
  std::string armed() const { return scratch_ + "/armed"; }
  std::string log() const { return scratch_ + "/serve.log"; }
  void arm() const { std::ofstream(armed()) << "now"; }

  /// The status of a sample sent; 0 when there was no answer.
  int send(int second, std::string* text = nullptr) {
    HttpClient client(io::real_net(), server_->address, token_);
    const auto answer = client.post(
        "/api/v1/samples", R"({"samples":[{"tag":"works-01/fault/a","time":)" +
                               std::to_string(1'700'000'000'000'000'000 + second * kSecond) +
                               R"(,"value":)" + std::to_string(second) + ".5}]}");
    if (!answer) return 0;
    if (text != nullptr) *text = answer->body;
    return answer->status;
  }
  /// How many samples a query shows.
  std::size_t count() {
    HttpClient client(io::real_net(), server_->address, token_);
    const auto answer =
        client.post("/api/v1/query", R"({"tags":["works-01/fault/a"],"from":0,"to":"now"})");
    EXPECT_TRUE(answer && answer->status == 200) << (answer ? answer->body : std::string());
    if (!answer) return 0;
    std::size_t found = 0;
    for (auto at = answer->body.find(".5"); at != std::string::npos;
         at = answer->body.find(".5", at + 1))
      ++found;
    return found;
  }

  std::string scratch_, data_, token_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(FaultTest, AFailedSyncOfTheJournalEndsTheProcessAndAcknowledgesNothing) {
  start("fdatasync", "/journal/", EIO);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(send(i) / 100, 2);
  arm();
  EXPECT_NE(send(5) / 100, 2) << "acknowledged although the sync failed";
  EXPECT_NE(server_->process.wait(), 0);
  const std::string said = read_text(log());
  EXPECT_NE(said.find("could not be synced to disk"), std::string::npos) << said;
  EXPECT_NE(said.find("start again"), std::string::npos) << said;
  restart();
  EXPECT_GE(count(), 5u);
  EXPECT_EQ(send(6) / 100, 2);
}

TEST_F(FaultTest, AFailedSyncOfTheMetadataEndsTheProcess) {
  start("fdatasync", "/meta.db", EIO, "1000");
  ASSERT_EQ(send(0) / 100, 2);
  arm();
  std::string said;
  const auto code =
      run_command({TUNDISH_PROGRAM, "enterprise", "create", "--data", data_, "--code", "works-02"},
                  scratch_, said);
  EXPECT_NE(code.value_or(-1), 0) << said;
  EXPECT_NE(server_->process.wait(), 0);
  EXPECT_NE(read_text(log()).find("syncing"), std::string::npos) << read_text(log());
  restart();
  EXPECT_EQ(count(), 1u);
}

TEST_F(FaultTest, AFullDiskIsSaidAndReadsGoOnAndItResumesByItself) {
  start("pwrite", "/journal/", ENOSPC, "3");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(send(i) / 100, 2);
  arm();
  std::string text;
  ASSERT_EQ(send(5, &text), 507) << text;
  EXPECT_NE(text.find("\"detail\":\""), std::string::npos) << text;
  EXPECT_EQ(count(), 5u);
  int status = 507;
  for (int tries = 0; tries < 50 && status == 507; ++tries) status = send(6);
  EXPECT_EQ(status / 100, 2);
  EXPECT_EQ(count(), 6u);
}

TEST_F(FaultTest, AnErrorOfTheDiskInAWriteIsNoAcknowledgement) {
  start("pwrite", "/journal/", EIO, "1");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(send(i) / 100, 2);
  arm();
  const int status = send(5);
  EXPECT_GE(status, 500) << "answered " << status;
  EXPECT_EQ(count(), 5u);
  EXPECT_EQ(send(6) / 100, 2);
  EXPECT_EQ(count(), 6u);
}

/// Every kind of call that the program makes of the disk; each N-th of it fails once, in a life of its own. FAULT_STEP=1 tries
/// every N with both errors; without it a few N of each kind.
TEST_F(FaultTest, WhicheverCallFailsWhatWasAcknowledgedIsThere) {
  const char* text = std::getenv("FAULT_STEP");
  const int step = text == nullptr ? 0 : std::max(1, std::atoi(text));
  clear();
  restart();
  ASSERT_EQ(send(0) / 100, 2);
  std::vector<int> acknowledged = {0};
  int second = 1, lives = 0, reached = 0;
  for (const char* call :
       {"openat", "open", "pwrite", "write", "pread", "fdatasync", "fsync", "renameat", "ftruncate",
        "unlinkat", "unlink", "mkdirat", "mmap", "fstatvfs"}) {
    bool is_reached = true;
    const bool is_frequent =
        std::set<std::string_view>{"openat", "pwrite", "fdatasync"}.contains(call);
    const int tries = step > 0 ? std::numeric_limits<int>::max() : is_frequent ? 2 : 1;
    for (int number = step > 0 ? 1 : 1 + lives % 5, tried = 0; is_reached && tried < tries;
         ++tried) {
      is_reached = false;
      const int only = lives % 2 == 0 ? EIO : ENOSPC;
      for (const int error : {EIO, ENOSPC}) {
        if (step == 0 && error != only) continue;
        server_.reset();
        is_reached |= live_with_fault(call, error, number, second, acknowledged);
        ++lives;
        reached += is_reached ? 1 : 0;
        std::string said;
        const auto verified =
            run_command({TUNDISH_PROGRAM, "verify", "--data", data_}, scratch_, said);
        ASSERT_EQ(verified.value_or(-1), 0) << call << " " << number << ": " << said;
        restart();
        const std::set<int> there = seconds_there();
        for (const int one : acknowledged)
          ASSERT_TRUE(there.contains(one))
              << call << " " << number << ": second " << one << " is lost";
      }
      if (step > 0 && lives % 50 == 0)
        std::printf("faults: %d lives, now call %d of %s\n", lives, number, call),
            std::fflush(stdout);
      number += step > 0 ? step : 11;
    }
  }
  std::printf("faults: lives %d, calls failed %d, acknowledged %zu, lost 0\n", lives, reached,
              acknowledged.size());
  EXPECT_GT(reached, lives / 2) << "the calls are no longer met";
}

}  // namespace
}  // namespace tundish::test
