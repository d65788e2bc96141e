// Reasons of downtimes, and what downtimes cost: sums by reason, asset, shift or crew.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest_word.h"
#include "serve/api.h"
#include "serve/downtimes.h"
#include "serve/formula_json.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kReasonBody = 16 << 10;

double seconds(DurationNs duration) { return static_cast<double>(duration) / kSecond; }

constexpr std::array<std::pair<std::string_view, DowntimesBy>, 4> kWays{
    {{"reason", DowntimesBy::kReason},
     {"asset", DowntimesBy::kAsset},
     {"shift", DowntimesBy::kShift},
     {"crew", DowntimesBy::kCrew}}};

Result<DowntimesBy> way_of(std::string_view text) {
  for (const auto& [name, by] : kWays)
    if (name == text) return by;
  return fail(ErrorCode::kInvalidArgument, "by is reason, asset, shift or crew", "by");
}

void write_amounts(wire::JsonWriter& json, std::string_view name, std::string_view key,
                   const std::map<std::string, double>& amounts) {
  json.key(name).begin_array();
  for (const auto& [unit, amount] : amounts)
    json.begin_object().member("amount", amount).member(key, unit).end_object();
  json.end_array();
}

void write_sum(wire::JsonWriter& json, const DowntimeSum& sum) {
  json.member("count", sum.count).member("duration_s", seconds(sum.duration));
  json.member("planned_time_s", seconds(sum.in_planned_time));
  write_amounts(json, "output", "unit", sum.output);
  write_amounts(json, "energy", "unit", sum.energy);
  write_amounts(json, "money", "currency", sum.money);
  json.member("quality", sum.is_doubtful ? "Uncertain" : "Good");
}

void write_both(wire::JsonWriter& json, const DowntimeGroup& group) {
  write_sum(json, group.all);
  write_sum(json.key("unplanned").begin_object(), group.unplanned);
  json.end_object();
  write_sum(json.key("planned").begin_object(), group.planned);
  json.end_object();
}

/// ISO 22400-2: mean time to repair and mean operating time between failures; null without a failure.
void write_times(wire::JsonWriter& json, const DowntimesAnswer& answer) {
  const auto failures = static_cast<double>(answer.total.unplanned.count);
  const double up = seconds(answer.planned_time - answer.total.all.in_planned_time);
  for (const auto& [name, time] :
       {std::pair{"mttr_s", seconds(answer.total.unplanned.duration)}, {"mtbf_s", up}}) {
    json.key(name);
    if (failures > 0)
      json.value(time / failures);
    else
      json.null();
  }
}

Response answer_response(const DowntimesAnswer& answer, TimeRange range, std::string_view by,
                         bool complete) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("from").time(range.from).key("to").time(range.to).member("by", by);
  json.key("groups").begin_array();
  for (const DowntimeGroup& group : answer.groups) {
    json.begin_object().key("key");
    if (group.key.empty())
      json.null();
    else
      json.value(group.key);
    write_words(json, "words", group.words);
    if (!group.within.empty()) json.member("within", group.within);
    write_both(json, group);
    json.end_object();
  }
  json.end_array().key("total").begin_object();
  write_both(json, answer.total);
  write_times(json, answer);
  json.member("planned_time_all_s", seconds(answer.planned_time)).end_object();
  json.key("problems").begin_array();
  for (const auto& problem : answer.problems) json.value(problem);
  json.end_array().member("complete", complete).end_object();
  return json_response(std::move(text));
}

Response causes_response(const std::vector<DowntimeCause>& causes) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("reasons").begin_array();
  for (const DowntimeCause& cause : causes) {
    json.begin_object().member("reason", cause.code);
    json.member("category", cause.planned ? "planned" : "unplanned");
    if (!cause.within.empty()) json.member("within", cause.within);
    write_words(json, "words", cause.words);
    json.end_object();
  }
  json.end_array().end_object();
  return json_response(std::move(text));
}

/// The reason of that code, of those that hold at the asset when the downtime began.
Result<DowntimeCause> find_cause(const PlanSource& plans, EnterpriseId enterprise,
                                 const Interval& interval, const std::string& code) {
  TUNDISH_TRY(const auto causes, plans.downtime_causes(enterprise, interval.asset, interval.from));
  std::vector<std::string> codes;
  for (const auto& cause : causes) {
    if (cause.code == code) return cause;
    codes.push_back(cause.code);
  }
  if (codes.empty())
    return fail(ErrorCode::kInvalidArgument,
                "the calendar of this asset's site has no downtime reasons: add them to it "
                "(downtime_reasons), and give it to the site",
                "reason");
  const std::string near = nearest_word(code.substr(0, 64), codes);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("there is no downtime reason '{}'{}", code.substr(0, 64),
                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
              "reason");
}

/// What a request tells of a downtime; without a code the reason is taken back.
Result<IntervalReason> read_reason(const wire::JsonValue& body) {
  TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"reason", "remark"}));
  IntervalReason reason;
  TUNDISH_TRY(const auto code, wire::optional_member<std::string>(body, "reason"));
  if (!code && body.find("reason") == nullptr)
    return fail(ErrorCode::kInvalidArgument, "reason is one of the calendar's codes, or null",
                "reason");
  TUNDISH_TRY(const auto remark, wire::optional_member<std::string>(body, "remark"));
  reason.code = code.value_or(std::string());
  reason.remark = remark.value_or(std::string());
  return reason;
}

}  // namespace

void Api::add_downtime_routes() {
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/intervals/{id}/reason",
       .operation = "intervals.set_reason",
       .needs = Needs::at_least(Role::kOperator),
       .summary = "Tells the reason of a downtime; it stays when the interval is computed again, "
                  "and earlier ones stay readable.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         TUNDISH_TRY(const auto id, call.path_id());
         TUNDISH_TRY(const auto interval, services_.intervals.find(enterprise, id));
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_TRY(auto reason, read_reason(body));
         const auto model = services_.models.model(enterprise);
         const Asset* asset = model->find(interval.asset);
         if (asset == nullptr || find_downtime(*asset, interval.kind) == nullptr)
           return fail(ErrorCode::kInvalidArgument,
                       fmt::format("'{}' is no downtime: only kinds with `downtime` have reasons",
                                   interval.kind),
                       "reason");
         if (!reason.code.empty()) {
           TUNDISH_TRY(const auto cause,
                       find_cause(services_.plans, enterprise, interval, reason.code));
           reason.planned = cause.planned;
         }
         reason.time = services_.clock.now();
         reason.who = call.credential.actor;
         TUNDISH_RETURN_IF_ERROR(services_.intervals.set_reason(enterprise, id, reason));
         call.audit_detail = reason.code.empty() ? "taken back" : reason.code;
         Response response;
         response.status = 204;
         return response;
       },
       .body_bytes_max = kReasonBody,
       .request_schema = "NewReason",
       .audited = true,
       .success = 204});
  router_.add({.method = "GET",
               .pattern = "/api/v1/intervals/{id}/reasons",
               .operation = "intervals.reasons",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Every reason that was told of a downtime, oldest first.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto id, call.path_id());
                 TUNDISH_TRY(const auto reasons, services_.intervals.reasons(enterprise, id));
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("reasons").begin_array();
                 for (const auto& reason : reasons) write_reason(json, reason);
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Reasons"});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/downtimes",
       .operation = "downtimes.sum",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "Downtimes summed up: how many, how long, what was not produced, energy "
                  "and money; MTBF and MTTR.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const TimeNs now = services_.clock.now();
         const auto model = services_.models.model(enterprise);
         const auto top = call.request.parameter("asset").value_or("");
         if (!top.empty()) TUNDISH_RETURN_IF_ERROR(find_asset(*model, top, "asset"));
         TUNDISH_TRY(TimeRange range, range_of(call.request, now, "now-7d"));
         range.to = std::min(range.to, now);
         if (range.from >= range.to)
           return fail(ErrorCode::kInvalidArgument, "from must be before to and now", "from");
         const auto way = call.request.parameter("by").value_or("reason");
         TUNDISH_TRY(const auto by, way_of(way));
         TUNDISH_TRY(const auto snapshot, services_.reader.snapshot());
         const auto budget = formula_budget(services_.clock, options_.formula_steps_max);
         const DowntimeCosts costs(services_, *model, *snapshot, budget);
         TUNDISH_TRY(const auto answer, sum_downtimes(services_, *model, costs, top, range, by));
         return answer_response(answer, range, way, snapshot->damage().empty());
       },
       .response_schema = "Downtimes",
       .parameters = {
           {"asset", "query", "string", "Path: it and all below it; default all assets."},
           {"by", "query", "string", "reason (default), asset, shift or crew."},
           {"from", "query", "string", "Default now-7d."},
           {"to", "query", "string", "Default now; excluded."}}});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/downtimes/reasons",
       .operation = "downtimes.reasons",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "The reasons that a downtime of an asset can have, by the calendar of "
                  "its site.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const TimeNs now = services_.clock.now();
         const auto model = services_.models.model(enterprise);
         TUNDISH_TRY(const Asset* asset,
                     find_asset(*model, call.request.parameter("asset").value_or(""), "asset"));
         TUNDISH_TRY(const TimeNs at,
                     read_time(call.request.parameter("time").value_or("now"), "time", now));
         TUNDISH_TRY(const auto causes, services_.plans.downtime_causes(enterprise, asset->id, at));
         return causes_response(causes);
       },
       .response_schema = "DowntimeReasons",
       .parameters = {{"asset", "query", "string", "Path of the asset."},
                      {"time", "query", "string", "When the downtime began; default now."}}});
}

}  // namespace tundish::serve
