#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "formula/syntax.h"

namespace tundish::formula {
namespace {

std::string formatted(std::string_view text) {
  const auto syntax = parse_formula(text);
  return syntax ? format_formula(*syntax) : "error: " + syntax.error().message;
}

/// `column: message` of a formula on one line.
std::string mistake(std::string_view text) {
  const auto syntax = parse_formula(text);
  if (syntax) return "none: " + format_formula(*syntax);
  const Place place = place_of(text, syntax.error().offset.value_or(0));
  return std::to_string(place.column) + ": " + syntax.error().message;
}

TEST(FormulaParse, OperatorsBindAsInMathematics) {
  EXPECT_EQ(formatted("1+2*3"), "1 + 2 * 3");
  EXPECT_EQ(formatted("(1+2)*3"), "(1 + 2) * 3");
  EXPECT_EQ(formatted("((1))"), "1");
  EXPECT_EQ(formatted("a-(b-c)"), "a - (b - c)");
  EXPECT_EQ(formatted("(a-b)-c"), "a - b - c");
  EXPECT_EQ(formatted("a/(b*c)"), "a / (b * c)");
  EXPECT_EQ(formatted("2^3^2"), "2^3^2");
  EXPECT_EQ(formatted("(2^3)^2"), "(2^3)^2");
  EXPECT_EQ(formatted("-2^2"), "-2^2");
  EXPECT_EQ(formatted("(-2)^2"), "(-2)^2");
  EXPECT_EQ(formatted("2^-1"), "2^-1");
  EXPECT_EQ(formatted("- -a"), "--a");
  EXPECT_EQ(formatted("a or b and not c"), "a or b and not c");
  EXPECT_EQ(formatted("(a or b) and not (c and d)"), "(a or b) and not (c and d)");
  EXPECT_EQ(formatted("not a > 1"), "not a > 1");
  EXPECT_EQ(formatted("(a > 1) = (b > 2)"), "(a > 1) = (b > 2)");
  EXPECT_EQ(formatted("a+b in 'MW'"), "a + b in 'MW'");
  EXPECT_EQ(formatted("(a+b) in 'MW' > 3 'MW'"), "a + b in 'MW' > 3 'MW'");
  EXPECT_EQ(formatted("a/b in 'MW'"), "a / b in 'MW'");
  EXPECT_EQ(formatted("a/(b in 'MW')"), "a / (b in 'MW')");
  EXPECT_EQ(formatted("-(a in 'MW')"), "-(a in 'MW')");
  EXPECT_EQ(formatted("a in 'MW' in 'kW'"), "a in 'MW' in 'kW'");
  EXPECT_EQ(mistake("a in 'MW' + b"),
            "11: 'in' converts all that stands before it; to go on, put it in parentheses: (a in "
            "'kW') + b");
}

TEST(FormulaParse, ValuesReferencesAndCalls) {
  EXPECT_EQ(formatted("75 'degC'"), "75 'Cel'");
  EXPECT_EQ(formatted("1.50e3"), "1500");
  EXPECT_EQ(formatted("0.1"), "0.1");
  EXPECT_EQ(formatted(R"("a \"b\" \\")"), R"("a \"b\" \\")");
  EXPECT_EQ(formatted("true and false"), "true and false");
  EXPECT_EQ(formatted("avg( {../blast/flow} ,15min )"), "avg({../blast/flow}, 15min)");
  EXPECT_EQ(formatted("delta(energy, shift) / sum(children.power)"),
            "delta(energy, shift) / sum(children.power)");
  EXPECT_EQ(formatted("delta(meter, 1h, rollover: 1000000 'kWh')"),
            "delta(meter, 1h, rollover: 1000000 'kWh')");
  EXPECT_EQ(formatted("90s"), "90s");
  EXPECT_EQ(formatted("1.5h"), "90min");
  EXPECT_EQ(formatted("2wk"), "14d");
  EXPECT_EQ(formatted("now()"), "now()");
  EXPECT_EQ(formatted("温度 > 75 '°C'"), "温度 > 75 'Cel'");
  EXPECT_EQ(formatted("a # the rest is a comment\n + b"), "a + b");
  EXPECT_EQ(formatted("{top gas/temp}"), "{top gas/temp}");
}

TEST(FormulaParse, SaysWhereAndWhatToDo) {
  EXPECT_EQ(mistake(""), "1: there is no formula");
  EXPECT_EQ(mistake("1 +"), "4: the formula ends where a value should come");
  EXPECT_EQ(mistake("1 + * 2"), "5: '*' stands where a value should");
  EXPECT_EQ(mistake("(1 + 2"), "7: a ) is missing: it closes the parenthesis");
  EXPECT_EQ(mistake("a == 1"), "3: equality is written with one =");
  EXPECT_EQ(mistake("a && b"), "3: write 'and'");
  EXPECT_EQ(mistake("a ! b"), "3: write 'not', or != between two values");
  EXPECT_EQ(mistake("1 < b < 3"), "7: comparisons do not follow each other: write a < b and b < c");
  EXPECT_EQ(mistake("a > 75 degC"), "8: a unit stands in quotes: 'degC'");
  EXPECT_EQ(mistake("75 furlongs"), "4: 'furlongs' is unexpected here");
  EXPECT_EQ(mistake("75degC"),
            "3: 'degC' is no unit of time (ns us ms s min h d wk); other units stand in quotes: 75 "
            "'degC'");
  EXPECT_EQ(mistake("3 'kwh'"), "4: 'kwh' is not a unit: 'kwh' is not known; the nearest is 'kWh'");
  EXPECT_EQ(mistake("3 'kg/xyzzy'").substr(0, 2), "7:");
  EXPECT_EQ(mistake("温度 >> 3"), "5: '>' stands where a value should");
  EXPECT_EQ(mistake("'kW'"), "1: a unit stands after a number or after 'in'");
  EXPECT_EQ(mistake("a in kW"), "6: after 'in' comes a unit in quotes: in 'kW'");
  EXPECT_EQ(mistake("avg(a b)"), "7: 'b' stands where a , should: it parts two arguments");
  EXPECT_EQ(mistake("avg(a, )"), "8: ')' stands where a value should");
  EXPECT_EQ(mistake("f(1: 2)"), "4: before : stands the name of an argument");
  EXPECT_EQ(mistake("a b"), "3: 'b' is unexpected here");
  EXPECT_EQ(mistake("{a"), "1: a } is missing");
  EXPECT_EQ(mistake("{}"), "1: between { and } stands the path of an attribute");
  EXPECT_EQ(mistake("\"a"), "1: a \" is missing");
  EXPECT_EQ(mistake("1e999"), "1: 1e999 is beyond what a number can hold");
  EXPECT_EQ(mistake("1.5ns"), "1: a duration is a whole number of nanoseconds");
  EXPECT_EQ(mistake("5000000d"), "1: a duration is at most 100 years");
  EXPECT_EQ(mistake("a.1"), "3: after . comes the name of an attribute");
  EXPECT_EQ(mistake("@"), "1: '@' has no meaning here");
  const Place place = place_of("a +\n  温 +", 8);
  EXPECT_EQ(place.line, 2u);
  EXPECT_EQ(place.column, 4u);
}

TEST(FormulaParse, IsBounded) {
  EXPECT_EQ(parse_formula(std::string(9000, '1')).error().code, ErrorCode::kTooLarge);
  for (const char* opening : {"(", "-", "not ", "f(", "2^"}) {
    std::string deep;
    for (int i = 0; i < 500; ++i) deep += opening;
    const auto syntax = parse_formula(deep + "1");
    ASSERT_FALSE(syntax) << opening;
    EXPECT_EQ(syntax.error().code, ErrorCode::kTooLarge) << opening;
  }
  std::string wide = "1";
  for (int i = 0; i < 1500; ++i) wide += "+1";
  EXPECT_EQ(parse_formula(wide).error().code, ErrorCode::kTooLarge);
}

/// A random formula as text, fully parenthesised.
rc::Gen<std::string> formula(int depth) {
  const auto leaf = rc::gen::element<std::string>("1", "0.25", "a", "{../b}", "75 'Cel'", "15min",
                                                  "true", "\"x\"", "children.power");
  if (depth == 0) return leaf;
  return rc::gen::exec([depth, leaf]() -> std::string {
    const int kind = *rc::gen::inRange(0, 6);
    const auto inner = [&] { return "(" + *formula(depth - 1) + ")"; };
    if (kind == 0) return *leaf;
    if (kind == 1) return "-" + inner();
    if (kind == 2) return "not " + inner();
    if (kind == 3) return inner() + " in 'kW'";
    if (kind == 4) return "f(" + *formula(depth - 1) + ", w: " + *formula(depth - 1) + ")";
    const auto op =
        *rc::gen::element<std::string>("+", "-", "*", "/", "^", "<", ">=", "=", "and", "or");
    return inner() + " " + op + " " + inner();
  });
}

/// The tree without its places.
std::string shape(const Syntax& syntax, std::uint32_t index) {
  const Node& node = syntax.nodes[index];
  std::string text = "(" + std::to_string(static_cast<int>(node.kind)) + " " +
                     std::string(operator_text(node.op)) + " " + node.text +
                     std::to_string(node.number) + node.unit.code();
  for (const auto operand : node.operands) text += shape(syntax, operand);
  return text + ")";
}

RC_GTEST_PROP(FormulaParse, WhatIsWrittenReadsBackAsTheSameTree, ()) {
  const auto text = *formula(4);
  const auto syntax = parse_formula(text);
  RC_PRE(syntax.has_value());
  const auto written = format_formula(*syntax);
  const auto again = parse_formula(written);
  RC_ASSERT(again.has_value());
  const auto root = [](const Syntax& s) { return static_cast<std::uint32_t>(s.nodes.size() - 1); };
  RC_ASSERT(shape(*again, root(*again)) == shape(*syntax, root(*syntax)));
}

}  // namespace
}  // namespace tundish::formula
