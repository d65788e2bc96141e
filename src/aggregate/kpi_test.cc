#include "aggregate/kpi.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "base/wide_int.h"

namespace tundish::aggregate {
namespace {

// --- the vectors -------------------------------------------------------------------------------------

/// tests/vectors/oee/oee_cases.json, as far as it is needed: a flat object a line, `"name":value`. What is not
/// found is an empty text.
std::string field(const std::string& line, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const auto at = line.find(key);
  if (at == std::string::npos) return {};
  auto from = at + key.size();
  const bool quoted = line[from] == '"';
  if (quoted) ++from;
  return line.substr(from, line.find_first_of(quoted ? "\"" : ",}]", from) - from);
}

double number(const std::string& line, const std::string& name) {
  const std::string text = field(line, name);
  EXPECT_FALSE(text.empty()) << name << " in " << line;
  return text.empty() ? 0 : std::stod(text);
}

std::vector<std::string> lines_of_vectors() {
  std::ifstream file(TUNDISH_SOURCE_DIR "/tests/vectors/oee/oee_cases.json");
  EXPECT_TRUE(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// `expected` is a fraction `19/24`, a whole number or null. The fraction is compared by whole numbers: the
/// figure times its denominator is its numerator but for the rounding of a double.
void expect_fraction(const std::optional<double>& actual, const std::string& expected,
                     const std::string& what) {
  if (expected == "null") {
    EXPECT_FALSE(actual) << what;
    return;
  }
  ASSERT_TRUE(actual) << what;
  const auto slash = expected.find('/');
  const double numerator = std::stod(expected.substr(0, slash));
  const double denominator = slash == std::string::npos ? 1 : std::stod(expected.substr(slash + 1));
  EXPECT_LE(std::fabs(std::fma(*actual, denominator, -numerator)), 4e-16 * std::fabs(numerator))
      << what << " = " << *actual << ", expected " << expected;
}

TEST(Oee, AgreesWithTheVectors) {
  int cases = 0;
  for (const auto& line : lines_of_vectors()) {
    if (line.find("\"run\":") == std::string::npos) continue;
    ++cases;
    OeeTotals totals;
    ASSERT_TRUE(totals.add({.planned = number(line, "planned"),
                            .run = number(line, "run"),
                            .ideal_cycle = number(line, "ideal_cycle"),
                            .total = number(line, "total"),
                            .good = number(line, "good")}));
    const Oee oee = totals.oee();
    expect_fraction(oee.availability, field(line, "availability"), "availability, " + line);
    expect_fraction(oee.performance, field(line, "performance"), "performance, " + line);
    expect_fraction(oee.quality, field(line, "quality"), "quality, " + line);
    expect_fraction(oee.oee, field(line, "oee"), "oee, " + line);
    EXPECT_EQ(oee.performance_above_one, field(line, "performance") == "25/24") << line;
    EXPECT_FALSE(oee.availability_above_one || oee.quality_above_one) << line;
  }
  EXPECT_EQ(cases, 5);
}

TEST(Oee, RollsUpByPlannedTimeNotByTheMeanOfRatios) {
  int rolled_up = 0;
  for (const auto& line : lines_of_vectors()) {
    if (line.find("\"roll_up\"") == std::string::npos) continue;
    ++rolled_up;
    OeeTotals totals;
    double mean = 0;
    int machines = 0;
    for (auto at = line.find("{\"planned\""); at != std::string::npos;
         at = line.find("{\"planned\"", at + 1)) {
      const std::string machine = line.substr(at, line.find('}', at) - at + 1);
      const OeeInput input{.planned = number(machine, "planned"),
                           .run = number(machine, "planned"),
                           .ideal_cycle = number(machine, "ideal_cycle"),
                           .total = number(machine, "good"),
                           .good = number(machine, "good")};
      ASSERT_TRUE(totals.add(input));
      OeeTotals one;
      ASSERT_TRUE(one.add(input));
      mean += one.oee().oee.value();
      ++machines;
    }
    ASSERT_EQ(machines, 2);
    expect_fraction(totals.oee().oee, field(line, "oee_weighted"), "roll-up");
    EXPECT_DOUBLE_EQ(mean / machines, number(line, "oee_mean_wrong"));
    EXPECT_GT(*totals.oee().oee - mean / machines, 0.05);
  }
  EXPECT_EQ(rolled_up, 1);
}

TEST(Oee, AHolidayCountsForNothingAndAStandstillCounts) {
  OeeTotals day, holiday, standstill;
  ASSERT_TRUE(day.add({480, 420, 0.4, 1000, 950}));
  ASSERT_TRUE(holiday.add({0, 0, 0.4, 0, 0}));
  ASSERT_TRUE(standstill.add({480, 0, 0.4, 0, 0}));
  OeeTotals with_holiday = day, with_standstill = day;
  with_holiday.merge(holiday);
  with_standstill.merge(standstill);
  EXPECT_EQ(with_holiday.oee().oee, day.oee().oee);
  expect_fraction(with_standstill.oee().oee, "19/48", "standstill");
  EXPECT_FALSE(OeeTotals().oee().oee);
}

TEST(Oee, FlagsEachFactorAboveOneAndClipsNone) {
  OeeTotals totals;
  ASSERT_TRUE(totals.add({100, 110, 1, 110, 121}));
  const Oee oee = totals.oee();
  EXPECT_TRUE(oee.availability_above_one && oee.quality_above_one);
  EXPECT_FALSE(oee.performance_above_one);
  expect_fraction(oee.availability, "11/10", "availability");
  expect_fraction(oee.quality, "11/10", "quality");
  // Three times 0.1 is more than 0.3 in doubles, which is nobody's wrong cycle.
  OeeTotals rounding;
  ASSERT_TRUE(rounding.add({0.3, 0.3, 0.1, 3, 3}));
  EXPECT_FALSE(rounding.oee().performance_above_one);
}

TEST(Oee, RefusesWhatIsNoAmount) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  OeeTotals totals;
  for (const double bad : {-1.0, nan, infinity, -infinity}) {
    EXPECT_FALSE(totals.add({bad, 1, 1, 1, 1}));
    EXPECT_FALSE(totals.add({1, bad, 1, 1, 1}));
    EXPECT_FALSE(totals.add({1, 1, bad, 1, 1}));
    EXPECT_FALSE(totals.add({1, 1, 1, bad, 1}));
    EXPECT_FALSE(totals.add({1, 1, 1, 1, bad}));
  }
  EXPECT_EQ(totals, OeeTotals());
}

TEST(Oee, AnyOrderAndAnyCutGiveTheSameBits) {
  EXPECT_TRUE(rc::check([] {
    std::vector<OeeInput> inputs(*rc::gen::inRange<std::size_t>(1, 20));
    for (auto& input : inputs)
      for (double* value :
           {&input.planned, &input.run, &input.ideal_cycle, &input.total, &input.good})
        *value = *rc::gen::inRange(0, 100'000) / 7.0;
    OeeTotals forward, pieces, piece;
    for (const auto& input : inputs) RC_ASSERT(forward.add(input).has_value());
    std::ranges::reverse(inputs);
    for (const auto& input : inputs) {
      RC_ASSERT(piece.add(input).has_value());
      if (*rc::gen::arbitrary<bool>()) pieces.merge(piece), piece = OeeTotals();
    }
    pieces.merge(piece);
    RC_ASSERT(forward == pieces);
  }));
}

// --- ratios and reliability ----------------------------------------------------------------------------

TEST(RatioTotals, DividesSums) {
  RatioTotals totals;
  EXPECT_FALSE(totals.value());
  totals.add(100, 200);
  totals.add(9, 10);  // the mean of the ratios would be 0.7
  expect_fraction(totals.value(), "109/210", "ratio");
  RatioTotals nothing;
  nothing.add(5, 0);
  EXPECT_FALSE(nothing.value());
  nothing.merge(totals);
  expect_fraction(nothing.value(), "114/210", "merged");
  nothing.add(std::numeric_limits<double>::quiet_NaN(), 1);
  EXPECT_FALSE(nothing.value());
}

TEST(Reliability, PoolsMachines) {
  ReliabilityTotals totals, second;
  EXPECT_FALSE(totals.reliability().mtbf_s);
  ASSERT_TRUE(totals.add(36'000, 0, 0));
  EXPECT_FALSE(totals.reliability().mtbf_s);
  EXPECT_EQ(totals.reliability().availability, 1.0);
  ASSERT_TRUE(second.add(3600, 3, 1800));
  totals.merge(second);
  const auto result = totals.reliability();
  EXPECT_EQ(result.mtbf_s, 13'200.0);
  EXPECT_EQ(result.mttr_s, 600.0);
  expect_fraction(result.availability, "396/414", "availability");
  EXPECT_EQ(totals.failures(), 3u);
  EXPECT_FALSE(totals.add(-1, 0, 0));
  EXPECT_FALSE(totals.add(0, std::numeric_limits<std::uint64_t>::max(), 0));
  EXPECT_EQ(totals.failures(), 3u);
}

// --- capability ------------------------------------------------------------------------------------

Moments moments_of(const std::vector<double>& values) {
  Moments moments;
  for (const double value : values) moments.add(value);
  return moments;
}

TEST(Moments, TheDeviationIsExactForWholeNumbersFarFromZero) {
  EXPECT_TRUE(rc::check([] {
    // n x sum of squares - square of the sum, in whole numbers.
    const std::int64_t offset = *rc::gen::inRange<std::int64_t>(-4'000'000'000, 4'000'000'000);
    const auto count = *rc::gen::inRange<std::int64_t>(2, 60);
    Moments moments;
    Int128 sum = 0, squares = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t value = offset + *rc::gen::inRange<std::int64_t>(-3, 4);
      moments.add(static_cast<double>(value));
      sum += value;
      squares += static_cast<Int128>(value) * value;
    }
    const auto distances =
        static_cast<double>(count * squares - sum * sum) / static_cast<double>(count);
    RC_ASSERT(std::fabs(*moments.squared_distances() - distances) <= 4e-15 * distances);
  }));
}

TEST(Moments, HaveNoValueWhereThereIsNone) {
  EXPECT_FALSE(Moments().mean());
  EXPECT_FALSE(moments_of({5}).sample_deviation());
  EXPECT_EQ(moments_of({5, 5, 5}).sample_deviation(), 0.0);
  EXPECT_EQ(moments_of({0.1, 0.1, 0.1}).sample_deviation(), 0.0);
  EXPECT_FALSE(moments_of({1, std::numeric_limits<double>::quiet_NaN()}).sample_deviation());
  EXPECT_FALSE(moments_of({1, std::numeric_limits<double>::infinity()}).mean());
  EXPECT_FALSE(moments_of({1e300, -1e300}).sample_deviation());  // squares beyond a double
}

TEST(Capability, IsTheNearerLimitOverThreeDeviations) {
  // 1..5: mean 3, variance 10/4. cpk^2 = 1 / (9 x 2.5).
  const auto group = moments_of({1, 2, 3, 4, 5});
  const auto both = capability(std::span(&group, 1), {.low = 0, .high = 4}).value();
  EXPECT_EQ(both.mean, 3.0);
  EXPECT_NEAR(*both.ppk * *both.ppk * 9 * 2.5, 1, 1e-15);
  EXPECT_NEAR(*both.pp * *both.pp * 36 * 2.5, 16, 1e-14);
  EXPECT_EQ(both.cpk, both.ppk);
  EXPECT_EQ(both.cp, both.pp);
  const auto low = capability(std::span(&group, 1), {.low = 0, .high = {}}).value();
  EXPECT_NEAR(*low.ppk * *low.ppk * 9 * 2.5, 9, 1e-14);
  EXPECT_FALSE(low.pp);
  const auto high = capability(std::span(&group, 1), {.low = {}, .high = 2}).value();
  EXPECT_LT(*high.ppk, 0);  // the mean lies outside
  EXPECT_NEAR(*high.ppk * *high.ppk * 9 * 2.5, 1, 1e-15);
}

TEST(Capability, WithinSubgroupsIsWithoutTheDriftBetweenThem) {
  const std::vector<Moments> groups = {moments_of({1, 2, 3}), moments_of({11, 12, 13}),
                                       moments_of({100})};
  const auto result = capability(groups, {.low = 0, .high = 200}).value();
  EXPECT_EQ(result.deviation_within, 1.0);  // (2 + 2) / (2 + 2)
  EXPECT_GT(*result.deviation_overall, 30);
  EXPECT_GT(*result.cpk, *result.ppk);
  expect_fraction(result.mean, "142/7", "mean");
}

TEST(Capability, HasNoValueWithoutSpreadAndRefusesWrongLimits) {
  const auto group = moments_of({5, 5, 5});
  const auto result = capability(std::span(&group, 1), {.low = 0, .high = 10}).value();
  EXPECT_FALSE(result.cpk || result.ppk || result.cp || result.pp);
  EXPECT_FALSE(capability({}, {.low = 0, .high = 10}).value().mean);
  EXPECT_FALSE(capability(std::span(&group, 1), {}));
  EXPECT_FALSE(capability(std::span(&group, 1), {.low = 1, .high = 1}));
  EXPECT_FALSE(capability(std::span(&group, 1), {.low = 2, .high = 1}));
  EXPECT_FALSE(capability(std::span(&group, 1),
                          {.low = std::numeric_limits<double>::quiet_NaN(), .high = {}}));
}

}  // namespace
}  // namespace tundish::aggregate
