#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "calendar/timetable.h"

namespace {

using namespace tundish;  // NOLINT: one function of a program of its own
using namespace tundish::calendar;

/// A zone whose clock may do anything that a file could say: jumps of a day and more, seconds apart.
std::shared_ptr<const Zone> any_zone(ByteReader& bytes) {
  const auto offset = [&] { return static_cast<std::int32_t>(bytes.varint() % 187'201) - 93'600; };
  const std::int32_t first = offset();
  std::vector<Zone::Change> changes;
  std::int64_t at = 1'774'000'000;  // March 2026
  for (auto count = bytes.varint() % 8; count > 0; --count) {
    at += 1 + static_cast<std::int64_t>(bytes.varint() % 1'000'000);
    changes.push_back({at, offset()});
  }
  return std::make_shared<const Zone>(first, std::move(changes));
}

Calendar any_calendar(ByteReader& bytes, int version) {
  const auto minute = [&] { return static_cast<DurationNs>(bytes.varint() % 1440) * kMinute; };
  Calendar calendar;
  calendar.name = "fuzz";
  calendar.time_zone = "any";
  if (version > 0)
    calendar.valid_from =
        make_date(2026, 3, 20) + static_cast<std::int32_t>(version * 3 + bytes.varint() % 3);
  calendar.day_start = minute();
  calendar.week_start = static_cast<Weekday>(bytes.varint() % 7);
  for (auto count = bytes.varint() % 5; count > 0; --count)
    calendar.shifts.push_back({.name = "s" + std::to_string(count),
                               .words = {},
                               .from = minute(),
                               .length = minute() + kMinute,
                               .on = static_cast<Weekdays>(bytes.varint() % 127 + 1)});
  return calendar;
}

void check_kind(const Timetable& table, WindowKind kind, TimeRange range) {
  const auto found = table.windows(kind, range);
  if (!found) {
    TUNDISH_CHECK(found.error().code == ErrorCode::kTooLarge);
    return;
  }
  TimeNs end = range.from;
  for (const auto& [one, label] : *found) {
    TUNDISH_CHECK(one.from < one.to && one.to > range.from && one.from < range.to);
    const bool first = &one == &found->front().range;
    if (kind == WindowKind::kShift)
      TUNDISH_CHECK(first || one.from >= end);
    else
      TUNDISH_CHECK(first ? one.from <= range.from : one.from == end);
    end = one.to;
    const auto again = table.window_at(kind, std::max(one.from, range.from));
    TUNDISH_CHECK(again && again->range == one && table.label_of(*again) == label);
  }
  TUNDISH_CHECK(kind == WindowKind::kShift || end >= range.to);
}

}  // namespace

// Input: zones, versions of a calendar and a range. The windows keep their promises, whatever the clock does.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader bytes(std::as_bytes(std::span<const std::uint8_t>(data, size)));
  std::vector<Timetable::Version> versions;
  const auto count = static_cast<int>(bytes.varint() % 4) + 1;
  for (int version = 0; version < count; ++version) {
    auto calendar = any_calendar(bytes, version);
    versions.push_back({std::move(calendar), any_zone(bytes)});
  }
  const auto table = Timetable::make(std::move(versions));
  if (!table) return 0;
  TimeRange range{1'773'000'000 * kSecond, 0};
  range.from += static_cast<DurationNs>(bytes.varint() % (40 * 86'400)) * kSecond;
  range.to = range.from + 1 + static_cast<DurationNs>(bytes.varint() % (20 * 86'400)) * kSecond;
  for (const auto kind : {WindowKind::kHour, WindowKind::kShift, WindowKind::kDay,
                          WindowKind::kWeek, WindowKind::kMonth, WindowKind::kYear})
    check_kind(*table, kind, range);
  const auto planned = table->planned_time(range);
  TUNDISH_CHECK(planned && *planned >= 0 && *planned <= range.to - range.from);
  return 0;
}
