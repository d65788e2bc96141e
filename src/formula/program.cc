#include "formula/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace tundish::formula {
namespace {

const std::map<std::string_view, Scalar> kScalars{
    {"abs", Scalar::kAbs},     {"ceil", Scalar::kCeil}, {"exp", Scalar::kExp},
    {"floor", Scalar::kFloor}, {"ln", Scalar::kLn},     {"log10", Scalar::kLog10},
    {"round", Scalar::kRound}, {"sqrt", Scalar::kSqrt}};

const std::map<std::string_view, FoldKind> kFolds{
    {"avg", FoldKind::kAverage},        {"integral", FoldKind::kIntegral},
    {"time_true", FoldKind::kTimeTrue}, {"percent_good", FoldKind::kPercentGood},
    {"min", FoldKind::kMinimum},        {"max", FoldKind::kMaximum},
    {"range", FoldKind::kRange},        {"first", FoldKind::kFirst},
    {"last", FoldKind::kLast},          {"count", FoldKind::kCount},
    {"mean", FoldKind::kMean},          {"median", FoldKind::kMedian},
    {"stddev", FoldKind::kStddev},      {"cpk", FoldKind::kCpk},
    {"slope", FoldKind::kSlope},        {"starts", FoldKind::kStarts},
    {"delta", FoldKind::kDelta}};

class Compiler {
 public:
  explicit Compiler(Checked checked) { program_.checked = std::move(checked); }

  Result<Program> compile() {
    const auto& nodes = program_.checked.syntax.nodes;
    program_.steps.resize(nodes.size());
    program_.contexts.emplace_back();
    TUNDISH_RETURN_IF_ERROR(place(static_cast<std::uint32_t>(nodes.size() - 1), 0));
    for (std::uint32_t i = 0; i < nodes.size(); ++i) TUNDISH_RETURN_IF_ERROR(step(i));
    set_grids();
    for (Context& context : program_.contexts) {
      std::ranges::sort(context.inputs);
      const auto repeated = std::ranges::unique(context.inputs);
      context.inputs.erase(repeated.begin(), repeated.end());
    }
    return std::move(program_);
  }

 private:
  const Node& node(std::uint32_t index) const { return program_.checked.syntax.nodes[index]; }
  const Type& type(std::uint32_t index) const { return program_.checked.types[index]; }
  bool is_window(std::uint32_t index) const {
    return type(index).kind == Kind::kWindow || node(index).kind == NodeKind::kDuration;
  }
  bool is_fold(std::uint32_t index) const {
    const Node& call = node(index);
    if (call.kind != NodeKind::kCall) return false;
    if (call.text == "age") return true;
    return call.operands.size() >= 2 && is_window(call.operands[1]) && kFolds.contains(call.text);
  }
  std::unexpected<Error> bad(std::uint32_t index, std::string message) const {
    return std::unexpected(
        Error{ErrorCode::kInvalidArgument, std::move(message), "formula", node(index).span.begin});
  }

  /// Which rows each node belongs to; from the whole down, so that an outer context has the smaller number.
  Status place(std::uint32_t index, std::uint32_t context) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> todo{{index, context}};
    while (!todo.empty()) {
      const auto [at, where] = todo.back();
      todo.pop_back();
      Operation& made = program_.steps[at];
      made.context = where;
      made.many = type(at).many;
      if (!is_fold(at)) {
        for (const auto operand : node(at).operands) todo.emplace_back(operand, where);
        continue;
      }
      if (type(node(at).operands[0]).many)
        return bad(node(at).operands[0],
                   "one value is wanted here, not one for each of several assets");
      made.inner = static_cast<std::uint32_t>(program_.contexts.size());
      program_.contexts.push_back(
          {.outer = where, .fold = at, .inputs = {}, .direct = {}, .every = 0});
      for (std::size_t i = 0; i < node(at).operands.size(); ++i) {
        if (i == 1) {
          program_.steps[node(at).operands[1]].context = where;
          continue;
        }
        todo.emplace_back(node(at).operands[i], made.inner);
      }
    }
    return {};
  }

  /// A thirtieth of the shortest window inside, in round numbers.
  void set_grids() {
    for (std::size_t i = 1; i < program_.contexts.size(); ++i) {
      const std::uint32_t outer = program_.contexts[i].outer;
      if (outer == 0) continue;
      const Operation& fold = program_.steps[program_.contexts[i].fold];
      const DurationNs every = fold.fold.slides ? round_part(fold.length / 30) : kMinute;
      DurationNs& finest = program_.contexts[outer].every;
      finest = finest == 0 ? every : std::min(finest, every);
    }
  }
  static DurationNs round_part(DurationNs length) {
    DurationNs found = kSecond;
    for (const DurationNs part : {2 * kSecond, 5 * kSecond, 10 * kSecond, 30 * kSecond, kMinute,
                                  2 * kMinute, 5 * kMinute, 10 * kMinute, 30 * kMinute, kHour})
      if (part <= length) found = part;
    return found;
  }

  std::uint32_t input(InputName name, std::uint32_t context) {
    const auto found = std::ranges::find(program_.inputs, name);
    const auto index = static_cast<std::uint32_t>(found - program_.inputs.begin());
    if (found == program_.inputs.end()) program_.inputs.push_back(std::move(name));
    while (true) {
      program_.contexts[context].inputs.push_back(index);
      if (context == 0) return index;
      context = program_.contexts[context].outer;
    }
  }

  std::uint32_t window(const std::string& name) {
    const auto found = std::ranges::find(program_.windows, name);
    const auto index = static_cast<std::uint32_t>(found - program_.windows.begin());
    if (found == program_.windows.end()) program_.windows.push_back(name);
    return index;
  }

  /// A plain 0 is 0 of any unit, and a text has none.
  std::optional<UnitConversion> conversion(std::uint32_t index, const Unit& to) const {
    const Type& from = type(index);
    if (from.kind != Kind::kNumber || from.unit == to) return {};
    auto made = UnitConversion::between(from.unit, to);
    return made ? std::optional(*made) : std::nullopt;
  }
  void want_all_in(Operation& made, const Unit& unit, std::size_t first = 0) const {
    made.conversions.resize(made.operands.size());
    for (std::size_t i = first; i < made.operands.size(); ++i)
      made.conversions[i] = conversion(made.operands[i], unit);
  }

  Status step(std::uint32_t index) {
    const Node& from = node(index);
    Operation& made = program_.steps[index];
    made.op = from.op;
    made.operands = from.operands;
    made.conversions.resize(made.operands.size());
    switch (from.kind) {
      case NodeKind::kNumber:
        made.kind = OperationKind::kNumber;
        made.number = from.number;
        return {};
      case NodeKind::kDuration:
        made.kind = OperationKind::kNumber;
        made.number = static_cast<double>(from.duration) * 1e-9;
        return {};
      case NodeKind::kBool:
        made.kind = OperationKind::kNumber;
        made.number = from.flag ? 1 : 0;
        return {};
      case NodeKind::kText:
        made.kind = OperationKind::kNumber;
        made.text = from.text;
        return {};
      case NodeKind::kName:
      case NodeKind::kReference:
        if (type(index).kind == Kind::kWindow || type(index).kind == Kind::kAssets) return {};
        made.kind = OperationKind::kInput;
        made.input = input({"", from.text}, made.context);
        return {};
      case NodeKind::kMember:
        made.kind = OperationKind::kInput;
        made.input = input({node(from.operands[0]).text, from.text}, made.context);
        made.operands.clear();
        made.conversions.clear();
        return {};
      case NodeKind::kUnary: made.kind = OperationKind::kUnary; return {};
      case NodeKind::kBinary: made.kind = OperationKind::kBinary; return binary(index, made);
      case NodeKind::kConvert: {
        made.kind = OperationKind::kConvert;
        TUNDISH_TRY(made.conversion,
                    UnitConversion::between(type(from.operands[0]).unit, from.unit));
        return {};
      }
      case NodeKind::kCall: return call(index, made);
    }
    return bad(index, "this is no part of a formula");
  }

  Status binary(std::uint32_t index, Operation& made) const {
    const Type& a = type(made.operands[0]);
    const Type& b = type(made.operands[1]);
    if (a.kind != Kind::kNumber || b.kind != Kind::kNumber) return {};
    switch (made.op) {
      case Operator::kMultiply:
      case Operator::kDivide:
      case Operator::kPower: return {};
      case Operator::kAdd:
      case Operator::kSubtract: break;
      default: want_all_in(made, is_plain_zero(made.operands[0]) ? b.unit : a.unit); return {};
    }
    const Unit& result = type(index).unit;
    const bool both_points = a.unit.is_point() && b.unit.is_point();
    if (both_points) {
      made.conversions[1] = conversion(made.operands[1], a.unit);
    } else if (a.unit.is_point() || b.unit.is_point()) {
      const std::size_t other = a.unit.is_point() ? 1 : 0;
      made.conversions[other] = conversion(made.operands[other], result.difference());
    } else {
      want_all_in(made, result);
    }
    return {};
  }
  bool is_plain_zero(std::uint32_t index) const {
    return node(index).kind == NodeKind::kNumber && node(index).number == 0 &&
           node(index).unit.is_one();
  }

  Status call(std::uint32_t index, Operation& made) {
    const std::string& name = node(index).text;
    if (is_fold(index)) return fold(index, made);
    if (const auto scalar = kScalars.find(name); scalar != kScalars.end()) {
      made.kind = OperationKind::kScalar;
      made.scalar = scalar->second;
    } else if (name == "if") {
      made.kind = OperationKind::kIf;
      want_all_in(made, type(index).unit, 1);
    } else if (name == "clamp") {
      made.kind = OperationKind::kClamp;
      want_all_in(made, type(index).unit);
    } else if (name == "first_good") {
      made.kind = OperationKind::kFirstGood;
      want_all_in(made, type(index).unit);
    } else if (name == "good") {
      made.kind = OperationKind::kGood;
    } else if (name == "count" && type(made.operands[0]).kind == Kind::kAssets) {
      made.kind = OperationKind::kSetSize;
      made.text = node(made.operands[0]).text;
    } else if ((name == "min" || name == "max") &&
               (made.operands.size() > 1 || type(made.operands[0]).many)) {
      made.kind = OperationKind::kExtreme;
      made.greatest = name == "max";
      want_all_in(made, type(index).unit);
    } else if (name == "sum" || name == "avg" || name == "count") {
      made.kind = OperationKind::kJoin;
      made.join = name == "sum" ? Join::kSum : name == "avg" ? Join::kAverage : Join::kCount;
    } else {
      return bad(index, fmt::format("{} cannot be computed here", name));
    }
    return {};
  }

  Status fold(std::uint32_t index, Operation& made) {
    const Node& from = node(index);
    made.kind = OperationKind::kFold;
    const std::uint32_t folded = made.operands[0];
    if (from.text == "age") {
      made.fold.kind = FoldKind::kAge;
      made.fold.slides = true;
      made.length = kAgeMemory;
    } else {
      made.fold.kind = kFolds.at(from.text);
      const Node& over = node(made.operands[1]);
      made.fold.slides = over.kind == NodeKind::kDuration;
      if (made.fold.slides) {
        made.length = over.duration;
        if (made.length <= 0) return bad(made.operands[1], "a window lasts longer than nothing");
        program_.steps[made.operands[1]].kind = OperationKind::kNone;
      } else {
        made.window = window(over.text);
      }
    }
    const bool is_direct =
        node(folded).kind == NodeKind::kName || node(folded).kind == NodeKind::kReference;
    if (is_direct) program_.contexts[made.inner].direct = program_.steps[folded].input;
    for (std::size_t i = 2; i < made.operands.size(); ++i) {
      const std::string& name = from.parameters[i];
      made.parameters.emplace_back(name, made.operands[i]);
      Unit unit = type(folded).unit;
      if (name == "limit") {
        TUNDISH_TRY(unit, unit.per(*Unit::parse("s")));
      }
      made.conversions[i] = conversion(made.operands[i], unit);
      (name == "rollover" ? made.fold.has_rollover
       : name == "reset"  ? made.fold.has_reset
       : name == "limit"  ? made.fold.has_limit
       : name == "low"    ? made.fold.has_low
                          : made.fold.has_high) = true;
      // A parameter that is measured has rows of its own.
      if (node(made.operands[i]).kind != NodeKind::kNumber)
        program_.contexts[made.inner].direct.reset();
    }
    if (made.fold.kind == FoldKind::kDelta && !program_.contexts[made.inner].direct)
      return bad(
          folded,
          "delta counts one meter, and its named arguments are numbers; add what several counted: "
          "delta(a, shift) + delta(b, shift)");
    return {};
  }

  Program program_;
};

}  // namespace

Result<Program> compile(Checked checked) { return Compiler(std::move(checked)).compile(); }

Result<Program> compile(std::string_view text, const Names& names) {
  TUNDISH_TRY(auto syntax, parse_formula(text));
  TUNDISH_TRY(auto checked, check_formula(std::move(syntax), names));
  return compile(std::move(checked));
}

}  // namespace tundish::formula
