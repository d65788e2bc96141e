#include "wire/entries/entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "wire/csv/csv.h"
#include "wire/json/json_value.h"

namespace tundish::wire {
namespace {

constexpr std::size_t kBytesMax = 4 << 20;
/// Five members a sample, and what is around them.
constexpr std::size_t kValuesMax = 8 * EntryBook::kEntriesMax;

std::unexpected<Error> too_many() {
  return fail(ErrorCode::kTooLarge,
              fmt::format("at most {} values at once; send several", EntryBook::kEntriesMax),
              "samples");
}

Result<TimeNs> time_from(std::string_view text, TimeNs now, std::string_view where) {
  auto time = parse_time(text, now);
  if (!time) {
    time.error().where = where;
    return time;
  }
  if (*time == kTimeMax)
    return fail(ErrorCode::kInvalidArgument, "that is the end of time", std::string(where));
  return time;
}

Result<Quality> quality_from(const std::string& text) {
  Quality quality = kGood;
  if (parse_quality(text, quality)) return quality;
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is not the name or number of an OPC UA status code", text.substr(0, 64)),
      "quality");
}

/// A time is text, or a number of nanoseconds.
Result<TimeNs> time_member(const JsonValue& object, std::string_view name, TimeNs now) {
  const JsonValue* member = object.find(name);
  if (member != nullptr && member->integer() != nullptr)
    return time_from(std::to_string(*member->integer()), now, name);
  TUNDISH_TRY(const auto text, required_member<std::string>(object, name));
  return time_from(text, now, name);
}

Result<std::optional<Quality>> quality_member(const JsonValue& object) {
  const JsonValue* member = object.find("quality");
  if (member == nullptr || member->is_null()) return std::optional<Quality>();
  if (const auto* number = member->integer()) {
    TUNDISH_TRY(const Quality quality, quality_from(std::to_string(*number)));
    return std::optional(quality);
  }
  TUNDISH_TRY(const auto text, required_member<std::string>(object, "quality"));
  TUNDISH_TRY(const Quality quality, quality_from(text));
  return std::optional(quality);
}

Status value_member(const JsonValue& object, NewEntry& entry) {
  const JsonValue* value = object.find("value");
  if (value == nullptr || value->is_null())
    return fail(
        ErrorCode::kInvalidArgument,
        "the value is missing; to say that a value is wrong without a better one, remove it",
        "value");
  entry.is_number_like = value->string() != nullptr;
  if (const auto* text = value->string())
    entry.value = *text;
  else if (const auto* flag = value->boolean())
    entry.value = *flag;
  else if (const auto* whole = value->integer())
    entry.value = *whole;
  else if (const auto number = value->number())
    entry.value = *number;
  else
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("a value is a number, true or false, or text, and this is {}", value->kind()),
        "value");
  return {};
}

Status read_sample(const JsonValue& one, TimeNs now, NewEntry& entry) {
  TUNDISH_RETURN_IF_ERROR(check_members(one, {"time", "value", "quality", "tag", "why"}));
  TUNDISH_TRY(const TimeNs time, time_member(one, "time", now));
  entry.range = {time, time + 1};
  TUNDISH_RETURN_IF_ERROR(value_member(one, entry));
  TUNDISH_TRY(const auto quality, quality_member(one));
  entry.quality = quality.value_or(kGood);
  TUNDISH_TRY(const auto tag, optional_member<std::string>(one, "tag"));
  if (tag) entry.tag = *tag;
  TUNDISH_TRY(const auto why, optional_member<std::string>(one, "why"));
  if (why) entry.why = *why;
  if (entry.tag.empty()) return fail(ErrorCode::kInvalidArgument, "no tag is named", "tag");
  return {};
}

Status read_stretch(const JsonValue& one, TimeNs now, NewEntry& entry) {
  const bool removes = entry.kind == EntryKind::kWithdrawal;
  if (removes)
    TUNDISH_RETURN_IF_ERROR(check_members(one, {"time", "from", "to", "quality"}));
  else
    TUNDISH_RETURN_IF_ERROR(check_members(one, {"time", "from", "to"}));
  if (one.find("time") != nullptr) {
    if (one.find("from") != nullptr || one.find("to") != nullptr)
      return fail(ErrorCode::kInvalidArgument, "either time, or from and to", "time");
    TUNDISH_TRY(entry.range.from, time_member(one, "time", now));
    entry.range.to = entry.range.from + 1;
  } else {
    TUNDISH_TRY(entry.range.from, time_member(one, "from", now));
    TUNDISH_TRY(entry.range.to, time_member(one, "to", now));
  }
  TUNDISH_TRY(const auto quality, quality_member(one));
  entry.quality = quality.value_or(removes ? kBad : kGood);
  return {};
}

void refuse(EntriesBody& body, std::size_t row, Error error) {
  if (body.refusals.size() < EntryReceipt::kRefusalsMax)
    body.refusals.push_back({row, std::move(error)});
}

// --- CSV ---

enum Column : std::size_t { kTime, kValue, kTag, kQuality, kWhy, kColumns };
constexpr std::array<std::string_view, kColumns> kNames{"time", "value", "tag", "quality", "why"};
using Places = std::array<std::optional<std::size_t>, kColumns>;

Result<Places> read_header(const CsvRecord& names) {
  Places places;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto known = std::ranges::find(kNames, names[i].text);
    const auto column = static_cast<std::size_t>(known - kNames.begin());
    if (known == kNames.end() || places[column])
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("line {}: '{}' is {}; the first line names the columns: time,value "
                              "and, as wanted, tag, quality and why",
                              names[i].line, names[i].text.substr(0, 60),
                              known == kNames.end() ? "no column" : "there twice"),
                  fmt::format("line {}", names[i].line));
    places[column] = i;
  }
  if (places[kTime] && places[kValue]) return places;
  return fail(ErrorCode::kInvalidArgument,
              "line 1 names the columns: time,value and, as wanted, tag, quality and why",
              "line 1");
}

Status read_record(const CsvRecord& record, const Places& places, std::size_t width, TimeNs now,
                   NewEntry& entry) {
  if (record.size() != width)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("it has {} fields, the header {}; a text with a comma is quoted",
                            record.size(), width));
  const auto field = [&](Column column) {
    return places[column] ? std::string_view(record[*places[column]].text) : std::string_view();
  };
  TUNDISH_TRY(const TimeNs time, time_from(field(kTime), now, "time"));
  entry.range = {time, time + 1};
  if (field(kValue).empty())
    return fail(ErrorCode::kInvalidArgument, "the value is empty", "value");
  entry.value = std::string(field(kValue));
  entry.is_number_like = true;
  if (!field(kQuality).empty()) {
    TUNDISH_TRY(entry.quality, quality_from(std::string(field(kQuality))));
  }
  if (!field(kTag).empty()) entry.tag = field(kTag);
  if (!field(kWhy).empty()) entry.why = field(kWhy);
  if (entry.tag.empty())
    return fail(ErrorCode::kInvalidArgument,
                "no tag is named: neither in a column nor in the address", "tag");
  return {};
}

}  // namespace

Result<EntriesBody> decode_entries_json(std::string_view text, TimeNs now) {
  TUNDISH_TRY(const auto json,
              parse_json(text, {.bytes_max = kBytesMax, .values_max = kValuesMax}));
  TUNDISH_RETURN_IF_ERROR(
      check_members(json, {"tag", "why", "override", "samples", "remove", "restore"}));
  EntriesBody body;
  NewEntry common;
  TUNDISH_TRY(const auto tag, optional_member<std::string>(json, "tag"));
  TUNDISH_TRY(const auto why, optional_member<std::string>(json, "why"));
  TUNDISH_TRY(const auto is_override, optional_member<bool>(json, "override"));
  common.tag = tag.value_or("");
  common.why = why.value_or("");
  body.is_override = is_override.value_or(false);
  const JsonValue* samples = json.find("samples");
  const JsonValue* remove = json.find("remove");
  const JsonValue* restore = json.find("restore");
  if ((samples != nullptr) + (remove != nullptr) + (restore != nullptr) != 1)
    return fail(ErrorCode::kInvalidArgument,
                "a body has one of samples (to enter and to correct), remove and restore",
                "samples");
  if (samples == nullptr) {
    if (common.tag.empty()) return fail(ErrorCode::kInvalidArgument, "no tag is named", "tag");
    common.kind = remove != nullptr ? EntryKind::kWithdrawal : EntryKind::kRestoration;
    TUNDISH_RETURN_IF_ERROR(read_stretch(remove != nullptr ? *remove : *restore, now, common));
    body.wanted.push_back(std::move(common));
    return body;
  }
  TUNDISH_TRY(const auto list, required_member<JsonValue::Array>(json, "samples"));
  if (list.empty()) return fail(ErrorCode::kInvalidArgument, "there is no sample", "samples");
  if (list.size() > EntryBook::kEntriesMax) return too_many();
  for (std::size_t row = 0; row < list.size(); ++row) {
    NewEntry entry = common;
    if (Status read = read_sample(list[row], now, entry); !read)
      refuse(body, row, std::move(read.error()));
    body.wanted.push_back(std::move(entry));
  }
  return body;
}

Result<EntriesBody> decode_entries_csv(std::string_view text, const EntriesDefaults& defaults,
                                       TimeNs now) {
  if (text.size() > kBytesMax) return too_many();
  TUNDISH_TRY(const auto records, read_csv(text, {.records_max = EntryBook::kEntriesMax + 1,
                                                  .fields_max = kColumns,
                                                  .field_bytes_max = 8 << 10}));
  if (records.empty())
    return fail(ErrorCode::kInvalidArgument,
                "the first line names the columns: time,value and, as wanted, tag, quality and why",
                "line 1");
  TUNDISH_TRY(const Places places, read_header(records.front()));
  if (records.size() == 1)
    return fail(ErrorCode::kInvalidArgument, "there is no line after the header", "line 2");
  EntriesBody body;
  for (std::size_t i = 1; i < records.size(); ++i) {
    NewEntry entry;
    entry.tag = defaults.tag;
    entry.why = defaults.why;
    if (Status read = read_record(records[i], places, records.front().size(), now, entry); !read)
      refuse(body, i - 1, std::move(read.error()));
    body.wanted.push_back(std::move(entry));
    body.lines.push_back(records[i].front().line);
  }
  return body;
}

}  // namespace tundish::wire
