// Connections by the interface: what they refuse, and what is refused because of them. Their servers
// do not exist; what a session does with one is tested in src/connect and tests/interop.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "system/installation.h"

namespace tundish::test {
namespace {

class ConnectionsTest : public InstallationTest {
 protected:
  /// The body of a connection to nobody with one item for each path.
  static std::string body(const std::string& name, std::initializer_list<const char*> paths,
                          bool enabled = true) {
    std::string items;
    for (const char* path : paths)
      items += fmt::format(R"({}{{"namespace_uri":"urn:x","identifier":"s=x","path":"{}"}})",
                           items.empty() ? "" : ",", path);
    return fmt::format(R"({{"name":"{}","endpoint":"opc.tcp://127.0.0.1:1","enabled":{},)"
                       R"("items":[{}]}})",
                       name, enabled, items);
  }
  Answer put(const Caller& caller, std::int64_t id, std::string text) {
    return here().ask(caller, {.method = "PUT",
                               .target = fmt::format("/api/v1/connections/{}", id),
                               .body = std::move(text)});
  }
  Answer erase(const Caller& caller, std::string target) {
    return here().ask(caller, {.method = "DELETE", .target = std::move(target)});
  }
};

TEST_F(ConnectionsTest, ATagHasOneThatFeedsIt) {
  const auto engineer = here().token("works-01", Role::kEngineer);
  const auto first = here().post(engineer, "/api/v1/connections",
                                 body("caster", {"works-01/feed/speed", "works-01/feed/level"}));
  ASSERT_EQ(first.status, 201) << first.body;
  const auto second = here().post(engineer, "/api/v1/connections",
                                  body("spare", {"works-01/feed/x", "works-01/feed/level"}));
  EXPECT_EQ(second.status, 409) << second.body;
  EXPECT_EQ(text_at(second.json(), "code"), "InUse");
  EXPECT_EQ(text_at(second.json(), "where"), "items[1].path");
  EXPECT_NE(text_at(second.json(), "detail").find("'caster'"), std::string::npos) << second.body;

  const auto spare =
      here().post(engineer, "/api/v1/connections", body("spare", {"works-01/feed/level"}, false));
  ASSERT_EQ(spare.status, 201) << spare.body;
  const auto id = number_at(spare.json(), "id");
  EXPECT_EQ(put(engineer, id, R"({"enabled":true})").status, 409);
  EXPECT_EQ(put(engineer, number_at(first.json(), "id"), R"({"enabled":false})").status, 200);
  EXPECT_EQ(put(engineer, id, R"({"enabled":true})").status, 200);
}

TEST_F(ConnectionsTest, ParametersAreWhatTheySayOrRefused) {
  const auto engineer = here().token("works-01", Role::kEngineer);
  const auto made = here().post(engineer, "/api/v1/connections",
                                body("parameters", {"works-01/parameters/a"}, false));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string at = fmt::format("/api/v1/connections/{}", number_at(made.json(), "id"));
  for (const char* query : {"", "?unresumed=true", "?unresumed=false"})
    EXPECT_EQ(here().get(engineer, at + "/items" + query).status, 200) << query;
  for (const char* query :
       {"?unresumed=banana", "?unresumed=", "?unresumed=1", "?unresumed=TRUE"}) {
    const auto answer = here().get(engineer, at + "/items" + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(text_at(answer.json(), "where"), "unresumed") << answer.body;
  }
  for (const char* query : {"?identifier=banana", "?identifier=i%3Dx", "?identifier=q%3D1"})
    EXPECT_EQ(here().get(engineer, at + "/browse" + query).status, 400) << query;
}

TEST_F(ConnectionsTest, ATagThatIsFedIsNeitherRemovedNorMoved) {
  const auto engineer = here().token("works-01", Role::kEngineer);
  const auto made = here().post(engineer, "/api/v1/tags",
                                R"({"tags":[{"path":"works-01/fed/heat","type":"double"}]})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string tag = fmt::format("/api/v1/tags/{}", number_at(made.json(), "tags.0.id"));
  const auto connection =
      here().post(engineer, "/api/v1/connections", body("furnace", {"works-01/fed/heat"}));
  ASSERT_EQ(connection.status, 201) << connection.body;

  const auto removed = erase(engineer, tag);
  EXPECT_EQ(removed.status, 409) << removed.body;
  EXPECT_EQ(text_at(removed.json(), "code"), "InUse");
  EXPECT_NE(text_at(removed.json(), "detail").find("'furnace'"), std::string::npos) << removed.body;
  const auto patch = [&](std::string text) {
    return here().ask(engineer, {.method = "PATCH", .target = tag, .body = std::move(text)});
  };
  EXPECT_EQ(patch(R"({"path":"works-01/fed/temperature"})").status, 409);
  EXPECT_EQ(patch(R"({"path":"works-01/fed/heat","unit":"Cel"})").status, 200);
  EXPECT_EQ(here().get(engineer, tag).status, 200);

  const auto id = number_at(connection.json(), "id");
  ASSERT_EQ(put(engineer, id, R"({"items":[]})").status, 200);
  EXPECT_EQ(patch(R"({"path":"works-01/fed/temperature"})").status, 200);
  EXPECT_EQ(erase(engineer, tag).status, 204);
}

}  // namespace
}  // namespace tundish::test
