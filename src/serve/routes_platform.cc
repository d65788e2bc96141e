#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "model/tag_path.h"
#include "serve/api.h"
#include "serve/newest_samples.h"
#include "serve/openapi.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kTagsMax = 1'000'000;

double rounded(double rate) { return std::round(rate * 10.0) / 10.0; }

/// How alive an enterprise's tags are: reads each tag's newest sample.
struct Freshness {
  std::size_t tags = 0;
  std::size_t fresh = 0;
  std::size_t ahead = 0;  ///< their newest sample is in the future
  std::size_t bad = 0;
  Newest newest;
};

Result<Freshness> freshness_of(const Services& services, EnterpriseId enterprise,
                               const std::string& code) {
  TUNDISH_TRY(const auto snapshot, services.view.snapshot());
  const TimeNs now = services.clock.now();
  Freshness result;
  const std::string pattern = code + "/**";
  TUNDISH_TRY(const auto tags,
              services.tags.match(enterprise, {.pattern = pattern, .limit = kTagsMax}));
  for (const auto& tag : tags) {
    ++result.tags;
    TUNDISH_TRY(const auto latest, snapshot->latest(tag->id));
    if (!latest) continue;
    result.newest.add(latest->time, now);
    if (is_ahead(latest->time, now))
      ++result.ahead;
    else if (latest->time >= now - kFresh)
      ++result.fresh;
    if (latest->quality.is_bad()) ++result.bad;
  }
  return result;
}

/// Where an enterprise's sites are, each region once in the order of the sites; its own region when no
/// site says one.
std::vector<std::string> regions_of(const Enterprise& enterprise, const std::vector<Site>& sites) {
  std::vector<std::string> regions;
  for (const Site& site : sites)
    if (!site.region.empty() && std::ranges::find(regions, site.region) == regions.end())
      regions.push_back(site.region);
  if (regions.empty() && !enterprise.region.empty()) regions.push_back(enterprise.region);
  return regions;
}

/// One word for how an enterprise is. One that never sent anything is not out of order.
std::string_view state_of(bool online, TimeNs newest, const Connections::Totals& connections) {
  if (!online) return newest == 0 ? "new" : "offline";
  return connections.running < connections.connections ? "degraded" : "online";
}

void write_time_or_null(wire::JsonWriter& json, TimeNs time) {
  if (time == 0)
    json.null();
  else
    json.time(time);
}

}  // namespace

void Api::add_platform_routes() {
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/platform",
       .operation = "platform.get",
       .needs = Needs::platform_operator(),
       .summary = "All enterprises: counts and states, never a raw tag.",
       .handler = [this](Call&) -> Result<Response> {
         TUNDISH_TRY(const auto snapshot, services_.reader.snapshot());
         const TimeNs now = services_.clock.now();
         std::size_t tags_total = 0, online_total = 0, sites_total = 0;
         std::size_t connections_total = 0, running_total = 0;
         double rate_total = 0;
         const auto enterprises = services_.enterprises.enterprises();
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().key("enterprises").begin_array();
         for (const Enterprise& enterprise : enterprises) {
           const std::size_t tags = services_.tags.count(enterprise.id);
           const auto connections = services_.connections.totals(enterprise.id);
           const double rate = rates_.per_second(enterprise.id);
           TUNDISH_TRY(const Newest newest, newest_.of(enterprise, *snapshot, now));
           const bool online = rate > 0 || newest.is_fresh(now);
           const auto sites = services_.enterprises.sites(enterprise.id);
           sites_total += sites.size();
           connections_total += connections.connections;
           running_total += connections.running;
           tags_total += tags;
           online_total += online ? 1 : 0;
           rate_total += rate;
           json.begin_object().member("code", enterprise.code).member("name", enterprise.name);
           json.member("industry", enterprise.industry).member("region", enterprise.region);
           json.key("regions").begin_array();
           for (const auto& region : regions_of(enterprise, sites)) json.value(region);
           json.end_array().member("sites", sites.size());
           json.member("state", state_of(online, newest.time(), connections));
           json.member("simulated", enterprise.simulated).member("tags", tags);
           json.member("connections", connections.connections);
           json.member("connections_running", connections.running).member("online", online);
           json.member("samples_per_second", rounded(rate)).key("last_sample");
           write_time_or_null(json, newest.time());
           json.key("alarms").null().end_object();
         }
         json.end_array();
         const HistorianStatus status = services_.historian.status();
         const auto free = services_.disk.free_bytes();
         json.key("totals").begin_object();
         json.member("enterprises", enterprises.size()).member("online", online_total);
         json.member("sites", sites_total).member("connections", connections_total);
         json.member("connections_running", running_total);
         json.member("tags", tags_total).member("samples_per_second", rounded(rate_total));
         json.member("head_samples", status.head_samples).member("block_bytes", status.block_bytes);
         json.member("journal_bytes", status.journal_bytes).key("disk_free_bytes");
         if (free)
           json.value(*free);
         else
           json.null();
         json.member("disk_full", status.disk_full).member("damage", status.damage.size());
         json.end_object().end_object();
         return json_response(std::move(text));
       },
       .response_schema = "Platform"});

  router_.add({.method = "GET",
               .pattern = "/api/v1/overview",
               .operation = "overview.get",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "What of this enterprise is connected and alive.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto id, call.enterprise());
                 const auto enterprise = services_.enterprises.find(id);
                 if (!enterprise) return fail(ErrorCode::kNotFound, "there is no such enterprise");
                 TUNDISH_TRY(const auto fresh, freshness_of(services_, id, enterprise->code));
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("enterprise").begin_object();
                 json.member("code", enterprise->code).member("name", enterprise->name);
                 json.member("industry", enterprise->industry).member("region", enterprise->region);
                 json.member("simulated", enterprise->simulated).end_object();
                 json.member("tags", fresh.tags).member("tags_fresh", fresh.fresh);
                 json.member("tags_in_future", fresh.ahead);
                 json.member("tags_bad", fresh.bad).key("last_sample");
                 write_time_or_null(json, fresh.newest.time());
                 json.member("samples_per_second", rounded(rates_.per_second(id)));
                 json.key("connections").begin_array();
                 for (const auto& connection : services_.connections.list(id)) {
                   const auto status = services_.connections.status(id, connection.id);
                   if (!status) continue;
                   json.begin_object().member("id", connection.id).member("name", connection.name);
                   json.member("state", connection_state_name(status->state));
                   json.member("items_total", status->items_total);
                   json.member("items_resumed", status->items_resumed);
                   json.member("message", status->message).end_object();
                 }
                 json.end_array().key("sources").begin_array();
                 const TimeNs hour = services_.clock.now() / kHour * kHour;
                 // Rows ascend by hour, so the last one of a source has its newest.
                 std::map<std::string, LedgerRow> sources;
                 for (const auto& row :
                      services_.ledger.rows(id, {hour - 23 * kHour, hour + kHour})) {
                   auto& sum = sources[row.source];
                   sum.accepted += row.accepted;
                   sum.refused += row.refused;
                   sum.hour = row.hour;
                 }
                 for (const auto& [source, sum] : sources) {
                   json.begin_object().member("source", source);
                   json.member("accepted", sum.accepted).member("refused", sum.refused);
                   json.key("last_hour").time(sum.hour).end_object();
                 }
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Overview"});

  router_.add({.method = "GET",
               .pattern = "/api/v1/ledger",
               .operation = "ledger.get",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "What was sent, accepted and refused, per source and UTC hour.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto id, call.enterprise());
                 const TimeNs now = services_.clock.now();
                 TUNDISH_TRY(const TimeNs from,
                             parse_time(call.request.parameter("from").value_or("now-1d"), now));
                 TUNDISH_TRY(const TimeNs to,
                             parse_time(call.request.parameter("to").value_or("now+1h"), now));
                 if (from >= to)
                   return fail(ErrorCode::kInvalidArgument, "from must be before to", "from");
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("rows").begin_array();
                 for (const auto& row : services_.ledger.rows(id, {from, to})) {
                   json.begin_object().member("source", row.source).key("hour").time(row.hour);
                   json.member("batches", row.batches).member("sent", row.sent);
                   json.member("accepted", row.accepted).member("refused", row.refused);
                   json.member("repeated", row.repeated).end_object();
                 }
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "LedgerRows",
               .parameters = {{"from", "query", "string", "First hour; default now-1d."},
                              {"to", "query", "string", "Before this hour; default now+1h."}}});

  router_.add({.method = "GET",
               .pattern = "/api/v1/verify",
               .operation = "historian.verify",
               .needs = Needs::platform_operator(),
               .summary = "Reads every file of the historian and checks every checksum.",
               .handler = [this](Call&) -> Result<Response> {
                 TUNDISH_TRY(const auto report, services_.historian.verify());
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().member("files", report.files).member("bytes", report.bytes);
                 json.member("records", report.records).member("chunks", report.chunks);
                 json.key("damage").begin_array();
                 for (const Damage& damage : report.damage) {
                   json.begin_object().member("file", damage.file).member("offset", damage.offset);
                   json.member("what", damage.what).member("quarantined", damage.quarantined);
                   json.end_object();
                 }
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "VerifyReport"});

  router_.add({.method = "POST",
               .pattern = "/api/v1/flush",
               .operation = "historian.flush",
               .needs = Needs::owner_only(),
               .summary = "Writes what is in memory out as blocks now.",
               .handler = [this](Call&) -> Result<Response> {
                 TUNDISH_RETURN_IF_ERROR(services_.historian.flush());
                 Response response;
                 response.status = 204;
                 return response;
               },
               .audited = true,
               .success = 204});
}

}  // namespace tundish::serve
