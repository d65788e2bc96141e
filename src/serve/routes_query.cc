#include <array>

#include "serve/accept.h"
#include "serve/api.h"
#include "serve/query.h"
#include "serve/query_run.h"

namespace tundish::serve {
namespace {

constexpr std::array<std::string_view, 3> kTypes{"application/json", "text/csv",
                                                 wire::kResultMediaType};
constexpr std::array kFormats{Query::Format::kJson, Query::Format::kCsv, Query::Format::kBinary};

/// The snapshot that a query reads, with the tags' units, by the model that it asks for.
Result<std::unique_ptr<Snapshot>> open_view(const Services& services, EnterpriseId enterprise,
                                            Query& query) {
  std::shared_ptr<const TagMeanings> meanings;
  if (query.model_at) {
    TUNDISH_TRY(const auto model, services.model_store.model_at(enterprise, *query.model_at));
    meanings = services.view.meanings_of(*model);
  } else {
    meanings = services.view.meanings(enterprise);
  }
  for (TagPtr& tag : query.tags) tag = meanings->with_unit(std::move(tag));
  return query.as_received ? services.view.as_received()
                           : services.view.snapshot(std::move(meanings));
}

}  // namespace

void Api::add_query_routes() {
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/query",
       .operation = "samples.query",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "Raw samples, aggregates or the points of a plot; JSON, CSV or binary, streamed.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         const auto chosen = choose_type(call.request.header("accept"), kTypes);
         if (!chosen) return not_acceptable(kTypes);
         const auto format = kFormats[*chosen];
         std::string type(kTypes[*chosen]);
         if (format == Query::Format::kCsv) type += "; charset=utf-8; header=present";
         TUNDISH_TRY(auto query,
                     parse_query(call.request.body, format, services_.tags, services_.calendars,
                                 enterprise, services_.clock.now()));
         TUNDISH_TRY(auto snapshot, open_view(services_, enterprise, query));
         const auto run = std::make_shared<QueryRun>(std::move(query), std::move(snapshot),
                                                     services_.annotations, services_.clock);
         // The first pieces are made here, so that what goes wrong early is a proper answer.
         Response response;
         std::string start;
         bool more = true;
         while (more && start.size() < 256 * 1024) {
           TUNDISH_TRY(more, run->next(start));
         }
         response.with("Content-Type", std::move(type));
         if (!more) {
           response.body = std::move(start);
           return response;
         }
         response.stream = [run,
                            start = std::move(start)](std::string& out) mutable -> Result<bool> {
           if (!start.empty()) {
             out = std::move(start);
             start.clear();
             return true;
           }
           return run->next(out);
         };
         return response;
       },
       .body_bytes_max = 32 << 20,
       .request_schema = "Query",
       .response_schema = "QueryAnswer"});

  router_.add({.method = "GET",
               .pattern = "/api/v1/live",
               .operation = "samples.live",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "WebSocket: subscribe by pattern; a snapshot, then changes.",
               .handler = [](Call&) -> Result<Response> {
                 return fail(ErrorCode::kInvalidArgument, "this address speaks WebSocket");
               },
               .websocket = true,
               .success = 101});
}

}  // namespace tundish::serve
