#include "asset/calendars.h"

#include <fmt/format.h>

#include <algorithm>

#include "pack/calendar_yaml.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

std::unexpected<Error> no_calendar() {
  return fail(ErrorCode::kNotFound, "there is no such calendar");
}
std::unexpected<Error> no_site() { return fail(ErrorCode::kNotFound, "there is no such site"); }

std::string valid_from_of(const calendar::Calendar& calendar) {
  return calendar.valid_from ? calendar::format_date(*calendar.valid_from) : "";
}

/// Keeps what a change replaces, so that it can be taken back; the oldest beyond kCalendarUndoMax go.
Status keep_for_undo(Transaction& transaction, EnterpriseId enterprise, const std::string& name,
                     const std::string& valid_from, const std::optional<std::string>& text) {
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "INSERT INTO asset_calendar_undo(enterprise, name, valid_from, text) VALUES(?, ?, ?, ?)",
      enterprise.value(), name, valid_from, text));
  return transaction.run(
      "DELETE FROM asset_calendar_undo WHERE enterprise = ?1 AND name = ?2 AND id NOT IN (SELECT "
      "id FROM asset_calendar_undo WHERE enterprise = ?1 AND name = ?2 ORDER BY id DESC LIMIT ?3)",
      enterprise.value(), name, kCalendarUndoMax);
}

/// Windows with what is planned in each.
Result<std::vector<PlannedStretch>> windows_of(const calendar::Timetable& table,
                                               std::string_view window, TimeRange range,
                                               std::size_t most) {
  const auto kind = calendar::parse_window_kind(window);
  if (!kind)
    return fail(ErrorCode::kNotFound,
                "a calendar's window is hour, shift, day, week, month or year", "window");
  TUNDISH_TRY(auto stretches, table.windows(*kind, range));
  if (stretches.size() > most)
    return fail(ErrorCode::kTooLarge, fmt::format("at most {} windows in one answer", most));
  std::vector<PlannedStretch> all;
  all.reserve(stretches.size());
  for (auto& stretch : stretches) {
    TUNDISH_TRY(const DurationNs planned, table.planned_time(stretch.range));
    all.push_back({std::move(stretch), planned});
  }
  return all;
}

/// Of a text that is edited: a zone that is misspelt is told with its line.
Status check_zone(std::string_view name) { return check_time_zone(name); }

/// A text as it is kept: YAML with its comments as it came, JSON as YAML.
std::string kept_text(const std::string& text, const calendar::Calendar& calendar) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '{' ? pack::format_calendar(calendar) : text;
}

}  // namespace

Calendars::Calendars(io::sqlite::Database& database, const Enterprises& enterprises)
    : database_(database), enterprises_(enterprises) {}

Status Calendars::load() {
  const TurnLock turn(writing_, state_);
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  const PublishLock state(state_);  // nobody waits for it yet
  TUNDISH_TRY(Statement rows,
              transaction.prepare("SELECT enterprise, name, valid_from, text FROM asset_calendar"));
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) break;
    const Key key(EnterpriseId(rows.integer_as<std::uint32_t>(0)), rows.text(1));
    entries_[key].versions[rows.text(2)] = rows.text(3);
  }
  // One that cannot be used, as its zone is gone from tzdata, is kept and says why; the rest go on.
  for (auto& [key, entry] : entries_) {
    auto made = timetable(entry.versions);
    if (made)
      entry.timetable = std::move(*made);
    else
      entry.problem = made.error();
  }
  TUNDISH_TRY(Statement sites,
              transaction.prepare("SELECT site, calendar FROM asset_site_calendar"));
  while (true) {
    TUNDISH_TRY(const bool more, sites.next());
    if (!more) return {};
    by_site_[sites.integer_as<std::uint64_t>(0)] = sites.text(1);
  }
}

Result<Calendars::Timetable> Calendars::timetable(
    const std::map<std::string, std::string>& versions) const {
  std::vector<calendar::Timetable::Version> all;
  for (const auto& [valid_from, text] : versions) {
    TUNDISH_TRY(auto calendar, pack::read_calendar(text, "calendar"));
    TUNDISH_TRY(auto zone, zones_.find(calendar.time_zone));
    all.push_back({std::move(calendar), std::move(zone)});
  }
  TUNDISH_TRY(auto made, calendar::Timetable::make(std::move(all)));
  return std::make_shared<const calendar::Timetable>(std::move(made));
}

Result<Site> Calendars::find_site(EnterpriseId enterprise, std::uint64_t id) const {
  const auto sites = enterprises_.sites(enterprise);
  const auto found = std::ranges::find(sites, id, &Site::id);
  if (found == sites.end()) return no_site();
  return *found;
}

// --- reading ---------------------------------------------------------------------------------------

NamedCalendar Calendars::described(const std::string& name, const Entry& entry,
                                   const std::vector<Site>& sites) const {
  NamedCalendar named{.name = name, .versions = {}, .sites = {}, .problem = {}};
  for (const auto& [valid_from, text] : entry.versions)
    named.versions.push_back({valid_from, text});
  for (const auto& site : sites) {
    const auto found = by_site_.find(site.id);
    if (found != by_site_.end() && found->second == name) named.sites.push_back(site.id);
  }
  if (entry.timetable == nullptr) named.problem = entry.problem.to_string();
  return named;
}

std::vector<NamedCalendar> Calendars::calendars(EnterpriseId enterprise) const {
  const auto sites = enterprises_.sites(enterprise);
  std::vector<NamedCalendar> all;
  const ReadLock state(state_);
  for (auto at = entries_.lower_bound({enterprise, ""});
       at != entries_.end() && at->first.first == enterprise; ++at)
    all.push_back(described(at->first.second, at->second, sites));
  return all;
}

Result<NamedCalendar> Calendars::find(EnterpriseId enterprise, std::string_view name) const {
  const auto sites = enterprises_.sites(enterprise);
  const ReadLock state(state_);
  const auto found = entries_.find({enterprise, std::string(name)});
  if (found == entries_.end()) return no_calendar();
  return described(found->first.second, found->second, sites);
}

Result<std::optional<std::string>> Calendars::calendar_of(EnterpriseId enterprise,
                                                          std::uint64_t site) const {
  TUNDISH_RETURN_IF_ERROR(find_site(enterprise, site));
  const ReadLock state(state_);
  const auto found = by_site_.find(site);
  if (found == by_site_.end()) return std::nullopt;
  return found->second;
}

std::uint64_t Calendars::changes() const {
  const ReadLock state(state_);
  return changes_;
}

Result<std::vector<PlannedStretch>> Calendars::windows(EnterpriseId enterprise,
                                                       std::string_view name,
                                                       std::string_view window, TimeRange range,
                                                       std::size_t most) const {
  Timetable table;
  {
    const ReadLock state(state_);
    const auto found = entries_.find({enterprise, std::string(name)});
    if (found == entries_.end()) return no_calendar();
    if (found->second.timetable == nullptr)
      return fail(ErrorCode::kUnavailable, found->second.problem.to_string());
    table = found->second.timetable;
  }
  return windows_of(*table, window, range, most);
}

Result<std::vector<PlannedStretch>> Calendars::preview(EnterpriseId enterprise,
                                                       const std::string& text,
                                                       std::string_view window, TimeRange range,
                                                       std::size_t most) const {
  TUNDISH_TRY(const auto calendar, pack::read_calendar(text, "calendar", check_zone));
  std::map<std::string, std::string> versions;
  {
    const ReadLock state(state_);
    if (const auto found = entries_.find({enterprise, calendar.name}); found != entries_.end())
      versions = found->second.versions;
  }
  versions[valid_from_of(calendar)] = text;
  TUNDISH_TRY(const auto table, timetable(versions));
  return windows_of(*table, window, range, most);
}

Result<Calendars::Timetable> Calendars::timetable_of_site(EnterpriseId enterprise,
                                                          std::uint64_t site) const {
  std::string zone = "UTC";
  if (site != 0) {
    TUNDISH_TRY(const Site found, find_site(enterprise, site));
    zone = found.time_zone;
    const ReadLock state(state_);
    if (const auto name = by_site_.find(site); name != by_site_.end()) {
      const auto& entry = entries_.at({enterprise, name->second});
      if (entry.timetable == nullptr)
        return fail(ErrorCode::kUnavailable, entry.problem.to_string());
      return entry.timetable;
    }
  }
  TUNDISH_TRY(auto offsets, zones_.find(zone));
  return std::make_shared<const calendar::Timetable>(
      calendar::Timetable::plain(std::move(offsets)));
}

// --- changing --------------------------------------------------------------------------------------

Status Calendars::check_quota(EnterpriseId enterprise, const std::string& name,
                              const Entry& changed) const {
  std::size_t calendars = 1, bytes = 0;
  const auto bytes_of = [](const Entry& entry) {
    std::size_t sum = 0;
    for (const auto& [valid_from, text] : entry.versions) sum += text.size();
    return sum;
  };
  for (auto at = entries_.lower_bound({enterprise, ""});
       at != entries_.end() && at->first.first == enterprise; ++at) {
    if (at->first.second == name) continue;
    ++calendars;
    bytes += bytes_of(at->second);
  }
  if (calendars > kCalendarsMax)
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("an enterprise has at most {} calendars", kCalendarsMax));
  if (changed.versions.size() > kCalendarVersionsMax)
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("a calendar has at most {} versions", kCalendarVersionsMax));
  if (bytes + bytes_of(changed) > kCalendarBytesMax)
    return fail(ErrorCode::kQuotaExceeded, "the calendars of an enterprise are at most 16 MiB");
  return {};
}

Result<NamedCalendar> Calendars::create(EnterpriseId enterprise, const std::string& text) {
  return put(enterprise, text, std::nullopt);
}

Result<NamedCalendar> Calendars::save(EnterpriseId enterprise, std::string_view name,
                                      const std::string& text) {
  TUNDISH_RETURN_IF_ERROR(find(enterprise, name));
  return put(enterprise, text, name);
}

Result<NamedCalendar> Calendars::put(EnterpriseId enterprise, const std::string& text,
                                     std::optional<std::string_view> name) {
  TUNDISH_TRY(const auto calendar, pack::read_calendar(text, "calendar", check_zone));
  if (name && calendar.name != *name)
    return fail(ErrorCode::kConflict,
                fmt::format("the text is of the calendar '{}'", calendar.name), "name");
  const Key key(enterprise, calendar.name);
  const std::string valid_from = valid_from_of(calendar);
  const auto sites = enterprises_.sites(enterprise);

  const TurnLock turn(writing_, state_);
  const auto before = entries_.find(key);
  if (!name && before != entries_.end())
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("there is a calendar '{}' already", calendar.name), "name");
  if (name && before == entries_.end()) return no_calendar();
  Entry changed;
  if (before != entries_.end()) changed.versions = before->second.versions;
  changed.versions[valid_from] = kept_text(text, calendar);
  TUNDISH_RETURN_IF_ERROR(check_quota(enterprise, calendar.name, changed));
  TUNDISH_TRY(changed.timetable, timetable(changed.versions));
  TUNDISH_TRY(Transaction transaction, database_.begin());
  if (before != entries_.end()) {  // making a calendar is undone by removing it
    std::optional<std::string> replaced;
    if (const auto version = before->second.versions.find(valid_from);
        version != before->second.versions.end())
      replaced = version->second;
    if (replaced != changed.versions[valid_from])
      TUNDISH_RETURN_IF_ERROR(
          keep_for_undo(transaction, enterprise, calendar.name, valid_from, replaced));
  }
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "INSERT INTO asset_calendar(enterprise, name, valid_from, text) VALUES(?, ?, ?, ?) "
      "ON CONFLICT(enterprise, name, valid_from) DO UPDATE SET text = excluded.text",
      enterprise.value(), calendar.name, valid_from, changed.versions[valid_from]));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  ++changes_;
  Entry& entry = entries_[key];
  entry = std::move(changed);
  return described(calendar.name, entry, sites);
}

Status Calendars::remove(EnterpriseId enterprise, std::string_view name,
                         std::optional<std::string_view> valid_from) {
  const auto sites = enterprises_.sites(enterprise);
  const TurnLock turn(writing_, state_);
  const auto found = entries_.find({enterprise, std::string(name)});
  if (found == entries_.end()) return no_calendar();
  Entry changed;
  if (valid_from) {
    changed.versions = found->second.versions;
    if (changed.versions.erase(std::string(*valid_from)) == 0)
      return fail(ErrorCode::kNotFound, "the calendar has no version that is valid from that day",
                  "valid_from");
  }
  if (changed.versions.empty() &&
      !described(found->first.second, found->second, sites).sites.empty())
    return fail(ErrorCode::kConflict, "a site has this calendar: give it another one first");
  if (!changed.versions.empty()) {
    TUNDISH_TRY(changed.timetable, timetable(changed.versions));
  }
  TUNDISH_TRY(Transaction transaction, database_.begin());
  if (changed.versions.empty()) {
    TUNDISH_RETURN_IF_ERROR(transaction.run(
        "DELETE FROM asset_calendar WHERE enterprise = ? AND name = ?", enterprise.value(), name));
    TUNDISH_RETURN_IF_ERROR(
        transaction.run("DELETE FROM asset_calendar_undo WHERE enterprise = ? AND name = ?",
                        enterprise.value(), name));
  } else {
    const std::string day(*valid_from);
    TUNDISH_RETURN_IF_ERROR(keep_for_undo(transaction, enterprise, std::string(name), day,
                                          found->second.versions.at(day)));
    TUNDISH_RETURN_IF_ERROR(transaction.run(
        "DELETE FROM asset_calendar WHERE enterprise = ? AND name = ? AND valid_from = ?",
        enterprise.value(), name, *valid_from));
  }
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  ++changes_;
  if (changed.versions.empty())
    entries_.erase(found);
  else
    found->second = std::move(changed);
  return {};
}

Result<NamedCalendar> Calendars::undo(EnterpriseId enterprise, std::string_view name) {
  const auto sites = enterprises_.sites(enterprise);
  const TurnLock turn(writing_, state_);
  const auto found = entries_.find({enterprise, std::string(name)});
  if (found == entries_.end()) return no_calendar();
  TUNDISH_TRY(Transaction transaction, database_.begin());
  std::int64_t id = 0;
  std::string valid_from;
  std::optional<std::string> text;
  {
    TUNDISH_TRY(Statement newest,
                transaction.prepare("SELECT id, valid_from, text IS NULL, coalesce(text, '') FROM "
                                    "asset_calendar_undo WHERE "
                                    "enterprise = ? AND name = ? ORDER BY id DESC LIMIT 1"));
    TUNDISH_RETURN_IF_ERROR(newest.start(enterprise.value(), name));
    TUNDISH_TRY(const bool there, newest.next());
    if (!there)
      return fail(ErrorCode::kConflict, "no change of this calendar is left to be undone");
    id = newest.integer(0);
    valid_from = newest.text(1);
    if (!newest.boolean(2)) text = newest.text(3);
  }
  Entry changed;
  changed.versions = found->second.versions;
  if (text)
    changed.versions[valid_from] = *text;
  else
    changed.versions.erase(valid_from);
  if (changed.versions.empty())
    return fail(ErrorCode::kConflict, "this would leave the calendar without a version");
  TUNDISH_TRY(changed.timetable, timetable(changed.versions));
  TUNDISH_RETURN_IF_ERROR(transaction.run(
      "DELETE FROM asset_calendar WHERE enterprise = ? AND name = ? AND valid_from = ?",
      enterprise.value(), name, valid_from));
  if (text)
    TUNDISH_RETURN_IF_ERROR(transaction.run(
        "INSERT INTO asset_calendar(enterprise, name, valid_from, text) VALUES(?, ?, ?, ?)",
        enterprise.value(), name, valid_from, *text));
  TUNDISH_RETURN_IF_ERROR(transaction.run("DELETE FROM asset_calendar_undo WHERE id = ?", id));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  ++changes_;
  found->second = std::move(changed);
  return described(found->first.second, found->second, sites);
}

Status Calendars::set_calendar_of(EnterpriseId enterprise, std::uint64_t site,
                                  std::optional<std::string> name) {
  TUNDISH_RETURN_IF_ERROR(find_site(enterprise, site));
  const TurnLock turn(writing_, state_);
  if (name && !entries_.contains({enterprise, *name}))
    return fail(ErrorCode::kInvalidArgument, "there is no such calendar", "calendar");
  TUNDISH_TRY(Transaction transaction, database_.begin());
  if (name) {
    TUNDISH_RETURN_IF_ERROR(
        transaction.run("INSERT INTO asset_site_calendar(site, calendar) VALUES(?, ?) "
                        "ON CONFLICT(site) DO UPDATE SET calendar = excluded.calendar",
                        site, *name));
  } else {
    TUNDISH_RETURN_IF_ERROR(
        transaction.run("DELETE FROM asset_site_calendar WHERE site = ?", site));
  }
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  ++changes_;
  if (name)
    by_site_[site] = std::move(*name);
  else
    by_site_.erase(site);
  return {};
}

// --- windows of assets -----------------------------------------------------------------------------

Result<Calendars::Timetable> CalendarWindows::timetable_of(EnterpriseId enterprise, AssetId asset,
                                                           std::uint64_t& site) const {
  const auto model = models_.model(enterprise);
  const Asset* found = model->find(asset);
  if (found == nullptr) return fail(ErrorCode::kNotFound, "there is no such asset");
  site = found->site;
  return calendars_.timetable_of_site(enterprise, site);
}

Result<std::vector<Stretch>> CalendarWindows::windows(EnterpriseId enterprise, AssetId asset,
                                                      std::string_view name,
                                                      TimeRange range) const {
  const auto kind = calendar::parse_window_kind(name);
  if (!kind)
    return fail(ErrorCode::kNotFound,
                fmt::format("no calendar has the window '{}'", name.substr(0, 60)));
  std::uint64_t site = 0;
  TUNDISH_TRY(const auto table, timetable_of(enterprise, asset, site));
  if (*kind == calendar::WindowKind::kShift && !table->has_shifts())
    return fail(ErrorCode::kNotFound,
                site == 0 ? "this asset belongs to no site, and shifts come from a site's calendar"
                          : "the site of this asset has no calendar with shifts: make one "
                            "(POST /api/v1/calendars) and give it to the site "
                            "(PUT /api/v1/sites/{id}/calendar)");
  return table->windows(*kind, range);
}

Result<DurationNs> CalendarWindows::planned_time(EnterpriseId enterprise, AssetId asset,
                                                 TimeRange range) const {
  std::uint64_t site = 0;
  TUNDISH_TRY(const auto table, timetable_of(enterprise, asset, site));
  return table->planned_time(range);
}

Result<std::optional<double>> CalendarWindows::target(EnterpriseId enterprise, AssetId asset,
                                                      std::string_view kpi, TimeNs at) const {
  std::uint64_t site = 0;
  TUNDISH_TRY(const auto table, timetable_of(enterprise, asset, site));
  for (const auto& [name, value] : table->calendar_on(table->production_day(at)).targets)
    if (name == kpi) return value;
  return std::nullopt;
}

Result<std::vector<DowntimeCause>> CalendarWindows::downtime_causes(EnterpriseId enterprise,
                                                                    AssetId asset,
                                                                    TimeNs at) const {
  std::uint64_t site = 0;
  TUNDISH_TRY(const auto table, timetable_of(enterprise, asset, site));
  std::vector<DowntimeCause> causes;
  for (const auto& reason : table->calendar_on(table->production_day(at)).downtime_reasons)
    causes.push_back({reason.code, reason.words, reason.planned, reason.within});
  return causes;
}

}  // namespace tundish::asset
