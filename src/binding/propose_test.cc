#include <gtest/gtest.h>

#include <algorithm>

#include "binding/binding.h"
#include "binding/test_corruption.h"
#include "binding/test_lists.h"

namespace tundish::binding {
namespace {

FoundPoint point(std::vector<std::string> path, std::string unit = "",
                 std::optional<Limits> range = {}) {
  FoundPoint found;
  found.path = std::move(path);
  found.unit = std::move(unit);
  found.range = range;
  return found;
}

class Propose : public testing::Test {
 protected:
  Proposal first(const std::vector<FoundPoint>& points, std::size_t i = 0) {
    const auto all = propose(points, candidates_);
    EXPECT_TRUE(all.has_value());
    if (!all || (*all)[i].empty()) return {};
    return (*all)[i][0];
  }
  std::string name(const Proposal& proposal) { return candidates_[proposal.candidate].attribute; }

  std::vector<Candidate> candidates_ = test_candidates({"steel"});
};

TEST_F(Propose, ConvertsTheValidRangeToThePointsUnit) {
  const auto proposal = first({point({"BF1", "Top pressure"}, "bar")});
  EXPECT_EQ(name(proposal), "top_pressure");
  EXPECT_EQ(proposal.unit, "bar");
  ASSERT_TRUE(proposal.range.has_value());
  EXPECT_DOUBLE_EQ(proposal.range->high, 3.5);
  EXPECT_TRUE(std::ranges::any_of(proposal.reasons, [](const auto& reason) {
    return reason.find("converts to kPa") != std::string::npos;
  }));
}

TEST_F(Propose, KeepsThePointsOwnRangeAndTheTemplatesUnitWhereItTellsNone) {
  const auto proposal = first({point({"BF1", "hot_blast_temp"}, "", Limits{0, 1400})});
  EXPECT_EQ(name(proposal), "hot_blast_temp");
  EXPECT_EQ(proposal.unit, "Cel");
  EXPECT_EQ(proposal.range, (Limits{0, 1400}));
  EXPECT_LE(proposal.confidence, 0.9);
}

TEST_F(Propose, ASetPointOrAnAlarmIsNotTheMeasuredValue) {
  for (const auto* text :
       {"hot_blast_temp_SP", "hot_blast_temp.HH", "HotBlastTempMan", "hot_blast_temp_MV",
        "热风温度设定", "hot blast temperature high alarm", "热风温度上限", "hot_blast_temp_valve"})
    EXPECT_LE(first({point({"Blast furnace 1", text}, "degC")}).confidence, 0.5) << text;
  EXPECT_GT(first({point({"Blast furnace 1", "hot_blast_temp"}, "degC")}).confidence, 0.9);
}

TEST_F(Propose, AUnitOrATypeThatDoesNotFitIsNeverSure) {
  EXPECT_LE(first({point({"Blast furnace 1", "hot_blast_temp"}, "kPa")}).confidence, 0.9);
  EXPECT_LE(first({point({"Blast furnace 1", "hot_blast_temp"}, "km/h")}).confidence, 0.5);
  auto flag = point({"Blast furnace 1", "hot_blast_temp"}, "degC");
  flag.type = ValueType::kBool;
  EXPECT_LE(first({flag}).confidence, 0.3);
  EXPECT_LE(
      first({point({"Blast furnace 1", "hot_blast_temp"}, "degC", Limits{3000, 5000})}).confidence,
      0.5);
}

TEST_F(Propose, TwoPointsOfOneAssetForOneAttributeAreForAPersonToDecide) {
  const std::vector<FoundPoint> both = {point({"Blast furnace 1", "hot_blast_temp"}, "degC"),
                                        point({"Blast furnace 1", "HotBlastTemp"}, "degC")};
  EXPECT_LE(first(both, 0).confidence, 0.6);
  EXPECT_LE(first(both, 1).confidence, 0.6);
  const std::vector<FoundPoint> two = {point({"Blast furnace 1", "hot_blast_temp"}, "degC"),
                                       point({"Blast furnace 2", "hot_blast_temp"}, "degC")};
  EXPECT_GT(first(two, 0).confidence, 0.9);
  EXPECT_NE(first(two, 0).asset, first(two, 1).asset);
}

TEST_F(Propose, AssetsOfAFlatListAreToldByWordsAndNumbers) {
  const std::vector<FoundPoint> points = {point({"1#高炉热风温度"}, "℃"),
                                          point({"2#高炉热风温度"}, "℃"),
                                          point({"2#高炉炉顶压力"}, "kPa")};
  EXPECT_NE(first(points, 0).asset, first(points, 1).asset);
  EXPECT_EQ(first(points, 1).asset, first(points, 2).asset);
}

TEST_F(Propose, NothingIsProposedForNothing) {
  EXPECT_TRUE(propose({}, candidates_)->empty());
  const std::vector<FoundPoint> points = {point({"xyzzy"}), point({}), point({""}),
                                          point({"\xff\xfe"})};
  const auto all = propose(points, candidates_).value();
  for (const auto& proposals : all) EXPECT_TRUE(proposals.empty());
  EXPECT_EQ(propose(points, {})->size(), points.size());
}

TEST_F(Propose, TheSameTwice) {
  for (const auto& list : test_lists()) {
    const auto candidates = test_candidates(list.packs, false, list.deep);
    const auto once = propose(list.points, candidates).value(),
               again = propose(list.points, candidates).value();
    for (std::size_t i = 0; i < once.size(); ++i) {
      ASSERT_EQ(once[i].size(), again[i].size());
      for (std::size_t p = 0; p < once[i].size(); ++p) {
        EXPECT_EQ(once[i][p].candidate, again[i][p].candidate);
        EXPECT_EQ(once[i][p].confidence, again[i][p].confidence);
        EXPECT_EQ(once[i][p].reasons, again[i][p].reasons);
        EXPECT_LE(p == 0 ? 0 : once[i][p].confidence, p == 0 ? 1 : once[i][p - 1].confidence);
      }
    }
  }
}

TEST_F(Propose, SizesAreRefused) {
  const auto refused = [&](const std::vector<FoundPoint>& points,
                           const std::vector<Candidate>& candidates) {
    const auto all = propose(points, candidates);
    return !all && all.error().code == ErrorCode::kTooLarge;
  };
  EXPECT_TRUE(refused(std::vector<FoundPoint>(kPointsMax + 1), candidates_));
  EXPECT_TRUE(refused({point({std::string(kPointBytesMax + 1, 'x')})}, candidates_));
  EXPECT_TRUE(refused({point(std::vector<std::string>(kPathLevelsMax + 1, "x"))}, candidates_));
  EXPECT_TRUE(refused({}, std::vector<Candidate>(kCandidatesMax + 1)));
  auto long_one = candidates_;
  long_one[0].aliases.emplace_back(kPointBytesMax + 1, 'x');
  EXPECT_TRUE(refused({}, long_one));
}

}  // namespace
}  // namespace tundish::binding
