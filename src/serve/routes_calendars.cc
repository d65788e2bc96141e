#include <fmt/format.h>

#include "pack/calendar_yaml.h"
#include "serve/api.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kCalendarBody = 1 << 20;
constexpr std::uint64_t kSmallBody = 64 << 10;
constexpr std::size_t kWindowsMax = 10'000;  // in one answer

void write_words(wire::JsonWriter& json, const Words& words) {
  json.begin_object();
  for (const auto& [language, word] : words) json.member(language, word);
  json.end_object();
}

void write_stretches(wire::JsonWriter& json, std::string_view title,
                     const std::vector<calendar::DailyStretch>& stretches) {
  json.key(title).begin_object();
  for (const auto& one : stretches) {
    json.key(one.name).begin_object();
    json.member("from", pack::format_clock_time(one.from));
    json.member("to", pack::format_clock_time((one.from + one.length) % kDay));
    json.key("on").begin_array();
    for (int day = 0; day < 7; ++day)
      if (const auto weekday = static_cast<calendar::Weekday>(day);
          calendar::has_day(one.on, weekday))
        json.value(calendar::weekday_name(weekday));
    json.end_array().key("words");
    write_words(json, one.words);
    json.end_object();
  }
  json.end_object();
}

/// In the shape of its text, so that what was read here can be sent back.
void write_calendar(wire::JsonWriter& json, const calendar::Calendar& calendar) {
  json.begin_object().member("name", calendar.name);
  if (calendar.valid_from) json.member("valid_from", calendar::format_date(*calendar.valid_from));
  json.member("time_zone", calendar.time_zone);
  json.member("day_starts", pack::format_clock_time(calendar.day_start));
  json.member("week_starts", calendar::weekday_name(calendar.week_start));
  write_stretches(json, "shifts", calendar.shifts);
  if (calendar.crews) {
    json.key("crews").begin_object();
    json.member("anchor", calendar::format_date(calendar.crews->anchor));
    json.key("cycle").begin_object();
    for (std::size_t i = 0; i < calendar.shifts.size(); ++i) {
      json.key(calendar.shifts[i].name).begin_array();
      for (const auto& crew : calendar.crews->cycle[i]) json.value(crew.empty() ? "-" : crew);
      json.end_array();
    }
    json.end_object().end_object();
  }
  json.key("holidays").begin_object();
  for (const auto& holiday : calendar.holidays) {
    json.key(calendar::format_date(holiday.date));
    write_words(json, holiday.words);
  }
  json.end_object();
  write_stretches(json, "breaks", calendar.breaks);
  json.key("targets").begin_object();
  for (const auto& [name, value] : calendar.targets) json.member(name, value);
  json.end_object().key("downtime_reasons").begin_object();
  for (const auto& reason : calendar.downtime_reasons) {
    json.key(reason.code).begin_object();
    json.member("category", reason.planned ? "planned" : "unplanned");
    if (!reason.within.empty()) json.member("within", reason.within);
    json.key("words");
    write_words(json, reason.words);
    json.end_object();
  }
  json.end_object().end_object();
}

/// With the versions' contents, or their days only.
void write_named(wire::JsonWriter& json, const NamedCalendar& named, bool with_contents) {
  json.begin_object().member("name", named.name);
  json.key("sites").begin_array();
  for (const auto site : named.sites) json.value(site);
  json.end_array().key("problem");
  if (named.problem.empty())
    json.null();
  else
    json.value(named.problem);
  json.key("versions").begin_array();
  for (const auto& version : named.versions) {
    json.begin_object().key("valid_from");
    if (version.valid_from.empty())
      json.null();
    else
      json.value(version.valid_from);
    if (with_contents) {
      json.member("text", version.text);
      // What is stored was read before; a text of a newer version of this program may not be.
      if (const auto calendar = pack::read_calendar(version.text, "calendar"))
        write_calendar(json.key("calendar"), *calendar);
    }
    json.end_object();
  }
  json.end_array().end_object();
}

Response named_response(const NamedCalendar& named, int status) {
  std::string text;
  wire::JsonWriter json(text);
  write_named(json, named, true);
  return json_response(std::move(text), status);
}

Response site_response(std::uint64_t site, const std::optional<std::string>& calendar) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("site", site).key("calendar");
  if (calendar)
    json.value(*calendar);
  else
    json.null();
  json.end_object();
  return json_response(std::move(text));
}

void write_windows(wire::JsonWriter& json, const std::vector<PlannedStretch>& windows) {
  json.begin_array();
  for (const auto& [stretch, planned] : windows) {
    json.begin_object().member("label", stretch.label).key("from").time(stretch.range.from);
    json.key("to").time(stretch.range.to);
    json.member("planned_s", static_cast<double>(planned) / kSecond).end_object();
  }
  json.end_array();
}

Result<TimeNs> time_of(const Call& call, std::string_view name, TimeNs now) {
  const auto text = call.request.parameter(name);
  if (!text)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is missing", name), std::string(name));
  auto time = parse_time(*text, now);
  if (!time) time.error().where = name;
  return time;
}

}  // namespace

void Api::add_calendar_routes() {
  router_.add({.method = "GET",
               .pattern = "/api/v1/calendars",
               .operation = "calendars.list",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "The enterprise's calendars, and the sites that have them.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("calendars").begin_array();
                 for (const auto& named : services_.calendars.calendars(enterprise))
                   write_named(json, named, false);
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Calendars"});
  router_.add({.method = "POST",
               .pattern = "/api/v1/calendars",
               .operation = "calendars.create",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Makes a calendar of a text in YAML or JSON.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto made,
                             services_.calendars.create(enterprise, call.request.body));
                 call.audit_object = "calendar:" + made.name;
                 return named_response(made, 201);
               },
               .body_bytes_max = kCalendarBody,
               .request_schema = "Calendar",
               .response_schema = "NamedCalendar",
               .audited = true,
               .success = 201});
  router_.add({.method = "GET",
               .pattern = "/api/v1/calendars/{name}",
               .operation = "calendars.get",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "One calendar with all its versions: shifts, crews, holidays, breaks, "
                          "targets, downtime reasons.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto named,
                             services_.calendars.find(enterprise, call.path_value("name")));
                 return named_response(named, 200);
               },
               .response_schema = "NamedCalendar"});
  router_.add({.method = "PUT",
               .pattern = "/api/v1/calendars/{name}",
               .operation = "calendars.update",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Adds a version, in the place of one that is valid from the same day.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto saved,
                             services_.calendars.save(enterprise, call.path_value("name"),
                                                      call.request.body));
                 return named_response(saved, 200);
               },
               .body_bytes_max = kCalendarBody,
               .request_schema = "Calendar",
               .response_schema = "NamedCalendar",
               .audited = true});
  router_.add({.method = "DELETE",
               .pattern = "/api/v1/calendars/{name}",
               .operation = "calendars.remove",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Removes a calendar that no site has, or one version of it.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 const auto valid_from = call.request.parameter("valid_from");
                 TUNDISH_RETURN_IF_ERROR(
                     services_.calendars.remove(enterprise, call.path_value("name"), valid_from));
                 if (valid_from) call.audit_detail = fmt::format("valid from '{}'", *valid_from);
                 Response response;
                 response.status = 204;
                 return response;
               },
               .parameters = {{"valid_from", "query", "string",
                               "Only the version of that day; empty: the first, without a day."}},
               .audited = true,
               .success = 204});
  router_.add({.method = "POST",
               .pattern = "/api/v1/calendars/{name}/undo",
               .operation = "calendars.undo",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Takes the newest change of a calendar's versions back.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto undone,
                             services_.calendars.undo(enterprise, call.path_value("name")));
                 return named_response(undone, 200);
               },
               .response_schema = "NamedCalendar",
               .audited = true});
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/calendars/preview",
       .operation = "calendars.preview",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "What a text would make of a calendar: its shifts and days in a range. Changes "
                  "nothing.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const TimeNs now = services_.clock.now();
         TUNDISH_TRY(const auto calendar, pack::read_calendar(call.request.body, "calendar"));
         TUNDISH_TRY(const TimeNs from, time_of(call, "from", now));
         TUNDISH_TRY(const TimeNs to, time_of(call, "to", now));
         if (from >= to) return fail(ErrorCode::kInvalidArgument, "from must be before to", "from");
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().member("text", pack::format_calendar(calendar));
         write_calendar(json.key("calendar"), calendar);
         for (const auto& [member, window] : {std::pair{"days", "day"}, {"shifts", "shift"}}) {
           TUNDISH_TRY(const auto windows,
                       services_.calendars.preview(enterprise, call.request.body, window,
                                                   {from, to}, kWindowsMax));
           write_windows(json.key(member), windows);
         }
         json.end_object();
         return json_response(std::move(text));
       },
       .body_bytes_max = kCalendarBody,
       .request_schema = "Calendar",
       .response_schema = "CalendarPreview",
       .parameters = {{"from", "query", "string", "Time or `now-7d`."},
                      {"to", "query", "string", "Time or `now+1d`; excluded."}}});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/calendars/{name}/windows",
       .operation = "calendars.windows",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "The stretches of a calendar that touch a range, with their planned time.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const TimeNs now = services_.clock.now();
         // What does not exist is told before what is wrong with the question.
         TUNDISH_RETURN_IF_ERROR(services_.calendars.find(enterprise, call.path_value("name")));
         TUNDISH_TRY(const TimeNs from, time_of(call, "from", now));
         TUNDISH_TRY(const TimeNs to, time_of(call, "to", now));
         if (from >= to) return fail(ErrorCode::kInvalidArgument, "from must be before to", "from");
         const auto window = call.request.parameter("window").value_or("shift");
         TUNDISH_TRY(const auto windows,
                     services_.calendars.windows(enterprise, call.path_value("name"), window,
                                                 {from, to}, kWindowsMax));
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().member("window", window);
         write_windows(json.key("windows"), windows);
         json.end_object();
         return json_response(std::move(text));
       },
       .response_schema = "CalendarWindows",
       .parameters = {
           {"window", "query", "string", "hour, shift (default), day, week, month or year."},
           {"from", "query", "string", "Time or `now-7d`."},
           {"to", "query", "string", "Time or `now+1d`; excluded."}}});

  router_.add({.method = "GET",
               .pattern = "/api/v1/sites/{id}/calendar",
               .operation = "sites.calendar",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "The name of a site's calendar.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto site, call.path_id());
                 TUNDISH_TRY(const auto name, services_.calendars.calendar_of(enterprise, site));
                 return site_response(site, name);
               },
               .response_schema = "SiteCalendar"});
  router_.add(
      {.method = "PUT",
       .pattern = "/api/v1/sites/{id}/calendar",
       .operation = "sites.set_calendar",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Gives a site a calendar; null takes it away.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         TUNDISH_TRY(const auto site, call.path_id());
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"calendar"}));
         TUNDISH_TRY(const auto name, wire::optional_member<std::string>(body, "calendar"));
         if (!name && body.find("calendar") == nullptr)
           return fail(ErrorCode::kInvalidArgument, "calendar is a name or null", "calendar");
         TUNDISH_RETURN_IF_ERROR(services_.calendars.set_calendar_of(enterprise, site, name));
         call.audit_detail = name.value_or("none");
         return site_response(site, name);
       },
       .body_bytes_max = kSmallBody,
       .request_schema = "NewSiteCalendar",
       .response_schema = "SiteCalendar",
       .audited = true});
}

}  // namespace tundish::serve
