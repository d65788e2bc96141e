#pragma once

#include <string_view>

namespace tundish {

/// Prints the failed expression with its place and ends the process. For bugs only, never for
/// anything that outside input can cause.
[[noreturn]] void check_failed(std::string_view expression, std::string_view file, int line);

/// Ends the process because going on would break a promise already given, for example after a
/// failed fdatasync. Prints one sentence that says why and what to do. Exit code 70.
[[noreturn]] void end_process(std::string_view reason);

}  // namespace tundish

/// An assertion that release builds keep.
#define TUNDISH_CHECK(expression)          \
  (static_cast<bool>(expression) ? void(0) \
                                 : ::tundish::check_failed(#expression, __FILE__, __LINE__))
