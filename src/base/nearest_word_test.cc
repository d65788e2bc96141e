#include "base/nearest_word.h"

#include <gtest/gtest.h>

namespace tundish {
namespace {

TEST(NearestWord, FindsWhatWasMeant) {
  const std::vector<std::string> known = {"viewer", "operator", "engineer"};
  EXPECT_EQ(nearest_word("viwer", known), "viewer");
  EXPECT_EQ(nearest_word("Engineer", known), "engineer");
  EXPECT_EQ(nearest_word("AVG", {"abs", "age", "avg"}), "avg");
  EXPECT_EQ(nearest_word("average", {"abs", "age", "avg"}), "avg") << "it begins alike";
  EXPECT_EQ(nearest_word("", {}), "");
}

TEST(NearestWord, ComparesTheBeginningOfLongWordsOnly) {
  const std::string head(32, 'a');
  const std::vector<std::string> known = {head + "one", head + "two"};
  // Were all of it compared, the second would be nearer; and a long input would cost its length.
  EXPECT_EQ(nearest_word(head + "two", known), head + "one");
  EXPECT_EQ(nearest_word(std::string(10'000'000, 'b'), {"c", "b"}), "b");
}

}  // namespace
}  // namespace tundish
