#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "io/net.h"

namespace tundish::test {

/// A program of ours that runs beside the test, its stderr in a file. Killed when it is dropped.
class Process {
 public:
  /// Errors: kNotFound when the program cannot be started.
  static Result<Process> start(std::vector<std::string> command, const std::string& stdout_file,
                               const std::string& stderr_file);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  bool running();
  void send_signal(int signal) const;
  /// The exit code, or 128 + signal; waits.
  int wait();

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;  ///< -1: none, or waited for
  int code_ = 0;
};

/// Runs `command` to its end. The exit code; `output` gets its stdout.
Result<int> run_command(std::vector<std::string> command, const std::string& scratch_folder,
                        std::string& output);

std::string read_text(const std::string& file);

/// `tundish serve` on a free port of loopback.
struct ServerProcess {
  Process process;
  io::Address address;
  DurationNs ready_after = 0;  ///< from its start until /readyz said yes

  /// `extra`: more arguments. Errors: kTimeout when it is not ready in time, kUnavailable when it
  /// ended; with the end of its log.
  static Result<ServerProcess> start(const std::string& program, const std::string& data_folder,
                                     const std::string& log_file,
                                     const std::vector<std::string>& extra, DurationNs timeout);
};

}  // namespace tundish::test
