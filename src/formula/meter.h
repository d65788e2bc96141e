#pragma once

#include <array>
#include <cstddef>

#include "base/time.h"

namespace tundish::formula {

/// What a meter counted from one reading to the next: never negative, never a lifetime.
///
/// - It rose: the difference. Beyond `limit` x time, or half a round of one that rolls over, it is another meter
///   or a wrong reading: nothing, in doubt.
/// - It fell, and rolls over: what is left to the rollover and what it shows now, if that is at most half a round.
/// - It fell, and restarts at `reset`: what it shows above that.
/// - It fell otherwise: it was swapped, or read wrongly: nothing, in doubt.
/// - The reading after some in doubt that goes on where the one before them stood: those in doubt were wrong, and
///   what was counted since then comes now. After a fall it does so in one step, for more than half of the fall:
///   a new meter that slowly reaches what the old one showed does not.
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
  static constexpr std::size_t kMemory = 8;

 private:
  struct Reading {
    double value = 0;
    TimeNs time = 0;
  };
  bool is_believable(double amount, const Reading& since, TimeNs time, const Facts& facts) const;
  /// From one reading to the next, whatever was before.
  Counted step(const Reading& from, const Reading& to, const Facts& facts) const;
  /// Whether `now` goes on where the reading number `before` stood, so that those between them were wrong.
  bool passes_over(std::size_t before, const Reading& now, const Facts& facts) const;
  /// What `now` counts more than the reading number `before`, without what was counted since.
  double since(std::size_t before, const Reading& now, const Facts& facts) const;

  const Reading& at(std::size_t number) const { return readings_[(oldest_ + number) % kMemory]; }

  const bool has_rollover_, has_reset_, has_limit_;
  std::array<Reading, kMemory> readings_;
  std::size_t oldest_ = 0, known_ = 0;  ///< at(0) to at(known_ - 1): the last readings
  std::size_t since_doubt_ = kMemory;   ///< readings since a step was in doubt
};

}  // namespace tundish::formula
