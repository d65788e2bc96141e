#include "app/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace tundish::app {

std::string size_text(std::uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes < (std::uint64_t{1} << 20)) return fmt::format("{:.1f} KiB", value / 1024);
  if (bytes < (std::uint64_t{1} << 30)) return fmt::format("{:.1f} MiB", value / (1 << 20));
  return fmt::format("{:.1f} GiB", value / (1 << 30));
}

void ProgressLine::show(const char* doing, std::uint64_t bytes_done, std::uint64_t bytes_total) {
  using std::chrono::milliseconds;
  static const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  const auto now = Clock::now();
  if (now - shown_ < (is_terminal ? milliseconds(200) : milliseconds(10'000))) return;
  shown_ = now;
  const auto percent =
      bytes_total == 0 ? 0
                       : 100.0 * static_cast<double>(bytes_done) / static_cast<double>(bytes_total);
  fmt::print(stderr, "{}{} {} of {} ({:.0f} %){}", is_terminal ? "\r" : "", doing,
             size_text(bytes_done), size_text(bytes_total), percent, is_terminal ? "\x1B[K" : "\n");
  std::fflush(stderr);
  visible_ = is_terminal;
}

void ProgressLine::clear() {
  if (visible_) fmt::print(stderr, "\r\x1B[K");
  visible_ = false;
}

}  // namespace tundish::app
