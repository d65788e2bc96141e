#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "binding/test_expect.h"

// Nothing may be sure where it cannot be right: thousands of lists whose points are something that is not on offer.

namespace tundish::binding {
namespace {

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
  for (const auto& pack : test_packs(true)) {
    const auto all = test_candidates({pack}, false, true);
    for (std::uint64_t seed = 0; seed < 4; ++seed)
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

// Of every attribute its set point, its alarm, its lowest value: something else, however well the words fit.
TEST(Lists, WhatIsSaidOfItIsNotIt) {
  constexpr std::string_view kBehind[] = {
      "_SP",  "_HH",  ".ALM",      "_setpoint", "_fault", " MAN",   "_CMD",   "设定值", "报警",
      "上限", "故障", "_avg_prev", "_MV",       "_sim",   "_2_bad", "_valve", "_xq",    "阀门"};
  for (const auto& pack : test_packs(true)) {
    const auto candidates = test_candidates({pack}, false, true);
    for (int style = 0; style < kStyles; ++style) {
      auto list = made_up(pack, candidates, static_cast<Style>(style), 21);
      for (std::size_t i = 0; i < list.points.size(); ++i) {
        auto& point = list.points[i];
        auto& text = point.description.empty() ? point.path.back() : point.description;
        text += kBehind[i % std::size(kBehind)];
        list.expected[i] = "-";
      }
      // What has set points and valves of its own may well be taken for them.
      std::vector<Candidate> measured;
      for (const auto& candidate : candidates) {
        const auto says = [&](std::string_view word) {
          return candidate.attribute.find(word) != std::string::npos ||
                 std::ranges::any_of(
                     candidate.aliases,
                     [&](const auto& alias) { return alias.find(word) != std::string::npos; }) ||
                 candidate.words.at("zh").find(word) != std::string::npos;
        };
        if (!says("set") && !says("valve") && !says("设定") && !says("阀") && !says("cmd") &&
            !says("sp") && !says("mv"))
          measured.push_back(candidate);
      }
      expect_good(list, measured, "something else", false, 0);
    }
  }
}

}  // namespace
}  // namespace tundish::binding
