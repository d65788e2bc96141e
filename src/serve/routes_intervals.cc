// Recorded intervals: heats, batches, trips, stops.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>

#include "formula/plant_names.h"
#include "serve/api.h"
#include "serve/downtimes.h"
#include "serve/formula_json.h"
#include "serve/openapi.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kIntervalsMax = 10'000;
constexpr std::uint64_t kAnnotationBody = 16 << 10;

Result<TimeNs> time_of(const Call& call, std::string_view name, TimeNs now, TimeNs otherwise) {
  const auto text = call.request.parameter(name);
  return text ? parse_time(*text, now) : Result<TimeNs>(otherwise);
}

/// What was going on around it: of the kind that it nests in, the label of the one that its start lies in.
std::string around(const IntervalReader& intervals, const PlantModel& model, const Asset& asset,
                   const Interval& interval) {
  const auto kind = formula::find_interval(model, asset, interval.kind);
  if (!kind || kind.definition->within.empty()) return {};
  const auto outer = formula::find_interval(model, asset, kind.definition->within);
  if (!outer) return {};
  const auto found =
      intervals.intervals(model.enterprise(), outer.owner->id, outer.definition->name,
                          {interval.from, interval.from + 1}, 1);
  return found.empty() ? std::string() : outer.definition->name + " " + found.front().label;
}

/// What the downtimes among `found` cost, those that last as far as now. A formula that cannot be computed leaves
/// them without; `problem` says why.
Status find_costs(const DowntimeCosts& costs, const Asset& asset,
                  const IntervalDefinition& definition, const std::vector<Interval>& found,
                  TimeNs now, std::map<std::uint64_t, DowntimeCost>& cost_of,
                  std::string& problem) {
  std::vector<TimeRange> ranges;
  std::vector<std::uint64_t> ids;
  for (const Interval& interval : found) {
    const TimeNs to = interval.to.value_or(now);
    if (interval.is_withdrawn || interval.from >= to) continue;
    ranges.push_back({interval.from, to});
    ids.push_back(interval.id);
  }
  auto made = costs.of(asset, definition, ranges);
  if (!made && !is_mistake(made.error())) return fail(told(std::move(made.error()), "cost"));
  if (!made) {
    problem = made.error().message;
    return {};
  }
  for (std::size_t i = 0; i < ids.size(); ++i) cost_of.emplace(ids[i], std::move((*made)[i]));
  return {};
}

}  // namespace

void write_reason(wire::JsonWriter& json, const IntervalReason& reason) {
  json.begin_object().key("time").time(reason.time).member("who", reason.who).key("reason");
  if (reason.code.empty())
    json.null();
  else
    json.value(reason.code);
  json.member("category", reason.planned ? "planned" : "unplanned");
  json.member("remark", reason.remark).end_object();
}

void Api::add_interval_routes() {
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/intervals",
       .operation = "intervals.list",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "Recorded intervals of an asset: heats, batches, trips, stops.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const auto path = call.request.parameter("asset");
         if (!path) return fail(ErrorCode::kInvalidArgument, "name the asset", "asset");
         const auto model = services_.models.model(enterprise);
         const Asset* asset = model->find(*path);
         if (asset == nullptr) return fail(ErrorCode::kNotFound, "there is no such asset", "asset");
         const TimeNs now = services_.clock.now();
         TUNDISH_TRY(const TimeNs to, time_of(call, "to", now, now));
         TUNDISH_TRY(const TimeNs from, time_of(call, "from", now, to - kDay));
         std::size_t limit = 1000;
         if (const auto text = call.request.parameter("limit"))
           std::from_chars(text->data(), text->data() + text->size(), limit);
         limit = std::clamp<std::size_t>(limit, 1, kIntervalsMax);
         std::vector<std::string> kinds = services_.intervals.kinds(enterprise, asset->id);
         if (const auto kind = call.request.parameter("kind")) kinds = {std::string(*kind)};
         const bool with_cost = call.request.parameter("cost").value_or("false") == "true";
         TUNDISH_TRY(const auto snapshot, services_.reader.snapshot());
         const auto budget = formula_budget(services_.clock, options_.formula_steps_max);
         const DowntimeCosts costs(services_, *model, *snapshot, budget);
         const std::string currency = currency_of(services_.enterprises, enterprise, *asset);
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().key("intervals").begin_array();
         bool is_cut = false;
         for (const std::string& kind : kinds) {
           auto found =
               services_.intervals.intervals(enterprise, asset->id, kind, {from, to}, limit + 1);
           is_cut |= found.size() > limit;
           if (found.size() > limit) found.pop_back();
           const IntervalDefinition* downtime = find_downtime(*asset, kind);
           std::map<std::uint64_t, DowntimeCost> cost_of;
           std::string problem;
           if (with_cost && downtime != nullptr)
             TUNDISH_RETURN_IF_ERROR(
                 find_costs(costs, *asset, *downtime, found, now, cost_of, problem));
           for (const Interval& interval : found) {
             json.begin_object().member("id", interval.id).member("asset", asset->path);
             json.member("kind", interval.kind).key("from").time(interval.from).key("to");
             if (interval.to)
               json.time(*interval.to);
             else
               json.null();
             json.member("label", interval.label);
             if (interval.is_doubtful) json.member("doubtful", true);
             if (interval.is_withdrawn) json.member("withdrawn", true);
             json.key("captured").begin_object();
             for (const auto& [name, value] : interval.captured) json.member(name, value);
             json.end_object();
             if (const auto within = around(services_.intervals, *model, *asset, interval);
                 !within.empty())
               json.member("within", within);
             if (downtime != nullptr) {
               json.member("downtime", is_planned(interval, *downtime) ? "planned" : "unplanned");
               json.key("reason");
               if (interval.reason)
                 write_reason(json, *interval.reason);
               else
                 json.null();
             }
             if (const auto cost = cost_of.find(interval.id); cost != cost_of.end())
               write_cost(json.key("cost"), cost->second, downtime->cost, currency);
             if (!problem.empty()) json.member("problem", problem);
             TUNDISH_TRY(const auto annotations,
                         services_.intervals.annotations(enterprise, interval.id));
             json.key("annotations").begin_array();
             for (const Annotation& annotation : annotations)
               json.begin_object()
                   .key("time")
                   .time(annotation.time)
                   .member("who", annotation.who)
                   .member("text", annotation.text)
                   .end_object();
             json.end_array().end_object();
           }
         }
         json.end_array().member("cut", is_cut).end_object();
         return json_response(std::move(text));
       },
       .response_schema = "Intervals",
       .parameters = {
           {"asset", "query", "string", "Path of the asset."},
           {"kind", "query", "string", "heat, trip, ...; default all."},
           {"from", "query", "string", "Default a day before `to`."},
           {"to", "query", "string", "Default now."},
           {"cost", "query", "boolean", "true: what downtimes cost, computed now."},
           {"limit", "query", "integer", "Of each kind, at most 10,000; default 1,000."}}});
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/intervals/{id}/annotations",
       .operation = "intervals.annotate",
       .needs = Needs::at_least(Role::kOperator),
       .summary = "Writes a remark to an interval; it stays when the interval is computed again.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         TUNDISH_TRY(const auto id, call.path_id());
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"text"}));
         TUNDISH_TRY(const auto remark, wire::required_member<std::string>(body, "text"));
         TUNDISH_RETURN_IF_ERROR(services_.intervals.annotate(
             enterprise, id, {services_.clock.now(), call.credential.actor, remark}));
         Response response;
         response.status = 204;
         return response;
       },
       .body_bytes_max = kAnnotationBody,
       .request_schema = "IntervalNote",
       .audited = true,
       .success = 204});
}

}  // namespace tundish::serve
