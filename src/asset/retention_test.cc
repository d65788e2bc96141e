#include "asset/retention.h"

#include <gtest/gtest.h>

#include "asset/asset_testing.h"
#include "asset/retention_text.h"

namespace tundish::asset {
namespace {

std::string mistake(std::string_view text) {
  const auto rules = read_retention(text);
  return rules ? "" : rules.error().where + " " + rules.error().message;
}

TEST(RetentionText, ReadsRulesInTheirOrder) {
  const auto rules = read_retention(R"(# the works' own
derived: for ever
steel-01/lab/**: 10 a   # by contract

steel-01/a:b/*:2wk
measured:   90 d)");
  ASSERT_TRUE(rules) << rules.error().to_string();
  ASSERT_EQ(rules->size(), 4u);
  EXPECT_EQ((*rules)[0].keep, kKeptForEver);
  EXPECT_EQ((*rules)[1].keep, 3653u);
  EXPECT_EQ((*rules)[1].line, 3u);
  EXPECT_EQ((*rules)[2].subject, "steel-01/a:b/*");
  EXPECT_EQ((*rules)[2].keep, 14u);
  EXPECT_EQ(rule_of(*rules, "steel-01/lab/c/x", false), 1u);
  EXPECT_EQ(rule_of(*rules, "steel-01/lab/c/x", true), 0u);
  EXPECT_EQ(rule_of(*rules, "steel-01/m", false), 3u);
  EXPECT_TRUE(read_retention("")->empty());
}

TEST(RetentionText, NamesThePlaceAndTheNearestWord) {
  EXPECT_EQ(mistake("measured: 90 d\n measurd: 90 d").substr(0, 15), "retention:2:2 '");
  EXPECT_NE(mistake("measurd: 90 d").find("did you mean 'measured'"), std::string::npos);
  EXPECT_NE(mistake("measured: 90 days").find("retention:1:14"), std::string::npos);
  EXPECT_NE(mistake("measured: 90 w").find("did you mean 'wk'"), std::string::npos);
  for (const auto* text :
       {"measured", "measured:", ": 90 d", "measured: 0 d", "measured: -1 d", "measured: 1e3 d",
        "measured: 99999999999 d", "measured: 300 a", "measured: never", "a/\xC3\x28: 1 d"})
    EXPECT_TRUE(mistake(text).starts_with("retention:1:")) << text << " gives " << mistake(text);
  EXPECT_TRUE(mistake(std::string(kRetentionBytesMax + 1, '#')).starts_with("retention "));
  std::string many;
  for (std::size_t i = 0; i <= kRetentionRulesMax; ++i) many += "measured: 1 d\n";
  EXPECT_TRUE(mistake(many).starts_with("retention:501:1"));
}

/// What a historian would be told.
class Kept final : public RetentionKeeper {
 public:
  Status keep_tags(EnterpriseId, KeepDays keep, std::span<const TagId> tags) override {
    for (const TagId tag : tags) kept[tag] = keep;
    moves += tags.size();
    return {};
  }
  Status advance_horizon(EnterpriseId, KeepDays keep, TimeNs horizon) override {
    horizons[keep] = horizon;
    return {};
  }
  KeepDays kept_for(TagId tag) const override {
    const auto found = kept.find(tag);
    return found == kept.end() ? kKeptForEver : found->second;
  }
  std::map<TagId, KeepDays> kept;
  std::map<KeepDays, TimeNs> horizons;
  std::size_t moves = 0;
};

/// Every tag has one sample.
class OneSample final : public SampleReader {
 public:
  explicit OneSample(const TimeNs& time) : time_(time) {}
  Result<std::unique_ptr<Snapshot>> snapshot() override { return std::make_unique<One>(time_); }
  std::string source_name(EnterpriseId, std::uint32_t) const override { return {}; }

 private:
  class One final : public Snapshot {
   public:
    explicit One(TimeNs time) : time_(time) {}
    Position position() const override { return Position(1); }
    Status scan(TagId, TimeRange, const Visit&) override { return {}; }
    Result<std::optional<Sample>> at_or_before(TagId, TimeNs) override { return latest({}); }
    Result<std::optional<Sample>> at_or_after(TagId, TimeNs) override { return latest({}); }
    Result<std::optional<Sample>> latest(TagId) override { return Sample{time_, 1.0, kGood}; }
    Result<bool> history(TagId, TimeRange, std::size_t, std::vector<SampleVersion>&) override {
      return true;
    }
    std::vector<std::string> damage() const override { return {}; }

   private:
    TimeNs time_;
  };
  const TimeNs& time_;
};

class RetentionTest : public AssetTest {
 protected:
  TagId tag(const std::string& path) { return make_tag(steel_, path)->id; }
  Retention made() {
    return Retention({.database = *database_,
                      .enterprises = enterprises(),
                      .models = store_->models(),
                      .tags = tags(),
                      .keeper = keeper,
                      .reader = reader,
                      .clock = clock_});
  }
  Kept keeper;
  TimeNs newest = kStart;
  OneSample reader{newest};
};

TEST_F(RetentionTest, TagsGoIntoTheirClassesAndHorizonsAdvance) {
  const TagId lab = tag("steel-01/lab/c");
  const TagId power = tag("steel-01/mill/power");
  Retention retention = made();
  ASSERT_TRUE(retention.maintain());
  EXPECT_EQ(keeper.moves, 0u);
  const auto saved = retention.save(steel_, "user:anna", "steel-01/lab/**: 10 a\nmeasured: 90 d\n");
  ASSERT_TRUE(saved) << saved.error().to_string();
  EXPECT_EQ(keeper.kept_for(lab), 3653u);
  EXPECT_EQ(keeper.kept_for(power), 90u);
  EXPECT_EQ(keeper.horizons[90], horizon_at(kStart, 90));
  EXPECT_EQ(saved->actor, "user:anna");
  ASSERT_EQ(saved->rules.size(), 2u);
  EXPECT_EQ(saved->rules[0].tags, 1u);
  ASSERT_EQ(saved->classes.size(), 2u);
  EXPECT_EQ(saved->classes[0].keep, 90u);
  EXPECT_EQ(saved->classes[0].horizon, horizon_at(kStart, 90));

  // A tag that comes later is put in its class within a minute; nothing else moves.
  const TagId late = tag("steel-01/mill/speed");
  const std::size_t moves = keeper.moves;
  ASSERT_TRUE(retention.maintain());
  EXPECT_EQ(keeper.kept_for(late), 90u);
  EXPECT_EQ(keeper.moves, moves + 1);
  clock_.advance(kDay);
  newest += kDay;
  ASSERT_TRUE(retention.maintain());
  EXPECT_EQ(keeper.horizons[90], horizon_at(kStart + kDay, 90));
}

TEST_F(RetentionTest, APreviewSaysWhatWouldBeShortenedAndChangesNothing) {
  tag("steel-01/lab/c");
  tag("steel-01/mill/power");
  Retention retention = made();
  const auto preview = retention.preview(steel_, "steel-01/lab/**: for ever\n**: 1 d");
  ASSERT_TRUE(preview) << preview.error().to_string();
  ASSERT_EQ(preview->classes.size(), 2u);
  EXPECT_EQ(preview->classes[0].keep, 1u);
  EXPECT_EQ(preview->classes[0].shortened, 1u);
  EXPECT_EQ(preview->classes[1].keep, kKeptForEver);
  EXPECT_EQ(preview->classes[1].shortened, 0u);
  EXPECT_TRUE(keeper.kept.empty());
  EXPECT_EQ(retention.state(steel_)->text, "");
  EXPECT_FALSE(retention.save(steel_, "user:anna", "nonsense"));
  EXPECT_EQ(retention.state(steel_)->text, "");
}

TEST_F(RetentionTest, AClockThatIsYearsAheadTakesNothing) {
  tag("steel-01/mill/power");
  Retention retention = made();
  clock_.set_wall(kStart + 5 * 365 * kDay);
  ASSERT_TRUE(retention.save(steel_, "user:anna", "measured: 90 d"));
  EXPECT_TRUE(keeper.horizons.empty());
  clock_.set_wall(kStart);
  ASSERT_TRUE(retention.maintain());
  EXPECT_EQ(keeper.horizons[90], horizon_at(kStart, 90));
}

}  // namespace
}  // namespace tundish::asset
