#include "serve/accept.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <tuple>

namespace tundish::serve {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool equal_names(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// The part of `text` before `mark`; `text` becomes what follows.
std::string_view next_part(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return trim(part);
}

/// `q=0.5` as thousandths; 1000 where it is no weight.
int weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view one = next_part(parameters, ';');
    if (one.size() < 3 || std::tolower(static_cast<unsigned char>(one[0])) != 'q' || one[1] != '=')
      continue;
    double weight = 1;
    std::from_chars(one.data() + 2, one.data() + one.size(), weight);
    return weight >= 0 ? static_cast<int>(std::min(weight, 1.0) * 1000) : 0;  // NaN: 0
  }
  return 1000;
}

/// How exactly a range names a type: 3 by name, 2 by `type/*`, 1 by `*/*`, 0 not at all.
int exactness(std::string_view range, std::string_view type) {
  if (range == "*/*") return 1;
  if (equal_names(range, type)) return 3;
  const auto slash = type.find('/');
  return range.ends_with("/*") &&
                 equal_names(range.substr(0, range.size() - 2), type.substr(0, slash))
             ? 2
             : 0;
}

}  // namespace

std::optional<std::size_t> choose_type(std::string_view accept,
                                       std::span<const std::string_view> offered) {
  if (trim(accept).empty()) return 0;
  std::optional<std::size_t> best;
  std::tuple<int, int, int> best_rank;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    // The most exact range that names a type says its weight.
    std::string_view rest = accept;
    int exact = 0, weight = 0, place = 0;
    for (int at = 0; !rest.empty(); --at) {
      std::string_view parameters = next_part(rest, ',');
      const std::string_view range = next_part(parameters, ';');
      if (const int here = exactness(range, offered[i]); here > exact)
        std::tie(exact, weight, place) = std::tuple(here, weight_of(parameters), at);
    }
    if (exact == 0 || weight == 0) continue;
    const std::tuple rank(weight, exact, place);
    if (!best || rank > best_rank) std::tie(best, best_rank) = std::tuple(i, rank);
  }
  return best;
}

Response not_acceptable(std::span<const std::string_view> offered) {
  return problem_response(
      {ErrorCode::kUnsupported, fmt::format("an answer is {}; the Accept header wants another type",
                                            fmt::join(offered, ", "))},
      406);
}

}  // namespace tundish::serve
