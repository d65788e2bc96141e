#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "binding/test_corruption.h"
#include "binding/test_lists.h"

namespace tundish::binding {
namespace {

// Lists as plants write them, by hand: at least 80 % of the first proposals are right, and none that is wrong is
// above 0.9, with the attributes of their own packs.
TEST(Lists, ByHandWithTheirOwnPacks) {
  for (const auto& list : test_lists()) {
    const auto score = score_of(list.points, list.expected, test_candidates(list.packs));
    fmt::print("{:16} {:6} {:3}/{:3} right, {:.0f} %; above 0.9: {}, wrong: {}\n", list.name,
               list.held ? "held" : "tuned", score.right, score.asked, score.share() * 100,
               score.sure, score.sure_wrong);
    std::string mistakes;
    for (const auto& mistake : score.mistakes) mistakes += mistake + "\n";
    EXPECT_GE(score.share(), 0.8) << list.name << "\n" << mistakes;
    EXPECT_EQ(score.sure_wrong, 0u) << list.name << "\n" << mistakes;
    EXPECT_GE(list.points.size(), 40u);
    if (const char* show = std::getenv("BINDING_SHOW");
        show != nullptr && (show == list.name || (std::string(show) == "tuned" && !list.held)))
      fmt::print("{}\n", mistakes);
  }
}

/// Two assets of each template of an industry, every attribute of each, in one style.
TestList made_up(const std::string& pack, const std::vector<Candidate>& candidates, Style style, std::uint64_t seed) {
  TestList list;
  list.name = fmt::format("{}, {}", pack, style_name(style));
  std::mt19937_64 random(seed);
  for (int number = 1; number <= 2; ++number)
    for (const auto& candidate : candidates) {
      list.points.push_back(corrupted(candidate, style, number, random));
      list.expected.push_back(candidate.template_name + "/" + candidate.attribute);
    }
  return list;
}

// Every industry in every style.
TEST(Lists, MadeUpWithTheirOwnPacks) {
  std::vector<TestScore> by_style(kStyles);
  for (const auto& pack : test_packs())
    for (int style = 0; style < kStyles; ++style) {
      const auto candidates = test_candidates({pack});
      const auto list = made_up(pack, candidates, static_cast<Style>(style), 7);
      const auto score = score_of(list.points, list.expected, candidates);
      auto& sum = by_style[static_cast<std::size_t>(style)];
      sum.asked += score.asked;
      sum.right += score.right;
      sum.sure += score.sure;
      sum.sure_wrong += score.sure_wrong;
      std::string mistakes;
      for (const auto& mistake : score.mistakes) mistakes += mistake + "\n";
      EXPECT_GE(score.share(), 0.8) << list.name << "\n" << mistakes;
      EXPECT_EQ(score.sure_wrong, 0u) << list.name << "\n" << mistakes;
    }
  for (int style = 0; style < kStyles; ++style) {
    const auto& sum = by_style[static_cast<std::size_t>(style)];
    fmt::print("{:18} {:4}/{:4} right, {:.1f} %; above 0.9: {}, wrong: {}\n", style_name(static_cast<Style>(style)), sum.right,
               sum.asked, sum.share() * 100, sum.sure, sum.sure_wrong);
  }
}

// Whole packs, as they are shipped, with many attributes that are alike.
TEST(Lists, MadeUpWithDeepPacks) {
  for (const std::string pack : {"mining", "aluminium"})
    for (int style = 0; style < kStyles; ++style) {
      const auto candidates = test_candidates({pack}, false, true);
      const auto list = made_up(pack, candidates, static_cast<Style>(style), 5);
      const auto score = score_of(list.points, list.expected, candidates);
      fmt::print("{:30} {:3}/{:3} right, {:.0f} %; above 0.9: {}, wrong: {}\n", list.name, score.right, score.asked,
                 score.share() * 100, score.sure, score.sure_wrong);
      std::string mistakes;
      for (const auto& mistake : score.mistakes) mistakes += mistake + "\n";
      EXPECT_GE(score.share(), 0.8) << list.name << "\n" << mistakes;
      EXPECT_EQ(score.sure_wrong, 0u) << list.name << "\n" << mistakes;
    }
}

// The right attribute is not on offer: then nothing may be sure.
TEST(Lists, NothingIsSureWithoutTheRightCandidate) {
  for (const auto& pack : test_packs()) {
    const auto all = test_candidates({pack});
    for (std::size_t left_out = 0; left_out < all.size(); ++left_out) {
      auto candidates = all;
      candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(left_out));
      for (int style = 0; style < kStyles; ++style) {
        // Among its neighbours, which are bound well.
        auto list = made_up(pack, all, static_cast<Style>(style), 11);
        for (std::size_t i = 0; i < list.points.size(); ++i)
          if (i % all.size() == left_out) list.expected[i] = "-";
        const auto score = score_of(list.points, list.expected, candidates);
        std::string mistakes;
        for (const auto& mistake : score.mistakes) mistakes += mistake + "\n";
        EXPECT_EQ(score.sure_wrong, 0u) << list.name << " without " << all[left_out].attribute << "\n" << mistakes;
      }
    }
  }
}

// All industries' attributes at once: never sure and wrong, and mostly right.
TEST(Lists, WithEveryPackOnOffer) {
  const auto candidates = test_candidates({}, true);
  for (auto list : test_lists()) {
    for (auto& expected : list.expected) {
      if (expected == "-") continue;
      const auto found = std::ranges::find_if(candidates, [&](const Candidate& candidate) {
        const auto slash = candidate.template_name.find('/');
        return std::ranges::find(list.packs, candidate.template_name.substr(0, slash)) != list.packs.end() &&
               candidate.template_name.substr(slash + 1) + "/" + candidate.attribute == expected;
      });
      ASSERT_NE(found, candidates.end()) << expected;
      expected = found->template_name + "/" + found->attribute;
    }
    const auto score = score_of(list.points, list.expected, candidates);
    fmt::print("{:16} all packs {:3}/{:3} right, {:.0f} %; above 0.9: {}, wrong: {}\n", list.name, score.right, score.asked,
               score.share() * 100, score.sure, score.sure_wrong);
    std::string mistakes;
    for (const auto& mistake : score.mistakes) mistakes += mistake + "\n";
    EXPECT_GE(score.share(), 0.8) << list.name << "\n" << mistakes;
    EXPECT_EQ(score.sure_wrong, 0u) << list.name << "\n" << mistakes;
  }
}

}  // namespace
}  // namespace tundish::binding
