#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/unit.h"

namespace tundish::formula {

// What a formula says, as it is written; what it means is found by the checker. docs/formats/formulas.md has the
// grammar.

inline constexpr std::size_t kTextBytesMax = 8192;
inline constexpr std::size_t kNodesMax = 2048;
inline constexpr int kDepthMax = 64;

enum class NodeKind : std::uint8_t {
  kNumber,    ///< `2.5`, `75 'Cel'`, `1e3 'kW.h/t'`
  kDuration,  ///< `15min`: nanoseconds
  kText,      ///< `"open"`
  kBool,      ///< `true`
  kName,  ///< `power`, `shift`, `children`: an attribute of the asset, or a word where one is expected
  kReference,  ///< `{../blast/flow}`
  kMember,     ///< `children.power`: `text` of each of the operand
  kUnary,      ///< `-a`, `not a`
  kBinary,
  kConvert,  ///< `a in 'MW'`
  kCall,     ///< `avg(power, 15min)`
};

enum class Operator : std::uint8_t {
  kNone,
  kNegate,
  kNot,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kPower,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kAnd,
  kOr,
};
std::string_view operator_text(Operator op);

/// A stretch of the formula's text, in bytes.
struct Span {
  std::uint32_t begin = 0, end = 0;
};

struct Node {
  NodeKind kind = NodeKind::kNumber;
  Operator op = Operator::kNone;
  Span span;
  double number = 0;
  DurationNs duration = 0;
  bool flag = false;
  std::string text;                     ///< of a text, name, reference, member or called function
  Unit unit;                            ///< of a number or a conversion
  std::vector<std::uint32_t> operands;  ///< by number, each smaller than its own
  std::vector<std::string>
      parameters;  ///< of a call: name of each argument, empty when it has none
};

/// Nodes in an order in which operands come first; the last one is the whole.
struct Syntax {
  std::vector<Node> nodes;
  const Node& root() const { return nodes.back(); }
};

/// Reads a formula. Pure; time and memory are linear in the text and bounded by the limits above.
/// Errors: kInvalidArgument, kTooLarge; `offset` is the byte where the reader stopped.
Result<Syntax> parse_formula(std::string_view text);

/// The formula as the house writes it: one space around operators, no needless parentheses. Reads back as the same.
std::string format_formula(const Syntax& syntax);

/// Line and column, both from 1, of a byte; columns count characters of UTF-8.
struct Place {
  std::uint32_t line = 1, column = 1;
};
Place place_of(std::string_view text, std::size_t offset);

}  // namespace tundish::formula
