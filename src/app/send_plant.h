#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tundish::app {

struct SendPlantOptions {
  std::string folder;      ///< of the pack
  std::string name;        ///< of the pack: the source is `simulate/NAME`
  std::string url;         ///< of the server
  std::string token_file;  ///< an API token that may create tags, read anew after a refusal
  std::uint64_t seed = 1;
  TimeNs epoch = 0;  ///< when the plant's life began
  TimeNs from = 0;   ///< of the first frame; 0: now
  std::vector<std::string> faults;
  bool until_input_ends = false;  ///< instead of until SIGINT or SIGTERM, which are blocked
};

/// Runs a simulated plant that sends its frames as numbered batches over HTTP, until it is told to
/// stop. A server that is away costs nothing: frames wait in a queue (a day of them), and what waits
/// at the end is said. Prints `URL ENTERPRISE` on stdout when the server has answered for the first
/// time. Errors: those of load_plant; kNotFound for the token; kConflict when another sender took over.
Status send_plant(const SendPlantOptions& options);

}  // namespace tundish::app
