#include "serve/formula_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "formula/syntax.h"
#include "serve/query.h"

namespace tundish::serve {

formula::Budget formula_budget(const io::Clock& clock, std::uint64_t steps_max) {
  const DurationNs until = clock.monotonic() + kQueryTimeMax;
  return {.steps_max = steps_max,
          .keep_going = [&clock, until] { return clock.monotonic() < until; }};
}

Error told(Error error, std::string_view what) {
  if (error.code == ErrorCode::kCancelled) {
    error.code = ErrorCode::kTimeout;
    error.message = fmt::format(
        "the formula was cut after {} s: ask for a shorter range, or a greater distance between "
        "results",
        kQueryTimeMax / kSecond);
  }
  if (error.where.empty()) error.where = what;
  return error;
}

bool is_mistake(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ||
         error.code == ErrorCode::kUnavailable;
}

std::string_view nearest_of(std::string_view message) {
  constexpr std::array<std::string_view, 2> kIntroductions{"did you mean ", "the nearest is "};
  for (const auto introduction : kIntroductions) {
    const auto at = message.find(introduction);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = message.substr(at + introduction.size());
    if (rest.starts_with('\'')) return rest.substr(1, rest.find('\'', 1) - 1);
    return rest.substr(0, rest.find_first_of(",;. )"));
  }
  return {};
}

Response mistake_response(const Error& error, std::string_view formula, std::string_view where) {
  // However the language calls it, to the caller it is a request that cannot be understood.
  constexpr auto kCode = ErrorCode::kInvalidArgument;
  const auto place = formula::place_of(formula, static_cast<std::size_t>(error.offset.value_or(0)));
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object();
  json.member("type", "about:blank").member("title", error_code_name(kCode));
  json.member("status", http_status(kCode)).member("detail", error.message);
  json.member("code", error_code_name(kCode)).member("where", where);
  json.member("line", place.line).member("column", place.column);
  if (error.offset) json.member("offset", *error.offset);
  if (const auto nearest = nearest_of(error.message); !nearest.empty())
    json.member("nearest", nearest);
  json.end_object();
  return text_response(std::move(body), "application/problem+json", http_status(kCode));
}

Result<const Asset*> find_asset(const PlantModel& model, std::string_view path,
                                std::string_view where) {
  const Asset* const asset = model.find(path);
  if (asset == nullptr)
    return fail(ErrorCode::kNotFound, fmt::format("there is no asset '{}'", path.substr(0, 200)),
                std::string(where));
  return asset;
}

Result<TimeNs> read_time(std::string_view text, std::string_view name, TimeNs now) {
  auto time = parse_time(text, now);
  if (!time) time.error().where = name;
  return time;
}

Result<TimeRange> range_of(const Request& request, TimeNs now, std::string_view otherwise) {
  TimeRange range;
  TUNDISH_TRY(range.from, read_time(request.parameter("from").value_or(otherwise), "from", now));
  TUNDISH_TRY(range.to, read_time(request.parameter("to").value_or("now"), "to", now));
  if (range.from >= range.to)
    return fail(ErrorCode::kInvalidArgument, "from must be before to", "from");
  return range;
}

std::vector<Stretch> passed(std::vector<Stretch> stretches, TimeNs now) {
  std::erase_if(stretches, [now](const Stretch& stretch) { return stretch.range.from >= now; });
  for (Stretch& stretch : stretches) stretch.range.to = std::min(stretch.range.to, now);
  return stretches;
}

std::vector<TimeRange> ranges_of(const std::vector<Stretch>& stretches) {
  std::vector<TimeRange> ranges;
  ranges.reserve(stretches.size());
  for (const Stretch& stretch : stretches) ranges.push_back(stretch.range);
  return ranges;
}

std::string_view kind_name(formula::Kind kind) {
  if (kind == formula::Kind::kBool) return "condition";
  return kind == formula::Kind::kText ? "text" : "number";
}

std::string unit_text(const formula::Type& type) {
  const bool has_none = type.kind != formula::Kind::kNumber || type.unit.is_one();
  return has_none ? std::string() : type.unit.code();
}

void write_words(wire::JsonWriter& json, std::string_view key, const Words& words) {
  json.key(key).begin_object();
  for (const auto& [language, word] : words) json.member(language, word);
  json.end_object();
}

void write_number(wire::JsonWriter& json, std::string_view key, double number) {
  json.key(key);
  if (std::isfinite(number))
    json.value(number);
  else
    json.null();
}

void write_outcome(wire::JsonWriter& json, const Sample& sample) {
  const auto* number = std::get_if<double>(&sample.value);
  json.key("value");
  if (sample.quality.is_bad() || (number != nullptr && !std::isfinite(*number)))
    json.null();
  else
    json.value(sample.value);
  json.member("quality", quality_name(sample.quality));
}

}  // namespace tundish::serve
