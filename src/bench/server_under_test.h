#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "bench/child_process.h"
#include "bench/http_connection.h"

namespace tundish::bench {

inline constexpr std::string_view kEnterprise = "bench";

/// `tundish serve` as a process of its own over a folder of its own, so that what it uses is counted apart from
/// what the bench uses. Loopback, a free port, default settings unless said otherwise. One thread.
class ServerUnderTest {
 public:
  struct Options {
    std::string program;  ///< the tundish to measure
    std::string folder;   ///< made if missing; holds data/, serve.log, config.yaml
    /// Nothing leaves memory by itself: for what a start after a crash has to read again.
    bool never_flush = false;
  };
  /// Starts it and waits until it is ready. Errors: kTimeout, kUnavailable with the end of its log.
  static Result<ServerUnderTest> start(const Options& options);

  /// The enterprise and a token that may make tags; once a folder. Errors: what the server says.
  Status set_up();

  /// A connection that sends the token.
  HttpConnection connect() const;
  /// The owner's way in.
  HttpConnection control() const;

  /// Writes memory out, then waits until background work has come to rest: nothing written, hardly any CPU time
  /// used for two seconds. Errors: kTimeout after ten minutes.
  Status settle();

  /// Ends it with SIGTERM; after `kill` with SIGKILL. The folder stays.
  Status stop();
  void kill();

  ChildProcess& process() { return process_; }
  const std::string& data_folder() const { return data_folder_; }
  /// From the start of the process to the first yes of /readyz.
  DurationNs ready_after() const { return ready_after_; }

 private:
  explicit ServerUnderTest(ChildProcess process) : process_(std::move(process)) {}
  Status wait_until_ready(const std::string& log_file, DurationNs began);

  ChildProcess process_;
  std::string folder_, data_folder_, token_;
  io::Address address_;
  DurationNs ready_after_ = 0;
};

/// What lies in a data folder.
struct DiskUse {
  std::uint64_t data_bytes =
      0;  ///< all told: blocks, journal as far as it is written, names, ledger
  std::uint64_t block_bytes = 0;
  std::uint64_t journal_bytes = 0;     ///< of it, journal that holds records
  std::uint64_t prewritten_bytes = 0;  ///< not in data_bytes: zeros that keep room for the journal
};
DiskUse disk_use(const std::string& data_folder);

}  // namespace tundish::bench
