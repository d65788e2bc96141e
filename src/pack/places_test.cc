#include "pack/places.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tundish::pack {
namespace {

/// Where the letter `x` of the only value of `text` is found from its place in the value.
std::string place_of_x(const std::string& text) {
  Places places;
  std::vector<PackMistake> mistakes;
  Source source("f.yaml", text, places, mistakes);
  const auto root = source.load();
  if (!root) return mistakes.at(0).text();
  const YAML::Node value = (*root)["a"];
  source.note("k", value);
  const auto at = value.Scalar().find('x');
  const auto mistake = places.at("k", "", at);
  return std::to_string(mistake.line) + ":" + std::to_string(mistake.column);
}

TEST(Places, FollowTheStylesOfYaml) {
  EXPECT_EQ(place_of_x("a: b + x"), "1:8");
  EXPECT_EQ(place_of_x("a: 'b + x'"), "1:9");
  EXPECT_EQ(place_of_x("a: 'b ''c'' + x'"), "1:15");
  EXPECT_EQ(place_of_x("a: \"b \\\"c\\\" + x\""), "1:15");
  EXPECT_EQ(place_of_x("a: \"\\u6e29 + x\""), "1:14");
  EXPECT_EQ(place_of_x("a: 温度 + x"), "1:9");
  EXPECT_EQ(place_of_x("a: b +\n  x"), "2:3");
  EXPECT_EQ(place_of_x("a: |\n  b +\n  x\n"), "3:3");
  EXPECT_EQ(place_of_x("a: >-\n  b +\n  c + x\n"), "3:7");
  EXPECT_EQ(place_of_x("a: \"b +\n\n    c + x\""), "3:9");
  EXPECT_EQ(place_of_x("{q: 1, a: b + x}"), "1:15");
}

TEST(Places, FallBackToWhatIsAbove) {
  Places places;
  places.note("kpi/a", "kpis.yaml", formula::Place{3, 5});
  EXPECT_EQ(places.at("kpi/a/ratio/of", "m").text(), "kpis.yaml:3:5: m");
  EXPECT_EQ(places.at("other", "m").text(), "pack.yaml:1:1: m");
}

RC_GTEST_PROP(Places, AreWithinTheFile, (const std::string& text, const std::string& value)) {
  const auto begin = *rc::gen::inRange<std::size_t>(0, text.size() + 2);
  const auto offset = *rc::gen::inRange<std::size_t>(0, value.size() + 2);
  RC_ASSERT(byte_in_scalar(text, begin, value, offset) <= std::max(text.size(), begin));
}

}  // namespace
}  // namespace tundish::pack
