// Manual entry and correction by the API: who may do what, what a list and an explanation tell, and that what is derived
// follows. Expected numbers are worked by hand from the samples that are posted.
#include <chrono>
#include <thread>

#include "system/plant.h"

namespace tundish::test {
namespace {

class EntriesByApi : public PlantTest {
 protected:
  void SetUp() override {
    PlantTest::SetUp();
    operator_ = here().token("works-01", Role::kOperator);
  }
  /// A pump of its own for each test: measured `power`, `carbon` of the laboratory, `double_power`.
  std::string make(const std::string& name, const std::vector<Reading>& power) {
    const std::string path = "works-01/entries/" + name;
    post(path + "/power", power);
    make_template("entry_pump", R"json({"attributes":{
        "power":{"measured":"double","step":true,"unit":"kW","valid":[0,500]},
        "carbon":{"measured":"double","unit":"%","valid":[0,5]},
        "double_power":{"formula":"power * 2","unit":"kW"},
        "double_carbon":{"formula":"carbon * 2","unit":"%"}}})json");
    make_assets(fmt::format(R"({{"assets":[{{"path":"{}","template":"entry_pump"}}]}})", path));
    return path;
  }
  wire::JsonValue enter(const Caller& by, const std::string& body, int status = 200,
                        const std::string& query = "") {
    const auto answer = here().post(by, "/api/v1/entries" + query, body);
    EXPECT_EQ(answer.status, status) << body << ": " << answer.body;
    return answer.json();
  }
  wire::JsonValue csv(const Caller& by, const std::string& body, const std::string& query,
                      int status = 200) {
    const auto answer = here().ask(by, {.method = "POST",
                                        .target = "/api/v1/entries" + query,
                                        .body = body,
                                        .content_type = "text/csv"});
    EXPECT_EQ(answer.status, status) << body << ": " << answer.body;
    return answer.json();
  }
  static std::string value(const std::string& tag, const char* time, const std::string& value,
                           const std::string& why) {
    return fmt::format(
        R"({{"tag":"{}","why":"{}","samples":[{{"time":"2024-03-10T{}Z","value":{}}}]}})", tag, why,
        time, value);
  }
  static std::string range(const char* from, const char* to) {
    return fmt::format("&from=2024-03-10T{}Z&to=2024-03-10T{}Z", from, to);
  }

  Caller operator_;
};

TEST_F(EntriesByApi, AValueIsEnteredCorrectedListedAndExplained) {
  const auto pump = make("path", {{"08:00:00", "10"}, {"09:00:00", "20"}});
  const auto entered =
      enter(operator_, value(pump + "/carbon", "08:00:00", "0.042", "sample 4711"));
  EXPECT_EQ(text_at(entered, "entries.0.kind"), "entry");
  EXPECT_TRUE(at(entered, "entries.0.before").is_null());
  EXPECT_EQ(text_at(entered, "entries.0.tag"), pump + "/carbon");

  // Operators put right what was entered, not what was measured.
  enter(operator_, value(pump + "/carbon", "08:00:00", "0.044", "typo"));
  enter(operator_, value(pump + "/power", "08:00:00", "12", "typo"), 403);
  enter(viewer_, value(pump + "/carbon", "08:00:00", "0.045", "typo"), 403);
  const auto corrected =
      enter(engineer_, value(pump + "/power", "08:00:00", "12", "wrong CT ratio"));
  EXPECT_EQ(text_at(corrected, "entries.0.kind"), "correction");
  EXPECT_EQ(real_at(corrected, "entries.0.before.value"), 10);
  // The same again, as after an answer that was lost.
  const auto again = enter(engineer_, value(pump + "/power", "08:00:00", "12", "wrong CT ratio"));
  EXPECT_EQ(number_at(again, "unchanged"), 1);
  EXPECT_TRUE(at(again, "entries").array()->empty());
  EXPECT_EQ(
      real_at(ask("/api/v1/query",
                  fmt::format(R"({{"tags":["{}/power"],"mode":"raw"{}}})", pump,
                              R"(,"from":"2024-03-10T07:00:00Z","to":"2024-03-10T10:00:00Z")")),
              "series.0.values.0"),
      12);

  const auto list = get("/api/v1/entries?asset=" + pump);
  ASSERT_EQ(at(list, "entries").array()->size(), 3u);
  EXPECT_EQ(text_at(list, "entries.0.why"), "wrong CT ratio");
  EXPECT_EQ(text_at(list, "entries.0.who").substr(0, 6), "token:");
  EXPECT_EQ(real_at(list, "entries.1.before.value"), 0.042);
  const auto page = get("/api/v1/entries?limit=1&tag=" + pump + "/carbon");
  EXPECT_EQ(real_at(page, "entries.0.value"), 0.044);
  const auto older =
      get("/api/v1/entries?limit=1&tag=" + pump + "/carbon&before=" + text_at(page, "next"));
  EXPECT_EQ(real_at(older, "entries.0.value"), 0.042);
  EXPECT_TRUE(at(older, "next").is_null());
  EXPECT_TRUE(
      at(get("/api/v1/entries?tag=" + pump + "/carbon" + range("09:00:00", "10:00:00")), "entries")
          .array()
          ->empty());

  const auto versions =
      get("/api/v1/versions?tag=" + pump + "/power" + range("08:00:00", "08:00:01"));
  ASSERT_EQ(at(versions, "versions").array()->size(), 2u);
  EXPECT_EQ(text_at(versions, "versions.0.class"), "corrected");
  EXPECT_EQ(text_at(versions, "versions.0.entry.why"), "wrong CT ratio");
  EXPECT_EQ(real_at(versions, "versions.1.value"), 10);
  EXPECT_EQ(text_at(versions, "versions.1.class"), "measured");
  EXPECT_EQ(text_at(versions, "versions.1.source").substr(0, 5), "http/");
  EXPECT_TRUE(at(versions, "versions.1.entry").is_null());

  // The derived number follows by the platform's own thread, and its explanation names the person.
  const std::string explain =
      "/api/v1/explain?tag=" + pump + "/double_power&time=2024-03-10T08:30:00Z";
  for (int i = 0; i < 300 && real_at(get(explain), "stored.value") != 24; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto explained = get(explain);
  EXPECT_EQ(real_at(explained, "stored.value"), 24);
  EXPECT_EQ(real_at(explained, "value"), 24);
  const auto& input = at(explained, "parts.0.inputs.0");
  EXPECT_EQ(text_at(input, "samples.0.corrected.why"), "wrong CT ratio");
  EXPECT_EQ(text_at(input, "samples.0.corrected.kind"), "correction");
  EXPECT_EQ(real_at(input, "samples.0.corrected.before.value"), 10);
  EXPECT_EQ(text_at(input, "corrections.0.why"), "wrong CT ratio");
  // What nobody touched is not marked.
  const auto plain = get("/api/v1/explain?tag=" + pump + "/double_power&time=2024-03-10T09:30:00Z");
  EXPECT_TRUE(at(plain, "parts.0.inputs.0.samples.0.corrected").is_null());
  EXPECT_TRUE(at(plain, "parts.0.inputs.0.corrections").is_null());
}

TEST_F(EntriesByApi, WhatIsDerivedFollowsTheFirstValueOfALaboratory) {
  const auto pump = make("lab", {{"08:00:00", "10"}});
  const std::string explain =
      "/api/v1/explain?tag=" + pump + "/double_carbon&time=2024-03-10T08:30:00Z";
  const auto stored = [&] {
    const auto& value = at(get(explain), "stored.value");
    return value.is_null() ? 0 : real_at(get(explain), "stored.value");
  };
  EXPECT_EQ(stored(), 0);
  enter(operator_, value(pump + "/carbon", "08:00:00", "2.5", "sample 1"));
  for (int i = 0; i < 500 && stored() != 5; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(stored(), 5);
}

TEST_F(EntriesByApi, AStretchIsRemovedAndRestoredByEngineers) {
  const auto pump = make("stretch", {{"08:00:00", "1"}, {"08:10:00", "2"}, {"08:20:00", "3"}});
  const std::string stretch = R"("from":"2024-03-10T08:05:00Z","to":"2024-03-10T08:30:00Z")";
  const auto body = [&](const char* what, const std::string& more) {
    return fmt::format(R"({{"tag":"{}/power","why":"probe fouled","{}":{{{}}}}})", pump, what,
                       more);
  };
  enter(operator_, body("remove", stretch), 403);
  enter(engineer_, fmt::format(R"({{"tag":"{}/power","remove":{{{}}}}})", pump, stretch), 400);
  const auto removed =
      enter(engineer_, body("remove", stretch + R"(,"quality":"BadSensorFailure")"));
  EXPECT_EQ(text_at(removed, "entries.0.kind"), "removal");
  EXPECT_EQ(number_at(removed, "entries.0.samples"), 2);
  const auto versions =
      get("/api/v1/versions?tag=" + pump + "/power" + range("08:10:00", "08:11:00"));
  EXPECT_EQ(text_at(versions, "versions.0.quality"), "BadSensorFailure");
  EXPECT_EQ(real_at(versions, "versions.0.value"), 2) << "nothing is deleted";
  EXPECT_EQ(text_at(versions, "versions.1.quality"), "Good");
  const auto restored = enter(engineer_, body("restore", R"("time":"2024-03-10T08:10:00Z")"));
  EXPECT_EQ(text_at(restored, "entries.0.kind"), "restoration");
  EXPECT_EQ(text_at(get("/api/v1/versions?tag=" + pump + "/power" + range("08:10:00", "08:11:00")),
                    "versions.0.entry.kind"),
            "restoration");
  enter(engineer_, body("restore", R"("time":"2024-03-10T08:10:00Z")"), 404);
  const auto explained =
      get("/api/v1/explain?tag=" + pump + "/double_power&time=2024-03-10T08:25:00Z");
  EXPECT_EQ(text_at(explained, "parts.0.inputs.0.samples.0.corrected.kind"), "removal");
  EXPECT_EQ(text_at(explained, "parts.0.inputs.0.samples.0.corrected.before.quality"), "Good");
}

TEST_F(EntriesByApi, CsvIsEnteredWholeOrNotAtAllWithLines) {
  const auto pump = make("csv", {{"08:00:00", "1"}});
  const auto got = csv(operator_,
                       "time,value,why\r\n2024-03-10T08:00:00Z,0.04,sample 1\r\n"
                       "2024-03-10T09:00:00Z,0.05,\r\n",
                       "?why=shift+log&tag=" + pump + "/carbon");
  ASSERT_EQ(at(got, "entries").array()->size(), 2u);
  EXPECT_EQ(text_at(got, "entries.0.why"), "sample 1");
  EXPECT_EQ(text_at(got, "entries.1.why"), "shift log");
  const auto wrong = csv(operator_,
                         fmt::format("time,value,tag\n2024-03-10T10:00:00Z,0.04,{0}/carbon\n"
                                     "2024-03-10T10:00:00Z,1,{0}/carbn\n"
                                     "2024-03-10T11:00:00Z,\"0,5\",{0}/carbon\n"
                                     "2024-03-10T12:00:00Z,40,{0}/carbon\n"
                                     "2200-03-10T12:00:00Z,4,{0}/carbon\n",
                                     pump),
                         "", 404);
  EXPECT_NE(text_at(wrong, "detail").find("line 3"), std::string::npos);
  EXPECT_EQ(text_at(wrong, "nearest"), pump + "/carbon");
  ASSERT_EQ(at(wrong, "errors").array()->size(), 4u);
  EXPECT_EQ(number_at(wrong, "errors.1.line"), 4);
  EXPECT_NE(text_at(wrong, "errors.1.message").find("decimal point is a dot"), std::string::npos);
  EXPECT_NE(text_at(wrong, "errors.2.message").find("valid range"), std::string::npos);
  EXPECT_EQ(text_at(wrong, "errors.3.code"), "FutureTime");
  csv(operator_, "time,valu\n", "?tag=" + pump + "/carbon", 400);
  csv(operator_, "time,value\nnow,1\n", "", 400);
  EXPECT_EQ(at(get("/api/v1/entries?asset=" + pump), "entries").array()->size(), 2u);
  EXPECT_EQ(at(csv(operator_, "time,value\n2024-03-10T12:00:00Z,40\n",
                   "?override=true&why=furnace+iron&tag=" + pump + "/carbon"),
               "entries")
                .array()
                ->size(),
            1u);
}

TEST_F(EntriesByApi, WhatIsWrongIsSaidAndNothingIsEntered) {
  const auto pump = make("wrong", {{"08:00:00", "1"}});
  const auto unknown = enter(operator_, value(pump + "/carbo", "08:00:00", "1", "x"), 404);
  EXPECT_NE(text_at(unknown, "detail").find("did you mean '" + pump + "/carbon'?"),
            std::string::npos);
  const auto computed = enter(engineer_, value(pump + "/double_power", "08:00:00", "1", "x"), 409);
  EXPECT_NE(text_at(computed, "detail").find("is computed"), std::string::npos);
  enter(operator_, value(pump + "/carbon", "08:00:00", "7", "x"), 400);
  enter(operator_, value(pump + "/carbon", "08:00:00", "\"low\"", "x"), 400);
  enter(operator_, value(pump + "/carbon", "08:00:00", "null", "x"), 400);
  enter(engineer_, value(pump + "/power", "08:00:00", "2", ""), 400);
  enter(operator_, fmt::format(R"({{"tag":"{}/carbon","samples":[]}})", pump), 400);
  enter(operator_, "{}", 400);
  enter(operator_, "{", 400);
  enter(operator_, value(pump + "/carbon", "08:00:00", "1", "x"), 400, "?why=y");
  get("/api/v1/entries?tag=works-01/nowhere", 404);
  get("/api/v1/entries?asset=works-01/nowhere", 404);
  get("/api/v1/entries?limit=0", 400);
  get("/api/v1/entries?before=x", 400);
  get("/api/v1/versions", 400);
  get("/api/v1/versions?limit=10001&tag=" + pump + "/power", 400);
  // What is only asked is not entered.
  const auto asked =
      enter(engineer_, value(pump + "/power", "08:00:00", "2", "x"), 200, "?dry_run=true");
  EXPECT_EQ(real_at(asked, "entries.0.before.value"), 1);
  EXPECT_TRUE(at(get("/api/v1/entries?asset=" + pump), "entries").array()->empty());
  // Another enterprise has none of it.
  const Caller foreign = here().token("other-01", Role::kAdministrator);
  EXPECT_EQ(here().get(foreign, "/api/v1/entries?tag=" + pump + "/power").status, 404);
  EXPECT_EQ(here().get(foreign, "/api/v1/versions?tag=" + pump + "/power").status, 404);
  EXPECT_EQ(
      here().post(foreign, "/api/v1/entries", value(pump + "/power", "08:00:00", "2", "x")).status,
      404);
}

}  // namespace
}  // namespace tundish::test
