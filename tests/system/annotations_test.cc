// Notes at samples by the API: who may do what, that no version is lost, that they are counted; and aggregates in binary
// and by calendar. Expected numbers are worked by hand from the samples that are posted.
#include "aggregate/aggregate_kind.h"
#include "system/plant.h"
#include "wire/result/result.h"

namespace tundish::test {
namespace {

class AnnotationsByApi : public PlantTest {
 protected:
  void SetUp() override {
    PlantTest::SetUp();
    operator_ = here().token("works-01", Role::kOperator);
    other_operator_ = here().token("works-01", Role::kOperator);
  }
  wire::JsonValue call(const Caller& by, const char* method, const std::string& target,
                       const std::string& body, int status) {
    const auto answer = here().ask(by, {.method = method, .target = target, .body = body});
    EXPECT_EQ(answer.status, status) << method << ' ' << target << ": " << answer.body;
    return answer.json();
  }
  wire::JsonValue add(const std::string& tag, const char* time, const std::string& text,
                      int status = 201) {
    return call(
        operator_, "POST", "/api/v1/annotations",
        fmt::format(R"({{"tag":"{}","time":"2024-03-10T{}Z","text":"{}"}})", tag, time, text),
        status);
  }
  static std::string one(const wire::JsonValue& note) {
    return fmt::format("/api/v1/annotations/{}", number_at(note, "id"));
  }

  static double value_at(const wire::JsonValue& answer, const std::string& path) {
    return at(answer, path).number().value_or(-1e300);
  }

  Caller operator_, other_operator_;
};

TEST_F(AnnotationsByApi, AreWrittenChangedRemovedAndCounted) {
  const std::string tag = "works-01/notes/a";
  post(tag, {{"08:00:00", "1"}, {"08:10:00", "2"}, {"08:20:00", "3"}, {"08:30:00", "4"}});
  const auto first = add(tag, "08:05:00", "scan failed");
  const auto second = add(tag, "08:05:00", "scanner fixed");
  const auto third = add(tag, "08:20:00", "looks wrong");
  EXPECT_EQ(number_at(first, "version"), 1);
  const auto list = get("/api/v1/annotations?tag=works-01/notes/*&limit=2");
  ASSERT_EQ(at(list, "annotations").array()->size(), 2u);
  EXPECT_EQ(text_at(list, "annotations.0.text"), "scan failed");
  EXPECT_EQ(text_at(list, "annotations.0.tag"), tag);
  const auto rest = get("/api/v1/annotations?tag=" + tag + "&after=" + text_at(list, "next"));
  ASSERT_EQ(at(rest, "annotations").array()->size(), 1u);
  EXPECT_EQ(text_at(rest, "annotations.0.text"), "looks wrong");
  EXPECT_TRUE(at(rest, "next").is_null());
  EXPECT_TRUE(at(get("/api/v1/annotations?tag=" + tag +
                     "&from=2024-03-10T08:06:00Z&to=" + "2024-03-10T08:20:00Z"),
                 "annotations")
                  .array()
                  ->empty());

  // One's own, or an engineer's.
  call(other_operator_, "PUT", one(first), R"({"text":"mine now"})", 403);
  call(viewer_, "DELETE", one(first), "", 403);
  EXPECT_EQ(number_at(call(operator_, "PUT", one(first), R"({"text":"scan failed twice"})", 200),
                      "version"),
            2);
  call(engineer_, "PUT", one(first), R"({"text":"late","version":1})", 409);
  call(engineer_, "DELETE", one(third) + "?version=2", "", 409);
  EXPECT_EQ(number_at(call(engineer_, "DELETE", one(third) + "?version=1", "", 200), "version"), 2);
  call(engineer_, "DELETE", one(third), "", 404);

  // Nothing is lost.
  const auto versions = get(one(third));
  ASSERT_EQ(at(versions, "versions").array()->size(), 2u);
  EXPECT_EQ(text_at(versions, "versions.0.text"), "looks wrong");
  EXPECT_EQ(text_at(get(one(first)), "versions.0.text"), "scan failed");

  const auto counted = ask(
      "/api/v1/query",
      fmt::format(R"({{"tags":["{}"],"from":"2024-03-10T08:00:00Z","to":"2024-03-10T08:30:00Z",)"
                  R"("mode":"aggregate","aggregate":"AnnotationCount","every":"10min"}})",
                  tag));
  EXPECT_EQ(value_at(counted, "series.0.values.0"), 2);
  EXPECT_EQ(value_at(counted, "series.0.values.1"), 0);
  EXPECT_EQ(value_at(counted, "series.0.values.2"), 0);  // removed
}

TEST_F(AnnotationsByApi, WhatCannotBeIsRefused) {
  const std::string tag = "works-01/notes/b";
  post(tag, {{"08:00:00", "1"}});
  add(tag, "08:00:00", "", 400);
  add(tag, "08:00:00", std::string(2001, 'x'), 400);
  add("works-01/notes/absent", "08:00:00", "x", 404);
  call(operator_, "POST", "/api/v1/annotations",
       fmt::format(R"({{"tag":"{}","time":"now+3d","text":"x"}})", tag), 400);
  for (const char* after : {"1", "x.1", "1.x", "1.99999999999999999999"})
    get(std::string("/api/v1/annotations?after=") + after, 400);
  const auto note = add(tag, "08:00:00", "ours");
  const Caller foreign = here().token("other-01", Role::kAdministrator);
  call(foreign, "GET", one(note), "", 404);
  call(foreign, "PUT", one(note), R"({"text":"x"})", 404);
  call(foreign, "DELETE", one(note), "", 404);
}

TEST_F(AnnotationsByApi, EveryAggregateIsAnsweredInEveryForm) {
  const std::string tag = "works-01/notes/all";
  post(tag, {{"08:00:00", "1"}, {"08:10:00", "0"}, {"08:20:00", "3", "Bad"}, {"08:30:00", "4"}});
  for (const auto kind : aggregate::aggregate_kinds()) {
    const std::string name(aggregate::aggregate_name(kind));
    const std::string body = fmt::format(
        R"({{"tags":["{}"],"from":"2024-03-10T08:00:00Z","to":"2024-03-10T08:30:00Z","mode":)"
        R"("aggregate","aggregate":"{}","every":"15min","time_format":"ns"}})",
        tag, name);
    const auto in = [&](const std::string& type) {
      const auto answer = here().ask(viewer_, {.method = "POST",
                                               .target = "/api/v1/query",
                                               .body = body,
                                               .headers = {{"accept", type}}});
      EXPECT_EQ(answer.status, 200) << name << type << answer.body;
      return answer.body;
    };
    const auto json = wire::parse_json(in("application/json")).value();
    ASSERT_EQ(at(json, "series.0.values").array()->size(), 2u) << name;
    EXPECT_NE(in("text/csv").find("," + name + ","), std::string::npos);
    const std::string bytes = in(std::string(wire::kResultMediaType));
    const auto binary = wire::decode_result(std::as_bytes(std::span(bytes)));
    ASSERT_TRUE(binary.has_value()) << name << binary.error().to_string();
    std::size_t row = 0;
    for (const auto& piece : binary->series.at(0).intervals) {
      EXPECT_EQ(piece.aggregate, name);
      for (std::size_t i = 0; i < piece.from.size(); ++i, ++row) {
        const auto& shown = at(json, fmt::format("series.0.values.{}", row));
        ASSERT_EQ(piece.has_value[i] == 0, shown.is_null()) << name << row;
        if (piece.has_value[i] == 0) continue;
        const Value value = piece.values.at(i).value;
        if (const auto* real = std::get_if<double>(&value)) {
          EXPECT_EQ(*real, shown.number()) << name;
        }
        if (const auto* whole = std::get_if<std::int64_t>(&value)) {
          EXPECT_EQ(*whole, *shown.integer()) << name;
        }
      }
    }
    EXPECT_EQ(row, 2u) << name;
  }
}

TEST_F(AnnotationsByApi, TheStandardsConfigurationIsTakenPerQuery) {
  const std::string tag = "works-01/notes/config";
  post(tag, {{"08:00:00", "10"}, {"08:01:00", "20", "Bad"}, {"08:02:00", "30"}});
  const auto value = [&](const std::string& aggregate, const std::string& more, int status = 200) {
    return ask("/api/v1/query",
               fmt::format(R"({{"tags":["{}"],"from":"2024-03-10T08:00:00Z","to":)"
                           R"("2024-03-10T08:04:00Z","mode":"aggregate","aggregate":"{}"{}}})",
                           tag, aggregate, more),
               status);
  };
  EXPECT_EQ(text_at(value("Average", ""), "series.0.qualities.0.1"), "UncertainDataSubNormal");
  EXPECT_EQ(text_at(value("Average", R"(,"percent_good":60)"), "series.0.qualities.0.1"), "Good");
  EXPECT_EQ(text_at(value("Average", R"(,"percent_bad":30)"), "series.0.qualities.0.1"), "Bad");
  value("Average", R"(,"percent_good":40,"percent_bad":50)", 400);
  value("Average", R"(,"percent_good":101)", 400);
  // Sloped 10 to 30 over two minutes, then 30 held for two, or drawn on to 50.
  EXPECT_EQ(value_at(value("TimeAverage", ""), "series.0.values.0"), 25);
  EXPECT_EQ(value_at(value("TimeAverage", R"(,"sloped_extrapolation":true)"), "series.0.values.0"),
            30);
  EXPECT_EQ(value_at(value("TimeAverage", R"(,"stepped":true)"), "series.0.values.0"), 20);
}

/// Local days around changes of the clocks: 23 h, 25 h, and on Lord Howe Island 23.5 h and 24.5 h.
TEST_F(AnnotationsByApi, DaysAreThoseOfTheCalendar) {
  struct Day {
    const char* zone;
    const char* from;  ///< local midnight as UTC
    const char* to;
    double hours;
  };
  const Day days[] = {
      {"Europe/Berlin", "2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z", 23},
      {"Europe/Berlin", "2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z", 25},
      {"America/Santiago", "2024-09-08T04:00:00Z", "2024-09-09T03:00:00Z", 23},
      {"America/Santiago", "2024-04-06T03:00:00Z", "2024-04-07T04:00:00Z", 25},
      {"Australia/Lord_Howe", "2024-10-05T13:30:00Z", "2024-10-06T13:00:00Z", 23.5},
      {"Australia/Lord_Howe", "2024-04-06T13:00:00Z", "2024-04-07T13:30:00Z", 24.5},
  };
  const std::string tag = "works-01/notes/days";
  post(tag, {{"2024-01-01T00:00:00Z", "1"}, {"2025-01-01T00:00:00Z", "1"}});
  int number = 0;
  for (const Day& day : days) {
    const std::string calendar = fmt::format("zone-{}", number++);
    call(engineer_, "POST", "/api/v1/calendars",
         fmt::format(R"({{"name":"{}","time_zone":"{}"}})", calendar, day.zone), 201);
    const TimeNs from = parse_time(day.from, 0).value(), to = parse_time(day.to, 0).value();
    const auto answer =
        ask("/api/v1/query",
            fmt::format(R"({{"tags":["{}"],"from":"{}","to":"{}","mode":"aggregate","aggregate":)"
                        R"(["DurationGood","DurationInStateNonZero","Total2"],"calendar":"{}",)"
                        R"("window":"day","time_format":"ns"}})",
                        tag, from - kHour, to + kHour, calendar));
    for (int spec = 0; spec < 3; ++spec) {
      const std::string series = fmt::format("series.{}", spec);
      ASSERT_EQ(at(answer, series + ".times").array()->size(), 3u) << day.zone << day.from;
      EXPECT_EQ(text_at(answer, series + ".times.1"), std::to_string(from));
      EXPECT_EQ(text_at(answer, series + ".times.2"), std::to_string(to));
      EXPECT_EQ(value_at(answer, series + ".values.1"), day.hours * (spec == 2 ? 3600 : 3'600'000));
    }
  }
  const std::string head =
      fmt::format(R"({{"tags":["{}"],"from":"2024-03-01T00:00:00Z","to":"2024-04-01T00:00:00Z",)"
                  R"("mode":"aggregate","aggregate":"Count")",
                  tag);
  ask("/api/v1/query", head + R"(,"calendar":"absent"})", 404);
  ask("/api/v1/query", head + R"(,"calendar":"zone-0","window":"shift"})", 400);
  ask("/api/v1/query", head + R"(,"calendar":"zone-0","every":"1h"})", 400);
  ask("/api/v1/query", head + R"(,"window":"day"})", 400);
}

}  // namespace
}  // namespace tundish::test
