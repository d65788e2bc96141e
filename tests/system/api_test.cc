// Round trips through the whole platform: what somebody sends comes back as it was, and who may no
// longer come in does not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "system/installation.h"

namespace tundish::test {
namespace {

constexpr const char* kPassword = "correct horse battery staple";

class ApiRoundTrip : public InstallationTest {
 protected:
  Answer login(const std::string& name, const std::string& password, const std::string& peer) {
    return here().ask({},
                      {.method = "POST",
                       .target = "/api/v1/session",
                       .body = fmt::format(R"({{"name":"{}","password":"{}"}})", name, password),
                       .peer = peer});
  }
  void set_password(const Caller& caller) {
    const auto answer =
        here().ask(caller, {.method = "PUT",
                            .target = "/api/v1/session/password",
                            .body = fmt::format(R"({{"new_password":"{}"}})", kPassword)});
    ASSERT_EQ(answer.status, 204) << answer.body;
  }
  wire::JsonValue raw(const Caller& caller, const std::string& tag) {
    const auto answer = here().post(
        caller, "/api/v1/query",
        fmt::format(R"({{"tags":["{}"],"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z",)"
                    R"("mode":"raw"}})",
                    tag));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }
};

TEST_F(ApiRoundTrip, SpecialNumbersComeBackAsTheyWere) {
  const auto engineer = here().token("works-01", Role::kEngineer, true);
  const auto posted = here().post(engineer, "/api/v1/samples", R"({"samples":[
    {"tag":"works-01/lab/d","time":"2026-01-01T00:00:00Z","value":1.5},
    {"tag":"works-01/lab/d","time":"2026-01-01T00:00:01Z","value":"NaN"},
    {"tag":"works-01/lab/d","time":"2026-01-01T00:00:02Z","value":"-Infinity"},
    {"tag":"works-01/lab/d","time":"1767225603000000001","value":0.1}]})");
  ASSERT_EQ(posted.status, 200) << posted.body;
  EXPECT_EQ(number_at(posted.json(), "accepted"), 4) << posted.body;
  EXPECT_EQ(number_at(posted.json(), "refused"), 0) << posted.body;
  const auto series = raw(engineer, "works-01/lab/d");
  EXPECT_EQ(text_at(series, "series.0.values.1"), "NaN");
  EXPECT_EQ(text_at(series, "series.0.values.2"), "-Infinity");
  EXPECT_EQ(text_at(series, "series.0.times.3"), "2026-01-01T00:00:03.000000001Z");
}

TEST_F(ApiRoundTrip, NamesWithMarkupQuotesAndChineseAreNames) {
  const auto engineer = here().token("works-01", Role::kEngineer, true);
  for (const std::string name : {"高炉", "<script>alert(1)</script>", "it's", "a b"}) {
    const std::string slashes_encoded = [&] {
      std::string text;
      for (const char c : name) c == '/' ? text += "%2F" : text += c;
      return text;
    }();
    const std::string tag = "works-01/names/" + slashes_encoded;
    const auto posted = here().post(
        engineer, "/api/v1/samples",
        fmt::format(R"({{"samples":[{{"tag":"{}","time":"2026-01-01T00:00:00Z","value":2.5}}]}})",
                    tag));
    EXPECT_EQ(number_at(posted.json(), "accepted"), 1) << posted.body;
    EXPECT_EQ(text_at(raw(engineer, tag), "series.0.tag"), tag);
  }
}

TEST_F(ApiRoundTrip, OneRefusedRowLeavesTheOthers) {
  const auto engineer = here().token("works-01", Role::kEngineer, true);
  const auto posted = here().post(engineer, "/api/v1/samples", R"({"samples":[
    {"tag":"works-01/lab/rest","time":"2026-01-01T00:00:00Z","value":1.0},
    {"tag":"other-01/lab/rest","time":"2026-01-01T00:00:01Z","value":2.0},
    {"tag":"works-01/lab/rest","time":"2100-01-01T00:00:00Z","value":3.0},
    {"tag":"works-01/lab/rest","time":"2026-01-01T00:00:03Z","value":4.0}]})");
  ASSERT_EQ(posted.status, 200) << posted.body;
  const auto json = posted.json();
  EXPECT_EQ(number_at(json, "accepted"), 2) << posted.body;
  EXPECT_EQ(number_at(json, "refused"), 2) << posted.body;
  EXPECT_EQ(number_at(json, "errors.0.index"), 1) << posted.body;
  EXPECT_EQ(number_at(json, "errors.1.index"), 2) << posted.body;
}

TEST_F(ApiRoundTrip, TheFirstTimeThereIsHasNoLocalForm) {
  const auto engineer = here().token("works-01", Role::kEngineer, true);
  const auto posted = here().post(engineer, "/api/v1/samples", R"({"samples":[
    {"tag":"works-01/lab/early","time":"-9223372036854775808","value":1.5},
    {"tag":"works-01/lab/early","time":"1700-01-01T00:00:00Z","value":2.5}]})");
  ASSERT_EQ(number_at(posted.json(), "accepted"), 2) << posted.body;
  const auto csv = here().ask(
      engineer, {.method = "POST",
                 .target = "/api/v1/query",
                 .body = R"({"tags":["works-01/lab/early"],"from":"-9223372036854775808",)"
                         R"("to":"1800-01-01T00:00:00Z","mode":"raw","zone_offset_min":-480})",
                 .headers = {{"accept", "text/csv"}}});
  ASSERT_EQ(csv.status, 200) << csv.body;
  EXPECT_NE(csv.body.find(",1677-09-21T00:12:43.145224192Z,1.5,"), std::string::npos) << csv.body;
  EXPECT_NE(csv.body.find(",1699-12-31T16:00:00-08:00,2.5,"), std::string::npos) << csv.body;
}

TEST_F(ApiRoundTrip, AfterARetypeOldValuesSayTheirType) {
  const auto engineer = here().token("works-01", Role::kEngineer, true);
  const std::string tag = "works-01/lab/retyped";
  const auto send = [&](const std::string& time, const std::string& value) {
    const auto posted = here().post(
        engineer, "/api/v1/samples",
        fmt::format(R"({{"samples":[{{"tag":"{}","time":"{}","value":{}}}]}})", tag, time, value));
    EXPECT_EQ(number_at(posted.json(), "accepted"), 1) << posted.body;
  };
  send("2026-01-01T00:00:00Z", "1.5");
  send("2026-01-02T00:00:00Z", "2.5");
  EXPECT_EQ(at(raw(engineer, tag), "series.0.types").string(), nullptr) << "nothing to say";
  EXPECT_EQ(at(raw(engineer, tag), "series.0.types").array(), nullptr);
  const auto id = number_at(raw(engineer, tag), "series.0.id");
  const auto patched = here().ask(engineer, {.method = "PATCH",
                                             .target = fmt::format("/api/v1/tags/{}", id),
                                             .body = R"({"type":"int64"})"});
  ASSERT_EQ(patched.status, 200) << patched.body;
  const auto latest = here().get(engineer, "/api/v1/latest?tag=" + tag).json();
  EXPECT_EQ(text_at(latest, "samples.0.type"), "int64");
  EXPECT_EQ(text_at(latest, "samples.0.value_type"), "double");
  send("2026-01-01T00:00:01Z", "2");
  const auto answer = here().post(
      engineer, "/api/v1/query",
      fmt::format(R"({{"tags":["{}"],"from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:00:10Z",)"
                  R"("mode":"raw","bounds":true}})",
                  tag));
  const auto series = answer.json();
  EXPECT_EQ(text_at(series, "series.0.type"), "int64") << answer.body;
  EXPECT_EQ(number_at(series, "series.0.types.0.0"), 0) << answer.body;
  EXPECT_EQ(text_at(series, "series.0.types.0.1"), "double");
  EXPECT_EQ(number_at(series, "series.0.types.1.0"), 1);
  EXPECT_EQ(text_at(series, "series.0.types.1.1"), "int64");
  EXPECT_EQ(text_at(series, "series.0.after.value_type"), "double") << answer.body;
}

TEST_F(ApiRoundTrip, ADeleteNamesTagsAndEndsByTomorrow) {
  const auto engineer = here().token("works-01", Role::kEngineer, true);
  const auto posted = here().post(engineer, "/api/v1/samples", R"({"samples":[
    {"tag":"works-01/lab/gone","time":"2026-01-01T00:00:00Z","value":1.0},
    {"tag":"works-01/lab/gone","time":"2026-01-01T00:00:02Z","value":2.0}]})");
  ASSERT_EQ(posted.status, 200) << posted.body;
  const auto erase = [&](const std::string& tags, const std::string& to) {
    return here().post(
        engineer, "/api/v1/samples/delete",
        fmt::format(R"({{"tags":[{}],"from":"2026-01-01T00:00:00Z","to":"{}"}})", tags, to));
  };
  const std::string tag = R"("works-01/lab/gone")";
  EXPECT_EQ(erase("", "2026-01-01T00:00:01Z").status, 400);
  const auto future = erase(tag, "now+25h");
  EXPECT_EQ(future.status, 400) << future.body;
  EXPECT_EQ(text_at(future.json(), "code"), "FutureTime") << future.body;
  EXPECT_EQ(text_at(raw(engineer, "works-01/lab/gone"), "series.0.times.1"), "2026-01-01T00:00:02Z")
      << "nothing was deleted";
  EXPECT_EQ(erase(tag, "2026-01-01T00:00:01Z").status, 200);
  EXPECT_EQ(text_at(raw(engineer, "works-01/lab/gone"), "series.0.times.0"),
            "2026-01-01T00:00:02Z");
  EXPECT_EQ(erase(tag, "now+23h").status, 200);
}

TEST_F(ApiRoundTrip, DeletesOfOneCallerOpenOneEpoch) {
  const auto engineer = here().token("works-01", Role::kEngineer, true);
  const std::string tag = "works-01/lab/often";
  ASSERT_EQ(
      here()
          .post(
              engineer, "/api/v1/samples",
              fmt::format(
                  R"({{"samples":[{{"tag":"{}","time":"2026-01-01T00:00:00Z","value":1}}]}})", tag))
          .status,
      200);
  std::vector<std::int64_t> positions;
  for (int i = 0; i < 3; ++i) {
    const auto deleted = here().post(
        engineer, "/api/v1/samples/delete",
        fmt::format(
            R"({{"tags":["{}"],"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"}})", tag));
    ASSERT_EQ(deleted.status, 200) << deleted.body;
    positions.push_back(std::stoll(text_at(deleted.json(), "position")));
  }
  EXPECT_EQ(positions[1], positions[0] + 1) << "one record, and none that opens an epoch";
  EXPECT_EQ(positions[2], positions[1] + 1);
}

TEST_F(ApiRoundTrip, TimesInSecondsAreKeptWithAWarning) {
  const auto engineer = here().token("works-01", Role::kEngineer, true);
  const auto post = [&](const std::string& time) {
    return here().post(
        engineer, "/api/v1/samples",
        fmt::format(R"({{"samples":[{{"tag":"works-01/lab/unit","time":{},"value":1}}]}})", time));
  };
  const auto odd = post("1732700000");
  EXPECT_EQ(number_at(odd.json(), "accepted"), 1) << odd.body;
  EXPECT_NE(text_at(odd.json(), "warnings.0").find("looks like seconds"), std::string::npos)
      << odd.body;
  const auto fine = post("1732700000000000000");
  EXPECT_EQ(fine.body.find("warnings"), std::string::npos) << fine.body;
}

TEST_F(ApiRoundTrip, AGuesserIsTurnedAwayAndTheUserIsNot) {
  set_password(here().session("works-01", Role::kViewer, "guessed"));
  ASSERT_EQ(login("guessed", kPassword, "198.51.100.7").status, 200);
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    const auto answer = login("guessed", fmt::format("wrong {}", i), "203.0.113.9");
    EXPECT_TRUE(answer.status == 401 || answer.status == 429) << answer.status;
    if (answer.status == 429) {
      ++refused;
      EXPECT_NE(answer.header("Retry-After"), "") << answer.body;
    }
  }
  EXPECT_GE(refused, 30);
  // Even the right password does not help where the guesses came from, and elsewhere nothing changed.
  EXPECT_EQ(login("guessed", kPassword, "203.0.113.9").status, 429);
  EXPECT_EQ(login("guessed", kPassword, "198.51.100.7").status, 200);
}

TEST_F(ApiRoundTrip, ADisabledUserIsOutAtOnce) {
  const auto administrator = here().token("works-01", Role::kAdministrator);
  set_password(here().session("works-01", Role::kViewer, "leaver"));
  const auto entered = login("leaver", kPassword, "192.0.2.1");
  ASSERT_EQ(entered.status, 200) << entered.body;
  const std::string set_cookie = entered.header("Set-Cookie");
  const auto from = set_cookie.find('=') + 1;
  const Caller viewer{.cookie = set_cookie.substr(from, set_cookie.find(';') - from)};
  const auto mine = here().get(viewer, "/api/v1/session");
  ASSERT_EQ(mine.status, 200) << mine.body;
  const auto id = number_at(mine.json(), "user.id");
  const auto patched = here().ask(administrator, {.method = "PATCH",
                                                  .target = fmt::format("/api/v1/users/{}", id),
                                                  .body = R"({"disabled":true})"});
  ASSERT_TRUE(patched.status == 200 || patched.status == 204) << patched.body;
  EXPECT_EQ(here().get(viewer, "/api/v1/session").status, 401);
  EXPECT_EQ(login("leaver", kPassword, "192.0.2.1").status, 401);
}

TEST_F(ApiRoundTrip, TheLastAdministratorIsKeptAndSaysWhatToDo) {
  const auto token = here().token("other-01", Role::kAdministrator);
  const auto first = here().session("other-01", Role::kAdministrator, "first");
  const auto target = fmt::format(
      "/api/v1/users/{}", number_at(here().get(first, "/api/v1/session").json(), "user.id"));
  const auto change = [&](const char* method, std::string body) {
    return here().ask(token, {.method = method, .target = target, .body = std::move(body)});
  };
  for (const auto& answer : {change("DELETE", ""), change("PATCH", R"({"disabled":true})"),
                             change("PATCH", R"({"role":"viewer"})")}) {
    EXPECT_EQ(answer.status, 409) << answer.body;
    EXPECT_NE(answer.body.find("another one"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(here().get(first, "/api/v1/session").status, 200);
  here().session("other-01", Role::kAdministrator, "second");
  EXPECT_EQ(change("DELETE", "").status, 204);
}

TEST_F(ApiRoundTrip, WhoChangesAPasswordStaysSignedIn) {
  const auto here_session = here().session("works-01", Role::kViewer, "changer");
  const auto elsewhere = here().session("works-01", Role::kViewer, "changer");
  set_password(here_session);
  EXPECT_EQ(here().get(here_session, "/api/v1/session").status, 200);
  EXPECT_EQ(here().get(elsewhere, "/api/v1/session").status, 401);
}

TEST_F(ApiRoundTrip, ALinkForAMistypedNameInvitesNobody) {
  const auto administrator = here().token("works-01", Role::kAdministrator);
  here().session("works-01", Role::kEngineer, "linked");
  const auto link = [&](const char* body) {
    return here().post(administrator, "/api/v1/enterprises/works-01/link", body);
  };
  EXPECT_EQ(link(R"({"user":"linkde"})").status, 404);
  EXPECT_EQ(link(R"({"user":"linked"})").status, 201);
  EXPECT_EQ(link(R"({"user":"invited","role":"viewer"})").status, 201);
}

TEST_F(ApiRoundTrip, ADeletedTokenIsOutAtOnce) {
  const auto administrator = here().token("works-01", Role::kAdministrator);
  const auto made =
      here().post(administrator, "/api/v1/tokens",
                  R"({"name":"short lived","role":"viewer","may_create_tags":false})");
  ASSERT_EQ(made.status, 201) << made.body;
  const Caller viewer{.token = text_at(made.json(), "secret")};
  EXPECT_EQ(here().get(viewer, "/api/v1/session").status, 200);
  const auto id = number_at(made.json(), "token.id");
  EXPECT_EQ(
      here()
          .ask(administrator, {.method = "DELETE", .target = fmt::format("/api/v1/tokens/{}", id)})
          .status,
      204);
  EXPECT_EQ(here().get(viewer, "/api/v1/session").status, 401);
}

class Freshness : public InstallationTest {};

TEST_F(Freshness, ATagWhoseSamplesAreInTheFutureIsNotFresh) {
  const auto engineer = here().token("other-01", Role::kEngineer, true);
  const auto send = [&](const std::string& tag, TimeNs time) {
    const auto posted = here().post(
        engineer, "/api/v1/samples",
        fmt::format(R"({{"samples":[{{"tag":"other-01/{}","time":{},"value":1}}]}})", tag, time));
    ASSERT_EQ(number_at(posted.json(), "accepted"), 1) << posted.body;
  };
  const TimeNs now = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()) /
                     std::chrono::nanoseconds(1);
  send("ahead", now + 2 * kHour);
  auto overview = here().get(engineer, "/api/v1/overview").json();
  EXPECT_EQ(number_at(overview, "tags_fresh"), 0);
  EXPECT_EQ(number_at(overview, "tags_in_future"), 1);
  EXPECT_EQ(text_at(overview, "last_sample"), format_time(now + 2 * kHour)) << "there is no other";
  send("alive", now);
  overview = here().get(engineer, "/api/v1/overview").json();
  EXPECT_EQ(number_at(overview, "tags_fresh"), 1);
  EXPECT_EQ(number_at(overview, "tags_in_future"), 1);
  EXPECT_EQ(text_at(overview, "last_sample"), format_time(now));
}

}  // namespace
}  // namespace tundish::test
