#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

// What a lock guards, written so that clang proves it (-Wthread-safety, tools/check_thread_safety); to
// g++ the annotations are nothing. libstdc++'s own mutexes carry none, hence these small wrappers.
#if defined(__clang__)
#define TUNDISH_THREAD_ANNOTATION(...) __attribute__((__VA_ARGS__))
#else
#define TUNDISH_THREAD_ANNOTATION(...)
#endif

/// On a member: read and written only while `mutex` is held.
#define TUNDISH_GUARDED_BY(mutex) TUNDISH_THREAD_ANNOTATION(guarded_by(mutex))
/// On a function: the caller holds `mutex`.
#define TUNDISH_REQUIRES(mutex) TUNDISH_THREAD_ANNOTATION(requires_capability(mutex))
/// On a function: the caller holds `mutex`, be it only to read.
#define TUNDISH_REQUIRES_SHARED(mutex) TUNDISH_THREAD_ANNOTATION(requires_shared_capability(mutex))
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

/// std::shared_mutex that clang knows to be a lock.
class TUNDISH_THREAD_ANNOTATION(capability("mutex")) SharedMutex {
 public:
  void lock() TUNDISH_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() TUNDISH_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  void lock_shared() TUNDISH_THREAD_ANNOTATION(acquire_shared_capability()) {
    mutex_.lock_shared();
  }
  void unlock_shared() TUNDISH_THREAD_ANNOTATION(release_shared_capability()) {
    mutex_.unlock_shared();
  }

 private:
  std::shared_mutex mutex_;
};

/// Reads what a SharedMutex guards for the rest of the scope, beside other readers.
class TUNDISH_THREAD_ANNOTATION(scoped_lockable) ReadLock {
 public:
  explicit ReadLock(SharedMutex& mutex) TUNDISH_THREAD_ANNOTATION(acquire_shared_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~ReadLock() TUNDISH_THREAD_ANNOTATION(release_capability()) { mutex_.unlock_shared(); }
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;

 private:
  SharedMutex& mutex_;
};

/// Changes what a SharedMutex guards for the rest of the scope, alone.
class TUNDISH_THREAD_ANNOTATION(scoped_lockable) WriteLock {
 public:
  explicit WriteLock(SharedMutex& mutex) TUNDISH_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~WriteLock() TUNDISH_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  SharedMutex& mutex_;
};

// State that changes in turns: a change takes its turn, prepares and writes to disk what it will, and
// then publishes it. Readers (ReadLock on `state`) wait for the publishing only, never for the disk.
//
// To clang, a call of any member function reads its object: that a PublishLock is missing it sees at
// assignments and at functions that require one, not at a container's insert or erase.

/// Holds the turn for the rest of the scope. Whoever has it may read the state without locking it:
/// nobody else changes it meanwhile.
class TUNDISH_THREAD_ANNOTATION(scoped_lockable) TurnLock {
 public:
  TurnLock(Mutex& turn, [[maybe_unused]] SharedMutex& state)
      TUNDISH_THREAD_ANNOTATION(acquire_capability(turn), acquire_shared_capability(state))
      : turn_(turn) {
    turn_.lock();
  }
  ~TurnLock() TUNDISH_THREAD_ANNOTATION(release_capability()) { turn_.unlock(); }
  TurnLock(const TurnLock&) = delete;
  TurnLock& operator=(const TurnLock&) = delete;

 private:
  Mutex& turn_;
};

/// Within a TurnLock: changes the state for the rest of the scope.
class TUNDISH_THREAD_ANNOTATION(scoped_lockable) PublishLock {
 public:
  explicit PublishLock(SharedMutex& state)
      TUNDISH_THREAD_ANNOTATION(release_shared_capability(state), acquire_capability(state))
      : state_(state) {
    state_.lock();
  }
  ~PublishLock() TUNDISH_THREAD_ANNOTATION(release_capability()) { state_.unlock(); }
  PublishLock(const PublishLock&) = delete;
  PublishLock& operator=(const PublishLock&) = delete;

 private:
  SharedMutex& state_;
};

}  // namespace tundish
