#pragma once

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

namespace tundish {

/// std::mutex that clang knows to be a lock.
class TUNDISH_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() TUNDISH_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() TUNDISH_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
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

}  // namespace tundish
