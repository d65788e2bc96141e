#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"

namespace tundish::serve {

/// Worker threads that parties (an enterprise, a stranger's address) share fairly.
/// 1. Parties with work waiting take turns, whoever has more of it.
/// 2. One party has at most `running_max` jobs under way, so that its long ones leave threads for the
///    others.
/// 3. Waiting costs memory only, never a thread.
/// Any thread.
class FairWorkers {
 public:
  /// Called once, on a worker. `stopping`: there is no time for the work, only tell who waits for it.
  /// Must not throw.
  using Job = std::move_only_function<void(bool stopping)>;

  FairWorkers(std::size_t threads, std::size_t running_max);
  ~FairWorkers() { stop(); }
  FairWorkers(const FairWorkers&) = delete;
  FairWorkers& operator=(const FairWorkers&) = delete;

  void post(const std::string& party, Job job);
  /// Jobs that no thread has taken yet.
  std::size_t waiting() const;
  std::size_t waiting(const std::string& party) const;
  /// Waits for the jobs under way; those that wait are called with `stopping`, and those that come
  /// later as well, by whoever posts them.
  void stop();

 private:
  struct Party {
    std::deque<Job> jobs;
    std::size_t running = 0;
    bool in_line = false;
  };

  void run();
  /// Puts a party in line if a thread may take a job of it.
  void line_up(const std::string& name, Party& party) TUNDISH_REQUIRES(mutex_);

  const std::size_t running_max_;
  mutable Mutex mutex_;
  Condition came_;
  bool stopping_ TUNDISH_GUARDED_BY(mutex_) = false;
  std::size_t waiting_ TUNDISH_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, Party> parties_ TUNDISH_GUARDED_BY(mutex_);
  std::deque<std::string> line_ TUNDISH_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace tundish::serve
