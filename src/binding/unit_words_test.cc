#include "binding/unit_words.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

namespace tundish::binding {
namespace {

std::string code(std::string_view text) {
  const auto unit = read_unit_words(text);
  return unit ? unit->code() : "?";
}

TEST(UnitWords, AsVendorsWriteThem) {
  EXPECT_EQ(code("℃"), "Cel");
  EXPECT_EQ(code("DEG C"), "Cel");
  EXPECT_EQ(code("C"), "Cel");
  EXPECT_EQ(code("KPA"), "kPa");
  EXPECT_EQ(code("kPag"), "kPa");
  EXPECT_EQ(code("Mpa"), "MPa");
  EXPECT_EQ(code("MPa"), "MPa");
  EXPECT_EQ(code("barg"), "bar");
  EXPECT_EQ(code("tph"), "t/h");
  EXPECT_EQ(code("m³/hr"), "m3/h");
  EXPECT_EQ(code("Nm3/min"), "m3{norm}/min");
  EXPECT_EQ(code("rpm"), "{rev}/min");
  EXPECT_EQ(code("μm"), "um");
  EXPECT_EQ(code("％"), "%");
  EXPECT_EQ(code("kΩ"), "kOhm");
  EXPECT_EQ(code("ka"), "kA");
  EXPECT_EQ(code("mW"), "mW");
  EXPECT_EQ(code("MW"), "MW");
  EXPECT_EQ(code("dB(A)"), "dB{A}");
}

TEST(UnitWords, InChinese) {
  EXPECT_EQ(code("摄氏度"), "Cel");
  EXPECT_EQ(code("吨/时"), "t/h");
  EXPECT_EQ(code("吨/小时"), "t/h");
  EXPECT_EQ(code("立方米/小时"), "m3/h");
  EXPECT_EQ(code("标方/小时"), "m3{norm}/h");
  EXPECT_EQ(code("毫克/升"), "mg/L");
  EXPECT_EQ(code("千帕"), "kPa");
  EXPECT_EQ(code("转/分"), "{rev}/min");
}

// A register of whole numbers: what its list says of the steps is part of the unit, else values are ten times too great.
TEST(UnitWords, CountedInSteps) {
  const auto in_mm = UnitConversion::between(*read_unit_words("0.1mm"), Unit::parse("mm").value());
  ASSERT_TRUE(in_mm);
  EXPECT_DOUBLE_EQ((*in_mm)(875), 87.5);
  const auto in_kn = UnitConversion::between(*read_unit_words("10kN"), Unit::parse("kN").value());
  ASSERT_TRUE(in_kn);
  EXPECT_DOUBLE_EQ((*in_kn)(1500), 15'000);
  const auto per_minute =
      UnitConversion::between(*read_unit_words("0.01 m/min"), Unit::parse("m/min").value());
  ASSERT_TRUE(per_minute);
  EXPECT_DOUBLE_EQ((*per_minute)(132), 1.32);
  EXPECT_EQ(code("0.1℃"), "?") << "a place on a scale has no steps that a unit can say";
  EXPECT_EQ(code("0.1"), "?");
}

TEST(UnitWords, NoneIsNotAnError) {
  for (const auto* text :
       {"", "-", "无", "bananas", "\xff\xfe", "KPA KPA KPA KPA KPA KPA KPA KPA KPA KPA KPA"})
    EXPECT_EQ(code(text), "?") << text;
}

TEST(UnitWords, BehindTheName) {
  EXPECT_EQ(read_trailing_unit("热风温度(℃)")->code(), "Cel");
  EXPECT_EQ(read_trailing_unit("Top pressure [kPa]")->code(), "kPa");
  EXPECT_EQ(read_trailing_unit("热风压力（MPa）")->code(), "MPa");
  EXPECT_FALSE(read_trailing_unit("pump (spare)").has_value());
  EXPECT_FALSE(read_trailing_unit("(℃)").has_value());
}

RC_GTEST_PROP(UnitWords, AnyBytesAreReadOrNot, (const std::string& text)) {
  if (const auto unit = read_unit_words(text)) RC_ASSERT(unit->code().size() <= 128u);
  (void)read_trailing_unit(text + ")");
}

}  // namespace
}  // namespace tundish::binding
