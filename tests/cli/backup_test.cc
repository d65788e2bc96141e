// tundish backup and restore, the real program, under load, killed in the middle. BACKUP_ROUNDS=N for more rounds.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "app/platform.h"
#include "io/clock.h"
#include "io/net.h"
#include "io/random.h"
#include "model/data_files.h"
#include "support/http_client.h"
#include "support/server_process.h"

namespace tundish::test {
namespace {

namespace fs = std::filesystem;

constexpr TimeNs kStart = 1'700'000'000 * kSecond;
constexpr int kRows = 400;  ///< of a request
constexpr const char* kTag = "works-01/load/a";

/// Row `number` of the one series that the load writes, one after the other.
double value_of(std::int64_t number) { return static_cast<double>((number * 7919) % 100'003) / 8; }

int rounds() {
  const char* text = std::getenv("BACKUP_ROUNDS");
  return text == nullptr ? 3 : std::max(1, std::atoi(text));
}

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scratch_ = ::testing::TempDir() + "care_XXXXXX";
    ASSERT_NE(::mkdtemp(scratch_.data()), nullptr);
    data_ = scratch_ + "/data";
    to_ = scratch_ + "/backups";
    // Small, so that there are blocks to copy and compactions that would remove them.
    std::ofstream(scratch_ + "/config.yaml") << "historian: {flush_minutes: 1, head_mib: 1, "
                                                "journal_mib: 2, segment_mib: 2, shards: 2}\n";
    start();
    ASSERT_EQ(run({"enterprise", "create", "--data", data_, "--code", "works-01"}), 0) << said_;
    ASSERT_EQ(run({"token", "create", "--data", data_, "--enterprise", "works-01", "--role",
                   "engineer", "--name", "load", "--may-create-tags"}),
              0)
        << said_;
    token_ = said_.substr(0, said_.find_first_of(" \r\n"));
  }
  void TearDown() override {
    end_load();
    server_.reset();
    fs::remove_all(scratch_);
  }

  void start() {
    auto server = ServerProcess::start(TUNDISH_PROGRAM, data_, scratch_ + "/serve.log",
                                       {"--config", scratch_ + "/config.yaml"}, 30 * kSecond);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::make_unique<ServerProcess>(std::move(*server));
  }

  std::vector<std::string> command(std::vector<std::string> words) const {
    words.insert(words.begin(), TUNDISH_PROGRAM);
    return words;
  }
  int run(std::vector<std::string> words) {
    const auto code = run_command(command(std::move(words)), scratch_, said_);
    said_ += read_text(scratch_ + "/command.err");
    return code ? *code : -1;
  }
  int back_up() { return run({"backup", "--data", data_, "--to", to_}); }

  void begin_load() {
    loading_ = true;
    load_ = std::thread([this] {
      HttpClient client(io::real_net(), server_->address, token_);
      while (loading_) {
        std::string body;
        const std::int64_t from = acknowledged_;
        for (std::int64_t i = from; i < from + kRows; ++i)
          body += (body.empty() ? "{\"samples\":[" : ",") + std::string("{\"tag\":\"") + kTag +
                  "\",\"time\":" + std::to_string(kStart + i * kSecond) +
                  ",\"value\":" + std::to_string(value_of(i)) + "}";
        const auto answer = client.post("/api/v1/samples", body + "]}");
        if (!answer || answer->status / 100 != 2) return;  // it was killed
        acknowledged_ = from + kRows;
      }
    });
  }
  void end_load() {
    loading_ = false;
    if (load_.joinable()) load_.join();
  }
  void wait_for_rows(std::int64_t rows) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (acknowledged_ < rows && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_GE(acknowledged_, rows) << read_text(scratch_ + "/serve.log");
  }

  /// Restores a backup, the newest without a name, and reads what is in it: rows 0..n-1 and no other, and no
  /// damage. @return n, -1 when something is wrong
  std::int64_t rows_restored(const std::string& backup = {}) {
    const std::string restored = scratch_ + "/restored";
    fs::remove_all(restored);
    std::vector<std::string> words{"restore", "--from", to_, "--data", restored};
    if (!backup.empty()) words.insert(words.end(), {"--backup", backup});
    EXPECT_EQ(run(words), 0) << said_;
    EXPECT_EQ(said_.find("damaged"), std::string::npos) << said_;
    app::Platform::Options options;
    options.data_folder = restored;
    options.serving = false;
    const auto platform = app::Platform::open(std::move(options));
    if (!platform) {
      ADD_FAILURE() << platform.error().to_string();
      return -1;
    }
    EXPECT_TRUE((*platform)->historian().status().damage.empty());
    const auto enterprise = (*platform)->enterprises().find("works-01");
    if (!enterprise) return -1;
    const auto tag = (*platform)->tags().find(enterprise->id, kTag);
    if (tag == nullptr) return 0;
    std::int64_t rows = 0;
    const auto snapshot = (*platform)->historian().snapshot();
    const auto scanned = (*snapshot)->scan(tag->id, {}, [&](const Columns& piece) {
      for (std::size_t i = 0; i < piece.size(); ++i, ++rows)
        if (!same_bits(piece.at(i), {kStart + rows * kSecond, value_of(rows), kGood})) return false;
      return true;
    });
    EXPECT_TRUE(scanned);
    EXPECT_EQ(rows % kRows, 0) << "a torn request, or a row that nobody sent";
    return rows;
  }

  std::string scratch_, data_, to_, token_, said_;
  std::unique_ptr<ServerProcess> server_;
  std::thread load_;
  std::atomic<bool> loading_{false};
  std::atomic<std::int64_t> acknowledged_{0};
};

TEST_F(BackupTest, UnderLoadHasAllThatWasAcknowledgedBefore) {
  begin_load();
  for (int round = 0; round < rounds(); ++round) {
    wait_for_rows(acknowledged_ + 20 * kRows);
    const std::int64_t before = acknowledged_;
    ASSERT_EQ(back_up(), 0) << said_;
    const std::int64_t rows = rows_restored();
    EXPECT_GE(rows, before);
    EXPECT_LE(rows, acknowledged_ + kRows);
  }
  end_load();
  EXPECT_EQ(run({"backup", "--verify", to_}), 0) << said_;
  EXPECT_EQ(run({"restore", "--from", to_, "--list"}), 0);
  const std::string oldest = said_.substr(0, said_.find(' '));
  EXPECT_GE(rows_restored(oldest), 20 * kRows);
  for (const std::string& folder : {data_, to_})
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string path = fs::relative(entry.path(), folder);
      EXPECT_TRUE(entry.is_directory() || kind_of_file(path))
          << path << " is of no kind that src/model/data_files.h knows";
    }
  // Once nobody needs them, files that were kept for a copy go: what is there is sound.
  EXPECT_EQ(run({"verify", "--data", data_}), 0) << said_;
}

TEST_F(BackupTest, KilledInTheMiddleLeavesTheOneBefore) {
  io::SeededRandom random(7);
  begin_load();
  wait_for_rows(100 * kRows);
  const std::int64_t before = acknowledged_;
  ASSERT_EQ(back_up(), 0) << said_;
  for (int round = 0; round < rounds(); ++round) {
    auto copying = Process::start(command({"backup", "--data", data_, "--to", to_}),
                                  scratch_ + "/out", scratch_ + "/err");
    ASSERT_TRUE(copying);
    std::this_thread::sleep_for(std::chrono::milliseconds(random.below(60)));
    if (round % 2 == 0) {
      server_->process.send_signal(SIGKILL);
      EXPECT_EQ(server_->process.wait(), 128 + SIGKILL);
      copying->wait();
      end_load();
      server_.reset();
      start();
      begin_load();
    } else {
      copying->send_signal(SIGKILL);
      copying->wait();
    }
    ASSERT_EQ(run({"backup", "--verify", to_}), 0) << said_;
    EXPECT_GE(rows_restored(), before);
  }
  const std::int64_t now = acknowledged_;
  // The process that was told to copy may still be about to notice that nobody listens.
  for (int tries = 0; tries < 100 && back_up() != 0; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_GE(rows_restored(), now) << said_;
}

/// By calls that fail; tests/full has a disk that is really full.
TEST_F(BackupTest, AFullTargetIsSaidAndTheOneBeforeStays) {
  // By the shim, in the process that copies: the server.
  server_.reset();
  const std::string armed = scratch_ + "/armed";
  for (const auto& [name, value] : {std::pair{"LD_PRELOAD", std::string(TUNDISH_FAULT_SHIM)},
                                    {"FAULT_CALL", "pwrite"},
                                    {"FAULT_PATH", to_ + "/"},
                                    {"FAULT_ARMED", armed},
                                    {"FAULT_AFTER", "3"},
                                    {"FAULT_COUNT", "100000"},
                                    {"FAULT_ERROR", std::to_string(ENOSPC)}})
    ::setenv(name, value.c_str(), 1);
  start();
  for (const char* name : {"LD_PRELOAD", "FAULT_CALL", "FAULT_PATH", "FAULT_ARMED", "FAULT_AFTER",
                           "FAULT_COUNT", "FAULT_ERROR"})
    ::unsetenv(name);
  begin_load();
  wait_for_rows(10 * kRows);
  end_load();
  ASSERT_EQ(back_up(), 0) << said_;
  const std::int64_t before = acknowledged_;
  begin_load();
  wait_for_rows(before + 10 * kRows);
  end_load();
  std::ofstream(armed) << "now";
  EXPECT_EQ(back_up(), 1) << said_;
  EXPECT_NE(said_.find("No space left on device"), std::string::npos) << said_;
  EXPECT_EQ(rows_restored(), before) << "the one before";
  EXPECT_EQ(run({"verify", "--data", data_}), 0) << said_;
  fs::remove(armed);
  EXPECT_EQ(back_up(), 0) << said_;
  EXPECT_EQ(rows_restored(), acknowledged_);
  EXPECT_EQ(run({"backup", "--verify", to_}), 0) << said_;
}

TEST_F(BackupTest, AFlippedBitIsNamedAndAnOlderOneRestored) {
  begin_load();
  wait_for_rows(10 * kRows);
  ASSERT_EQ(back_up(), 0) << said_;
  const std::string first = said_.substr(7, said_.find(' ', 7) - 7);
  end_load();
  ASSERT_EQ(back_up(), 0) << said_;
  const std::string second = said_.substr(7, said_.find(' ', 7) - 7);
  fs::path damaged;
  for (const auto& entry : fs::directory_iterator(to_ + "/files"))
    if (entry.path().filename().string().starts_with(second)) damaged = entry.path();
  std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
  const char was = static_cast<char>(file.get());
  file.seekp(0);
  file.put(static_cast<char>(was ^ 1));
  file.close();
  EXPECT_EQ(run({"backup", "--verify", to_}), 1);
  EXPECT_NE(said_.find("files/" + damaged.filename().string()), std::string::npos) << said_;
  EXPECT_EQ(run({"restore", "--from", to_, "--data", scratch_ + "/never"}), 1);
  EXPECT_NE(said_.find("fails its checksum"), std::string::npos) << said_;
  EXPECT_FALSE(fs::exists(scratch_ + "/never"));
  EXPECT_FALSE(fs::exists(scratch_ + "/never.restoring"));
  EXPECT_GE(rows_restored(first), 10 * kRows);
}

}  // namespace
}  // namespace tundish::test
