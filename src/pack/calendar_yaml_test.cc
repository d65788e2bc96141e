#include "pack/calendar_yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <iterator>

namespace tundish::pack {
namespace {

using calendar::Calendar;
using calendar::make_date;

std::string file_text(const std::string& name) {
  std::ifstream file(std::string(TUNDISH_SOURCE_DIR "/src/pack/corpus/calendar_yaml_fuzz/") + name,
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

Calendar read(const std::string& text) {
  auto calendar = read_calendar(text, "calendar.yaml");
  EXPECT_TRUE(calendar) << calendar.error().to_string();
  return calendar.value_or(Calendar{});
}

TEST(CalendarYaml, ReadsEverything) {
  const auto calendar = read(file_text("whole.yaml"));
  EXPECT_EQ(calendar.name, "works");
  EXPECT_EQ(calendar.valid_from, make_date(2026, 1, 1));
  EXPECT_EQ(calendar.time_zone, "Asia/Shanghai");
  EXPECT_EQ(calendar.day_start, 8 * kHour);
  ASSERT_EQ(calendar.shifts.size(), 3u);
  EXPECT_EQ(calendar.shifts[1].from, 16 * kHour);
  EXPECT_EQ(calendar.shifts[1].length, 8 * kHour);
  EXPECT_EQ(calendar.shifts[2].words.at("zh"), "夜班");
  EXPECT_EQ(calendar.crew_of(0, make_date(2026, 1, 7)), "B");
  ASSERT_EQ(calendar.holidays.size(), 2u);
  EXPECT_TRUE(calendar.is_holiday(make_date(2026, 10, 1)));
  EXPECT_FALSE(calendar.is_holiday(make_date(2026, 10, 2)));
  EXPECT_EQ(calendar.breaks.at(0).on, 0x1F);
  EXPECT_EQ(calendar.targets.at(0), std::pair(std::string("oee"), 0.85));
  EXPECT_FALSE(calendar.downtime_reasons.at(0).planned);
  EXPECT_TRUE(calendar.downtime_reasons.at(1).planned);
}

TEST(CalendarYaml, JsonIsYaml) {
  const auto calendar = read(file_text("body.json"));
  EXPECT_EQ(calendar.shifts.size(), 2u);
  EXPECT_EQ(calendar.shifts[1].length, 12 * kHour);
  EXPECT_EQ(calendar.holidays.at(0).words.at("en"), "Labour \"Day\" \\ é");
  EXPECT_EQ(calendar.crew_of(0, make_date(2026, 1, 5)), "A");
  EXPECT_EQ(calendar.crew_of(0, make_date(2026, 1, 6)), "");
  EXPECT_EQ(calendar.crew_of(1, make_date(2026, 1, 5)), "");
  EXPECT_EQ(calendar.targets.at(0).second, 0.85);
}

TEST(CalendarYaml, EscapesOfJsonAreCharacters) {
  const auto word = [](const std::string& escaped) {
    const auto calendar = read(R"({"name":"a","time_zone":"UTC","holidays":{"2026-01-01":{"en":")" +
                               escaped + "\"}}}");
    return calendar.holidays.empty() ? "" : calendar.holidays[0].words.at("en");
  };
  EXPECT_EQ(word(R"(\ud83d\uDE00 \u65e9)"), "😀 早");
  EXPECT_EQ(word(R"(\\ud83d\\ude00)"), R"(\ud83d\ude00)");  // a backslash and letters
  EXPECT_FALSE(read_calendar(R"({"name":"a","time_zone":"UTC","targets":{"\ud83d":1}})", "f"));
  EXPECT_FALSE(
      read_calendar(R"({"name":"a","time_zone":"UTC","targets":{"\ud83d\u0041":1}})", "f"));
}

TEST(CalendarYaml, WritesWhatItReads) {
  for (const auto* name : {"whole.yaml", "body.json", "least.yaml"}) {
    const auto calendar = read(file_text(name));
    const auto written = format_calendar(calendar);
    EXPECT_EQ(read(written), calendar) << written;
    EXPECT_EQ(format_calendar(read(written)), written);
  }
}

TEST(CalendarYaml, EachMistakeSaysWhereAndWhat) {
  struct Case {
    const char* text;
    const char* where;
    const char* message;
  };
  const std::string head = "name: a\ntime_zone: UTC\n";
  const Case cases[] = {
      {"shfts: {}\n", "3:1", "a calendar has no 'shfts'; did you mean 'shifts'?"},
      {"day_starts: 8\n", "3:13", "'8' is not a time of the day such as 08:00"},
      {"day_starts: \"24:00\"\n", "3:13", "a day ends at 24:00, nothing starts there: write 00:00"},
      {"week_starts: Monday\n", "3:14",
       "there is no day of the week 'Monday'; did you mean 'monday'?"},
      {"valid_from: 2026-02-30\n", "3:13", "'2026-02-30' is not a day such as 2026-03-29"},
      {"shifts:\n  a: {from: \"06:00\"}\n", "4:6",
       "'a' says when it ends: either `to` or `length`"},
      {"shifts:\n  a: {from: \"06:00\", too: \"07:00\"}\n", "4:22",
       "a has no 'too'; did you mean 'to'?"},
      {"shifts:\n  a: {from: \"06:00\", length: 25h}\n", "4:30",
       "it lasts whole minutes, at most 24 h"},
      {"shifts:\n  a: {from: \"06:00\", to: \"07:00\"}\n  a: {from: \"08:00\", to: \"09:00\"}\n",
       "5:3", "'a' is here twice"},
      {"shifts:\n  a: {from: \"06:00\", to: \"14:00\"}\n  b: {from: \"13:00\", to: \"22:00\"}\n",
       "5:3", "the shifts 'a' and 'b' overlap"},
      {"shifts:\n  a: {from: \"06:00\", to: \"14:00\", on: [monday, monday]}\n", "4:48",
       "'monday' is here twice"},
      {"crews: {anchor: 2026-01-05, cycle: {a: [A]}}\n", "3:8", "crews need shifts"},
      {"shifts: {early: {from: \"06:00\", to: \"14:00\"}}\n"
       "crews: {anchor: 2026-01-05, cycle: {earl: [A]}}\n",
       "4:37", "there is no shift 'earl'; did you mean 'early'?"},
      {"shifts: {a: {from: \"06:00\", to: \"14:00\"}, b: {from: \"14:00\", to: \"15:00\"}}\n"
       "crews:\n  anchor: 2026-01-05\n  cycle:\n    a: [A, B]\n    b: [A]\n",
       "8:8", "this row has 1 days, the one before has 2"},
      {"holidays: {2026-10-01: {english: x}}\n", "3:25",
       "'english' is no language: two letters such as en or zh"},
      {"targets: {oee: high}\n", "3:16", "'high' is not a number"},
      {"downtime_reasons: {M1: {category: planed}}\n", "3:35",
       "there is no category 'planed'; did you mean 'planned'?"},
      {"downtime_reasons: {M1: {words: {en: x}}}\n", "3:24", "'category' is missing here"},
      {"breaks: [1]\n", "3:9", "breaks is written as `name: value`"},
  };
  for (const auto& one : cases) {
    const auto refused = read_calendar(head + one.text, "calendar.yaml");
    ASSERT_FALSE(refused) << one.text;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused.error().where, fmt::format("calendar.yaml:{}", one.where)) << one.text;
    EXPECT_EQ(refused.error().message, one.message);
  }
  EXPECT_EQ(read_calendar("", "f").error().where, "f:1:1");
  EXPECT_EQ(read_calendar("name: [", "f").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(read_calendar("name: \xff", "f").error().message, "this is not UTF-8");
  EXPECT_EQ(read_calendar("time_zone: UTC\n", "f").error().message, "'name' is missing here");
  EXPECT_EQ(read_calendar(std::string(2 << 20, ' '), "f").error().code, ErrorCode::kTooLarge);
}

TEST(CalendarYaml, ATimeOfTheDay) {
  EXPECT_EQ(parse_clock_time("00:00").value(), 0);
  EXPECT_EQ(parse_clock_time("23:59").value(), kDay - kMinute);
  EXPECT_EQ(parse_clock_time("24:00").value(), kDay);
  for (const auto* text :
       {"", "8:00", "08:60", "25:00", "24:01", "0800", "08:00:00", "08-00", "ab:cd"})
    EXPECT_FALSE(parse_clock_time(text)) << text;
}

TEST(CalendarYaml, AnyWordsComeBack) {
  EXPECT_TRUE(rc::check([] {
    Calendar calendar;
    calendar.name = "a";
    calendar.time_zone = "UTC";
    std::string word;
    static const std::vector<std::string> kParts = {"\"",
                                                    "\\",
                                                    "'",
                                                    "#",
                                                    ": ",
                                                    "- ",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    ",",
                                                    "%",
                                                    "@",
                                                    "`",
                                                    "!",
                                                    "&",
                                                    "*",
                                                    "|",
                                                    ">",
                                                    "?",
                                                    " ",
                                                    "  ",
                                                    "日",
                                                    "é",
                                                    "😀",
                                                    "\xE2\x80\xA8",
                                                    "\xEF\xBB\xBF",
                                                    "\xC2\x85",
                                                    "~",
                                                    "null",
                                                    "1"};
    for (int i = *rc::gen::inRange(0, 12); i > 0; --i)
      word += kParts[*rc::gen::inRange<std::size_t>(0, kParts.size())];
    calendar.holidays = {{make_date(2026, 5, 1), {{"en", word}}}};
    calendar.targets = {{"oee", *rc::gen::arbitrary<double>()}};
    RC_PRE(calendar::check_calendar(calendar).has_value());
    const auto again = read_calendar(format_calendar(calendar), "written");
    RC_ASSERT(again && *again == calendar);
  }));
}

}  // namespace
}  // namespace tundish::pack
