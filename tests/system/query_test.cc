// Queries through the whole platform: large answers, what is refused, and how it is asked for.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "io/clock.h"
#include "system/installation.h"
#include "wire/result/result.h"

namespace tundish::test {
namespace {

using Clock = std::chrono::steady_clock;

class Queries : public InstallationTest {
 protected:
  static void SetUpTestSuite() {
    InstallationTest::SetUpTestSuite();
    engineer_ = shared().token("works-01", Role::kEngineer);
  }

  static constexpr TimeNs kStart = 1'700'000'000 * kSecond;

  /// Sample i of a tag has the value i, one a second.
  static void store(const std::string& tag, int count) {
    for (int first = 0; first < count; first += 50'000) {
      std::string body = R"({"samples":[)";
      for (int i = first; i < std::min(first + 50'000, count); ++i)
        body += fmt::format(R"({}{{"tag":"{}","time":"{}","value":{}}})", i == first ? "" : ",",
                            tag, kStart + i * kSecond, i);
      ASSERT_EQ(shared().post(engineer_, "/api/v1/samples", body + "]}").status, 200);
    }
  }
  Answer query(const std::string& body, const std::string& accept = {}) {
    return here().ask(engineer_, {.method = "POST",
                                  .target = "/api/v1/query",
                                  .body = body,
                                  .headers = {{"accept", accept}}});
  }

  static inline Caller engineer_;
};

TEST_F(Queries, AnAnswerOfManyPagesIsWhole) {
  constexpr int kCount = 130'000;
  store("works-01/q/long", kCount);
  store("works-01/q/short", 3);
  const std::string body = fmt::format(
      R"({{"tags":["works-01/q/long","works-01/q/short"],"from":"{}","to":"{}","limit":1000000,"bounds":true,"time_format":"ns"}})",
      kStart, kStart + 129'999 * kSecond);
  const auto answer = query(body);
  ASSERT_EQ(answer.status, 200);
  const auto json =
      wire::parse_json(answer.body, {.bytes_max = 64 << 20, .values_max = 1'000'000}).value();
  ASSERT_NE(at(json, "series.0.times").array(), nullptr) << answer.body.substr(0, 500);
  const auto& times = *at(json, "series.0.times").array();
  const auto& values = *at(json, "series.0.values").array();
  ASSERT_EQ(times.size(), std::size_t{kCount - 1});
  ASSERT_EQ(values.size(), times.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(values[i].number(), static_cast<double>(i));
    ASSERT_EQ(*times[i].string(), std::to_string(kStart + static_cast<TimeNs>(i) * kSecond));
  }
  EXPECT_TRUE(at(json, "series.0.before").is_null());
  EXPECT_EQ(number_at(json, "series.0.after.value"), kCount - 1);
  EXPECT_EQ(*at(json, "series.0.truncated").boolean(), false);
  EXPECT_EQ(at(json, "series.1.values").array()->size(), 3u);
  EXPECT_EQ(*at(json, "complete").boolean(), true);

  const auto csv = query(body, "text/csv");
  EXPECT_EQ(std::ranges::count(csv.body, '\n'), 1 + kCount - 1 + 3);
}

TEST_F(Queries, APageThatEndsWhereTheTypeChangesIsNoEnd) {
  store("works-01/q/retyped", 50'000);  // a page of samples, to the last
  const auto id = number_at(here().get(engineer_, "/api/v1/tags?pattern=works-01/q/retyped").json(),
                            "tags.0.id");
  ASSERT_EQ(here()
                .ask(engineer_, {.method = "PATCH",
                                 .target = fmt::format("/api/v1/tags/{}", id),
                                 .body = R"({"type":"int64"})"})
                .status,
            200);
  ASSERT_EQ(here()
                .post(engineer_, "/api/v1/samples",
                      fmt::format(
                          R"({{"samples":[{{"tag":"works-01/q/retyped","time":"{}","value":7}}]}})",
                          kStart + 60'000 * kSecond))
                .status,
            200);
  const std::string body =
      fmt::format(R"({{"tags":["works-01/q/retyped"],"from":"{}","to":"{}","limit":1000000}})",
                  kStart, kStart + 70'000 * kSecond);
  EXPECT_EQ(std::ranges::count(query(body, "text/csv").body, '\n'), 1 + 50'001);
  EXPECT_GT(query(body, "application/vnd.tundish.result").body.size(), 100'000u);
  const auto json =
      wire::parse_json(query(body).body, {.bytes_max = 64 << 20, .values_max = 1'000'000}).value();
  EXPECT_EQ(at(json, "series.0.values").array()->size(), 50'001u);
  EXPECT_EQ(number_at(json, "series.0.types.1.0"), 50'000);
}

TEST_F(Queries, LongTextsArePagedByTheirBytes) {
  std::string body = R"({"samples":[)";
  for (int i = 0; i < 3'000; ++i)
    body += fmt::format(R"({}{{"tag":"works-01/q/texts","time":"{}","value":"{}"}})",
                        i == 0 ? "" : ",", kStart + i * kSecond, std::string(4'000, 'x'));
  ASSERT_EQ(here().post(engineer_, "/api/v1/samples", body + "]}").status, 200);
  for (const std::string limit : {"2900", "3000", "100000"}) {
    const auto json =
        wire::parse_json(
            query(fmt::format(R"({{"tags":["works-01/q/texts"],"from":"{}","to":"{}","limit":{}}})",
                              kStart, kStart + 4'000 * kSecond, limit))
                .body,
            {.bytes_max = 64 << 20})
            .value();
    const std::size_t count = limit == "2900" ? 2'900 : 3'000;
    EXPECT_EQ(at(json, "series.0.times").array()->size(), count) << limit;
    EXPECT_EQ(at(json, "series.0.values").array()->size(), count) << limit;
    EXPECT_EQ(*at(json, "series.0.truncated").boolean(), limit == "2900") << limit;
  }
}

TEST_F(Queries, ManyIntervalsOfSeveralAggregatesAreWhole) {
  store("works-01/q/some", 3);
  const std::string body = fmt::format(
      R"({{"tags":["works-01/q/some"],"from":"{}","to":"{}","mode":"aggregate","aggregate":["Count","Maximum"],"every":"1s"}})",
      kStart, kStart + 120'000 * kSecond);
  const auto json =
      wire::parse_json(query(body).body, {.bytes_max = 64 << 20, .values_max = 2'000'000}).value();
  ASSERT_EQ(at(json, "series").array()->size(), 2u);
  for (const char* series : {"series.0", "series.1"})
    for (const char* column : {".times", ".values", ".percent_good"})
      EXPECT_EQ(at(json, std::string(series) + column).array()->size(), 120'000u)
          << series << column;
  EXPECT_EQ(number_at(json, "series.1.values.2"), 2);
  EXPECT_EQ(std::ranges::count(query(body, "text/csv").body, '\n'), 1 + 2 * 120'000);
}

TEST_F(Queries, SamplesBetweenTwoValuesAreCounted) {
  store("works-01/q/counted/a", 10'000);
  store("works-01/q/counted/b", 100);
  const auto count = [&](const std::string& limits, const std::string& accept = {}) {
    return query(
        fmt::format(R"({{"tags":["works-01/q/counted/*"],"from":"{}","to":"{}","mode":"count"{}}})",
                    kStart, kStart + 9'000 * kSecond, limits),
        accept);
  };
  const auto all = count(R"(,"above":49.5,"below":8000,"each":true)").json();
  EXPECT_EQ(number_at(all, "count"), 7'950 + 50);
  EXPECT_EQ(number_at(all, "of"), 9'000 + 100);
  EXPECT_EQ(number_at(all, "series.0.count"), 7'950);
  EXPECT_EQ(number_at(all, "series.1.of"), 100);
  EXPECT_EQ(*at(all, "complete").boolean(), true);
  EXPECT_EQ(number_at(count("").json(), "count"), 9'100);
  EXPECT_EQ(number_at(count(R"(,"above":8999)").json(), "count"), 0) << "the limit is left out";
  EXPECT_EQ(count(R"(,"below":0.5)", "text/csv").body,
            "tag,count,of\r\nworks-01/q/counted/a,1,9000\r\nworks-01/q/counted/b,1,100\r\n");
  for (const char* wrong :
       {R"(,"above":5,"below":5)", R"(,"above":"5")", R"(,"below":true)", R"(,"each":1)"})
    EXPECT_EQ(count(wrong).status, 400) << wrong;
  EXPECT_EQ(count("", "application/vnd.tundish.result").status, 400);
  // Nothing of another enterprise, not even how much there is.
  const auto stranger = shared().token("other-01", Role::kViewer);
  const auto none = shared().post(stranger, "/api/v1/query",
                                  R"({"tags":["works-01/q/counted/*"],"from":0,"mode":"count"})");
  EXPECT_EQ(number_at(none.json(), "of"), 0);
}

TEST_F(Queries, TheNewestSamplesAreAnsweredInBinaryToo) {
  store("works-01/q/newest/a", 30);
  const auto latest = [&](const std::string& accept) {
    return here().ask(engineer_,
                      {.method = "GET",
                       .target = "/api/v1/latest?tag=works-01/q/newest/a&tag=works-01/q/none/*",
                       .body = {},
                       .headers = {{"accept", accept}}});
  };
  const auto answer = latest("application/vnd.tundish.result");
  EXPECT_EQ(answer.header("Content-Type"), "application/vnd.tundish.result");
  const auto decoded = wire::decode_result(as_byte_span(answer.body));
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  ASSERT_EQ(decoded->series.size(), 1u);
  EXPECT_EQ(decoded->series[0].path, "works-01/q/newest/a");
  ASSERT_EQ(decoded->series[0].pieces.size(), 1u);
  EXPECT_EQ(decoded->series[0].pieces[0].at(0).time, kStart + 29 * kSecond);
  EXPECT_EQ(decoded->series[0].pieces[0].number_at(0), 29);
  EXPECT_EQ(latest("text/csv").status, 406);
  EXPECT_EQ(latest("*/*").header("Content-Type"), "application/json");
}

TEST_F(Queries, ALevelOfTheTreeIsNoPattern) {
  EXPECT_EQ(here().get(engineer_, "/api/v1/assets?under=works-01/**/**/**").status, 400);
}

TEST_F(Queries, NoSeriesIsAlsoWellFormed) {
  store("works-01/q/some", 3);
  for (const char* mode : {"raw", "plot"}) {
    const auto json =
        query(
            fmt::format(
                R"({{"tags":["works-01/q/some"],"from":"2030-01-01T00:00:00Z","to":"2030-01-02T00:00:00Z","mode":"{}"}})",
                mode))
            .json();
    EXPECT_TRUE(at(json, "series.0.times").array()->empty());
    EXPECT_TRUE(at(json, "series.0.values").array()->empty());
  }
  EXPECT_TRUE(at(query(R"({"tags":["works-01/none/*"]})").json(), "series").array()->empty());
}

TEST_F(Queries, NamingTagsHasLimitsAndEndsSoon) {
  store("works-01/q/some", 3);
  const auto many = [](std::string_view name, int count, bool numbered) {
    std::string body = R"({"from":"now-1d","tags":[)";
    for (int i = 0; i < count; ++i)
      body += fmt::format(R"({}"{}{}")", i == 0 ? "" : ",", name,
                          numbered ? std::to_string(i) : std::string());
    return body + "]}";
  };
  const auto began = Clock::now();
  // The same a million times is asked once.
  const auto same = query(many("works-01/q/so**", 1'000'000, false));
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(at(same.json(), "series").array()->size(), 1u);
  EXPECT_EQ(query(many("works-01/**/x", 1'001, true)).status, 413);
  EXPECT_EQ(query(many("works-01/x", 10'001, true)).status, 404) << "the first that is none";
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(20));

  std::string target = "/api/v1/latest?tag=works-01/q/some";
  for (int i = 0; i < 300; ++i) target += "&tag=works-01/**";
  EXPECT_EQ(here().get(engineer_, target + "&limit=5").status, 200);
}

TEST_F(Queries, TheAcceptHeaderDecides) {
  store("works-01/q/some", 3);
  const std::string body = R"({"tags":["works-01/q/some"],"from":"now-1d"})";
  EXPECT_EQ(query(body).header("Content-Type"), "application/json");
  EXPECT_TRUE(query(body, "text/csv, */*;q=0.1").header("Content-Type").starts_with("text/csv"));
  EXPECT_EQ(query(body, "text/csv;q=0, */*").header("Content-Type"), "application/json");
  const auto refused = query(body, "image/png");
  EXPECT_EQ(refused.status, 406);
  EXPECT_EQ(number_at(refused.json(), "status"), 406);
}

TEST_F(Queries, ParametersAreCheckedByWhatTheRouteSays) {
  const auto status = [&](const char* target) { return here().get(engineer_, target).status; };
  EXPECT_EQ(status("/api/v1/tags?limit=5"), 200);
  for (const char* target :
       {"/api/v1/tags?limit=five", "/api/v1/tags?limit=-5", "/api/v1/tags?limit=",
        "/api/v1/tags?limit=0", "/api/v1/tags?patern=works-01/**", "/api/v1/overview?x=1",
        "/api/v1/ledger?from=now&to=now-1h", "/api/v1/latest?tag=works-01/**&limit=1e3"})
    EXPECT_EQ(status(target), 400) << target;
  const auto misspelt = here().get(engineer_, "/api/v1/tags?patern=x").json();
  EXPECT_EQ(text_at(misspelt, "detail"),
            "'patern' is no parameter here; known are pattern, limit, after");
  // InfluxDB's clients send what their own server knows.
  EXPECT_EQ(
      here().post(engineer_, "/write?db=x&rp=autogen&consistency=any", "works-01/q/l v=1").status,
      204);
}

TEST_F(Queries, TheNewestSampleOfAnEnterpriseIsSeenWhateverItsTagIsCalled) {
  const TimeNs now = io::real_clock().now();
  std::string body = R"({"samples":[)";
  for (int i = 0; i < 50; ++i)
    body += fmt::format(R"({{"tag":"other-01/t{:02}","time":"{}","value":1}},)", i,
                        now - (i == 49 ? kHour : kDay));
  body += fmt::format(R"({{"tag":"other-01/z/ahead","time":"{}","value":1}}]}})", now + 5 * kHour);
  const auto other = here().token("other-01", Role::kEngineer, true);
  ASSERT_EQ(here().post(other, "/api/v1/samples", body).status, 200);
  const auto operator_ = here().token("", Role::kPlatformOperator);
  const auto last_sample = [&] {
    const auto json = here().get(operator_, "/api/v1/platform").json();
    for (const auto& enterprise : *at(json, "enterprises").array())
      if (text_at(enterprise, "code") == "other-01") return text_at(enterprise, "last_sample");
    return std::string("no such enterprise");
  };
  EXPECT_EQ(last_sample(), format_time(now - kHour));
  const auto add = [&](const char* tag, TimeNs time) {
    ASSERT_EQ(
        here()
            .post(other, "/api/v1/samples",
                  fmt::format(R"({{"samples":[{{"tag":"{}","time":"{}","value":2}}]}})", tag, time))
            .status,
        200);
  };
  add("other-01/z/late", now - 2 * kHour);
  EXPECT_EQ(last_sample(), format_time(now - kHour));
  add("other-01/z/ahead", now - kMinute);  // beside one that is ahead still
  EXPECT_EQ(last_sample(), format_time(now - kMinute));
}

}  // namespace
}  // namespace tundish::test
