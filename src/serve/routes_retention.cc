#include "serve/api.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kRulesBody = 64 << 10;

/// `keep_days`: null for ever.
void write_keep(wire::JsonWriter& json, KeepDays keep) {
  json.key("keep_days");
  if (keep == kKeptForEver)
    json.null();
  else
    json.value(static_cast<std::uint64_t>(keep));
}

Response retention_response(const RetentionState& state) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("text", state.text).member("actor", state.actor).key("saved");
  if (state.saved == 0)
    json.null();
  else
    json.time(state.saved);
  json.key("rules").begin_array();
  for (const RetentionRule& rule : state.rules) {
    json.begin_object().member("subject", rule.subject);
    write_keep(json, rule.keep);
    json.member("line", static_cast<std::uint64_t>(rule.line))
        .member("tags", rule.tags)
        .end_object();
  }
  json.end_array().key("classes").begin_array();
  for (const RetentionClass& one : state.classes) {
    json.begin_object();
    write_keep(json, one.keep);
    json.member("tags", one.tags).member("shortened", one.shortened).key("horizon");
    if (one.horizon == kTimeMin)
      json.null();
    else
      json.time(one.horizon);
    json.end_object();
  }
  json.end_array().end_object();
  return json_response(std::move(text));
}

}  // namespace

void Api::add_retention_routes() {
  router_.add({.method = "GET",
               .pattern = "/api/v1/retention",
               .operation = "retention.get",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "How long samples are kept: the rules, and the tags that each is for.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto state, services_.retention.state(enterprise));
                 return retention_response(state);
               },
               .response_schema = "Retention"});
  router_.add({.method = "POST",
               .pattern = "/api/v1/retention/preview",
               .operation = "retention.preview",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "What rules would do, were they saved. Changes nothing.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto state,
                             services_.retention.preview(enterprise, call.request.body));
                 return retention_response(state);
               },
               .body_bytes_max = kRulesBody,
               .request_schema = "RetentionText",
               .response_schema = "Retention"});
  router_.add({.method = "PUT",
               .pattern = "/api/v1/retention",
               .operation = "retention.save",
               .needs = Needs::at_least(Role::kAdministrator),
               .summary = "Saves the rules, a text. They hold at once, and what they take is gone.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 call.audit_object = "retention";
                 TUNDISH_TRY(const auto state,
                             services_.retention.save(enterprise, call.credential.actor,
                                                      call.request.body));
                 return retention_response(state);
               },
               .body_bytes_max = kRulesBody,
               .request_schema = "RetentionText",
               .response_schema = "Retention",
               .audited = true});
}

}  // namespace tundish::serve
