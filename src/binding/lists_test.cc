#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "binding/evidence.h"
#include "binding/test_expect.h"

namespace tundish::binding {
namespace {

// Lists as plants write them, by hand: at least 80 % of the first proposals are right, and none that is wrong is
// above 0.9, with the attributes of their own packs. `held`: not looked at while the weights were chosen.
TEST(Lists, ByHandWithTheirOwnPacks) {
  for (const auto& list : test_lists()) {
    EXPECT_GE(list.points.size(), 40u);
    expect_good(list, test_candidates(list.packs, false, list.deep), list.held ? "held" : "tuned");
  }
}

// Units and ranges are often missing: names and comments alone still do, and are less sure.
TEST(Lists, ByHandWithoutUnitsAndRanges) {
  for (auto list : test_lists()) {
    for (auto& point : list.points) {
      point.unit.clear();
      point.range.reset();
      point.type.reset();
    }
    expect_good(list, test_candidates(list.packs, false, list.deep), "names only", true, 0.7);
  }
}

// What cannot be among the best is not weighed to the end: the best are the same as when all is weighed.
TEST(Lists, WeighingFewerGivesTheSameBest) {
  for (const auto& list : test_lists()) {
    const auto candidates = test_candidates(list.packs, false, list.deep);
    const Vocabulary vocabulary(candidates);
    Reader reader(vocabulary);
    std::vector<PointReading> readings;
    for (const auto& point : list.points) readings.push_back(reader.read(point));
    Weigher weigher(vocabulary, candidates, reader, list.points.size());
    for (std::size_t i = 0; i < readings.size(); ++i) {
      const auto all = weigher.weigh(list.points[i], readings[i], candidates.size());
      for (const std::size_t most : {1u, 6u}) {
        const auto few = weigher.weigh(list.points[i], readings[i], most);
        ASSERT_EQ(few.size(), std::min(most, all.size()));
        for (std::size_t n = 0; n < few.size(); ++n) {
          EXPECT_EQ(few[n].candidate, all[n].candidate) << list.name << " " << i;
          EXPECT_EQ(few[n].score, all[n].score) << list.name << " " << i;
          EXPECT_EQ(few[n].precision, all[n].precision) << list.name << " " << i;
        }
      }
    }
  }
}

// Every industry in every style.
TEST(Lists, MadeUpWithTheirOwnPacks) {
  for (const auto& pack : test_packs())
    for (int style = 0; style < kStyles; ++style) {
      const auto candidates = test_candidates({pack});
      expect_good(made_up(pack, candidates, static_cast<Style>(style), 7), candidates, "own",
                  false);
    }
}

// Whole packs, as they are shipped, with many attributes that are alike.
TEST(Lists, MadeUpWithDeepPacks) {
  for (const auto& pack : test_packs(true))
    for (int style = 0; style < kStyles; ++style) {
      const auto candidates = test_candidates({pack}, false, true);
      expect_good(made_up(pack, candidates, static_cast<Style>(style), 5), candidates, "deep");
    }
}

// A confidence is what it says: of those around 0.8 about four in five are right or more.
TEST(Lists, ConfidencesAreFrequencies) {
  std::array<std::size_t, 10> all{}, right{};
  const auto count = [&](const TestList& list, const std::vector<Candidate>& candidates) {
    const auto proposals = propose(list.points, candidates).value();
    for (std::size_t i = 0; i < proposals.size(); ++i) {
      if (proposals[i].empty()) continue;
      const auto& candidate = candidates[proposals[i][0].candidate];
      const auto bin =
          std::min<std::size_t>(9, static_cast<std::size_t>(proposals[i][0].confidence * 10));
      ++all[bin];
      right[bin] += candidate.template_name + "/" + candidate.attribute == list.expected[i];
    }
  };
  for (const auto& list : test_lists()) count(list, test_candidates(list.packs, false, list.deep));
  for (const auto& pack : test_packs(true)) {
    const auto candidates = test_candidates({pack}, false, true);
    for (int style = 0; style < kStyles; ++style)
      count(made_up(pack, candidates, static_cast<Style>(style), 3), candidates);
  }
  for (std::size_t bin = 0; bin < all.size(); ++bin) {
    const double share =
        all[bin] == 0 ? 1 : static_cast<double>(right[bin]) / static_cast<double>(all[bin]);
    fmt::print("confidence {:.1f}: {:4} of {:4} right, {:.0f} %\n", static_cast<double>(bin) / 10,
               right[bin], all[bin], share * 100);
    constexpr std::size_t kEnough = 30;
    if (all[bin] >= kEnough) {
      EXPECT_GE(share + 0.1, static_cast<double>(bin) / 10) << bin;
    }
  }
}

// All industries' attributes at once: never sure and wrong, and mostly right.
TEST(Lists, WithEveryPackOnOffer) {
  const auto candidates = test_candidates({}, true);
  for (auto list : test_lists()) {
    if (list.deep) continue;
    for (auto& expected : list.expected) {
      if (expected == "-") continue;
      const auto found = std::ranges::find_if(candidates, [&](const Candidate& candidate) {
        const auto slash = candidate.template_name.find('/');
        return std::ranges::find(list.packs, candidate.template_name.substr(0, slash)) !=
                   list.packs.end() &&
               candidate.template_name.substr(slash + 1) + "/" + candidate.attribute == expected;
      });
      ASSERT_NE(found, candidates.end()) << expected;
      expected = found->template_name + "/" + found->attribute;
    }
    expect_good(list, candidates, "all packs");
  }
}

}  // namespace
}  // namespace tundish::binding
