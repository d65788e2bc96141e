#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/batch_sender.h"
#include "base/result.h"
#include "base/time.h"
#include "simulate/frame_source.h"

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
  std::string faults_file;        ///< followed while it runs (faults_file.h); empty: none
  bool until_input_ends = false;  ///< instead of until SIGINT or SIGTERM, which are blocked
};

/// Runs a simulated plant that sends its frames as numbered batches over HTTP, until it is told to
/// stop. A server that is away costs nothing: frames wait in a queue (a day of them), and what waits
/// at the end is said. Prints `URL ENTERPRISE` on stdout when the server has answered for the first
/// time. Errors: those of load_plant; kNotFound for the token; kConflict when another sender took over.
Status send_plant(const SendPlantOptions& options);

/// Makes frames that are due up to `now`, at most an hour of them, and sends what waits. True when more
/// are due: the caller comes back at once, so that a long past goes out piece by piece instead of falling
/// off the end of the sender's queue. Errors: those of BatchSender::send.
Result<bool> send_due(simulate::FrameSource& frames, BatchSender& sender, TimeNs now);

}  // namespace tundish::app
