#include "serve/accept.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace tundish::serve {
namespace {

constexpr std::array<std::string_view, 3> kOffered{"application/json", "text/csv",
                                                   "application/vnd.tundish.result"};

std::string chosen(std::string_view accept) {
  const auto index = choose_type(accept, kOffered);
  return index ? std::string(kOffered[*index]) : "none";
}

TEST(Accept, ChoosesByWeightThenExactnessThenPlace) {
  EXPECT_EQ(chosen(""), "application/json");
  EXPECT_EQ(chosen("*/*"), "application/json");
  EXPECT_EQ(chosen("text/csv"), "text/csv");
  EXPECT_EQ(chosen("TEXT/CSV; charset=utf-8"), "text/csv");
  EXPECT_EQ(chosen("text/*"), "text/csv");
  EXPECT_EQ(chosen("text/csv, application/json"), "text/csv");
  EXPECT_EQ(chosen("application/json, text/csv"), "application/json");
  EXPECT_EQ(chosen("application/json;q=0.5,text/csv;q=0.9"), "text/csv");
  EXPECT_EQ(chosen("text/csv;q=0, */*"), "application/json");
  EXPECT_EQ(chosen("application/json;q=0, text/csv;q=0, */*;q=0.1"),
            "application/vnd.tundish.result");
  EXPECT_EQ(chosen("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            "application/json");
  EXPECT_EQ(chosen("application/vnd.tundish.result, */*"), "application/vnd.tundish.result");
}

TEST(Accept, NothingWhereNothingIsAcceptable) {
  EXPECT_EQ(chosen("image/png"), "none");
  EXPECT_EQ(chosen("text/csv;q=0"), "none");
  EXPECT_EQ(chosen("*/*;q=0"), "none");
  EXPECT_EQ(chosen("text/csvx, application/jsonp"), "none");
}

TEST(Accept, WhatIsNoHeaderDoesNoHarm) {
  for (const char* text : {",,,", ";q=", "text/csv;q=x", "/", "*", ";;;,;;", "text/csv;q=9e99"})
    chosen(text);
  EXPECT_EQ(chosen("text/csv;q=x"), "text/csv");
  EXPECT_EQ(chosen("text/csv;q=nan"), "none");
}

}  // namespace
}  // namespace tundish::serve
