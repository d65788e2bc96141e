#include "calendar/zone.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace tundish::calendar {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int32_t kOffsetMax = 26 * 3600;  // RFC 8536, 3.2 allows a little less

constexpr std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

constexpr std::int64_t kSecondMin = floor_quotient(kTimeMin, kSecond);
constexpr std::int64_t kSecondMax = floor_quotient(kTimeMax, kSecond);

/// Second and part of a second as TimeNs, at its ends when it lies outside.
TimeNs time_of(std::int64_t second, std::int64_t part_ns) {
  if (second < kSecondMin) return kTimeMin;
  if (second > kSecondMax) return kTimeMax;
  std::int64_t whole = 0, sum = 0;
  // The second of kTimeMin starts before kTimeMin, so the product is made one second later.
  if (second == kSecondMin) {
    whole = (second + 1) * kSecond;
    part_ns -= kSecond;
  } else {
    whole = second * kSecond;
  }
  if (__builtin_add_overflow(whole, part_ns, &sum)) return part_ns < 0 ? kTimeMin : kTimeMax;
  return sum;
}

}  // namespace

Zone::Zone(std::int32_t first_offset_s, std::vector<Change> changes)
    : first_offset_s_(first_offset_s) {
  // A change to the same offset is none, and those outside TimeNs cannot be seen.
  std::int32_t offset = first_offset_s;
  for (const auto& change : changes) {
    TUNDISH_CHECK(change.offset_s >= -kOffsetMax && change.offset_s <= kOffsetMax);
    TUNDISH_CHECK(changes_.empty() || change.at_s >= changes_.back().at_s);
    if (change.at_s > kSecondMax) break;
    if (change.at_s <= kSecondMin) {
      first_offset_s_ = offset = change.offset_s;
      continue;
    }
    if (!changes_.empty() && changes_.back().at_s == change.at_s) {
      changes_.pop_back();
      offset = offset_after(changes_.size());
    }
    if (change.offset_s == offset) continue;
    changes_.push_back(change);
    offset = change.offset_s;
  }
  TUNDISH_CHECK(first_offset_s_ >= -kOffsetMax && first_offset_s_ <= kOffsetMax);
}

std::size_t Zone::changes_until(std::int64_t second) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(changes_, second, {}, &Change::at_s) -
                                  changes_.begin());
}

LocalTime Zone::to_local(TimeNs time) const {
  const std::int64_t second = floor_quotient(time, kSecond);
  const std::int64_t part = time % kSecond < 0 ? time % kSecond + kSecond : time % kSecond;
  const std::int32_t offset = offset_after(changes_until(second));
  const std::int64_t local = second + offset;
  const std::int64_t day = floor_quotient(local, kDaySeconds);
  return {.date = {static_cast<std::int32_t>(day)},
          .time_of_day = (local - day * kDaySeconds) * kSecond + part,
          .offset_s = offset};
}

TimeNs Zone::from_local(Date date, DurationNs time_of_day, Which which) const {
  const std::int64_t second = floor_quotient(time_of_day, kSecond);
  const std::int64_t part = time_of_day - second * kSecond;
  const std::int64_t wanted = date.days * kDaySeconds + second;
  // The clock stands `wanted` within 26 h of that second of UTC. Between two changes it runs evenly.
  if (which == Which::kFirst) {
    for (std::size_t at = changes_until(wanted - kOffsetMax - 1);; ++at) {
      const std::int64_t moment = wanted - offset_after(at);
      if (at < changes_.size() && moment >= changes_[at].at_s) continue;
      // Where the clock jumped past it the jump is the first moment that shows something later.
      if (at > 0 && moment < changes_[at - 1].at_s) return time_of(changes_[at - 1].at_s, 0);
      return time_of(moment, part);
    }
  }
  for (std::size_t at = changes_until(wanted + kOffsetMax + 1);; --at) {
    const std::int64_t moment = wanted - offset_after(at);
    // After this change the clock shows nothing so early any more.
    if (at > 0 && moment < changes_[at - 1].at_s) continue;
    if (at < changes_.size() && moment >= changes_[at].at_s) return time_of(changes_[at].at_s, 0);
    return time_of(moment, part);
  }
}

TimeNs Zone::next_change(TimeNs time) const {
  const auto after = changes_until(floor_quotient(time, kSecond));
  return after == changes_.size() ? kTimeMax : changes_[after].at_s * kSecond;
}

TimeNs Zone::last_change(TimeNs time) const {
  const auto until = changes_until(floor_quotient(time, kSecond));
  return until == 0 ? kTimeMin : changes_[until - 1].at_s * kSecond;
}

std::string format_offset(std::int32_t offset_s) {
  const std::int32_t size = offset_s < 0 ? -offset_s : offset_s;
  auto text = fmt::format("{}{:02}:{:02}", offset_s < 0 ? '-' : '+', size / 3600, size / 60 % 60);
  if (size % 60 != 0) text += fmt::format(":{:02}", size % 60);
  return text;
}

}  // namespace tundish::calendar
