// The decode cases of the reference implementation's corpus: tests/vectors/influx-line-protocol.
// Each is accepted with the same points, or refused, as the corpus says; exceptions are listed here
// with their reason.

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"
#include "wire/lineprotocol/line_protocol.h"
#include "wire/lineprotocol/line_scanner.h"

namespace tundish::wire {
namespace {

std::string gunzipped(const std::string& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  std::vector<char> part(1 << 16);
  for (int read = 0; (read = gzread(file, part.data(), static_cast<unsigned>(part.size()))) > 0;)
    text.append(part.data(), static_cast<std::size_t>(read));
  gzclose(file);
  return text;
}

std::string from_base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;  // padding
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8));
  }
  return bytes;
}

/// A field's value as the corpus writes it: `float 1.5`, `int 3`, `uint 3`, `bool true`, `string x`.
std::string shown(const RawField& field) {
  switch (field.kind) {
    case RawField::Kind::kFloat: {
      std::string text = "float ";
      append_json_number(text, double_of(field.bits) + 0.0);  // the corpus' JSON knows no -0.0
      return text;
    }
    case RawField::Kind::kInteger:
      return "int " + std::to_string(static_cast<std::int64_t>(field.bits));
    case RawField::Kind::kUnsigned: return "uint " + std::to_string(field.bits);
    case RawField::Kind::kBool: return field.bits != 0 ? "bool true" : "bool false";
    case RawField::Kind::kString: return "string " + unescape_string(field.text);
  }
  return {};
}

std::string shown(const JsonValue& value) {
  const auto& [kind, content] = value.object()->front();
  if (kind == "float") {
    std::string text = "float ";
    append_json_number(text, *content.number());
    return text;
  }
  if (kind == "bool") return *content.boolean() ? "bool true" : "bool false";
  if (kind == "string") return "string " + *content.string();
  if (const auto* whole = content.integer()) return kind + " " + std::to_string(*whole);
  // Beyond int64 the JSON reader rounds; the corpus has one such integer, the largest there is.
  return kind + " " + std::to_string(UINT64_MAX);
}

/// All points of the text, one line each, or `error`.
std::string decoded(std::string_view text, TimeNs received, DurationNs precision) {
  std::string all;
  LineScanner scanner(text);
  for (;;) {
    const LineScanner::Next next = scanner.next();
    if (next == LineScanner::Next::kEnd) return all;
    if (next == LineScanner::Next::kError) return "error";
    const RawPoint& point = scanner.point();
    const auto tags = sorted_tags(point);
    if (!tags) return "error";
    TimeNs time = received - received % precision;
    if (point.timestamp && __builtin_mul_overflow(*point.timestamp, precision, &time))
      return "error";
    all += unescape_name(point.measurement, true) + " | ";
    for (const LineTag& tag : *tags) all += tag.key + " = " + tag.value + " | ";
    for (const RawField& field : point.fields)
      all += unescape_name(field.key) + " = " + shown(field) + " | ";
    all += std::to_string(time) + "\n";
  }
}

std::string expected(const JsonValue& output) {
  if (output.find("error") != nullptr) return "error";
  std::string all;
  for (const JsonValue& point : *output.find("result")->array()) {
    all += *point.find("name")->string() + " | ";
    std::map<std::string, std::string> tags;
    for (const JsonValue& tag : *point.find("tags")->array())
      tags[*tag.find("key")->string()] = *tag.find("value")->string();
    for (const auto& [key, value] : tags) all += key + " = " + value + " | ";
    for (const JsonValue& field : *point.find("fields")->array())
      all += *field.find("key")->string() + " = " + shown(*field.find("value")) + " | ";
    all += std::to_string(*point.find("time")->integer()) + "\n";
  }
  return all;
}

TEST(LineCorpus, AgreesWithTheReferenceImplementation) {
  const std::string text =
      gunzipped(TUNDISH_SOURCE_DIR "/tests/vectors/influx-line-protocol/corpus.json.gz");
  const auto corpus = parse_json(text, {.bytes_max = 64u << 20, .values_max = 10'000'000});
  ASSERT_TRUE(corpus.has_value()) << corpus.error().to_string();
  /// Case -> why this parser says otherwise.
  constexpr const char* kBackslash =
      "the reference reads \\r and \\t in a string as control characters; InfluxDB itself and its "
      "documentation know only \\\" and \\\\, and a path like C:\\temp must stay what it is";
  const std::map<std::string, std::string> exceptions = {
      {"0d72bd69a58fa1a3399cf61fc9fdc67c", kBackslash},
      {"909116df4d304c2e9ad8a57300bc08d7", kBackslash},
  };
  std::size_t accepted = 0;
  std::size_t refused = 0;
  std::size_t excepted = 0;
  for (const auto& [name, row] : *corpus->find("decode")->object()) {
    const JsonValue& input = *row.find("input");
    const JsonValue& body = *input.find("text");
    const std::string bytes =
        body.string() ? *body.string() : from_base64(*body.find("binary")->string());
    const auto precision =
        parse_precision(std::string_view(*input.find("precision")->string()).substr(1));
    ASSERT_TRUE(precision.has_value());
    const std::string want = expected(*row.find("output"));
    const std::string got = decoded(bytes, *input.find("defaultTime")->integer(), *precision);
    if (exceptions.contains(name)) {
      EXPECT_NE(got, want) << name << " is an exception no more";
      ++excepted;
      continue;
    }
    EXPECT_EQ(got, want) << name << "\n" << bytes.substr(0, 300);
    ++(want == "error" ? refused : accepted);
  }
  RecordProperty("accepted", static_cast<int>(accepted));
  RecordProperty("refused", static_cast<int>(refused));
  EXPECT_EQ(excepted, exceptions.size());
  EXPECT_EQ(accepted + refused + excepted, 4951u);
  EXPECT_GT(accepted, 280u);
}

}  // namespace
}  // namespace tundish::wire
