#include <gtest/gtest.h>

#include <fmt/format.h>

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

}  // namespace
}  // namespace tundish::binding
