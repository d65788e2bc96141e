// The OpenAPI document against the router, and real answers against the shapes that it names.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "system/installation.h"

namespace tundish::test {
namespace {

using wire::JsonValue;

constexpr std::string_view kSchemaPrefix = "#/components/schemas/";

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Every `$ref` in a document.
void collect_references(const JsonValue& value, std::set<std::string>& references) {
  if (const auto* array = value.array())
    for (const auto& one : *array) collect_references(one, references);
  if (const auto* object = value.object())
    for (const auto& [name, member] : *object) {
      if (name == "$ref" && member.string() != nullptr) references.insert(*member.string());
      collect_references(member, references);
    }
}

bool is_of_type(const JsonValue& value, std::string_view type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.boolean() != nullptr;
  if (type == "string") return value.string() != nullptr;
  if (type == "array") return value.array() != nullptr;
  if (type == "object") return value.object() != nullptr;
  if (type == "number") return value.number().has_value();
  return type == "integer" && value.number() && *value.number() == std::floor(*value.number());
}

class OpenApi : public InstallationTest {
 protected:
  void SetUp() override {
    const Answer answer = here().get({}, "/api/v1/openapi.json");
    ASSERT_EQ(answer.status, 200);
    document_ = answer.json();
    schemas_ = document_.find("components")->find("schemas");
    ASSERT_NE(schemas_, nullptr);
  }

  /// What of `value` is not as `schema` says; members that the schema does not name count too.
  void check(const JsonValue& schema, const JsonValue& value, const std::string& where) const {
    if (const auto* reference = schema.find("$ref")) {
      const JsonValue* target = schemas_->find(reference->string()->substr(kSchemaPrefix.size()));
      ASSERT_NE(target, nullptr) << *reference->string();
      return check(*target, value, where);
    }
    if (const auto* type = schema.find("type")) {
      bool fits = type->string() != nullptr && is_of_type(value, *type->string());
      if (const auto* several = type->array())
        for (const auto& one : *several) fits = fits || is_of_type(value, *one.string());
      EXPECT_TRUE(fits) << where << " is " << value.kind();
    }
    if (const auto* values = schema.find("enum")) {
      const auto& known = *values->array();
      EXPECT_NE(std::find(known.begin(), known.end(), value), known.end()) << where;
    }
    if (const auto* items = schema.find("items"); items != nullptr && value.array() != nullptr)
      for (const auto& one : *value.array()) check(*items, one, where + "[]");
    if (value.object() == nullptr) return;
    if (const auto* required = schema.find("required")) {
      for (const auto& name : *required->array())
        EXPECT_NE(value.find(*name.string()), nullptr) << where << " lacks " << *name.string();
    }
    const auto* properties = schema.find("properties");
    if (properties == nullptr) return;
    for (const auto& [name, member] : *value.object()) {
      const auto* property = properties->find(name);
      EXPECT_NE(property, nullptr) << where << "." << name << " is not documented";
      if (property != nullptr) check(*property, member, where + "." + name);
    }
  }

  /// The answer of a backup is a line of JSON for each piece.
  void expect_documented_backup() {
    const std::string to = ::testing::TempDir() + "openapi-backup";
    std::filesystem::remove_all(to);
    const Answer answer =
        here().post(Installation::owner(), "/api/v1/backup", R"({"to":")" + to + R"("})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    std::istringstream lines(answer.body);
    bool done = false;
    for (std::string line; std::getline(lines, line);) {
      const auto value = wire::parse_json(line);
      ASSERT_TRUE(value) << line;
      check(*schemas_->find("BackupLine"), *value, "BackupLine");
      const JsonValue* const ended = value->find("done");
      done = ended != nullptr && ended->boolean() != nullptr && *ended->boolean();
    }
    EXPECT_TRUE(done) << answer.body;
    checked_.insert("BackupLine");
    std::filesystem::remove_all(to);
  }

  /// Asks, and checks the answer against the schema that its route names.
  JsonValue ask(const Caller& caller, const Ask& ask, int status = 200) {
    const Answer answer = here().ask(caller, ask);
    EXPECT_EQ(answer.status, status) << ask.target << ": " << answer.body;
    const auto question = ask.target.find('?');
    const auto match = here().api().router().match(ask.method, ask.target.substr(0, question));
    const std::string name = status >= 400 ? "Problem" : match.route->response_schema;
    EXPECT_FALSE(name.empty()) << ask.target;
    const JsonValue value = answer.json();
    if (const auto* schema = schemas_->find(name)) check(*schema, value, name);
    checked_.insert(name);
    return value;
  }

  JsonValue document_;
  const JsonValue* schemas_ = nullptr;
  std::set<std::string> checked_;
};

TEST_F(OpenApi, DocumentsWhatIsServedAndNoMore) {
  std::set<std::string> documented, served, operations;
  for (const auto& [path, methods] : *document_.find("paths")->object())
    for (const auto& [method, operation] : *methods.object()) {
      documented.insert(method + " " + path);
      EXPECT_TRUE(operations.insert(text_at(operation, "operationId")).second)
          << text_at(operation, "operationId") << " twice";
      EXPECT_GT(text_at(operation, "summary").size(), 6u) << path;
      // Every {name} of the path is a parameter, and the other way round.
      std::set<std::string> named, declared;
      for (auto open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1))
        named.insert(path.substr(open + 1, path.find('}', open) - open - 1));
      for (const auto& parameter : *operation.find("parameters")->array())
        if (text_at(parameter, "in") == "path") declared.insert(text_at(parameter, "name"));
      EXPECT_EQ(named, declared) << path;
    }
  for (const auto& route : here().api().router().routes()) {
    served.insert(lower(route.method) + " " + route.pattern);
    const auto& operation =
        *document_.find("paths")->find(route.pattern)->find(lower(route.method));
    const auto& responses = *operation.find("responses");
    EXPECT_NE(responses.find(std::to_string(route.success)), nullptr) << route.pattern;
    EXPECT_EQ(operation.find("requestBody") != nullptr, !route.request_schema.empty())
        << route.pattern;
    // A body that is read is documented, and the reverse.
    if (route.operation != "influx.query_post") {
      EXPECT_EQ(route.body_bytes_max > 0, !route.request_schema.empty()) << route.pattern;
    }
    EXPECT_EQ(operation.find("security")->array()->empty(), route.needs.nobody) << route.pattern;
    // What changes something leaves a record, but for samples, which the ledger counts.
    const bool changes = route.method != "GET";
    const std::set<std::string> counted = {
        "samples.post",      "samples.write",     "samples.write2",  "streams.open",
        "samples.query",     "influx.query_post", "formulas.check",  "formulas.run",
        "calendars.preview", "retention.preview", "bindings.propose"};
    EXPECT_EQ(route.audited, changes && !counted.contains(route.operation)) << route.pattern;
  }
  EXPECT_EQ(documented, served);
}

TEST_F(OpenApi, EveryReferenceResolvesAndEverySchemaIsUsed) {
  std::set<std::string> references, known;
  collect_references(document_, references);
  for (const auto& [name, schema] : *schemas_->object())
    known.insert(std::string(kSchemaPrefix) + name);
  EXPECT_EQ(references, known);
}

TEST_F(OpenApi, AnswersAreAsDocumented) {
  const Caller administrator = here().token("works-01", Role::kAdministrator, true);
  const Caller platform = here().token("", Role::kPlatformOperator);
  const auto get = [](std::string target) { return Ask{.target = std::move(target)}; };
  const auto post = [](std::string target, std::string body) {
    return Ask{.method = "POST", .target = std::move(target), .body = std::move(body)};
  };
  ask({}, get("/api/v1/status"));
  ask({}, get("/api/v1/tags"), 401);
  ask(administrator, get("/api/v1/tags/99"), 404);
  ask(administrator, post("/api/v1/query", "{\"tags\":"), 400);
  ask(administrator, get("/api/v1/session"));
  ask(here().session("works-01", Role::kViewer, "ada"), get("/api/v1/session"));
  ask(administrator, post("/api/v1/samples", R"({"samples":[
      {"tag":"works-01/a/x","time":"2026-01-01T00:00:00Z","value":1},
      {"tag":"works-01/a/x","time":"2026-01-01T00:00:10Z","value":"NaN","quality":"BadNoCommunication"},
      {"tag":"works-01/a/s","time":"2026-01-01T00:00:00Z","value":"text"},
      {"tag":"works-01/a/b","time":"2026-01-01T00:00:00Z","value":true},
      {"tag":"elsewhere/a/b","time":"2026-01-01T00:00:00Z","value":true}]})"));
  ask(administrator, post("/api/v1/streams", R"({"source":"s","stream":"t"})"));
  ask(administrator, get("/api/v1/latest?tag=works-01/**"));
  const JsonValue tags = ask(administrator, get("/api/v1/tags?limit=2"));
  EXPECT_EQ(text_at(tags, "next"), "works-01/a/s");
  ask(administrator, get("/api/v1/tags/" + std::to_string(number_at(tags, "tags.0.id"))));
  ask(administrator, post("/api/v1/tags", R"({"tags":[{"path":"works-01/n","type":"int64"}]})"),
      201);
  ask(administrator, get("/api/v1/assets?under=works-01/a"));
  for (const char* mode :
       {R"("mode":"raw","bounds":true)", R"("mode":"plot","columns":10)",
        R"("mode":"aggregate","aggregate":["Count","TimeAverage"],"every":"10s")"})
    ask(administrator,
        post("/api/v1/query",
             fmt::format(R"({{"tags":["works-01/a/x"],"from":"2026-01-01T00:00:05Z",)"
                         R"("to":"2026-01-01T00:01:00Z",{}}})",
                         mode)));
  ask(administrator, post("/api/v1/samples/delete", R"({"tags":["works-01/a/b"],
      "from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:00:01Z"})"));
  ask(administrator, get("/query?q=CREATE+DATABASE+x"));
  ask(administrator, get("/api/v1/overview"));
  ask(administrator, get("/api/v1/ledger"));
  ask(platform, get("/api/v1/platform"));
  ask(platform, get("/api/v1/packs"));
  ask(platform, get("/api/v1/verify"));
  ask(platform, get("/api/v1/enterprises"));
  ask(administrator, get("/api/v1/enterprises/works-01"));
  ask(administrator, post("/api/v1/enterprises/works-01/link", R"({"user":"bo","role":"viewer"})"),
      201);
  ask(administrator,
      post("/api/v1/sites",
           R"({"code":"s","name":"S","time_zone":"UTC","latitude":1.5,"longitude":2.5})"),
      201);
  const JsonValue sites = ask(administrator, get("/api/v1/sites"));
  ask(administrator,
      post("/api/v1/calendars",
           R"({"name":"shifts","valid_from":"2026-01-01","time_zone":"UTC",
               "shifts":{"day":{"from":"06:00","to":"18:00","on":["monday"]}},
               "crews":{"anchor":"2026-01-05","cycle":{"day":["A","-"]}},
               "holidays":{"2026-05-01":{"en":"May Day"}},"breaks":{"b":{"from":"12:00","length":"30min"}},
               "targets":{"oee":0.85},"downtime_reasons":{"M1":{"category":"planned"}}})"),
      201);
  ask(administrator, get("/api/v1/calendars"));
  ask(administrator, get("/api/v1/calendars/shifts"));
  ask(administrator, get("/api/v1/calendars/shifts/windows?from=2026-01-05T00:00:00Z"
                         "&to=2026-01-13T00:00:00Z"));
  ask(administrator, {.method = "PUT", .target = "/api/v1/retention", .body = "measured: 20 a"});
  ask(administrator, get("/api/v1/retention"));
  ask(administrator, post("/api/v1/retention/preview", "**: 1 d"));
  ask(administrator, post("/api/v1/calendars/preview?from=2026-01-05T00:00:00Z"
                          "&to=2026-01-13T00:00:00Z",
                          R"({"name":"new","time_zone":"UTC"})"));
  ask(administrator,
      {.method = "PUT",
       .target = "/api/v1/sites/" + std::to_string(number_at(sites, "sites.0.id")) + "/calendar",
       .body = R"({"calendar":"shifts"})"});
  const JsonValue connection = ask(
      administrator,
      post(
          "/api/v1/connections",
          R"({"name":"c","endpoint":"opc.tcp://127.0.0.1:1","security_policy":"None","security_mode":"None",
          "enabled":false,"items":[{"namespace_uri":"urn:a","identifier":"i=1","path":"works-01/c/i"}]})"),
      201);
  const std::string id = std::to_string(number_at(connection, "id"));
  ask(administrator, get("/api/v1/connections"));
  ask(administrator, get("/api/v1/connections/" + id));
  ask(administrator, get("/api/v1/connections/" + id + "/items"));
  ask(administrator, post("/api/v1/users", R"({"name":"cy","role":"viewer"})"), 201);
  ask(administrator, get("/api/v1/users"));
  ask(administrator, post("/api/v1/tokens", R"({"name":"t","role":"viewer","expires":"now+1h"})"),
      201);
  ask(administrator, get("/api/v1/tokens"));
  ask(administrator, get("/api/v1/audit"));

  ask(administrator, {.method = "PUT",
                      .target = "/api/v1/templates/documented",
                      .body = R"json({"attributes":{"x":{"measured":"double","valid":[0,9]},
                                 "twice":{"formula":"x * 2"}},
                       "kpis":{"k":{"words":{"en":"K"},"unit":"%","band":[0,1],"per":["day"],
                                    "ratio":{"of":"delta(x, window)","by":"max(x, window)"}}},
                       "intervals":{"stop":{"words":{"en":"Stop"},"during":"x > 0","downtime":"unplanned",
                         "cost":{"output":{"lost":"count(x, window)","unit":"1","price":"2"},
                                 "energy":{"used":"count(x, window)","unit":"1"}}}}})json"});
  const JsonValue made = ask(
      administrator,
      post("/api/v1/assets", R"({"assets":[{"path":"works-01/a","template":"documented"}]})"), 201);
  ask(administrator, get("/api/v1/assets/" + std::to_string(number_at(made, "assets.0"))));
  ask(administrator, get("/api/v1/templates"));
  ask(administrator, get("/api/v1/templates/documented"));
  ask(administrator, get("/api/v1/model/history"));
  ask(administrator, get("/api/v1/model/at"));
  ask(administrator, post("/api/v1/formulas/check",
                          R"json({"asset":"works-01/a","formula":"avg(x, shift)"})json"));
  ask(administrator, post("/api/v1/formulas/check", R"({"asset":"works-01/a","formula":"xx"})"),
      400);
  ask(administrator, post("/api/v1/formulas/run",
                          R"({"asset":"works-01/a","formula":"x > 1","compare":"twice","every":"5s",
                              "from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:01:00Z"})"));
  ask(administrator, post("/api/v1/formulas/run",
                          R"json({"asset":"works-01/a","formula":"avg(x, window)","window":"day",
                   "from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"})json"));
  const std::string day = "&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";
  const auto entered = [&](const std::string& what) {
    ask(administrator,
        post("/api/v1/entries", R"({"tag":"works-01/a/x","why":"documented",)" + what + "}"));
  };
  entered(R"("samples":[{"time":"2026-01-01T00:00:00Z","value":3}])");
  entered(R"("samples":[{"time":"2026-01-01T00:00:00Z","value":4}])");
  entered(R"("remove":{"time":"2026-01-01T00:00:00Z"})");
  entered(R"("samples":[{"time":"2026-01-01T06:00:00Z","value":5}])");
  ask(administrator, get("/api/v1/entries?asset=works-01/a"));
  ask(administrator, get("/api/v1/versions?tag=works-01/a/x" + day));
  ask(administrator, get("/api/v1/explain?tag=works-01/a/x&time=2026-01-01T00:00:05Z"));
  ask(administrator, get("/api/v1/kpis?asset=works-01/a" + day));
  ask(administrator, get("/api/v1/explain?asset=works-01/a&kpi=k" + day));
  ask(administrator, get("/api/v1/explain?tag=works-01/a/twice&time=2026-01-01T00:00:05Z"));

  ask(administrator, get("/api/v1/compute"));
  ask(administrator, get("/api/v1/packs"));
  ask(administrator, get("/api/v1/packs/steel"));
  ask(administrator, post("/api/v1/packs/steel/apply?dry_run=true", ""));
  ask(administrator, get("/api/v1/screens"));
  ask(administrator, get("/api/v1/screens/alarms"));
  // What is derived follows by itself, in a moment.
  const std::string stops = "/api/v1/intervals?cost=true&asset=works-01/a" + day;
  for (int i = 0; i < 1500 && here().get(administrator, stops).body.size() < 100; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const JsonValue found = ask(administrator, get(stops));
  ASSERT_EQ(at(found, "intervals").array()->size(), 1u);
  const std::string stop =
      "/api/v1/intervals/" + std::to_string(number_at(found, "intervals.0.id"));
  EXPECT_EQ(here().post(administrator, stop + "/reason", R"({"reason":null})").status, 204);
  ask(administrator, get(stop + "/reasons"));
  ask(administrator, get("/api/v1/downtimes?asset=works-01/a" + day));
  ask(administrator, get("/api/v1/downtimes/reasons?asset=works-01/a"));
  ask(administrator, post("/api/v1/bindings/propose?pack=steel",
                          R"({"points":[{"name":"BF1_HBT","unit":"C","low":0,"high":1400}]})"));
  ask(administrator,
      post("/api/v1/bindings/apply?dry_run=false",
           R"({"bindings":[{"asset":"works-01/b","template":"documented","attribute":"x"}]})"));

  const JsonValue note =
      ask(administrator,
          post("/api/v1/annotations",
               R"({"tag":"works-01/a/x","time":"2026-01-05T00:00:00Z","text":"calibrated"})"),
          201);
  const std::string one = "/api/v1/annotations/" + std::to_string(number_at(note, "id"));
  ask(administrator, get("/api/v1/annotations"));
  ask(administrator, {.method = "PUT", .target = one, .body = R"({"text":"calibrated anew"})"});
  ask(administrator, get(one));
  ask(administrator, {.method = "DELETE", .target = one});
  expect_documented_backup();

  // Only what a device must answer first is not asked here.
  for (const auto& route : here().api().router().routes())
    if (!route.response_schema.empty() && route.operation != "connections.browse" &&
        route.operation != "connections.endpoints") {
      EXPECT_TRUE(checked_.contains(route.response_schema)) << route.response_schema;
    }
}

}  // namespace
}  // namespace tundish::test
