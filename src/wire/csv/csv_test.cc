#include "wire/csv/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tundish::wire {
namespace {

std::string mistake(std::string_view text, const CsvLimits& limits = {}) {
  const auto records = read_csv(text, limits);
  return records ? "none" : records.error().message.substr(0, 17);
}

TEST(Csv, ReadsFieldsWithTheirPlaces) {
  const auto records = read_csv("\xEF\xBB\xBFpath,en\r\n\r\nworks,\"a \"\"b\"\",\n温度\"\nx,\n");
  ASSERT_TRUE(records) << records.error().message;
  ASSERT_EQ(records->size(), 3u);
  EXPECT_EQ((*records)[0][0].text, "path");
  EXPECT_EQ((*records)[1][1].text, "a \"b\",\n温度");
  EXPECT_EQ((*records)[1][1].line, 3u);
  EXPECT_EQ((*records)[1][1].column, 7u);
  EXPECT_EQ((*records)[2][1].text, "");
  EXPECT_EQ((*records)[2][0].line, 5u);
  EXPECT_EQ((*read_csv("温度,x"))[0][1].column, 4u);
}

TEST(Csv, MistakesHaveAPlace) {
  EXPECT_EQ(mistake("a,b\"c\n"), "line 1, column 4:");
  EXPECT_EQ(mistake("a\nb,\"c\n\n"), "line 2, column 3:");
  EXPECT_EQ(mistake("\"a\"b"), "line 1, column 4:");
  EXPECT_EQ(mistake("a,b,c", {.fields_max = 2}), "line 1, column 5:");
  EXPECT_EQ(mistake("a\nb\n", {.records_max = 1}), "line 2, column 1:");
  EXPECT_EQ(mistake("aaaa", {.field_bytes_max = 3}), "line 1, column 1:");
}

RC_GTEST_PROP(Csv, WhatIsWrittenReadsBack, (const std::vector<std::vector<std::string>>& table)) {
  std::string text;
  std::vector<std::vector<std::string>> wanted;
  for (const auto& fields : table) {
    if (fields.empty()) continue;
    append_csv_record(text, fields);
    wanted.push_back(fields);
  }
  const auto records = read_csv(text);
  RC_ASSERT(records.has_value());
  std::vector<std::vector<std::string>> read;
  for (const auto& record : *records) {
    read.emplace_back();
    for (const auto& field : record) read.back().push_back(field.text);
  }
  RC_ASSERT(read == wanted);
}

}  // namespace
}  // namespace tundish::wire
