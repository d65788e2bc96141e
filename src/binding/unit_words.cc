#include "binding/unit_words.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "binding/split.h"

namespace tundish::binding {
namespace {

struct Spelling {
  std::string_view written, code;
};

// Looked up as written, before UCUM: there C is coulomb, F farad and ka a thousand years.
constexpr Spelling kAsWritten[] = {
    {"C", "Cel"},     {"F", "[degF]"},  {"℃", "Cel"},     {"℉", "[degF]"},  {"°C", "Cel"},
    {"ºC", "Cel"},    {"˚C", "Cel"},    {"Deg", "deg"},   {"DEG C", "Cel"}, {"Deg C", "Cel"},
    {"pa", "Pa"},     {"ka", "kA"},     {"ma", "mA"},     {"a", "A"},       {"PH", "[pH]"},
    {"Ph", "[pH]"},   {"M", "m"},       {"T", "t"},       {"S", "s"},       {"H", "h"},
    {"KG", "kg"},     {"T/H", "t/h"},   {"M3/H", "m3/h"}, {"MM", "mm"},     {"G", "g"},
    {"KM/H", "km/h"}, {"MM/S", "mm/s"}, {"M/S", "m/s"},   {"MW", "MW"},     {"mW", "mW"},
    {"MV", "mV"},     {"Mpa", "MPa"},   {"MPA", "MPa"},   {"K", "K"},       {"Nm", "N.m"},
    {"N·m", "N.m"},   {"N-m", "N.m"},   {"N*m", "N.m"},   {"NM", "N.m"},    {"A", "A"},
};

// Looked up in lower case, without blanks, after UCUM has said no.
constexpr Spelling kLowerCase[] = {
    {"degc", "Cel"},
    {"deg.c", "Cel"},
    {"celsius", "Cel"},
    {"degreecelsius", "Cel"},
    {"degf", "[degF]"},
    {"fahrenheit", "[degF]"},
    {"°c", "Cel"},
    {"摄氏度", "Cel"},
    {"度", "deg"},
    {"华氏度", "[degF]"},
    {"kelvin", "K"},
    {"pct", "%"},
    {"percent", "%"},
    {"百分比", "%"},
    {"百分数", "%"},
    {"vol%", "%"},
    {"%vol", "%"},
    {"v%", "%"},
    {"wt%", "%"},
    {"%wt", "%"},
    {"%rh", "%"},
    {"rh%", "%"},
    {"%v/v", "%"},
    {"mol%", "%"},
    {"ppmv", "[ppm]"},
    {"ppmw", "[ppm]"},
    {"ppbv", "[ppb]"},
    {"tph", "t/h"},
    {"tpd", "t/d"},
    {"mtph", "t/h"},
    {"t/hr", "t/h"},
    {"ton/h", "t/h"},
    {"ton/hr", "t/h"},
    {"tons/h", "t/h"},
    {"ton", "t"},
    {"tons", "t"},
    {"tonne", "t"},
    {"tonnes", "t"},
    {"barg", "bar"},
    {"bara", "bar"},
    {"bar(g)", "bar"},
    {"bar(a)", "bar"},
    {"mbarg", "mbar"},
    {"kpag", "kPa"},
    {"kpaa", "kPa"},
    {"kpa(g)", "kPa"},
    {"kpa(a)", "kPa"},
    {"mpag", "MPa"},
    {"mpaa", "MPa"},
    {"mpa(g)", "MPa"},
    {"mpa(a)", "MPa"},
    {"kpa", "kPa"},
    {"mpa", "MPa"},
    {"hpa", "hPa"},
    {"kgf/cm2", "kgf/cm2"},
    {"kg/cm2", "kgf/cm2"},
    {"kg/cm2g", "kgf/cm2"},
    {"psig", "[psi]"},
    {"psia", "[psi]"},
    {"mmh2o", "mm[H2O]"},
    {"mmwc", "mm[H2O]"},
    {"mmhg", "mm[Hg]"},
    {"kw", "kW"},
    {"mw", "MW"},
    {"gw", "GW"},
    {"w", "W"},
    {"kwh", "kW.h"},
    {"mwh", "MW.h"},
    {"kva", "kVA"},
    {"kvar", "kvar"},
    {"v", "V"},
    {"kv", "kV"},
    {"mv", "mV"},
    {"volt", "V"},
    {"volts", "V"},
    {"amp", "A"},
    {"amps", "A"},
    {"ampere", "A"},
    {"hz", "Hz"},
    {"khz", "kHz"},
    {"rpm", "{rev}/min"},
    {"r/min", "{rev}/min"},
    {"rev/min", "{rev}/min"},
    {"转/分", "{rev}/min"},
    {"转/分钟", "{rev}/min"},
    {"转每分", "{rev}/min"},
    {"m3/hr", "m3/h"},
    {"cmh", "m3/h"},
    {"cum/h", "m3/h"},
    {"m^3/h", "m3/h"},
    {"m³/h", "m3/h"},
    {"m³/hr", "m3/h"},
    {"nm3/h", "m3{norm}/h"},
    {"nm3/hr", "m3{norm}/h"},
    {"nm³/h", "m3{norm}/h"},
    {"nm3/min", "m3{norm}/min"},
    {"nm³/min", "m3{norm}/min"},
    {"sm3/h", "m3{norm}/h"},
    {"knm3/h", "1000.m3{norm}/h"},
    {"m3/min", "m3/min"},
    {"mg/nm3", "mg/m3{norm}"},
    {"mg/nm³", "mg/m3{norm}"},
    {"mg/m³", "mg/m3"},
    {"ug/m3", "ug/m3"},
    {"ug/m³", "ug/m3"},
    {"μg/m3", "ug/m3"},
    {"μg/m³", "ug/m3"},
    {"µg/m³", "ug/m3"},
    {"mg/l", "mg/L"},
    {"g/l", "g/L"},
    {"l/min", "L/min"},
    {"lpm", "L/min"},
    {"l/h", "L/h"},
    {"ml", "mL"},
    {"micron", "um"},
    {"microns", "um"},
    {"μm", "um"},
    {"µm", "um"},
    {"um", "um"},
    {"us/cm", "uS/cm"},
    {"μs/cm", "uS/cm"},
    {"µs/cm", "uS/cm"},
    {"ms/cm", "mS/cm"},
    {"ohm", "Ohm"},
    {"kohm", "kOhm"},
    {"kω", "kOhm"},
    {"ω", "Ohm"},
    {"mω", "MOhm"},
    {"mohm", "MOhm"},
    {"kΩ", "kOhm"},
    {"Ω", "Ohm"},
    {"mΩ", "MOhm"},
    {"kn", "kN"},
    {"n", "N"},
    {"n.m", "N.m"},
    {"nm", "N.m"},
    {"kn.m", "kN.m"},
    {"dba", "dB{A}"},
    {"db(a)", "dB{A}"},
    {"db", "dB"},
    {"ph", "[pH]"},
    {"phunits", "[pH]"},
    {"w/m2", "W/m2"},
    {"w/m²", "W/m2"},
    {"kmh", "km/h"},
    {"kph", "km/h"},
    {"kmph", "km/h"},
    {"m/sec", "m/s"},
    {"mm/sec", "mm/s"},
    {"sec", "s"},
    {"secs", "s"},
    {"second", "s"},
    {"seconds", "s"},
    {"mins", "min"},
    {"minute", "min"},
    {"minutes", "min"},
    {"hr", "h"},
    {"hrs", "h"},
    {"hour", "h"},
    {"hours", "h"},
    {"g/cc", "g/cm3"},
    {"g/cm³", "g/cm3"},
    {"t/m3", "t/m3"},
    {"kg/t", "kg/t"},
    {"kg/thm", "kg/t"},
    {"kg/tfe", "kg/t"},
    {"pcs", "{pcs}"},
    {"pcs/m3", "/m3"},
    {"个/m3", "/m3"},
    {"个/m³", "/m3"},
    {"1/m³", "/m3"},
    {"个/立方米", "/m3"},
    {"spm", "/min"},
    {"strokes/min", "/min"},
    {"bph", "/h"},
    {"cph", "/h"},
    {"pcs/h", "/h"},
    {"bottles/h", "/h"},
    {"parts/h", "/h"},
    {"degree", "deg"},
    {"degrees", "deg"},
    {"mol/mol", "mol/mol"},
    {"trucks", "{truck}"},
    {"people", "{person}"},
    {"persons", "{person}"},
    {"count", "1"},
    {"counts", "1"},
};

// Chinese, a part at a time; longer ones first.
constexpr Spelling kChinese[] = {
    {"标准立方米", "m3{norm}"},
    {"标立方米", "m3{norm}"},
    {"摄氏度", "Cel"},
    {"立方米", "m3"},
    {"立方厘米", "cm3"},
    {"立方", "m3"},
    {"标方", "m3{norm}"},
    {"平方米", "m2"},
    {"千瓦时", "kW.h"},
    {"兆瓦", "MW"},
    {"千瓦", "kW"},
    {"兆帕", "MPa"},
    {"千帕", "kPa"},
    {"毫米", "mm"},
    {"厘米", "cm"},
    {"微米", "um"},
    {"公里", "km"},
    {"千米", "km"},
    {"毫克", "mg"},
    {"微克", "ug"},
    {"千克", "kg"},
    {"公斤", "kg"},
    {"毫升", "mL"},
    {"小时", "h"},
    {"分钟", "min"},
    {"千安", "kA"},
    {"毫安", "mA"},
    {"安培", "A"},
    {"毫伏", "mV"},
    {"伏特", "V"},
    {"千牛", "kN"},
    {"牛米", "N.m"},
    {"牛·米", "N.m"},
    {"千欧", "kOhm"},
    {"欧姆", "Ohm"},
    {"赫兹", "Hz"},
    {"分贝", "dB{A}"},
    {"毫秒", "ms"},
    {"吨", "t"},
    {"帕", "Pa"},
    {"升", "L"},
    {"时", "h"},
    {"分", "min"},
    {"秒", "s"},
    {"天", "d"},
    {"日", "d"},
    {"米", "m"},
    {"克", "g"},
    {"安", "A"},
    {"伏", "V"},
    {"瓦", "W"},
    {"牛", "N"},
    {"次", "{n}"},
    {"个", "{n}"},
    {"人", "{person}"},
    {"辆", "{truck}"},
    {"件", "{pcs}"},
    {"片", "{pcs}"},
    {"瓶", "{pcs}"},
    {"台", "{n}"},
    {"转", "{rev}"},
    {"每", "/"},
    {"／", "/"},
};

std::string without_blanks(std::string_view text) {
  std::string dense;
  for (const char c : text)
    if (c != ' ') dense += c;
  return dense;
}

std::optional<Unit> parse(std::string_view code) {
  const auto unit = Unit::parse(code);
  return unit ? std::optional(*unit) : std::nullopt;
}

/// The text with every Chinese unit as its code; empty when there was none.
std::string from_chinese(std::string text) {
  bool found = false;
  for (const auto& [written, code] : kChinese)
    for (auto at = text.find(written); at != std::string::npos;
         at = text.find(written, at + code.size())) {
      text.replace(at, written.size(), code);
      found = true;
    }
  return found ? text : std::string();
}

/// `0.1mm`, `x10kN`: registers hold whole numbers, so their lists tell in which steps they count. Not of a place on a
/// scale (0.1 Cel), which no unit says.
std::optional<Unit> read_steps(std::string_view dense) {
  constexpr std::string_view kBefore[] = {"x", "X", "*", "×"};
  for (const auto before : kBefore)
    if (dense.starts_with(before)) {
      dense.remove_prefix(before.size());
      break;
    }
  struct Step {
    std::string_view written;
    int times, parts;
  };
  constexpr Step kSteps[] = {{"0.001", 1, 1000}, {"0.01", 1, 100}, {"0.1", 1, 10},
                             {"1000", 1000, 1},  {"100", 100, 1},  {"10", 10, 1}};
  for (const auto& step : kSteps) {
    if (!dense.starts_with(step.written)) continue;
    const auto unit = read_unit_words(dense.substr(step.written.size()));
    if (!unit || unit->is_point() || unit->is_one()) return std::nullopt;
    return parse(step.parts > 1 ? fmt::format("{}/{}", unit->code(), step.parts)
                                : fmt::format("{}.{}", step.times, unit->code()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Unit> read_unit_words(std::string_view text) {
  constexpr std::size_t kBytesMax = 40;
  if (text.size() > kBytesMax) return std::nullopt;
  const auto plain = plain_text(text, false);
  auto dense = without_blanks(plain);
  if (dense.size() > 2 && dense.front() == '(' && dense.back() == ')')
    dense = dense.substr(1, dense.size() - 2);
  if (dense.empty() || dense == "-" || dense == "--" || dense == "/" || dense == "无")
    return std::nullopt;
  for (const auto& [written, code] : kAsWritten)
    if (plain == written || dense == written) return parse(code);
  const auto lower = plain_text(dense);
  // `1` and `{pcs}` count; UCUM reads years, coulombs and pico-this where a plant means none of them.
  auto unit = parse(dense);
  for (const auto& [written, code] : kLowerCase)
    if (lower == written) {
      if (unit && dense == code) return unit;
      if (!unit || lower == dense) return parse(code);
    }
  if (unit) return unit;
  if (auto translated = from_chinese(dense); !translated.empty())
    if (auto chinese = parse(translated)) return chinese;
  return read_steps(dense);
}

std::optional<Unit> read_trailing_unit(std::string_view text) {
  const auto plain = plain_text(text, false);
  if (plain.empty()) return std::nullopt;
  const char close = plain.back();
  if (close != ')' && close != ']') return std::nullopt;
  const auto open = plain.rfind(close == ')' ? '(' : '[');
  if (open == std::string::npos || open == 0) return std::nullopt;
  return read_unit_words(std::string_view(plain).substr(open + 1, plain.size() - open - 2));
}

}  // namespace tundish::binding
