#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/ports/model_reader.h"
#include "model/words.h"

namespace tundish {

/// One version of a calendar, as text (docs/formats/calendar.md).
struct CalendarVersion {
  std::string valid_from;  ///< `2026-06-01`, a production day; empty: what held first
  std::string text;        ///< YAML
};

struct NamedCalendar {
  std::string name;
  std::vector<CalendarVersion> versions;  ///< ascending; the first also holds before it
  std::vector<std::uint64_t> sites;       ///< Site::id of those whose calendar it is
  /// Why it cannot be used, for example a time zone that this system no longer has; mostly empty.
  std::string problem;
};

/// A stretch of a calendar and the time in it in which work is planned.
struct PlannedStretch {
  Stretch stretch;
  DurationNs planned = 0;
};

/// The calendars of each enterprise: shifts, production days, holidays, targets, downtime reasons. A site has at
/// most one. Any thread; reads are in memory. What belongs to another enterprise is kNotFound.
class CalendarStore {
 public:
  virtual ~CalendarStore() = default;
  virtual std::vector<NamedCalendar> calendars(EnterpriseId enterprise) const = 0;
  virtual Result<NamedCalendar> find(EnterpriseId enterprise, std::string_view name) const = 0;

  /// Makes a calendar of a text in YAML or JSON, which has its name.
  /// Errors: kInvalidArgument with `calendar:line:column` in `where`, kAlreadyExists, kQuotaExceeded.
  virtual Result<NamedCalendar> create(EnterpriseId enterprise, const std::string& text) = 0;
  /// Adds the version that the text is to the calendar `name`, in the place of one that is valid from the
  /// same day. Errors: as create, and kNotFound, kConflict (the text has another name).
  virtual Result<NamedCalendar> save(EnterpriseId enterprise, std::string_view name,
                                     const std::string& text) = 0;
  /// Removes the version that is valid from a day (`2026-06-01`; empty: from the first), or without a day
  /// all of it. Errors: kNotFound, kConflict (a site has it, and this was all).
  virtual Status remove(EnterpriseId enterprise, std::string_view name,
                        std::optional<std::string_view> valid_from) = 0;

  /// Takes the newest change of a calendar's versions back, save or remove; the last 50 of each are kept.
  /// Errors: kNotFound, kConflict (nothing is left to be undone).
  virtual Result<NamedCalendar> undo(EnterpriseId enterprise, std::string_view name) = 0;

  /// The name of a site's calendar; nothing when it has none. Errors: kNotFound.
  virtual Result<std::optional<std::string>> calendar_of(EnterpriseId enterprise,
                                                         std::uint64_t site) const = 0;
  /// Errors: kNotFound (no such site), kInvalidArgument (no such calendar).
  virtual Status set_calendar_of(EnterpriseId enterprise, std::uint64_t site,
                                 std::optional<std::string> name) = 0;

  /// The windows `hour`, `shift`, `day`, `week`, `month`, `year` of a calendar that touch `range`.
  /// Errors: kNotFound, kTooLarge (more than `most`), kUnavailable (NamedCalendar::problem).
  virtual Result<std::vector<PlannedStretch>> windows(EnterpriseId enterprise,
                                                      std::string_view name,
                                                      std::string_view window, TimeRange range,
                                                      std::size_t most) const = 0;
  /// The same as they would be, were the text saved; nothing is changed. Errors: as save and windows, but
  /// not kNotFound of the calendar.
  virtual Result<std::vector<PlannedStretch>> preview(EnterpriseId enterprise,
                                                      const std::string& text,
                                                      std::string_view window, TimeRange range,
                                                      std::size_t most) const = 0;
  /// Grows with each change of any calendar or of who has it.
  virtual std::uint64_t changes() const = 0;
};

struct DowntimeCause {
  std::string code;
  Words words;
  bool planned = false;
  std::string within = {};  ///< code of the group that it belongs to; empty: none
};

/// What the calendar of an asset's site plans. Any thread; in memory.
/// Errors: kNotFound (no such asset), kUnavailable (the calendar cannot be used, with the reason).
class PlanSource {
 public:
  virtual ~PlanSource() = default;
  /// The time in `range` in which work is planned: that of the shifts without holidays and breaks; all of it where
  /// there is no calendar. Errors: also kTooLarge (more than 100,000 days).
  virtual Result<DurationNs> planned_time(EnterpriseId enterprise, AssetId asset,
                                          TimeRange range) const = 0;
  /// The target of a KPI on the production day of `at`, in the KPI's unit; nothing when there is none.
  virtual Result<std::optional<double>> target(EnterpriseId enterprise, AssetId asset,
                                               std::string_view kpi, TimeNs at) const = 0;
  /// In the calendar's order; none without a calendar.
  virtual Result<std::vector<DowntimeCause>> downtime_causes(EnterpriseId enterprise, AssetId asset,
                                                             TimeNs at) const = 0;
};

}  // namespace tundish
