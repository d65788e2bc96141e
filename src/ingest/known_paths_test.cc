#include "ingest/known_paths.h"

#include <gtest/gtest.h>

namespace tundish::ingest {
namespace {

constexpr KnownPaths::State kState{EnterpriseId(1), 1};

ResolvedPaths tags_for(const std::vector<std::string>& paths) {
  std::vector<ResolvedPath> resolved(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    TagInfo info;
    info.id = {EnterpriseId(1), static_cast<std::uint32_t>(i + 1)};
    info.path = paths[i];
    resolved[i].set_tag(std::make_shared<const TagInfo>(info));
  }
  return std::make_shared<const std::vector<ResolvedPath>>(std::move(resolved));
}

TEST(KnownPaths, AreFoundInTheStateTheyWereAskedInAndNoOther) {
  KnownPaths known;
  const std::vector<std::string> paths{"e/a", "e/b", "e/c"};
  EXPECT_EQ(known.find(kState, paths), nullptr);
  const ResolvedPaths tags = tags_for(paths);
  known.remember(kState, paths, tags);
  EXPECT_EQ(known.find(kState, paths), tags);
  EXPECT_EQ(known.find({EnterpriseId(2), 1}, paths), nullptr);
  EXPECT_EQ(known.find({EnterpriseId(1), 2}, paths), nullptr);
  known.remember({EnterpriseId(1), 2}, paths, tags);
  EXPECT_EQ(known.find(kState, paths), nullptr) << "one state of a list is remembered, the last";
}

TEST(KnownPaths, AreComparedWhole) {
  KnownPaths known;
  // Equal in what the hash looks at: number, first, middle and last.
  const std::vector<std::string> paths{"e/a", "e/b", "e/c", "e/d", "e/e"};
  known.remember(kState, paths, tags_for(paths));
  EXPECT_EQ(known.find(kState, std::vector<std::string>{"e/a", "e/B", "e/c", "e/d", "e/e"}),
            nullptr);
  EXPECT_EQ(known.find(kState, std::vector<std::string>{"e/a", "e/b", "e/c", "e/", "de/e"}),
            nullptr);
  EXPECT_EQ(known.find(kState, std::vector<std::string>{"e/a", "e/be", "/c", "e/d", "e/e"}),
            nullptr);
  EXPECT_EQ(known.find(kState, {}), nullptr);
  EXPECT_NE(known.find(kState, paths), nullptr);
}

TEST(KnownPaths, WhatHasNoTagIsNotRemembered) {
  KnownPaths known;
  const std::vector<std::string> paths{"e/a", "e/b"};
  auto some = *tags_for(paths);
  some[1].tag = nullptr;
  known.remember(kState, paths, std::make_shared<const std::vector<ResolvedPath>>(std::move(some)));
  EXPECT_EQ(known.find(kState, paths), nullptr);
}

TEST(KnownPaths, ThereAreAtMostSoMany) {
  KnownPaths known;
  std::vector<std::vector<std::string>> lists;
  for (std::size_t i = 0; i < 4 * KnownPaths::kListsMax; ++i) {
    lists.push_back({"e/" + std::to_string(i)});
    known.remember(kState, lists.back(), tags_for(lists.back()));
    EXPECT_NE(known.find(kState, lists.back()), nullptr);
  }
  std::size_t there = 0;
  for (const auto& list : lists) there += known.find(kState, list) != nullptr ? 1 : 0;
  EXPECT_LE(there, KnownPaths::kListsMax);
  const std::vector<std::string> many(KnownPaths::kPathsMax + 1, "e/x");
  known.remember(kState, many, tags_for(many));
  EXPECT_EQ(known.find(kState, many), nullptr);
}

}  // namespace
}  // namespace tundish::ingest
