#include "wire/lineprotocol/line_protocol.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "wire/lineprotocol/line_scanner.h"

namespace tundish::wire {
namespace {

LineProtocolOptions steel() {
  LineProtocolOptions options;
  options.enterprise_code = "steel-01";
  options.received = 1'700'000'000'123'456'789;
  return options;
}

DecodedBody decoded(std::string_view text, const LineProtocolOptions& options = steel()) {
  auto body = decode_line_protocol(text, options);
  EXPECT_TRUE(body.has_value()) << body.error().to_string();
  return body ? *body : DecodedBody();
}

TEST(LineProtocol, MapsPointsToPaths) {
  const DecodedBody body = decoded(
      "cpu,host=a,site=x usage=1,idle=99i 5\n"
      "cpu,site=x,host=a usage=2 6\n"
      "cpu,host=b,site=x usage=3 7\n"
      "mem free=12i 8");
  EXPECT_EQ(body.batch.paths,
            (std::vector<std::string>{"steel-01/cpu/a/x/usage", "steel-01/cpu/a/x/idle",
                                      "steel-01/cpu/b/x/usage", "steel-01/mem/free"}));
  EXPECT_EQ(body.batch.path_index, (std::vector<std::uint32_t>{0, 1, 0, 2, 3}));
  EXPECT_EQ(body.batch.rows.times, (std::vector<TimeNs>{5, 5, 6, 7, 8}));
  EXPECT_EQ(body.places, (std::vector<std::uint32_t>{1, 1, 2, 3, 4}));
  EXPECT_EQ(body.refused, 0u);
}

/// Rows and refusals as one text, so that two bodies compare.
std::string told(const DecodedBody& body, std::size_t first_line) {
  std::string text;
  for (std::size_t row = 0; row < body.batch.rows.size(); ++row) {
    const Sample sample = body.batch.rows.at(row);
    text += fmt::format("{} {} {} {}:{}\n", body.places[row] + first_line,
                        body.batch.paths[body.batch.path_index[row]], sample.time,
                        sample.value.index(), body.batch.rows.bits[row]);
  }
  for (const RowError& error : body.errors)
    text += fmt::format("{} {}:{}\n", error.place + first_line, error.column, error.message);
  return text;
}

/// What comes again is recognized by its bytes; that must not change what a line means.
TEST(LineProtocol, ALineMeansTheSameWhateverCameBefore) {
  const std::vector<std::string> series = {"cpu",         "cpu,host=a",     "cpu,host=a,site=x",
                                           "cpu,host=ab", "cpu,host=a\\ b", "cpu,site=x,host=a",
                                           "cpu,",        "cpu,host=a\\",   "m\\,n,k=v",
                                           "cpu,k=1,k=2", "cpu,host=a/b",   "# no point"};
  const std::vector<std::string> rest = {
      " v=1 5", " v=2.5,w=3i 6", " w=t 7",  " v=x 8", " v=1 9 9", " v=1",
      "",       ",v=1 5",        "  v=1 5", "=1 5",   " v= 5",    " v=7u 99999999999999999999"};
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::string body, alone;
    const std::size_t repeat = 1 + random() % 4;
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < 20; ++i)
      lines.push_back(i >= repeat && random() % 3 != 0
                          ? lines[i - repeat]
                          : series[random() % series.size()] + rest[random() % rest.size()]);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      body += lines[i] + '\n';
      alone += told(decoded(lines[i] + '\n'), i);
    }
    // One list of rows, one of refusals, each in the order of lines.
    const auto sorted = [](const std::string& text) {
      std::vector<std::string> all;
      for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
        all.push_back(text.substr(at, text.find('\n', at) - at));
      std::ranges::sort(all);
      return all;
    };
    EXPECT_EQ(sorted(told(decoded(body), 0)), sorted(alone)) << body;
  }
}

TEST(LineProtocol, EncodesNamesForPaths) {
  const DecodedBody body = decoded(R"(we\ ather\,\=x,lo\=c=us/mid*w\ est%,号=高炉 te\=mp=1)");
  ASSERT_EQ(body.batch.paths.size(), 1u);
  EXPECT_EQ(body.batch.paths[0], "steel-01/we ather,\\=x/us%2Fmid%2Aw est%25/高炉/te=mp");
}

TEST(LineProtocol, ReadsEveryKindOfValue) {
  const DecodedBody body = decoded(
      "m a=1.5,b=-3i,c=7u,d=t,e=FALSE,f=\"q\\\"u\\\\o,t=e "
      "\\n\",g=-0,h=1e-999,i=18446744073709551615u,"
      "j=18446744073709549568u");
  const BatchColumns& rows = body.batch.rows;
  ASSERT_EQ(rows.size(), 9u);
  EXPECT_TRUE(same_bits(rows.value_at(0), Value(1.5)));
  EXPECT_TRUE(same_bits(rows.value_at(1), Value(std::int64_t{-3})));
  EXPECT_TRUE(same_bits(rows.value_at(2), Value(std::int64_t{7})));
  EXPECT_TRUE(same_bits(rows.value_at(3), Value(true)));
  EXPECT_TRUE(same_bits(rows.value_at(4), Value(false)));
  EXPECT_TRUE(same_bits(rows.value_at(5), Value("q\"u\\o,t=e \\n")));
  EXPECT_TRUE(same_bits(rows.value_at(6), Value(-0.0)));
  EXPECT_TRUE(same_bits(rows.value_at(7), Value(0.0)));
  EXPECT_TRUE(same_bits(rows.value_at(8), Value(18446744073709549568.0)));
  ASSERT_EQ(body.errors.size(), 1u) << "neither type holds the largest unsigned integer exactly";
  EXPECT_EQ(body.errors[0].code, ErrorCode::kTypeMismatch);
}

TEST(LineProtocol, ReadsTimesInTheirPrecision) {
  LineProtocolOptions options = steel();
  for (const auto& [name, length] :
       std::vector<std::pair<std::string, DurationNs>>{{"", 1},
                                                       {"ns", 1},
                                                       {"us", kMicrosecond},
                                                       {"ms", kMillisecond},
                                                       {"s", kSecond},
                                                       {"m", kMinute},
                                                       {"h", kHour}}) {
    options.precision = *parse_precision(name);
    EXPECT_EQ(options.precision, length);
    const DecodedBody body = decoded("a b=1 -7\na b=1\n", options);
    EXPECT_EQ(body.batch.rows.times[0], -7 * length);
    EXPECT_EQ(body.batch.rows.times[1], options.received - options.received % length);
  }
  EXPECT_FALSE(parse_precision("d").has_value());
  const DecodedBody body = decoded("a b=1 9223372036854775807\na b=1 1\n", options);
  EXPECT_EQ(body.errors[0].message, "the timestamp is outside 1677 to 2262");
  EXPECT_EQ(body.batch.rows.size(), 1u);
}

TEST(LineProtocol, KeepsTheOtherLinesAndSaysWhere) {
  const DecodedBody body = decoded(
      "a b=1 1\n"
      "broken\n"
      "# a comment\n"
      "\n"
      "a b=nope 1\r\n"
      "  a b=2 2 \r\n"
      "a,x=1,x=2 b=1 1\n"
      "a b=1 1 1\n"
      "a b=\"open 1\n"
      "a b=3 3\n"
      "a b=\"two\nlines\" 4\n"
      "a b=\"\xFF\" 5\n"
      "a b=5 5");
  const BatchColumns& rows = body.batch.rows;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> where;
  for (const RowError& error : body.errors) where.emplace_back(error.place, error.column);
  // The quote opened in line 9 is closed in line 11, so that the lines between are its text.
  EXPECT_EQ(where, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{
                       {2, 7}, {5, 5}, {7, 0}, {8, 9}, {11, 6}, {12, 9}, {13, 5}}))
      << body.errors[4].message;
  EXPECT_EQ(rows.times, (std::vector<TimeNs>{1, 2, 5}));
  EXPECT_EQ(body.refused, 7u);
}

TEST(LineProtocol, AQuoteThatIsNeverClosedCostsItsOwnLine) {
  const DecodedBody body = decoded("a b=1 1\na b=\"open 2\na b=3 3\na b=4 4\n");
  EXPECT_EQ(body.batch.rows.times, (std::vector<TimeNs>{1, 3, 4}));
  ASSERT_EQ(body.errors.size(), 1u);
  EXPECT_EQ(body.errors[0].place, 2u);
  EXPECT_EQ(body.errors[0].column, 5u);
}

TEST(LineProtocol, KeepsItsBounds) {
  std::string tags = "m";
  for (int i = 0; i < 65; ++i) tags += ",t" + std::to_string(i) + "=x";
  std::string fields = "m ";
  for (int i = 0; i < 1025; ++i) fields += (i ? ",f" : "f") + std::to_string(i) + "=1";
  const std::string text = "m f=\"" + std::string(70'000, 'x') + "\" 1";
  const std::string name = std::string(2000, 'n') + " f=1";
  const DecodedBody body =
      decoded(tags + " f=1\n" + fields + "\n" + text + "\n" + name + "\nm f=1 9\n");
  ASSERT_EQ(body.errors.size(), 4u);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(body.errors[i].place, i + 1);
  EXPECT_EQ(body.batch.rows.times, std::vector<TimeNs>{9});
  LineProtocolOptions options = steel();
  options.limits.rows_max = 1;
  EXPECT_EQ(decode_line_protocol("m a=1,b=2", options).error().code, ErrorCode::kTooLarge);
  options = steel();
  options.limits.paths_max = 1;
  EXPECT_EQ(decode_line_protocol("m a=1,b=2", options).error().code, ErrorCode::kTooLarge);
  options.limits.bytes_max = 3;
  EXPECT_EQ(decode_line_protocol("m a=1", options).error().code, ErrorCode::kTooLarge);
}

TEST(LineProtocol, FieldsMayChangeTheirPlace) {
  const DecodedBody body = decoded("m a=1,b=2 1\nm b=3,a=4 2\nm b=5 3\nm a=6,b=7 4\n");
  EXPECT_EQ(body.batch.paths, (std::vector<std::string>{"steel-01/m/a", "steel-01/m/b"}));
  EXPECT_EQ(body.batch.path_index, (std::vector<std::uint32_t>{0, 1, 1, 0, 1, 0, 1}));
}

}  // namespace
}  // namespace tundish::wire
