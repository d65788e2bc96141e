#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "base/time.h"
#include "model/data_files.h"

namespace tundish::connect {

/// How sessions with equipment behave. The defaults are for plants; tests shorten the times.
struct Options {
  DurationNs reconnect_min =
      500 * kMillisecond;  ///< first pause after a loss; doubles, with jitter
  DurationNs reconnect_max = 15 * kSecond;
  DurationNs connect_timeout = 8 * kSecond;   ///< endpoints, channel and session together
  DurationNs request_timeout = 5 * kSecond;   ///< one service call
  DurationNs keep_alive_every = 2 * kSecond;  ///< the server's time is read this often
  DurationNs lost_after = 6 * kSecond;        ///< without any answer the connection counts as lost
  DurationNs first_read_after =
      2 * kSecond;  ///< items still silent this long after a connect are read
  DurationNs silence_read_after =
      30 * kSecond;                             ///< items silent this long while connected are read
  DurationNs flush_every = 100 * kMillisecond;  ///< values wait at most this long for their batch
  DurationNs stop_within = 3 * kSecond;  ///< what is left to deliver at a stop may take this long
  std::size_t batch_rows_max = 10'000;
  std::size_t queue_rows_max = 1'000'000;  ///< while the door refuses; then the oldest go, counted
  std::size_t queue_bytes_max = std::size_t{64} << 20;
  std::size_t items_per_request = 500;  ///< less where the server says so
  std::size_t browse_nodes_max = 10'000;
  std::size_t connections_per_enterprise_max = 64;  ///< each has two threads
  std::size_t items_per_enterprise_max = 200'000;   ///< of all its connections together
  /// Questions to servers that people wait for (browsing, endpoints), at one time.
  std::size_t asks_max = 8;
  std::size_t asks_per_enterprise_max = 4;
  /// Starts a thread. Throws std::system_error where the system has none left.
  std::function<std::thread(std::function<void()>)> start_thread = [](std::function<void()> run) {
    return std::thread(std::move(run));
  };
  std::string own_folder = files::kIdentityFolder;  ///< own certificate and key, in the data folder
};

}  // namespace tundish::connect
