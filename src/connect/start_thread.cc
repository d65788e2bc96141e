#include "connect/start_thread.h"

#include <fmt/format.h>

#include <system_error>

namespace tundish::connect {

Result<std::thread> start_thread(const Options& options, std::function<void()> run) {
  try {
    return options.start_thread(std::move(run));
  } catch (const std::system_error& error) {
    return fail(ErrorCode::kOverloaded,
                fmt::format("the system has no thread left for this connection: {}", error.what()));
  }
}

}  // namespace tundish::connect
