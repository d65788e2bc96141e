#include "serve/router.h"

#include <gtest/gtest.h>

namespace tundish::serve {
namespace {

Router sample() {
  Router router;
  const auto add = [&](std::string method, std::string pattern) {
    Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    router.add(std::move(route));
  };
  add("GET", "/api/v1/connections/{id}");
  add("POST", "/api/v1/connections/endpoints");
  add("PUT", "/api/v1/connections/{id}");
  add("POST", "/api/v1/connections/{id}/trust");
  return router;
}

TEST(Router, MatchesAndTakesValues) {
  const Router router = sample();
  const auto match = router.match("POST", "/api/v1/connections/7/trust");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.path_values.front(), (std::pair<std::string, std::string>("id", "7")));
  EXPECT_EQ(router.match("POST", "/api/v1/connections/endpoints").route->pattern,
            "/api/v1/connections/endpoints");
  EXPECT_EQ(router.match("GET", "/api/v1/connections//trust").route, nullptr);
  EXPECT_EQ(router.match("GET", "").route, nullptr);
}

TEST(Router, SaysWhichMethodsThereAre) {
  const auto match = sample().match("DELETE", "/api/v1/connections/7");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, (std::vector<std::string>{"GET", "PUT"}));
}

/// Every role against every kind of need, in full.
TEST(Router, NeedsAreAFullTable) {
  struct Row {
    Needs needs;
    std::string
        allowed;  // n: none, v o e a: enterprise roles, p: platform operator, d: data folder's owner
  };
  const Row rows[] = {
      {Needs::none(), "nvoeapd"},
      {Needs::any(), "voeapd"},
      {Needs::at_least(Role::kViewer), "voead"},
      {Needs::at_least(Role::kOperator), "oead"},
      {Needs::at_least(Role::kEngineer), "ead"},
      {Needs::at_least(Role::kAdministrator), "ad"},
      {Needs::platform_operator(), "pd"},
      {Needs::at_least_or_platform(Role::kAdministrator), "apd"},
      {Needs::owner_only(), "d"},
  };
  for (const Row& row : rows) {
    const auto allowed = [&](std::optional<Credential> credential) {
      return check_needs(row.needs, credential).has_value();
    };
    const auto token = [](Role role) {
      Credential credential;
      credential.role = role;
      if (role != Role::kPlatformOperator) credential.enterprise = EnterpriseId(1);
      return credential;
    };
    Credential owner;
    owner.kind = Credential::Kind::kOwner;
    owner.role = Role::kPlatformOperator;
    std::string got;
    if (allowed(std::nullopt)) got += 'n';
    if (allowed(token(Role::kViewer))) got += 'v';
    if (allowed(token(Role::kOperator))) got += 'o';
    if (allowed(token(Role::kEngineer))) got += 'e';
    if (allowed(token(Role::kAdministrator))) got += 'a';
    if (allowed(token(Role::kPlatformOperator))) got += 'p';
    if (allowed(owner)) got += 'd';
    EXPECT_EQ(got, row.allowed);
  }
}

TEST(Router, ASessionRouteRefusesTokensAndTheOwner) {
  Credential credential;
  credential.role = Role::kAdministrator;
  EXPECT_FALSE(check_needs(Needs::session(), credential));
  credential.kind = Credential::Kind::kOwner;
  EXPECT_FALSE(check_needs(Needs::session(), credential));
  credential.kind = Credential::Kind::kSession;
  EXPECT_TRUE(check_needs(Needs::session(), credential));
}

}  // namespace
}  // namespace tundish::serve
