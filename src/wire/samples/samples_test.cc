#include "wire/samples/samples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace tundish::wire {
namespace {

DecodedBody decoded(const Result<DecodedBody>& body) {
  EXPECT_TRUE(body.has_value()) << body.error().to_string();
  return body ? *body : DecodedBody();
}

std::string one(std::string_view members) {
  return "{\"samples\":[{\"tag\":\"e/t\",\"time\":5," + std::string(members) + "}]}";
}

/// The value of a body with one sample.
Value json_value(std::string_view members) {
  const DecodedBody body = decoded(decode_samples_json(one(members)));
  EXPECT_EQ(body.batch.rows.size(), 1u)
      << members << (body.errors.empty() ? "" : body.errors[0].message);
  return body.batch.rows.size() == 1 ? body.batch.rows.value_at(0) : Value("nothing");
}

RowError json_refusal(std::string_view members) {
  const DecodedBody body = decoded(decode_samples_json(one(members)));
  EXPECT_EQ(body.errors.size(), 1u) << members;
  return body.errors.empty() ? RowError{} : body.errors[0];
}

TEST(SamplesJson, ReadsEveryMember) {
  const DecodedBody body = decoded(decode_samples_json(R"({"samples":[
    {"tag":"steel-01/bf1/temp","time":"2026-11-23T08:15:00.5Z","value":1187.25,"quality":"BadNoCommunication"},
    {"value":true,"quality":1083441152,"time":1700000000000000000,"tag":"steel-01/\u9ad8\u7089/on"},
    {"tag":"steel-01/bf1/temp","time":"1700000000000000001","value":"text","quality":null}],
    "class":"corrected"})"));
  const BatchColumns& rows = body.batch.rows;
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(body.batch.paths, (std::vector<std::string>{"steel-01/bf1/temp", "steel-01/高炉/on"}));
  EXPECT_EQ(body.batch.path_index, (std::vector<std::uint32_t>{0, 1, 0}));
  EXPECT_EQ(rows.times[0], *parse_time("2026-11-23T08:15:00.5Z"));
  EXPECT_EQ(rows.times[1], 1700000000000000000);
  EXPECT_EQ(rows.times[2], 1700000000000000001);
  EXPECT_TRUE(same_bits(rows.value_at(0), Value(1187.25)));
  EXPECT_TRUE(same_bits(rows.value_at(1), Value(true)));
  EXPECT_TRUE(same_bits(rows.value_at(2), Value("text")));
  EXPECT_EQ(rows.qualities[0], kBadNoCommunication.code);
  EXPECT_EQ(rows.qualities[1], 1083441152u);
  EXPECT_EQ(rows.qualities[2], kGood.code);
  EXPECT_EQ(body.batch.sample_class, SampleClass::kCorrected);
  EXPECT_FALSE(body.batch.number.has_value());
  EXPECT_EQ(body.refused, 0u);
}

TEST(SamplesJson, NumbersAreDoublesWhereThatIsExact) {
  EXPECT_TRUE(same_bits(json_value("\"value\":3"), Value(3.0)));
  EXPECT_TRUE(same_bits(json_value("\"value\":-0"), Value(-0.0)));
  EXPECT_TRUE(same_bits(json_value("\"value\":-0.0"), Value(-0.0)));
  EXPECT_TRUE(same_bits(json_value("\"value\":0.1 "), Value(0.1)));
  EXPECT_TRUE(
      same_bits(json_value("\"value\":9007199254740993"), Value(std::int64_t{9007199254740993})));
  EXPECT_TRUE(same_bits(json_value("\"value\":9007199254740994"), Value(9007199254740994.0)));
  EXPECT_TRUE(
      same_bits(json_value("\"value\":18446744073709551616"), Value(18446744073709551616.0)));
  EXPECT_TRUE(same_bits(json_value("\"value\":1e308"), Value(1e308)));
  EXPECT_EQ(json_refusal("\"value\":18446744073709551617").code, ErrorCode::kTypeMismatch);
  EXPECT_EQ(json_refusal("\"value\":1e999").code, ErrorCode::kTypeMismatch);
}

TEST(SamplesJson, TypeSaysHowAValueIsRead) {
  EXPECT_TRUE(same_bits(json_value(R"("value":"9007199254740993","type":"int64")"),
                        Value(std::int64_t{9007199254740993})));
  EXPECT_TRUE(same_bits(json_value(R"("type":"int64","value":3)"), Value(std::int64_t{3})));
  EXPECT_TRUE(std::isnan(std::get<double>(json_value(R"("value":"NaN","type":"double")"))));
  EXPECT_TRUE(same_bits(json_value(R"("value":"-Infinity","type":"double")"),
                        Value(-std::numeric_limits<double>::infinity())));
  EXPECT_TRUE(same_bits(json_value(R"("value":"12","type":"string")"), Value("12")));
  EXPECT_TRUE(same_bits(json_value(R"("value":"true","type":"bool")"), Value(true)));
  EXPECT_EQ(json_refusal(R"("value":3.5,"type":"int64")").code, ErrorCode::kTypeMismatch);
  EXPECT_EQ(json_refusal(R"("value":"abc","type":"double")").code, ErrorCode::kTypeMismatch);
  EXPECT_EQ(json_refusal(R"("value":3,"type":"string")").code, ErrorCode::kTypeMismatch);
  EXPECT_EQ(json_refusal(R"("value":3,"type":"float")").code, ErrorCode::kInvalidArgument);
}

TEST(SamplesJson, MarksStringsThatAreSpeltLikeNumbers) {
  const DecodedBody body = decoded(decode_samples_json(R"({"samples":[
    {"tag":"e/t","time":1,"value":"NaN"}, {"tag":"e/t","time":2,"value":"hello"},
    {"tag":"e/t","time":3,"value":"-9007199254740993"}, {"tag":"e/t","time":4,"value":"1.5"},
    {"tag":"e/t","time":5,"value":"7","type":"string"}]})"));
  EXPECT_EQ(body.batch.number_like, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_TRUE(same_bits(body.batch.rows.value_at(0), Value("NaN")));
}

TEST(SamplesJson, RefusesSamplesOneByOneAndKeepsTheRest) {
  const DecodedBody body = decoded(decode_samples_json(R"({"samples":[
    {"tag":"e/a","time":1,"value":1}, 5, {"tag":"e/a","time":"yesterday","value":1},
    {"tag":"e/a","time":1}, {"tag":"e/a","time":1,"value":null}, {"tag":7,"time":1,"value":1},
    {"tag":"e/a","time":1,"value":[1,{"x":[]}]}, {"tag":"e/a","time":1,"value":1,"qualty":"Bad"},
    {"tag":"e/a","time":1,"value":1,"value":2}, {"tag":"e/a","time":1,"value":1,"quality":"Nice"},
    {"tag":"e/a","time":1.5,"value":1}, [], {}, {"tag":"e/a","time":2,"value":12x},
    {"tag":"e/b","time":2,"value":2}]})"));
  ASSERT_EQ(body.batch.rows.size(), 2u);
  EXPECT_EQ(body.places, (std::vector<std::uint32_t>{0, 14}));
  EXPECT_EQ(body.refused, 13u);
  ASSERT_EQ(body.errors.size(), 13u);
  for (std::uint32_t i = 0; i < 13; ++i) EXPECT_EQ(body.errors[i].place, i + 1);
  EXPECT_NE(body.errors[6].message.find("qualty"), std::string::npos);
}

TEST(SamplesJson, TakesTheSendersNumbering) {
  const DecodedBody body = decoded(decode_samples_json(
      R"({"source":"s","stream":"a","epoch":3,"sequence":"18446744073709551615","samples":[]})"));
  ASSERT_TRUE(body.batch.number.has_value());
  EXPECT_EQ(body.batch.number->source, "s");
  EXPECT_EQ(body.batch.number->stream, "a");
  EXPECT_EQ(body.batch.number->epoch, 3u);
  EXPECT_EQ(body.batch.number->sequence, UINT64_MAX);
}

TEST(SamplesJson, RefusesBodiesThatAreWrongAsAWhole) {
  for (const std::string_view text :
       {"",
        "[]",
        "{}",
        "7",
        "null",
        "\"x\"",
        R"({"samples":{}})",
        R"({"samples":[)",
        R"({"samples":[{]})",
        R"({"samples":[{}},)",
        R"({"samples":[]}x)",
        R"({"samples":[]}{})",
        R"({"samples":[],"samples":[]})",
        R"({"samples":[],"sauce":1})",
        R"({"samples":[],"source":"s"})",
        R"({"samples":[],"class":"best"})",
        R"({"samples":[],"source":"s","stream":"a","epoch":0,"sequence":1})",
        R"({"samples":[],"source":"s","stream":"a","epoch":1,"sequence":1.5})",
        R"({"samples":[],"source":"","stream":"a","epoch":1,"sequence":1})",
        R"({"samples":[{"tag":"e/t","time":1,"value":tru}]})",
        "{\"samples\":[{\"tag\":\"\xFF\",\"time\":1,\"value\":1}]}"}) {
    const auto body = decode_samples_json(text);
    ASSERT_FALSE(body.has_value()) << text;
    EXPECT_EQ(body.error().code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(SamplesJson, KeepsItsBounds) {
  const std::string two =
      R"({"samples":[{"tag":"e/a","time":1,"value":1},{"tag":"e/b","time":1,"value":1}]})";
  EXPECT_TRUE(decode_samples_json(two, {.rows_max = 2, .paths_max = 2}).has_value());
  EXPECT_EQ(decode_samples_json(two, {.rows_max = 1}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(decode_samples_json(two, {.paths_max = 1}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(decode_samples_json(two, {.json_bytes_max = 10}).error().code, ErrorCode::kTooLarge);
  const std::string deep = R"({"samples":[{"tag":)" + std::string(200'000, '[');
  EXPECT_FALSE(decode_samples_json(deep).has_value());
}

TEST(SamplesJson, KeepsTheFirstThousandReasonsAndCountsAll) {
  std::string text = "{\"samples\":[";
  for (int i = 0; i < 1500; ++i) text += i == 0 ? "1" : ",1";
  const DecodedBody body = decoded(decode_samples_json(text + "]}"));
  EXPECT_EQ(body.refused, 1500u);
  EXPECT_EQ(body.errors.size(), 1000u);
}

TEST(SamplesCsv, ReadsColumnsInAnyOrder) {
  const DecodedBody body =
      decoded(decode_samples_csv("\xEF\xBB\xBFtime,tag,quality,value,type\r\n"
                                 "1,e/a,,1.5,\r\n"
                                 "\r\n"
                                 "2026-11-23T08:15:00+08:00,\"e/b,c\",Bad,\"say \"\"hi\"\"\",\r\n"
                                 "3,e/a,Good,9007199254740993,int64\n"
                                 "4,e/a,0x80310000,true,"));
  const BatchColumns& rows = body.batch.rows;
  ASSERT_EQ(rows.size(), 4u) << (body.errors.empty() ? "" : body.errors[0].message);
  EXPECT_EQ(body.batch.paths, (std::vector<std::string>{"e/a", "e/b,c"}));
  EXPECT_TRUE(same_bits(rows.value_at(0), Value(1.5)));
  EXPECT_TRUE(same_bits(rows.value_at(1), Value("say \"hi\"")));
  EXPECT_TRUE(same_bits(rows.value_at(2), Value(std::int64_t{9007199254740993})));
  EXPECT_TRUE(same_bits(rows.value_at(3), Value(true)));
  EXPECT_EQ(rows.qualities[3], kBadNoCommunication.code);
  EXPECT_TRUE(body.errors.empty());
}

TEST(SamplesCsv, AQuotedNumberIsReadByTheDoor) {
  const DecodedBody body = decoded(
      decode_samples_csv("tag,time,value\ne/a,1,\"12.5\"\ne/a,2,\"x\"\ne/a,3,12\ne/a,4,\"\"\n"));
  EXPECT_EQ(body.batch.number_like, (std::vector<std::uint32_t>{0}));
  EXPECT_TRUE(same_bits(body.batch.rows.value_at(0), Value("12.5")));
  EXPECT_TRUE(same_bits(body.batch.rows.value_at(2), Value(12.0)));
  EXPECT_TRUE(same_bits(body.batch.rows.value_at(3), Value("")));
}

TEST(SamplesCsv, RefusesLinesOneByOneWithTheirNumber) {
  const DecodedBody body =
      decoded(decode_samples_csv("tag,time,value\n"
                                 "e/a,1,1\n"               // line 2
                                 "e/a,1\n"                 // line 3
                                 "e/a,never,1\n"           // line 4
                                 ",1,1\n"                  // line 5
                                 "e/a,1,\n"                // line 6
                                 "e/a,1,\"two\nlines\"\n"  // lines 7 and 8
                                 "e/a,1,b\"c\n"            // line 9
                                 "e/a,1,\"b\"c\n"          // line 10
                                 "e/a,1,1,1\n"             // line 11
                                 "e/z,2,2\r"));            // line 12
  EXPECT_EQ(body.batch.rows.size(), 3u);
  ASSERT_EQ(body.errors.size(), 7u);
  EXPECT_EQ(body.errors[0].message, "line 3: it has 2 fields, the header 3");
  const std::size_t lines[] = {3, 4, 5, 6, 9, 10, 11};
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_TRUE(body.errors[i].message.starts_with("line " + std::to_string(lines[i]) + ":"))
        << body.errors[i].message;
  EXPECT_EQ(body.places, (std::vector<std::uint32_t>{0, 5, 9}));
}

TEST(SamplesCsv, RefusesBodiesThatAreWrongAsAWhole) {
  for (const std::string_view text :
       {"", "\n", "tag,time\n", "tag,time,value,value\n", "tag,time,value,colour\n", "a;b;c\n",
        "tag,time,value\ne/a,1,\"open\n", "\"tag"}) {
    EXPECT_FALSE(decode_samples_csv(text).has_value()) << text;
  }
}

TEST(DecodedBody, SpeaksOfTheBodyWhenTheDoorRefuses) {
  DecodedBody body = decoded(decode_samples_json(R"({"samples":[1,{"tag":"e/a","time":1,"value":1},
    2,{"tag":"e/b","time":1,"value":1}]})"));
  Receipt receipt;
  receipt.refused = 1;
  receipt.refusals.push_back({1, ErrorCode::kNotFound, "there is no tag 'e/b'"});
  body.add_refusals(receipt);
  EXPECT_EQ(body.refused, 3u);
  ASSERT_EQ(body.errors.size(), 3u);
  EXPECT_EQ(body.errors[2].place, 3u);
  EXPECT_EQ(body.errors[2].code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tundish::wire
