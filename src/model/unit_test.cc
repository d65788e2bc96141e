#include "model/unit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/unit_table.h"

namespace tundish {
namespace {

Unit unit(std::string_view code) {
  auto parsed = Unit::parse(code);
  EXPECT_TRUE(parsed) << code << ": " << parsed.error().message;
  return parsed.value_or(Unit());
}
double convert(double value, std::string_view from, std::string_view to) {
  const auto conversion = UnitConversion::between(unit(from), unit(to));
  EXPECT_TRUE(conversion) << from << " to " << to;
  return conversion ? (*conversion)(value) : 0;
}
std::string refusal(std::string_view code) {
  const auto parsed = Unit::parse(code);
  EXPECT_FALSE(parsed) << code << " became " << parsed->code();
  return parsed ? "" : parsed.error().message;
}

TEST(Unit, EveryAtomIsKnownAndUnlikeTheOthers) {
  for (const auto& atom : unit_atoms()) {
    EXPECT_EQ(unit(atom.code).code(), atom.code);
    const auto same = std::ranges::count_if(
        unit_atoms(), [&](const auto& other) { return other.code == atom.code; });
    EXPECT_EQ(same, 1) << atom.code;
  }
  for (const auto& alias : unit_aliases())
    EXPECT_EQ(unit(alias.written), unit(alias.code)) << alias.written;
}

TEST(Unit, CodesStayAsTheyAreWritten) {
  for (const char* code :
       {"1", "kW.h/t", "m3{norm}/h", "Cel", "/min", "{pcs}/h", "kg/(100.km)", "[CNY]/t", "10*3/uL",
        "t.km", "kg{steel}/t{slag}", "mg/m3", "m3/min/kPa", "kvar.h"}) {
    if (std::string_view(code) == "kg/(100.km)")
      EXPECT_EQ(unit(code).code(), "kg/100/km");
    else
      EXPECT_EQ(unit(code).code(), code);
  }
  EXPECT_EQ(unit("kWh").code(), "kWh");
  EXPECT_EQ(unit("Nm3/h").code(), "m3{norm}/h");
  EXPECT_EQ(unit("m³/h").code(), "m3/h");
  EXPECT_EQ(unit("W·h").code(), "W.h");
  EXPECT_EQ(unit("m.s-2").code(), "m/s2");
  EXPECT_EQ(unit("rpm").code(), "{rev}/min");
  EXPECT_EQ(unit("m/100/100").code(), "m/100/100");
  EXPECT_EQ(unit("{a}.{a}.m").code(), "{a}.{a}.m");
  EXPECT_EQ(unit("10*3.10*3").code(), "10*6");
}

// Figures of ISO 80000, NIST SP 811 and UCUM's own tables.
TEST(Unit, Converts) {
  EXPECT_EQ(convert(1, "kW.h", "J"), 3'600'000);
  EXPECT_EQ(convert(1, "kWh", "MJ"), 3.6);
  EXPECT_EQ(convert(36, "km/h", "m/s"), 10);
  EXPECT_EQ(convert(3600, "m3/h", "m3/s"), 1);
  EXPECT_EQ(convert(1, "t/h", "kg/s"), 1000.0 / 3600);
  EXPECT_EQ(convert(100, "Cel", "K"), 373.15);
  EXPECT_DOUBLE_EQ(convert(212, "degF", "degC"), 100);
  EXPECT_DOUBLE_EQ(convert(-40, "Cel", "[degF]"), -40);
  EXPECT_EQ(convert(25, "Cel", "Cel"), 25);
  EXPECT_EQ(convert(1, "bar", "kPa"), 100);
  EXPECT_EQ(convert(1, "atm", "hPa"), 1013.25);
  EXPECT_NEAR(convert(1, "[psi]", "Pa"), 6894.757293168361, 1e-9);
  EXPECT_EQ(convert(1, "%", "[ppm]"), 10'000);
  EXPECT_EQ(convert(1, "g/cm3", "kg/m3"), 1000);
  EXPECT_EQ(convert(1, "L", "dm3"), 1);
  EXPECT_EQ(convert(1, "hL", "m3"), 0.1);
  EXPECT_EQ(convert(1, "har", "m2"), 10'000);
  EXPECT_EQ(convert(180, "deg", "rad"), 3.14159265358979323846);
  EXPECT_EQ(convert(1, "d", "s"), 86'400);
  EXPECT_EQ(convert(1, "[mi_i]", "m"), 1609.344);
  EXPECT_NEAR(convert(1, "[HP]", "W"), 745.6998715822702, 1e-9);
  EXPECT_NEAR(convert(1, "[gal_us]", "L"), 3.785411784, 1e-12);
  EXPECT_EQ(convert(1, "kgce", "MJ"), 29.3076);
  EXPECT_EQ(convert(1, "uS/cm", "S/m"), 0.0001);
  EXPECT_EQ(convert(1, "N.m", "J"), 1);
  EXPECT_EQ(convert(1, "mol/L", "mol/m3"), 1000);
  EXPECT_EQ(convert(1500, "{rev}/min", "Hz"), 25);
}

TEST(Unit, WhatMeasuresOtherThingsDoesNotConvert) {
  const auto no = [](std::string_view a, std::string_view b) {
    EXPECT_FALSE(UnitConversion::between(unit(a), unit(b))) << a << " to " << b;
  };
  no("kWh", "t");
  no("m3/h", "t/h");
  no("[CNY]", "[EUR]");
  no("[pH]", "1");
  no("dB", "%");
  no("Cel", "J");
  EXPECT_TRUE(unit("N.m").is_comparable(unit("J")));
  EXPECT_EQ(UnitConversion::between(unit("kWh"), unit("t")).error().message,
            "kWh (length2 mass / time2) does not convert to t (mass)");
}

TEST(Unit, Arithmetic) {
  EXPECT_EQ(unit("kWh").per(unit("t"))->code(), "kWh/t");
  EXPECT_EQ(unit("kWh/t").times(unit("t"))->code(), "kWh");
  EXPECT_TRUE(unit("t").per(unit("t"))->is_one());
  EXPECT_EQ(unit("m").power(3)->code(), "m3");
  EXPECT_EQ(unit("m").power(-2)->code(), "/m2");
  EXPECT_TRUE(unit("s").power(0)->is_one());
  EXPECT_EQ(unit("kW").times(unit("h"))->dimension(), unit("J").dimension());
  // A place on a scale is no amount.
  EXPECT_FALSE(unit("Cel").times(unit("kg")));
  EXPECT_FALSE(unit("kJ").per(unit("Cel")));
  EXPECT_EQ(unit("Cel").difference().code(), "K");
  EXPECT_EQ(unit("[degF]").difference().code(), "[degR]");
  EXPECT_EQ(unit("K").difference().code(), "K");
  EXPECT_FALSE(unit("m16").power(2));
}

TEST(Unit, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(refusal("kwh"), "'kwh' is not a unit: 'kwh' is not known; the nearest is 'kWh'");
  for (const auto& [written, meant] : {std::pair{"tph", "t/h"},
                                       {"TPH", "t/h"},
                                       {"tpd", "t/d"},
                                       {"kgps", "kg/s"},
                                       {"m3ph", "m3/h"},
                                       {"Nm3ph", "Nm3/h"},
                                       {"lpm", "L/min"},
                                       {"mph", "[mi_i]/h"},
                                       {"tpy", "t/a"}}) {
    EXPECT_NE(refusal(written).find(fmt::format("the nearest is '{}'", meant)), std::string::npos)
        << refusal(written);
    EXPECT_TRUE(Unit::parse(meant)) << meant;
  }
  EXPECT_EQ(refusal("kwph").find("kw/h"), std::string::npos);
  EXPECT_NE(refusal("t km").find("comes a ."), std::string::npos);
  EXPECT_EQ(Unit::parse("kg/xyzzy").error().offset, 3u);
  for (const char* wrong :
       {"/",          ".",    "m.",    "m/",    "m//s",  "(",     "(m",   "m)",
        "m0",         "m99",  "m-",    "m+",    "{",     "{}",    "{a",   "m{a b}",
        "0",          "[",    "[in_i", "kg kg", "Cel/m", "m.Cel", "Cel2", "99999999999999999999",
        "ksomething", "\x01", "mmin"})
    refusal(wrong);
  refusal(std::string(200, 'm'));
  refusal(std::string(60, '(') + "m" + std::string(60, ')'));
}

RC_GTEST_PROP(Unit, ProductsOfUnitsReadBackAsTheyAre, ()) {
  static const std::vector<std::string> kSome = {
      "m", "kg", "s", "kW", "h", "t", "m3{norm}", "[CNY]", "%", "{pcs}", "[pH]", "100", "mol"};
  Unit made;
  const auto count = *rc::gen::inRange(0, 7);
  for (int i = 0; i < count; ++i) {
    const Unit next = unit(*rc::gen::elementOf(kSome));
    const auto joined = *rc::gen::arbitrary<bool>() ? made.times(next) : made.per(next);
    RC_PRE(joined.has_value());
    made = *joined;
  }
  const auto again = Unit::parse(made.code());
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->code() == made.code());
  RC_ASSERT(again->dimension() == made.dimension());
  const double one = (*UnitConversion::between(made, *again))(1);
  RC_ASSERT(std::abs(one - 1) < 1e-12);
}

}  // namespace
}  // namespace tundish
