#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "aggregate/aggregate_run.h"

// Runs tests/cases/aggregates/*.txt; README.md there describes a case.

namespace tundish::aggregate {
namespace {

struct Case {
  std::string title;
  ValueType type = ValueType::kDouble;
  AggregateSpec spec;
  std::vector<TimeNs> edges;
  std::vector<Sample> samples;
};

/// Durations of parse_duration, and negative ones.
TimeNs parse_case_time(const std::string& text) {
  const bool negative = text.starts_with('-');
  const auto duration = parse_duration(negative ? text.substr(1) : text);
  EXPECT_TRUE(duration.has_value()) << "not a time: " << text;
  return negative ? -duration.value_or(0) : duration.value_or(0);
}

Sample parse_sample(std::istringstream& words, ValueType type) {
  std::string time, value, status = "Good";
  words >> time >> value >> status;
  Sample sample{parse_case_time(time), 0.0, kGood};
  if (type == ValueType::kDouble) sample.value = std::strtod(value.c_str(), nullptr);
  if (type == ValueType::kInt64)
    sample.value = static_cast<std::int64_t>(std::strtoll(value.c_str(), nullptr, 10));
  if (type == ValueType::kBool) sample.value = value == "true";
  if (type == ValueType::kString) sample.value = value;
  EXPECT_TRUE(parse_quality(status, sample.quality)) << status;
  return sample;
}

std::vector<AggregateResult> run_case(const Case& test, AggregateKind kind) {
  AggregateSpec spec = test.spec;
  spec.kind = kind;
  AggregateRun run(spec, test.edges);
  for (auto sample = test.samples.rbegin(); sample != test.samples.rend(); ++sample)
    if (sample->time < test.edges.front() && !run.before(*sample)) break;
  Columns inside;
  inside.type = test.type;
  for (const Sample& sample : test.samples)
    if (sample.time >= test.edges.front() && sample.time < test.edges.back())
      inside.push_back(sample);
  run.push(inside);
  for (const Sample& sample : test.samples)
    if (sample.time >= test.edges.back() && !run.after(sample)) break;
  return run.finish();
}

bool same_value(const std::optional<Value>& value, const std::string& text) {
  if (!value) return text == "none";
  if (const auto* real = std::get_if<double>(&*value)) {
    char* end = nullptr;
    const double expected = std::strtod(text.c_str(), &end);
    return *end == '\0' && std::fabs(*real - expected) <= 1e-12 * std::fabs(expected);
  }
  if (const auto* whole = std::get_if<std::int64_t>(&*value)) return std::to_string(*whole) == text;
  if (const auto* truth = std::get_if<bool>(&*value)) return text == (*truth ? "true" : "false");
  return std::get<std::string>(*value) == text;
}

/// `expected`: value, status, info words.
void expect_result(const AggregateResult& result, const std::string& expected) {
  std::istringstream words(expected);
  std::string value, status, word;
  words >> value >> status;
  EXPECT_TRUE(same_value(result.value, value))
      << "value " << value << ", got "
      << (!result.value ? "none"
          : std::holds_alternative<double>(*result.value)
              ? std::to_string(std::get<double>(*result.value))
              : "another of type " + std::to_string(result.value->index()));
  Quality quality;
  ASSERT_TRUE(parse_quality(status, quality)) << status;
  std::uint32_t info = 0;
  bool any_info = false;
  for (; words >> word; any_info = true) {
    if (word == "Calculated") info |= kInfoCalculated;
    if (word == "Interpolated") info |= kInfoInterpolated;
    if (word == "Partial") info |= kInfoPartial;
    if (word == "MultipleValues") info |= kInfoMultipleValues;
  }
  EXPECT_EQ(result.quality.code & 0xFFFF0000, quality.code)
      << "status " << status << ", got " << quality_name(result.quality);
  if (any_info) {
    EXPECT_EQ(result.quality.code & 0xFFFF, info);
  }
}

void expect_results(const Case& test, AggregateKind kind, const std::string& expected) {
  const auto results = run_case(test, kind);
  std::istringstream parts(expected);
  std::string part;
  std::size_t count = 0;
  for (; std::getline(parts, part, '|'); ++count) {
    if (count == results.size()) break;
    SCOPED_TRACE("interval " + std::to_string(count));
    expect_result(results[count], part);
  }
  EXPECT_EQ(count, results.size()) << "one result an interval";
}

std::size_t run_file(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::size_t checks = 0;
  std::size_t number = 0;
  Case test;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    line = line.substr(0, line.find('#'));
    std::istringstream words(line);
    std::string key, word;
    if (!(words >> key)) continue;
    SCOPED_TRACE(path.filename().string() + ":" + std::to_string(number) + " " + test.title);
    if (key == "case") {
      test = {};
      std::getline(words >> std::ws, test.title);
    } else if (key == "type") {
      words >> word;
      test.type = parse_value_type(word).value_or(ValueType::kDouble);
    } else if (key == "step" || key == "slope") {
      test.spec.step = key == "step";
    } else if (key == "uncertain") {
      test.spec.treat_uncertain_bad = line.find("not") == std::string::npos;
    } else if (key == "percent") {
      words >> word >> test.spec.percent_good >> word >> test.spec.percent_bad;
    } else if (key == "edges") {
      while (words >> word) test.edges.push_back(parse_case_time(word));
    } else if (key == "sample") {
      test.samples.push_back(parse_sample(words, test.type));
    } else if (const auto kind = parse_aggregate(key)) {
      std::getline(words, word);
      expect_results(test, *kind, word);
      ++checks;
    } else {
      ADD_FAILURE() << "no such word: " << key;
    }
  }
  return checks;
}

TEST(AggregateCases, AllFiles) {
  std::size_t checks = 0;
  const auto folder = std::filesystem::path(TUNDISH_SOURCE_DIR) / "tests" / "cases" / "aggregates";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".txt") checks += run_file(entry.path());
  EXPECT_GE(checks, 60u);
}

}  // namespace
}  // namespace tundish::aggregate
