#include "binding/register_list.h"

#include <gtest/gtest.h>

namespace tundish::binding {
namespace {

std::string refusal(std::string_view text) {
  const auto list = read_register_list(text);
  return list ? "read" : list.error().where + ": " + list.error().message;
}

TEST(RegisterList, ReadsColumnsInAnyOrder) {
  const auto list = read_register_list(
      "\xEF\xBB\xBFUnit,name,high,low,type,Description,address\r\n"
      "℃,\"BF1,热风\"\"温度\",1500,0,REAL,\"two\nlines\",DB12.DBD4\r\n"
      "\r\n"
      ", spare ,,,,,\r\n");
  ASSERT_TRUE(list.has_value()) << list.error().to_string();
  ASSERT_EQ(list->size(), 2u);
  const auto& first = (*list)[0];
  EXPECT_EQ(first.point.path, std::vector<std::string>{"BF1,热风\"温度"});
  EXPECT_EQ(first.point.unit, "℃");
  EXPECT_EQ(first.point.description, "two\nlines");
  EXPECT_EQ(first.point.type, ValueType::kDouble);
  EXPECT_EQ(first.point.range, (Limits{0, 1500}));
  EXPECT_EQ(first.address, "DB12.DBD4");
  EXPECT_EQ(first.line, 2u);
  EXPECT_EQ((*list)[1].point.path[0], "spare");
  EXPECT_EQ((*list)[1].line, 5u);
  EXPECT_FALSE((*list)[1].point.type || (*list)[1].point.range);
}

TEST(RegisterList, NamesThePlaceAndTheNearestWord) {
  EXPECT_EQ(refusal(""),
            "line 1, column 1: the list is empty: its first line names the columns, for example "
            "name,unit");
  EXPECT_EQ(refusal("name,units\n"),
            "line 1, column 6: `units` is not a column; the nearest is `unit`");
  EXPECT_EQ(refusal("name,name\n"), "line 1, column 6: the column `name` is there twice");
  EXPECT_EQ(refusal("unit\n"), "line 1, column 1: the column `name` is missing");
  EXPECT_EQ(refusal("name,low\n"), "line 1, column 1: the columns `low` and `high` come together");
  EXPECT_EQ(refusal("name,unit\na,b,c\n"),
            "line 2, column 1: 3 fields where the first line names 2 columns");
  EXPECT_EQ(refusal("name,type\nx,flaot\n"),
            "line 2, column 3: `flaot` is not a type; the nearest is `float`");
  EXPECT_EQ(refusal("name,low,high\nx,1,y\n"),
            "line 2, column 5: `y` is not a number such as 1250.5");
  EXPECT_EQ(refusal("name,low,high\nx,2,1\n"), "line 2, column 5: `high` is less than `low`");
  EXPECT_EQ(refusal("name,low,high\nx,2,\n"), "line 2, column 5: `low` and `high` come together");
  EXPECT_EQ(refusal("name\n\n\"x\n"), "line 3, column 1: the quote that opens here is not closed");
  EXPECT_EQ(refusal("name,unit\n\"x\"y,t\n"),
            "line 2, column 4: a comma or the end of the line belongs after a closing quote");
  EXPECT_EQ(refusal("name\nx\"y\n").substr(0, 16), "line 2, column 2");
  EXPECT_EQ(refusal("name,unit\n,t\n"), "line 2, column 1: the name is empty");
  EXPECT_EQ(refusal("name\n\xff\n").substr(0, 24), ": the list is not UTF-8:");
}

TEST(RegisterList, IsBounded) {
  EXPECT_NE(refusal("name\n" + std::string(20'000, 'x')).find("at most 16384 bytes"),
            std::string::npos);
  EXPECT_NE(refusal("name\n" + std::string(40, ',')).find("at most 32 columns"), std::string::npos);
  std::string many = "name\n";
  for (std::size_t i = 0; i <= kPointsMax; ++i) many += "x\n";
  const auto list = read_register_list(many);
  ASSERT_FALSE(list.has_value());
  EXPECT_EQ(list.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace tundish::binding
