#include <fmt/format.h>

#include "serve/api.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kConnectionBody = 8 << 20;
constexpr std::size_t kItemsMax = 20'000;

void write_time_or_null(wire::JsonWriter& json, TimeNs time) {
  if (time == 0)
    json.null();
  else
    json.time(time);
}

/// A parameter that is `true` or `false`, false when absent.
Result<bool> flag_of(const Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text || *text == "false") return false;
  if (*text == "true") return true;
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} is true or false", name),
              std::string(name));
}

/// Everything but the password, which never leaves.
void write_connection(wire::JsonWriter& json, const ConnectionConfig& config,
                      const Result<ConnectionStatus>& status, bool with_items) {
  json.begin_object().member("id", config.id).member("name", config.name);
  json.member("kind", config.kind).member("endpoint", config.endpoint);
  json.member("security_policy", config.security_policy);
  json.member("security_mode", config.security_mode).member("user", config.user);
  json.member("has_password", !config.password.empty());
  json.member("trusted_fingerprint", config.trusted_fingerprint);
  json.member("publishing_ms", config.publishing_ms).member("enabled", config.enabled);
  json.member("simulated", config.simulated).member("items_total", config.items.size());
  json.key("status");
  if (status) {
    json.begin_object().member("state", connection_state_name(status->state));
    json.member("message", status->message).key("since");
    write_time_or_null(json, status->since);
    json.member("presented_fingerprint", status->presented_fingerprint);
    json.member("server_subject", status->server_subject);
    json.member("reconnects", status->reconnects).member("values", status->values);
    json.member("dropped", status->dropped).member("items_total", status->items_total);
    json.member("items_resumed", status->items_resumed).end_object();
  } else {
    json.null();
  }
  if (with_items) {
    json.key("items").begin_array();
    for (const auto& item : config.items) {
      json.begin_object().member("namespace_uri", item.namespace_uri);
      json.member("identifier", item.identifier).member("path", item.path);
      json.member("sampling_ms", item.sampling_ms);
      if (item.type) json.member("type", value_type_name(*item.type));
      json.member("step", item.step).member("unit", item.unit);
      json.member("description", item.description).end_object();
    }
    json.end_array();
  }
  json.end_object();
}

Result<std::uint32_t> milliseconds_of(const wire::JsonValue& body, std::string_view name,
                                      std::uint32_t otherwise) {
  TUNDISH_TRY(const auto value, wire::optional_member<std::int64_t>(body, name));
  if (!value) return otherwise;
  if (*value < 10 || *value > 3'600'000)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is 10 to 3600000", name),
                std::string(name));
  return static_cast<std::uint32_t>(*value);
}

Result<ConnectionItem> item_of(const wire::JsonValue& body) {
  TUNDISH_RETURN_IF_ERROR(
      wire::check_members(body, {"namespace_uri", "identifier", "path", "sampling_ms", "type",
                                 "step", "unit", "description"}));
  ConnectionItem item;
  TUNDISH_TRY(item.namespace_uri, wire::required_member<std::string>(body, "namespace_uri"));
  TUNDISH_TRY(item.identifier, wire::required_member<std::string>(body, "identifier"));
  TUNDISH_TRY(item.path, wire::required_member<std::string>(body, "path"));
  TUNDISH_TRY(item.sampling_ms, milliseconds_of(body, "sampling_ms", item.sampling_ms));
  TUNDISH_TRY(const auto type, wire::optional_member<std::string>(body, "type"));
  if (type) {
    item.type = parse_value_type(*type);
    if (!item.type)
      return fail(ErrorCode::kInvalidArgument, "a type is double, int64, bool or string", "type");
  }
  TUNDISH_TRY(const auto step, wire::optional_member<bool>(body, "step"));
  TUNDISH_TRY(const auto unit, wire::optional_member<std::string>(body, "unit"));
  TUNDISH_TRY(const auto description, wire::optional_member<std::string>(body, "description"));
  item.step = step.value_or(false);
  item.unit = unit.value_or("");
  item.description = description.value_or("");
  return item;
}

/// What the body names is taken, the rest stays as `config` has it.
Status read_connection(const wire::JsonValue& body, ConnectionConfig& config) {
  TUNDISH_RETURN_IF_ERROR(wire::check_members(
      body, {"id", "name", "kind", "endpoint", "security_policy", "security_mode", "user",
             "password", "publishing_ms", "enabled", "simulated", "items"}));
  const auto text = [&](std::string_view name, std::string& into) -> Status {
    TUNDISH_TRY(auto value, wire::optional_member<std::string>(body, name));
    if (value) into = std::move(*value);
    return {};
  };
  TUNDISH_RETURN_IF_ERROR(text("name", config.name));
  TUNDISH_RETURN_IF_ERROR(text("kind", config.kind));
  TUNDISH_RETURN_IF_ERROR(text("endpoint", config.endpoint));
  TUNDISH_RETURN_IF_ERROR(text("security_policy", config.security_policy));
  TUNDISH_RETURN_IF_ERROR(text("security_mode", config.security_mode));
  TUNDISH_RETURN_IF_ERROR(text("user", config.user));
  TUNDISH_RETURN_IF_ERROR(text("password", config.password));
  TUNDISH_TRY(config.publishing_ms, milliseconds_of(body, "publishing_ms", config.publishing_ms));
  TUNDISH_TRY(const auto enabled, wire::optional_member<bool>(body, "enabled"));
  TUNDISH_TRY(const auto simulated, wire::optional_member<bool>(body, "simulated"));
  config.enabled = enabled.value_or(config.enabled);
  config.simulated = simulated.value_or(config.simulated);
  TUNDISH_TRY(const auto items, wire::optional_member<wire::JsonValue::Array>(body, "items"));
  if (!items) return {};
  if (items->size() > kItemsMax)
    return fail(ErrorCode::kTooLarge, "a connection has at most 20000 items", "items");
  config.items.clear();
  for (const auto& one : *items) {
    TUNDISH_TRY(auto item, item_of(one));
    config.items.push_back(std::move(item));
  }
  return {};
}

}  // namespace

void Api::add_connection_routes() {
  const auto respond = [this](const ConnectionConfig& config, int status) {
    std::string text;
    wire::JsonWriter json(text);
    write_connection(json, config, services_.connections.status(config.enterprise, config.id),
                     true);
    return json_response(std::move(text), status);
  };

  router_.add({.method = "GET",
               .pattern = "/api/v1/connections",
               .operation = "connections.list",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Connections to equipment, with their state.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("connections").begin_array();
                 for (const auto& config : services_.connections.list(enterprise))
                   write_connection(json, config,
                                    services_.connections.status(enterprise, config.id), false);
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Connections"});
  router_.add({.method = "POST",
               .pattern = "/api/v1/connections",
               .operation = "connections.create",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Adds a connection and starts it.",
               .handler = [this, respond](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto body,
                             wire::parse_json(call.request.body, {.bytes_max = kConnectionBody,
                                                                  .values_max = 1'000'000}));
                 ConnectionConfig config;
                 config.enterprise = enterprise;
                 TUNDISH_RETURN_IF_ERROR(read_connection(body, config));
                 TUNDISH_TRY(const auto saved, services_.connections.save(std::move(config)));
                 call.audit_object = fmt::format("connection:{}", saved.id);
                 call.audit_detail = saved.name + " " + saved.endpoint;
                 return respond(saved, 201);
               },
               .body_bytes_max = kConnectionBody,
               .request_schema = "NewConnection",
               .response_schema = "Connection",
               .audited = true,
               .success = 201});
  router_.add({.method = "GET",
               .pattern = "/api/v1/connections/{id}",
               .operation = "connections.get",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "One connection with its items.",
               .handler = [this, respond](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto id, call.path_id());
                 TUNDISH_TRY(const auto config, services_.connections.get(enterprise, id));
                 return respond(config, 200);
               },
               .response_schema = "Connection"});
  router_.add(
      {.method = "PUT",
       .pattern = "/api/v1/connections/{id}",
       .operation = "connections.update",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Changes what the body names and starts the connection anew, but for a new name.",
       .handler = [this, respond](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         TUNDISH_TRY(const auto id, call.path_id());
         TUNDISH_TRY(auto config, services_.connections.get(enterprise, id));
         TUNDISH_TRY(const auto body,
                     wire::parse_json(call.request.body,
                                      {.bytes_max = kConnectionBody, .values_max = 1'000'000}));
         // A password belongs to the server it was given for: another address must not get it.
         const std::string endpoint = config.endpoint;
         TUNDISH_RETURN_IF_ERROR(read_connection(body, config));
         if (config.endpoint != endpoint) {
           config.trusted_fingerprint.clear();
           if (body.find("password") == nullptr) config.password.clear();
         }
         TUNDISH_TRY(const auto saved, services_.connections.save(std::move(config)));
         call.audit_detail = saved.name + " " + saved.endpoint;
         return respond(saved, 200);
       },
       .body_bytes_max = kConnectionBody,
       .request_schema = "NewConnection",
       .response_schema = "Connection",
       .audited = true});
  router_.add({.method = "DELETE",
               .pattern = "/api/v1/connections/{id}",
               .operation = "connections.remove",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Stops and removes a connection; its tags and samples stay.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto id, call.path_id());
                 TUNDISH_RETURN_IF_ERROR(services_.connections.remove(enterprise, id));
                 Response response;
                 response.status = 204;
                 return response;
               },
               .audited = true,
               .success = 204});
  router_.add({.method = "GET",
               .pattern = "/api/v1/connections/{id}/items",
               .operation = "connections.items",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Each item: resumed since the last connect or not, and its status code.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto id, call.path_id());
                 TUNDISH_TRY(const bool only, flag_of(call.request, "unresumed"));
                 TUNDISH_TRY(const auto items, services_.connections.items(enterprise, id));
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("items").begin_array();
                 for (const auto& item : items) {
                   if (only && item.resumed) continue;
                   json.begin_object().member("path", item.path).member("resumed", item.resumed);
                   json.member("status", quality_name(item.status)).key("last_value");
                   write_time_or_null(json, item.last_value);
                   json.end_object();
                 }
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "ConnectionItems",
               .parameters = {{"unresumed", "query", "boolean", "Only those not resumed."}}});
  router_.add({.method = "POST",
               .pattern = "/api/v1/connections/{id}/trust",
               .operation = "connections.trust",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Confirms the fingerprint of the server's certificate.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto id, call.path_id());
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"fingerprint"}));
                 TUNDISH_TRY(const auto fingerprint,
                             wire::required_member<std::string>(body, "fingerprint"));
                 TUNDISH_RETURN_IF_ERROR(services_.connections.trust(enterprise, id, fingerprint));
                 call.audit_detail = fingerprint.substr(0, 128);
                 Response response;
                 response.status = 204;
                 return response;
               },
               .body_bytes_max = 16 * 1024,
               .request_schema = "Fingerprint",
               .audited = true,
               .success = 204});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/connections/{id}/browse",
       .operation = "connections.browse",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Children of a node at the server.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         TUNDISH_TRY(const auto id, call.path_id());
         TUNDISH_TRY(
             const auto nodes,
             services_.connections.browse(
                 enterprise, id, std::string(call.request.parameter("namespace_uri").value_or("")),
                 std::string(call.request.parameter("identifier").value_or(""))));
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().key("nodes").begin_array();
         for (const auto& node : nodes) {
           json.begin_object().member("namespace_uri", node.namespace_uri);
           json.member("identifier", node.identifier).member("browse_name", node.browse_name);
           json.member("display_name", node.display_name);
           json.member("has_children", node.has_children).member("is_variable", node.is_variable);
           json.key("type");
           if (node.type)
             json.value(value_type_name(*node.type));
           else
             json.null();
           json.member("unit", node.unit).member("step", node.step).end_object();
         }
         json.end_array().end_object();
         return json_response(std::move(text));
       },
       .response_schema = "BrowseNodes",
       .parameters = {{"namespace_uri", "query", "string", "Of the node; empty for namespace 0."},
                      {"identifier", "query", "string", "`i=85`; empty: the Objects folder."}}});
  router_.add({.method = "POST",
               .pattern = "/api/v1/connections/endpoints",
               .operation = "connections.endpoints",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Asks a server which endpoints it has.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
                 TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"url"}));
                 TUNDISH_TRY(const auto url, wire::required_member<std::string>(body, "url"));
                 call.audit_object = url.substr(0, 256);
                 TUNDISH_TRY(const auto endpoints,
                             services_.connections.endpoints(enterprise, url));
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("endpoints").begin_array();
                 for (const auto& endpoint : endpoints) {
                   json.begin_object().member("url", endpoint.url);
                   json.member("security_policy", endpoint.security_policy);
                   json.member("security_mode", endpoint.security_mode);
                   json.member("fingerprint", endpoint.fingerprint);
                   json.member("subject", endpoint.subject).key("user_tokens").begin_array();
                   for (const auto& kind : endpoint.user_tokens) json.value(kind);
                   json.end_array().end_object();
                 }
                 json.end_array().end_object();
                 return json_response(std::move(text));
               },
               .body_bytes_max = 16 * 1024,
               .request_schema = "EndpointUrl",
               .response_schema = "Endpoints",
               .audited = true});
}

}  // namespace tundish::serve
