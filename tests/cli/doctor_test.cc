// tundish doctor, the real program, on folders as they are found.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/platform.h"
#include "io/clock.h"
#include "support/server_process.h"

namespace tundish::test {
namespace {

namespace fs = std::filesystem;

class DoctorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scratch_ = ::testing::TempDir() + "doctor_XXXXXX";
    ASSERT_NE(::mkdtemp(scratch_.data()), nullptr);
    data_ = scratch_ + "/data";
    fs::create_directory(data_);
    fs::permissions(data_, fs::perms::owner_all);
    fill();
  }
  void TearDown() override { fs::remove_all(scratch_); }

  /// A folder with one enterprise, one tag and one block.
  void fill() {
    app::Platform::Options options;
    options.data_folder = data_;
    options.serving = false;
    auto platform = app::Platform::open(std::move(options));
    ASSERT_TRUE(platform) << platform.error().to_string();
    const auto post = [&](const char* target, std::string body) {
      serve::Request request;
      request.method = "POST";
      request.by_control_socket = true;
      request.headers = {{"content-type", "application/json"}};
      request.body = std::move(body);
      ASSERT_TRUE(serve::parse_target(target, request));
      const auto response = (*platform)->api().handle(request);
      ASSERT_EQ(response.status / 100, 2) << target << ": " << response.body;
    };
    post("/api/v1/enterprises", R"({"code":"works-01","name":"Works","industry":"","region":""})");
    std::string samples;
    for (int i = 0; i < 60; ++i)
      samples += std::string(i == 0 ? "" : ",") +
                 R"({"tag":"works-01/lab/a","time":"2026-01-01T00:00:)" + (i < 10 ? "0" : "") +
                 std::to_string(i) + R"(Z","value":)" + std::to_string(i * i) + ".5}";
    post("/api/v1/samples?enterprise=works-01", R"({"samples":[)" + samples + "]}");
    post("/api/v1/flush", "");
  }

  /// The exit code; what it printed is in said_.
  int doctor() {
    const auto code = run_command({TUNDISH_PROGRAM, "doctor", "--data", data_}, scratch_, said_);
    return code ? *code : -1;
  }
  bool says(const char* text) const { return said_.find(text) != std::string::npos; }

  std::string scratch_, data_, said_;
};

TEST_F(DoctorTest, ASoundFolder) {
  EXPECT_EQ(doctor(), 0) << said_;
  EXPECT_TRUE(says("every checksum holds")) << said_;
  EXPECT_TRUE(says("meta.db (names and accounts) is sound")) << said_;
  EXPECT_TRUE(says("nobody serves this folder")) << said_;
}

TEST_F(DoctorTest, ADamagedBlock) {
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(data_ + "/blocks")) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(fs::file_size(entry.path()) / 2);
    file.seekg(middle);
    const char was = static_cast<char>(file.get());
    file.seekp(middle);
    file.put(static_cast<char>(was ^ 0x10));
    ++damaged;
  }
  ASSERT_EQ(damaged, 1);
  EXPECT_EQ(doctor(), 1) << said_;
  EXPECT_TRUE(says("bad   blocks/")) << said_;
  EXPECT_TRUE(says("tundish verify")) << said_;
}

TEST_F(DoctorTest, AFolderThatOthersCanRead) {
  fs::permissions(data_, fs::perms::owner_all | fs::perms::group_read | fs::perms::others_read);
  EXPECT_EQ(doctor(), 1) << said_;
  EXPECT_TRUE(says(("chmod 700 " + data_).c_str())) << said_;
}

TEST_F(DoctorTest, SomebodyElsesFolderIsLeftAsItIs) {
  data_ = scratch_ + "/other";
  fs::create_directory(data_);
  fs::permissions(data_, fs::perms::all);
  std::ofstream(data_ + "/notes.txt") << "mine";
  EXPECT_EQ(doctor(), 1) << said_;
  EXPECT_TRUE(says("no data folder of Tundish here")) << said_;
  EXPECT_FALSE(says("chmod")) << said_;
  EXPECT_EQ(std::distance(fs::directory_iterator(data_), {}), 1) << "it left a file there";
}

TEST_F(DoctorTest, AServedFolder) {
  auto server =
      ServerProcess::start(TUNDISH_PROGRAM, data_, scratch_ + "/serve.log", {}, 30 * kSecond);
  ASSERT_TRUE(server) << server.error().to_string();
  EXPECT_EQ(doctor(), 0) << said_;
  EXPECT_TRUE(says("served, and it answers")) << said_;
  EXPECT_TRUE(says("every checksum holds")) << said_;
  server->process.send_signal(SIGTERM);
  EXPECT_EQ(server->process.wait(), 0);
}

}  // namespace
}  // namespace tundish::test
