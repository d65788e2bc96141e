#include "serve/api.h"
#include "serve/metrics.h"
#include "serve/openapi.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

void Api::add_health_routes() {
  router_.add({.method = "GET",
               .pattern = "/healthz",
               .operation = "health.alive",
               .needs = Needs::none(),
               .summary = "The process answers.",
               .handler = [](Call&) -> Result<Response> {
                 return text_response("ok\n", "text/plain; charset=utf-8");
               }});
  router_.add({.method = "GET",
               .pattern = "/readyz",
               .operation = "health.ready",
               .needs = Needs::none(),
               .summary = "Recovered and taking samples; 503 otherwise.",
               .handler = [this](Call&) -> Result<Response> {
                 if (!services_.ready())
                   return fail(ErrorCode::kUnavailable, "starting or stopping; try again");
                 return text_response("ready\n", "text/plain; charset=utf-8");
               }});
  router_.add({.method = "GET",
               .pattern = "/ping",
               .operation = "health.ping",
               .needs = Needs::none(),
               .summary = "For InfluxDB clients.",
               .handler = [this](Call&) -> Result<Response> {
                 Response response;
                 response.status = 204;
                 response.with("X-Influxdb-Version", "tundish-" + services_.version);
                 return response;
               },
               .success = 204});
  router_.add({.method = "GET",
               .pattern = "/api/v1/status",
               .operation = "health.status",
               .needs = Needs::none(),
               .summary = "Version, and whether somebody has signed in yet.",
               .handler = [this](Call&) -> Result<Response> {
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().member("version", services_.version);
                 json.member("needs_first_operator", services_.access.needs_first_operator());
                 json.member("ready", services_.ready()).end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "ServerStatus"});
  router_.add({.method = "GET",
               .pattern = "/api/v1/openapi.json",
               .operation = "health.openapi",
               .needs = Needs::none(),
               .summary = "This document.",
               .handler = [this](Call&) -> Result<Response> {
                 return json_response(openapi_document(router_, services_.version));
               }});
  router_.add({.method = "GET",
               .pattern = "/metrics",
               .operation = "health.metrics",
               .needs = Needs::platform_operator(),
               .summary = "OpenMetrics of this process.",
               .handler = [this](Call&) -> Result<Response> {
                 return text_response(metrics_text(services_, rates_, live_.clients()),
                                      "application/openmetrics-text; version=1.0.0; charset=utf-8");
               }});
}

}  // namespace tundish::serve
