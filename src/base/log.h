#pragma once

#include <fmt/format.h>

#include <string_view>

namespace tundish {

/// kOff is a level to set, never one to write at.
enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

/// One line on stderr: UTC time, level, module, text. Control characters in the text are escaped,
/// so outside input cannot forge a line. Any thread.
void log_line(LogLevel level, std::string_view module, std::string_view text);

/// Lines below `level` are not written. Default kInfo.
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

template <class... Args>
void log_info(std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kInfo))
    log_line(LogLevel::kInfo, module, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kWarning))
    log_line(LogLevel::kWarning, module, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kError))
    log_line(LogLevel::kError, module, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_debug(std::string_view module, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kDebug))
    log_line(LogLevel::kDebug, module, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tundish
