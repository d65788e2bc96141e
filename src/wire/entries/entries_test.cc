#include "wire/entries/entries.h"

#include <gtest/gtest.h>

namespace tundish::wire {
namespace {

constexpr TimeNs kNow = 1'795'000'000 * kSecond;

EntriesBody json(const std::string& text) {
  auto body = decode_entries_json(text, kNow);
  EXPECT_TRUE(body) << body.error().to_string();
  return body.value_or(EntriesBody{});
}

TEST(EntriesJson, ValuesHaveTheTagAndReasonOfTheBodyOrTheirOwn) {
  const auto body = json(R"({"tag":"e/a","why":"lab","override":true,"samples":[
      {"time":"1970-01-01T00:00:01Z","value":1.5},
      {"time":2000000000,"value":7,"quality":"Uncertain","tag":"e/b","why":"by eye"},
      {"time":"now-1s","value":"NaN"},{"time":"now","value":true}]})");
  ASSERT_EQ(body.wanted.size(), 4u);
  EXPECT_TRUE(body.is_override && body.refusals.empty() && body.lines.empty());
  EXPECT_EQ(body.wanted[0].tag, "e/a");
  EXPECT_EQ(body.wanted[0].why, "lab");
  EXPECT_EQ(body.wanted[0].range, (TimeRange{kSecond, kSecond + 1}));
  EXPECT_EQ(body.wanted[0].value, Value(1.5));
  EXPECT_EQ(body.wanted[1].tag, "e/b");
  EXPECT_EQ(body.wanted[1].why, "by eye");
  EXPECT_EQ(body.wanted[1].value, Value(std::int64_t{7}));
  EXPECT_EQ(body.wanted[1].quality, kUncertain);
  EXPECT_EQ(body.wanted[2].range.from, kNow - kSecond);
  EXPECT_TRUE(body.wanted[2].is_number_like);
  EXPECT_EQ(body.wanted[3].value, Value(true));
}

TEST(EntriesJson, AStretchIsRemovedOrRestored) {
  const auto removed =
      json(R"({"tag":"e/a","why":"w","remove":{"from":"now-2h","to":"now"}})").wanted;
  ASSERT_EQ(removed.size(), 1u);
  EXPECT_EQ(removed[0].kind, EntryKind::kWithdrawal);
  EXPECT_EQ(removed[0].quality, kBad);
  EXPECT_EQ(removed[0].range, (TimeRange{kNow - 2 * kHour, kNow}));
  const auto named =
      json(R"({"tag":"e/a","remove":{"time":"now","quality":"BadSensorFailure"}})").wanted;
  EXPECT_EQ(quality_name(named.at(0).quality), "BadSensorFailure");
  EXPECT_EQ(named.at(0).range, (TimeRange{kNow, kNow + 1}));
  EXPECT_EQ(json(R"({"tag":"e/a","restore":{"time":"now"}})").wanted.at(0).kind,
            EntryKind::kRestoration);
}

TEST(EntriesJson, MistakesAreNamedWithTheirPlace) {
  for (const char* text :
       {"", "[]", R"({"tag":"e/a"})", R"({"tag":"e/a","samples":[]})", R"({"samples":7})",
        R"({"tag":"e/a","samples":[],"remove":{"time":"now"}})",
        R"({"tag":"e/a","sample":[{"time":"now","value":1}]})", R"({"remove":{"time":"now"}})",
        R"({"tag":"e/a","remove":{"from":"now"}})",
        R"({"tag":"e/a","remove":{"time":"now","from":"now","to":"now"}})",
        R"({"tag":"e/a","restore":{"time":"now","quality":"Bad"}})",
        R"({"tag":"e/a","remove":{"time":"9223372036854775807"}})"})
    EXPECT_FALSE(decode_entries_json(text, kNow)) << text;
  const auto body = json(R"({"samples":[{"tag":"e/a","time":"now","value":1},
      {"time":"now","value":1},{"tag":"e/a","time":"yesterday","value":1},
      {"tag":"e/a","time":"now"},{"tag":"e/a","time":"now","value":[1]},
      {"tag":"e/a","time":"now","value":1,"quality":"Fine"},
      {"tag":"e/a","time":"now","value":1,"unit":"kg"}]})");
  ASSERT_EQ(body.refusals.size(), 6u);
  const std::vector<std::string> places = {"tag", "time", "value", "value", "quality", "unit"};
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(body.refusals[i].row, i + 1);
    EXPECT_EQ(body.refusals[i].error.where, places[i]) << body.refusals[i].error.message;
  }
}

TEST(EntriesCsv, ColumnsInAnyOrderWithDefaultsFromTheAddress) {
  const auto body = decode_entries_csv(
      "\xEF\xBB\xBFwhy,value,time,tag\r\n,0.042,1970-01-01T00:00:01Z,\r\n"
      "\"late, sorry\",7,1970-01-01T00:00:02Z,e/b\r\n",
      {"e/a", "daily"}, kNow);
  ASSERT_TRUE(body) << body.error().to_string();
  ASSERT_EQ(body->wanted.size(), 2u);
  EXPECT_EQ(body->wanted[0].tag, "e/a");
  EXPECT_EQ(body->wanted[0].why, "daily");
  EXPECT_EQ(body->wanted[0].value, Value(std::string("0.042")));
  EXPECT_TRUE(body->wanted[0].is_number_like);
  EXPECT_EQ(body->wanted[1].tag, "e/b");
  EXPECT_EQ(body->wanted[1].why, "late, sorry");
  EXPECT_EQ(body->lines, (std::vector<std::size_t>{2, 3}));
}

TEST(EntriesCsv, MistakesHaveTheirLine) {
  for (const char* text : {"", "time\n", "time,value\n", "time,value,unit\nnow,1,kg\n",
                           "time,value,value\nnow,1,2\n", "time,value\nnow,\"1\n"})
    EXPECT_FALSE(decode_entries_csv(text, {"e/a", ""}, kNow)) << text;
  const auto body = decode_entries_csv(
      "time,value\nnow,1\n\nnow,\n2026-13-01T00:00:00Z,1\nnow,1,5\n", {"e/a", ""}, kNow);
  ASSERT_TRUE(body) << body.error().to_string();
  ASSERT_EQ(body->refusals.size(), 3u);
  EXPECT_EQ(body->lines[body->refusals[0].row], 4u);
  EXPECT_EQ(body->lines[body->refusals[1].row], 5u);
  EXPECT_EQ(body->lines[body->refusals[2].row], 6u);
  std::string many = "time,value\n";
  for (std::size_t i = 0; i <= EntryBook::kEntriesMax; ++i) many += "now,1\n";
  EXPECT_EQ(decode_entries_csv(many, {"e/a", ""}, kNow).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace tundish::wire
