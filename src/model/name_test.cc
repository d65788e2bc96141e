#include "model/name.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/tag_path.h"
#include "model/value.h"

namespace tundish {
namespace {

constexpr std::string_view kRealNames[] = {"hot blast temp",
                                           "高炉 1",
                                           "Übergabe",
                                           "U\u0308bergabe",
                                           "a\u0301",
                                           "نیم\u200Cفاصله",
                                           "क\u094D\u200Dष",
                                           "...",
                                           ".x",
                                           "x.",
                                           "-",
                                           "_",
                                           "a\u00A0b",
                                           "\U0001F525"};

constexpr std::string_view kUnseen[] = {"a\u0085b", "a\u202Eb",   "\u202Aa", "a\u2066b",
                                        "a\u200Bb", "\uFEFFa",    "a\u00AD", "a\u2028b",
                                        "a\u2060b", "a\U000E0041"};

constexpr std::string_view kBlankEnds[] = {" a", "a ", "\u3000a", "a\u00A0", " "};

TEST(NewName, TakesRealNames) {
  for (const auto name : kRealNames) {
    EXPECT_TRUE(check_new_name(name, 1, 200, "name")) << name;
    EXPECT_TRUE(check_new_path("e/" + std::string(name) + "/x")) << name;
  }
}

TEST(NewName, RefusesWhatCannotBeSeen) {
  for (const auto name : kUnseen) {
    const auto status = check_new_name(name, 1, 200, "name");
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(status.error().where, "name");
    EXPECT_NE(status.error().message.find("U+"), std::string::npos) << status.error().message;
    const std::string path = "e/" + std::string(name) + "/x";
    EXPECT_FALSE(check_new_path(path)) << name;
    EXPECT_TRUE(check_path(path)) << "a tag that has it already must stay: " << name;
  }
  for (const auto name : kBlankEnds) {
    EXPECT_FALSE(check_new_name(name, 1, 200, "name")) << name;
    EXPECT_FALSE(check_new_path("e/" + std::string(name))) << name;
    EXPECT_FALSE(check_new_path("e/" + std::string(name) + "/x")) << name;
  }
}

TEST(NewName, RefusesLevelsThatLeadOutOfAFolder) {
  for (const auto* path : {"e/.", "e/..", "e/../x", "e/a/./b", "e/%2E%2E/x", "e/%2e"})
    EXPECT_FALSE(check_new_path(path)) << path;
  for (const auto* path : {"e", "e//x", "e/a*"}) EXPECT_FALSE(check_new_path(path)) << path;
}

TEST(NewName, WhatASenderCannotSpellOtherwiseIsEncoded) {
  EXPECT_EQ(encode_name(" a b "), "%20a b%20");
  EXPECT_EQ(encode_name(".."), "..") << "there is no spelling of it that is no way out";
  EXPECT_EQ(encode_name("a\u202Eb"), "a%E2%80%AEb");
  for (const auto name : kRealNames) EXPECT_EQ(encode_name(name), name);
  const auto comes_back = [](std::string_view name) {
    const std::string encoded = encode_name(name);
    EXPECT_TRUE(check_new_path("e/" + encoded)) << encoded;
    EXPECT_EQ(decode_name(encoded), name);
  };
  for (const auto name : kUnseen) comes_back(name);
  for (const auto name : kBlankEnds) comes_back(name);
}

/// Any characters; small numbers are frequent, and among them is most of what is special.
std::string utf8_of(const std::vector<std::uint16_t>& points) {
  std::string text;
  for (const std::uint32_t point : points) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;  // surrogates
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += static_cast<char>(0xC0 | (point >> 6));
      text += static_cast<char>(0x80 | (point & 0x3F));
    } else {
      text += static_cast<char>(0xE0 | (point >> 12));
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
      text += static_cast<char>(0x80 | (point & 0x3F));
    }
  }
  return text.substr(0, 3 * 100);
}

RC_GTEST_PROP(NewName, EveryEncodedNameIsALevel, (const std::vector<std::uint16_t>& points)) {
  const std::string name = utf8_of(points);
  RC_PRE(!name.empty() && name != "." && name != ".." && is_utf8(name));
  const std::string encoded = encode_name(name);
  RC_ASSERT(check_new_path("e/" + encoded).has_value());
  RC_ASSERT(decode_name(encoded) == name);
}

}  // namespace
}  // namespace tundish
