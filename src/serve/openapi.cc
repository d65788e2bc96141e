#include "serve/openapi.h"

#include <map>

#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

void write_content(wire::JsonWriter& json, std::string_view schema) {
  json.key("content").begin_object();
  json.key("application/json").begin_object().key("schema").begin_object();
  json.member("$ref", "#/components/schemas/" + std::string(schema));
  json.end_object().end_object().end_object();
}

void write_parameters(wire::JsonWriter& json, const Route& route) {
  json.key("parameters").begin_array();
  std::string_view rest = route.pattern;
  for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const auto close = rest.find('}', open);
    json.begin_object().member("name", rest.substr(open + 1, close - open - 1));
    json.member("in", "path").member("required", true);
    json.key("schema").begin_object().member("type", "string").end_object().end_object();
    rest = rest.substr(close + 1);
  }
  for (const auto& parameter : route.parameters) {
    json.begin_object().member("name", parameter.name).member("in", parameter.in);
    json.member("description", parameter.text);
    json.key("schema").begin_object().member("type", parameter.type).end_object().end_object();
  }
  json.end_array();
}

std::string who(const Needs& needs) {
  if (needs.nobody) return "Public.";
  std::string text;
  if (needs.role) text = "At least " + std::string(role_name(*needs.role)) + ". ";
  if (needs.platform) text += "The platform operator. ";
  if (needs.session_only) return text + "With a session only.";
  if (needs.owner) text += "The owner of the data folder.";
  return text;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

void write_operation(wire::JsonWriter& json, const Route& route) {
  json.key(lower(route.method)).begin_object();
  json.member("operationId", route.operation).member("summary", route.summary);
  json.member("description", who(route.needs));
  json.key("tags")
      .begin_array()
      .value(route.operation.substr(0, route.operation.find('.')))
      .end_array();
  write_parameters(json, route);
  if (!route.request_schema.empty()) {
    json.key("requestBody").begin_object().member("required", true);
    write_content(json, route.request_schema);
    json.end_object();
  }
  json.key("responses").begin_object();
  json.key(std::to_string(route.success)).begin_object().member("description", "Done.");
  if (!route.response_schema.empty()) write_content(json, route.response_schema);
  json.end_object();
  json.key("default").begin_object().member("description", "RFC 9457 problem.");
  json.key("content").begin_object().key("application/problem+json").begin_object();
  json.key("schema").begin_object().member("$ref", "#/components/schemas/Problem").end_object();
  json.end_object().end_object().end_object();
  json.end_object();
  json.key("security").begin_array();
  if (!route.needs.nobody) {
    if (!route.needs.session_only)
      json.begin_object().key("token").begin_array().end_array().end_object();
    json.begin_object().key("session").begin_array().end_array().end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string openapi_document(const Router& router, std::string_view version) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("openapi", "3.1.0");
  json.key("info").begin_object().member("title", "Tundish").member("version", version);
  json.key("license")
      .begin_object()
      .member("name", "Apache-2.0")
      .member("identifier", "Apache-2.0");
  json.end_object().end_object();
  json.key("paths").begin_object();
  std::map<std::string, std::vector<const Route*>> by_path;
  for (const Route& route : router.routes()) by_path[route.pattern].push_back(&route);
  for (const auto& [path, routes] : by_path) {
    json.key(path).begin_object();
    for (const Route* route : routes) write_operation(json, *route);
    json.end_object();
  }
  json.end_object();
  json.key("components").begin_object();
  json.key("securitySchemes").begin_object();
  json.key("token").begin_object().member("type", "http").member("scheme", "bearer").end_object();
  json.key("session").begin_object().member("type", "apiKey").member("in", "cookie");
  json.member("name", "tundish_session").end_object().end_object();
  json.key("schemas").raw(openapi_schemas());
  json.end_object().end_object();
  return text;
}

}  // namespace tundish::serve
