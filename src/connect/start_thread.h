#pragma once

#include <functional>
#include <thread>

#include "base/result.h"
#include "connect/options.h"

namespace tundish::connect {

/// Errors: kOverloaded when the system has no thread left, which may pass.
Result<std::thread> start_thread(const Options& options, std::function<void()> run);

}  // namespace tundish::connect
