#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "model/retention.h"

// Which blocks are merged, and into which. Pure.

namespace tundish::historian {

/// What a compacted block holds: one enterprise, one retention class and one aligned window of time, so that
/// retention and the erasure of an enterprise drop whole files.
struct BlockGroup {
  EnterpriseId enterprise;
  KeepDays keep = kKeptForEver;
  std::int64_t window = 0;  ///< its number: windows of window_of(keep), 0 starts in 1970

  auto operator<=>(const BlockGroup&) const = default;
};

/// The window of a block that holds nothing but tombstones: they count for all times.
inline constexpr std::int64_t kTombstoneWindow = INT64_MIN;

/// A power of two of days: one for what is kept for up to half a year, 32 for what is kept for ever. A class has
/// then some two hundred windows, and loses them one by one.
DurationNs window_of(KeepDays keep);
/// The number of the window that `time` lies in.
std::int64_t window_at(KeepDays keep, TimeNs time);
/// The last time of a window.
TimeNs window_end(KeepDays keep, std::int64_t window);

/// A block as the choice sees it; without a group it is mixed, as a flush writes it.
struct PlannedBlock {
  std::uint64_t samples = 0;
  std::optional<BlockGroup> group;
};

/// A flush writes millions of samples at once, so that its blocks are few; until they are merged their chunks are short.
inline constexpr std::size_t kMixedEnough = 4;

/// Indexes of the blocks to merge next, ascending; empty when there is nothing worth it.
/// - Mixed ones as soon as there are `enough`, or kMixedEnough: they are taken apart by group.
/// - Of a group at least `enough` of about one size, so that a sample is rewritten a few times in its life and not
///   at every flush; of a group whose window is over also fewer, if the merge is no waste.
/// - `tidy`: every window counts as over, and what is not much is merged in any case.
std::vector<std::size_t> choose_blocks(std::span<const PlannedBlock> blocks, std::size_t enough,
                                       bool tidy = false);

}  // namespace tundish::historian
