#include "serve/query.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <unordered_set>

#include "model/tag_path.h"
#include "wire/json/json_value.h"

namespace tundish::serve {
namespace {

std::unexpected<Error> bad(std::string message, std::string where) {
  return fail(ErrorCode::kInvalidArgument, std::move(message), std::move(where));
}

/// A time as a string, relative ones included, or as integer nanoseconds.
Result<TimeNs> time_of(const wire::JsonValue& value, TimeNs now, std::string_view where) {
  if (const auto* ns = value.integer()) return *ns;
  if (value.string() == nullptr)
    return bad(fmt::format("{} is a time: ISO 8601 with a zone, integer ns, or now-8h", where),
               std::string(where));
  auto time = parse_time(*value.string(), now);
  if (!time) time.error().where = std::string(where);
  return time;
}

Result<TimeNs> time_member(const wire::JsonValue& body, std::string_view name, TimeNs now,
                           std::string_view otherwise) {
  const auto* member = body.find(name);
  if (member == nullptr || member->is_null()) return parse_time(otherwise, now);
  return time_of(*member, now, name);
}

Status resolve_tags(const wire::JsonValue& body, const TagCatalogue& catalogue,
                    EnterpriseId enterprise, Query& query) {
  TUNDISH_TRY(const auto names, wire::required_member<wire::JsonValue::Array>(body, "tags"));
  std::vector<std::string_view> patterns;
  for (const auto& name : names) {
    if (name.string() == nullptr) return bad("a tag is a path or a glob", "tags");
    patterns.push_back(*name.string());
  }
  TUNDISH_TRY(query.tags, find_tags(patterns, kQueryTagsMax + 1, catalogue, enterprise, "tags"));
  if (query.tags.size() > kQueryTagsMax)
    return fail(ErrorCode::kTooLarge, "a query reads at most 10000 tags", "tags");
  return {};
}

Status read_edges(const wire::JsonValue& body, TimeNs now, Query& query) {
  if (const auto* list = body.find("edges"); list != nullptr && !list->is_null()) {
    if (list->array() == nullptr) return bad("edges is an array of times", "edges");
    if (list->array()->size() > kQueryIntervalsMax)
      return fail(ErrorCode::kTooLarge, "at most a million intervals", "edges");
    for (const auto& value : *list->array()) {
      TUNDISH_TRY(const TimeNs edge, time_of(value, now, "edges"));
      if (!query.edges.empty() && edge <= query.edges.back())
        return bad("edges ascend, each later than the one before", "edges");
      query.edges.push_back(edge);
    }
    if (query.edges.size() < 2) return bad("edges are at least two times", "edges");
    query.range = {query.edges.front(), query.edges.back()};
    return {};
  }
  TUNDISH_TRY(const auto every_text, wire::optional_member<std::string>(body, "every"));
  DurationNs every = query.range.to - query.range.from;
  if (every_text) {
    TUNDISH_TRY(every, parse_duration(*every_text));
    if (every <= 0) return bad("every must be longer than 0", "every");
  }
  // Ceiling without overflow; the range is not empty and to - from was checked to fit.
  const auto count =
      static_cast<std::uint64_t>((query.range.to - query.range.from - 1) / every) + 1;
  if (count > kQueryIntervalsMax)
    return fail(ErrorCode::kTooLarge,
                fmt::format("that is {} intervals; at most a million: make `every` longer", count),
                "every");
  for (std::uint64_t i = 0; i < count; ++i)
    query.edges.push_back(query.range.from + static_cast<DurationNs>(i) * every);
  query.edges.push_back(query.range.to);
  return {};
}

/// Hours, days, weeks, months or years of a calendar's local time, cut where the range begins and ends.
Status read_windows(const std::string& calendar, const wire::JsonValue& body,
                    const CalendarStore& calendars, EnterpriseId enterprise, Query& query) {
  TUNDISH_TRY(const auto named, wire::optional_member<std::string>(body, "window"));
  const std::string window = named.value_or("day");
  if (window != "hour" && window != "day" && window != "week" && window != "month" &&
      window != "year")
    return bad("window is hour, day, week, month or year: they adjoin", "window");
  auto windows = calendars.windows(enterprise, calendar, window, query.range, kQueryWindowsMax);
  if (!windows) {
    windows.error().where = "calendar";
    return fail(std::move(windows.error()));
  }
  query.edges.push_back(query.range.from);
  for (const PlannedStretch& one : *windows) {
    const TimeNs start = one.stretch.range.from;
    if (start > query.edges.back() && start < query.range.to) query.edges.push_back(start);
  }
  query.edges.push_back(query.range.to);
  return {};
}

/// One of three ways to say what the intervals are.
Status read_intervals(const wire::JsonValue& body, TimeNs now, const CalendarStore& calendars,
                      EnterpriseId enterprise, Query& query) {
  TUNDISH_TRY(const auto calendar, wire::optional_member<std::string>(body, "calendar"));
  if (!calendar) {
    if (const auto* window = body.find("window"); window != nullptr && !window->is_null())
      return bad("a window is one of a calendar: name it", "calendar");
    return read_edges(body, now, query);
  }
  for (const std::string_view other : {"every", "edges"})
    if (const auto* member = body.find(other); member != nullptr && !member->is_null())
      return bad(fmt::format("intervals are those of a calendar or of {}, not of both", other),
                 std::string(other));
  return read_windows(*calendar, body, calendars, enterprise, query);
}

/// 0 to 100, of the standard's AggregateConfiguration; 100 when it is not there.
Result<double> percent_member(const wire::JsonValue& body, std::string_view name) {
  const auto* member = body.find(name);
  if (member == nullptr || member->is_null()) return 100.0;
  const double percent = member->number().value_or(-1);
  if (!(percent >= 0 && percent <= 100))
    return bad(fmt::format("{} is a number from 0 to 100", name), std::string(name));
  return percent;
}

Status read_specs(const wire::JsonValue& body, Query& query) {
  std::vector<std::string> names;
  const auto* member = body.find("aggregate");
  if (member == nullptr || member->is_null())
    names.push_back("TimeAverage");
  else if (member->string() != nullptr)
    names.push_back(*member->string());
  else if (member->array() != nullptr)
    for (const auto& one : *member->array()) names.push_back(one.string() ? *one.string() : "");
  TUNDISH_TRY(const auto uncertain, wire::optional_member<bool>(body, "treat_uncertain_bad"));
  TUNDISH_TRY(const auto good, percent_member(body, "percent_good"));
  TUNDISH_TRY(const auto bad_share, percent_member(body, "percent_bad"));
  // OPC 10000-13, 4.2.1.2: else an interval could be both.
  if (good + bad_share < 100)
    return bad("percent_good and percent_bad together are at least 100", "percent_good");
  TUNDISH_TRY(query.stepped, wire::optional_member<bool>(body, "stepped"));
  TUNDISH_TRY(const auto sloped, wire::optional_member<bool>(body, "sloped_extrapolation"));
  for (const auto& name : names) {
    const auto kind = aggregate::parse_aggregate(name);
    if (!kind) {
      std::vector<std::string_view> known;
      for (const auto one : aggregate::aggregate_kinds())
        known.push_back(aggregate::aggregate_name(one));
      return bad(fmt::format("'{}' is not an aggregate; known are {}", name.substr(0, 40),
                             fmt::join(known, ", ")),
                 "aggregate");
    }
    aggregate::AggregateSpec spec;
    spec.kind = *kind;
    spec.treat_uncertain_bad = uncertain.value_or(true);
    spec.percent_good = good;
    spec.percent_bad = bad_share;
    spec.sloped_extrapolation = sloped.value_or(false);
    query.specs.push_back(spec);
  }
  if (query.specs.empty() || query.specs.size() > 16) return bad("1 to 16 aggregates", "aggregate");
  return {};
}

/// A number that is finite, or nothing.
Result<std::optional<double>> number_member(const wire::JsonValue& body, std::string_view name) {
  const auto* member = body.find(name);
  if (member == nullptr || member->is_null()) return std::nullopt;
  const auto number = member->number();
  if (!number) return bad(fmt::format("{} is a number", name), std::string(name));
  return number;
}

/// What a count is of.
Status read_limits(const wire::JsonValue& body, Query& query) {
  TUNDISH_TRY(query.above, number_member(body, "above"));
  TUNDISH_TRY(query.below, number_member(body, "below"));
  if (query.above && query.below && *query.above >= *query.below)
    return bad("above is less than below", "above");
  TUNDISH_TRY(const auto each, wire::optional_member<bool>(body, "each"));
  query.each = each.value_or(false);
  return {};
}

Result<std::int64_t> count_member(const wire::JsonValue& body, std::string_view name,
                                  std::int64_t otherwise, std::int64_t max) {
  TUNDISH_TRY(const auto value, wire::optional_member<std::int64_t>(body, name));
  if (!value) return otherwise;
  if (*value < 1 || *value > max)
    return bad(fmt::format("{} is 1 to {}", name, max), std::string(name));
  return *value;
}

}  // namespace

std::function<bool()> patience() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(kFindTimeMax);
  return [until] { return std::chrono::steady_clock::now() < until; };
}

Result<std::size_t> tags_limit_of(const Request& request, std::size_t otherwise) {
  const auto text = request.parameter("limit");
  if (!text) return otherwise;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit == 0)
    return fail(ErrorCode::kInvalidArgument, "limit is a number from 1 to 10000", "limit");
  return std::min(limit, kQueryTagsMax);
}

Result<std::vector<TagPtr>> find_tags(const std::vector<std::string_view>& patterns,
                                      std::size_t limit, const TagCatalogue& catalogue,
                                      EnterpriseId enterprise, std::string_view where) {
  const auto go_on = patience();
  std::vector<TagPtr> tags;
  std::unordered_set<std::string_view> asked;
  std::unordered_set<TagId> seen;
  std::size_t globs = 0;
  for (const auto& pattern : patterns) {
    if (!asked.insert(pattern).second) continue;
    const bool glob = is_glob(pattern);
    if (glob) ++globs;
    if (asked.size() > kQueryTagsMax || globs > kQueryGlobsMax)
      return fail(ErrorCode::kTooLarge,
                  fmt::format("name at most {} paths and {} globs", kQueryTagsMax, kQueryGlobsMax),
                  std::string(where));
    auto found = catalogue.match(enterprise, {.pattern = pattern, .limit = limit, .go_on = go_on});
    if (!found) {
      found.error().where = std::string(where);
      return fail(std::move(found.error()));
    }
    if (found->empty() && !glob)
      return fail(ErrorCode::kNotFound, fmt::format("there is no tag '{}'", pattern.substr(0, 200)),
                  std::string(where));
    for (auto& tag : *found)
      if (tags.size() < limit && seen.insert(tag->id).second) tags.push_back(std::move(tag));
  }
  return tags;
}

Result<Query> parse_query(std::string_view text, Query::Format format, const TagCatalogue& tags,
                          const CalendarStore& calendars, EnterpriseId enterprise, TimeNs now) {
  TUNDISH_TRY(const auto body,
              wire::parse_json(text, {.bytes_max = 32u << 20, .values_max = 2'000'000}));
  TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"tags",        "from",
                                                     "to",          "mode",
                                                     "bounds",      "limit",
                                                     "aggregate",   "every",
                                                     "edges",       "calendar",
                                                     "window",      "columns",
                                                     "above",       "below",
                                                     "each",        "treat_uncertain_bad",
                                                     "stepped",     "percent_good",
                                                     "percent_bad", "sloped_extrapolation",
                                                     "time_format", "zone_offset_min",
                                                     "as_received", "model_at"}));
  Query query;
  query.format = format;
  TUNDISH_TRY(query.range.from, time_member(body, "from", now, "now-1h"));
  TUNDISH_TRY(query.range.to, time_member(body, "to", now, "now"));
  if (query.range.from >= query.range.to) return bad("from must be before to", "from");
  DurationNs span = 0;
  if (__builtin_sub_overflow(query.range.to, query.range.from, &span))
    return bad("the range is longer than 292 years", "from");

  TUNDISH_TRY(const auto mode, wire::optional_member<std::string>(body, "mode"));
  const std::string mode_text = mode.value_or("raw");
  if (mode_text == "raw") {
    TUNDISH_TRY(const auto bounds, wire::optional_member<bool>(body, "bounds"));
    query.bounds = bounds.value_or(false);
    TUNDISH_TRY(const auto limit,
                count_member(body, "limit", kQueryRawLimitDefault, kQueryPointsMax));
    query.limit = static_cast<std::size_t>(limit);
  } else if (mode_text == "plot") {
    query.mode = Query::Mode::kPlot;
    query.bounds = true;
    TUNDISH_TRY(const auto columns, count_member(body, "columns", 1000, kQueryColumnsMax));
    query.columns = static_cast<std::uint32_t>(columns);
  } else if (mode_text == "aggregate") {
    query.mode = Query::Mode::kAggregate;
    TUNDISH_RETURN_IF_ERROR(read_intervals(body, now, calendars, enterprise, query));
    TUNDISH_RETURN_IF_ERROR(read_specs(body, query));
  } else if (mode_text == "count") {
    query.mode = Query::Mode::kCount;
    if (format == Query::Format::kBinary) return bad("counts are answered as JSON or CSV", "mode");
    TUNDISH_RETURN_IF_ERROR(read_limits(body, query));
  } else {
    return bad("mode is raw, aggregate, plot or count", "mode");
  }
  TUNDISH_TRY(const auto as_received, wire::optional_member<bool>(body, "as_received"));
  query.as_received = as_received.value_or(false);
  if (const auto* at = body.find("model_at"); at != nullptr && !at->is_null()) {
    if (query.as_received)
      return bad("as_received and model_at do not go together: one leaves the model out",
                 "model_at");
    TUNDISH_TRY(query.model_at, time_of(*at, now, "model_at"));
  }
  TUNDISH_TRY(const auto times, wire::optional_member<std::string>(body, "time_format"));
  if (times && *times != "ns" && *times != "iso")
    return bad("time_format is iso or ns", "time_format");
  query.times_as_ns = times == "ns";
  TUNDISH_TRY(const auto offset, wire::optional_member<std::int64_t>(body, "zone_offset_min"));
  if (offset && (*offset < -18 * 60 || *offset > 18 * 60))
    return bad("zone_offset_min is -1080 to 1080", "zone_offset_min");
  query.zone_offset_min = static_cast<int>(offset.value_or(0));
  TUNDISH_RETURN_IF_ERROR(resolve_tags(body, tags, enterprise, query));
  if (query.mode == Query::Mode::kAggregate &&
      (query.edges.size() - 1) * query.specs.size() * std::max<std::size_t>(1, query.tags.size()) >
          kQueryPointsMax)
    return fail(ErrorCode::kTooLarge,
                "that is more than ten million results; ask for fewer tags, "
                "aggregates or intervals");
  return query;
}

}  // namespace tundish::serve
