#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "io/random.h"
#include "sim/oracle.h"

namespace tundish::sim {

/// Makes random operations that a well-behaved or clumsy sender could ask for: batches of every
/// type in any order of time, numbered, repeated, with holes; tombstones; retypes. What it makes
/// depends on the seed and on the oracle alone.
class Workload {
 public:
  Workload(io::Random& random, TimeNs start);

  Operation next(const Oracle& oracle);
  /// Tags and a stream, without which nothing can be sent.
  Operation make_tags();
  Operation open_stream();
  /// A stretch of time in which samples are likely.
  TimeRange range();
  TimeNs time();
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  Operation append(const Oracle& oracle);
  Operation erase(const Oracle& oracle);
  Operation retention(const Oracle& oracle);
  Value value(ValueType type);
  Quality quality();

  io::Random& random_;
  const TimeNs start_;
  std::vector<Append> sent_;  ///< the last few, to be repeated as they were
};

}  // namespace tundish::sim
