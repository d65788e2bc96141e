#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asset/enterprises.h"
#include "asset/zone_files.h"
#include "base/mutex.h"
#include "calendar/timetable.h"
#include "io/sqlite.h"
#include "model/ports/calendars.h"

namespace tundish::asset {

inline constexpr std::size_t kCalendarsMax = 200;            ///< an enterprise
inline constexpr std::size_t kCalendarVersionsMax = 100;     ///< a calendar
inline constexpr std::size_t kCalendarUndoMax = 50;          ///< changes of a calendar
inline constexpr std::size_t kCalendarBytesMax = 16u << 20;  ///< all texts of an enterprise

/// Calendars in memory, in step with asset_calendar and asset_site_calendar. A change takes its turn (writing_),
/// commits, and is then published to the readers (state_).
class Calendars final : public CalendarStore {
 public:
  /// Both must outlive it.
  Calendars(io::sqlite::Database& database, const Enterprises& enterprises);
  Status load();

  std::vector<NamedCalendar> calendars(EnterpriseId enterprise) const override;
  Result<NamedCalendar> find(EnterpriseId enterprise, std::string_view name) const override;
  Result<NamedCalendar> create(EnterpriseId enterprise, const std::string& text) override;
  Result<NamedCalendar> save(EnterpriseId enterprise, std::string_view name,
                             const std::string& text) override;
  Status remove(EnterpriseId enterprise, std::string_view name,
                std::optional<std::string_view> valid_from) override;
  Result<NamedCalendar> undo(EnterpriseId enterprise, std::string_view name) override;
  Result<std::optional<std::string>> calendar_of(EnterpriseId enterprise,
                                                 std::uint64_t site) const override;
  Status set_calendar_of(EnterpriseId enterprise, std::uint64_t site,
                         std::optional<std::string> name) override;
  Result<std::vector<PlannedStretch>> windows(EnterpriseId enterprise, std::string_view name,
                                              std::string_view window, TimeRange range,
                                              std::size_t most) const override;
  Result<std::vector<PlannedStretch>> preview(EnterpriseId enterprise, const std::string& text,
                                              std::string_view window, TimeRange range,
                                              std::size_t most) const override;
  std::uint64_t changes() const override;

  using Timetable = std::shared_ptr<const calendar::Timetable>;
  /// What holds at a site: its calendar, else plain days of its zone; for site 0 of UTC. Never null.
  /// Errors: kNotFound, and why the calendar or the zone cannot be used.
  Result<Timetable> timetable_of_site(EnterpriseId enterprise, std::uint64_t site) const;

 private:
  using Key = std::pair<EnterpriseId, std::string>;
  struct Entry {
    std::map<std::string, std::string> versions;  ///< text by valid_from
    Timetable timetable;                          ///< null: see problem
    Error problem;
  };

  Result<Timetable> timetable(const std::map<std::string, std::string>& versions) const;
  Result<NamedCalendar> put(EnterpriseId enterprise, const std::string& text,
                            std::optional<std::string_view> name);
  Status check_quota(EnterpriseId enterprise, const std::string& name, const Entry& changed) const
      TUNDISH_REQUIRES_SHARED(state_);
  /// @param sites of the enterprise
  NamedCalendar described(const std::string& name, const Entry& entry,
                          const std::vector<Site>& sites) const TUNDISH_REQUIRES_SHARED(state_);
  Result<Site> find_site(EnterpriseId enterprise, std::uint64_t id) const;

  io::sqlite::Database& database_;
  const Enterprises& enterprises_;
  const ZoneFiles zones_;

  Mutex writing_;
  mutable SharedMutex state_;
  std::map<Key, Entry> entries_ TUNDISH_GUARDED_BY(state_);
  std::map<std::uint64_t, std::string> by_site_ TUNDISH_GUARDED_BY(state_);
  std::uint64_t changes_ TUNDISH_GUARDED_BY(state_) = 0;
};

/// The calendar half of WindowSource: `hour`, `shift`, `day`, `week`, `month` and `year` at an asset, by the calendar
/// of its site. Other names are kinds of intervals and kNotFound here. And what that calendar plans. Any thread.
class CalendarWindows final : public WindowSource, public PlanSource {
 public:
  /// Both must outlive it.
  CalendarWindows(const ModelReader& models, const Calendars& calendars)
      : models_(models), calendars_(calendars) {}

  Result<std::vector<Stretch>> windows(EnterpriseId enterprise, AssetId asset,
                                       std::string_view name, TimeRange range) const override;

  Result<DurationNs> planned_time(EnterpriseId enterprise, AssetId asset,
                                  TimeRange range) const override;
  Result<std::optional<double>> target(EnterpriseId enterprise, AssetId asset, std::string_view kpi,
                                       TimeNs at) const override;
  Result<std::vector<DowntimeCause>> downtime_causes(EnterpriseId enterprise, AssetId asset,
                                                     TimeNs at) const override;

 private:
  /// @param site set to the asset's, 0 for none
  Result<Calendars::Timetable> timetable_of(EnterpriseId enterprise, AssetId asset,
                                            std::uint64_t& site) const;
  const ModelReader& models_;
  const Calendars& calendars_;
};

}  // namespace tundish::asset
