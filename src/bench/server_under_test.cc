#include "bench/server_under_test.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "io/clock.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::bench {
namespace {

constexpr DurationNs kReadyTimeout = 5 * kMinute;
constexpr DurationNs kSettleTimeout = 10 * kMinute;

void sleep_for(DurationNs time) { std::this_thread::sleep_for(std::chrono::nanoseconds(time)); }

/// Bytes up to the last one that is not zero.
std::uint64_t written_bytes(const std::string& file) {
  const std::string bytes = read_file(file);
  const auto last = bytes.find_last_not_of('\0');
  return last == std::string::npos ? 0 : last + 1;
}

}  // namespace

Result<ServerUnderTest> ServerUnderTest::start(const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  const std::string log_file = options.folder + "/serve.log";
  std::filesystem::remove(log_file, error);
  std::vector<std::string> command{options.program,          "serve",    "--data",
                                   options.folder + "/data", "--listen", "127.0.0.1:0"};
  if (options.never_flush) {
    const std::string config = options.folder + "/config.yaml";
    std::ofstream(config)
        << "historian: {flush_minutes: 1440, head_mib: 16384, journal_mib: 16384}\n";
    command.insert(command.end(), {"--config", config});
  }
  const DurationNs began = io::real_clock().monotonic();
  TUNDISH_TRY(auto process, ChildProcess::start(command, options.folder, log_file));
  ServerUnderTest server(std::move(process));
  server.folder_ = options.folder;
  server.data_folder_ = options.folder + "/data";
  server.token_ = read_file(options.folder + "/token");
  TUNDISH_RETURN_IF_ERROR(server.wait_until_ready(log_file, began));
  return server;
}

Status ServerUnderTest::wait_until_ready(const std::string& log_file, DurationNs began) {
  constexpr std::string_view kMark = "http://127.0.0.1:";
  const auto end_of_log = [&] {
    const std::string log = read_file(log_file);
    return log.substr(log.size() > 2000 ? log.size() - 2000 : 0);
  };
  while (io::real_clock().monotonic() - began < kReadyTimeout) {
    if (!process_.running())
      return fail(ErrorCode::kUnavailable, "the server ended at its start: " + end_of_log());
    // It tells its port once it listens.
    const std::string log = read_file(log_file);
    const auto at = log.find(kMark);
    if (at != std::string::npos && log.find('\n', at) != std::string::npos) {
      std::uint16_t port = 0;
      std::from_chars(log.data() + at + kMark.size(), log.data() + log.size(), port);
      address_ = io::Address::tcp("127.0.0.1", port);
      HttpConnection connection(address_);
      const auto ready = connection.send({.target = "/readyz"});
      if (ready && ready->status == 200) {
        ready_after_ = io::real_clock().monotonic() - began;
        return {};
      }
    }
    sleep_for(kMillisecond);
  }
  return fail(ErrorCode::kTimeout, "the server is not ready in time: " + end_of_log());
}

Status ServerUnderTest::set_up() {
  HttpConnection owner = control();
  std::string body;
  wire::JsonWriter enterprise(body);
  enterprise.begin_object().member("code", kEnterprise).member("name", "Bench");
  enterprise.member("industry", "").member("region", "").end_object();
  TUNDISH_RETURN_IF_ERROR(
      owner.ask({.method = "POST", .target = "/api/v1/enterprises", .body = body}));
  body.clear();
  wire::JsonWriter token(body);
  token.begin_object().member("name", "bench").member("role", "engineer");
  token.member("may_create_tags", true).end_object();
  const std::string target = fmt::format("/api/v1/tokens?enterprise={}", kEnterprise);
  TUNDISH_TRY(const auto answer, owner.ask({.method = "POST", .target = target, .body = body}));
  TUNDISH_TRY(const auto made, wire::parse_json(answer));
  TUNDISH_TRY(token_, wire::required_member<std::string>(made, "secret"));
  std::ofstream(folder_ + "/token") << token_;
  return {};
}

HttpConnection ServerUnderTest::connect() const {
  return HttpConnection(address_, fmt::format("Authorization: Bearer {}\r\n", token_));
}

HttpConnection ServerUnderTest::control() const {
  return HttpConnection(io::Address::unix_socket(data_folder_ + "/control.sock"));
}

Status ServerUnderTest::settle() {
  HttpConnection owner = control();
  TUNDISH_RETURN_IF_ERROR(owner.ask({.method = "POST", .target = "/api/v1/flush"}));
  const DurationNs began = io::real_clock().monotonic();
  while (io::real_clock().monotonic() - began < kSettleTimeout) {
    const double cpu = process_.cpu_seconds();
    const std::uint64_t bytes = folder_bytes(data_folder_ + "/blocks");
    sleep_for(2 * kSecond);
    // Work goes on in the background even where nothing is to do: a twentieth of a core is rest.
    if (process_.cpu_seconds() - cpu < 0.1 && folder_bytes(data_folder_ + "/blocks") == bytes)
      return {};
  }
  return fail(ErrorCode::kTimeout, "background work has not come to rest in ten minutes");
}

Status ServerUnderTest::stop() {
  process_.send_signal(SIGTERM);
  const int code = process_.wait();
  if (code == 0) return {};
  return fail(ErrorCode::kInternal,
              fmt::format("the server ended with {}: {}", code, read_file(folder_ + "/serve.log")));
}

void ServerUnderTest::kill() {
  process_.send_signal(SIGKILL);
  process_.wait();
}

DiskUse disk_use(const std::string& data_folder) {
  DiskUse use;
  const std::string journal = data_folder + "/journal";
  std::uint64_t journal_files = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(journal, error)) {
    journal_files += entry.file_size();
    use.journal_bytes += written_bytes(entry.path());
  }
  use.prewritten_bytes = journal_files - use.journal_bytes;
  use.block_bytes = folder_bytes(data_folder + "/blocks");
  use.data_bytes = folder_bytes(data_folder) - use.prewritten_bytes;
  return use;
}

}  // namespace tundish::bench
