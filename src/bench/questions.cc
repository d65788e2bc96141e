#include "bench/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "bench/server_under_test.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"
#include "wire/result/result.h"

namespace tundish::bench {
namespace {

constexpr std::uint32_t kTagsOfLine = 1'000;  ///< as tag_path deals them out
constexpr std::uint32_t kTagsOfQuery = 10'000;
constexpr wire::JsonLimits kLimits{
    .bytes_max = std::size_t{1} << 30, .depth_max = 16, .values_max = 100'000'000};
constexpr std::string_view kJson = "application/json";

/// Tags that one query asks for: all, as far as a query goes.
std::uint32_t tags_asked(const WorkloadOptions& work) { return std::min(work.tags, kTagsOfQuery); }

std::string glob_of_line(std::uint32_t line) {
  return fmt::format("{}/works/line{:02}/**", kEnterprise, line);
}

std::vector<std::string> globs_of_tags(std::uint32_t first, std::uint32_t last) {
  std::vector<std::string> globs;
  for (std::uint32_t line = first / kTagsOfLine; line * kTagsOfLine < last; ++line)
    globs.push_back(glob_of_line(line));
  return globs;
}

/// `{"tags":[...],"from":...,"to":..., MORE}`.
std::string query_body(const std::vector<std::string>& tags, const WorkloadOptions& work,
                       std::string_view more) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object().key("tags").begin_array();
  for (const auto& tag : tags) json.value(tag);
  json.end_array().key("from").nanoseconds(work.start).key("to").nanoseconds(work.end());
  json.end_object();
  body.pop_back();
  return fmt::format("{}{}}}", body, more);
}

Question query(std::string name, std::string body, std::string_view accept, double goal_ms) {
  return {std::move(name), "POST", "/api/v1/query", std::move(body), std::string(accept), goal_ms};
}

std::unexpected<Error> wrong(const Question& question, const std::string& what) {
  return fail(ErrorCode::kCorruption, fmt::format("{}: {}", question.name, what));
}

/// The first `count` samples of a tag, from the generator.
std::vector<WorkloadSample> first_samples(const WorkloadOptions& work, std::uint32_t tag,
                                          std::uint32_t count) {
  TagStream stream(work, tag);
  std::vector<WorkloadSample> samples;
  for (std::uint32_t i = 0; i < count; ++i) samples.push_back(stream.next());
  return samples;
}

double number_of(std::uint32_t tag, std::uint64_t bits) {
  return tag_type(tag) == ValueType::kDouble ? std::bit_cast<double>(bits)
                                             : static_cast<double>(static_cast<std::int64_t>(bits));
}

bool about(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

/// The tag that Q1, Q3 and Q4 ask for: a slow analog one in the middle of the plant.
std::uint32_t one_tag(const WorkloadOptions& work) { return work.tags / 2 / 20 * 20; }

const wire::JsonValue::Array* series_of(const wire::JsonValue& answer) {
  const auto* series = answer.find("series");
  return series == nullptr ? nullptr : series->array();
}

const wire::JsonValue::Array* values_of(const wire::JsonValue& series) {
  const auto* values = series.find("values");
  return values == nullptr ? nullptr : values->array();
}

Status check_latest(const Question& question, const wire::JsonValue& answer,
                    const WorkloadOptions& work) {
  const auto* found = answer.find("samples");
  const auto* samples = found == nullptr ? nullptr : found->array();
  const std::size_t wanted = question.name.starts_with("q1") ? 1 : tags_asked(work);
  if (samples == nullptr || samples->size() != wanted)
    return wrong(question, fmt::format("{} newest samples are wanted", wanted));
  if (wanted != 1) return {};
  const std::uint32_t tag = one_tag(work);
  const auto last = first_samples(work, tag, work.seconds).back();
  const auto* value = samples->front().find("value");
  if (value == nullptr || value->number() != number_of(tag, last.bits))
    return wrong(question, "the newest value is another one");
  return {};
}

Status check_series(const Question& question, const wire::JsonValue& answer,
                    const WorkloadOptions& work, std::size_t tags, std::size_t values) {
  const auto* series = series_of(answer);
  if (series == nullptr || series->size() != tags)
    return wrong(question, fmt::format("{} series are wanted", tags));
  for (const auto& one : *series) {
    const auto* list = values_of(one);
    if (list == nullptr || list->size() != values)
      return wrong(question, fmt::format("{} values a series are wanted", values));
  }
  if (!question.name.starts_with("q4")) return {};
  const std::uint32_t tag = one_tag(work), count = std::min(work.seconds, 60u);
  double sum = 0;
  for (const auto& sample : first_samples(work, tag, count)) sum += number_of(tag, sample.bits);
  const auto average = values_of(series->front())->front().number();
  if (!average || !about(*average, sum / count))
    return wrong(question, fmt::format("the first average should be {}", sum / count));
  return {};
}

/// Maxima are compared for the first tags; series come sorted by path, so each is looked up by its name.
Status check_maxima(const Question& question, const wire::JsonValue& answer,
                    const WorkloadOptions& work) {
  const auto* series = series_of(answer);
  for (std::uint32_t tag = 0; tag < std::min(work.tags, 17u); ++tag) {
    double most = -HUGE_VAL;
    for (const auto& sample : first_samples(work, tag, work.seconds))
      most = std::max(most, number_of(tag, sample.bits));
    const std::string path = tag_path(kEnterprise, tag);
    const auto found = std::ranges::find_if(*series, [&](const wire::JsonValue& one) {
      const auto* name = one.find("tag");
      return name != nullptr && name->string() != nullptr && *name->string() == path;
    });
    const auto value = found == series->end() ? std::nullopt : values_of(*found)->front().number();
    if (value != most)
      return wrong(question, fmt::format("the maximum of {} should be {}", path, most));
  }
  return {};
}

}  // namespace

std::vector<Question> questions(const WorkloadOptions& work) {
  const std::string one = tag_path(kEnterprise, one_tag(work));
  const std::vector<std::string> single{one};
  const auto thousand = globs_of_tags(0, std::min(work.tags, kTagsOfLine));
  const auto all = globs_of_tags(0, tags_asked(work));
  std::string all_latest = "/api/v1/latest?limit=10000";
  for (const auto& glob : all) all_latest += "&tag=" + glob;
  const std::string minutes = R"(,"mode":"aggregate","aggregate":"Average","every":"1min")";
  const std::string maximum = fmt::format(
      R"(,"mode":"aggregate","aggregate":"Maximum","edges":["{}","{}"])", work.start, work.end());
  return {
      {"q1", "GET", "/api/v1/latest?tag=" + one, "", std::string(kJson), 0.3},
      {"q2.json", "GET", all_latest, "", std::string(kJson), 8},
      {"q2.binary", "GET", all_latest, "", std::string(wire::kResultMediaType), 2},
      query("q3.json", query_body(single, work, ""), kJson, 0.5),
      query("q3.binary", query_body(single, work, ""), wire::kResultMediaType, 0.5),
      query("q4", query_body(single, work, minutes), kJson, 0.3),
      query("q5", query_body(thousand, work, minutes), kJson, 10),
      query("q6", query_body(all, work, maximum), kJson, 5),
  };
}

Result<std::string_view> ask(HttpConnection& connection, const Question& question) {
  return connection.ask({.method = question.method,
                         .target = question.target,
                         .body = question.body,
                         .accept = question.accept});
}

Result<std::uint64_t> count_all(HttpConnection& connection, const WorkloadOptions& work) {
  std::uint64_t count = 0;
  const std::string more = fmt::format(
      R"(,"mode":"aggregate","aggregate":"Count","edges":["{}","{}"])", work.start, work.end());
  for (std::uint32_t first = 0; first < work.tags; first += kTagsOfQuery) {
    const auto globs = globs_of_tags(first, std::min(work.tags, first + kTagsOfQuery));
    TUNDISH_TRY(const auto text,
                ask(connection, query("count", query_body(globs, work, more), kJson, 0)));
    TUNDISH_TRY(const auto answer, wire::parse_json(text, kLimits));
    const auto* series = series_of(answer);
    if (series == nullptr) return fail(ErrorCode::kRemote, "an answer without series");
    for (const auto& one : *series) {
      const auto* values = values_of(one);
      if (values == nullptr || values->empty()) continue;
      count += static_cast<std::uint64_t>(values->front().number().value_or(0));
    }
  }
  return count;
}

std::uint64_t count_above(const WorkloadOptions& work, double threshold) {
  std::uint64_t count = 0;
  for (std::uint32_t tag = 0; tag < tags_asked(work); ++tag) {
    if (tag_type(tag) == ValueType::kBool) continue;
    TagStream stream(work, tag);
    for (std::uint32_t i = 0; i < work.seconds; ++i)
      count += number_of(tag, stream.next().bits) > threshold;
  }
  return count;
}

Result<std::uint64_t> ask_count_above(HttpConnection& connection, const WorkloadOptions& work,
                                      double threshold) {
  const std::string more = fmt::format(R"(,"mode":"count","above":{})", threshold);
  const std::string body = query_body(globs_of_tags(0, tags_asked(work)), work, more);
  TUNDISH_TRY(const auto text, ask(connection, query("q7", body, kJson, 0)));
  TUNDISH_TRY(const auto answer, wire::parse_json(text, kLimits));
  const auto* count = answer.find("count");
  if (count == nullptr || !count->number())
    return fail(ErrorCode::kRemote, "an answer without a count");
  return static_cast<std::uint64_t>(*count->number());
}

Status check_answer(const Question& question, std::string_view answer,
                    const WorkloadOptions& work) {
  const std::size_t minutes = (work.seconds + 59) / 60;
  if (question.accept == wire::kResultMediaType) {
    TUNDISH_TRY(const auto result, wire::decode_result(as_byte_span(answer)));
    std::size_t rows = 0;
    for (const auto& series : result.series)
      for (const auto& piece : series.pieces) rows += piece.size();
    const std::size_t wanted = question.name.starts_with("q3") ? work.seconds : tags_asked(work);
    if (rows == wanted) return {};
    return wrong(question, fmt::format("{} samples are wanted, {} came", wanted, rows));
  }
  TUNDISH_TRY(const auto json, wire::parse_json(answer, kLimits));
  if (question.name.starts_with("q1") || question.name.starts_with("q2"))
    return check_latest(question, json, work);
  if (question.name.starts_with("q3")) return check_series(question, json, work, 1, work.seconds);
  if (question.name.starts_with("q4")) return check_series(question, json, work, 1, minutes);
  if (question.name.starts_with("q5"))
    return check_series(question, json, work, std::min(work.tags, kTagsOfLine), minutes);
  TUNDISH_RETURN_IF_ERROR(check_series(question, json, work, tags_asked(work), 1));
  return check_maxima(question, json, work);
}

}  // namespace tundish::bench
