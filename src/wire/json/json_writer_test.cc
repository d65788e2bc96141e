#include "wire/json/json_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

namespace tundish::wire {
namespace {

template <class T>
std::string written(T value) {
  std::string out;
  JsonWriter(out).value(value);
  return out;
}

TEST(JsonWriter, PutsCommasBetweenMembersAndElements) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("a", 1).key("b").begin_array().value(true).null().begin_object();
  json.end_object().end_array().member("c", "x").key("d").begin_array().end_array().end_object();
  EXPECT_EQ(out, R"({"a":1,"b":[true,null,{}],"c":"x","d":[]})");
}

TEST(JsonWriter, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(written("a\"b\\c\n\r\t\x01/<\x7f"), "\"a\\\"b\\\\c\\n\\r\\t\\u0001/<\x7f\"");
  EXPECT_EQ(written("高炉 é 😀"), "\"高炉 é 😀\"");
}

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(written("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(written("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWriter, WritesTheShortestNumberThatReadsBack) {
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(3.0), "3");
  EXPECT_EQ(written(-0.0), "-0.0");
  EXPECT_EQ(written(1e300), "1e+300");
  EXPECT_EQ(written(std::nan("")), "\"NaN\"");
  EXPECT_EQ(written(-std::numeric_limits<double>::infinity()), "\"-Infinity\"");
}

TEST(JsonWriter, FewDecimalsAreWrittenAsTheLibraryWritesThem) {
  std::mt19937_64 random(4);
  const auto expect_same = [](double number) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    std::string ours;
    append_json_number(ours, number);
    ASSERT_EQ(ours, std::string(text.data(), end));
  };
  for (int i = 0; i < 200'000; ++i) {
    const auto digits =
        static_cast<double>(static_cast<std::int64_t>(random() % 2'000'000'000) - 1'000'000'000);
    double number = digits / std::pow(10.0, static_cast<double>(random() % 12));
    if (random() % 4 == 0) number = std::nextafter(number, 1e300);
    if (number == 0) continue;
    expect_same(number);
  }
  for (const double number :
       {0.01, 0.0099, 99999.9999, 100000.0, 10000.0, 99999.0, 0.5, 1e-4, 123.45})
    expect_same(number);
}

TEST(JsonWriter, WritesIntegersBeyond53BitsAsStrings) {
  EXPECT_EQ(written(std::int64_t{9007199254740992}), "9007199254740992");
  EXPECT_EQ(written(std::int64_t{9007199254740993}), "\"9007199254740993\"");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "\"-9223372036854775808\"");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "\"18446744073709551615\"");
  EXPECT_EQ(written(std::uint8_t{200}), "200");
}

TEST(JsonWriter, WritesTimesAndValues) {
  std::string out;
  JsonWriter json(out);
  json.begin_array().time(kSecond / 4).nanoseconds(7).value(Value(true)).value(Value("s"));
  json.value(Value(std::int64_t{5})).end_array();
  EXPECT_EQ(out, R"(["1970-01-01T00:00:00.25Z","7",true,"s",5])");
}

}  // namespace
}  // namespace tundish::wire
