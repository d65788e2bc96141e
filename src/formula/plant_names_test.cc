#include "formula/plant_names.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formula/plant_testing.h"

namespace tundish::formula {
namespace {

/// The result's type, or `code: message`.
std::string checked(std::string_view path, std::string_view text, Use use = Use::kAlways) {
  const PlantModel& model = works();
  auto syntax = parse_formula(text);
  if (!syntax) return "syntax: " + syntax.error().message;
  const auto result = check_formula(*std::move(syntax), PlantNames(model, *model.find(path), use));
  if (result) return result->result().text();
  return fmt::format("{}: {}", error_code_name(result.error().code), result.error().message);
}

TEST(PlantNames, FindsAttributesByNameAndByReference) {
  EXPECT_EQ(checked("steel-01/works/bf1", "power"), "a number in kW");
  EXPECT_EQ(checked("steel-01/works/bf1", "top_temp - {blast/temp}"), "a number in K");
  EXPECT_EQ(checked("steel-01/works/bf1/blast", "{../power} > 5 'kW'"), "a condition");
  EXPECT_EQ(checked("steel-01/works/bf1", "{/works/bf2/power}"), "a number in MW");
  EXPECT_EQ(checked("steel-01/works/bf1", "running"), "a condition");
  EXPECT_EQ(checked("steel-01/works/bf1", "heat_number"), "a text");
}

TEST(PlantNames, SaysWhatIsNearest) {
  EXPECT_EQ(checked("steel-01/works/bf1", "pwer"),
            "NotFound: steel-01/works/bf1 has no attribute 'pwer'; did you mean 'power'?");
  EXPECT_EQ(checked("steel-01/works/bf1", "avg(power, shfit)"),
            "NotFound: steel-01/works/bf1 has no attribute 'shfit'; did you mean 'shift'?");
  EXPECT_EQ(checked("steel-01/works/bf1", "{../bf2/pover}"),
            "NotFound: steel-01/works/bf2 has no attribute 'pover'; did you mean '../bf2/power'?");
  EXPECT_EQ(checked("steel-01/works/bf1", "{../bf3/power}").substr(0, 47),
            "Unavailable: there is no asset steel-01/works/b");
  EXPECT_EQ(checked("steel-01/works/bf1", "{/wroks/power}"),
            "Unavailable: there is no asset steel-01/wroks; did you mean '/works'?");
  EXPECT_EQ(checked("steel-01/works/bf1", "{../../../power}"),
            "NotFound: '../../../power' leads out of the enterprise");
  EXPECT_EQ(checked("steel-01/works", "sum(children.pover)"),
            "NotFound: no asset below steel-01/works has an attribute 'pover'; did you mean "
            "'children.power'?");
  EXPECT_EQ(checked("steel-01/works", "sum(children.coal_rate)").substr(0, 11), "Unavailable");
}

TEST(PlantNames, ChildrenMeasureTheSameInTheUnitOfTheFirst) {
  EXPECT_EQ(checked("steel-01/works", "sum(children.power)"), "a number in kW");
  EXPECT_EQ(checked("steel-01/works", "max(children.level)"),
            "InvalidArgument: 'level' is a number in m at steel-01/works/bf1 and a number in t at "
            "steel-01/works/bf2");
  EXPECT_EQ(checked("steel-01/works/bf2", "sum(children.power)"),
            "Unavailable: steel-01/works/bf2 has no assets below it");
  EXPECT_EQ(checked("steel-01/works", "count(children)"), "a number");
}

TEST(PlantNames, WindowsOfTheCalendarAndKindsOfIntervalsOfThisAssetAndAbove) {
  for (const auto window : kCalendarWindows)
    EXPECT_EQ(checked("steel-01/works/bf1", fmt::format("avg(power, {})", window)),
              "a number in kW");
  EXPECT_EQ(checked("steel-01/works/bf1", "avg(power, heat)"), "a number in kW");
  EXPECT_EQ(checked("steel-01/works/bf1/blast", "avg(temp, heat)"), "a number in Cel");
  EXPECT_EQ(checked("steel-01/works/bf2", "avg(power, heat)").substr(0, 8), "NotFound");
  EXPECT_EQ(checked("steel-01/works/bf1", "avg(power, window)", Use::kPerWindow), "a number in kW");
  EXPECT_EQ(checked("steel-01/works/bf1", "avg(power, window)").substr(0, 8), "NotFound");
}

TEST(PlantNames, WordsOfTheLanguageAreReserved) {
  for (const char* word : {"window", "shift", "year", "children", "and", "true", "in"})
    EXPECT_TRUE(is_reserved_name(word)) << word;
  EXPECT_FALSE(is_reserved_name("power"));
}

}  // namespace
}  // namespace tundish::formula
