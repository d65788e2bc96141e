#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "formula/column.h"

namespace tundish::formula {

// What a function makes of a stretch of time. A fold reads the rows of what it folds once, in order, in
// slices of any size, and gives the same bits whatever the slices were: sums are exact and rounded once.
//
// A row holds from its time to the next row's (held), or runs straight to it (sloped). A result at time t
// is of the window's part up to t and of nothing later: [start, t + 1 ns).

enum class FoldKind : std::uint8_t {
  kAverage,      ///< weighted by time
  kIntegral,     ///< value x seconds
  kTimeTrue,     ///< seconds for which it is true
  kPercentGood,  ///< of the window so far, 0..100
  kMinimum,
  kMaximum,
  kRange,
  kFirst,  ///< value at the window's start, or the first after it
  kLast,
  kCount,   ///< rows that are not Bad
  kMean,    ///< of rows
  kMedian,  ///< of rows; of two in the middle their mean
  kStddev,  ///< of rows, n - 1
  kCpk,     ///< of rows; needs a lower or an upper limit
  kSlope,   ///< least squares over rows, per second
  kStarts,  ///< rows at which it became true
  kDelta,   ///< what a meter counted
  kAge,     ///< seconds since the last Good row
};

/// A meter that falls has been reset, has rolled over or is another one. What is not said is not assumed.
struct FoldOptions {
  FoldKind kind = FoldKind::kAverage;
  bool slides = false;  ///< a length of time up to now; else a stretch that a calendar names
  bool sloped = false;
  bool has_rollover = false, has_reset = false, has_limit = false;  ///< kDelta
  bool has_low = false, has_high = false;                           ///< kCpk
};

/// Rows to fold, ascending. Parameters are one value a row, null when the option is not there.
struct FoldRows {
  std::span<const TimeNs> times;
  View view;
  const double* rollover = nullptr;
  const double* reset = nullptr;
  const double* limit = nullptr;
  const double* low = nullptr;
  const double* high = nullptr;
  /// The first so many rows stand for what was before: they hold, but are no rows of a window.
  std::size_t carried = 0;
};

/// Where results are wanted: n windows, both ends ascending. starts[i] > times[i]: there is no window.
struct FoldPoints {
  /// Unless it slides: when windows begin in this slice, whether a result of them is wanted or not.
  std::span<const TimeNs> begins;
  std::span<const TimeNs> starts;
  std::span<const TimeNs> times;
};

struct FoldResults {
  Column& column;
  std::span<double> percent_good;  ///< of the window so far
  std::span<double> coverage;      ///< percent of it for which there are rows at all
};

class WindowFold {
 public:
  virtual ~WindowFold() = default;
  /// Everything with a time in one slice, slices ascending. Results go to the first rows of `results`, one
  /// a point. Errors: kTooLarge (more than kPiecesMax rows in a window that has to be kept whole).
  virtual Status run(const FoldRows& rows, const FoldPoints& points, FoldResults results) = 0;
};

inline constexpr std::size_t kPiecesMax = 4'000'000;
/// A condition that was Bad for longer is not known to have been false before it became true.
inline constexpr DurationNs kStartsMemory = kHour;
/// How far back the last Good row is sought for an age.
inline constexpr DurationNs kAgeMemory = kDay;

std::unique_ptr<WindowFold> make_fold(const FoldOptions& options);

}  // namespace tundish::formula
