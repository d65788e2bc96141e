// Calendars by the API: as text and as JSON, their windows, and the sites that have them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "system/installation.h"

namespace tundish::test {
namespace {

constexpr const char* kText = R"(# agreed with the works council
name: works
time_zone: Europe/Berlin
day_starts: "06:00"
shifts:
  early: {from: "06:00", to: "14:00", words: {en: Early, zh: 早班}}
  late: {from: "14:00", to: "22:00"}
  night: {from: "22:00", to: "06:00"}
crews:
  anchor: 2026-03-28
  cycle:
    early: [A, B]
    late: [B, A]
    night: ["-", C]
holidays:
  2026-03-29: {en: Maintenance day}
breaks:
  lunch: {from: "12:00", to: "12:30"}
targets: {oee: 0.85}
downtime_reasons:
  M01: {category: unplanned, words: {en: Bearing, zh: 轴承}}
)";

class CalendarsApi : public InstallationTest {
 protected:
  void SetUp() override { engineer_ = here().token("works-01", Role::kEngineer); }

  Answer put(const std::string& target, const std::string& body) {
    return here().ask(engineer_, {.method = "PUT", .target = target, .body = body});
  }
  Answer remove(const std::string& target) {
    return here().ask(engineer_, {.method = "DELETE", .target = target});
  }
  /// Makes the calendar anew under a name of its own.
  std::string make(const std::string& name) {
    std::string text = kText;
    text.replace(text.find("name: works") + 6, 5, name);
    const auto made = here().ask(engineer_, {.method = "POST",
                                             .target = "/api/v1/calendars",
                                             .body = text,
                                             .content_type = "application/yaml"});
    EXPECT_EQ(made.status, 201) << made.body;
    return text;
  }

  Caller engineer_;
};

TEST_F(CalendarsApi, TextComesBackAsItWasAndAsJsonThatCanBeSent) {
  const std::string text = make("round");
  const auto answer = here().get(engineer_, "/api/v1/calendars/round");
  const auto got = answer.json();
  EXPECT_EQ(text_at(got, "versions.0.text"), text);
  EXPECT_TRUE(at(got, "versions.0.valid_from").is_null());
  EXPECT_EQ(text_at(got, "versions.0.calendar.shifts.early.words.zh"), "早班");
  EXPECT_EQ(text_at(got, "versions.0.calendar.crews.cycle.night.0"), "-");
  EXPECT_EQ(text_at(got, "versions.0.calendar.downtime_reasons.M01.category"), "unplanned");
  EXPECT_EQ(text_at(got, "versions.0.calendar.downtime_reasons.M01.words.en"), "Bearing");

  // The JSON itself, sent back with another day, is the same calendar as of that day.
  const auto from = answer.body.find(R"("calendar":{)") + std::string_view(R"("calendar":)").size();
  std::string json = answer.body.substr(from, answer.body.rfind("}]}") - from);
  json.insert(1, R"("valid_from":"2026-06-01",)");
  const auto saved = put("/api/v1/calendars/round", json);
  ASSERT_EQ(saved.status, 200) << saved.body << json;
  const auto versions = saved.json();
  EXPECT_EQ(text_at(versions, "versions.1.valid_from"), "2026-06-01");
  EXPECT_EQ(at(versions, "versions.1.calendar.shifts"), at(versions, "versions.0.calendar.shifts"));
  EXPECT_EQ(at(versions, "versions.1.calendar.crews"), at(versions, "versions.0.calendar.crews"));
  EXPECT_EQ(at(versions, "versions.1.calendar.targets"),
            at(versions, "versions.0.calendar.targets"));
}

TEST_F(CalendarsApi, WindowsWithTheirPlannedTime) {
  make("windows");
  const std::string base = "/api/v1/calendars/windows/windows";
  const auto shifts =
      here().get(engineer_, base + "?from=2026-03-28T05:00:00Z&to=2026-03-29T05:00:00Z").json();
  ASSERT_EQ(at(shifts, "windows").array()->size(), 4u);
  EXPECT_EQ(text_at(shifts, "windows.0.label"), "2026-03-28 early A");
  EXPECT_EQ(at(shifts, "windows.0.planned_s").number(), 7.5 * 3600);
  EXPECT_EQ(text_at(shifts, "windows.2.label"), "2026-03-28 night");
  EXPECT_EQ(text_at(shifts, "windows.2.from"), "2026-03-28T21:00:00Z");
  EXPECT_EQ(text_at(shifts, "windows.2.to"), "2026-03-29T04:00:00Z");
  EXPECT_EQ(at(shifts, "windows.2.planned_s").number(), 7.0 * 3600);
  EXPECT_EQ(text_at(shifts, "windows.3.label"), "2026-03-29 early B");
  EXPECT_EQ(at(shifts, "windows.3.planned_s").number(), 0.0);
  const auto days =
      here()
          .get(engineer_, base + "?window=day&from=2026-10-24T12:00:00Z&to=2026-10-24T12:00:01Z")
          .json();
  EXPECT_EQ(text_at(days, "windows.0.to"), "2026-10-25T05:00:00Z");
  EXPECT_EQ(at(days, "windows.0.planned_s").number(), 24.5 * 3600);

  const auto status = [&](const std::string& query) {
    return here().get(engineer_, base + query).status;
  };
  EXPECT_EQ(status("?window=heat&from=now-1d&to=now"), 404);
  EXPECT_EQ(status("?window=day&to=now"), 400);
  EXPECT_EQ(status("?window=day&from=now&to=now-1d"), 400);
  EXPECT_EQ(status("?window=day&from=yesterday&to=now"), 400);
  EXPECT_EQ(status("?window=hour&from=1990-01-01T00:00:00Z&to=2020-01-01T00:00:00Z"), 413);
}

TEST_F(CalendarsApi, AMistakeIsAnsweredWithItsPlace) {
  const auto refused =
      here().post(engineer_, "/api/v1/calendars",
                  "name: wrong\ntime_zone: UTC\nshifts:\n  a: {form: \"06:00\"}\n");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text_at(refused.json(), "where"), "calendar:4:7");
  EXPECT_NE(text_at(refused.json(), "detail").find("did you mean 'from'?"), std::string::npos);
  EXPECT_EQ(here().get(engineer_, "/api/v1/calendars/wrong").status, 404);
}

TEST_F(CalendarsApi, ASiteHasACalendarAndAnAuditRecordSaysSo) {
  make("sited");
  const auto site = here().post(engineer_, "/api/v1/sites",
                                R"({"code":"sited","name":"Sited","time_zone":"Europe/Berlin"})");
  ASSERT_EQ(site.status, 201) << site.body;
  const auto id = number_at(site.json(), "id");
  const auto target = fmt::format("/api/v1/sites/{}/calendar", id);
  EXPECT_TRUE(at(here().get(engineer_, target).json(), "calendar").is_null());
  EXPECT_EQ(put(target, R"({"calendar":"nothing"})").status, 400);
  EXPECT_EQ(put(target, R"({})").status, 400);
  ASSERT_EQ(put(target, R"({"calendar":"sited"})").status, 200);
  EXPECT_EQ(text_at(here().get(engineer_, target).json(), "calendar"), "sited");
  EXPECT_EQ(number_at(here().get(engineer_, "/api/v1/calendars/sited").json(), "sites.0"), id);
  EXPECT_EQ(remove("/api/v1/calendars/sited").status, 409);
  EXPECT_EQ(remove("/api/v1/calendars/sited?valid_from=2026-01-01").status, 404);
  ASSERT_EQ(put(target, R"({"calendar":null})").status, 200);
  EXPECT_EQ(remove("/api/v1/calendars/sited").status, 204);
  EXPECT_EQ(here().get(engineer_, "/api/v1/calendars/sited").status, 404);

  const auto audit =
      here().get(here().token("works-01", Role::kAdministrator), "/api/v1/audit?limit=200");
  for (const auto* word : {"calendars.create", "sites.set_calendar", "calendars.remove"})
    EXPECT_NE(audit.body.find(word), std::string::npos) << word;
  EXPECT_NE(audit.body.find("calendar:sited"), std::string::npos);
}

TEST_F(CalendarsApi, APreviewShowsTheDaysOfAChangeOfTheClockAndChangesNothing) {
  std::string text = make("previewed");
  const std::string before = R"(to: "14:00", words)";
  text.replace(text.find(before), before.size(), R"(to: "13:00", words)");
  const auto answer =
      here().ask(engineer_, {.method = "POST",
                             .target = "/api/v1/calendars/preview?from=2026-03-28T05:00:00Z"
                                       "&to=2026-03-29T04:00:00Z",
                             .body = text,
                             .content_type = "application/yaml"});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto seen = answer.json();
  EXPECT_EQ(text_at(seen, "days.0.from"), "2026-03-28T05:00:00Z");
  EXPECT_EQ(text_at(seen, "days.0.to"), "2026-03-29T04:00:00Z") << "23 h";
  EXPECT_EQ(text_at(seen, "shifts.0.to"), "2026-03-28T12:00:00Z");
  EXPECT_EQ(text_at(seen, "calendar.shifts.early.to"), "13:00");
  const auto kept = here().get(engineer_, "/api/v1/calendars/previewed").json();
  EXPECT_EQ(text_at(kept, "versions.0.calendar.shifts.early.to"), "14:00");
}

TEST_F(CalendarsApi, ChangesAreTakenBackNewestFirst) {
  const std::string first = make("undone");
  const auto undo = [&] { return here().post(engineer_, "/api/v1/calendars/undone/undo", ""); };
  EXPECT_EQ(undo().status, 409) << "making it is no change";
  const std::string second = first + "# one\n";
  ASSERT_EQ(put("/api/v1/calendars/undone", second).status, 200);
  ASSERT_EQ(put("/api/v1/calendars/undone", "valid_from: 2026-06-01\n" + first).status, 200);
  ASSERT_EQ(remove("/api/v1/calendars/undone?valid_from=2026-06-01").status, 204);

  const auto back = undo().json();
  EXPECT_EQ(text_at(back, "versions.1.valid_from"), "2026-06-01");
  EXPECT_EQ(at(undo().json(), "versions").array()->size(), 1u);
  const auto last = undo();
  ASSERT_EQ(last.status, 200) << last.body;
  EXPECT_EQ(text_at(last.json(), "versions.0.text"), first);
  EXPECT_EQ(undo().status, 409);
}

TEST_F(CalendarsApi, AGroupOfReasonsIsOneOfThem) {
  std::string text = make("grouped");
  const auto add = [&](const std::string& line) {
    return put("/api/v1/calendars/grouped", text + line);
  };
  EXPECT_EQ(add("  M02: {category: unplanned, within: M01}\n").status, 200);
  const auto unknown = add("  M02: {category: unplanned, within: M1}\n");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.body.find("did you mean 'M01'"), std::string::npos) << unknown.body;
  const auto circle =
      add("  A: {category: planned, within: B}\n  B: {category: planned, within: A}\n");
  EXPECT_EQ(circle.status, 400);
  EXPECT_NE(circle.body.find("or in itself"), std::string::npos) << circle.body;
}

}  // namespace
}  // namespace tundish::test
