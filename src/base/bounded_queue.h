#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/check.h"

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
    std::unique_lock lock(mutex_);
    if (policy_ == WhenFull::kBlock)
      not_full_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    if (items_.size() >= capacity_) {
      if (policy_ == WhenFull::kRefuse) {
        ++dropped_;
        return false;
      }
      items_.pop_front();
      ++dropped_;
    }
    items_.push_back(std::move(item));
    lock.unlock();
    not_empty_.notify_one();
    return true;
  }

  /// Waits for an item; nothing once closed and drained.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [&] { return closed_ || !items_.empty(); });
    return take(lock);
  }

  /// As pop, at most `timeout`.
  std::optional<T> pop_for(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    not_empty_.wait_for(lock, timeout, [&] { return closed_ || !items_.empty(); });
    return take(lock);
  }

  /// All that is there now, in order; waits for the first one. Empty once closed and drained.
  std::deque<T> pop_all() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [&] { return closed_ || !items_.empty(); });
    std::deque<T> all = std::exchange(items_, {});
    lock.unlock();
    not_full_.notify_all();
    return all;
  }

  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    not_empty_.notify_all();
    not_full_.notify_all();
  }

  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }
  std::size_t capacity() const { return capacity_; }
  /// Items lost to kDropOldest or turned away by kRefuse since the start.
  std::uint64_t dropped() const {
    std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  std::optional<T> take(std::unique_lock<std::mutex>& lock) {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    not_full_.notify_one();
    return item;
  }

  const std::size_t capacity_;
  const WhenFull policy_;
  mutable std::mutex mutex_;
  std::condition_variable not_empty_;
  std::condition_variable not_full_;
  std::deque<T> items_;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

}  // namespace tundish
