#include "model/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tundish {
namespace {

TEST(Value, ConvertsOnlyWhatIsExact) {
  EXPECT_EQ(std::get<std::int64_t>(convert_exact(3.0, ValueType::kInt64).value()), 3);
  EXPECT_EQ(std::get<double>(convert_exact(std::int64_t{1} << 53, ValueType::kDouble).value()),
            9007199254740992.0);
  EXPECT_EQ(std::get<bool>(convert_exact(1.0, ValueType::kBool).value()), true);
  EXPECT_EQ(std::get<double>(convert_exact(true, ValueType::kDouble).value()), 1.0);

  EXPECT_FALSE(convert_exact(3.5, ValueType::kInt64));
  EXPECT_FALSE(convert_exact(-0.0, ValueType::kInt64));
  EXPECT_FALSE(convert_exact(std::nan(""), ValueType::kInt64));
  EXPECT_FALSE(convert_exact(std::numeric_limits<double>::infinity(), ValueType::kInt64));
  EXPECT_FALSE(convert_exact(9223372036854775808.0, ValueType::kInt64));
  EXPECT_FALSE(convert_exact((std::int64_t{1} << 53) + 1, ValueType::kDouble));
  EXPECT_FALSE(convert_exact(std::numeric_limits<std::int64_t>::max(), ValueType::kDouble));
  EXPECT_FALSE(convert_exact(std::int64_t{2}, ValueType::kBool));
  EXPECT_FALSE(convert_exact(std::string("3"), ValueType::kInt64));
  EXPECT_FALSE(convert_exact(3.0, ValueType::kString));
}

TEST(Value, SameBits) {
  EXPECT_TRUE(same_bits(std::nan("1"), std::nan("1")));
  EXPECT_FALSE(same_bits(0.0, -0.0));
  EXPECT_FALSE(same_bits(Value(1.0), Value(std::int64_t{1})));
}

TEST(Value, Utf8) {
  EXPECT_TRUE(is_utf8("热风 \xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_utf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_utf8("\xE4\xBD"));          // cut short
}

}  // namespace
}  // namespace tundish
