#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "binding/test_corruption.h"
#include "binding/test_lists.h"

namespace tundish::binding {
namespace {

/// At least `share` right, nothing wrong above 0.9; prints a line, and with BINDING_SHOW=<name> what went wrong.
void expect_good(const TestList& list, const std::vector<Candidate>& candidates,
                 std::string_view what, bool print = true, double share = 0.8) {
  const auto score = score_of(list.points, list.expected, candidates);
  const auto name = fmt::format("{} ({})", list.name, what);
  const auto mistakes = fmt::format("{}", fmt::join(score.mistakes, "\n"));
  if (print)
    fmt::print("{:45} {:3}/{:3} right, {:.0f} %; above 0.9: {}, wrong: {}\n", name, score.right,
               score.asked, score.share() * 100, score.sure, score.sure_wrong);
  EXPECT_GE(score.share(), share) << name << "\n" << mistakes;
  EXPECT_EQ(score.sure_wrong, 0u) << name << "\n" << mistakes;
  const char* show = std::getenv("BINDING_SHOW");
  if (print && show != nullptr && list.name.find(show) != std::string::npos)
    fmt::print("{}\n", mistakes);
}

// Lists as plants write them, by hand: at least 80 % of the first proposals are right, and none that is wrong is
// above 0.9, with the attributes of their own packs. `held`: not looked at while the weights were chosen.
TEST(Lists, ByHandWithTheirOwnPacks) {
  for (const auto& list : test_lists()) {
    EXPECT_GE(list.points.size(), 40u);
    expect_good(list, test_candidates(list.packs, false, list.deep), list.held ? "held" : "tuned");
  }
}

/// Two assets of each template of an industry, every attribute of each, in one style.
TestList made_up(const std::string& pack, const std::vector<Candidate>& candidates, Style style,
                 std::uint64_t seed) {
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
  for (const auto& pack : test_packs())
    for (int style = 0; style < kStyles; ++style) {
      const auto candidates = test_candidates({pack});
      expect_good(made_up(pack, candidates, static_cast<Style>(style), 7), candidates, "own",
                  false);
    }
}

// Whole packs, as they are shipped, with many attributes that are alike.
TEST(Lists, MadeUpWithDeepPacks) {
  for (const std::string pack : {"mining", "aluminium"})
    for (int style = 0; style < kStyles; ++style) {
      const auto candidates = test_candidates({pack}, false, true);
      expect_good(made_up(pack, candidates, static_cast<Style>(style), 5), candidates, "deep");
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
        list.name += " without " + all[left_out].attribute;
        expect_good(list, candidates, "left out", false, 0);
      }
    }
  }
}

// A third of a whole pack is not on offer, at random: points of it are taken for what is left, and never surely.
TEST(Lists, NothingIsSureWithoutAThirdOfAPack) {
  for (const std::string pack : {"mining", "aluminium"}) {
    const auto all = test_candidates({pack}, false, true);
    for (std::uint64_t seed = 0; seed < 12; ++seed)
      for (int style = 0; style < kStyles; ++style) {
        std::mt19937_64 random(seed);
        auto list = made_up(pack, all, static_cast<Style>(style), seed);
        std::vector<Candidate> candidates;
        for (std::size_t c = 0; c < all.size(); ++c) {
          if (random() % 3 != 0) {
            candidates.push_back(all[c]);
            continue;
          }
          for (std::size_t i = c; i < list.expected.size(); i += all.size()) list.expected[i] = "-";
        }
        list.name += fmt::format(" seed {}", seed);
        expect_good(list, candidates, "a third left out", false, 0);
      }
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
  for (const std::string pack : {"mining", "aluminium"}) {
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
