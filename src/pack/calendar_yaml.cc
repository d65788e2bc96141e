#include "pack/calendar_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "model/value.h"
#include "pack/yaml_reader.h"

namespace tundish::pack {
namespace {

using calendar::Calendar;
using calendar::DailyStretch;
using calendar::Date;
using calendar::Weekday;
using calendar::Weekdays;

constexpr std::size_t kTextBytesMax = 1 << 20;

// --- reading ---------------------------------------------------------------------------------------

DurationNs clock_time(const YAML::Node& node, bool end) {
  const auto time = parse_clock_time(text(node));
  if (!time) mistake(node, time.error().message);
  if (*time == kDay && !end)
    mistake(node, "a day ends at 24:00, nothing starts there: write 00:00");
  return *time;
}

Date date_of(const YAML::Node& node) {
  const auto date = calendar::parse_date(text(node));
  if (!date) mistake(node, date.error().message);
  return *date;
}

Weekday weekday(const YAML::Node& node) {
  std::vector<std::string> names;
  for (int day = 0; day < 7; ++day) {
    names.emplace_back(calendar::weekday_name(static_cast<Weekday>(day)));
    if (text(node) == names.back()) return static_cast<Weekday>(day);
  }
  unknown(node, "there is no day of the week", text(node), names);
}

Weekdays weekdays(const YAML::Node& node) {
  Weekdays days = 0;
  for (const auto& item : items(node, 7)) {
    const auto bit = static_cast<Weekdays>(1u << static_cast<unsigned>(weekday(item)));
    if ((days & bit) != 0) mistake(item, fmt::format("'{}' is here twice", text(item)));
    days = static_cast<Weekdays>(days | bit);
  }
  return days;
}

/// A name that stands in labels, which are split at spaces.
std::string name_of(const YAML::Node& node) {
  std::string name = text(node);
  if (name.empty() || name.size() > 60 || name.find(' ') != std::string::npos)
    mistake(node, "a name here has 1 to 60 bytes and no space");
  return name;
}

Words words_of(const YAML::Node& node) {
  Words words;
  for (const auto& [language, word] : entries(node, "words")) {
    const std::string code = text(language);
    const bool letters = std::ranges::all_of(code, [](char c) { return c >= 'a' && c <= 'z'; });
    if (code.size() != 2 || !letters)
      mistake(language, fmt::format("'{}' is no language: two letters such as en or zh", code));
    if (text(word).size() > 200) mistake(word, "a word here has at most 200 bytes");
    words[code] = text(word);
  }
  return words;
}

Words optional_words(const YAML::Node& node) {
  const auto words = optional_member(node, "words");
  return words ? words_of(*words) : Words{};
}

std::vector<DailyStretch> stretches(const YAML::Node& node, std::string_view what,
                                    std::size_t most) {
  std::vector<DailyStretch> all;
  for (const auto& [key, value] : entries(node, what)) {
    if (all.size() == most) mistake(key, fmt::format("more than {} {}", most, what));
    check_members(value, text(key), {"from", "to", "length", "on", "words"});
    DailyStretch one;
    one.name = name_of(key);
    one.words = optional_words(value);
    one.from = clock_time(member(value, "from"), false);
    const auto to = optional_member(value, "to");
    const auto length = optional_member(value, "length");
    if (to.has_value() == length.has_value())
      mistake(value, fmt::format("'{}' says when it ends: either `to` or `length`", one.name));
    if (to) {
      one.length = clock_time(*to, true) - one.from;
      if (one.length <= 0) one.length += kDay;
    } else {
      one.length = duration(*length);
      if (one.length > kDay || one.length % kMinute != 0)
        mistake(*length, "it lasts whole minutes, at most 24 h");
    }
    if (const auto on = optional_member(value, "on")) one.on = weekdays(*on);
    all.push_back(std::move(one));
  }
  return all;
}

calendar::Crews crews_of(const YAML::Node& node, const std::vector<DailyStretch>& shifts) {
  check_members(node, "crews", {"anchor", "cycle"});
  calendar::Crews crews;
  crews.anchor = date_of(member(node, "anchor"));
  crews.cycle.resize(shifts.size());
  std::vector<std::string> known;
  for (const auto& shift : shifts) known.push_back(shift.name);
  std::size_t days = 0;
  const YAML::Node cycle = member(node, "cycle");
  for (const auto& [key, row] : entries(cycle, "cycle")) {
    const auto found = std::ranges::find(known, text(key));
    if (found == known.end()) unknown(key, "there is no shift", text(key), known);
    auto& crew_of_day = crews.cycle[static_cast<std::size_t>(found - known.begin())];
    for (const auto& crew : items(row, calendar::kCycleDaysMax))
      crew_of_day.push_back(text(crew) == "-" ? "" : name_of(crew));
    if (days != 0 && crew_of_day.size() != days)
      mistake(row,
              fmt::format("this row has {} days, the one before has {}", crew_of_day.size(), days));
    days = crew_of_day.size();
  }
  if (days == 0) mistake(cycle, "a cycle has a row of crews for each shift");
  for (auto& row : crews.cycle) row.resize(days);
  return crews;
}

std::vector<calendar::Holiday> holidays_of(const YAML::Node& node) {
  std::vector<calendar::Holiday> holidays;
  for (const auto& [key, words] : entries(node, "holidays")) {
    if (holidays.size() == calendar::kHolidaysMax) mistake(key, "too many holidays");
    holidays.push_back({date_of(key), words_of(words)});
  }
  std::ranges::sort(holidays, {}, &calendar::Holiday::date);
  return holidays;
}

calendar::DowntimeReason reason_of(const YAML::Node& key, const YAML::Node& node) {
  check_members(node, text(key), {"words", "category", "within"});
  calendar::DowntimeReason reason{.code = name_of(key), .words = optional_words(node)};
  const YAML::Node category = member(node, "category");
  const std::vector<std::string> known = {"planned", "unplanned"};
  if (std::ranges::find(known, text(category)) == known.end())
    unknown(category, "there is no category", text(category), known);
  reason.planned = text(category) == "planned";
  if (const auto within = optional_member(node, "within")) reason.within = name_of(*within);
  return reason;
}

/// Groups are reasons of the same list. Circles are found by check_calendar.
void check_groups(const YAML::Node& node, const std::vector<calendar::DowntimeReason>& reasons) {
  std::vector<std::string> codes;
  for (const auto& reason : reasons) codes.push_back(reason.code);
  for (const auto& [key, value] : entries(node, "downtime_reasons"))
    if (const auto within = optional_member(value, "within"))
      if (std::ranges::find(codes, text(*within)) == codes.end())
        unknown(*within, "there is no downtime reason", text(*within), codes);
}

/// Where the entry of that name stands.
YAML::Node key_of(const YAML::Node& map, const std::string& name) {
  for (const auto& [key, value] : entries(map, "shifts"))
    if (text(key) == name) return key;
  return map;
}

Calendar calendar_of(const YAML::Node& node, const CheckZone& check_zone) {
  check_members(node, "a calendar",
                {"name", "valid_from", "time_zone", "day_starts", "week_starts", "shifts", "crews",
                 "holidays", "breaks", "targets", "downtime_reasons"});
  Calendar calendar;
  calendar.name = text(member(node, "name"));
  if (!calendar::is_calendar_name(calendar.name))
    mistake(member(node, "name"),
            "the name of a calendar is 1 to 60 lower-case letters, digits, _ and -");
  const auto zone = member(node, "time_zone");
  calendar.time_zone = name_of(zone);
  if (const auto known = check_zone ? check_zone(calendar.time_zone) : Status();
      !known && known.error().code == ErrorCode::kInvalidArgument)
    mistake(zone, known.error().message);
  if (const auto from = optional_member(node, "valid_from")) calendar.valid_from = date_of(*from);
  if (const auto start = optional_member(node, "day_starts"))
    calendar.day_start = clock_time(*start, false);
  if (const auto start = optional_member(node, "week_starts"))
    calendar.week_start = weekday(*start);
  if (const auto shifts = optional_member(node, "shifts")) {
    calendar.shifts = stretches(*shifts, "shifts", calendar::kShiftsMax);
    if (const auto both = calendar::overlap_of(calendar.shifts, calendar.day_start)) {
      const auto& second = calendar.shifts[both->second].name;
      mistake(key_of(*shifts, second), fmt::format("the shifts '{}' and '{}' overlap",
                                                   calendar.shifts[both->first].name, second));
    }
  }
  if (const auto crews = optional_member(node, "crews")) {
    if (calendar.shifts.empty()) mistake(*crews, "crews need shifts");
    calendar.crews = crews_of(*crews, calendar.shifts);
  }
  if (const auto days = optional_member(node, "holidays")) calendar.holidays = holidays_of(*days);
  if (const auto breaks = optional_member(node, "breaks"))
    calendar.breaks = stretches(*breaks, "breaks", calendar::kBreaksMax);
  if (const auto targets = optional_member(node, "targets"))
    for (const auto& [key, value] : entries(*targets, "targets"))
      calendar.targets.emplace_back(name_of(key), number(value));
  if (const auto reasons = optional_member(node, "downtime_reasons"))
    for (const auto& [key, value] : entries(*reasons, "downtime_reasons"))
      calendar.downtime_reasons.push_back(reason_of(key, value));
  if (const auto reasons = optional_member(node, "downtime_reasons"))
    check_groups(*reasons, calendar.downtime_reasons);
  return calendar;
}

/// The code unit of `\uXXXX` at `at`; nothing when none is there.
std::optional<std::uint32_t> code_unit(std::string_view text, std::size_t at) {
  if (text.size() - at < 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  const auto* end = text.data() + at + 6;
  if (std::from_chars(text.data() + at + 2, end, unit, 16).ptr != end) return std::nullopt;
  return unit;
}

/// JSON writes a character beyond U+FFFF as two escapes, which YAML does not know: as one, `\UXXXXXXXX`, as YAML
/// writes it. Only in a text that is JSON, where a backslash stands in quotes.
std::string with_whole_characters(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') return text;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto high = code_unit(text, at);
    const auto low = high ? code_unit(text, at + 6) : std::nullopt;
    if (low && (*high & 0xFC00) == 0xD800 && (*low & 0xFC00) == 0xDC00) {
      out += fmt::format("\\U{:08X}", 0x10000 + ((*high & 0x3FF) << 10) + (*low & 0x3FF));
      at += 12;
      continue;
    }
    // An escaped backslash is two characters, of which the second starts nothing.
    const std::size_t count = text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
    out.append(text, at, count);
    at += count;
  }
  return out;
}

std::string place(std::string_view file, const YAML::Mark& mark) {
  return fmt::format("{}:{}:{}", file, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1);
}

// --- writing ---------------------------------------------------------------------------------------

/// In double quotes: whatever it is, it is a text and stays on its line.
std::string quoted(std::string_view word) {
  std::string out = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string written(const Words& words) {
  std::string out = "{";
  for (const auto& [language, word] : words)
    out += fmt::format("{}{}: {}", out.size() > 1 ? ", " : "", language, quoted(word));
  return out + "}";
}

void write_stretches(std::string& out, std::string_view title,
                     const std::vector<DailyStretch>& stretches) {
  if (stretches.empty()) return;
  out += fmt::format("{}:\n", title);
  for (const auto& one : stretches) {
    out +=
        fmt::format("  {}: {{from: \"{}\", to: \"{}\"", quoted(one.name),
                    format_clock_time(one.from), format_clock_time((one.from + one.length) % kDay));
    if (one.on != calendar::kEveryDay) {
      std::string days;
      for (int day = 0; day < 7; ++day)
        if (calendar::has_day(one.on, static_cast<Weekday>(day)))
          days += fmt::format("{}{}", days.empty() ? "" : ", ",
                              calendar::weekday_name(static_cast<Weekday>(day)));
      out += fmt::format(", on: [{}]", days);
    }
    if (!one.words.empty()) out += ", words: " + written(one.words);
    out += "}\n";
  }
}

void write_crews(std::string& out, const Calendar& calendar) {
  out += fmt::format("crews:\n  anchor: {}\n  cycle:\n",
                     calendar::format_date(calendar.crews->anchor));
  for (std::size_t i = 0; i < calendar.shifts.size(); ++i) {
    out += fmt::format("    {}: [", quoted(calendar.shifts[i].name));
    const auto& row = calendar.crews->cycle[i];
    for (std::size_t day = 0; day < row.size(); ++day)
      out += fmt::format("{}{}", day > 0 ? ", " : "", quoted(row[day].empty() ? "-" : row[day]));
    out += "]\n";
  }
}

}  // namespace

Result<DurationNs> parse_clock_time(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not a time of the day such as 08:00", text.substr(0, 20)));
  };
  if (text.size() != 5 || text[2] != ':') return wrong();
  for (const std::size_t at : {0u, 1u, 3u, 4u})
    if (text[at] < '0' || text[at] > '9') return wrong();
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 24 || minute > 59 || (hour == 24 && minute != 0)) return wrong();
  return hour * kHour + minute * kMinute;
}

std::string format_clock_time(DurationNs time) {
  return fmt::format("{:02}:{:02}", time / kHour, time / kMinute % 60);
}

Result<Calendar> read_calendar(const std::string& text, std::string_view file,
                               const CheckZone& check_zone) {
  if (text.size() > kTextBytesMax)
    return fail(ErrorCode::kTooLarge, "a calendar is at most 1 MiB of text", std::string(file));
  if (!is_utf8(text))
    return fail(ErrorCode::kInvalidArgument, "this is not UTF-8", std::string(file));
  try {
    Calendar calendar = calendar_of(load_yaml(with_whole_characters(text)), check_zone);
    if (const auto good = calendar::check_calendar(calendar); !good)
      return fail(good.error().code, good.error().message, std::string(file));
    return calendar;
  } catch (const Mistake& mistake) {
    return fail(ErrorCode::kInvalidArgument, mistake.message, place(file, mistake.mark));
  } catch (const YAML::Exception& exception) {
    return fail(ErrorCode::kInvalidArgument, "this is not YAML as expected: " + exception.msg,
                place(file, exception.mark));
  }
}

std::string format_calendar(const Calendar& calendar) {
  std::string out = fmt::format("name: {}\n", quoted(calendar.name));
  if (calendar.valid_from)
    out += fmt::format("valid_from: {}\n", calendar::format_date(*calendar.valid_from));
  out += fmt::format("time_zone: {}\n", quoted(calendar.time_zone));
  out += fmt::format("day_starts: \"{}\"\n", format_clock_time(calendar.day_start));
  out += fmt::format("week_starts: {}\n", calendar::weekday_name(calendar.week_start));
  write_stretches(out, "shifts", calendar.shifts);
  if (calendar.crews) write_crews(out, calendar);
  if (!calendar.holidays.empty()) out += "holidays:\n";
  for (const auto& [date, words] : calendar.holidays)
    out += fmt::format("  {}: {}\n", calendar::format_date(date), written(words));
  write_stretches(out, "breaks", calendar.breaks);
  if (!calendar.targets.empty()) out += "targets:\n";
  for (const auto& [name, value] : calendar.targets)
    out += fmt::format("  {}: {}\n", quoted(name), value);
  if (!calendar.downtime_reasons.empty()) out += "downtime_reasons:\n";
  for (const auto& reason : calendar.downtime_reasons) {
    out += fmt::format("  {}: {{category: {}", quoted(reason.code),
                       reason.planned ? "planned" : "unplanned");
    if (!reason.within.empty()) out += ", within: " + quoted(reason.within);
    if (!reason.words.empty()) out += ", words: " + written(reason.words);
    out += "}\n";
  }
  return out;
}

}  // namespace tundish::pack
