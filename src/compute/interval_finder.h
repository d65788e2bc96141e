#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/definitions.h"

namespace tundish::compute {

/// What a row says of a kind of interval.
struct IntervalRow {
  enum class State : std::uint8_t { kOutside, kInside, kBad };
  TimeNs time = 0;
  State state = State::kOutside;
  std::string label;  ///< of kInside
};

struct FoundInterval {
  TimeNs from = 0;
  std::optional<TimeNs> to;
  std::string label;
  bool is_doubtful = false;
};

/// Bad samples that last no longer are passed over where the same goes on behind them.
inline constexpr DurationNs kBridge = 5 * kMinute;

/// Stretches of equal label among rows, ascending; each row holds to the next one, the last one to `end`, where
/// what is still open stays open. What is shorter than the definition's shortest is none; what is longer than
/// its longest ends there. Pure.
std::vector<FoundInterval> find_intervals(const std::vector<IntervalRow>& rows, TimeNs end,
                                          DurationNs shortest, DurationNs longest);

/// Rows of conditions that start and end it: it begins where `start` becomes true outside, and ends where
/// `end` becomes true inside. Only what happens at or after `from` counts; rows before it tell what was.
struct EdgeRow {
  TimeNs time = 0;
  std::optional<bool> start, end;  ///< none: Bad, which changes nothing
};
std::vector<IntervalRow> rows_of_edges(const std::vector<EdgeRow>& rows, TimeNs from);

}  // namespace tundish::compute
