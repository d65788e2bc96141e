#include "wire/json/json_value.h"

#include <gtest/gtest.h>

#include <string>

namespace tundish::wire {
namespace {

JsonValue parsed(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.has_value()) << text << ": " << (value ? "" : value.error().to_string());
  return value ? *value : JsonValue();
}

TEST(JsonValue, ReadsEveryKind) {
  const JsonValue value =
      parsed(R"( {"n":null,"b":true,"i":-7,"d":2.5,"s":"a\n\u9ad8","a":[1,[]],"o":{"x":{}}} )");
  EXPECT_TRUE(value.find("n")->is_null());
  EXPECT_TRUE(*value.find("b")->boolean());
  EXPECT_EQ(*value.find("i")->integer(), -7);
  EXPECT_EQ(*value.find("i")->number(), -7.0);
  EXPECT_EQ(*value.find("d")->number(), 2.5);
  EXPECT_EQ(*value.find("s")->string(), "a\n高");
  EXPECT_EQ(value.find("a")->array()->size(), 2u);
  EXPECT_NE(value.find("o")->find("x")->object(), nullptr);
  EXPECT_EQ(value.find("absent"), nullptr);
}

TEST(JsonValue, ReadsAScalarAlone) {
  EXPECT_EQ(*parsed("12").integer(), 12);
  EXPECT_EQ(*parsed(" \"x\" ").string(), "x");
  EXPECT_TRUE(parsed("null").is_null());
  EXPECT_FALSE(*parsed("false").boolean());
}

TEST(JsonValue, RoundsIntegersBeyond64Bits) {
  EXPECT_EQ(*parsed("9223372036854775807").integer(), INT64_MAX);
  EXPECT_EQ(*parsed("18446744073709551615").number(), 18446744073709551615.0);
  EXPECT_EQ(*parsed("[-100000000000000000000]").array()->front().number(), -1e20);
}

TEST(JsonValue, RefusesWhatIsNotJson) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "}",
                                      "[1,]",
                                      "{\"a\":}",
                                      "{\"a\" 1}",
                                      "{a:1}",
                                      "[1 2]",
                                      "nul",
                                      "[tru]",
                                      "01",
                                      "[01]",
                                      "[1.]",
                                      "[.5]",
                                      "[+1]",
                                      "[NaN]",
                                      "[1]x",
                                      "[1][2]",
                                      "\"\xFF\"",
                                      "[\"\x01\"]",
                                      "{\"a\":1,\"a\":2}",
                                      "[\"\\x\"]",
                                      "[\"\\ud800\"]",
                                      "[0100000000000000000000000]",
                                      "1 2",
                                      "nullx",
                                      "[nullx]",
                                      "[1e999]"}) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(JsonValue, SaysWhereItWentWrong) {
  const auto value = parse_json("{\"a\":1,\n\"b\":nope}");
  ASSERT_FALSE(value.has_value());
  ASSERT_TRUE(value.error().offset.has_value());
  EXPECT_GE(*value.error().offset, 12u);
}

TEST(JsonValue, KeepsItsLimits) {
  EXPECT_EQ(parse_json("[[[1]]]", {.depth_max = 2}).error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(parse_json("[[1]]", {.depth_max = 2}).has_value());
  EXPECT_EQ(parse_json("[1,2,3]", {.values_max = 3}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(parse_json("[1,2,3]", {.bytes_max = 6}).error().code, ErrorCode::kTooLarge);
  EXPECT_FALSE(parse_json(std::string(100'000, '[')).has_value());
}

TEST(JsonValue, MembersHaveTheKindAskedFor) {
  const JsonValue value = parsed(R"({"name":"x","limit":5,"none":null})");
  EXPECT_EQ(*required_member<std::string>(value, "name"), "x");
  EXPECT_EQ(**optional_member<std::int64_t>(value, "limit"), 5);
  EXPECT_EQ(*required_member<double>(value, "limit"), 5.0);
  EXPECT_FALSE(optional_member<bool>(value, "none")->has_value());
  EXPECT_EQ(required_member<bool>(value, "none").error().where, "none");
  EXPECT_EQ(optional_member<std::string>(value, "limit").error().message,
            "'limit' must be a string, not an integer.");
  EXPECT_TRUE(check_members(value, {"name", "limit", "none", "more"}).has_value());
  EXPECT_EQ(check_members(value, {"name", "limit"}).error().where, "none");
}

}  // namespace
}  // namespace tundish::wire
