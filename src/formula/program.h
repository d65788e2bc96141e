#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "formula/check.h"
#include "formula/kernels.h"
#include "formula/window_fold.h"
#include "model/unit.h"

namespace tundish::formula {

/// What a formula reads: an attribute, or with `set` that attribute of each asset of a set.
struct InputName {
  std::string set;
  std::string attribute;
  bool operator==(const InputName&) const = default;
};

/// How a node of the formula is computed.
enum class OperationKind : std::uint8_t {
  kNumber,  ///< also a duration, a condition or a text that stands in the formula
  kInput,
  kUnary,
  kBinary,
  kConvert,
  kScalar,
  kIf,
  kClamp,
  kFirstGood,
  kExtreme,  ///< smallest or greatest of several arguments
  kJoin,     ///< over a set
  kGood,
  kFold,     ///< over a window
  kSetSize,  ///< count(children)
  kNone,     ///< part of another step: a window, a set
};

struct Operation {
  OperationKind kind = OperationKind::kNone;
  Operator op = Operator::kNone;
  Scalar scalar = Scalar::kAbs;
  Join join = Join::kSum;
  bool greatest = false;    ///< kExtreme
  double number = 0;        ///< kNumber
  std::string text;         ///< kNumber of a text; kSetSize: the set
  std::uint32_t input = 0;  ///< kInput
  std::vector<std::uint32_t> operands;
  std::vector<std::optional<UnitConversion>> conversions;  ///< of each operand, before it is used
  std::optional<UnitConversion> conversion;                ///< kConvert
  // kFold: what is folded is operands[0]; parameters by name are further operands
  FoldOptions fold;
  DurationNs length = 0;     ///< of a window that slides
  std::uint32_t window = 0;  ///< of one that does not: which of Program::windows
  std::uint32_t inner = 0;   ///< the context of what is folded
  std::vector<std::pair<std::string, std::uint32_t>> parameters;  ///< name, operand
  std::uint32_t context = 0;  ///< where its rows are: 0 is the formula's own
  bool many = false;
};

/// Rows that some steps share: those of the result (0), or those of what one fold reads.
struct Context {
  std::uint32_t outer = 0;              ///< the context of the fold
  std::uint32_t fold = 0;               ///< the step that folds it
  std::vector<std::uint32_t> inputs;    ///< read in it or in contexts inside it
  std::optional<std::uint32_t> direct;  ///< the input that is all there is in it
  /// Of one with folds inside: they change as time goes on, so its rows stand at multiples of this.
  DurationNs every = 0;
};

/// A formula made ready to run. Immutable, any thread.
struct Program {
  Checked checked;
  std::vector<Operation> steps;  ///< by node; operands come first
  std::vector<InputName> inputs;
  std::vector<std::string> windows;  ///< names: `shift`, `window`
  std::vector<Context> contexts;     ///< an inner one after its outer one
  bool has_folds() const { return contexts.size() > 1; }
  const Type& result() const { return checked.result(); }
};

/// Pure; linear in the formula. Errors: kInvalidArgument with the place, for what the checker lets pass and
/// cannot be computed.
Result<Program> compile(Checked checked);

/// Reads, checks and compiles.
Result<Program> compile(std::string_view text, const Names& names);

}  // namespace tundish::formula
