#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace tundish::bench {

/// A server that a bench started, and what the system says of it. Killed when it is dropped.
class ChildProcess {
 public:
  /// stdout and stderr go to `log_file`; it runs in `folder` and ends when this process does.
  /// Errors: kNotFound when the program cannot be started.
  static Result<ChildProcess> start(const std::vector<std::string>& command,
                                    const std::string& folder, const std::string& log_file);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  bool running();
  void send_signal(int signal) const;
  /// The exit code, or 128 + signal; waits.
  int wait();

  /// User and system time of all its threads so far, in seconds; /proc/PID/stat, steps of 10 ms.
  double cpu_seconds() const;
  /// Memory that it has now (VmRSS) and has had at most (VmHWM).
  std::uint64_t rss_bytes() const;
  std::uint64_t rss_bytes_max() const;

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  std::uint64_t status_bytes(std::string_view name) const;
  pid_t pid_ = -1;  ///< -1: none, or waited for
  int code_ = 0;
};

/// The whole of a file; empty when it cannot be read.
std::string read_file(const std::string& file);

/// An empty folder that goes with this.
class ScratchFolder {
 public:
  /// Below `parent`, or the system's folder for such. Errors: kIo.
  static Result<ScratchFolder> make(const std::string& parent);
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// A TCP port of 127.0.0.1 that nobody had a moment ago. Errors: those of listening.
Result<std::uint16_t> free_port();

/// Bytes of all files below `folder`, as `du --apparent-size` counts them.
std::uint64_t folder_bytes(const std::string& folder);

}  // namespace tundish::bench
