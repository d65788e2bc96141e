#pragma once

#include <functional>
#include <latch>
#include <thread>

#include "base/bounded_queue.h"

namespace tundish::historian {

/// Runs what concerns one shard of the head, one task after the other: on a thread of its own, or
/// inline where a whole historian runs in one thread. The queue holds 256 tasks and blocks when
/// full. Tasks must not wait for other tasks.
class ShardExecutor {
 public:
  explicit ShardExecutor(bool threaded) : queue_(256, WhenFull::kBlock) {
    if (threaded)
      thread_ = std::jthread([this] {
        while (auto task = queue_.pop()) (*task)();
      });
  }
  ~ShardExecutor() { queue_.close(); }
  ShardExecutor(const ShardExecutor&) = delete;
  ShardExecutor& operator=(const ShardExecutor&) = delete;

  void post(std::function<void()> task) {
    if (!thread_.joinable()) {
      task();
      return;
    }
    queue_.push(std::move(task));
  }

  /// Runs `task` and returns when it is done.
  template <class Task>
  void run(Task&& task) {
    if (!thread_.joinable()) {
      task();
      return;
    }
    std::latch done(1);
    post([&] {
      task();
      done.count_down();
    });
    done.wait();
  }

 private:
  BoundedQueue<std::function<void()>> queue_;
  std::jthread thread_;
};

}  // namespace tundish::historian
