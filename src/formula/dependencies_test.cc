#include "formula/dependencies.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "formula/plant_testing.h"

namespace tundish::formula {
namespace {

std::vector<std::string> reads(std::string_view path, std::string_view text) {
  const PlantModel& model = works();
  std::vector<std::string> found;
  for (const Input& input : inputs_of(*parse_formula(text), model, *model.find(path)))
    found.push_back(fmt::format("{} {} {}", input.node, input.asset->path,
                                input.attribute != nullptr ? input.attribute->definition.name
                                                           : "interval " + input.interval->name));
  return found;
}

/// Names in order, or the error's message.
std::string order(const PlantModel& model) {
  const auto steps = order_of(model);
  if (!steps) return steps.error().message;
  std::string text;
  for (const Step& step : *steps) text += name_of(model, step.derived) + "\n";
  return text;
}

TEST(Dependencies, InputsAreByNodeAndMembersInPathOrder) {
  EXPECT_EQ(reads("steel-01/works/bf1", "top_temp - {blast/temp}"),
            (std::vector<std::string>{"0 steel-01/works/bf1 top_temp",
                                      "1 steel-01/works/bf1/blast temp"}));
  EXPECT_EQ(reads("steel-01/works", "sum(children.power) + 1 'kW'"),
            (std::vector<std::string>{"1 steel-01/works/bf1 power", "1 steel-01/works/bf2 power"}));
  EXPECT_EQ(
      reads("steel-01/works/bf1/blast", "delta({../power}, heat) + avg(flow, shift)"),
      (std::vector<std::string>{"0 steel-01/works/bf1 power", "1 steel-01/works/bf1 interval heat",
                                "3 steel-01/works/bf1/blast flow"}));
  EXPECT_TRUE(reads("steel-01/works/bf1", "nothing + {../nobody/x}").empty());
}

TEST(Dependencies, EachComesAfterWhatItReads) {
  const PlantModel model(
      EnterpriseId(1), 1,
      {test_asset(1, 0, "e/a", {{"total", "", "sum(children.x)"}, {"raw", ""}}),
       test_asset(2, 1, "e/a/b", {{"x", "", "y * 2"}, {"y", "", "{../raw} + 1"}},
                  {test_interval("batch", "x", "campaign"), test_interval("campaign", "y")}),
       test_asset(3, 1, "e/a/c", {{"x", "", "avg(z, 1h)"}, {"z", ""}})});
  EXPECT_EQ(
      order(model),
      "e/a/b/y\ne/a/b/x\ne/a/b interval campaign\ne/a/b interval batch\ne/a/c/x\ne/a/total\n");
  const auto steps = *order_of(model);
  EXPECT_EQ(steps[1].after, std::vector<std::uint32_t>{0});
  EXPECT_EQ(steps[3].after, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(steps[5].after, (std::vector<std::uint32_t>{1, 4}));
}

TEST(Dependencies, NamesTheCircle) {
  EXPECT_EQ(order(PlantModel(
                EnterpriseId(1), 1,
                {test_asset(1, 0, "e/a", {{"d", "", "b"}, {"b", "", "{c/x} + 1"}, {"ok", "", "1"}}),
                 test_asset(2, 1, "e/a/c", {{"x", "", "{../b} * 2"}})})),
            "the formulas go in a circle: e/a/b -> e/a/c/x -> e/a/b");
  EXPECT_EQ(order(PlantModel(EnterpriseId(1), 1, {test_asset(1, 0, "e/a", {{"b", "", "b + 1"}})})),
            "the formulas go in a circle: e/a/b -> e/a/b");
  EXPECT_EQ(order(PlantModel(EnterpriseId(1), 1,
                             {test_asset(1, 0, "e/a", {{"b", "", "count(raw, heat)"}, {"raw", ""}},
                                         {test_interval("heat", "b")})})),
            "the formulas go in a circle: e/a/b -> e/a interval heat -> e/a/b");
}

TEST(Dependencies, ALongCircleIsToldInPart) {
  std::vector<TestAttribute> attributes;
  for (int i = 0; i < 100; ++i)
    attributes.push_back({fmt::format("a{:02}", i), "", fmt::format("a{:02}", (i + 1) % 100)});
  const std::string text =
      order(PlantModel(EnterpriseId(1), 1, {test_asset(1, 0, "e/a", attributes)}));
  EXPECT_TRUE(text.starts_with("the formulas go in a circle: e/a/a00 -> e/a/a01 -> ")) << text;
  EXPECT_TRUE(text.ends_with("e/a/a19 -> (80 more) -> e/a/a00")) << text;
}

/// Formulas over random other ones: either each step follows all that it reads, or there is a circle
/// whose every arrow is a formula that reads the next.
RC_GTEST_PROP(Dependencies, AnOrderOrACircle, ()) {
  const int count = *rc::gen::inRange(1, 12);
  std::vector<TestAttribute> attributes;
  std::vector<std::set<std::string>> read(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    std::string formula = "1";
    for (const int other : *rc::gen::container<std::vector<int>>(
             *rc::gen::inRange<std::size_t>(0, 3), rc::gen::inRange(0, count))) {
      formula += fmt::format(" + a{:02}", other);
      read[static_cast<std::size_t>(i)].insert(fmt::format("e/x/a{:02}", other));
    }
    attributes.push_back({fmt::format("a{:02}", i), "", formula});
  }
  const PlantModel model(EnterpriseId(1), 1, {test_asset(1, 0, "e/x", attributes)});
  const auto steps = order_of(model);
  if (steps) {
    RC_ASSERT(steps->size() == attributes.size());
    std::set<std::string> done;
    for (const Step& step : *steps) {
      for (const auto& name : read[step.derived.index]) RC_ASSERT(done.contains(name));
      RC_ASSERT(step.after.size() == read[step.derived.index].size());
      done.insert(name_of(model, step.derived));
    }
    return;
  }
  std::string rest =
      steps.error().message.substr(std::string("the formulas go in a circle: ").size());
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = rest.find(" -> ")) != std::string::npos;
       rest = rest.substr(at + 4))
    names.push_back(rest.substr(0, at));
  names.push_back(rest);
  RC_ASSERT(names.size() >= 2);
  RC_ASSERT(names.front() == names.back());
  for (std::size_t i = 0; i + 1 < names.size(); ++i)
    RC_ASSERT(read[static_cast<std::size_t>(std::stoi(names[i].substr(5)))].contains(names[i + 1]));
}

}  // namespace
}  // namespace tundish::formula
