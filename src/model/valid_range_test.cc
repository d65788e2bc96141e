// Valid ranges: which values they hold, and that every way to read samples gives what they say.
#include "model/valid_range.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "model/model_view.h"

namespace tundish {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr EnterpriseId kWorks{1};
constexpr std::uint32_t kOutside = kBadOutOfRange.code;

TEST(ValidRange, BothEndsBelongToIt) {
  const ValidRange range({-5, 100});
  for (const double inside : {-5.0, -0.0, 100.0}) EXPECT_TRUE(range.holds(inside)) << inside;
  for (const double outside : {-5.000001, 100.000001, kInf, -kInf, 1e300})
    EXPECT_FALSE(range.holds(outside)) << outside;
  EXPECT_TRUE(range.holds(kNan)) << "every statistic leaves it out already";
}

TEST(ValidRange, AnInfiniteSideLetsAllNumbersThroughAndNoInfinity) {
  const ValidRange above({0, kInf}), below({-kInf, 0});
  EXPECT_TRUE(above.holds(std::numeric_limits<double>::max()));
  EXPECT_FALSE(above.holds(kInf));
  EXPECT_FALSE(above.holds(-1e-300));
  EXPECT_TRUE(above.holds(std::numeric_limits<std::int64_t>::max()));
  EXPECT_TRUE(below.holds(std::numeric_limits<std::int64_t>::min()));
  EXPECT_FALSE(below.holds(std::int64_t{1}));
  EXPECT_FALSE(below.holds(-kInf));
}

TEST(ValidRange, WholeNumbersAreComparedExactly) {
  constexpr std::int64_t kTwoTo53 = std::int64_t{1} << 53;
  const ValidRange range({0.5, static_cast<double>(kTwoTo53)});
  EXPECT_TRUE(range.holds(kTwoTo53));
  EXPECT_FALSE(range.holds(kTwoTo53 + 1)) << "as a double it would be 2^53";
  EXPECT_FALSE(range.holds(std::int64_t{0}));
  EXPECT_TRUE(range.holds(std::int64_t{1}));
  EXPECT_FALSE(ValidRange({0.2, 0.8}).holds(std::int64_t{0}));
  EXPECT_FALSE(ValidRange({0.2, 0.8}).holds(std::int64_t{1}));
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t value : {kMin, std::int64_t{0}, kMax}) {
    EXPECT_FALSE(ValidRange({1e19, 2e19}).holds(value));
    EXPECT_FALSE(ValidRange({-2e19, -1e19}).holds(value));
    EXPECT_TRUE(ValidRange({-1e19, 1e19}).holds(value));
  }
}

TEST(ValidRange, BoolsAndTextsAreNotJudgedAndBadKeepsItsReason) {
  const ValidRange range({5, 6});
  const auto judged = [&](Value value, Quality quality) {
    Sample sample{1, std::move(value), quality};
    range.judge(sample);
    return sample.quality;
  };
  EXPECT_EQ(judged(true, kGood), kGood);
  EXPECT_EQ(judged(std::string("9"), kGood), kGood);
  EXPECT_EQ(judged(9.0, kGood), kBadOutOfRange);
  EXPECT_EQ(judged(9.0, kUncertainSubNormal), kBadOutOfRange);
  EXPECT_EQ(judged(9.0, kBadNoCommunication), kBadNoCommunication);
  EXPECT_EQ(judged(5.5, kUncertainSubNormal), kUncertainSubNormal);
}

TEST(ValidRange, ColumnsAreJudgedAsSamplesAre) {
  const ValidRange range({-1, 7});
  const std::vector<std::vector<Value>> all{
      {0.0, 7.0, 7.1, -1.0, -1.1, kNan, kInf, -kInf},
      {std::int64_t{0}, std::int64_t{7}, std::int64_t{8}, std::int64_t{-2}},
      {true, false},
      {std::string("8"), std::string()}};
  for (const auto& values : all)
    for (const Quality received : {kGood, kUncertain, kBadNoData}) {
      Columns columns;
      columns.type = type_of(values[0]);
      std::vector<Sample> expected;
      for (const Value& value : values) {
        columns.push_back({static_cast<TimeNs>(columns.size()), value, received});
        expected.push_back(columns.at(columns.size() - 1));
        range.judge(expected.back());
      }
      const auto differs = [&](const Sample& sample) { return !(sample.quality == received); };
      const bool changes = std::ranges::any_of(expected, differs);
      EXPECT_TRUE(!changes || range.any_outside(columns));
      EXPECT_FALSE(values.size() <= 2 && range.any_outside(columns)) << "bools and texts";
      range.judge(columns);
      for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(columns.at(i).quality, expected[i].quality) << i;
        EXPECT_TRUE(same_bits(columns.at(i).value, values[i])) << i;
      }
    }
}

// --- reading by the model ----------------------------------------------------------------------

class MadeTags final : public TagCatalogue {
 public:
  void add(std::uint32_t number, std::string path, std::string unit = {}) {
    auto tag = std::make_shared<TagInfo>();
    tag->id = {kWorks, number};
    tag->path = std::move(path);
    tag->unit = std::move(unit);
    tags_[number] = std::move(tag);
  }
  TagPtr get(TagId id) const override {
    const auto found = tags_.find(id.number);
    return found == tags_.end() ? nullptr : found->second;
  }
  TagPtr find(EnterpriseId, std::string_view) const override { return nullptr; }
  Result<std::vector<TagPtr>> match(EnterpriseId, const TagSearch&) const override { return {}; }
  std::size_t count(EnterpriseId) const override { return tags_.size(); }
  std::uint64_t renames(EnterpriseId) const override { return 0; }
  Result<std::vector<TagPtr>> ensure(EnterpriseId, std::span<const NewTag>) override { return {}; }
  Result<TagPtr> update(TagId, const TagPatch&) override { return nullptr; }
  Status remove(TagId) override { return {}; }

 private:
  std::map<std::uint32_t, TagPtr> tags_;
};

class MadeModels final : public ModelReader {
 public:
  std::shared_ptr<const PlantModel> model(EnterpriseId) const override { return current; }
  std::uint64_t changes() const override { return current->version(); }
  std::shared_ptr<const PlantModel> current;
};

/// One tag's samples; counts the pieces that are handed on as they are.
class MadeSamples final : public SampleReader {
 public:
  class One final : public Snapshot {
   public:
    explicit One(const Columns& history) : history_(history) {}
    Position position() const override { return Position(7); }
    Status scan(TagId, TimeRange, const Visit& visit) override {
      visit(history_);
      return {};
    }
    Result<std::optional<Sample>> at_or_before(TagId, TimeNs time) override {
      std::optional<Sample> found;
      for (std::size_t i = 0; i < history_.size() && history_.times[i] <= time; ++i)
        found = history_.at(i);
      return found;
    }
    Result<std::optional<Sample>> at_or_after(TagId, TimeNs time) override {
      for (std::size_t i = 0; i < history_.size(); ++i)
        if (history_.times[i] >= time) return std::optional(history_.at(i));
      return std::optional<Sample>();
    }
    Result<std::optional<Sample>> latest(TagId tag) override { return at_or_before(tag, kTimeMax); }
    Result<bool> history(TagId, TimeRange, std::size_t,
                         std::vector<SampleVersion>& found) override {
      for (std::size_t i = 0; i < history_.size(); ++i)
        found.push_back({.sample = history_.at(i), .version = {}});
      return true;
    }
    std::vector<std::string> damage() const override { return {"a sentence"}; }

   private:
    const Columns& history_;
  };
  Result<std::unique_ptr<Snapshot>> snapshot() override { return std::make_unique<One>(history); }
  std::string source_name(EnterpriseId, std::uint32_t) const override { return "a source"; }
  Columns history;
};

struct Bound {
  const char* asset;
  const char* attribute;
  std::uint32_t tag;
  std::optional<Limits> valid;
  const char* unit = "";
};

std::shared_ptr<const PlantModel> model_of(std::uint64_t version, const std::vector<Bound>& all) {
  std::map<std::string, Asset> assets;
  for (const Bound& bound : all) {
    Asset& asset = assets[bound.asset];
    asset.path = bound.asset;
    asset.id = AssetId(assets.size());
    asset.facts = std::make_shared<const TemplateFacts>();
    Attribute attribute;
    attribute.definition.name = bound.attribute;
    attribute.definition.valid = bound.valid;
    attribute.definition.unit = bound.unit;
    attribute.tag = {kWorks, bound.tag};
    asset.attributes.push_back(attribute);
  }
  std::vector<Asset> list;
  for (auto& [path, asset] : assets) list.push_back(std::move(asset));
  return std::make_shared<const PlantModel>(kWorks, version, std::move(list));
}

class ModelViewTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 5; ++i) samples_.history.push_back({i * 10, 10.0 * i, kGood});
    models_.current = model_of(1, {{"w/a", "x", 1, Limits{5, 35}, "kW"}, {"w/a", "y", 2, {}, "t"}});
  }
  static constexpr TagId kTag{kWorks, 1};

  MadeTags tags_;
  MadeModels models_;
  MadeSamples samples_;
  ModelView view_{samples_, models_, tags_};
};

TEST_F(ModelViewTest, EveryWayToReadGivesTheSame) {
  const auto snapshot = view_.snapshot().value();
  std::vector<std::uint32_t> qualities;
  ASSERT_TRUE(snapshot->scan(kTag, {0, 100}, [&](const Columns& piece) {
    qualities = piece.qualities;
    return true;
  }));
  EXPECT_EQ(qualities, (std::vector<std::uint32_t>{kOutside, 0, 0, 0, kOutside}));
  for (TimeNs time = 0; time < 50; time += 10) {
    const auto expected = qualities[static_cast<std::size_t>(time / 10)];
    const auto before = snapshot->at_or_before(kTag, time + 3).value();
    EXPECT_EQ(before->quality.code, expected);
    EXPECT_EQ(std::get<double>(before->value), static_cast<double>(time)) << "the value stays";
    EXPECT_EQ(snapshot->at_or_after(kTag, time).value()->quality.code, expected);
  }
  EXPECT_EQ(snapshot->latest(kTag).value()->quality, kBadOutOfRange);
  EXPECT_EQ(snapshot->position(), Position(7));
  EXPECT_EQ(snapshot->damage().size(), 1u);
  EXPECT_FALSE(snapshot->at_or_before(kTag, -1).value());
}

TEST_F(ModelViewTest, NothingIsCopiedThatIsInsideOrHasNoRange) {
  const Columns* seen = nullptr;
  const auto see = [&](const Columns& piece) {
    seen = &piece;
    return true;
  };
  const auto snapshot = view_.snapshot().value();
  for (const std::uint32_t number : {2u, 3u}) {
    ASSERT_TRUE(snapshot->scan({kWorks, number}, {0, 100}, see));
    EXPECT_EQ(seen, &samples_.history) << number;
  }
  models_.current = model_of(2, {{"w/a", "x", 1, Limits{0, 40}}});
  ASSERT_TRUE(view_.snapshot().value()->scan(kTag, {0, 100}, see));
  EXPECT_EQ(seen, &samples_.history);
}

TEST_F(ModelViewTest, AnEditCorrectsHistoryAndAnOpenSnapshotKeepsItsModel) {
  const auto old = view_.snapshot().value();
  EXPECT_EQ(old->latest(kTag).value()->quality, kBadOutOfRange);
  const auto earlier = view_.meanings_of(*models_.current);
  models_.current = model_of(2, {{"w/a", "x", 1, Limits{5, 45}}});
  EXPECT_EQ(old->latest(kTag).value()->quality, kBadOutOfRange);
  EXPECT_EQ(view_.snapshot().value()->latest(kTag).value()->quality, kGood);
  EXPECT_EQ(view_.snapshot(earlier).value()->latest(kTag).value()->quality, kBadOutOfRange);
  EXPECT_EQ(view_.as_received().value()->at_or_before(kTag, 0).value()->quality, kGood);
}

TEST_F(ModelViewTest, ATagOfSeveralAttributesIsReadAsItsOwnPathSays) {
  tags_.add(1, "w/b/x");
  const std::vector<Bound> all{{"w/a", "y", 1, Limits{0, 1}, "kW"},
                               {"w/b", "x", 1, Limits{0, 2}, "MW"},
                               {"w/c", "z", 1, Limits{0, 3}, "W"}};
  EXPECT_EQ(TagMeanings(*model_of(1, all), tags_).find(kTag)->unit, "MW");
  tags_.add(1, "w/elsewhere");
  EXPECT_EQ(TagMeanings(*model_of(1, all), tags_).find(kTag)->unit, "kW") << "the first by path";
  auto without = all;
  without[0].valid.reset();
  EXPECT_EQ(TagMeanings(*model_of(1, without), tags_).find(kTag)->unit, "MW")
      << "the first that has a range";
}

TEST_F(ModelViewTest, UnitsComeFromTheAttributeWhereATagHasNone) {
  tags_.add(1, "w/a/x");
  tags_.add(2, "w/a/y", "kg");
  tags_.add(3, "w/a/z");
  const auto meanings = view_.meanings(kWorks);
  EXPECT_EQ(meanings->with_unit(tags_.get({kWorks, 1}))->unit, "kW");
  EXPECT_EQ(meanings->with_unit(tags_.get({kWorks, 2}))->unit, "kg");
  EXPECT_EQ(meanings->with_unit(tags_.get({kWorks, 3}))->unit, "");
}

TEST_F(ModelViewTest, TellsWhichTagsReadOtherwise) {
  const auto before = view_.meanings(kWorks);
  EXPECT_EQ(view_.meanings(kWorks), before) << "made once a model";
  models_.current = model_of(2, {{"w/a", "x", 1, Limits{5, 35}, "kW"}, {"w/a", "z", 3, {}, "t"}});
  const auto after = view_.meanings(kWorks);
  EXPECT_EQ(after->changed_since(*before), (std::vector<TagId>{{kWorks, 2}, {kWorks, 3}}));
  models_.current = model_of(3, {{"w/a", "x", 1, Limits{5, 36}, "kW"}, {"w/a", "z", 3, {}, "t"}});
  EXPECT_EQ(view_.meanings(kWorks)->changed_since(*after), (std::vector<TagId>{kTag}));
}

}  // namespace
}  // namespace tundish
