#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace tundish::io {

/// Wall time to stamp with and monotonic time to measure with. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeNs now() const = 0;            ///< may jump either way
  virtual DurationNs monotonic() const = 0;  ///< since some start, never goes back
};

/// The system's clocks.
Clock& real_clock();

/// A clock that a test or a simulation moves by hand.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(TimeNs start) : now_(start) {}
  TimeNs now() const override { return now_.load(); }
  DurationNs monotonic() const override { return monotonic_.load(); }
  void advance(DurationNs by) {
    now_ += by;
    monotonic_ += by;
  }
  /// Moves the wall clock only, as an operator or NTP would.
  void set_wall(TimeNs now) { now_ = now; }

 private:
  std::atomic<TimeNs> now_;
  std::atomic<DurationNs> monotonic_{0};
};

}  // namespace tundish::io
