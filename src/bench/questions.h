#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/http_connection.h"
#include "bench/workload.h"

namespace tundish::bench {

/// One question of the table in docs/guides/bench.md, as our API takes it.
struct Question {
  std::string name;  ///< `q2.json`
  std::string method;
  std::string target;
  std::string body;
  std::string accept;
  double goal_ms = 0;  ///< 0: none
};

/// Q1 to Q6 for this work. Q7 has a function of its own: ask_count_above.
std::vector<Question> questions(const WorkloadOptions& work);
inline constexpr double kThreshold = 1'000;

/// The answer's body. Errors: those of HttpConnection::ask.
Result<std::string_view> ask(HttpConnection& connection, const Question& question);

/// Samples that the server has of all tags, by the aggregate Count. Errors: those of ask.
Result<std::uint64_t> count_all(HttpConnection& connection, const WorkloadOptions& work);

/// What Q7 must say, from the generator.
std::uint64_t count_above(const WorkloadOptions& work, double threshold);
/// Q7: the samples above `threshold`, of all tags that hold numbers. Errors: those of ask.
Result<std::uint64_t> ask_count_above(HttpConnection& connection, const WorkloadOptions& work,
                                      double threshold);

/// Whether `answer` has what the question asks of this work: the count of values, and for Q1 the value itself.
/// Errors: kCorruption that says what is missing.
Status check_answer(const Question& question, std::string_view answer, const WorkloadOptions& work);

}  // namespace tundish::bench
