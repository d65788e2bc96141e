// Valid ranges and units of the model, applied to whatever a person reads: raw samples, aggregates, plots, the newest
// values and live ones, before and after the range is edited.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

#include "support/web_socket_client.h"
#include "system/plant.h"

namespace tundish::test {
namespace {

class Ranges : public PlantTest {
 protected:
  /// An asset `works-01/tank/NAME` with a number, a whole number, a switch and a text; its id.
  std::int64_t make_tank(const std::string& name) {
    make_template(name, R"json({"attributes":{"level":{"measured":"double","unit":"%"},
"pieces":{"measured":"int64"},"valve_open":{"measured":"bool"},"recipe":{"measured":"string"},
"twice":{"formula":"level * 2","unit":"%"}}})json");
    const auto made = here().post(
        engineer_, "/api/v1/assets",
        fmt::format(R"({{"assets":[{{"path":"works-01/tank/{0}","template":"{0}"}}]}})", name));
    EXPECT_EQ(made.status, 201) << made.body;
    return number_at(made.json(), "assets.0");
  }
  void set_range(std::int64_t asset, const std::string& attribute, const std::string& range) {
    const auto answer = here().ask(
        engineer_,
        {.method = "PATCH",
         .target = fmt::format("/api/v1/assets/{}", asset),
         .body = fmt::format(R"({{"attributes":{{"{}":{{"valid":{}}}}}}})", attribute, range)});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  /// The answer to a query over the minute from 2024-03-10 00:00.
  wire::JsonValue query(const std::string& tag, const std::string& members) {
    return ask("/api/v1/query", fmt::format(R"({{"tags":["{}"],"from":"2024-03-10T00:00:00Z",
"to":"2024-03-10T00:01:00Z"{}{}}})",
                                            tag, members.empty() ? "" : ",", members));
  }
  /// `10 Good, 5000 BadOutOfRange`: the values of the first series with their qualities.
  static std::string told(const wire::JsonValue& answer) {
    std::string text;
    const auto& values = *at(answer, "series.0.values").array();
    const auto& runs = *at(answer, "series.0.qualities").array();
    for (std::size_t i = 0, run = 0; i < values.size(); ++i) {
      while (run + 1 < runs.size() && number_at(runs[run + 1], "0") <= static_cast<std::int64_t>(i))
        ++run;
      const auto number = values[i].number();
      const auto* const word = values[i].string();
      const std::string value = number                           ? fmt::format("{}", *number)
                                : word != nullptr                ? *word
                                : values[i].boolean() != nullptr ? "switch"
                                                                 : "null";
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", value, text_at(runs[run], "1"));
    }
    return text;
  }
  std::string latest_of(const std::string& tag, const std::string& more = {}) {
    const auto json = get("/api/v1/latest?tag=" + tag + more);
    const auto& quality = at(json, "samples.0.quality");
    return fmt::format("{} {}", real_at(json, "samples.0.value"),
                       quality.string() == nullptr ? "Good" : *quality.string());
  }
  std::string in(const std::string& accept, const std::string& tag, const std::string& members) {
    return here()
        .ask(viewer_, {.method = "POST",
                       .target = "/api/v1/query",
                       .body = fmt::format(R"({{"tags":["{}"],"from":"2024-03-10T00:00:00Z",
"to":"2024-03-10T00:01:00Z"{}{}}})",
                                           tag, members.empty() ? "" : ",", members),
                       .headers = {{"accept", accept}}})
        .body;
  }
};

constexpr const char* kEdges = R"("mode":"aggregate","every":"1min","aggregate":)";

TEST_F(Ranges, AnEditedRangeCorrectsWhateverIsRead) {
  const std::string tag = "works-01/tank/t1/level";
  const auto id = make_tank("t1");
  post(tag, {{"00:00:00", "10"},
             {"00:00:10", "5000"},
             {"00:00:20", "20"},
             {"00:00:30", "-3"},
             {"00:00:40", "30", "Uncertain"},
             {"00:00:50", "40"},
             {"00:02:00", "9000"}});
  const auto value_of = [&](const char* aggregate) {
    return real_at(query(tag, fmt::format(R"({}"{}")", kEdges, aggregate)), "series.0.values.0");
  };
  const std::string received = "10 Good, 5000 Good, 20 Good, -3 Good, 30 Uncertain, 40 Good";
  const std::string corrected =
      "10 Good, 5000 BadOutOfRange, 20 Good, -3 BadOutOfRange, 30 Uncertain, 40 Good";
  const std::string kBinary = "application/vnd.tundish.result";

  EXPECT_EQ(told(query(tag, "")), received);
  EXPECT_EQ(value_of("Maximum"), 5000);
  EXPECT_EQ(value_of("Minimum"), -3);
  EXPECT_EQ(value_of("Count"), 5);
  EXPECT_NE(told(query(tag, R"("mode":"plot","columns":1)")).find("5000 Good"), std::string::npos);
  EXPECT_EQ(latest_of(tag), "9000 Good");
  const std::string binary_before = in(kBinary, tag, "");

  set_range(id, "level", "[0, 100]");
  EXPECT_EQ(told(query(tag, "")), corrected);
  EXPECT_EQ(text_at(query(tag, R"("bounds":true)"), "series.0.after.quality"), "BadOutOfRange");
  EXPECT_EQ(value_of("Maximum"), 40);
  EXPECT_EQ(value_of("Minimum"), 10);
  EXPECT_EQ(value_of("Range"), 30);
  EXPECT_EQ(value_of("Count"), 3);
  EXPECT_EQ(value_of("Start"), 10);
  const auto shares = query(tag, fmt::format(R"({}["PercentGood","TimeAverage"])", kEdges));
  EXPECT_LT(real_at(shares, "series.0.values.0"), 100);
  EXPECT_LT(real_at(shares, "series.1.values.0"), 41);
  const auto csv = in("text/csv", tag, "");
  EXPECT_NE(csv.find(",5000,BadOutOfRange"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",20,Good"), std::string::npos) << csv;
  EXPECT_NE(in(kBinary, tag, ""), binary_before);
  EXPECT_EQ(latest_of(tag), "9000 BadOutOfRange");
  EXPECT_GE(number_at(get("/api/v1/overview"), "tags_bad"), 1);

  // What really came can be asked for.
  EXPECT_EQ(told(query(tag, R"("as_received":true)")), received);
  EXPECT_EQ(in(kBinary, tag, R"("as_received":true)"), binary_before);
  EXPECT_EQ(latest_of(tag, "&as_received=true"), "9000 Good");
  EXPECT_EQ(real_at(query(tag, fmt::format(R"({}"Maximum","as_received":true)", kEdges)),
                    "series.0.values.0"),
            5000);

  // A wider range makes it good again, and so does taking it back.
  set_range(id, "level", "[-5, 10000]");
  EXPECT_EQ(told(query(tag, "")), received);
  EXPECT_EQ(latest_of(tag), "9000 Good");
}

TEST_F(Ranges, APlotDrawsWhatIsOutOfRangeAsBad) {
  const std::string tag = "works-01/tank/t2/level";
  const auto id = make_tank("t2");
  std::vector<Reading> readings;
  std::vector<std::string> times;
  for (int i = 0; i < 60; ++i) times.push_back(fmt::format("00:00:{:02}", i));
  for (std::size_t i = 0; i < times.size(); ++i)
    readings.push_back({times[i].c_str(), i == 30 ? "700" : i == 0 ? "-1" : "50"});
  post(tag, readings);
  set_range(id, "level", "[0, 100]");
  for (const int columns : {1, 2, 7, 60, 1000}) {
    const std::string plot =
        told(query(tag, fmt::format(R"("mode":"plot","columns":{})", columns)));
    EXPECT_EQ(plot.find("700 Good"), std::string::npos) << columns << ": " << plot;
    EXPECT_EQ(plot.find("-1 Good"), std::string::npos) << columns << ": " << plot;
    EXPECT_NE(plot.find("BadOutOfRange"), std::string::npos) << columns << ": the line breaks";
    EXPECT_NE(plot.find("50 Good"), std::string::npos) << columns << ": " << plot;
    const std::string received =
        told(query(tag, fmt::format(R"("mode":"plot","as_received":true,"columns":{})", columns)));
    EXPECT_NE(received.find("700 Good"), std::string::npos) << columns << ": " << received;
  }
}

TEST_F(Ranges, EachTypeIsJudgedAsItIs) {
  const auto id = make_tank("t3");
  const std::string tank = "works-01/tank/t3/";
  post(tank + "level", {{"00:00:03", "99.5"}});  // the first value makes it a number
  post(tank + "level", {{"00:00:01", R"("Infinity")"},
                        {"00:00:02", R"("-Infinity")"},
                        {"00:00:04", R"("NaN")", "Bad"}});
  std::string rows;
  for (const char* value : {"9007199254740993", "9007199254740992", "-1"})
    rows += fmt::format(
        R"({}{{"tag":"{}pieces","time":"2024-03-10T00:00:{:02}Z","type":"int64","value":"{}"}})",
        rows.empty() ? "" : ",", tank, rows.size() / 50, value);
  const auto stored = here().post(engineer_, "/api/v1/samples", R"({"samples":[)" + rows + "]}");
  ASSERT_EQ(number_at(stored.json(), "refused"), 0) << stored.body;
  post(tank + "valve_open", {{"00:00:01", "true"}});
  post(tank + "recipe", {{"00:00:01", R"("9")"}});
  set_range(id, "level", "[0, 100]");
  set_range(id, "pieces", "[0, 9007199254740992]");
  EXPECT_EQ(told(query(tank + "level", "")),
            "Infinity BadOutOfRange, -Infinity BadOutOfRange, 99.5 Good, NaN Bad");
  const std::string counts = told(query(tank + "pieces", ""));
  EXPECT_EQ(counts, "9007199254740993 BadOutOfRange, 9007199254740992 Good, -1 BadOutOfRange");
  EXPECT_EQ(told(query(tank + "valve_open", "")), "switch Good");
  EXPECT_EQ(told(query(tank + "recipe", "")), "9 Good");
}

TEST_F(Ranges, ARangeMayHaveOneSide) {
  const std::string tag = "works-01/tank/t4/level";
  const auto id = make_tank("t4");
  post(tag, {{"00:00:01", "-1"}, {"00:00:02", "1e300"}});
  post(tag, {{"00:00:03", R"("Infinity")"}});
  set_range(id, "level", "[0, null]");
  EXPECT_EQ(told(query(tag, "")), "-1 BadOutOfRange, 1e+300 Good, Infinity BadOutOfRange");
  const auto asset = get(fmt::format("/api/v1/assets/{}", id));
  EXPECT_EQ(real_at(asset, "attributes.level.valid.0"), 0);
  EXPECT_TRUE(at(asset, "attributes.level.valid.1").is_null());
  for (const std::string format : {"yaml", "csv"}) {
    const auto text = here().get(engineer_, "/api/v1/model?format=" + format);
    const auto asked = here().post(engineer_, "/api/v1/model?format=" + format, text.body);
    ASSERT_EQ(asked.status, 200) << asked.body << text.body;
    EXPECT_EQ(number_at(asked.json(), "changes_total"), 0) << asked.body << text.body;
  }
  set_range(id, "level", "[null, 0]");
  EXPECT_EQ(told(query(tag, "")), "-1 Good, 1e+300 BadOutOfRange, Infinity BadOutOfRange");
}

TEST_F(Ranges, AnEarlierModelCanBeAskedFor) {
  const std::string tag = "works-01/tank/t5/level";
  const auto id = make_tank("t5");
  post(tag, {{"00:00:01", "150"}});
  set_range(id, "level", "[0, 100]");
  const std::string first = text_at(get("/api/v1/model/history?limit=1"), "edits.0.time");
  set_range(id, "level", "[0, 200]");
  EXPECT_EQ(told(query(tag, "")), "150 Good");
  const std::string then = fmt::format(R"("model_at":"{}")", first);
  EXPECT_EQ(told(query(tag, then)), "150 BadOutOfRange");
  EXPECT_EQ(told(query(tag, R"("model_at":"2001-01-01T00:00:00Z")")), "150 Good")
      << "there was no model yet";
  const auto past = get("/api/v1/model/at?under=works-01/tank/t5&time=" + first);
  EXPECT_EQ(text_at(past, "assets.0.path"), "works-01/tank/t5");
  EXPECT_EQ(real_at(past, "assets.0.attributes.level.valid.1"), 100);
  EXPECT_EQ(text_at(past, "assets.0.attributes.level.tag"), tag);
  EXPECT_EQ(
      real_at(get("/api/v1/model/at?under=works-01/tank/t5"), "assets.0.attributes.level.valid.1"),
      200);
  EXPECT_TRUE(at(get("/api/v1/model/at?time=2001-01-01T00:00:00Z"), "assets").array()->empty());
  EXPECT_EQ(text_at(get("/api/v1/model/at?time=soon", 400), "where"), "time");
  const auto both = ask("/api/v1/query",
                        fmt::format(R"({{"tags":["{}"],"as_received":true,{}}})", tag, then), 400);
  EXPECT_EQ(text_at(both, "where"), "model_at");
}

TEST_F(Ranges, TheUnitOfTheAttributeIsShownWhereATagHasNone) {
  make_tank("t6");
  post("works-01/tank/t6/level", {{"00:00:01", "1"}});
  EXPECT_EQ(text_at(query("works-01/tank/t6/level", ""), "series.0.unit"), "%");
  const auto latest = get("/api/v1/latest?tag=works-01/tank/t6/level");
  EXPECT_EQ(text_at(latest, "samples.0.unit"), "%");
  const auto answer = here().ask(
      engineer_, {.method = "PATCH",
                  .target = fmt::format("/api/v1/tags/{}", number_at(latest, "samples.0.id")),
                  .body = R"({"unit":"m"})"});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text_at(query("works-01/tank/t6/level", ""), "series.0.unit"), "m")
      << "a tag's own unit stands";
}

TEST_F(Ranges, LiveSamplesFollowTheModel) {
  const std::string tag = "works-01/tank/t7/level";
  const auto id = make_tank("t7");
  post(tag, {{"00:00:01", "150"}});
  auto socket = WebSocketClient::connect(io::real_net(), here().listen(), "/api/v1/live",
                                         {{"Authorization", "Bearer " + viewer_.token}})
                    .value();
  const auto next = [&] { return wire::parse_json(socket.receive().value()).value(); };
  ASSERT_TRUE(socket.send(fmt::format(R"({{"subscribe":["{}"],"id":1}})", tag)));
  const auto snapshot = next();
  EXPECT_TRUE(at(snapshot, "snapshot.samples.0.quality").is_null()) << "Good";
  EXPECT_EQ(text_at(snapshot, "snapshot.samples.0.unit"), "%");
  const auto number = number_at(snapshot, "snapshot.samples.0.id");

  // The edit brings the newest sample again, and says that history is another too.
  set_range(id, "level", "[0, 100]");
  wire::JsonValue message;
  std::string quality;
  for (int i = 0; i < 20 && quality != "BadOutOfRange"; ++i) {
    message = next();
    const auto* const found = at(message, "changes.samples.0.quality").string();
    quality = found == nullptr ? "Good" : *found;
  }
  EXPECT_EQ(quality, "BadOutOfRange");
  EXPECT_EQ(number_at(message, "changes.samples.0.value"), 150);
  EXPECT_EQ(number_at(message, "changes.skipped.0"), number);

  // What comes from now on is judged as it comes.
  post(tag, {{"00:00:02", "50"}, {"00:00:03", "-4"}});
  std::string seen;
  for (int i = 0; i < 20 && seen.find("-4") == std::string::npos; ++i) {
    message = next();
    for (const auto& sample : *at(message, "changes.samples").array()) {
      const auto* const bad = at(sample, "quality").string();
      seen += fmt::format("{} {},", number_at(sample, "value"), bad == nullptr ? "Good" : *bad);
    }
  }
  EXPECT_NE(seen.find("50 Good,-4 BadOutOfRange,"), std::string::npos) << seen;

  // A new subscription begins with what the model says now.
  ASSERT_TRUE(socket.send(fmt::format(R"({{"subscribe":["{}"],"id":2}})", tag)));
  for (message = next(); number_at(message, "id") != 2;) message = next();
  EXPECT_EQ(text_at(message, "snapshot.samples.0.quality"), "BadOutOfRange");
}

// --- the platform's own view -------------------------------------------------------------------

/// All names of members in a document.
void collect_names(const wire::JsonValue& json, std::set<std::string>& names) {
  if (json.array() != nullptr)
    for (const auto& one : *json.array()) collect_names(one, names);
  if (json.object() != nullptr)
    for (const auto& [name, value] : *json.object()) {
      names.insert(name);
      collect_names(value, names);
    }
}

class PlatformView : public PlantTest {
 protected:
  void SetUp() override {
    PlantTest::SetUp();
    operator_ = here().token("", Role::kPlatformOperator);
  }
  Caller operator_;
};

TEST_F(PlatformView, HasNothingOfAnEnterprisesData) {
  post("works-01/secret%20kiln/flame", {{"00:00:01", "7654321.25"}});
  post("works-01/secret%20kiln/grade", {{"00:00:01", R"("BLUE-STEEL")"}});
  const auto answer = here().get(operator_, "/api/v1/platform");
  ASSERT_EQ(answer.status, 200);
  for (const char* word : {"kiln", "flame", "grade", "7654321", "BLUE"})
    EXPECT_EQ(answer.body.find(word), std::string::npos) << word;
  // Whoever adds a member thinks about this list.
  std::set<std::string> names;
  collect_names(answer.json(), names);
  EXPECT_EQ(names, (std::set<std::string>{"alarms",
                                          "block_bytes",
                                          "code",
                                          "connections",
                                          "connections_running",
                                          "damage",
                                          "disk_free_bytes",
                                          "disk_full",
                                          "enterprises",
                                          "head_samples",
                                          "industry",
                                          "journal_bytes",
                                          "last_sample",
                                          "name",
                                          "online",
                                          "region",
                                          "regions",
                                          "samples_per_second",
                                          "simulated",
                                          "sites",
                                          "state",
                                          "tags",
                                          "totals"}));
  EXPECT_EQ(here().get(viewer_, "/api/v1/platform").status, 403);
  for (const char* target : {"/api/v1/latest?tag=works-01/**", "/api/v1/tags", "/api/v1/overview",
                             "/api/v1/model/at", "/api/v1/assets"})
    EXPECT_EQ(here().get(operator_, target).status, 403) << target;
}

TEST_F(PlatformView, TellsRegionsOfSitesAndAState) {
  for (const char* code : {"north", "south", "harbour"})
    ASSERT_TRUE(here().platform().enterprises().save_site(
        {.enterprise = here().enterprise("other-01"),
         .code = code,
         .name = code,
         .time_zone = "UTC",
         .region = std::string(code) == "south" ? "Hebei" : "Shandong"}));
  const auto row = [&] {
    const auto json = here().get(operator_, "/api/v1/platform").json();
    for (const auto& one : *at(json, "enterprises").array())
      if (text_at(one, "code") == "other-01") return one;
    return wire::JsonValue();
  };
  EXPECT_EQ(text_at(row(), "state"), "new");
  EXPECT_EQ(number_at(row(), "sites"), 3);
  EXPECT_EQ(at(row(), "regions").array()->size(), 2u);
  EXPECT_EQ(text_at(row(), "regions.0"), "Shandong");
  const auto other = here().token("other-01", Role::kEngineer, true);
  const auto stored =
      here().post(other, "/api/v1/samples",
                  fmt::format(R"({{"samples":[{{"tag":"other-01/a","time":"{}","value":1}}]}})",
                              io::real_clock().now()));
  ASSERT_EQ(stored.status, 200) << stored.body;
  EXPECT_EQ(text_at(row(), "state"), "online");
}

TEST_F(PlatformView, TellsWhoUsesAPackToTheOperatorAlone) {
  const auto other = here().token("other-01", Role::kEngineer);
  const auto packs = here().get(viewer_, "/api/v1/packs").json();
  ASSERT_FALSE(at(packs, "packs").array()->empty());
  const std::string pack = text_at(packs, "packs.0.name");
  const std::string version = text_at(packs, "packs.0.version");
  const auto applied =
      here().post(other, fmt::format("/api/v1/packs/{}/apply?dry_run=false", pack), "");
  ASSERT_EQ(applied.status, 200) << applied.body;

  const auto one = here().get(operator_, "/api/v1/packs/" + pack).json();
  EXPECT_EQ(at(one, "used_by").array()->size(), 1u);
  EXPECT_EQ(text_at(one, "used_by.0.code"), "other-01");
  EXPECT_EQ(text_at(one, "used_by.0.version"), version);
  EXPECT_TRUE(at(one, "applied").is_null());
  const auto list = here().get(operator_, "/api/v1/packs").json();
  EXPECT_EQ(text_at(list, "packs.0.used_by.0.code"), "other-01");

  // Their own people are told of themselves, everybody else of nobody.
  EXPECT_EQ(text_at(here().get(other, "/api/v1/packs").json(), "packs.0.applied.version"), version);
  for (const std::string& target : {std::string("/api/v1/packs"), "/api/v1/packs/" + pack}) {
    const auto seen = here().get(viewer_, target);
    EXPECT_EQ(seen.body.find("used_by"), std::string::npos) << target;
    EXPECT_EQ(seen.body.find("other-01"), std::string::npos) << target;
    EXPECT_EQ(seen.body.find("applied"), std::string::npos) << target;
  }
  const auto refused =
      here().post(operator_, fmt::format("/api/v1/packs/{}/apply?dry_run=false", pack), "");
  EXPECT_EQ(refused.status, 403);
}

}  // namespace
}  // namespace tundish::test
