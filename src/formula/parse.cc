#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "formula/token.h"

namespace tundish::formula {
namespace {

struct OperatorText {
  std::string_view text;
  Operator op;
};
constexpr OperatorText kComparisons[] = {
    {"<", Operator::kLess},          {"<=", Operator::kLessEqual}, {">", Operator::kGreater},
    {">=", Operator::kGreaterEqual}, {"=", Operator::kEqual},      {"!=", Operator::kNotEqual},
};

/// How tightly an operator binds; the parser below is one function a level.
enum Level {
  kOrLevel,
  kAndLevel,
  kNotLevel,
  kCompareLevel,
  kConvertLevel,
  kSumLevel,
  kProductLevel,
  kSignLevel,
  kPowerLevel,
  kPrimaryLevel
};

/// Recursive descent with a bounded depth. Nodes are appended after their operands.
class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Syntax> parse() {
    TUNDISH_RETURN_IF_ERROR(advance());
    if (token_.kind == TokenKind::kEnd) return bad(token_, "there is no formula");
    TUNDISH_TRY([[maybe_unused]] const auto root, disjunction());
    if (token_.kind != TokenKind::kEnd) return bad(token_, surplus());
    return std::move(syntax_);
  }

 private:
  using Index = Result<std::uint32_t>;

  /// What stands after a formula that is complete without it: most often a unit without its quotes.
  std::string surplus() const {
    const bool after_number = std::ranges::any_of(syntax_.nodes, [this](const Node& node) {
      return node.kind == NodeKind::kNumber && node.span.end == last_end_;
    });
    if (token_.kind == TokenKind::kName && after_number && Unit::parse(token_.text))
      return fmt::format("a unit stands in quotes: '{}'", token_.text);
    return fmt::format("'{}' is unexpected here", shown(token_));
  }

  static std::string_view shown(const Token& token) {
    return std::string_view(token.text).substr(0, 32);
  }
  static std::unexpected<Error> bad(const Token& at, std::string message) {
    return std::unexpected(
        Error{ErrorCode::kInvalidArgument, std::move(message), "formula", at.span.begin});
  }
  Status advance() {
    last_end_ = token_.span.end;
    TUNDISH_TRY(token_, lexer_.next());
    return {};
  }
  bool is_symbol(std::string_view text) const {
    return token_.kind == TokenKind::kSymbol && token_.text == text;
  }
  bool is_word(std::string_view text) const {
    return token_.kind == TokenKind::kName && token_.text == text;
  }
  Status expect(std::string_view symbol, std::string_view what) {
    if (!is_symbol(symbol)) {
      return bad(token_, token_.kind == TokenKind::kEnd
                             ? fmt::format("a {} is missing: {}", symbol, what)
                             : fmt::format("'{}' stands where a {} should: {}", shown(token_),
                                           symbol, what));
    }
    return advance();
  }

  Index add(Node node, std::uint32_t begin) {
    node.span = {begin, last_end_};
    if (syntax_.nodes.size() >= kNodesMax)
      return std::unexpected(Error{ErrorCode::kTooLarge,
                                   fmt::format("a formula has at most {} parts", kNodesMax),
                                   "formula", begin});
    syntax_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(syntax_.nodes.size() - 1);
  }
  Index binary(Operator op, std::uint32_t left, std::uint32_t right) {
    Node node;
    node.kind = NodeKind::kBinary;
    node.op = op;
    node.operands = {left, right};
    return add(std::move(node), syntax_.nodes[left].span.begin);
  }
  Index unary(Operator op, std::uint32_t operand, std::uint32_t begin) {
    Node node;
    node.kind = NodeKind::kUnary;
    node.op = op;
    node.operands = {operand};
    return add(std::move(node), begin);
  }

  /// Counts the nesting for as long as it lives.
  class Deeper {
   public:
    explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    int& depth_;
  };
  Status check_depth() const {
    if (depth_ <= kDepthMax) return {};
    return std::unexpected(Error{ErrorCode::kTooLarge,
                                 fmt::format("a formula nests at most {} deep", kDepthMax),
                                 "formula", token_.span.begin});
  }

  Index disjunction() {
    const Deeper deeper(depth_);
    TUNDISH_RETURN_IF_ERROR(check_depth());
    TUNDISH_TRY(auto left, conjunction());
    while (is_word("or")) {
      TUNDISH_RETURN_IF_ERROR(advance());
      TUNDISH_TRY(const auto right, conjunction());
      TUNDISH_TRY(left, binary(Operator::kOr, left, right));
    }
    return left;
  }

  Index conjunction() {
    TUNDISH_TRY(auto left, negation());
    while (is_word("and")) {
      TUNDISH_RETURN_IF_ERROR(advance());
      TUNDISH_TRY(const auto right, negation());
      TUNDISH_TRY(left, binary(Operator::kAnd, left, right));
    }
    return left;
  }

  Index negation() {
    if (!is_word("not")) return comparison();
    const Deeper deeper(depth_);
    TUNDISH_RETURN_IF_ERROR(check_depth());
    const std::uint32_t begin = token_.span.begin;
    TUNDISH_RETURN_IF_ERROR(advance());
    TUNDISH_TRY(const auto operand, negation());
    return unary(Operator::kNot, operand, begin);
  }

  static std::optional<Operator> comparison_of(const Token& token) {
    if (token.kind != TokenKind::kSymbol) return std::nullopt;
    for (const auto& known : kComparisons)
      if (known.text == token.text) return known.op;
    return std::nullopt;
  }

  Index comparison() {
    TUNDISH_TRY(auto left, conversion());
    const auto op = comparison_of(token_);
    if (!op) return left;
    TUNDISH_RETURN_IF_ERROR(advance());
    TUNDISH_TRY(const auto right, conversion());
    TUNDISH_TRY(left, binary(*op, left, right));
    if (comparison_of(token_))
      return bad(token_, "comparisons do not follow each other: write a < b and b < c");
    return left;
  }

  Index sum() {
    TUNDISH_TRY(auto left, product());
    while (is_symbol("+") || is_symbol("-")) {
      const Operator op = is_symbol("+") ? Operator::kAdd : Operator::kSubtract;
      TUNDISH_RETURN_IF_ERROR(advance());
      TUNDISH_TRY(const auto right, product());
      TUNDISH_TRY(left, binary(op, left, right));
    }
    return left;
  }

  Index product() {
    TUNDISH_TRY(auto left, signed_value());
    while (is_symbol("*") || is_symbol("/")) {
      const Operator op = is_symbol("*") ? Operator::kMultiply : Operator::kDivide;
      TUNDISH_RETURN_IF_ERROR(advance());
      TUNDISH_TRY(const auto right, signed_value());
      TUNDISH_TRY(left, binary(op, left, right));
    }
    return left;
  }

  /// Of all that stands before it: energy / output in 'kWh/t'.
  Index conversion() {
    TUNDISH_TRY(auto operand, sum());
    while (is_word("in")) {
      TUNDISH_RETURN_IF_ERROR(advance());
      if (token_.kind != TokenKind::kUnit)
        return bad(token_, "after 'in' comes a unit in quotes: in 'kW'");
      Node node;
      node.kind = NodeKind::kConvert;
      TUNDISH_TRY(node.unit, unit_here());
      node.operands = {operand};
      TUNDISH_TRY(operand, add(std::move(node), syntax_.nodes[operand].span.begin));
      for (const char* symbol : {"+", "-", "*", "/", "^"})
        if (is_symbol(symbol))
          return bad(token_,
                     fmt::format("'in' converts all that stands before it; to go on, put it in "
                                 "parentheses: (a in 'kW') {} b",
                                 symbol));
    }
    return operand;
  }

  Index signed_value() {
    if (!is_symbol("-")) return power();
    const Deeper deeper(depth_);
    TUNDISH_RETURN_IF_ERROR(check_depth());
    const std::uint32_t begin = token_.span.begin;
    TUNDISH_RETURN_IF_ERROR(advance());
    TUNDISH_TRY(const auto operand, signed_value());
    return unary(Operator::kNegate, operand, begin);
  }

  /// To the right: 2^3^2 is 2^9, and the exponent may have a sign.
  Index power() {
    TUNDISH_TRY(const auto base, member());
    if (!is_symbol("^")) return base;
    const Deeper deeper(depth_);
    TUNDISH_RETURN_IF_ERROR(check_depth());
    TUNDISH_RETURN_IF_ERROR(advance());
    TUNDISH_TRY(const auto exponent, signed_value());
    return binary(Operator::kPower, base, exponent);
  }

  Index member() {
    TUNDISH_TRY(auto operand, primary());
    while (is_symbol(".")) {
      TUNDISH_RETURN_IF_ERROR(advance());
      if (token_.kind != TokenKind::kName)
        return bad(token_, "after . comes the name of an attribute");
      Node node;
      node.kind = NodeKind::kMember;
      node.text = token_.text;
      node.operands = {operand};
      TUNDISH_RETURN_IF_ERROR(advance());
      TUNDISH_TRY(operand, add(std::move(node), syntax_.nodes[operand].span.begin));
    }
    return operand;
  }

  /// The unit of the present token, which is taken. The place of a mistake is within its quotes.
  Result<Unit> unit_here() {
    auto unit = Unit::parse(token_.text);
    if (!unit) {
      Error error = std::move(unit).error();
      error.where = "formula";
      error.offset = token_.span.begin + 1 + error.offset.value_or(0);
      return std::unexpected(std::move(error));
    }
    TUNDISH_RETURN_IF_ERROR(advance());
    return unit;
  }

  Index primary() {
    const std::uint32_t begin = token_.span.begin;
    Node node;
    switch (token_.kind) {
      case TokenKind::kNumber:
        node.kind = NodeKind::kNumber;
        node.number = token_.number;
        TUNDISH_RETURN_IF_ERROR(advance());
        if (token_.kind == TokenKind::kUnit) {
          TUNDISH_TRY(node.unit, unit_here());
        }
        return add(std::move(node), begin);
      case TokenKind::kDuration:
        node.kind = NodeKind::kDuration;
        node.duration = token_.duration;
        TUNDISH_RETURN_IF_ERROR(advance());
        return add(std::move(node), begin);
      case TokenKind::kText:
        node.kind = NodeKind::kText;
        node.text = token_.text;
        TUNDISH_RETURN_IF_ERROR(advance());
        return add(std::move(node), begin);
      case TokenKind::kReference:
        if (token_.text.empty())
          return bad(token_, "between { and } stands the path of an attribute");
        node.kind = NodeKind::kReference;
        node.text = token_.text;
        TUNDISH_RETURN_IF_ERROR(advance());
        return add(std::move(node), begin);
      case TokenKind::kName: return named();
      case TokenKind::kUnit: return bad(token_, "a unit stands after a number or after 'in'");
      case TokenKind::kSymbol: break;
      case TokenKind::kEnd: return bad(token_, "the formula ends where a value should come");
    }
    if (!is_symbol("("))
      return bad(token_, fmt::format("'{}' stands where a value should", shown(token_)));
    TUNDISH_RETURN_IF_ERROR(advance());
    TUNDISH_TRY(const auto inside, disjunction());
    TUNDISH_RETURN_IF_ERROR(expect(")", "it closes the parenthesis"));
    return inside;
  }

  Index named() {
    const Token name = token_;
    Node node;
    for (const char* word : {"and", "or", "not", "in"})
      if (name.text == word)
        return bad(name, fmt::format("'{}' stands where a value should", word));
    TUNDISH_RETURN_IF_ERROR(advance());
    node.text = name.text;
    if (name.text == "true" || name.text == "false") {
      node.kind = NodeKind::kBool;
      node.flag = name.text == "true";
      return add(std::move(node), name.span.begin);
    }
    if (!is_symbol("(")) {
      node.kind = NodeKind::kName;
      return add(std::move(node), name.span.begin);
    }
    TUNDISH_RETURN_IF_ERROR(advance());
    node.kind = NodeKind::kCall;
    while (!is_symbol(")")) {
      if (!node.operands.empty()) TUNDISH_RETURN_IF_ERROR(expect(",", "it parts two arguments"));
      TUNDISH_RETURN_IF_ERROR(argument(node));
    }
    TUNDISH_RETURN_IF_ERROR(advance());
    return add(std::move(node), name.span.begin);
  }

  /// `value`, or `name: value`.
  Status argument(Node& call) {
    TUNDISH_TRY(const auto value, disjunction());
    if (!is_symbol(":")) {
      call.operands.push_back(value);
      call.parameters.emplace_back();
      return {};
    }
    if (syntax_.nodes[value].kind != NodeKind::kName || value + 1 != syntax_.nodes.size())
      return bad(token_, "before : stands the name of an argument");
    std::string parameter = std::move(syntax_.nodes[value].text);
    syntax_.nodes.pop_back();
    TUNDISH_RETURN_IF_ERROR(advance());
    TUNDISH_TRY(const auto named_value, disjunction());
    call.operands.push_back(named_value);
    call.parameters.push_back(std::move(parameter));
    return {};
  }

  Lexer lexer_;
  Token token_;
  std::uint32_t last_end_ = 0;  ///< of the token before
  int depth_ = 0;
  Syntax syntax_;
};

Level level_of(const Node& node) {
  switch (node.op) {
    case Operator::kOr: return kOrLevel;
    case Operator::kAnd: return kAndLevel;
    case Operator::kNot: return kNotLevel;
    case Operator::kLess:
    case Operator::kLessEqual:
    case Operator::kGreater:
    case Operator::kGreaterEqual:
    case Operator::kEqual:
    case Operator::kNotEqual: return kCompareLevel;
    case Operator::kAdd:
    case Operator::kSubtract: return kSumLevel;
    case Operator::kMultiply:
    case Operator::kDivide: return kProductLevel;
    case Operator::kNegate: return kSignLevel;
    case Operator::kPower: return kPowerLevel;
    case Operator::kNone: break;
  }
  return node.kind == NodeKind::kConvert ? kConvertLevel : kPrimaryLevel;
}

std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string duration_text(DurationNs duration) {
  constexpr std::pair<std::string_view, DurationNs> kUnits[] = {
      {"d", kDay},    {"h", kHour},         {"min", kMinute},
      {"s", kSecond}, {"ms", kMillisecond}, {"us", 1000}};
  for (const auto& [name, length] : kUnits)
    if (duration != 0 && duration % length == 0)
      return fmt::format("{}{}", duration / length, name);
  return fmt::format("{}ns", duration);
}

class Writer {
 public:
  explicit Writer(const Syntax& syntax) : syntax_(syntax) {}
  std::string write(std::uint32_t index) const { return text_of(syntax_.nodes[index]); }

 private:
  std::string operand(const Node& node, std::size_t which, Level least) const {
    const Node& inner = syntax_.nodes[node.operands[which]];
    const std::string text = text_of(inner);
    return level_of(inner) < least ? "(" + text + ")" : text;
  }

  std::string text_of(const Node& node) const {
    switch (node.kind) {
      case NodeKind::kNumber:
        return node.unit.is_one() ? fmt::format("{}", node.number)
                                  : fmt::format("{} '{}'", node.number, node.unit.code());
      case NodeKind::kDuration: return duration_text(node.duration);
      case NodeKind::kText: return quoted(node.text);
      case NodeKind::kBool:
      case NodeKind::kName: return node.text;
      case NodeKind::kReference: return "{" + node.text + "}";
      case NodeKind::kMember: return operand(node, 0, kPrimaryLevel) + "." + node.text;
      case NodeKind::kConvert:
        return fmt::format("{} in '{}'", operand(node, 0, kConvertLevel), node.unit.code());
      case NodeKind::kUnary:
        return node.op == Operator::kNot ? "not " + operand(node, 0, kNotLevel)
                                         : "-" + operand(node, 0, kSignLevel);
      case NodeKind::kBinary: return binary(node);
      case NodeKind::kCall: return call(node);
    }
    return {};
  }

  std::string binary(const Node& node) const {
    const Level level = level_of(node);
    const auto above = static_cast<Level>(level + 1);
    if (node.op == Operator::kPower)
      return operand(node, 0, kPrimaryLevel) + "^" + operand(node, 1, kSignLevel);
    // To the left, but comparisons to neither side.
    return fmt::format("{} {} {}", operand(node, 0, level == kCompareLevel ? above : level),
                       operator_text(node.op), operand(node, 1, above));
  }

  std::string call(const Node& node) const {
    std::string text = node.text + "(";
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
      if (i > 0) text += ", ";
      if (!node.parameters[i].empty()) text += node.parameters[i] + ": ";
      text += write(node.operands[i]);
    }
    return text + ")";
  }

  const Syntax& syntax_;
};

}  // namespace

std::string_view operator_text(Operator op) {
  switch (op) {
    case Operator::kNone: return "";
    case Operator::kNegate:
    case Operator::kSubtract: return "-";
    case Operator::kNot: return "not";
    case Operator::kAdd: return "+";
    case Operator::kMultiply: return "*";
    case Operator::kDivide: return "/";
    case Operator::kPower: return "^";
    case Operator::kLess: return "<";
    case Operator::kLessEqual: return "<=";
    case Operator::kGreater: return ">";
    case Operator::kGreaterEqual: return ">=";
    case Operator::kEqual: return "=";
    case Operator::kNotEqual: return "!=";
    case Operator::kAnd: return "and";
    case Operator::kOr: return "or";
  }
  return "";
}

Result<Syntax> parse_formula(std::string_view text) {
  if (text.size() > kTextBytesMax)
    return fail(ErrorCode::kTooLarge, fmt::format("a formula has at most {} bytes", kTextBytesMax),
                "formula");
  return Parser(text).parse();
}

std::string format_formula(const Syntax& syntax) {
  return Writer(syntax).write(static_cast<std::uint32_t>(syntax.nodes.size() - 1));
}

Place place_of(std::string_view text, std::size_t offset) {
  Place place;
  for (std::size_t i = 0; i < std::min(offset, text.size()); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((byte & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

}  // namespace tundish::formula
