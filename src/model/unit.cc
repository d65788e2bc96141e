#include "model/unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/nearest_word.h"
#include "model/unit_table.h"

namespace tundish {
namespace {

constexpr std::size_t kCodeBytesMax = 128;
constexpr std::size_t kTermsMax = 16;
constexpr int kPowerMax = 16;
constexpr int kDepthMax = 8;

constexpr std::string_view kBaseNames[] = {"length",      "time",   "mass",      "angle",
                                           "temperature", "charge", "luminosity"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Where a symbol ends.
bool is_boundary(char c) {
  return c == '.' || c == '/' || c == '(' || c == ')' || c == '{' || c == '+' || c == '-' ||
         is_digit(c);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Superscripts and middle dots, as reports have them, in the letters of the code.
std::string in_letters_of_the_code(std::string_view written) {
  std::string text(written);
  for (const auto& [from, to] : {std::pair{"²", "2"}, {"³", "3"}, {"·", "."}, {"⋅", "."}})
    text = replaced(std::move(text), from, to);
  return text;
}

}  // namespace

/// What the symbols of the table stand for, worked out once.
struct UnitAtoms {
  struct Entry {
    Unit unit;
    bool is_metric = false;
  };
  std::map<std::string, Entry, std::less<>> by_code;
  std::vector<std::string> words;  ///< for the nearest one

  static const UnitAtoms& all() {
    static const UnitAtoms atoms;
    return atoms;
  }

  const Entry* find(std::string_view code) const {
    const auto at = by_code.find(code);
    return at == by_code.end() ? nullptr : &at->second;
  }

 private:
  UnitAtoms();
};

/// Recursive descent over UCUM's grammar: terms joined by `.` and `/`, parentheses, exponents,
/// annotations. The nesting is bounded.
class UnitParser {
 public:
  UnitParser(std::string_view text, const UnitAtoms& atoms) : text_(text), atoms_(atoms) {}

  Result<Unit> parse() {
    TUNDISH_TRY(Unit unit, product(0));
    if (at_ < text_.size()) {
      const std::string meant = rate_meant(text_);
      return bad(at_, fmt::format("'{}' is unexpected{}", text_.substr(at_, 8),
                                  meant.empty() ? "" : "; the nearest is '" + meant + "'"));
    }
    return unit;
  }

 private:
  std::unexpected<Error> bad(std::size_t where, std::string_view why) const {
    return std::unexpected(Error{ErrorCode::kInvalidArgument,
                                 fmt::format("'{}' is not a unit: {}", text_, why), "unit", where});
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Result<Unit> product(int depth) {
    if (depth > kDepthMax) return bad(at_, "it is nested too deeply");
    Unit unit;
    int sign = 1;
    if (take('/')) sign = -1;
    while (true) {
      const std::size_t where = at_;
      TUNDISH_TRY(const Unit one, component(depth));
      if (where == 0 && at_ == text_.size()) return one;  // alone, a point may stand
      auto joined = sign > 0 ? unit.times(one) : unit.per(one);
      if (!joined) return bad(where, joined.error().message);
      unit = std::move(*joined);
      if (take('.'))
        sign = 1;
      else if (take('/'))
        sign = -1;
      else
        return unit;
    }
  }

  Result<Unit> component(int depth) {
    if (at_ >= text_.size()) return bad(at_, "it ends where a symbol should come");
    if (take('(')) {
      TUNDISH_TRY(Unit inner, product(depth + 1));
      if (!take(')')) return bad(at_, "a ) is missing");
      return inner;
    }
    const std::size_t where = at_;
    Unit unit;
    bool takes_exponent = true;
    if (text_[at_] != '{') {
      TUNDISH_TRY(unit, symbol(depth, takes_exponent));
    }
    int exponent = 1;
    if (takes_exponent && at_ > where) {
      TUNDISH_TRY(exponent, exponent_here());
    }
    TUNDISH_TRY(const std::string annotation, annotation_here());
    if (exponent != 1) {
      auto raised = unit.power(exponent);
      if (!raised) return bad(where, raised.error().message);
      unit = std::move(*raised);
    }
    if (!annotation.empty()) {
      if (unit.terms_.size() == 1 && unit.terms_.front().annotation.empty())
        unit.terms_.front().annotation = annotation;
      else
        unit.terms_.push_back({"", annotation, 1});
    }
    return unit;
  }

  /// 1 when there is none.
  Result<int> exponent_here() {
    const std::size_t where = at_;
    const bool negative = take('-');
    if (!negative && take('+') && (at_ >= text_.size() || !is_digit(text_[at_])))
      return bad(where, "after + comes a number");
    const std::size_t digits = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (digits == at_) {
      if (negative) return bad(where, "after - comes a number");
      return 1;
    }
    int exponent = 0;
    const auto read = std::from_chars(text_.data() + digits, text_.data() + at_, exponent);
    if (read.ec != std::errc() || exponent == 0 || exponent > kPowerMax)
      return bad(where, "exponents are from 1 to 16");
    return negative ? -exponent : exponent;
  }

  Result<std::string> annotation_here() {
    const std::size_t where = at_;
    if (!take('{')) return std::string();
    const auto end = text_.find('}', at_);
    if (end == std::string_view::npos) return bad(where, "a } is missing");
    const auto inside = text_.substr(at_, end - at_);
    if (inside.empty() || inside.find('{') != std::string_view::npos)
      return bad(where, "between { and } stands what is counted");
    for (const char c : inside)
      if (static_cast<unsigned char>(c) < 0x21 || c == 0x7f)
        return bad(where, "a space or control character stands between { and }");
    at_ = end + 1;
    return std::string(text_.substr(where, at_ - where));
  }

  Result<Unit> symbol(int depth, bool& takes_exponent) {
    const std::size_t where = at_;
    if (is_digit(text_[at_])) {
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
      const auto digits = text_.substr(where, at_ - where);
      if (digits == "10" && at_ < text_.size() && (text_[at_] == '*' || text_[at_] == '^')) {
        ++at_;
        return atoms_.find(text_.substr(where, at_ - where))->unit;
      }
      takes_exponent = false;
      return number(where, digits);
    }
    if (const auto* alias = alias_here()) {
      if (depth >= kDepthMax) return bad(where, "it is nested too deeply");
      at_ += alias->written.size();
      return UnitParser(alias->code, atoms_).parse();
    }
    int brackets = 0;
    for (; at_ < text_.size() && (brackets > 0 || !is_boundary(text_[at_])); ++at_)
      brackets += text_[at_] == '[' ? 1 : text_[at_] == ']' ? -1 : 0;
    const auto word = text_.substr(where, at_ - where);
    if (word.empty()) return bad(where, "a symbol is missing");
    if (const auto* entry = atoms_.find(word)) return entry->unit;
    for (const UnitPrefix& prefix : unit_prefixes()) {
      if (!word.starts_with(prefix.code)) continue;
      const auto* entry = atoms_.find(word.substr(prefix.code.size()));
      if (entry == nullptr || !entry->is_metric) continue;
      Unit unit = entry->unit;
      unit.terms_.front().symbol = std::string(word);
      unit.numerator_ *= prefix.numerator;
      unit.denominator_ *= prefix.denominator;
      return unit;
    }
    std::string nearest = rate_meant(word);
    if (nearest.empty()) nearest = nearest_word(word, atoms_.words);
    return bad(where, fmt::format("'{}' is not known{}", word.substr(0, 32),
                                  word.contains(' ') ? "; between two symbols comes a ."
                                  : nearest.empty()  ? std::string()
                                                     : "; the nearest is '" + nearest + "'"));
  }

  /// `t/h` for `tph`: people write a `p` for `per`, before the first letter of a time. Empty where it is none.
  std::string rate_meant(std::string_view word) const {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kUsual{
        {{"mph", "[mi_i]/h"},
         {"kph", "km/h"},
         {"kmh", "km/h"},
         {"gpm", "[gal_us]/min"},
         {"bpd", "[bbl_us]/d"},
         {"cfm", "[ft_i]3/min"},
         {"scfm", "[ft_i]3/min"},
         {"fpm", "[ft_i]/min"},
         {"lpm", "L/min"}}};
    constexpr std::array<std::pair<char, std::string_view>, 6> kTimes{
        {{'s', "s"}, {'m', "min"}, {'h', "h"}, {'d', "d"}, {'a', "a"}, {'y', "a"}}};
    std::string small(word.substr(0, kWordBytesMax));
    std::ranges::transform(small, small.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (const auto usual =
            std::ranges::find(kUsual, small, [](const auto& one) { return one.first; });
        usual != kUsual.end())
      return std::string(usual->second);
    if (word.size() < 3 || word.size() > kWordBytesMax || small[small.size() - 2] != 'p') return {};
    const auto time =
        std::ranges::find(kTimes, small.back(), [](const auto& one) { return one.first; });
    if (time == kTimes.end()) return {};
    // TPH is no teslas an hour.
    const bool is_shouted = word.back() >= 'A' && word.back() <= 'Z';
    for (const std::string_view whole : {is_shouted ? std::string_view(small) : word, word}) {
      const auto amount = whole.substr(0, whole.size() - 2);
      if (is_symbol(amount)) return fmt::format("{}/{}", amount, time->second);
    }
    return {};
  }

  /// A unit of the table, with or without a prefix, or a spelling of people's; perhaps with an exponent (`m3`).
  bool is_symbol(std::string_view word) const {
    while (word.size() > 1 && is_digit(word.back())) word.remove_suffix(1);
    if (atoms_.find(word) != nullptr) return true;
    if (std::ranges::find(unit_aliases(), word, &UnitAlias::written) != unit_aliases().end())
      return true;
    return std::ranges::any_of(unit_prefixes(), [&](const UnitPrefix& prefix) {
      if (!word.starts_with(prefix.code)) return false;
      const auto* entry = atoms_.find(word.substr(prefix.code.size()));
      return entry != nullptr && entry->is_metric;
    });
  }

  Result<Unit> number(std::size_t where, std::string_view digits) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc() || value == 0 || value > 1'000'000'000'000)
      return bad(where, "numbers are from 1 to 10^12");
    Unit unit;
    if (value == 1) return unit;
    unit.terms_.push_back({std::string(digits), "", 1});
    unit.numerator_ = static_cast<double>(value);
    return unit;
  }

  /// The longest spelling of people's that stands here whole.
  const UnitAlias* alias_here() const {
    const UnitAlias* longest = nullptr;
    for (const UnitAlias& alias : unit_aliases()) {
      if (!text_.substr(at_).starts_with(alias.written)) continue;
      const std::size_t end = at_ + alias.written.size();
      if (end < text_.size() && !is_boundary(text_[end])) continue;
      if (longest == nullptr || alias.written.size() > longest->written.size()) longest = &alias;
    }
    return longest;
  }

  static constexpr std::size_t kWordBytesMax = 16;

  const std::string_view text_;
  const UnitAtoms& atoms_;
  std::size_t at_ = 0;
};

UnitAtoms::UnitAtoms() {
  using Kind = UnitAtom::Kind;
  std::size_t base = 0;
  for (const UnitAtom& atom : unit_atoms()) {
    Entry entry;
    entry.is_metric = atom.kind == Kind::kMetric || atom.kind == Kind::kArbitraryMetric;
    Unit& unit = entry.unit;
    if (atom.kind == Kind::kArbitrary || atom.kind == Kind::kArbitraryMetric) {
      unit.dimension_.arbitrary.emplace_back(std::string(atom.code), 1);
    } else if (atom.definition.empty()) {
      unit.dimension_.powers[base++] = 1;
    } else {
      // Definitions name only what stands above them, so the table cannot refer to itself.
      auto definition = UnitParser(atom.definition, *this).parse();
      TUNDISH_CHECK(definition.has_value());
      unit = *std::move(definition);
      unit.numerator_ *= atom.number;
      unit.point_ = atom.kind == Kind::kPoint;
      unit.zero_ = atom.zero;
    }
    unit.terms_ = {{std::string(atom.code), "", 1}};
    words.emplace_back(atom.code);
    by_code.emplace(std::string(atom.code), std::move(entry));
  }
  for (const UnitAlias& alias : unit_aliases()) words.emplace_back(alias.written);
  for (const char* common :
       {"kg", "kW", "MW", "kWh", "MWh", "kPa", "MPa", "mm", "cm", "um", "kA", "kV"})
    words.emplace_back(common);
}

std::string Dimension::text() const {
  std::string over, under;
  const auto add = [&](std::string_view name, int power) {
    if (power == 0) return;
    std::string& side = power > 0 ? over : under;
    if (!side.empty()) side += ' ';
    side += name;
    if (std::abs(power) != 1) side += std::to_string(std::abs(power));
  };
  for (std::size_t i = 0; i < kBases; ++i) add(kBaseNames[i], powers[i]);
  for (const auto& [code, power] : arbitrary) add(code, power);
  if (over.empty() && under.empty()) return "a pure number";
  if (over.empty()) over = "1";
  return under.empty() ? over : over + " / " + under;
}

Result<Unit> Unit::parse(std::string_view code) {
  if (code.size() > kCodeBytesMax)
    return fail(ErrorCode::kInvalidArgument, "a unit has at most 128 bytes", "unit");
  if (code.empty() || code == "1") return Unit();
  const std::string text = in_letters_of_the_code(code);
  return UnitParser(text, UnitAtoms::all()).parse();
}

std::string Unit::code() const {
  std::string text;
  const auto add = [&](const Term& term, char join) {
    int power = std::abs(term.power);
    // Digits after a number, or where no symbol stands, would be another number: repeated instead.
    const bool repeats =
        term.symbol.empty() || (is_digit(term.symbol.front()) && is_digit(term.symbol.back()));
    for (int times = repeats ? std::exchange(power, 1) : 1; times > 0; --times) {
      if (join == '/' || !text.empty()) text += join;
      text += term.symbol;
      if (power != 1) text += std::to_string(power);
      text += term.annotation;
    }
  };
  for (const Term& term : terms_)
    if (term.power > 0) add(term, '.');
  for (const Term& term : terms_)
    if (term.power < 0) add(term, '/');
  return text.empty() ? "1" : text;
}

Unit Unit::difference() const {
  if (!point_) return *this;
  Unit unit = *this;
  unit.point_ = false;
  unit.zero_ = 0;
  unit.terms_.front().symbol = terms_.front().symbol == "[degF]" ? "[degR]" : "K";
  return unit;
}

Result<Unit> Unit::combined(const Unit& other, int sign) const {
  if (is_point() || other.is_point())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} has a zero of its own; subtract two of them, which gives {}",
                            is_point() ? code() : other.code(),
                            (is_point() ? *this : other).difference().code()),
                "unit");
  Unit unit = *this;
  for (Term term : other.terms_) {
    term.power *= sign;
    const auto same = std::ranges::find_if(unit.terms_, [&](const Term& mine) {
      return mine.symbol == term.symbol && mine.annotation == term.annotation;
    });
    if (same == unit.terms_.end())
      unit.terms_.push_back(std::move(term));
    else if ((same->power += term.power) == 0)
      unit.terms_.erase(same);
  }
  for (std::size_t i = 0; i < Dimension::kBases; ++i)
    unit.dimension_.powers[i] = static_cast<std::int8_t>(
        std::clamp(unit.dimension_.powers[i] + sign * other.dimension_.powers[i], -127, 127));
  auto& arbitrary = unit.dimension_.arbitrary;
  for (const auto& [code, power] : other.dimension_.arbitrary) {
    const auto at =
        std::ranges::lower_bound(arbitrary, code, {}, [](const auto& one) { return one.first; });
    if (at == arbitrary.end() || at->first != code)
      arbitrary.insert(at, {code, sign * power});
    else if ((at->second += sign * power) == 0)
      arbitrary.erase(at);
  }
  unit.numerator_ *= sign > 0 ? other.numerator_ : other.denominator_;
  unit.denominator_ *= sign > 0 ? other.denominator_ : other.numerator_;
  const bool too_much =
      unit.terms_.size() > kTermsMax ||
      std::ranges::any_of(unit.terms_,
                          [](const Term& t) { return std::abs(t.power) > kPowerMax; }) ||
      std::ranges::any_of(unit.dimension_.powers, [](int power) { return std::abs(power) > 64; }) ||
      !std::isnormal(unit.numerator_) || !std::isnormal(unit.denominator_);
  if (too_much)
    return fail(ErrorCode::kInvalidArgument, "the unit has too many terms or too high powers",
                "unit");
  return unit;
}

Result<Unit> Unit::power(int exponent) const {
  if (std::abs(exponent) > kPowerMax)
    return fail(ErrorCode::kInvalidArgument, "exponents are at most 16", "unit");
  Unit unit;
  for (int i = 0; i < std::abs(exponent); ++i) {
    TUNDISH_TRY(unit, unit.combined(*this, exponent > 0 ? 1 : -1));
  }
  return unit;
}

Result<UnitConversion> UnitConversion::between(const Unit& from, const Unit& to) {
  if (!from.is_comparable(to))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} ({}) does not convert to {} ({})", from.code(),
                            from.dimension().text(), to.code(), to.dimension().text()),
                "unit");
  UnitConversion conversion;
  if (!from.is_point() && !to.is_point()) {
    conversion.numerator_ = from.numerator_ * to.denominator_;
    conversion.denominator_ = from.denominator_ * to.numerator_;
    return conversion;
  }
  if (from.code() == to.code()) return conversion;
  // Through kelvin; an amount of temperature (K) is read as a place on the absolute scale.
  conversion.numerator_ = from.numerator_;
  conversion.denominator_ = from.denominator_;
  conversion.add_ = from.zero_ - to.zero_;
  conversion.divide_ = to.numerator_ / to.denominator_;
  return conversion;
}

}  // namespace tundish
