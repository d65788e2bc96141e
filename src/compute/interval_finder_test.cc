#include "compute/interval_finder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tundish::compute {
namespace {

constexpr DurationNs kMin = kMinute;

/// `10:H1 25:! 27:H1 30:-`: minute and label, `!` Bad, `-` outside.
std::string found(const std::vector<std::pair<int, std::string>>& rows, int end,
                  DurationNs shortest = 0, DurationNs longest = 0) {
  std::vector<IntervalRow> made;
  for (const auto& [minute, label] : rows)
    made.push_back({minute * kMin,
                    label == "!"   ? IntervalRow::State::kBad
                    : label == "-" ? IntervalRow::State::kOutside
                                   : IntervalRow::State::kInside,
                    label == "!" || label == "-" ? "" : label});
  std::string text;
  for (const auto& interval : find_intervals(made, end * kMin, shortest, longest))
    text += fmt::format("{}:{}-{}{} ", interval.label, interval.from / kMin,
                        interval.to ? std::to_string(*interval.to / kMin) : "",
                        interval.is_doubtful ? "?" : "");
  return text;
}

TEST(IntervalFinder, ANewOneBeginsWhereTheValueChanges) {
  EXPECT_EQ(found({{0, "-"}, {10, "H1"}, {12, "H1"}, {30, "H2"}, {40, "-"}, {50, "H3"}}, 60),
            "H1:10-30 H2:30-40 H3:50- ");
  EXPECT_EQ(found({}, 60), "");
}

TEST(IntervalFinder, ShortBadStretchesArePassedOver) {
  EXPECT_EQ(found({{10, "H1"}, {20, "!"}, {24, "H1"}, {30, "-"}}, 60), "H1:10-30? ");
  EXPECT_EQ(found({{10, "H1"}, {20, "!"}, {26, "H1"}, {30, "-"}}, 60), "H1:10-20 H1:26-30 ");
  EXPECT_EQ(found({{10, "H1"}, {20, "!"}, {22, "H2"}, {30, "-"}}, 60), "H1:10-20 H2:22-30 ");
  // Not decided yet.
  EXPECT_EQ(found({{10, "H1"}, {20, "!"}}, 22), "H1:10-? ");
  EXPECT_EQ(found({{10, "H1"}, {20, "!"}}, 26), "H1:10-20 ");
}

TEST(IntervalFinder, ShortestAndLongest) {
  EXPECT_EQ(found({{10, "a"}, {11, "-"}, {20, "b"}, {30, "-"}}, 60, 2 * kMin), "b:20-30 ");
  EXPECT_EQ(found({{10, "a"}, {50, "-"}}, 60, 0, 30 * kMin), "a:10-40? ");
  EXPECT_EQ(found({{10, "a"}}, 60, 0, 30 * kMin), "a:10-40? ");
}

TEST(IntervalFinder, EdgesStartAndEndIt) {
  const auto spans = [](const std::vector<EdgeRow>& rows, TimeNs from, TimeNs end) {
    std::string text;
    for (const auto& interval : find_intervals(rows_of_edges(rows, from), end, 0, 0))
      text += fmt::format("{}-{} ", interval.from, interval.to ? std::to_string(*interval.to) : "");
    return text;
  };
  EXPECT_EQ(spans({{1, false, false},
                   {5, true, false},
                   {7, true, true},
                   {9, false, false},
                   {12, true, false}},
                  0, 20),
            "5-7 12- ");
  // It was true all along: nothing begins.
  EXPECT_EQ(spans({{1, true, false}, {5, true, false}, {7, true, true}}, 3, 20), "");
  // Bad says nothing: what was before goes on.
  EXPECT_EQ(spans({{1, false, false},
                   {5, true, false},
                   {6, std::nullopt, false},
                   {7, true, false},
                   {8, false, true}},
                  0, 20),
            "5-8 ");
  // One ends and the next begins.
  EXPECT_EQ(spans({{1, false, false},
                   {5, true, false},
                   {6, false, false},
                   {8, true, true},
                   {9, true, false}},
                  0, 20),
            "5-8 8- ");
}

}  // namespace
}  // namespace tundish::compute
