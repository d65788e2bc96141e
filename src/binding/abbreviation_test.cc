#include "binding/abbreviation.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "binding/lexicon.h"

namespace tundish::binding {
namespace {

TEST(Abbreviation, TheMoreLettersTheBetter) {
  EXPECT_EQ(abbreviates("temperature", "temperature"), 1);
  EXPECT_GT(abbreviates("temper", "temperature"), abbreviates("te", "temperature"));
  EXPECT_GT(abbreviates("blst", "blast"), 0.8f);
  EXPECT_GT(abbreviates("presure", "pressure"), 0.8f);
  EXPECT_GT(abbreviates("tmp", "temperature"), 0.5f);
  EXPECT_EQ(abbreviates("temp", "pressure"), 0);
  EXPECT_EQ(abbreviates("txq", "temperature"), 0);
  EXPECT_EQ(abbreviates("", "temperature"), 0);
}

TEST(Abbreviation, InitialismsOfSeveralWords) {
  const std::vector<std::string> words = {"blast", "furnace", "hot", "blast", "temperature"};
  EXPECT_EQ(read_initialism("hbt", words).words, 0b11100u);
  EXPECT_EQ(read_initialism("bfhbt", words).words, 0b11111u);
  EXPECT_EQ(read_initialism("hbtmp", words).words, 0b11100u);
  EXPECT_EQ(read_initialism("hotbt", words).words, 0b11100u);
  EXPECT_EQ(read_initialism("hbq", words).words, 0u);
  EXPECT_EQ(read_initialism("tbh", words).words, 0u);  // not in order
  EXPECT_GT(read_initialism("bfhbt", words).trust, read_initialism("hb", words).trust);
}

TEST(Abbreviation, PinyinInitials) {
  EXPECT_EQ(pinyin_initials("高炉热风温度"), "glrfwd");
  EXPECT_EQ(pinyin_initials("喷煤比CO2"), "pmbco2");
  EXPECT_EQ(pinyin_initials("\xff"), "");
}

TEST(Abbreviation, LettersOfInstruments) {
  const auto measured = [](std::string_view letters) {
    std::vector<std::string_view> concepts;
    std::string all = read_instrument(letters, concepts) ? "" : "none";
    for (const auto name : concepts) all += (all.empty() ? "" : "+") + std::string(name);
    return all;
  };
  EXPECT_EQ(measured("tt"), "temperature");
  EXPECT_EQ(measured("pic"), "pressure");
  EXPECT_EQ(measured("pdit"), "pressure+differential");
  EXPECT_EQ(measured("fiq"), "flow+total");
  EXPECT_EQ(measured("lv"), "level+valve");
  EXPECT_EQ(measured("tah"), "temperature+alarm");
  EXPECT_EQ(measured("ait"), "");
  EXPECT_EQ(measured("bf"), "none");
  EXPECT_EQ(measured("twr"), "none");
}

RC_GTEST_PROP(Abbreviation, StrengthsStayWithinBounds,
              (const std::string& token, const std::string& word)) {
  const float strength = abbreviates(token, word);
  RC_ASSERT(strength >= 0 && strength <= 1);
  const auto initialism = read_initialism(token, {word, token, word});
  RC_ASSERT(initialism.trust >= 0 && initialism.trust <= 1);
}

}  // namespace
}  // namespace tundish::binding
