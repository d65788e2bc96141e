#include "historian/compaction_plan.h"

#include <algorithm>
#include <bit>
#include <map>

namespace tundish::historian {
namespace {

constexpr KeepDays kWindowsWanted = 180;
constexpr KeepDays kWindowDaysMax = 32;
/// Sizes that count as about the same; a block beyond the last is left alone.
constexpr std::uint64_t kTierSamples[] = {1 << 20, 16 << 20, 256 << 20};
/// A merge of a window that is over rewrites at most this many samples for each that it brings together.
constexpr std::uint64_t kRewrittenMax = 8;
/// So many samples are merged into one block whatever it rewrites, when somebody asked for it: some ten seconds.
constexpr std::uint64_t kTidyMax = 64 << 20;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

using Indexes = std::vector<std::size_t>;

/// The blocks of one group that are to be merged. `of_group` ascends by samples.
Indexes choose_in_group(std::span<const PlannedBlock> blocks, Indexes of_group, std::size_t enough,
                        bool is_over, bool tidy) {
  for (const std::uint64_t tier : kTierSamples) {
    const auto larger =
        std::ranges::find_if(of_group, [&](std::size_t i) { return blocks[i].samples >= tier; });
    const auto count = static_cast<std::size_t>(larger - of_group.begin());
    if (count >= enough) return {of_group.begin(), larger};
  }
  if (!is_over || of_group.size() < 2) return {};
  std::uint64_t all = 0;
  for (const std::size_t i : of_group) all += blocks[i].samples;
  if (tidy && all <= kTidyMax) return of_group;
  std::uint64_t smaller = 0;
  std::size_t worth = 0;
  for (std::size_t i = 0; i < of_group.size(); ++i) {
    const std::uint64_t samples = blocks[of_group[i]].samples;
    if (samples >= std::end(kTierSamples)[-1]) break;
    if (i > 0 && samples <= kRewrittenMax * smaller) worth = i + 1;
    smaller += samples;
  }
  of_group.resize(worth);
  return of_group;
}

}  // namespace

DurationNs window_of(KeepDays keep) {
  const KeepDays days = keep == kKeptForEver
                            ? kWindowDaysMax
                            : std::clamp<KeepDays>(keep / kWindowsWanted, 1, kWindowDaysMax);
  return static_cast<DurationNs>(std::bit_floor(days)) * kDay;
}

std::int64_t window_at(KeepDays keep, TimeNs time) { return floor_div(time, window_of(keep)); }

TimeNs window_end(KeepDays keep, std::int64_t window) {
  const DurationNs length = window_of(keep);
  if (window >= window_at(keep, kTimeMax)) return kTimeMax;
  return (window + 1) * length - 1;
}

std::vector<std::size_t> choose_blocks(std::span<const PlannedBlock> blocks, std::size_t enough,
                                       bool tidy) {
  enough = std::max<std::size_t>(2, enough);
  Indexes mixed;
  std::map<BlockGroup, Indexes> groups;
  for (std::size_t i = 0; i < blocks.size(); ++i)
    (blocks[i].group ? groups[*blocks[i].group] : mixed).push_back(i);
  if (mixed.size() >= (tidy ? 2 : std::min(enough, kMixedEnough))) return mixed;

  for (auto group = groups.begin(); group != groups.end(); ++group) {
    const auto next = std::next(group);
    // Groups ascend by window within a class, so a later one is the next.
    const bool has_later = next != groups.end() &&
                           next->first.enterprise == group->first.enterprise &&
                           next->first.keep == group->first.keep;
    const bool is_over = (has_later || tidy) && group->first.window != kTombstoneWindow;
    std::ranges::stable_sort(group->second, {}, [&](std::size_t i) { return blocks[i].samples; });
    Indexes chosen = choose_in_group(blocks, group->second, enough, is_over, tidy);
    if (chosen.empty()) continue;
    std::ranges::sort(chosen);
    return chosen;
  }
  return {};
}

}  // namespace tundish::historian
