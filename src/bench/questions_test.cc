#include "bench/questions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bench/sending.h"
#include "wire/json/json_writer.h"

namespace tundish::bench {
namespace {

constexpr WorkloadOptions kWork{.tags = 40, .seconds = 120};

Question question(std::string_view name) {
  const auto all = questions(kWork);
  return *std::ranges::find(all, name, &Question::name);
}

/// An answer to Q4 (averages of two minutes) with the sum of each minute off by `wrong`.
std::string averages(double wrong) {
  TagStream stream(kWork, 20);
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("series").begin_array().begin_object().key("values").begin_array();
  for (int minute = 0; minute < 2; ++minute) {
    double sum = wrong;
    for (int i = 0; i < 60; ++i) sum += std::bit_cast<double>(stream.next().bits);
    json.value(sum / 60);
  }
  json.end_array().end_object().end_array().end_object();
  return text;
}

TEST(Questions, AnAnswerIsComparedWithTheGenerator) {
  EXPECT_TRUE(check_answer(question("q4"), averages(0), kWork));
  EXPECT_FALSE(check_answer(question("q4"), averages(0.01), kWork));
}

TEST(Questions, WhatIsMissingIsFound) {
  EXPECT_FALSE(check_answer(question("q1"), R"({"samples":[]})", kWork));
  EXPECT_FALSE(check_answer(question("q1"), R"({"samples":[{"value":-1}]})", kWork));
  EXPECT_FALSE(check_answer(question("q2.json"), R"({"samples":[{"value":1}]})", kWork));
  EXPECT_FALSE(check_answer(question("q5"), R"({"series":[]})", kWork));
  EXPECT_FALSE(check_answer(question("q6"), R"({})", kWork));
  EXPECT_FALSE(check_answer(question("q3.binary"), "TDRESLT", kWork));
}

TEST(Questions, AThresholdIsCountedOverNumbersOnly) {
  EXPECT_EQ(count_above(kWork, 1e300), 0u);
  // Two of forty tags are bools.
  EXPECT_EQ(count_above(kWork, -1e300), 38u * 120);
}

TEST(Percentile, IsAValueThatWasMeasured) {
  EXPECT_EQ(percentile({}, 0.5), 0);
  EXPECT_EQ(percentile({3}, 0.99), 3);
  EXPECT_EQ(percentile({5, 1, 4, 2, 3}, 0.5), 3);
  EXPECT_EQ(percentile({5, 1, 4, 2, 3}, 1), 5);
  EXPECT_EQ(percentile({5, 1, 4, 2, 3}, 0), 1);
}

}  // namespace
}  // namespace tundish::bench
