#include "model/unit_table.h"

namespace tundish {
namespace {

using enum UnitAtom::Kind;

constexpr UnitAtom kAtoms[] = {
    // The base units, in the order of Dimension::Base.
    {"m", kMetric, 1, ""},
    {"s", kMetric, 1, ""},
    {"g", kMetric, 1, ""},
    {"rad", kMetric, 1, ""},
    {"K", kMetric, 1, ""},
    {"C", kMetric, 1, ""},
    {"cd", kMetric, 1, ""},
    // Numbers.
    {"10*", kPlain, 10, "1"},
    {"10^", kPlain, 10, "1"},
    {"[pi]", kPlain, 3.14159265358979323846, "1"},
    {"%", kPlain, 1, "/100"},
    {"[ppth]", kPlain, 1, "/1000"},
    {"[ppm]", kPlain, 1, "/1000000"},
    {"[ppb]", kPlain, 1, "/1000000000"},
    {"[pptr]", kPlain, 1, "/1000000000000"},
    {"mol", kMetric, 6.02214076e23, "1"},
    // SI.
    {"sr", kMetric, 1, "rad2"},
    {"Hz", kMetric, 1, "/s"},
    {"N", kMetric, 1, "kg.m/s2"},
    {"Pa", kMetric, 1, "N/m2"},
    {"J", kMetric, 1, "N.m"},
    {"W", kMetric, 1, "J/s"},
    {"A", kMetric, 1, "C/s"},
    {"V", kMetric, 1, "J/C"},
    {"F", kMetric, 1, "C/V"},
    {"Ohm", kMetric, 1, "V/A"},
    {"S", kMetric, 1, "/Ohm"},
    {"Wb", kMetric, 1, "V.s"},
    {"T", kMetric, 1, "Wb/m2"},
    {"H", kMetric, 1, "Wb/A"},
    {"lm", kMetric, 1, "cd.sr"},
    {"lx", kMetric, 1, "lm/m2"},
    {"Bq", kMetric, 1, "/s"},
    {"Gy", kMetric, 1, "J/kg"},
    {"Sv", kMetric, 1, "J/kg"},
    {"kat", kMetric, 1, "mol/s"},
    {"Cel", kPoint, 1, "K", 273.15},
    // Beside SI.
    {"deg", kPlain, 2, "[pi].rad/360"},
    {"gon", kMetric, 0.9, "deg"},
    {"'", kPlain, 1, "deg/60"},
    {"''", kPlain, 1, "'/60"},
    {"l", kMetric, 1, "dm3"},
    {"L", kMetric, 1, "l"},
    {"ar", kMetric, 100, "m2"},
    {"min", kPlain, 60, "s"},
    {"h", kPlain, 60, "min"},
    {"d", kPlain, 24, "h"},
    {"wk", kPlain, 7, "d"},
    {"a", kPlain, 365.25, "d"},
    {"mo", kPlain, 1, "a/12"},
    {"t", kMetric, 1000, "kg"},
    {"bar", kMetric, 100000, "Pa"},
    {"u", kMetric, 1.66053906660e-24, "g"},
    {"eV", kMetric, 1.602176634e-19, "J"},
    // Older ones that instruments still show.
    {"dyn", kMetric, 1, "g.cm/s2"},
    {"erg", kMetric, 1, "dyn.cm"},
    {"P", kMetric, 1, "dyn.s/cm2"},
    {"St", kMetric, 1, "cm2/s"},
    {"G", kMetric, 1, "T/10000"},
    {"atm", kPlain, 101325, "Pa"},
    {"att", kPlain, 98066.5, "Pa"},
    {"m[H2O]", kMetric, 9806.65, "Pa"},
    {"m[Hg]", kMetric, 133322, "Pa"},
    {"[g]", kMetric, 9.80665, "m/s2"},
    {"gf", kMetric, 1, "g.[g]"},
    {"cal", kMetric, 4.184, "J"},
    {"cal_IT", kMetric, 4.1868, "J"},
    // Of the United States and Britain.
    {"[in_i]", kPlain, 2.54, "cm"},
    {"[ft_i]", kPlain, 12, "[in_i]"},
    {"[yd_i]", kPlain, 3, "[ft_i]"},
    {"[mi_i]", kPlain, 5280, "[ft_i]"},
    {"[nmi_i]", kPlain, 1852, "m"},
    {"[kn_i]", kPlain, 1, "[nmi_i]/h"},
    {"[gal_us]", kPlain, 231, "[in_i]3"},
    {"[bbl_us]", kPlain, 42, "[gal_us]"},
    {"[lb_av]", kPlain, 453.59237, "g"},
    {"[oz_av]", kPlain, 1, "[lb_av]/16"},
    {"[ston_av]", kPlain, 2000, "[lb_av]"},
    {"[lton_av]", kPlain, 2240, "[lb_av]"},
    {"[lbf_av]", kPlain, 1, "[lb_av].[g]"},
    {"[psi]", kPlain, 1, "[lbf_av]/[in_i]2"},
    {"[HP]", kPlain, 550, "[ft_i].[lbf_av]/s"},
    {"[Btu_IT]", kPlain, 1055.05585262, "J"},
    {"[degF]", kPoint, 5.0 / 9.0, "K", 459.67 * 5.0 / 9.0},
    {"[degR]", kPlain, 5, "K/9"},
    // Beyond UCUM: what a plant's meters and reports count in.
    {"Wh", kMetric, 1, "W.h"},
    {"Ah", kMetric, 1, "A.h"},
    {"VA", kMetric, 1, "V.A"},
    {"VAh", kMetric, 1, "VA.h"},
    {"var", kMetric, 1, "W"},
    {"varh", kMetric, 1, "var.h"},
    {"gce", kMetric, 29307.6,
     "J"},                         // gram of coal equivalent, 7,000 kcal_IT a kilogram (GB/T 2589)
    {"goe", kMetric, 41868, "J"},  // gram of oil equivalent, 10,000 kcal_IT a kilogram
    // Arbitrary: each compares with itself only.
    {"[pH]", kArbitrary, 1, ""},
    {"B", kArbitraryMetric, 1, ""},
    {"[iU]", kArbitraryMetric, 1, ""},
    {"[NTU]", kArbitrary, 1, ""},
    // Money, by ISO 4217: a rate of exchange is data and not a unit.
    {"[CNY]", kArbitraryMetric, 1, ""},
    {"[EUR]", kArbitraryMetric, 1, ""},
    {"[USD]", kArbitraryMetric, 1, ""},
    {"[GBP]", kArbitraryMetric, 1, ""},
    {"[JPY]", kArbitraryMetric, 1, ""},
    {"[KRW]", kArbitraryMetric, 1, ""},
    {"[HKD]", kArbitraryMetric, 1, ""},
    {"[VND]", kArbitraryMetric, 1, ""},
    {"[INR]", kArbitraryMetric, 1, ""},
    {"[MYR]", kArbitraryMetric, 1, ""},
    {"[IDR]", kArbitraryMetric, 1, ""},
    {"[THB]", kArbitraryMetric, 1, ""},
    {"[SGD]", kArbitraryMetric, 1, ""},
    {"[KZT]", kArbitraryMetric, 1, ""},
    {"[RUB]", kArbitraryMetric, 1, ""},
    {"[PLN]", kArbitraryMetric, 1, ""},
    {"[BRL]", kArbitraryMetric, 1, ""},
    {"[MXN]", kArbitraryMetric, 1, ""},
};

constexpr UnitPrefix kPrefixes[] = {
    {"Y", 1e24, 1},  {"Z", 1e21, 1},     {"E", 1e18, 1},        {"P", 1e15, 1},
    {"T", 1e12, 1},  {"G", 1e9, 1},      {"M", 1e6, 1},         {"k", 1e3, 1},
    {"h", 1e2, 1},   {"da", 1e1, 1},     {"d", 1, 1e1},         {"c", 1, 1e2},
    {"m", 1, 1e3},   {"u", 1, 1e6},      {"n", 1, 1e9},         {"p", 1, 1e12},
    {"f", 1, 1e15},  {"a", 1, 1e18},     {"z", 1, 1e21},        {"y", 1, 1e24},
    {"Ki", 1024, 1}, {"Mi", 1048576, 1}, {"Gi", 1073741824, 1}, {"Ti", 1099511627776, 1},
};

constexpr UnitAlias kAliases[] = {
    {"degC", "Cel"},    {"°C", "Cel"},        {"℃", "Cel"},         {"degF", "[degF]"},
    {"°F", "[degF]"},   {"°", "deg"},         {"ppm", "[ppm]"},     {"ppb", "[ppb]"},
    {"pH", "[pH]"},     {"NTU", "[NTU]"},     {"rpm", "{rev}/min"}, {"Nm3", "m3{norm}"},
    {"Nm", "N.m"},      {"kNm", "kN.m"},      {"ohm", "Ohm"},       {"kohm", "kOhm"},
    {"Mohm", "MOhm"},   {"psi", "[psi]"},     {"hp", "[HP]"},       {"bbl", "[bbl_us]"},
    {"mmHg", "mm[Hg]"}, {"mmH2O", "mm[H2O]"}, {"ha", "har"},        {"sec", "s"},
    {"hr", "h"},        {"day", "d"},         {"pcs", "{pcs}"},     {"µm", "um"},
    {"μm", "um"},       {"µS", "uS"},         {"μS", "uS"},         {"TEU", "{TEU}"},
    {"dB(A)", "dB{A}"},
};

}  // namespace

std::span<const UnitAtom> unit_atoms() { return kAtoms; }
std::span<const UnitPrefix> unit_prefixes() { return kPrefixes; }
std::span<const UnitAlias> unit_aliases() { return kAliases; }

}  // namespace tundish
