#include "asset/tags.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "asset/asset_testing.h"
#include "model/tag_path.h"

namespace tundish::asset {
namespace {

TEST_F(AssetTest, MakesTagsOnceAndKeepsThem) {
  const std::vector<NewTag> wanted = {
      {.path = "steel-01/bf/1/temp",
       .type = ValueType::kDouble,
       .step = false,
       .unit = "Cel",
       .description = "炉顶温度",
       .simulated = true},
      {.path = "steel-01/bf/1/heat", .type = ValueType::kInt64, .step = true},
      {.path = "steel-01/bf/1/temp"},
  };
  const auto made = tags().ensure(steel_, wanted);
  ASSERT_TRUE(made) << made.error().to_string();
  ASSERT_EQ(made->size(), 3u);
  EXPECT_EQ(made->at(0), made->at(2)) << "one path, one tag";
  EXPECT_EQ(sink_.numbers_made(steel_), 2u);
  EXPECT_EQ(tags().count(steel_), 2u);
  const auto again = tags().ensure(steel_, wanted);
  EXPECT_EQ(again->at(0), made->at(0));
  EXPECT_EQ(sink_.numbers_made(steel_), 2u);
  restart();
  const TagPtr tag = tags().find(steel_, "steel-01/bf/1/temp");
  ASSERT_TRUE(tag);
  EXPECT_EQ(tag->id, made->at(0)->id);
  EXPECT_EQ(tag->type, ValueType::kDouble);
  EXPECT_FALSE(tag->step);
  EXPECT_EQ(tag->unit, "Cel");
  EXPECT_EQ(tag->description, "炉顶温度");
  EXPECT_TRUE(tag->simulated);
  EXPECT_EQ(tags().get(tag->id), tag);
  EXPECT_EQ(tags().get({steel_, 99}), nullptr);
  EXPECT_EQ(tags().get({EnterpriseId(99), 1}), nullptr);
  EXPECT_TRUE(tags().find(steel_, "steel-01/bf/1/heat")->step);
}

/// Who remembers what a name stands for relies on it.
TEST_F(AssetTest, WhateverMakesANameStandForSomethingElseIsARename) {
  const TagPtr a = make_tag(steel_, "steel-01/a", ValueType::kInt64);
  std::uint64_t before = tags().renames(steel_);
  const auto has_grown = [&] {
    return std::exchange(before, tags().renames(steel_)) < tags().renames(steel_);
  };
  make_tag(steel_, "steel-01/c");
  EXPECT_FALSE(has_grown());
  ASSERT_TRUE(tags().update(a->id, {.path = "steel-01/d"}));
  EXPECT_TRUE(has_grown());
  ASSERT_TRUE(tags().update(a->id, {.type = ValueType::kDouble}));
  EXPECT_TRUE(has_grown());
  ASSERT_TRUE(tags().update(a->id, {.description = "d"}));
  EXPECT_FALSE(has_grown());
  ASSERT_TRUE(tags().remove(a->id));
  EXPECT_TRUE(has_grown());
}

TEST_F(AssetTest, APathTakenWithAnotherTypeIsReturnedAsItIs) {
  const TagPtr tag = make_tag(steel_, "steel-01/a", ValueType::kInt64);
  EXPECT_EQ(make_tag(steel_, "steel-01/a", ValueType::kString), tag);
  EXPECT_EQ(tag->type, ValueType::kInt64);
}

TEST_F(AssetTest, OddNamesStayNames) {
  const std::vector<std::string> paths = {
      "steel-01/'; DROP TABLE asset_tag; --",
      "steel-01/\"quoted\" name",
      "steel-01/高炉/炉顶温度",
      "steel-01/<script>alert(1)</script>",
      "steel-01/" + encode_name("a/b*100%"),
      "steel-01/%27%22",
      "steel-01/" + encode_name(" leading and trailing "),
      "steel-01/name_with_percent%25_and_underscore",
  };
  for (const auto& path : paths) make_tag(steel_, path);
  restart();
  for (const auto& path : paths) {
    ASSERT_TRUE(tags().find(steel_, path)) << path;
    EXPECT_EQ(tags().find(steel_, path)->path, path);
    EXPECT_EQ(matches(steel_, path), std::vector{path});
  }
  EXPECT_EQ(matches(steel_, "steel-01/**").size(), paths.size());
  EXPECT_EQ(tags().find(steel_, "steel-01/name%"), nullptr) << "% and _ are no wildcards here";
}

TEST_F(AssetTest, WhatCannotBeSeenIsNoNewNameButStaysWhereItIs) {
  const std::string odd = "steel-01/\u200Bpower ";
  const auto ensure = [&] { return tags().ensure(steel_, std::vector{NewTag{.path = odd}}); };
  EXPECT_EQ(code_of(ensure()), ErrorCode::kInvalidArgument);
  EXPECT_EQ(sink_.numbers_made(steel_), 0u);
  const TagPtr plain = make_tag(steel_, "steel-01/power");
  EXPECT_EQ(code_of(tags().update(plain->id, {.path = odd})), ErrorCode::kInvalidArgument);
  {
    // As a version before this rule may have made it.
    auto transaction = database_->begin();
    ASSERT_TRUE(
        transaction->run("INSERT INTO asset_tag(enterprise, path, number, type, step, unit, "
                         "description, simulated) VALUES(?, ?, 7, 0, 0, '', '', 0)",
                         steel_.value(), odd));
    ASSERT_TRUE(transaction->commit());
  }
  restart();
  const auto kept = ensure();
  ASSERT_TRUE(kept) << kept.error().to_string();
  EXPECT_EQ(kept->front()->id.number, 7u);
  EXPECT_TRUE(tags().update(kept->front()->id, {.unit = "kW"}));
  EXPECT_TRUE(tags().update(kept->front()->id, {.path = std::string("steel-01/seen")}));
}

TEST_F(AssetTest, RefusesPathsThatAreNoneOrElsewhere) {
  const auto ensure = [&](std::string path) {
    return code_of(tags().ensure(steel_, std::vector{NewTag{.path = std::move(path)}}));
  };
  for (const char* path :
       {"", "steel-01", "steel-01/", "/steel-01/a", "steel-01//a", "steel-01/a*", "steel-01/50%",
        "steel-01/a\nb", "steel-01/\xFF", "chem-01/a", "steel-011/a", "STEEL-01/a", "a/b"})
    EXPECT_EQ(ensure(path), ErrorCode::kInvalidArgument) << path;
  EXPECT_EQ(ensure("steel-01/" + std::string(2000, 'a')), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(tags().ensure(EnterpriseId(99), std::vector{NewTag{.path = "x/a"}})),
            ErrorCode::kNotFound);
  EXPECT_EQ(code_of(tags().ensure(
                steel_, std::vector{NewTag{.path = "steel-01/a"}, NewTag{.path = "chem-01/a"}})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(tags().count(steel_), 0u) << "one bad path makes none";
  EXPECT_EQ(sink_.calls, 0);
}

TEST_F(AssetTest, TwoEnterprisesSeeNothingOfEachOther) {
  const TagPtr steel = make_tag(steel_, "steel-01/a");
  const TagPtr chem = make_tag(chem_, "chem-01/a");
  EXPECT_EQ(tags().find(chem_, "steel-01/a"), nullptr);
  EXPECT_TRUE(matches(chem_, "steel-01/**").empty());
  EXPECT_EQ(matches(chem_, "**"), std::vector<std::string>{"chem-01/a"});
  EXPECT_EQ(tags().count(chem_), 1u);
  EXPECT_EQ(steel->id.number, chem->id.number);
  EXPECT_EQ(tags().get(steel->id), steel);
  EXPECT_EQ(tags().get(chem->id), chem);
  EXPECT_EQ(code_of(tags().update(chem->id, {.path = "steel-01/b"})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(tags().update({chem_, 99}, {}).error().to_string(),
            tags().update({EnterpriseId(99), 1}, {}).error().to_string());
  EXPECT_EQ(tags().remove({chem_, 99}).error().to_string(),
            tags().remove({EnterpriseId(99), 1}).error().to_string());
}

TEST_F(AssetTest, MatchesAsTheGlobSaysInOrder) {
  for (const char* path : {"steel-01/bf/2/temp", "steel-01/bf/1/temp", "steel-01/bf/1/flow",
                           "steel-01/caster/temp", "steel-01/temp", "steel-01/bf-old/temp"})
    make_tag(steel_, path);
  EXPECT_EQ(matches(steel_, "steel-01/bf/*/temp"),
            (std::vector<std::string>{"steel-01/bf/1/temp", "steel-01/bf/2/temp"}));
  EXPECT_EQ(
      matches(steel_, "steel-01/**/temp"),
      (std::vector<std::string>{"steel-01/bf-old/temp", "steel-01/bf/1/temp", "steel-01/bf/2/temp",
                                "steel-01/caster/temp", "steel-01/temp"}));
  EXPECT_EQ(matches(steel_, "steel-01/bf*/*"), std::vector<std::string>{"steel-01/bf-old/temp"});
  EXPECT_EQ(matches(steel_, "steel-01/bf/1/temp"), std::vector<std::string>{"steel-01/bf/1/temp"});
  EXPECT_EQ(matches(steel_, "**", 2).size(), 2u);
  EXPECT_TRUE(matches(steel_, "**", 0).empty());
  EXPECT_TRUE(matches(steel_, "steel-01/none").empty());
  EXPECT_TRUE(matches(steel_, std::string(5000, '*')).empty());
}

// The shortcuts by prefix and suffix never change what a glob means.
TEST_F(AssetTest, MatchEqualsTheNaiveFilter) {
  std::vector<NewTag> wanted;
  for (const char* a : {"a", "ab", "b"})
    for (const char* b : {"a", "b", "ba", "temp"})
      for (const char* c : {"", "/temp", "/a/temp", "/temp/b"})
        wanted.push_back({.path = fmt::format("steel-01/{}/{}{}", a, b, c)});
  const auto all = tags().ensure(steel_, wanted);
  ASSERT_TRUE(all);
  for (const std::string_view pattern : {"**",
                                         "*",
                                         "steel-01/**",
                                         "**/temp",
                                         "**temp",
                                         "*/a/**",
                                         "steel-01/*/*",
                                         "steel-01/a*/**",
                                         "steel-01/**/a/temp",
                                         "steel-01/**/temp/**",
                                         "**/a/b",
                                         "steel-01/a/**/b",
                                         "st*/**/b*",
                                         "steel-01**",
                                         "steel-01/a/**/",
                                         "**/**",
                                         "***",
                                         "**/*",
                                         "steel-01/**/**/temp",
                                         "*l-01/a/a",
                                         "steel-01/b/b*a",
                                         "**/steel-01/a/a"}) {
    std::vector<std::string> naive;
    for (const auto& tag : *all)
      if (glob_matches(pattern, tag->path)) naive.push_back(tag->path);
    std::ranges::sort(naive);
    EXPECT_EQ(matches(steel_, pattern), naive) << pattern;
  }
}

TEST_F(AssetTest, MatchPassesOverManyTurns) {
  std::vector<NewTag> wanted;
  for (int i = 0; i < 20'000; ++i) wanted.push_back({.path = fmt::format("steel-01/t/{:05}", i)});
  ASSERT_TRUE(tags().ensure(steel_, wanted));
  EXPECT_EQ(matches(steel_, "steel-01/t/*", 100'000).size(), 20'000u);
  EXPECT_EQ(matches(steel_, "**9", 100'000).size(), 2'000u);
  EXPECT_EQ(matches(steel_, "**/19999", 100'000).size(), 1u);
}

TEST_F(AssetTest, ARenameKeepsTheId) {
  const TagPtr tag = make_tag(steel_, "steel-01/old");
  make_tag(steel_, "steel-01/taken");
  const auto renamed = tags().update(
      tag->id, {.path = "steel-01/新 name", .step = true, .unit = "m3/h", .description = "d"});
  ASSERT_TRUE(renamed) << renamed.error().to_string();
  EXPECT_EQ((*renamed)->id, tag->id);
  EXPECT_EQ(tags().find(steel_, "steel-01/old"), nullptr);
  EXPECT_EQ(tag->path, "steel-01/old") << "who holds the old form keeps it";
  EXPECT_EQ(code_of(tags().update(tag->id, {.path = "steel-01/taken"})), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(tags().update(tag->id, {.path = "chem-01/x"})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(tags().update(tag->id, {.unit = std::string(65, 'm')})),
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(sink_.types.empty());
  restart();
  const TagPtr found = tags().find(steel_, "steel-01/新 name");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, tag->id);
  EXPECT_TRUE(found->step);
  EXPECT_EQ(found->unit, "m3/h");
  EXPECT_EQ(found->description, "d");
  EXPECT_EQ(matches(steel_, "**").size(), 2u);
  EXPECT_NE(make_tag(steel_, "steel-01/old")->id, tag->id);
}

TEST_F(AssetTest, ARetypeAsksTheHistorianFirst) {
  const TagPtr tag = make_tag(steel_, "steel-01/a", ValueType::kDouble);
  ASSERT_TRUE(tags().update(tag->id, {.type = ValueType::kString}));
  EXPECT_EQ(sink_.types[tag->id], std::vector{ValueType::kString});
  ASSERT_TRUE(tags().update(tag->id, {.type = ValueType::kString}));
  EXPECT_EQ(sink_.types[tag->id].size(), 1u) << "no change, no new series";
  sink_.failure = Error{ErrorCode::kDiskFull, "full"};
  EXPECT_EQ(code_of(tags().update(tag->id, {.type = ValueType::kBool})), ErrorCode::kDiskFull);
  EXPECT_EQ(tags().get(tag->id)->type, ValueType::kString);
  restart();
  EXPECT_EQ(tags().get(tag->id)->type, ValueType::kString);
}

TEST_F(AssetTest, RemovingDropsTheNameAndNeverTheNumber) {
  const TagPtr tag = make_tag(steel_, "steel-01/a");
  ASSERT_TRUE(tags().remove(tag->id));
  EXPECT_EQ(tags().get(tag->id), nullptr);
  EXPECT_EQ(tags().find(steel_, "steel-01/a"), nullptr);
  EXPECT_TRUE(matches(steel_, "**").empty());
  EXPECT_EQ(code_of(tags().remove(tag->id)), ErrorCode::kNotFound);
  restart();
  EXPECT_EQ(tags().get(tag->id), nullptr);
  EXPECT_GT(make_tag(steel_, "steel-01/a")->id.number, tag->id.number);
}

TEST_F(AssetTest, TheQuotaIsPerEnterprise) {
  options_.tags_per_enterprise_max = 3;
  restart();
  for (const char* path : {"steel-01/a", "steel-01/b", "steel-01/c"}) make_tag(steel_, path);
  EXPECT_EQ(code_of(tags().ensure(steel_, std::vector{NewTag{.path = "steel-01/d"}})),
            ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(tags().ensure(steel_, std::vector{NewTag{.path = "steel-01/a"}}))
      << "what exists is found";
  EXPECT_EQ(sink_.numbers_made(steel_), 3u);
  make_tag(chem_, "chem-01/a");
  ASSERT_TRUE(tags().remove(tags().find(steel_, "steel-01/a")->id));
  make_tag(steel_, "steel-01/d");
}

TEST_F(AssetTest, AFullHistorianMakesNoTag) {
  sink_.failure = Error{ErrorCode::kDiskFull, "full"};
  const std::vector<NewTag> wanted = {{.path = "steel-01/a"}};
  EXPECT_EQ(code_of(tags().ensure(steel_, wanted)), ErrorCode::kDiskFull);
  EXPECT_EQ(tags().count(steel_), 0u);
  sink_.failure.reset();
  EXPECT_TRUE(tags().ensure(steel_, wanted));
}

TEST_F(AssetTest, AHistorianOlderThanTheNamesIsNotTrusted) {
  const TagPtr tag = make_tag(steel_, "steel-01/a");
  sink_.forget();
  const auto made = tags().ensure(steel_, std::vector{NewTag{.path = "steel-01/b"}});
  EXPECT_EQ(code_of(made), ErrorCode::kCorruption);
  EXPECT_EQ(tags().get(tag->id), tag);
  EXPECT_EQ(tags().count(steel_), 1u);
}

TEST_F(AssetTest, AFullDiskMakesNoTagAndResumes) {
  const TagPtr before = make_tag(steel_, "steel-01/before");
  make_filler();
  fill_disk();
  std::vector<NewTag> wanted;
  for (int i = 0; i < 1000; ++i) wanted.push_back({.path = fmt::format("steel-01/t/{}", i)});
  EXPECT_EQ(code_of(tags().ensure(steel_, wanted)), ErrorCode::kDiskFull);
  EXPECT_EQ(code_of(tags().ensure(steel_, wanted)), ErrorCode::kDiskFull);
  EXPECT_EQ(tags().count(steel_), 1u);
  EXPECT_EQ(tags().find(steel_, "steel-01/before"), before) << "lookups go on";
  // A rename that moves nothing may still fit; one to a longer name needs a page at some point.
  Result<TagPtr> retyped = tags().update(
      before->id, {.path = "steel-01/" + std::string(1000, 'p'), .type = ValueType::kBool});
  if (!retyped) {
    EXPECT_EQ(retyped.error().code, ErrorCode::kDiskFull);
    EXPECT_EQ(sink_.types[before->id].back(), ValueType::kDouble) << "the type is taken back";
    EXPECT_EQ(tags().get(before->id), before);
  }
  ASSERT_TRUE(database_->set_bytes_max(64 << 20));
  const auto made = tags().ensure(steel_, wanted);
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(sink_.numbers_made(steel_), 1001u) << "numbers that got no name are taken";
  EXPECT_EQ(made->front()->id.number, 2u);
  EXPECT_EQ(make_tag(steel_, "steel-01/after")->id.number, 1002u);
  ASSERT_TRUE(tags().remove(tags().find(steel_, "steel-01/after")->id));
  restart();
  EXPECT_EQ(tags().count(steel_), 1001u);
}

TEST_F(AssetTest, ASearchGoesOnAfterAPathAndEndsWhenToldTo) {
  std::vector<NewTag> wanted;
  for (int i = 0; i < 10'000; ++i) wanted.push_back({.path = fmt::format("steel-01/t{:05}", i)});
  ASSERT_TRUE(tags().ensure(steel_, wanted));
  std::string after;
  std::vector<std::string> all;
  while (true) {
    const auto page =
        tags().match(steel_, {.pattern = "steel-01/**", .limit = 3'000, .after = after});
    ASSERT_TRUE(page);
    for (const auto& tag : *page) all.push_back(tag->path);
    if (page->size() < 3'000) break;
    after = page->back()->path;
  }
  EXPECT_EQ(all.size(), 10'000u);
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(tags().match(steel_, {.pattern = "**", .limit = 5, .after = "steel-01/t0"})->size(),
            5u);
  EXPECT_TRUE(tags()
                  .match(steel_, {.pattern = "steel-01/t00007", .limit = 5, .after = "steel-02"})
                  ->empty());
  // A name that is in the list of a page and has gone since does no harm.
  EXPECT_EQ(tags()
                .match(steel_, {.pattern = "**", .limit = 1, .after = "steel-01/t00006/gone"})
                ->front()
                ->path,
            "steel-01/t00007");

  int asked = 0;
  const auto ended = tags().match(
      steel_, {.pattern = "**/nothing*", .limit = 5, .go_on = [&] { return ++asked < 2; }});
  EXPECT_EQ(code_of(ended), ErrorCode::kTimeout);
  EXPECT_EQ(asked, 2);
}

TEST_F(AssetTest, ConcurrentCallersMakeOneTagAPath) {
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      const auto found = tags().match(steel_, {.pattern = "steel-01/**", .limit = 1000});
      for (const TagPtr& tag : *found) EXPECT_EQ(tags().get(tag->id), tag);
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  });
  std::vector<std::thread> makers;
  std::array<std::vector<TagPtr>, 4> made;
  for (std::size_t maker = 0; maker < made.size(); ++maker)
    makers.emplace_back([&, maker] {
      for (int i = 0; i < 50; ++i)
        made[maker].push_back(make_tag(steel_, fmt::format("steel-01/t/{}", i)));
    });
  for (auto& maker : makers) maker.join();
  stop = true;
  reader.join();
  EXPECT_EQ(tags().count(steel_), 50u);
  EXPECT_EQ(sink_.numbers_made(steel_), 50u);
  for (const auto& others : made) EXPECT_EQ(others, made[0]);
}

TEST_F(AssetTest, TenThousandAtOnceAreQuick) {
  std::vector<NewTag> wanted;
  for (int i = 0; i < 10'000; ++i)
    wanted.push_back({.path = fmt::format("steel-01/site/area/line/asset{}/tag{}", i / 50, i)});
  const auto start = std::chrono::steady_clock::now();
  const auto made = tags().ensure(steel_, wanted);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(made);
  EXPECT_LE(sink_.tags_in_call_max, 1000u) << "a record of the historian holds 1 MiB";
  std::set<TagId> ids;
  for (std::size_t i = 0; i < made->size(); ++i) {
    EXPECT_EQ(made->at(i)->path, wanted[i].path);
    ids.insert(made->at(i)->id);
  }
  EXPECT_EQ(ids.size(), 10'000u);
#ifndef TUNDISH_SANITIZED
  EXPECT_LT(seconds.count(), 1.0);
#endif
  RecordProperty("milliseconds", static_cast<int>(seconds.count() * 1000));
}

}  // namespace
}  // namespace tundish::asset
