#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tundish::app {

/// `12.3 MiB`
std::string size_text(std::uint64_t bytes);

/// How far long work is, for people: one line on stderr that is written over, or with stderr in a file a line
/// every ten seconds. Nothing for work that is over at once. One thread.
class ProgressLine {
 public:
  void show(const char* doing, std::uint64_t bytes_done, std::uint64_t bytes_total);
  /// Takes the line away.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point shown_ = Clock::now();
  bool visible_ = false;
};

}  // namespace tundish::app
