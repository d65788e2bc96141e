#include "binding/split.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "binding/lexicon.h"

namespace tundish::binding {
namespace {

std::string cut(std::string_view text) {
  std::string words;
  for (const auto& token :
       split_words(text, [](std::string_view form) { return Lexicon::get().has(form); }))
    words += (words.empty() ? "" : "|") + token.text;
  return words;
}

TEST(Split, NamesAsVendorsWriteThem) {
  EXPECT_EQ(cut("hotBlastTemp"), "hot|blast|temp");
  EXPECT_EQ(cut("HBTemp1"), "hb|temp|1");
  EXPECT_EQ(cut("BF1_HB-TMP.PV"), "bf|1|hb|tmp|pv");
  EXPECT_EQ(cut("hotblasttemp"), "hot|blast|temp");
  EXPECT_EQ(cut("TopGasCO2"), "top|gas|co2");
  EXPECT_EQ(cut("influent_NH3-N"), "influent|nh3n");
  EXPECT_EQ(cut("set point"), "setpoint");
  EXPECT_EQ(cut("TIC-2301"), "tic|2301");
  EXPECT_EQ(cut("P80"), "p80");
}

TEST(Split, ChineseByItsWords) {
  EXPECT_EQ(cut("1#高炉热风温度"), "1|高炉|热风|温度");
  EXPECT_EQ(cut("二号高炉"), "二|号|高炉");
  EXPECT_EQ(cut("一氧化碳浓度"), "一氧化碳|浓度");
  EXPECT_EQ(cut("热风温度（℃）"), "热风|温度");
  EXPECT_EQ(cut("ＢＦ１热风温"), "bf|1|热风|温");
}

RC_GTEST_PROP(Split, AnyBytesGiveBoundedWordsWithoutSeparators, (const std::string& text)) {
  const auto tokens =
      split_words(text, [](std::string_view form) { return Lexicon::get().has(form); });
  RC_ASSERT(tokens.size() <= kTokensMax);
  for (const auto& token : tokens) {
    RC_ASSERT(!token.text.empty());
    RC_ASSERT(token.text.find_first_of(" _-./#()") == std::string::npos);
  }
}

}  // namespace
}  // namespace tundish::binding
