#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// What a lock guards, written so that clang proves it (-Wthread-safety, tools/check_thread_safety); to
// g++ the annotations are nothing. libstdc++'s own mutexes carry none, hence the two small wrappers.
#if defined(__clang__)
#define TUNDISH_THREAD_ANNOTATION(...) __attribute__((__VA_ARGS__))
#else
#define TUNDISH_THREAD_ANNOTATION(...)
#endif

/// On a member: read and written only while `mutex` is held.
#define TUNDISH_GUARDED_BY(mutex) TUNDISH_THREAD_ANNOTATION(guarded_by(mutex))
/// On a function: the caller holds `mutex`.
#define TUNDISH_REQUIRES(mutex) TUNDISH_THREAD_ANNOTATION(requires_capability(mutex))
/// On a function: the caller does not hold `mutex`.
#define TUNDISH_EXCLUDES(mutex) TUNDISH_THREAD_ANNOTATION(locks_excluded(mutex))

namespace tundish {

/// std::mutex that clang knows to be a lock.
class TUNDISH_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() TUNDISH_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() TUNDISH_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

/// Holds a Mutex for the rest of the scope.
class TUNDISH_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) TUNDISH_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() TUNDISH_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// std::condition_variable over a Mutex. Waits may end for no reason: they stand in a loop that asks for
/// what is waited for, written out where clang sees which lock is held.
class Condition {
 public:
  void wait(Mutex& mutex) TUNDISH_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  /// False when the deadline has passed.
  template <class Clock, class Duration>
  bool wait_until(Mutex& mutex, const std::chrono::time_point<Clock, Duration>& deadline)
      TUNDISH_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace tundish
