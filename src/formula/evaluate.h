#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "formula/program.h"
#include "model/columns.h"
#include "model/definitions.h"
#include "model/sample.h"

namespace tundish::formula {

// A formula over history. A result at a time is a function of the samples up to that time and of nothing
// later (docs/decisions/formulas-look-back.md), so it is the same whether samples came one by one or in any
// other order, and whatever range it is asked for.

/// One series that an input stands for.
struct SeriesFacts {
  bool step = false;
  std::optional<Limits> valid = {};    ///< outside it a sample is read as Bad (out of range)
  std::optional<Value> constant = {};  ///< then it has no samples
  std::optional<UnitConversion> conversion = {};  ///< from the samples' unit to the input's
  bool is_missing =
      false;  ///< an asset of a set without this attribute, an attribute without a tag
};

/// Where samples and windows come from. One thread.
class Sources {
 public:
  virtual ~Sources() = default;
  /// Series of an input: 1, or one for each asset of its set, in the same order for every attribute.
  virtual std::size_t series(const InputName& input) = 0;
  virtual SeriesFacts facts(const InputName& input, std::size_t series) = 0;
  /// Samples before `time`, ascending: the last one, and the last `usable` of those that are numbers
  /// inside `valid` and not Bad.
  virtual Result<std::vector<Sample>> before(const InputName& input, std::size_t series,
                                             TimeNs time, std::size_t usable) = 0;
  using Visit = std::function<bool(const Columns&)>;
  /// Samples with from <= time < to, ascending, in pieces; false stops.
  virtual Status scan(const InputName& input, std::size_t series, TimeRange range,
                      const Visit& visit) = 0;
  /// Stretches of that name that touch `range`, ascending, apart from each other.
  virtual Result<std::vector<TimeRange>> windows(std::string_view name, TimeRange range) = 0;
  virtual std::size_t set_size(std::string_view set) = 0;
};

/// What results are wanted.
struct Grid {
  TimeRange range;       ///< of the results
  DurationNs every = 0;  ///< at its multiples since 1970; 0: whenever an input has a sample
  /// Instead of both: one result for each of these, ascending and apart, which the formula calls
  /// `window`; its time is the last nanosecond.
  std::vector<TimeRange> windows = {};
};

/// Results of one slice of time, ascending. `texts` has what the values of a text formula stand for.
struct Results {
  ValueType type = ValueType::kDouble;  ///< double, bool or string
  std::vector<TimeNs> times;
  std::vector<double> values;  ///< NaN where Bad
  std::vector<std::uint32_t> qualities;
  std::vector<double>
      percent_good;              ///< of the windows it looks at, the least; of a moment 0 or 100
  std::vector<double> coverage;  ///< percent of the windows for which there are samples at all
  const std::vector<std::string>* texts = nullptr;

  Sample at(std::size_t row) const;
};

struct Budget {
  std::uint64_t steps_max =
      20'000'000'000;  ///< a row through one part of the formula, or a sample read
  std::function<bool()> keep_going = {};  ///< false cancels; asked once a slice
};

struct Account {
  std::uint64_t steps = 0;
  std::uint64_t samples = 0;
};

/// What each part of the formula was worth at the last result, for an explanation.
struct Trace {
  struct Part {
    bool is_known = false;  ///< parts inside windows and sets are not of one moment
    double value = 0;
    std::uint32_t quality = 0;
    std::optional<TimeRange> window;  ///< of a fold
    double percent_good = 0, coverage = 0;
  };
  TimeNs time = 0;
  std::vector<Part> parts;  ///< by node
};

using Emit = std::function<Status(const Results&)>;

/// Runs a program. Results before the first sample of any input are left out. Memory is that of a slice of some
/// ten thousand samples an input, and of the windows that have to be kept whole.
/// Errors: those of the sources and of `emit`; kTooLarge (budget), kCancelled.
Result<Account> evaluate(const Program& program, Sources& sources, const Grid& grid,
                         const Budget& budget, const Emit& emit, Trace* trace = nullptr);

}  // namespace tundish::formula
