#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "calendar/zone.h"

using tundish::kSecond;
using tundish::TimeNs;
using tundish::calendar::Which;

// Input: a TZif file. Whatever zone comes out of it, the clock's times lead back to the moments that show
// them, first and last, and the bounds of time hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto zone =
      tundish::calendar::Zone::parse(std::as_bytes(std::span<const std::uint8_t>(data, size)));
  if (!zone) return 0;
  const auto check = [&](TimeNs time) {
    const auto local = zone->to_local(time);
    TUNDISH_CHECK(local.time_of_day >= 0 && local.time_of_day < tundish::kDay);
    const TimeNs first = zone->from_local(local.date, local.time_of_day, Which::kFirst);
    const TimeNs last = zone->from_local(local.date, local.time_of_day, Which::kLast);
    TUNDISH_CHECK(first <= time && time <= last);
  };
  check(tundish::kTimeMin);
  check(tundish::kTimeMax);
  check(0);
  std::size_t most = 200;
  for (const auto& change : zone->changes()) {
    if (most-- == 0) break;
    check(change.at_s * kSecond);
    check(change.at_s * kSecond - 1);
  }
  return 0;
}
