#include "formula/check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "formula/functions.h"

namespace tundish::formula {
namespace {

/// An electric furnace and its children.
class Furnace final : public Names {
 public:
  Result<Type> find(std::string_view name) const override {
    if (const auto found = attributes_.find(name); found != attributes_.end()) return found->second;
    if (name == "shift" || name == "heat") return Type{.kind = Kind::kWindow};
    if (name == "children") return Type{.kind = Kind::kAssets};
    return fail(ErrorCode::kNotFound, fmt::format("there is no attribute '{}' here", name));
  }
  Result<Type> find_member(std::string_view, std::string_view attribute) const override {
    auto found = find(attribute);
    if (found) found->many = true;
    return found;
  }

 private:
  static Type in(std::string_view unit) { return {.unit = *Unit::parse(unit)}; }
  std::map<std::string, Type, std::less<>> attributes_{{"power", in("kW")},
                                                       {"energy", in("kWh")},
                                                       {"output", in("t")},
                                                       {"temp", in("degC")},
                                                       {"other_temp", in("degC")},
                                                       {"../blast/flow", in("m3/h")},
                                                       {"ratio", in("1")},
                                                       {"on", {.kind = Kind::kBool}},
                                                       {"state", {.kind = Kind::kText}},
                                                       {"level", in("m")},
                                                       {"steel_temp", in("degF")},
                                                       {"温度", in("degC")},
                                                       {"running", {.kind = Kind::kBool}}};
};

/// The result's type, or `column: message`.
std::string checked(std::string_view text) {
  auto syntax = parse_formula(text);
  if (!syntax) return "syntax: " + syntax.error().message;
  const auto result = check_formula(*std::move(syntax), Furnace());
  if (result) return result->result().text();
  const Place place = place_of(text, result.error().offset.value_or(0));
  return fmt::format("{}: {}", place.column, result.error().message);
}

TEST(FormulaCheck, UnitsOfArithmetic) {
  EXPECT_EQ(checked("power + 2 'MW'"), "a number in kW");
  EXPECT_EQ(checked("energy / output"), "a number in kWh/t");
  EXPECT_EQ(checked("energy / output in 'MJ/t'"), "a number in MJ/t");
  EXPECT_EQ(checked("power * 15min in 'kWh'"), "a number in kWh");
  EXPECT_EQ(checked("2 * ratio"), "a number");
  EXPECT_EQ(checked("level^2"), "a number in m2");
  EXPECT_EQ(checked("level^-1"), "a number in /m");
  EXPECT_EQ(checked("2^ratio"), "a number");
  EXPECT_EQ(checked("-power"), "a number in kW");
  EXPECT_EQ(checked("0 - power"), "a number in kW");
  EXPECT_EQ(
      checked("power + 5"),
      "9: a number in kW is wanted, and this has no unit: write it after the number, as in 5 'kW'");
  EXPECT_EQ(checked("power + level"), "9: m (length) cannot be compared with kW (" +
                                          Unit::parse("kW")->dimension().text() + ")");
  EXPECT_EQ(checked("ratio + power"), "9: a pure number is wanted, and this is in kW");
  EXPECT_EQ(checked("level^ratio").substr(0, 2), "7:");
  EXPECT_EQ(checked("2^level"), "3: an exponent is a pure number, and this is in m");
  EXPECT_EQ(checked("energy in 'kW'").substr(0, 2), "1:");
  EXPECT_EQ(checked("5 in 'kW'").substr(0, 2), "1:");
}

TEST(FormulaCheck, ATemperatureIsAPlaceOnAScale) {
  EXPECT_EQ(checked("temp - other_temp"), "a number in K");
  EXPECT_EQ(checked("temp + 5 'K'"), "a number in Cel");
  EXPECT_EQ(checked("5 'K' + temp"), "a number in Cel");
  EXPECT_EQ(checked("(temp - other_temp) / 2 + other_temp"), "a number in Cel");
  EXPECT_EQ(checked("temp > 250 'degC'"), "a condition");
  EXPECT_EQ(checked("steel_temp in 'degC' > temp"), "a condition");
  EXPECT_EQ(checked("temp > -5 'degC'"), "a condition");
  EXPECT_EQ(checked("(temp in 'K') * 2"), "a number in K");
  // 20 K apart is not -253 degrees: a difference has no place on the scale.
  for (const char* difference :
       {"(temp - other_temp) in 'Cel'", "(2 * (temp - other_temp)) in 'Cel'",
        "abs(temp - other_temp) in 'degF'", "range(temp, 1h) in 'Cel'",
        "(-(temp - other_temp)) in 'Cel'", "((temp - other_temp) + 1 'K') in 'Cel'",
        "((temp - other_temp) in 'mK') in 'Cel'"})
    EXPECT_NE(checked(difference).find("this is a difference of temperatures"), std::string::npos)
        << difference << ": " << checked(difference);
  EXPECT_EQ(checked("(temp - other_temp) in '[degR]'"), "a number in [degR]");
  EXPECT_EQ(checked("(temp in 'K') in 'Cel'"), "a number in Cel");
  EXPECT_EQ(checked("((temp in 'K') + (temp - other_temp)) in 'Cel'"), "a number in Cel");
  EXPECT_EQ(checked("temp + other_temp").substr(0, 2), "1:");
  EXPECT_EQ(
      checked("temp * 2"),
      "1: Cel has a zero of its own, so it cannot be multiplied or divided; convert it: in 'K'");
  EXPECT_EQ(checked("-temp").substr(0, 2), "2:");
  EXPECT_EQ(checked("temp > 250").substr(0, 2), "8:");
  EXPECT_EQ(checked("temp > 0").substr(0, 2), "8:");
  EXPECT_EQ(checked("temp > 250 'K'").substr(0, 2), "8:");
  EXPECT_EQ(checked("5 'K' - temp").substr(0, 2), "9:");
}

TEST(FormulaCheck, ConditionsAndTexts) {
  EXPECT_EQ(checked("on and not running or power > 0"), "a condition");
  EXPECT_EQ(checked(R"(state = "open")"), "a condition");
  EXPECT_EQ(checked("on = running"), "a condition");
  EXPECT_EQ(checked("state"), "a text");
  EXPECT_EQ(checked("power and on"), "1: a condition is wanted here, and this is a number in kW");
  EXPECT_EQ(checked("not power"), "5: a condition is wanted here, and this is a number in kW");
  EXPECT_EQ(checked("on + 1"), "1: a number is wanted here, and this is a condition");
  EXPECT_EQ(checked("on < running"), "6: a condition cannot be compared with a condition by <");
  EXPECT_EQ(checked("state = 3").substr(0, 2), "1:");
  EXPECT_EQ(checked("state = on"), "9: a text cannot be compared with a condition by =");
}

TEST(FormulaCheck, NamesWindowsAndSets) {
  EXPECT_EQ(checked("{../blast/flow}"), "a number in m3/h");
  EXPECT_EQ(checked("温度"), "a number in Cel");
  EXPECT_EQ(checked("1 + pwer"), "5: there is no attribute 'pwer' here");
  EXPECT_EQ(checked("shift"), "1: a formula gives a value, and this is a window of time");
  EXPECT_EQ(checked("children"), "1: a formula gives a value, and this is a set of assets");
  EXPECT_EQ(checked("children.power").substr(0, 2), "1:");
  EXPECT_EQ(checked("children.nothing"), "1: there is no attribute 'nothing' here");
  EXPECT_EQ(checked("power.energy"),
            "1: a set of assets stands before a point, and this is a number in kW");
  EXPECT_EQ(checked("shift + 1"), "1: a number is wanted here, and this is a window of time");
  EXPECT_EQ(checked("sum(children.power)"), "a number in kW");
  EXPECT_EQ(checked("sum(children.power * 2)"), "a number in kW");
  EXPECT_EQ(checked("max(children.temp - temp)"), "a number in K");
  EXPECT_EQ(checked("count(children)"), "a number");
}

TEST(FormulaCheck, Calls) {
  EXPECT_EQ(checked("delta(energy, shift) / delta(output, shift) in 'kWh/t'"), "a number in kWh/t");
  EXPECT_EQ(checked("avg(power, 15min) - 400 'kW'"), "a number in kW");
  EXPECT_EQ(checked("avg(temp, 1h)"), "a number in Cel");
  EXPECT_EQ(checked("stddev(temp, 1h)"), "a number in K");
  EXPECT_EQ(checked("delta(energy, 1h, rollover: 1000000 'kWh')"), "a number in kWh");
  EXPECT_EQ(checked("integral(power, 1h) in 'kWh'"), "a number in kWh");
  EXPECT_EQ(checked("count(power, heat)"), "a number");
  EXPECT_EQ(checked("percent_good(power, shift)"), "a number in %");
  EXPECT_EQ(checked("time_true(power > 10 'kW', shift) / 8h in '%'"), "a number in %");
  EXPECT_EQ(checked("if(on, power, 0)"), "a number in kW");
  EXPECT_EQ(checked("if(on, 0, power)"), "a number in kW");
  EXPECT_EQ(checked(R"(if(on, "open", state))"), "a text");
  EXPECT_EQ(checked("max(power, 2 'MW', 0)"), "a number in kW");
  EXPECT_EQ(checked("clamp(ratio, 0, 1)"), "a number");
  EXPECT_EQ(checked("first_good(power, 0)"), "a number in kW");
  EXPECT_EQ(checked("good(power) and age(temp) < 15min"), "a condition");
  EXPECT_EQ(checked("ln(power / 1 'kW')"), "a number");
  EXPECT_EQ(checked("last(state, shift)"), "a text");
  EXPECT_EQ(checked("sum(children.power > 5 'kW')").substr(0, 2), "5:");
  EXPECT_EQ(checked("dleta(energy, 1h)"),
            "1: dleta: there is no function 'dleta'; the nearest is delta");
  EXPECT_EQ(checked("avg(power)").substr(0, 2), "5:");
  EXPECT_EQ(checked("avg(power, 3)"),
            "12: avg: a window is wanted here, 15min or shift, and this is a number");
  EXPECT_EQ(checked("avg(on, 1h)").substr(0, 2), "5:");
  EXPECT_EQ(checked("sum(power, 1h)"),
            "12: sum: over time: integral(x, window) of a rate, delta(x, window) of a meter");
  EXPECT_EQ(checked("sum(children.temp)").substr(0, 2), "5:");
  EXPECT_EQ(checked("delta(temp, 1h)").substr(0, 2), "7:");
  EXPECT_EQ(checked("delta(energy, 1h, rollover: 5 'm')").substr(0, 3), "29:");
  EXPECT_EQ(checked("delta(energy, 1h, limit: 5 'MW')"), "a number in kWh");
  EXPECT_EQ(checked("delta(energy, 1h, limit: 5 'MWh')").substr(0, 3), "26:");
  EXPECT_EQ(checked("delta(energy, 1h, rollover: 0 'kWh')"), "29: delta: rollover is more than 0");
  EXPECT_EQ(checked("delta(energy, 1h, limit: 0 'kW')"), "26: delta: limit is more than 0");
  EXPECT_EQ(checked("cpk(power, 1h, low: 5 'kW', high: 4000 'W')"),
            "35: cpk: high is more than low");
  EXPECT_EQ(checked("cpk(power, 1h, low: 5 'kW', high: 6000 'W')"), "a number");
  EXPECT_EQ(checked("percent_good(power, shift) > 90").substr(0, 45),
            "30: a number in % is wanted, and this has no ");
  EXPECT_EQ(checked("90 < percent_good(power, shift)").substr(0, 4), "1: a");
  EXPECT_EQ(checked("percent_good(power, shift) > 90 '%' and percent_good(power, 1h) > 0"),
            "a condition");
  EXPECT_EQ(checked("1 - percent_good(power, shift)"), "a number");
  EXPECT_EQ(checked("slope(temp, 1min) in 'K/min'"), "a number in K/min");
  EXPECT_EQ(checked("starts(temp > 100 'degC', shift)"), "a number");
  EXPECT_EQ(checked("starts(temp, shift)").substr(0, 2), "8:");
  EXPECT_EQ(checked("cpk(level, shift, low: 1 'm', high: 200 'cm')"), "a number");
  EXPECT_EQ(checked("cpk(level, shift)").substr(0, 2), "1:");
  EXPECT_EQ(checked("cpk(level, shift, middle: 1 'm')").substr(0, 3), "27:");
  EXPECT_EQ(checked("mean(temp, shift)"), "a number in Cel");
  EXPECT_EQ(checked("median(temp, 8h)"), "a number in Cel");
  EXPECT_EQ(checked("delta(energy, 1h, rolover: 5)").substr(0, 3), "28:");
  EXPECT_EQ(checked("delta(energy, 1h, reset: 0, reset: 0)"), "36: delta: 'reset' is given twice");
  EXPECT_EQ(checked("ln(power)").substr(0, 2), "4:");
  EXPECT_EQ(checked("abs(temp)").substr(0, 2), "5:");
  EXPECT_EQ(checked("if(power, 1, 2)").substr(0, 2), "4:");
  EXPECT_EQ(checked("if(on, power, state)").substr(0, 3), "15:");
  EXPECT_EQ(checked("max(power, shift, 2)").substr(0, 3), "12:");
}

TEST(FormulaCheck, FunctionsAreSortedAndSayHowTheyAreUsed) {
  const auto names = function_names();
  EXPECT_TRUE(std::ranges::is_sorted(names));
  for (const auto& name : names) {
    const auto wrong = check_call(name, {});
    ASSERT_FALSE(wrong) << name;
    EXPECT_TRUE(wrong.error().message.starts_with("it is used as " + name + "(")) << name;
  }
}

/// Whatever the parser reads is either typed throughout or refused at a place within it.
RC_GTEST_PROP(FormulaCheck, EveryFormulaIsTypedOrRefusedAtAPlace, ()) {
  static const std::vector<std::string> words{"power",
                                              "temp",
                                              "on",
                                              "state",
                                              "shift",
                                              "children",
                                              "children.power",
                                              "{../blast/flow}",
                                              "0",
                                              "5",
                                              "5 'kW'",
                                              "15min",
                                              "true",
                                              "\"a\"",
                                              "+",
                                              "-",
                                              "*",
                                              "/",
                                              "^",
                                              "<",
                                              "=",
                                              "and",
                                              "or",
                                              "not",
                                              "in 'kW'",
                                              "in 'K'",
                                              "(",
                                              ")",
                                              ",",
                                              "avg(",
                                              "sum(",
                                              "if(",
                                              "delta(",
                                              "max(",
                                              "rollover:"};
  std::string text;
  for (const auto index : *rc::gen::container<std::vector<std::size_t>>(
           rc::gen::inRange<std::size_t>(0, words.size())))
    text += words[index] + " ";
  auto syntax = parse_formula(text);
  if (!syntax) return;
  const std::size_t nodes = syntax->nodes.size();
  const auto result = check_formula(*std::move(syntax), Furnace());
  if (result) {
    RC_ASSERT(result->types.size() == nodes);
  } else {
    RC_ASSERT(result.error().offset.has_value());
    RC_ASSERT(*result.error().offset < text.size());
    RC_ASSERT(!result.error().message.empty());
  }
}

}  // namespace
}  // namespace tundish::formula
