#include "formula/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "formula/functions.h"

namespace tundish::formula {

std::string Type::text() const {
  switch (kind) {
    case Kind::kNumber: {
      const std::string in = unit.is_one() ? "" : " in " + unit.code();
      return (many ? "several numbers" : "a number") + in;
    }
    case Kind::kBool: return many ? "several conditions" : "a condition";
    case Kind::kText: return many ? "several texts" : "a text";
    case Kind::kWindow: return "a window of time";
    case Kind::kAssets: return "a set of assets";
  }
  return {};
}

namespace {

bool is_comparison(Operator op) { return op >= Operator::kLess && op <= Operator::kNotEqual; }

class Checker {
 public:
  Checker(const Syntax& syntax, const Names& names) : nodes_(syntax.nodes), names_(names) {}

  Result<std::vector<Type>> check() {
    types_.reserve(nodes_.size());
    is_difference_.reserve(nodes_.size());
    for (const Node& node : nodes_) {
      auto type = type_of(node);
      if (!type) return std::unexpected(std::move(type.error()));
      is_difference_.push_back(gives_difference(node, *type));
      types_.push_back(*std::move(type));
    }
    const Type& result = types_.back();
    if (result.many)
      return bad(nodes_.back(),
                 "this is one value for each of several assets; join them with sum, "
                 "avg, min, max or count");
    if (result.kind == Kind::kWindow || result.kind == Kind::kAssets)
      return bad(nodes_.back(),
                 fmt::format("a formula gives a value, and this is {}", result.text()));
    return std::move(types_);
  }

 private:
  static std::unexpected<Error> bad(const Node& node, std::string message,
                                    ErrorCode code = ErrorCode::kInvalidArgument) {
    return std::unexpected(Error{code, std::move(message), "formula", node.span.begin});
  }
  static std::unexpected<Error> bad(const Node& node, Error error) {
    return bad(node, std::move(error.message), error.code);
  }
  const Node& operand(const Node& node, std::size_t index) const {
    return nodes_[node.operands[index]];
  }
  const Type& type_of_operand(const Node& node, std::size_t index) const {
    return types_[node.operands[index]];
  }
  static bool is_zero(const Node& node) {
    return node.kind == NodeKind::kNumber && node.number == 0 && node.unit.is_one();
  }

  Result<Type> type_of(const Node& node) {
    switch (node.kind) {
      case NodeKind::kNumber: return Type{.unit = node.unit};
      case NodeKind::kDuration: return Type{.unit = *Unit::parse("s")};
      case NodeKind::kText: return Type{.kind = Kind::kText};
      case NodeKind::kBool: return Type{.kind = Kind::kBool};
      case NodeKind::kName:
      case NodeKind::kReference: return named(node, names_.find(node.text));
      case NodeKind::kMember: return member(node);
      case NodeKind::kUnary: return unary(node);
      case NodeKind::kBinary: return binary(node);
      case NodeKind::kConvert: return convert(node);
      case NodeKind::kCall: return call(node);
    }
    return bad(node, "this is no part of a formula");
  }

  static Result<Type> named(const Node& node, Result<Type> type) {
    if (!type) return bad(node, std::move(type.error()));
    return type;
  }
  Result<Type> member(const Node& node) {
    const Node& set = operand(node, 0);
    if (type_of_operand(node, 0).kind != Kind::kAssets)
      return bad(set, fmt::format("a set of assets stands before a point, and this is {}",
                                  type_of_operand(node, 0).text()));
    return named(node, names_.find_member(set.text, node.text));
  }

  /// A number, or several of them, but no window and no set.
  Status want_number(const Node& node, const Type& type) const {
    if (type.kind == Kind::kNumber) return {};
    return bad(node, fmt::format("a number is wanted here, and this is {}", type.text()));
  }
  Status want_condition(const Node& node, const Type& type) const {
    if (type.kind == Kind::kBool) return {};
    return bad(node, fmt::format("a condition is wanted here, and this is {}", type.text()));
  }
  Status want_amount(const Node& node, const Type& type, std::string_view what) const {
    TUNDISH_RETURN_IF_ERROR(want_number(node, type));
    if (!type.unit.is_point()) return {};
    return bad(node,
               fmt::format("{} has a zero of its own, so it cannot be {}; convert it: in '{}'",
                           type.unit.code(), what, type.unit.difference().code()));
  }

  Result<Type> unary(const Node& node) {
    const Type& type = type_of_operand(node, 0);
    if (node.op == Operator::kNot) {
      TUNDISH_RETURN_IF_ERROR(want_condition(operand(node, 0), type));
      return type;
    }
    TUNDISH_RETURN_IF_ERROR(want_number(operand(node, 0), type));
    // -5 'Cel' is a temperature; minus a measured one is none.
    if (operand(node, 0).kind != NodeKind::kNumber)
      TUNDISH_RETURN_IF_ERROR(want_amount(operand(node, 0), type, "negated"));
    return type;
  }

  Result<Type> binary(const Node& node) {
    const Node& left = operand(node, 0);
    const Node& right = operand(node, 1);
    const Type& a = type_of_operand(node, 0);
    const Type& b = type_of_operand(node, 1);
    const bool many = a.many || b.many;
    if (is_comparison(node.op)) return compare(node, many);
    switch (node.op) {
      case Operator::kAnd:
      case Operator::kOr:
        TUNDISH_RETURN_IF_ERROR(want_condition(left, a));
        TUNDISH_RETURN_IF_ERROR(want_condition(right, b));
        return Type{.kind = Kind::kBool, .many = many};
      case Operator::kAdd:
      case Operator::kSubtract: return sum(node, many);
      case Operator::kPower: return power(node);
      default: break;
    }
    TUNDISH_RETURN_IF_ERROR(want_amount(left, a, "multiplied or divided"));
    TUNDISH_RETURN_IF_ERROR(want_amount(right, b, "multiplied or divided"));
    auto unit = node.op == Operator::kMultiply ? a.unit.times(b.unit) : a.unit.per(b.unit);
    if (!unit) return bad(node, std::move(unit.error()));
    return Type{.unit = *std::move(unit), .many = many};
  }

  Result<Type> compare(const Node& node, bool many) {
    const Node& right = operand(node, 1);
    const Type& a = type_of_operand(node, 0);
    const Type& b = type_of_operand(node, 1);
    const Type result{.kind = Kind::kBool, .many = many};
    if (a.kind == Kind::kNumber || b.kind == Kind::kNumber) {
      TUNDISH_RETURN_IF_ERROR(want_number(operand(node, 0), a));
      TUNDISH_RETURN_IF_ERROR(want_number(right, b));
      TUNDISH_RETURN_IF_ERROR(same_unit(node));
      TUNDISH_RETURN_IF_ERROR(want_written_unit(operand(node, 0), b));
      TUNDISH_RETURN_IF_ERROR(want_written_unit(right, a));
      return result;
    }
    const bool is_equality = node.op == Operator::kEqual || node.op == Operator::kNotEqual;
    if (!is_equality || a.kind != b.kind || (a.kind != Kind::kBool && a.kind != Kind::kText))
      return bad(right, fmt::format("{} cannot be compared with {} by {}", a.text(), b.text(),
                                    operator_text(node.op)));
    return result;
  }

  /// `share > 90` of a share in % would mean 9,000 %: beside such a unit a plain number has one written after it.
  Status want_written_unit(const Node& number, const Type& other) const {
    const Node& plain = number.kind == NodeKind::kUnary && number.op == Operator::kNegate
                            ? operand(number, 0)
                            : number;
    if (plain.kind != NodeKind::kNumber || !plain.unit.is_one() || is_zero(plain) ||
        other.unit.is_one())
      return {};
    return bad(number, fmt::format("a number in {} is wanted, and this has no unit: write it after "
                                   "the number, as in 5 '{}', or convert the other: in '1'",
                                   other.unit.code(), other.unit.code()));
  }

  /// Whether the two numbers of an operator measure the same; a plain 0 is 0 of any amount.
  Status same_unit(const Node& node) const {
    const Type& a = type_of_operand(node, 0);
    const Type& b = type_of_operand(node, 1);
    if (is_zero(operand(node, 0)) && !b.unit.is_point()) return {};
    const auto fits = check_unit(b, is_zero(operand(node, 1)), a.unit);
    return fits ? Status() : Status(bad(operand(node, 1), fits.error()));
  }

  Result<Type> sum(const Node& node, bool many) {
    const Type& a = type_of_operand(node, 0);
    const Type& b = type_of_operand(node, 1);
    TUNDISH_RETURN_IF_ERROR(want_number(operand(node, 0), a));
    TUNDISH_RETURN_IF_ERROR(want_number(operand(node, 1), b));
    if (is_zero(operand(node, 0))) return Type{.unit = b.unit, .many = many};
    const bool points = a.unit.is_point() || b.unit.is_point();
    if (!points || !a.unit.is_comparable(b.unit)) {
      TUNDISH_RETURN_IF_ERROR(same_unit(node));
      return Type{.unit = a.unit, .many = many};
    }
    // Of two temperatures the difference says something; to one a difference may be added.
    if (a.unit.is_point() && b.unit.is_point()) {
      if (node.op == Operator::kSubtract) return Type{.unit = a.unit.difference(), .many = many};
      return bad(node, fmt::format("two temperatures in {} cannot be added; their mean is avg or "
                                   "(a - b) / 2 + b",
                                   a.unit.code()));
    }
    if (a.unit.is_point()) return Type{.unit = a.unit, .many = many};
    if (node.op == Operator::kAdd) return Type{.unit = b.unit, .many = many};
    return bad(operand(node, 1),
               fmt::format("a temperature in {} cannot be taken from a difference", b.unit.code()));
  }

  Result<Type> power(const Node& node) {
    const Type& a = type_of_operand(node, 0);
    const Type& b = type_of_operand(node, 1);
    const Node& exponent = operand(node, 1);
    TUNDISH_RETURN_IF_ERROR(want_amount(operand(node, 0), a, "raised to a power"));
    TUNDISH_RETURN_IF_ERROR(want_number(exponent, b));
    if (!b.unit.is_one())
      return bad(exponent,
                 fmt::format("an exponent is a pure number, and this is in {}", b.unit.code()));
    if (a.unit.is_one()) return Type{.many = a.many || b.many};
    const auto constant = whole_number(exponent);
    if (!constant)
      return bad(exponent, fmt::format("the power of an amount in {} is a whole number written "
                                       "here, so that the unit of the result is known",
                                       a.unit.code()));
    auto unit = a.unit.power(*constant);
    if (!unit) return bad(node, std::move(unit.error()));
    return Type{.unit = *std::move(unit), .many = a.many};
  }

  /// `2`, `-1`: a small whole number that stands in the formula.
  std::optional<int> whole_number(const Node& node) const {
    if (node.kind == NodeKind::kUnary && node.op == Operator::kNegate) {
      const auto inner = whole_number(operand(node, 0));
      return inner ? std::optional(-*inner) : std::nullopt;
    }
    if (node.kind != NodeKind::kNumber || std::abs(node.number) > 16 ||
        node.number != std::floor(node.number))
      return std::nullopt;
    return static_cast<int>(node.number);
  }

  /// Whether a part is how far two temperatures are apart, as opposed to a temperature that is told in K.
  bool gives_difference(const Node& node, const Type& type) const {
    if (type.kind != Kind::kNumber || type.unit.is_point() || node.operands.empty()) return false;
    const auto from_point = [&](std::size_t index) {
      const Unit& unit = type_of_operand(node, index).unit;
      return unit.is_point() && unit.difference().is_comparable(type.unit);
    };
    if (node.kind == NodeKind::kBinary && node.op == Operator::kSubtract && from_point(0) &&
        from_point(1))
      return true;
    if (node.kind == NodeKind::kCall && (node.text == "range" || node.text == "stddev") &&
        from_point(0))
      return true;
    const bool is_product = node.op == Operator::kMultiply || node.op == Operator::kDivide;
    bool has_one = false, has_other = false;
    for (const auto index : node.operands) {
      const bool counts = types_[index].kind == Kind::kNumber &&
                          types_[index].unit.is_comparable(type.unit) &&
                          nodes_[index].kind != NodeKind::kNumber;
      if (counts) (is_difference_[index] ? has_one : has_other) = true;
    }
    // A temperature in K and a difference give a temperature again.
    return has_one && ((node.kind == NodeKind::kBinary && is_product) || !has_other);
  }

  Result<Type> convert(const Node& node) {
    const Type& type = type_of_operand(node, 0);
    TUNDISH_RETURN_IF_ERROR(want_number(operand(node, 0), type));
    if (node.unit.is_point() && is_difference_[node.operands[0]])
      return bad(node, fmt::format("this is a difference of temperatures, and '{}' is a place on a "
                                   "scale with a zero of its own; a difference is told in '{}', "
                                   "whose degrees are as large",
                                   node.unit.code(), node.unit.difference().code()));
    if (!type.unit.is_comparable(node.unit)) {
      const auto fits = check_unit(type, false, node.unit);
      return bad(node, fits ? "this cannot be converted" : fits.error().message);
    }
    return Type{.unit = node.unit, .many = type.many};
  }

  Result<Type> call(const Node& node) {
    std::vector<Argument> arguments;
    for (std::size_t i = 0; i < node.operands.size(); ++i)
      arguments.push_back({.type = type_of_operand(node, i),
                           .parameter = i < node.parameters.size()
                                            ? std::string_view(node.parameters[i])
                                            : std::string_view(),
                           .is_zero = is_zero(operand(node, i)),
                           .is_duration = operand(node, i).kind == NodeKind::kDuration});
    auto type = check_call(node.text, arguments);
    if (type) {
      TUNDISH_RETURN_IF_ERROR(named_numbers(node));
      return type;
    }
    const auto which = type.error().offset;
    const Node& wrong = which && *which < arguments.size() ? operand(node, *which) : node;
    return bad(wrong, node.text + ": " + type.error().message, type.error().code);
  }

  /// A round is longer than nothing, a limit of tolerance below is less than the one above.
  Status named_numbers(const Node& node) const {
    const Node* low = nullptr;
    const Node* high = nullptr;
    for (std::size_t i = 0; i < node.operands.size() && i < node.parameters.size(); ++i) {
      const Node& one = operand(node, i);
      if (one.kind != NodeKind::kNumber) continue;
      const std::string& name = node.parameters[i];
      if ((name == "rollover" || name == "limit") && one.number <= 0)
        return bad(one, fmt::format("{}: {} is more than 0", node.text, name));
      if (name == "low") low = &one;
      if (name == "high") high = &one;
    }
    if (low == nullptr || high == nullptr) return {};
    const auto to_low = UnitConversion::between(high->unit, low->unit);
    if (to_low && (*to_low)(high->number) <= low->number)
      return bad(*high, fmt::format("{}: high is more than low", node.text));
    return {};
  }

  const std::vector<Node>& nodes_;
  const Names& names_;
  std::vector<Type> types_;
  std::vector<bool> is_difference_;  ///< of each node that has a type
};

}  // namespace

Result<Checked> check_formula(Syntax syntax, const Names& names) {
  TUNDISH_TRY(auto types, Checker(syntax, names).check());
  return Checked{std::move(syntax), std::move(types)};
}

}  // namespace tundish::formula
