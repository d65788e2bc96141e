// tests/cases/access_matrix.txt against the router: every route, every caller.
//
// 1. Each caller asks by token and by session; each request names objects of works-01 made for it
//    alone, so that a request that removes something does not change the next.
// 2. A session without its CSRF token changes nothing, whatever its role.
// 3. Before the body is read the API refuses exactly those whom it refuses after.
// 4. A foreign administrator cannot tell what belongs to works-01 from what does not exist.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>

#include "system/installation.h"

namespace tundish::test {
namespace {

constexpr std::array kCallers = {"nobody",        "viewer",   "operator", "engineer",
                                 "administrator", "platform", "owner",    "foreign"};
constexpr std::string_view kPassword = "quiet-ladle-7-heats";

/// One line of the file: what each caller gets, in the order of kCallers.
using Expected = std::map<std::string, std::array<std::string, kCallers.size()>>;

Expected read_matrix() {
  std::ifstream file(TUNDISH_SOURCE_DIR "/tests/cases/access_matrix.txt");
  EXPECT_TRUE(file);
  Expected expected;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string method, pattern, excess;
    words >> method >> pattern;
    std::array<std::string, kCallers.size()> answers;
    for (auto& answer : answers) words >> answer;
    EXPECT_TRUE(words) << "an answer for each of the eight callers: " << line;
    EXPECT_FALSE(words >> excess) << line;
    EXPECT_TRUE(expected.emplace(method + " " + pattern, answers).second) << "twice: " << line;
  }
  return expected;
}

std::string word_of(int status) {
  switch (status) {
    case 101:
    case 200:
    case 201:
    case 204: return "ok";
    case 400: return "refused";
    case 401: return "sign-in";
    case 403: return "no";
    case 404: return "missing";
    case 409:
    case 502:
    case 503:
    case 504: return "device";
    default: return std::to_string(status);
  }
}

/// What requests name. Either made in works-01 or names and numbers that nobody has.
struct Objects {
  std::string id = "999999";  ///< for the pattern's {id}
  std::string enterprise = "nowhere-99";
  std::string tag = "works-01/matrix/absent";
  std::string asset = "works-01/absent";
  std::string site = "absent";  ///< code of the site with that id
  std::string name = "absent";  ///< for the pattern's {name}
};

/// Query and body for each operation that needs some. `$tag`, `$enterprise`, `$role`, `$link` and
/// `$new` (a name not used before) are filled in.
const std::map<std::string, std::string> kQueries = {
    {"tags.list", "pattern=$enterprise/**"},
    {"assets.list", "under=$enterprise"},
    {"model.export", "under=$enterprise"},
    {"model.import", "under=$enterprise"},
    {"samples.latest", "tag=$tag"},
    {"explain.get", "tag=$tag&time=now"},
    {"kpis.list", "asset=$asset&window=day&from=now-2d&to=now"},
    {"intervals.list", "asset=$asset"},
    {"entries.list", "tag=$tag"},
    {"annotations.list", "tag=$tag"},
    {"samples.versions", "tag=$tag"},
    {"downtimes.sum", "asset=$asset"},
    {"downtimes.reasons", "asset=$asset"},
    {"calendars.preview", "from=now&to=now%2B1d"},
    {"calendars.windows", "window=day&from=now-7d&to=now"},
    {"influx.query", "q=CREATE+DATABASE+plant"},
    {"influx.query_post", "q=CREATE+DATABASE+plant"},
};
const std::map<std::string, std::string> kBodies = {
    {"retention.preview", "measured: 90 d"},
    {"retention.save", "measured: for ever"},
    {"backup.create", R"({"to":"not/absolute"})"},
    {"session.login", R"({"name":"matrix-login","password":"quiet-ladle-7-heats"})"},
    {"session.redeem", R"({"secret":"$link"})"},
    {"session.password", R"({"new_password":"quiet-ladle-7-heats"})"},
    {"enterprises.create", R"({"code":"$new","name":"New"})"},
    {"enterprises.update", R"({"name":"Works"})"},
    {"enterprises.link", R"({"user":"$new","role":"viewer"})"},
    {"sites.create", R"({"code":"$new","name":"Site","time_zone":"Asia/Shanghai"})"},
    {"sites.update", R"({"code":"$site","name":"Site","time_zone":"Asia/Shanghai"})"},
    {"sites.set_calendar", R"({"calendar":null})"},
    {"calendars.create", R"({"name":"$new","time_zone":"Asia/Shanghai"})"},
    {"calendars.preview", R"({"name":"$new","time_zone":"Asia/Shanghai"})"},
    {"calendars.update", R"({"name":"$calendar","time_zone":"Asia/Shanghai"})"},
    {"tags.create", R"({"tags":[{"path":"$tag","type":"double"}]})"},
    {"tags.update", R"({"description":"changed"})"},
    {"assets.create", R"({"assets":[{"path":"$tag"}]})"},
    {"assets.update", R"({"words":{"en":"$new"}})"},
    {"templates.save", R"({"attributes":{"power":{"measured":"double"}}})"},
    {"model.import", "assets: {}\n"},
    {"bindings.propose", R"({"pack":"steel","points":[{"name":"BF1_HBT","unit":"C"}]})"},
    {"bindings.apply", R"({"bindings":[{"asset":"works-01/f1","template":"$template",)"
                       R"("attribute":"power"}]})"},
    {"bindings.undo", R"({"version":9999999,"made":[],"changed":[]})"},
    {"entries.create", R"({"tag":"$tag","samples":[{"time":"2024-03-10T08:00:00Z","value":1}]})"},
    {"annotations.create", R"({"tag":"$tag","time":"2024-03-10T08:00:00Z","text":"a note"})"},
    {"annotations.update", R"({"text":"another note"})"},
    {"intervals.annotate", R"({"text":"a remark"})"},
    {"intervals.set_reason", R"({"reason":"M1"})"},
    {"formulas.check", R"({"asset":"$asset","formula":"1 + 1"})"},
    {"formulas.run", R"({"asset":"$asset","formula":"1 + 1","every":"1min"})"},
    {"samples.query", R"({"tags":["$tag"],"from":"now-1h","to":"now"})"},
    {"samples.post", R"({"samples":[{"tag":"$tag","time":1700000000000000000,"value":1}]})"},
    {"samples.delete", R"({"tags":["$tag"],"from":"now-1h","to":"now"})"},
    {"samples.write", "matrix value=1 1700000000000000000"},
    {"samples.write2", "matrix value=1 1700000000000000000"},
    {"streams.open", R"({"source":"matrix","stream":"$new"})"},
    {"influx.query_post", ""},
    {"connections.create", R"({"name":"$new","endpoint":"opc.tcp://127.0.0.1:1",)"
                           R"("security_policy":"None","security_mode":"None","enabled":false})"},
    {"connections.update", R"({"name":"$new"})"},
    {"connections.trust", R"({"fingerprint":"00"})"},
    {"connections.endpoints", R"({"url":"opc.tcp://127.0.0.1:1"})"},
    {"users.create", R"({"name":"$new","role":"$role"})"},
    {"users.update", R"({"display_name":"Renamed"})"},
    {"tokens.create", R"({"name":"$new","role":"$role"})"},
};

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

class AccessMatrix : public InstallationTest {
 protected:
  void SetUp() override {
    // One installation serves all of these tests: the first of them makes the user.
    auto& access = here().platform().access();
    const auto made = access.create_user({.name = "matrix-login",
                                          .role = Role::kViewer,
                                          .enterprise = here().enterprise("works-01"),
                                          .password = std::string(kPassword)});
    ASSERT_TRUE(made || made.error().code == ErrorCode::kAlreadyExists);
    for (const auto* code : {"works-01", "other-01"})
      ASSERT_EQ(
          here()
              .post(here().token(code, Role::kEngineer), "/write", kBodies.at("samples.write"))
              .status,
          204);
  }

  std::string fresh() { return fmt::format("fresh-{}", ++names_); }

  /// Something in works-01 of the kind that the route's {id} stands for, and a tag where the
  /// operation names one.
  Objects make_objects(const serve::Route& route) {
    Objects made;
    made.enterprise = "works-01";
    const EnterpriseId works = here().enterprise("works-01");
    auto& platform = here().platform();
    const auto under = [&](std::string_view prefix) { return route.pattern.starts_with(prefix); };
    const auto body = kBodies.find(route.operation);
    const auto query = kQueries.find(route.operation);
    made.tag = "works-01/matrix/" + fresh();
    const bool names_tag =
        (body != kBodies.end() && body->second.find("$tag") != std::string::npos) ||
        (query != kQueries.end() && query->second.find("$tag") != std::string::npos);
    const bool names_asset =
        (body != kBodies.end() && body->second.find("$asset") != std::string::npos) ||
        (query != kQueries.end() && query->second.find("$asset") != std::string::npos);
    if (names_asset) {
      made.asset = "works-01/" + fresh();
      const AssetDefinition asset{.path = made.asset};
      EXPECT_TRUE(platform.model_store().save_assets({"test", false}, works, std::span(&asset, 1)));
    } else if (under("/api/v1/tags/") || names_tag) {
      const NewTag tag{.path = made.tag};
      made.id =
          std::to_string(platform.tags().ensure(works, std::span(&tag, 1)).value()[0]->id.number);
    } else if (under("/api/v1/sites/")) {
      Site site;
      site.enterprise = works;
      site.code = site.name = fresh();
      site.time_zone = "UTC";
      made.site = site.code;
      made.id = std::to_string(platform.enterprises().save_site(site).value().id);
    } else if (under("/api/v1/calendars/")) {
      made.name = fresh();
      const auto text = fmt::format("name: {}\ntime_zone: UTC\n", made.name);
      EXPECT_TRUE(platform.calendars().create(works, text));
    } else if (under("/api/v1/assets/")) {
      const AssetDefinition asset{.path = "works-01/" + fresh()};
      made.id = std::to_string(platform.model_store()
                                   .save_assets({"test", false}, works, std::span(&asset, 1))
                                   .value()
                                   .assets[0]
                                   .value());
    } else if (under("/api/v1/templates") || under("/api/v1/bindings/apply")) {
      make_upgrade(works, made.name);
    } else if (under("/api/v1/packs/")) {
      made.name = "steel";  // nobody's: a pack is there for all
    } else if (under("/api/v1/users/")) {
      made.id = std::to_string(
          platform.access()
              .create_user({.name = fresh(), .display_name = "x", .enterprise = works})
              .value()
              .id);
    } else if (under("/api/v1/tokens/")) {
      made.id = std::to_string(
          platform.access().create_token({.name = fresh(), .enterprise = works}).value().token.id);
    } else if (under("/api/v1/connections/{id}")) {
      ConnectionConfig config;
      config.enterprise = works;
      config.name = fresh();
      config.endpoint = "opc.tcp://127.0.0.1:1";
      config.security_policy = config.security_mode = "None";
      config.enabled = false;
      made.id = std::to_string(platform.connections().save(config).value().id);
    }
    return made;
  }

  /// A template in two versions with an asset that was brought from one to the other.
  void make_upgrade(EnterpriseId works, std::string& name) {
    auto& store = here().platform().model_store();
    name = fmt::format("t{}", ++names_);
    TemplateDefinition definition;
    definition.name = name;
    ASSERT_TRUE(store.save_templates({"test", false}, works, std::span(&definition, 1)));
    const AssetDefinition asset{.path = "works-01/" + fresh(), .template_name = name};
    ASSERT_TRUE(store.save_assets({"test", false}, works, std::span(&asset, 1)));
    definition.words["en"] = "Changed";
    definition.attributes.push_back({});
    definition.attributes.back().name = "power";
    ASSERT_TRUE(store.save_templates({"test", false}, works, std::span(&definition, 1)));
    ASSERT_TRUE(store.upgrade({"test", false}, works, std::span(&name, 1)));
  }

  Ask ask_for(const serve::Route& route, const Objects& objects, std::string_view caller) {
    std::string target = route.pattern;
    replace_all(target, "{id}", objects.id);
    replace_all(target, "{code}", objects.enterprise);
    replace_all(target, "{name}", objects.name);
    replace_all(target, "{file}", "mimic.svg");
    if (const auto query = kQueries.find(route.operation); query != kQueries.end())
      target += "?" + query->second;
    if (caller == "owner")
      target += (target.find('?') == std::string::npos ? "?enterprise=" : "&enterprise=") +
                std::string("works-01");
    Ask ask{.method = route.method, .target = std::move(target)};
    if (const auto body = kBodies.find(route.operation); body != kBodies.end())
      ask.body = body->second;
    else
      EXPECT_TRUE(route.request_schema.empty()) << "give " << route.operation << " a sample body";
    for (std::string* text : {&ask.target, &ask.body}) {
      replace_all(*text, "$tag", objects.tag);
      replace_all(*text, "$asset", objects.asset);
      replace_all(*text, "$site", objects.site);
      replace_all(*text, "$calendar", objects.name);
      replace_all(*text, "$template", objects.name);
      replace_all(*text, "$enterprise", objects.enterprise);
      replace_all(*text, "$new", fresh());
      replace_all(*text, "$role", caller == "platform" ? "platform-operator" : "viewer");
      if (text->find("$link") != std::string::npos)
        replace_all(*text, "$link",
                    here()
                        .platform()
                        .access()
                        .make_link(here().enterprise("works-01"), Role::kViewer, fresh(), kHour)
                        .value());
    }
    // Failed attempts to sign in are counted by address.
    ask.peer = fmt::format("198.51.{}.{}", names_ / 250 % 250, names_ % 250);
    return ask;
  }

  Caller caller_of(std::string_view name, bool by_session) {
    const std::string enterprise = name == "platform"  ? ""
                                   : name == "foreign" ? "other-01"
                                                       : "works-01";
    const Role role = name == "platform"  ? Role::kPlatformOperator
                      : name == "foreign" ? Role::kAdministrator
                                          : *parse_role(name);
    return by_session ? here().session(enterprise, role, fresh()) : here().token(enterprise, role);
  }

  Answer send(const serve::Route& route, const Caller& caller, const Ask& ask) {
    serve::Request head = here().request(caller, ask);
    if (route.websocket) {
      if (!caller.cookie.empty()) head.headers["origin"] = "http://localhost";
      serve::Response refusal;
      if (here().api().upgrade(head, refusal)) return {101, {}, {}};
      return {refusal.status, std::move(refusal.headers), std::move(refusal.body)};
    }
    head.body.clear();
    const auto admission = here().api().admit(head);
    Answer answer = here().ask(caller, ask);
    if (route.body_bytes_max > 0 && !route.needs.nobody) {
      const bool refused = answer.status == 401 || answer.status == 403;
      EXPECT_EQ(admission.refusal.has_value(), refused) << route.method << " " << route.pattern;
    }
    return answer;
  }

  void check_route(const serve::Route& route, const std::array<std::string, 8>& expected);

  int names_ = 0;
  std::map<std::string, Caller> callers_;
};

void AccessMatrix::check_route(const serve::Route& route,
                               const std::array<std::string, 8>& expected) {
  for (std::size_t i = 0; i < kCallers.size(); ++i) {
    const std::string name = kCallers[i];
    for (const bool by_session : {false, true}) {
      const bool has_credential = name != "nobody" && name != "owner";
      if (by_session && !has_credential) continue;
      const std::string how = name + (by_session ? " with a session" : "");
      SCOPED_TRACE(how + ": " + route.method + " " + route.pattern);
      Caller caller;
      if (name == "owner") caller = Installation::owner();
      if (has_credential) {
        // What ends or changes a session needs one of its own.
        const bool own = route.needs.session_only && by_session;
        if (own || !callers_.contains(how)) callers_[how] = caller_of(name, by_session);
        caller = callers_[how];
        if (own) callers_.erase(how);
      }
      std::string want = expected[i];
      if (want == "session") want = by_session ? "ok" : "no";
      const bool nothing = want == "nothing";

      const Objects objects = make_objects(route);
      const Ask ask = ask_for(route, objects, name);
      if (by_session && route.method != "GET") {
        Caller without = caller;
        without.csrf.clear();
        EXPECT_EQ(send(route, without, ask).status, 403) << "no CSRF token";
      }
      const Answer answer = send(route, caller, ask);
      if (nothing) {
        EXPECT_EQ(answer.status, 409);
      }
      EXPECT_EQ(nothing ? want : word_of(answer.status), want)
          << answer.status << " " << answer.body.substr(0, 300);
      if (want == "ok" && !route.websocket) {
        EXPECT_EQ(answer.status, route.success);
      }
      if (name != "foreign" || route.needs.session_only || route.needs.nobody || want == "no")
        continue;
      if (route.pattern.starts_with("/api/v1/packs")) continue;  // nobody's

      Objects absent;
      absent.name = fmt::format("nobody{}", ++names_);  // a PUT makes what was absent
      Answer other = send(route, caller, ask_for(route, absent, name));
      EXPECT_EQ(other.status, answer.status) << "for what does not exist";
      if (answer.status < 400 && route.pattern != "/api/v1/samples") continue;
      std::string body = answer.body;
      replace_all(body, objects.tag, "OBJECT");
      replace_all(body, objects.asset, "ASSET");
      replace_all(other.body, absent.asset, "ASSET");
      replace_all(body, objects.enterprise, "ENTERPRISE");
      replace_all(other.body, absent.tag, "OBJECT");
      replace_all(other.body, absent.enterprise, "ENTERPRISE");
      replace_all(other.body, "works-01", "ENTERPRISE");
      // The nearest name of its own that the caller is told depends on what was asked for.
      for (std::string* text : {&body, &other.body})
        if (const auto near = text->find("; did you mean '"); near != std::string::npos)
          text->erase(near, text->find("'?", near) + 2 - near);
      replace_all(body, "'" + objects.name + "'", "NAME");
      replace_all(other.body, "'" + absent.name + "'", "NAME");
      if (!objects.id.empty()) replace_all(body, " " + objects.id + "\"", " ID\"");
      if (!absent.id.empty()) replace_all(other.body, " " + absent.id + "\"", " ID\"");
      EXPECT_EQ(body, other.body) << "for what does not exist";
    }
  }
}

TEST_F(AccessMatrix, EveryRouteForEveryCaller) {
  Expected expected = read_matrix();
  for (const auto& route : here().api().router().routes()) {
    const auto line = expected.find(route.method + " " + route.pattern);
    if (line == expected.end()) {
      ADD_FAILURE() << "tests/cases/access_matrix.txt lacks " << route.method << " "
                    << route.pattern;
      continue;
    }
    check_route(route, line->second);
    expected.erase(line);
  }
  for (const auto& [route, answers] : expected)
    ADD_FAILURE() << "tests/cases/access_matrix.txt names " << route << ", which is no route";
}

TEST_F(AccessMatrix, QueryParameterGivesATenantNoOtherEnterprise) {
  const Caller administrator = here().token("other-01", Role::kAdministrator);
  for (const auto& route : here().api().router().routes()) {
    if (route.method != "GET" || route.websocket || route.pattern.find('{') != std::string::npos)
      continue;
    if (route.pattern == "/api/v1/audit") continue;  // grows while it is asked
    SCOPED_TRACE(route.pattern);
    const auto query = kQueries.find(route.operation);
    std::string target = route.pattern + "?" + (query == kQueries.end() ? "" : query->second);
    replace_all(target, "$tag", "other-01/matrix/value");
    replace_all(target, "$asset", "other-01/matrix");
    replace_all(target, "$enterprise", "other-01");
    const Answer plain = here().get(administrator, target);
    const Answer named = here().get(administrator, target + "&enterprise=works-01");
    EXPECT_EQ(plain.status, named.status);
    EXPECT_EQ(named.body.find("works-01"), std::string::npos) << named.body.substr(0, 400);
  }
}

TEST_F(AccessMatrix, BodyGivesNobodyAnotherEnterpriseOrRole) {
  const Caller administrator = here().token("other-01", Role::kAdministrator);
  const auto post = [&](const char* target, const char* body) {
    return here().post(administrator, target, body);
  };
  // A member that is not the caller's to set is refused, not ignored.
  EXPECT_EQ(
      post("/api/v1/users", R"({"name":"m1","role":"viewer","enterprise":"works-01"})").status,
      400);
  EXPECT_EQ(post("/api/v1/users", R"({"name":"m1","role":"viewer","id":1})").status, 400);
  EXPECT_EQ(post("/api/v1/users", R"({"name":"m1","role":"platform-operator"})").status, 400);
  EXPECT_EQ(
      post("/api/v1/tokens", R"({"name":"m1","role":"viewer","enterprise":"works-01"})").status,
      400);
  EXPECT_EQ(post("/api/v1/tokens", R"({"name":"m1","role":"platform-operator"})").status, 400);
  EXPECT_EQ(
      post("/api/v1/tags", R"({"tags":[{"path":"other-01/a","type":"double","enterprise":1}]})")
          .status,
      400);
  EXPECT_EQ(
      post("/api/v1/sites", R"({"code":"a","name":"a","time_zone":"UTC","enterprise":1})").status,
      400);
  EXPECT_EQ(post("/api/v1/connections", R"({"name":"a","endpoint":"opc.tcp://h:1","enterprise":1})")
                .status,
            400);
  EXPECT_EQ(post("/api/v1/enterprises/other-01/link", R"({"user":"m2","role":"platform-operator"})")
                .status,
            400);
  EXPECT_EQ(here()
                .ask(administrator, {.method = "PATCH",
                                     .target = "/api/v1/enterprises/other-01",
                                     .body = R"({"code":"works-02"})"})
                .status,
            400);
  // A connection's items stay inside the enterprise.
  EXPECT_EQ(post("/api/v1/connections",
                 R"({"name":"a","endpoint":"opc.tcp://127.0.0.1:1","security_policy":"None",
                     "security_mode":"None","enabled":false,"items":[
                     {"namespace_uri":"u","identifier":"i=1","path":"works-01/a"}]})")
                .status,
            400);
  for (const auto& user : here().platform().access().users(std::nullopt))
    EXPECT_NE(user.name, "m1");
}

}  // namespace
}  // namespace tundish::test
