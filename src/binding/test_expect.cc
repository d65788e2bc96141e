#include "binding/test_expect.h"

#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace tundish::binding {

void expect_good(const TestList& list, const std::vector<Candidate>& candidates,
                 std::string_view what, bool print, double share) {
  const auto score = score_of(list.points, list.expected, candidates);
  const auto name = fmt::format("{} ({})", list.name, what);
  const auto mistakes = fmt::format("{}", fmt::join(score.mistakes, "\n"));
  if (print)
    fmt::print("{:45} {:3}/{:3} right, {:.0f} %; above 0.9: {}, wrong: {}\n", name, score.right,
               score.asked, score.share() * 100, score.sure, score.sure_wrong);
  EXPECT_GE(score.share(), share) << name << "\n" << mistakes;
  EXPECT_EQ(score.sure_wrong, 0u) << name << "\n" << mistakes;
  const char* show = std::getenv("BINDING_SHOW");
  if (print && show != nullptr && list.name.find(show) != std::string::npos)
    fmt::print("{}\n", mistakes);
}

TestList made_up(const std::string& pack, const std::vector<Candidate>& candidates, Style style,
                 std::uint64_t seed) {
  TestList list;
  list.name = fmt::format("{}, {}", pack, style_name(style));
  std::mt19937_64 random(seed);
  for (int number = 1; number <= 2; ++number)
    for (const auto& candidate : candidates) {
      list.points.push_back(corrupted(candidate, style, number, random));
      list.expected.push_back(candidate.template_name + "/" + candidate.attribute);
    }
  // Written the same, they are nobody's to tell apart; only that nothing is sure is asked of those.
  std::map<std::string, std::set<std::string>> meant;
  const auto written = [&](std::size_t i) {
    const auto& point = list.points[i];
    return fmt::format("{}|{}|{}", fmt::join(point.path, "/"), point.description,
                       candidates[i % candidates.size()].unit);
  };
  for (std::size_t i = 0; i < list.points.size(); ++i) meant[written(i)].insert(list.expected[i]);
  for (std::size_t i = 0; i < list.points.size(); ++i)
    if (meant[written(i)].size() > 1) list.expected[i] = "-";
  return list;
}

}  // namespace tundish::binding
