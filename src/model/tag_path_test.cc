#include "model/tag_path.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tundish {
namespace {

TEST(TagPath, AcceptsRealNames) {
  for (const char* path : {"steel-01/bf1/hot_blast_temp", "e/x", "steel-01/高炉/热风温度",
                           "e/a \"quoted\" <b>name</b>/x", "e/a%2Fb/c%25"})
    EXPECT_TRUE(check_path(path)) << path;
}

TEST(TagPath, RefusesWithAReason) {
  for (const std::string& path :
       {std::string(""), std::string("e"), std::string("e/"), std::string("/e/x"),
        std::string("e//x"), std::string("e/a*b"), std::string("e/a%b"), std::string("e/a\nb"),
        std::string("e/\xff"), "e/" + std::string(1024, 'a'),
        std::string("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17")})
    EXPECT_FALSE(check_path(path)) << path;
}

RC_GTEST_PROP(TagPath, NamesComeBack, (const std::string& name)) {
  RC_ASSERT(decode_name(encode_name(name)) == name);
  RC_ASSERT(encode_name(name).find_first_of("/*") == std::string::npos);
}

TEST(TagPath, Globs) {
  EXPECT_TRUE(glob_matches("steel-01/**", "steel-01/a/b/c"));
  EXPECT_TRUE(glob_matches("steel-01/**/temperature", "steel-01/temperature"));
  EXPECT_TRUE(glob_matches("steel-01/**/temperature", "steel-01/a/b/temperature"));
  EXPECT_FALSE(glob_matches("steel-01/**/temperature", "steel-01/a/xtemperature"));
  EXPECT_TRUE(glob_matches("a/*/c", "a/b/c"));
  EXPECT_FALSE(glob_matches("a/*/c", "a/b/x/c"));
  EXPECT_TRUE(glob_matches("a/*temp*/c", "a/xtempy/c"));
  EXPECT_TRUE(glob_matches("a/b", "a/b"));
  EXPECT_FALSE(glob_matches("a/b", "a/bc"));
  EXPECT_TRUE(glob_matches("**", "a/b"));
  EXPECT_FALSE(glob_matches("steel-01/**", "steel-010/a"));
  EXPECT_FALSE(glob_matches("", "a"));
}

/// The definition, read off word by word: exponential, for short texts.
bool matches_by_definition(std::string_view pattern, std::string_view path, bool level_start) {
  if (pattern.empty()) return path.empty();
  if (pattern.starts_with("**")) {
    if (level_start && pattern.substr(2).starts_with('/')) {
      if (matches_by_definition(pattern.substr(3), path, true)) return true;
      for (std::size_t i = 0; i < path.size(); ++i)
        if (path[i] == '/' && matches_by_definition(pattern.substr(3), path.substr(i + 1), true))
          return true;
      return false;
    }
    for (std::size_t i = 0; i <= path.size(); ++i)
      if (matches_by_definition(pattern.substr(2), path.substr(i), false)) return true;
    return false;
  }
  if (pattern.front() == '*') {
    for (std::size_t i = 0; i <= path.size(); ++i) {
      if (matches_by_definition(pattern.substr(1), path.substr(i), false)) return true;
      if (i < path.size() && path[i] == '/') return false;
    }
    return false;
  }
  return !path.empty() && path.front() == pattern.front() &&
         matches_by_definition(pattern.substr(1), path.substr(1), pattern.front() == '/');
}

TEST(TagPath, GlobMatchesAsDefined) {
  std::uint64_t state = 1;
  const auto text = [&](std::string_view letters, std::size_t size_max) {
    std::string made;
    state = state * 6364136223846793005u + 1442695040888963407u;
    const std::size_t size = (state >> 33) % (size_max + 1);
    while (made.size() < size) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      made += letters[(state >> 33) % letters.size()];
    }
    return made;
  };
  int matched = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string pattern = text("ab/**", 8);
    const std::string path = text("ab/", 7);
    const bool expected = matches_by_definition(pattern, path, true);
    ASSERT_EQ(glob_matches(pattern, path), expected) << pattern << "  " << path;
    matched += expected ? 1 : 0;
  }
  EXPECT_GT(matched, 1000);
}

TEST(TagPath, AHostileGlobStaysCheap) {
  std::string pattern, path(1000, 'a');
  for (int i = 0; i < 300; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "b", path));
}

}  // namespace
}  // namespace tundish
