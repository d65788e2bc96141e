#pragma once

#include "base/time.h"

namespace tundish::formula {

/// What a meter counted from one reading to the next: never negative, never a lifetime.
///
/// - It rose: the difference. Beyond `limit` x time it is another meter, or a wrong reading: nothing, in doubt.
/// - It fell, and rolls over: what is left to the rollover and what it shows now, if that is at most half a round.
/// - It fell, and restarts at `reset`: what it shows above that.
/// - It fell otherwise: it was swapped, or read wrongly: nothing, in doubt.
/// - The reading after one in doubt that goes on where the one before it stood: the one in doubt was wrong, and
///   what was counted since then comes now.
class Meter {
 public:
  Meter(bool has_rollover, bool has_reset, bool has_limit)
      : has_rollover_(has_rollover), has_reset_(has_reset), has_limit_(has_limit) {}

  struct Facts {
    double rollover = 0, reset = 0;  ///< in its unit
    double limit = 0;                ///< in its unit per second
  };
  struct Counted {
    double amount = 0;
    bool is_doubtful = false;
  };
  /// Readings that are not Bad, ascending in time.
  Counted count(double value, TimeNs time, const Facts& facts);

  /// How many readings before it decide what one counts: nothing older does.
  static constexpr std::size_t kMemory = 2;

 private:
  struct Reading {
    double value = 0;
    TimeNs time = 0;
  };
  bool is_believable(double amount, const Reading& since, TimeNs time, const Facts& facts) const;
  /// From one reading to the next, whatever was before.
  Counted step(const Reading& from, const Reading& to, const Facts& facts) const;
  /// Whether `now` goes on where `before` stood, so that the one between them was wrong.
  bool passes_over(const Reading& before, const Reading& between, const Reading& now,
                   const Facts& facts) const;

  const bool has_rollover_, has_reset_, has_limit_;
  std::size_t known_ = 0;
  Reading before_, last_;
};

}  // namespace tundish::formula
