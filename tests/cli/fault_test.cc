// The real program when system calls fail under it (support/fault_shim.cc).
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

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
                             "FAULT_COUNT", "FAULT_ERROR"})
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
    ASSERT_EQ(*run_command({TUNDISH_PROGRAM, "enterprise", "create", "--data", data_, "--code",
                            "works-01"},
                           scratch_, said),
              0);
    ASSERT_EQ(*run_command({TUNDISH_PROGRAM, "token", "create", "--data", data_, "--enterprise",
                            "works-01", "--role", "engineer", "--name", "fault",
                            "--may-create-tags"},
                           scratch_, said),
              0);
    token_ = said.substr(0, said.find_first_of(" \r\n"));
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
  const auto code = run_command(
      {TUNDISH_PROGRAM, "enterprise", "create", "--data", data_, "--code", "works-02"}, scratch_, said);
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

}  // namespace
}  // namespace tundish::test
