#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"

namespace tundish {

/// What a full queue does. A queue always states it.
enum class WhenFull { kBlock, kDropOldest, kRefuse };

/// A queue between threads with a fixed capacity and a stated policy; every drop is counted.
/// Any number of producers and consumers. After `close()` pushes fail and pops drain what is left.
template <class T>
class BoundedQueue {
 public:
  BoundedQueue(std::size_t capacity, WhenFull policy) : capacity_(capacity), policy_(policy) {
    TUNDISH_CHECK(capacity > 0);
  }

  /// False when closed, or when full under kRefuse; `item` is then left as it was.
  bool push(T&& item) {
    {
      const MutexLock lock(mutex_);
      if (policy_ == WhenFull::kBlock)
        while (!closed_ && items_.size() >= capacity_) not_full_.wait(mutex_);
      if (closed_) return false;
      if (items_.size() >= capacity_) {
        ++dropped_;
        if (policy_ == WhenFull::kRefuse) return false;
        items_.pop_front();
      }
      items_.push_back(std::move(item));
    }
    not_empty_.notify_one();
    return true;
  }

  /// Waits for an item; nothing once closed and drained.
  std::optional<T> pop() {
    std::optional<T> item;
    {
      const MutexLock lock(mutex_);
      while (!closed_ && items_.empty()) not_empty_.wait(mutex_);
      item = take();
    }
    if (item) not_full_.notify_one();
    return item;
  }

  /// As pop, at most `timeout`.
  std::optional<T> pop_for(std::chrono::nanoseconds timeout) {
    std::optional<T> item;
    {
      const MutexLock lock(mutex_);
      const auto until = std::chrono::steady_clock::now() + timeout;
      while (!closed_ && items_.empty() && not_empty_.wait_until(mutex_, until)) {
      }
      item = take();
    }
    if (item) not_full_.notify_one();
    return item;
  }

  /// All that is there now, in order; waits for the first one. Empty once closed and drained.
  std::deque<T> pop_all() {
    std::deque<T> all;
    {
      const MutexLock lock(mutex_);
      while (!closed_ && items_.empty()) not_empty_.wait(mutex_);
      all.swap(items_);
    }
    not_full_.notify_all();
    return all;
  }

  void close() {
    {
      const MutexLock lock(mutex_);
      closed_ = true;
    }
    not_empty_.notify_all();
    not_full_.notify_all();
  }

  std::size_t size() const {
    const MutexLock lock(mutex_);
    return items_.size();
  }
  std::size_t capacity() const { return capacity_; }
  /// Items lost to kDropOldest or turned away by kRefuse since the start.
  std::uint64_t dropped() const {
    const MutexLock lock(mutex_);
    return dropped_;
  }

 private:
  std::optional<T> take() TUNDISH_REQUIRES(mutex_) {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

  const std::size_t capacity_;
  const WhenFull policy_;
  mutable Mutex mutex_;
  Condition not_empty_;
  Condition not_full_;
  std::deque<T> items_ TUNDISH_GUARDED_BY(mutex_);
  std::uint64_t dropped_ TUNDISH_GUARDED_BY(mutex_) = 0;
  bool closed_ TUNDISH_GUARDED_BY(mutex_) = false;
};

}  // namespace tundish
