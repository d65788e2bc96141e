#include "connect/opcua/units.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tundish::connect::opcua {
namespace {

constexpr std::string_view kUnece = "http://www.opcfoundation.org/UA/units/un/cefact";

using Row = std::pair<std::string_view, std::string_view>;

// UNECE Recommendation 20 common code -> UCUM: what plants measure. Sorted by code.
constexpr auto kByCode = std::to_array<Row>({
    {"23", "g/cm3"},    {"2N", "dB"},        {"2X", "m/min"},    {"4K", "mA"},
    {"4P", "N/m"},      {"A24", "cd/m2"},    {"A86", "GHz"},     {"A90", "GW"},
    {"A97", "hPa"},     {"AMH", "A.h"},      {"AMP", "A"},       {"ANN", "a"},
    {"ATM", "atm"},     {"B22", "kA"},       {"B32", "kg.m2"},   {"B42", "kJ/kg"},
    {"B47", "kN"},      {"B49", "kOhm"},     {"BAR", "bar"},     {"BQL", "Bq"},
    {"C16", "mm/s"},    {"C18", "mmol"},     {"C24", "mPa.s"},   {"C26", "ms"},
    {"C34", "mol"},     {"C36", "mol/m3"},   {"C45", "nm"},      {"C62", "1"},
    {"C65", "Pa.s"},    {"CEL", "Cel"},      {"CLT", "cL"},      {"CMK", "cm2"},
    {"CMQ", "cm3"},     {"CMT", "cm"},       {"D10", "S/m"},     {"D33", "T"},
    {"D53", "W/(m.K)"}, {"D54", "W/m2"},     {"D61", "'"},       {"D62", "''"},
    {"DAY", "d"},       {"DD", "deg"},       {"E32", "L/h"},     {"FAH", "[degF]"},
    {"FAR", "F"},       {"FOT", "[ft_i]"},   {"FTQ", "[cft_i]"}, {"G51", "L/s"},
    {"GL", "g/L"},      {"GLL", "[gal_us]"}, {"GRM", "g"},       {"GV", "GJ"},
    {"GWH", "GW.h"},    {"HAR", "har"},      {"HTZ", "Hz"},      {"HUR", "h"},
    {"INH", "[in_i]"},  {"JOU", "J"},        {"KEL", "K"},       {"KGM", "kg"},
    {"KGS", "kg/s"},    {"KHZ", "kHz"},      {"KJO", "kJ"},      {"KMH", "km/h"},
    {"KMQ", "kg/m3"},   {"KMT", "km"},       {"KPA", "kPa"},     {"KVA", "kV.A"},
    {"KVR", "kvar"},    {"KVT", "kV"},       {"KWH", "kW.h"},    {"KWT", "kW"},
    {"L2", "L/min"},    {"LBR", "[lb_av]"},  {"LTR", "L"},       {"LUM", "lm"},
    {"LUX", "lx"},      {"M1", "mg/L"},      {"MAW", "MW"},      {"MBR", "mbar"},
    {"MGM", "mg"},      {"MHZ", "MHz"},      {"MIN", "min"},     {"MLT", "mL"},
    {"MMK", "mm2"},     {"MMQ", "mm3"},      {"MMT", "mm"},      {"MON", "mo"},
    {"MPA", "MPa"},     {"MQH", "m3/h"},     {"MQS", "m3/s"},    {"MTK", "m2"},
    {"MTQ", "m3"},      {"MTR", "m"},        {"MTS", "m/s"},     {"MVA", "MV.A"},
    {"MWH", "MW.h"},    {"NEW", "N"},        {"NU", "N.m"},      {"OHM", "Ohm"},
    {"P1", "%"},        {"PAL", "Pa"},       {"PS", "[psi]"},    {"Q30", "[pH]"},
    {"RPM", "/min"},    {"SEC", "s"},        {"SIE", "S"},       {"TNE", "t"},
    {"VLT", "V"},       {"WHR", "W.h"},      {"WTT", "W"},
});
static_assert(std::is_sorted(kByCode.begin(), kByCode.end()));

// Names as people type them, where no code says more. Sorted.
constexpr auto kByName = std::to_array<Row>({
    {"degC", "Cel"},
    {"degF", "[degF]"},
    {"kWh", "kW.h"},
    {"kvar", "kvar"},
    {"l", "L"},
    {"l/h", "L/h"},
    {"l/min", "L/min"},
    {"m3", "m3"},
    {"m3/h", "m3/h"},
    {"m\u00b2", "m2"},
    {"m\u00b3", "m3"},
    {"m\u00b3/h", "m3/h"},
    {"ppm", "[ppm]"},
    {"psi", "[psi]"},
    {"rpm", "/min"},
    {"\u00b0C", "Cel"},
    {"\u00b0F", "[degF]"},
    {"\u2103", "Cel"},
    {"\u2126", "Ohm"},
});
static_assert(std::is_sorted(kByName.begin(), kByName.end()));

template <class Table>
std::string_view find_in(const Table& table, std::string_view key) {
  const auto found =
      std::lower_bound(table.begin(), table.end(), key,
                       [](const Row& row, std::string_view k) { return row.first < k; });
  return found != table.end() && found->first == key ? found->second : std::string_view();
}

std::string code_of(std::int32_t unit_id) {
  std::string code;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const char c = static_cast<char>((static_cast<std::uint32_t>(unit_id) >> shift) & 0xFF);
    if (c != 0) code += c;
  }
  return code;
}

}  // namespace

std::string ucum_of(std::string_view namespace_uri, std::int32_t unit_id,
                    std::string_view display_name) {
  if (namespace_uri == kUnece && unit_id > 0)
    if (const auto ucum = find_in(kByCode, code_of(unit_id)); !ucum.empty())
      return std::string(ucum);
  if (const auto ucum = find_in(kByName, display_name); !ucum.empty()) return std::string(ucum);
  return std::string(display_name);
}

}  // namespace tundish::connect::opcua
