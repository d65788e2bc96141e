#pragma once

#include <cstdint>

#include "base/time.h"

// How long samples are kept. A tag is kept for a number of whole days, its retention class. The horizon of a
// class only advances, by a record of the journal: what is older is refused, not shown, and removed in time.

namespace tundish {

/// Whole days of 24 h; kKeptForEver has no horizon.
using KeepDays = std::uint32_t;

inline constexpr KeepDays kKeptForEver = 0;
/// 200 years: everything longer is for ever.
inline constexpr KeepDays kKeepDaysMax = 73'050;

/// What a class that is kept for `keep` has lost at `now`: whole days, so that it advances once a day.
constexpr TimeNs horizon_at(TimeNs now, KeepDays keep) {
  if (keep == kKeptForEver) return kTimeMin;
  const std::int64_t day = now / kDay - (now % kDay < 0 ? 1 : 0);
  return (day - static_cast<std::int64_t>(keep)) * kDay;
}

}  // namespace tundish
