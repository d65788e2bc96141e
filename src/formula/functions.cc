#include "formula/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/nearest_word.h"

namespace tundish::formula {
namespace {

/// What a function takes, and what it gives.
enum class Rule : std::uint8_t {
  kPure,       ///< (pure number) -> pure number
  kAmount,     ///< (amount) -> the same; not of a point such as Cel
  kValue,      ///< (number) -> the same
  kFold,       ///< (several) or (value, window) or (value, value, ...) -> the same
  kMean,       ///< (several) or (value, window) -> the same
  kSum,        ///< (several amounts) -> the same
  kOver,       ///< (value, window) -> the same
  kSamples,    ///< (number, window) -> the same
  kSpread,     ///< (value, window) -> the unit of a difference
  kSlope,      ///< (value, window) -> the unit of a difference / s
  kDelta,      ///< (amount, window, rollover:, reset:, limit:) -> the same
  kIntegral,   ///< (amount, window) -> amount x s
  kCount,      ///< (several) or (anything, window) -> pure number
  kShare,      ///< (anything, window) -> %
  kTimeTrue,   ///< (condition, window) -> s
  kStarts,     ///< (condition, window) -> pure number
  kCpk,        ///< (value, window, low:, high:) -> pure number
  kIf,         ///< (condition, a, b) -> a
  kClamp,      ///< (value, low, high) -> the same
  kFirstGood,  ///< (a, b, ...) -> a
  kGood,       ///< (anything) -> condition
  kAge,        ///< (anything) -> s
};

struct Function {
  std::string_view name;
  Rule rule;
  std::string_view use;  ///< shown when it is called wrongly
};

// Sorted by name.
constexpr std::array kFunctions{
    Function{"abs", Rule::kAmount, "abs(x)"},
    Function{"age", Rule::kAge, "age(x)"},
    Function{"avg", Rule::kMean, "avg(x, 15min) or avg(children.x)"},
    Function{"ceil", Rule::kValue, "ceil(x)"},
    Function{"clamp", Rule::kClamp, "clamp(x, low, high)"},
    Function{"count", Rule::kCount, "count(x, 15min) or count(children.x)"},
    Function{"cpk", Rule::kCpk, "cpk(torque, shift, low: 45 'N.m', high: 55 'N.m')"},
    Function{"delta", Rule::kDelta,
             "delta(meter, shift) or delta(meter, 1h, rollover: 1000000 'kWh')"},
    Function{"exp", Rule::kPure, "exp(x)"},
    Function{"first", Rule::kOver, "first(x, shift)"},
    Function{"first_good", Rule::kFirstGood, "first_good(a, b)"},
    Function{"floor", Rule::kValue, "floor(x)"},
    Function{"good", Rule::kGood, "good(x)"},
    Function{"if", Rule::kIf, "if(condition, a, b)"},
    Function{"integral", Rule::kIntegral, "integral(power, 1h)"},
    Function{"last", Rule::kOver, "last(x, shift)"},
    Function{"ln", Rule::kPure, "ln(x)"},
    Function{"log10", Rule::kPure, "log10(x)"},
    Function{"max", Rule::kFold, "max(x, 15min), max(children.x) or max(a, b)"},
    Function{"mean", Rule::kSamples, "mean(x, shift)"},
    Function{"median", Rule::kSamples, "median(x, 8h)"},
    Function{"min", Rule::kFold, "min(x, 15min), min(children.x) or min(a, b)"},
    Function{"percent_good", Rule::kShare, "percent_good(x, shift)"},
    Function{"range", Rule::kSpread, "range(x, 15min)"},
    Function{"round", Rule::kValue, "round(x)"},
    Function{"slope", Rule::kSlope, "slope(x, 10min)"},
    Function{"sqrt", Rule::kPure, "sqrt(x)"},
    Function{"starts", Rule::kStarts, "starts(condition, shift)"},
    Function{"stddev", Rule::kSpread, "stddev(x, 15min)"},
    Function{"sum", Rule::kSum, "sum(children.x)"},
    Function{"time_true", Rule::kTimeTrue, "time_true(condition, shift)"},
};

constexpr std::size_t kArgumentsMax = 16;

Unit unit_of(std::string_view code) { return *Unit::parse(code); }

std::unexpected<Error> at_argument(std::size_t index, std::string message) {
  return std::unexpected(Error{ErrorCode::kInvalidArgument, std::move(message), "formula", index});
}

/// One call while its type is found.
class Call {
 public:
  Call(const Function& function, std::span<const Argument> arguments)
      : function_(function), arguments_(arguments) {}

  Result<Type> type() const {
    TUNDISH_RETURN_IF_ERROR(check_parameters());
    switch (function_.rule) {
      case Rule::kPure: return pure();
      case Rule::kAmount: return amount();
      case Rule::kValue: return value();
      case Rule::kFold: return is_over_window() || count() == 1 ? mean() : same_of_all(0);
      case Rule::kMean: return mean();
      case Rule::kSum: return sum();
      case Rule::kOver: return over_window();
      case Rule::kSamples: return number_over_window();
      case Rule::kSpread: return spread();
      case Rule::kSlope: return slope();
      case Rule::kDelta: return delta();
      case Rule::kIntegral: return integral();
      case Rule::kCount: return count_of();
      case Rule::kShare: return share();
      case Rule::kTimeTrue: return time_true();
      case Rule::kStarts: return starts();
      case Rule::kCpk: return cpk();
      case Rule::kIf: return if_else();
      case Rule::kClamp: return clamp();
      case Rule::kFirstGood: return same_of_all(0);
      case Rule::kGood: return of_one_thing({.kind = Kind::kBool});
      case Rule::kAge: return of_one_thing({.unit = unit_of("s")});
    }
    return use();
  }

 private:
  std::size_t count() const { return arguments_.size(); }
  const Type& arg(std::size_t index) const { return arguments_[index].type; }
  std::unexpected<Error> use() const {
    return std::unexpected(Error{ErrorCode::kInvalidArgument,
                                 fmt::format("it is used as {}", function_.use),
                                 "formula",
                                 {}});
  }

  bool has_parameter(std::string_view name) const {
    switch (function_.rule) {
      case Rule::kDelta: return name == "rollover" || name == "reset" || name == "limit";
      case Rule::kCpk: return name == "low" || name == "high";
      default: return false;
    }
  }
  Status check_parameters() const {
    if (count() == 0 || count() > kArgumentsMax) return use();
    for (std::size_t i = 0; i < count(); ++i) {
      const std::string_view name = arguments_[i].parameter;
      if (name.empty()) continue;
      if (!has_parameter(name))
        return at_argument(i, fmt::format("{} has no argument called '{}'; it is used as {}",
                                          function_.name, name, function_.use));
    }
    return {};
  }

  Status want_number(std::size_t index) const {
    if (arg(index).kind == Kind::kNumber && !arg(index).many) return {};
    return at_argument(index,
                       fmt::format("a number is wanted here, and this is {}; it is used as {}",
                                   arg(index).text(), function_.use));
  }
  Status want_amount(std::size_t index) const {
    if (arg(index).kind != Kind::kNumber)
      return at_argument(index,
                         fmt::format("a number is wanted here, and this is {}", arg(index).text()));
    if (!arg(index).unit.is_point()) return {};
    return at_argument(
        index,
        fmt::format("{} has a zero of its own, so {} of it says nothing; convert it: in '{}'",
                    arg(index).unit.code(), function_.name, arg(index).unit.difference().code()));
  }
  Status want_condition(std::size_t index) const {
    if (arg(index).kind == Kind::kBool && !arg(index).many) return {};
    return at_argument(
        index, fmt::format("a condition is wanted here, and this is {}", arg(index).text()));
  }
  bool is_window(std::size_t index) const {
    return index < count() && (arg(index).kind == Kind::kWindow || arguments_[index].is_duration);
  }
  bool is_over_window() const { return count() == 2 && is_window(1); }
  Status want_window() const {
    if (count() < 2) return use();
    if (is_window(1)) return {};
    return at_argument(
        1, fmt::format("a window is wanted here, 15min or shift, and this is {}", arg(1).text()));
  }
  Status want_thing(std::size_t index) const {
    const Kind kind = arg(index).kind;
    if (kind != Kind::kWindow && kind != Kind::kAssets) return {};
    return at_argument(index,
                       fmt::format("a value is wanted here, and this is {}", arg(index).text()));
  }

  Result<Type> pure() const {
    if (count() != 1) return use();
    TUNDISH_RETURN_IF_ERROR(want_number(0));
    if (!arg(0).unit.is_one())
      return at_argument(0,
                         fmt::format("{} takes a pure number, and this is in {}; divide it by an "
                                     "amount first: x / 1 '{}'",
                                     function_.name, arg(0).unit.code(), arg(0).unit.code()));
    return Type{};
  }
  Result<Type> value() const {
    if (count() != 1) return use();
    TUNDISH_RETURN_IF_ERROR(want_number(0));
    return arg(0);
  }
  Result<Type> amount() const {
    TUNDISH_RETURN_IF_ERROR(value());
    TUNDISH_RETURN_IF_ERROR(want_amount(0));
    return arg(0);
  }
  Result<Type> over_window() const {
    TUNDISH_RETURN_IF_ERROR(want_window());
    if (count() != 2) return use();
    TUNDISH_RETURN_IF_ERROR(want_thing(0));
    if (arg(0).many)
      return at_argument(0, "one value is wanted here, not one for each of several assets");
    return arg(0);
  }
  Result<Type> number_over_window() const {
    TUNDISH_TRY(const auto type, over_window());
    TUNDISH_RETURN_IF_ERROR(want_number(0));
    return type;
  }
  Result<Type> mean() const {
    if (count() != 1) return number_over_window();
    TUNDISH_RETURN_IF_ERROR(want_several());
    return Type{.unit = arg(0).unit};
  }
  Status want_several() const {
    if (!arg(0).many || arg(0).kind != Kind::kNumber)
      return at_argument(0,
                         fmt::format("numbers of several assets are wanted here, and this is {}; "
                                     "it is used as {}",
                                     arg(0).text(), function_.use));
    return {};
  }
  Result<Type> sum() const {
    if (count() == 2 && is_window(1))
      return at_argument(1,
                         "over time: integral(x, window) of a rate, delta(x, window) of a meter");
    if (count() != 1) return use();
    TUNDISH_RETURN_IF_ERROR(want_several());
    TUNDISH_RETURN_IF_ERROR(want_amount(0));
    return Type{.unit = arg(0).unit};
  }
  Result<Type> spread() const {
    TUNDISH_TRY(auto type, number_over_window());
    type.unit = type.unit.difference();
    return type;
  }
  Result<Type> delta() const {
    TUNDISH_RETURN_IF_ERROR(want_window());
    TUNDISH_RETURN_IF_ERROR(want_number(0));
    TUNDISH_RETURN_IF_ERROR(want_amount(0));
    TUNDISH_TRY(const auto rate, arg(0).unit.per(unit_of("s")));
    for (std::size_t i = 2; i < count(); ++i)
      TUNDISH_RETURN_IF_ERROR(
          named_argument(i, arguments_[i].parameter == "limit" ? rate : arg(0).unit));
    return arg(0);
  }
  Status named_argument(std::size_t index, const Unit& unit) const {
    const std::string_view name = arguments_[index].parameter;
    if (name.empty()) return use();
    if (std::ranges::count(arguments_.first(index), name, &Argument::parameter) > 0)
      return at_argument(index, fmt::format("'{}' is given twice", name));
    return same_unit(index, unit);
  }
  Result<Type> slope() const {
    TUNDISH_TRY(auto type, number_over_window());
    TUNDISH_TRY(type.unit, type.unit.difference().per(unit_of("s")));
    return type;
  }
  Result<Type> cpk() const {
    TUNDISH_RETURN_IF_ERROR(want_window());
    TUNDISH_RETURN_IF_ERROR(want_number(0));
    if (count() < 3) return use();
    for (std::size_t i = 2; i < count(); ++i)
      TUNDISH_RETURN_IF_ERROR(named_argument(i, arg(0).unit));
    return Type{};
  }
  Result<Type> integral() const {
    TUNDISH_TRY(auto type, number_over_window());
    TUNDISH_RETURN_IF_ERROR(want_amount(0));
    TUNDISH_TRY(type.unit, type.unit.times(unit_of("s")));
    return type;
  }
  Result<Type> count_of() const {
    if (count() == 1) {
      if (!arg(0).many && arg(0).kind != Kind::kAssets) return use();
      return Type{};
    }
    TUNDISH_RETURN_IF_ERROR(over_window());
    return Type{};
  }
  Result<Type> share() const {
    TUNDISH_RETURN_IF_ERROR(over_window());
    return Type{.unit = unit_of("%")};
  }
  Result<Type> time_true() const {
    TUNDISH_RETURN_IF_ERROR(over_window());
    TUNDISH_RETURN_IF_ERROR(want_condition(0));
    return Type{.unit = unit_of("s")};
  }
  Result<Type> starts() const {
    TUNDISH_RETURN_IF_ERROR(over_window());
    TUNDISH_RETURN_IF_ERROR(want_condition(0));
    return Type{};
  }
  Result<Type> of_one_thing(Type type) const {
    if (count() != 1) return use();
    TUNDISH_RETURN_IF_ERROR(want_thing(0));
    type.many = arg(0).many;
    return type;
  }

  Status same_unit(std::size_t index, const Unit& unit) const {
    TUNDISH_RETURN_IF_ERROR(want_number(index));
    const auto fits = check_unit(arg(index), arguments_[index].is_zero, unit);
    return fits ? Status() : Status(at_argument(index, fits.error().message));
  }
  /// Arguments from `first` on are of one kind; numbers in units of one dimension, the first one's.
  Result<Type> same_of_all(std::size_t first) const {
    if (count() < first + 2) return use();
    // A plain 0 says nothing of the unit: the first other one does.
    std::size_t leading = first;
    while (leading + 1 < count() && arguments_[leading].is_zero) ++leading;
    for (std::size_t i = first; i < count(); ++i) {
      TUNDISH_RETURN_IF_ERROR(want_thing(i));
      if (arg(i).many)
        return at_argument(i, "one value is wanted here, not one for each of several assets");
      if (arg(i).kind != arg(leading).kind)
        return at_argument(i, fmt::format("this is {}, and {} is wanted as in the first one",
                                          arg(i).text(), arg(leading).text()));
      if (arg(i).kind == Kind::kNumber) TUNDISH_RETURN_IF_ERROR(same_unit(i, arg(leading).unit));
    }
    return arg(leading);
  }
  Result<Type> if_else() const {
    if (count() != 3) return use();
    TUNDISH_RETURN_IF_ERROR(want_condition(0));
    return same_of_all(1);
  }
  Result<Type> clamp() const {
    if (count() != 3) return use();
    TUNDISH_RETURN_IF_ERROR(want_number(0));
    for (std::size_t i = 1; i < 3; ++i) TUNDISH_RETURN_IF_ERROR(same_unit(i, arg(0).unit));
    return arg(0);
  }

  const Function& function_;
  const std::span<const Argument> arguments_;
};

}  // namespace

Status check_unit(const Type& type, bool is_zero, const Unit& unit) {
  if (type.unit.is_comparable(unit)) {
    if (type.unit.is_point() == unit.is_point()) return {};
    const Unit& point = type.unit.is_point() ? type.unit : unit;
    if (unit.is_point())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} has a zero of its own, and this is in {}: a difference stays in "
                              "it, a temperature is converted: in '{}'",
                              unit.code(), type.unit.code(), unit.code()));
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} has a zero of its own, and {} is a difference; convert one of them",
                            point.code(), (type.unit.is_point() ? unit : type.unit).code()));
  }
  if (is_zero && !unit.is_point()) return {};
  if (type.unit.is_one())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a number in {} is wanted, and this has no unit: write it after the "
                            "number, as in 5 '{}'",
                            unit.code(), unit.code()));
  if (unit.is_one())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a pure number is wanted, and this is in {}", type.unit.code()));
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} ({}) cannot be compared with {} ({})", type.unit.code(),
                          type.unit.dimension().text(), unit.code(), unit.dimension().text()));
}

Result<Type> check_call(std::string_view function, std::span<const Argument> arguments) {
  const auto found = std::ranges::lower_bound(kFunctions, function, {}, &Function::name);
  if (found != kFunctions.end() && found->name == function) return Call(*found, arguments).type();
  const std::string near = nearest_word(function.substr(0, 32), function_names());
  return std::unexpected(Error{
      ErrorCode::kNotFound,
      fmt::format("there is no function '{}'; the nearest is {}", function.substr(0, 32), near),
      "formula",
      {}});
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const auto& function : kFunctions) names.emplace_back(function.name);
  return names;
}

}  // namespace tundish::formula
