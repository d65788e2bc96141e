#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "calendar/date.h"

namespace tundish::calendar {

/// What the clock on the wall shows.
struct LocalTime {
  Date date;
  DurationNs time_of_day = 0;  ///< 0 <= .. < 24 h
  std::int32_t offset_s = 0;   ///< local time - UTC

  bool operator==(const LocalTime&) const = default;
};

/// Which of two moments a local time means that the clock shows twice.
enum class Which : std::uint8_t {
  kFirst,  ///< the first moment at which the clock shows it or something later
  kLast,   ///< the last moment until which the clock shows it or something earlier
};

/// The offsets of one place over all time. Immutable; any thread.
///
/// A local time that the clock skips means the moment of the jump, by both readings of Which; one that
/// it shows once means that moment, by both. Both readings grow with the local time, whatever the
/// clock does, which is why stretches between local times adjoin and never overlap.
class Zone {
 public:
  /// Where the offset of UTC becomes another one; before the first of them `first` holds.
  struct Change {
    std::int64_t at_s = 0;  ///< seconds since 1970-01-01 UTC
    std::int32_t offset_s = 0;
    bool operator==(const Change&) const = default;
  };

  /// UTC.
  Zone() = default;
  /// Offset changes must ascend; for tests and for fixed offsets. |offset| <= 26 h.
  Zone(std::int32_t first_offset_s, std::vector<Change> changes);

  /// A TZif file, versions 1 to 4 (RFC 8536, RFC 9636), 64 KiB at most. After the last time of its
  /// table the rule of its footer holds, which is written out up to the end of TimeNs.
  /// Errors: kCorruption (with the byte offset), kUnsupported for a file with leap seconds.
  static Result<Zone> parse(ByteSpan tzif);

  LocalTime to_local(TimeNs time) const;
  /// kTimeMin or kTimeMax when it lies outside TimeNs. `time_of_day` may be outside 0..24 h: it counts
  /// on the clock from the date's midnight. At most a year.
  TimeNs from_local(Date date, DurationNs time_of_day, Which which) const;

  /// The first change of the offset after `time`; kTimeMax when there is none.
  TimeNs next_change(TimeNs time) const;
  /// The last change at or before `time`; kTimeMin when there is none.
  TimeNs last_change(TimeNs time) const;

  std::int32_t first_offset_s() const { return first_offset_s_; }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  /// How many changes lie at or before the second.
  std::size_t changes_until(std::int64_t second) const;
  std::int32_t offset_after(std::size_t changes) const {
    return changes == 0 ? first_offset_s_ : changes_[changes - 1].offset_s;
  }

  std::int32_t first_offset_s_ = 0;
  std::vector<Change> changes_;
};

/// `+08:00`, `-03:30`, `+00:19:32`.
std::string format_offset(std::int32_t offset_s);

}  // namespace tundish::calendar
