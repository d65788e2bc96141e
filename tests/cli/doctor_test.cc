// tundish doctor, the real program, on folders as they are found.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
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

  /// The exit code; what it printed is in said_. `before` stands before the command: what a shell and env are told.
  int doctor(const std::string& before = {}) {
    const std::string command = std::string(TUNDISH_PROGRAM) + " doctor --data " + data_;
    const auto code = run_command({"/bin/sh", "-c", before + " " + command}, scratch_, said_);
    return code ? *code : -1;
  }
  int verify() {
    const auto code = run_command({TUNDISH_PROGRAM, "verify", "--data", data_}, scratch_, said_);
    return code ? *code : -1;
  }
  /// Under the shim of failing calls.
  static std::string under(const std::string& settings) {
    return settings + " LD_PRELOAD=" + TUNDISH_FAULT_SHIM + " ";
  }
  static void flip(const std::string& path, std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char was = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(was ^ 0x10));
  }
  /// Where `text` stands in a file.
  static std::streamoff find(const std::string& path, const std::string& text) {
    const std::string content = read_text(path);
    return static_cast<std::streamoff>(content.find(text));
  }
  bool says(const char* text) const { return said_.find(text) != std::string::npos; }

  std::string scratch_, data_, said_;
};

TEST_F(DoctorTest, ASoundFolder) {
  EXPECT_EQ(doctor(), 0) << said_;
  EXPECT_TRUE(says("every checksum holds")) << said_;
  EXPECT_TRUE(says("meta.db (names and accounts) is sound")) << said_;
  EXPECT_TRUE(says("nobody serves this folder")) << said_;
  EXPECT_TRUE(says("belongs to its owner only")) << said_;
  EXPECT_TRUE(says("good  the clock says 20")) << said_;
  EXPECT_FALSE(says("bad ")) << said_;
  EXPECT_FALSE(says("quarantine")) << said_;
}

TEST_F(DoctorTest, AClockThatIsWrong) {
  EXPECT_EQ(doctor(under("FAULT_CLOCK=86400")), 1) << said_;
  EXPECT_TRUE(says("bad   the clock says 1970-01-02")) << said_;
  EXPECT_TRUE(says("chrony")) << said_;
}

TEST_F(DoctorTest, FewOpenFiles) {
  EXPECT_EQ(doctor("ulimit -n 1024;"), 0) << said_;
  EXPECT_TRUE(says("note  this shell allows 1024 open files")) << said_;
  EXPECT_EQ(doctor("ulimit -n 4096;"), 0) << said_;
  EXPECT_TRUE(says("good  4096 open files are allowed")) << said_;
}

TEST_F(DoctorTest, ADiskThatFillsUp) {
  EXPECT_EQ(doctor(under("FAULT_FREE_BYTES=104857600")), 1) << said_;
  EXPECT_TRUE(says("bad   100 MiB free")) << said_;
  EXPECT_EQ(doctor(under("FAULT_FREE_BYTES=1073741824")), 0) << said_;
  EXPECT_TRUE(says("note  1024 MiB free")) << said_;
  EXPECT_EQ(doctor(under("FAULT_FREE_BYTES=10737418240")), 0) << said_;
  EXPECT_TRUE(says("good  10240 MiB free")) << said_;
  EXPECT_EQ(doctor(under("FAULT_CALL=fstatvfs")), 1) << said_;
  EXPECT_TRUE(says("bad   the disk does not answer")) << said_;
}

TEST_F(DoctorTest, BytesInQuarantine) {
  std::ofstream(data_ + "/quarantine/0000000000000001.jnl.128-256") << "bad";
  EXPECT_EQ(doctor(), 0) << said_;
  EXPECT_TRUE(says("note  1 files in ")) << said_;
}

TEST_F(DoctorTest, FilesThatCannotBeRead) {
  EXPECT_EQ(doctor(under("FAULT_CALL=openat FAULT_PATH=lock")), 1) << said_;
  EXPECT_TRUE(says("bad   the historian's files cannot be read")) << said_;
  EXPECT_EQ(doctor(under("FAULT_CALL=pread FAULT_PATH=/journal/ FAULT_COUNT=1000")), 1) << said_;
  EXPECT_TRUE(says("bad   journal/")) << said_;
  EXPECT_TRUE(says("more damaged places")) << said_;
  EXPECT_LT(said_.size(), 8000u) << "thousands of lines help nobody";
  EXPECT_EQ(doctor(under("FAULT_CALL=pread FAULT_PATH=/meta.db FAULT_AFTER=2 FAULT_COUNT=1000")), 1)
      << said_;
  EXPECT_TRUE(says("bad   meta.db cannot be read")) << said_;
}

TEST_F(DoctorTest, AProcessThatHoldsTheFolderAndDoesNotAnswer) {
  const int held = ::open((data_ + "/lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(held, LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(doctor(), 1) << said_;
  EXPECT_TRUE(says("bad   a process holds this folder and does not answer")) << said_;
  ::close(held);
}

TEST_F(DoctorTest, ALetterThatChangedInTheMetadataAtRest) {
  const std::string path = data_ + "/meta.db";
  const auto at = find(path, "Works");
  ASSERT_GT(at, 0);
  EXPECT_EQ(verify(), 0) << said_;
  flip(path, at);
  EXPECT_EQ(doctor(), 1) << said_;
  EXPECT_TRUE(says("bad   meta.db: its bytes changed while nobody had the folder open")) << said_;
  EXPECT_TRUE(says(("remove " + data_ + "/sums").c_str())) << said_;
  EXPECT_EQ(verify(), 1) << said_;
  EXPECT_TRUE(says("damaged: meta.db")) << said_;
  app::Platform::Options options;
  options.data_folder = data_;
  options.serving = false;
  const auto refused = app::Platform::open(options);
  ASSERT_FALSE(refused) << "a name that changed would be served";
  EXPECT_NE(refused.error().message.find("remove the file `sums`"), std::string::npos);
  fs::remove(data_ + "/sums");  // somebody says that it is right as it is
  EXPECT_TRUE(app::Platform::open(options));
  EXPECT_EQ(doctor(), 0) << said_;
}

TEST_F(DoctorTest, MetadataThatIsBroken) {
  const std::string path = data_ + "/meta.db";
  fs::remove(data_ + "/sums");
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(8192, 'x');
  file.close();
  EXPECT_EQ(doctor(), 1) << said_;
  EXPECT_TRUE(says("bad   meta.db (names and accounts) is damaged")) << said_;
}

TEST_F(DoctorTest, ALedgerThatIsDamaged) {
  ASSERT_TRUE(fs::exists(data_ + "/ledger"));
  flip(data_ + "/ledger", 14);
  EXPECT_EQ(doctor(), 1) << said_;
  EXPECT_TRUE(says("bad   ledger: The ledger file is damaged")) << said_;
  EXPECT_EQ(verify(), 1) << said_;
}

TEST_F(DoctorTest, ADamagedBlock) {
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(data_ + "/blocks")) {
    flip(entry.path(), static_cast<std::streamoff>(fs::file_size(entry.path()) / 2));
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
