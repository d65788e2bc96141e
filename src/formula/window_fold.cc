#include "formula/window_fold.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <utility>

#include "aggregate/exact_sum.h"
#include "formula/kernels.h"
#include "formula/meter.h"

namespace tundish::formula {
namespace {

using aggregate::ExactSum;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// One row and the time for which it holds.
struct Piece {
  TimeNs begin = 0, end = 0;
  double first = 0, last = 0;  ///< value at begin and just before end
  std::uint32_t quality = 0;
  bool is_row = false;    ///< the row itself lies in the window
  bool doubtful = false;  ///< `extra` left something out
  double extra = 0;       ///< what a meter counted up to this row; 1 where a condition became true
  double low = kNan, high = kNan;

  bool usable() const { return severity(quality) < 2; }
  std::uint64_t length() const {
    return static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin);
  }
};

double value_at(const Piece& piece, TimeNs time) {
  if (piece.first == piece.last || piece.length() == 0) return piece.first;
  const double part = static_cast<double>(time - piece.begin) / static_cast<double>(piece.length());
  return piece.first + (piece.last - piece.first) * part;
}

/// The part of it from `start` on.
Piece clipped(Piece piece, TimeNs start) {
  if (piece.begin >= start) return piece;
  piece.first = value_at(piece, start);
  piece.begin = start;
  piece.is_row = false;
  return piece;
}

struct Outcome {
  double value = kNan;
  bool is_known = false;
  bool is_doubtful = false;
};

/// What the ends of a window add to the pieces that lie wholly inside it; either may be missing.
struct Ends {
  const Piece* front = nullptr;
  const Piece* tail = nullptr;
};

// An accumulator adds and removes pieces in the order of time, and tells what it has with two more.

/// Time-weighted: sum of value x ns, exact.
class TimeWeighted {
 public:
  static constexpr std::size_t kKeptMax = kPiecesMax;
  explicit TimeWeighted(FoldKind kind) : kind_(kind) {}
  void add(const Piece& piece) { change(sum_, length_, piece, 1); }
  void remove(const Piece& piece) { change(sum_, length_, piece, -1); }
  void clear() { *this = TimeWeighted(kind_); }
  std::size_t kept() const { return 0; }
  Outcome result(const Ends& ends) const {
    ExactSum sum = sum_;
    std::uint64_t length = length_;
    for (const Piece* piece : {ends.front, ends.tail})
      if (piece != nullptr) change(sum, length, *piece, 1);
    if (length == 0) return {};
    // The sum is of twice the value x ns.
    const std::uint64_t divisor =
        kind_ == FoldKind::kAverage ? length : static_cast<std::uint64_t>(kSecond);
    return {.value = sum.rounded_quotient(divisor, -1), .is_known = true};
  }

 private:
  static void change(ExactSum& sum, std::uint64_t& length, const Piece& piece, int sign) {
    if (!piece.usable() || piece.length() == 0) return;
    const double s = sign;
    sum.add_product(s * piece.first, piece.length());
    sum.add_product(s * piece.last, piece.length());
    length = sign > 0 ? length + piece.length() : length - piece.length();
  }

  FoldKind kind_;
  ExactSum sum_;
  std::uint64_t length_ = 0;
};

/// Only the ledger of time that every fold keeps.
class TimeOnly {
 public:
  static constexpr std::size_t kKeptMax = kPiecesMax;
  explicit TimeOnly(FoldKind) {}
  void add(const Piece&) {}
  void remove(const Piece&) {}
  void clear() {}
  std::size_t kept() const { return 0; }
  Outcome result(const Ends&) const { return {.value = 0, .is_known = true}; }
};

/// Smallest and greatest. With `kSlides` those that may yet be it are kept in a queue.
template <bool kSlides>
class Extremes {
 public:
  static constexpr std::size_t kKeptMax = kPiecesMax;
  explicit Extremes(FoldKind kind) : kind_(kind) {}
  void add(const Piece& piece) {
    if (!piece.usable()) return;
    const double low = std::min(piece.first, piece.last), high = std::max(piece.first, piece.last);
    if constexpr (kSlides) {
      while (!lows_.empty() && lows_.back().second >= low) lows_.pop_back();
      lows_.emplace_back(piece.begin, low);
      while (!highs_.empty() && highs_.back().second <= high) highs_.pop_back();
      highs_.emplace_back(piece.begin, high);
    } else {
      low_ = known_ ? std::min(low_, low) : low;
      high_ = known_ ? std::max(high_, high) : high;
      known_ = true;
    }
  }
  void remove(const Piece& piece) {
    if (!lows_.empty() && lows_.front().first == piece.begin) lows_.pop_front();
    if (!highs_.empty() && highs_.front().first == piece.begin) highs_.pop_front();
  }
  void clear() { *this = Extremes(kind_); }
  std::size_t kept() const { return lows_.size() + highs_.size(); }
  Outcome result(const Ends& ends) const {
    double low = kNan, high = kNan;
    bool known = false;
    const auto take = [&](double a, double b) {
      low = known ? std::min(low, a) : a;
      high = known ? std::max(high, b) : b;
      known = true;
    };
    if constexpr (kSlides) {
      if (!lows_.empty()) take(lows_.front().second, highs_.front().second);
    } else if (known_) {
      take(low_, high_);
    }
    for (const Piece* piece : {ends.front, ends.tail})
      if (piece != nullptr && piece->usable())
        take(std::min(piece->first, piece->last), std::max(piece->first, piece->last));
    const double value = kind_ == FoldKind::kMinimum   ? low
                         : kind_ == FoldKind::kMaximum ? high
                                                       : high - low;
    return {.value = value, .is_known = known};
  }

 private:
  FoldKind kind_;
  std::deque<std::pair<TimeNs, double>> lows_, highs_;
  double low_ = 0, high_ = 0;
  bool known_ = false;
};

/// First or last value that is not Bad.
class Edge {
 public:
  static constexpr std::size_t kKeptMax = kPiecesMax;
  explicit Edge(FoldKind kind) : kind_(kind) {}
  void add(const Piece& piece) {
    if (!piece.usable()) return;
    pieces_.emplace_back(piece.begin, kind_ == FoldKind::kFirst ? piece.first : piece.last);
    // Of the last one only the last matters, whatever leaves in front.
    if (kind_ == FoldKind::kLast && pieces_.size() > 1) pieces_.pop_front();
  }
  void remove(const Piece& piece) {
    if (!pieces_.empty() && pieces_.front().first == piece.begin) pieces_.pop_front();
  }
  void clear() { pieces_.clear(); }
  std::size_t kept() const { return pieces_.size(); }
  Outcome result(const Ends& ends) const {
    const auto of = [](const Piece* piece) { return piece != nullptr && piece->usable(); };
    if (kind_ == FoldKind::kFirst) {
      if (of(ends.front)) return {.value = ends.front->first, .is_known = true};
      if (!pieces_.empty()) return {.value = pieces_.front().second, .is_known = true};
      if (of(ends.tail)) return {.value = ends.tail->first, .is_known = true};
      return {};
    }
    if (of(ends.tail)) return {.value = ends.tail->last, .is_known = true};
    if (!pieces_.empty()) return {.value = pieces_.back().second, .is_known = true};
    if (of(ends.front)) return {.value = ends.front->last, .is_known = true};
    return {};
  }

 private:
  FoldKind kind_;
  std::deque<std::pair<TimeNs, double>> pieces_;
};

/// Count, mean, spread and capability of rows.
class Rows {
 public:
  static constexpr std::size_t kKeptMax = kPiecesMax;
  explicit Rows(FoldKind kind) : kind_(kind) {}
  void add(const Piece& piece) { state_.change(piece, 1); }
  void remove(const Piece& piece) { state_.change(piece, -1); }
  void clear() { *this = Rows(kind_); }
  std::size_t kept() const { return 0; }
  Outcome result(const Ends& ends) const {
    State all = state_;
    double low = kNan, high = kNan;
    for (const Piece* piece : {ends.front, ends.tail}) {
      if (piece == nullptr) continue;
      all.change(*piece, 1);
      if (!std::isnan(piece->low)) low = piece->low;
      if (!std::isnan(piece->high)) high = piece->high;
    }
    if (kind_ == FoldKind::kCount)
      return {.value = static_cast<double>(all.count), .is_known = true};
    if (all.count == 0) return {};
    const double mean = all.sum.rounded_quotient(all.count);
    if (kind_ == FoldKind::kMean) return {.value = mean, .is_known = true};
    if (all.count < 2) return {};
    const double deviation = all.deviation();
    if (kind_ == FoldKind::kStddev) return {.value = deviation, .is_known = true};
    double distance = std::numeric_limits<double>::infinity();
    if (!std::isnan(low)) distance = std::min(distance, mean - low);
    if (!std::isnan(high)) distance = std::min(distance, high - mean);
    // Without any spread a capability says nothing.
    if (deviation == 0 || std::isinf(distance)) return {};
    return {.value = distance / (3 * deviation), .is_known = true};
  }

 private:
  struct State {
    std::uint64_t count = 0;
    ExactSum sum, squares;

    void change(const Piece& piece, int sign) {
      if (!piece.is_row || !piece.usable()) return;
      const double value = sign * piece.first;
      count = sign > 0 ? count + 1 : count - 1;
      sum.add(value);
      // x^2 without rounding: the product and what it leaves out.
      const double square = piece.first * piece.first;
      const double rest = std::fma(piece.first, piece.first, -square);
      squares.add(sign * square);
      squares.add(sign * rest);
    }
    /// sqrt((sum of squares - sum^2 / n) / (n - 1)), the difference taken in one exact sum.
    double deviation() const {
      const double n = static_cast<double>(count);
      const double mean = sum.rounded_quotient(count);
      // sum (x - m)^2 = sum x^2 - 2 m sum x + n m^2; with m rounded the last two leave a rest that
      // is no more than rounding.
      ExactSum total = squares;
      const double twice = sum.rounded();
      total.add(-(mean * twice));
      total.add(-std::fma(mean, twice, -(mean * twice)));
      return std::sqrt(std::max(0.0, total.rounded()) / (n - 1));
    }
  };

  FoldKind kind_;
  State state_;
};

/// Rows in the order of their values.
class Middle {
 public:
  static constexpr std::size_t kKeptMax = 100'000;
  explicit Middle(FoldKind) {}
  void add(const Piece& piece) {
    if (!counts(piece)) return;
    values_.insert(std::ranges::upper_bound(values_, piece.first), piece.first);
  }
  void remove(const Piece& piece) {
    if (!counts(piece)) return;
    const auto at = std::ranges::lower_bound(values_, piece.first);
    if (at != values_.end()) values_.erase(at);
  }
  void clear() { values_.clear(); }
  std::size_t kept() const { return values_.size(); }
  Outcome result(const Ends& ends) const {
    std::vector<double> more;
    for (const Piece* piece : {ends.front, ends.tail})
      if (piece != nullptr && counts(*piece)) more.push_back(piece->first);
    std::ranges::sort(more);
    const std::size_t n = values_.size() + more.size();
    if (n == 0) return {};
    const double upper = nth(more, n / 2);
    if (n % 2 == 1) return {.value = upper, .is_known = true};
    const double lower = nth(more, n / 2 - 1);
    return {.value = lower + (upper - lower) / 2, .is_known = true};
  }

 private:
  static bool counts(const Piece& piece) { return piece.is_row && piece.usable(); }
  /// Of values_ and the one or two of `more` together.
  double nth(const std::vector<double>& more, std::size_t index) const {
    std::size_t before = 0;
    for (std::size_t j = 0; j < more.size(); ++j) {
      const auto at =
          static_cast<std::size_t>(std::ranges::upper_bound(values_, more[j]) - values_.begin());
      if (index < at + j) break;
      if (index == at + j) return more[j];
      before = j + 1;
    }
    return values_[index - before];
  }

  std::vector<double> values_;
};

/// Least squares; times count from a round moment near the window, so that little is lost in differences.
class Line {
 public:
  static constexpr std::size_t kKeptMax = 100'000;
  explicit Line(FoldKind) {}
  void add(const Piece& piece) {
    if (!counts(piece)) return;
    rows_.emplace_back(piece.begin, piece.first);
  }
  void remove(const Piece& piece) {
    if (!rows_.empty() && rows_.front().first == piece.begin) rows_.pop_front();
  }
  void clear() { rows_.clear(); }
  std::size_t kept() const { return rows_.size(); }
  Outcome result(const Ends& ends) const {
    Fit fit;
    if (ends.front != nullptr && counts(*ends.front))
      fit.start(ends.front->begin);
    else if (!rows_.empty())
      fit.start(rows_.front().first);
    else if (ends.tail != nullptr)
      fit.start(ends.tail->begin);
    if (ends.front != nullptr && counts(*ends.front)) fit.add(ends.front->begin, ends.front->first);
    for (const auto& [time, value] : rows_) fit.add(time, value);
    if (ends.tail != nullptr && counts(*ends.tail)) fit.add(ends.tail->begin, ends.tail->first);
    return fit.result();
  }

 private:
  static bool counts(const Piece& piece) { return piece.is_row && piece.usable(); }
  struct Fit {
    TimeNs origin = 0;
    double n = 0, t = 0, x = 0, tt = 0, tx = 0;
    double offset = 0;
    void start(TimeNs time) { origin = time; }
    void add(TimeNs time, double value) {
      if (n == 0) offset = value;
      const double seconds = static_cast<double>(time - origin) * 1e-9, y = value - offset;
      n += 1;
      t += seconds;
      x += y;
      tt += seconds * seconds;
      tx += seconds * y;
    }
    Outcome result() const {
      const double below = n * tt - t * t;
      if (n < 2 || !(below > 0)) return {};
      return {.value = (n * tx - t * x) / below, .is_known = true};
    }
  };
  std::deque<std::pair<TimeNs, double>> rows_;
};

/// Sum of what the rows bring: what a meter counted, how often a condition became true.
class Extras {
 public:
  static constexpr std::size_t kKeptMax = kPiecesMax;
  explicit Extras(FoldKind) {}
  void add(const Piece& piece) { change(sum_, doubts_, piece, 1); }
  void remove(const Piece& piece) { change(sum_, doubts_, piece, -1); }
  void clear() { *this = Extras(FoldKind::kDelta); }
  std::size_t kept() const { return 0; }
  Outcome result(const Ends& ends) const {
    ExactSum sum = sum_;
    std::int64_t doubts = doubts_;
    for (const Piece* piece : {ends.front, ends.tail})
      if (piece != nullptr) change(sum, doubts, *piece, 1);
    return {.value = sum.rounded(), .is_known = true, .is_doubtful = doubts > 0};
  }

 private:
  static void change(ExactSum& sum, std::int64_t& doubts, const Piece& piece, int sign) {
    if (!piece.is_row) return;
    if (piece.extra != 0) sum.add(sign * piece.extra);
    if (piece.doubtful) doubts += sign;
  }
  ExactSum sum_;
  std::int64_t doubts_ = 0;
};

/// How long, of the window so far, it was good, not bad, and known at all.
struct Ledger {
  std::uint64_t good = 0, usable = 0, covered = 0;
  void change(const Piece& piece, bool added) {
    const auto count = [&](std::uint64_t& total) {
      total = added ? total + piece.length() : total - piece.length();
    };
    if (piece.quality != kBadNoData.code) count(covered);
    if (piece.usable()) count(usable);
    if (severity(piece.quality) == 0) count(good);
  }
};

/// The order of things at equal times: a window begins, rows come, results are taken.
template <class Accumulator, bool kSlides>
class Fold final : public WindowFold {
 public:
  explicit Fold(const FoldOptions& options)
      : options_(options),
        accumulator_(options.kind),
        meter_(options.has_rollover, options.has_reset, options.has_limit) {}

  Status run(const FoldRows& rows, const FoldPoints& points, FoldResults results) override {
    Column& out = results.column;
    out.resize(points.times.size());
    out.want_qualities();
    std::size_t row = 0, begun = 0;
    for (std::size_t i = 0; i < points.times.size(); ++i) {
      TUNDISH_RETURN_IF_ERROR(advance(rows, row, points.begins, begun, points.times[i]));
      if (points.starts[i] > points.times[i]) {
        out.values[i] = kNan;
        out.qualities[i] = kBadNoData.code;
        results.percent_good[i] = results.coverage[i] = 0;
        continue;
      }
      if constexpr (kSlides) evict(points.starts[i]);
      take(points.starts[i], points.times[i], i, results);
    }
    return advance(rows, row, points.begins, begun, kTimeMax);
  }

 private:
  /// Everything up to and at `time`.
  Status advance(const FoldRows& rows, std::size_t& row, std::span<const TimeNs> begins,
                 std::size_t& begun, TimeNs time) {
    while (true) {
      const bool has_row = row < rows.times.size() && rows.times[row] <= time;
      const bool has_begin = !kSlides && begun < begins.size() && begins[begun] <= time;
      if (has_begin && (!has_row || begins[begun] <= rows.times[row]))
        begin(begins[begun++]);
      else if (has_row)
        TUNDISH_RETURN_IF_ERROR(feed(rows, row++));
      else
        return {};
    }
  }

  Status feed(const FoldRows& rows, std::size_t row) {
    Piece next{.begin = rows.times[row],
               .end = rows.times[row],
               .first = rows.view.values[row],
               .last = rows.view.values[row],
               .quality = rows.view.quality(row),
               .is_row = row >= rows.carried};
    if (rows.low != nullptr) next.low = rows.low[row];
    if (rows.high != nullptr) next.high = rows.high[row];
    if (options_.kind == FoldKind::kDelta && next.usable()) {
      const auto counted = meter_.count(next.first, next.begin,
                                        {rows.rollover == nullptr ? 0 : rows.rollover[row],
                                         rows.reset == nullptr ? 0 : rows.reset[row],
                                         rows.limit == nullptr ? 0 : rows.limit[row]});
      next.extra = counted.amount;
      next.doubtful = counted.is_doubtful;
    }
    if (severity(next.quality) == 0) last_good_ = next.begin;
    if (open_ && open_->usable()) known_until_ = next.begin;
    if (options_.kind == FoldKind::kStarts) mark_start(next);
    if (open_) {
      open_->end = next.begin;
      if (options_.sloped && open_->usable() && next.usable()) open_->last = next.first;
      TUNDISH_RETURN_IF_ERROR(close(*open_));
    }
    open_ = next;
    return {};
  }

  /// Whether the condition became true at this row.
  void mark_start(Piece& next) {
    if (!next.usable()) return;
    const bool is_true = next.first != 0;
    const bool is_known = known_until_ && next.begin - *known_until_ <= kStartsMemory;
    if (is_true && is_known && !was_true_) next.extra = 1;
    was_true_ = is_true;
    known_until_ = next.begin;
  }

  /// A piece is complete.
  Status close(const Piece& piece) {
    if constexpr (kSlides) {
      if (!pieces_.empty()) enter(piece);
      pieces_.push_back(piece);
      if (pieces_.size() <= kPiecesMax && accumulator_.kept() <= Accumulator::kKeptMax) return {};
    } else {
      if (piece.end > start_ || piece.begin >= start_) enter(clipped(piece, start_));
      if (accumulator_.kept() <= Accumulator::kKeptMax) return {};
    }
    return fail(
        ErrorCode::kTooLarge,
        "a window has more samples than can be kept at once: make it shorter, or fold what is "
        "folded over shorter windows");
  }

  void enter(const Piece& piece) {
    accumulator_.add(piece);
    ledger_.change(piece, true);
  }

  /// Not sliding: forget what was before.
  void begin(TimeNs start) {
    start_ = start;
    accumulator_.clear();
    ledger_ = {};
  }

  /// Sliding: the piece in front may reach out of the window, and is kept out of the sums.
  void evict(TimeNs start) {
    while (!pieces_.empty() && pieces_.front().end <= start) {
      pieces_.pop_front();
      if (pieces_.empty()) break;
      accumulator_.remove(pieces_.front());
      ledger_.change(pieces_.front(), false);
    }
  }

  void take(TimeNs start, TimeNs time, std::size_t i, FoldResults& results) {
    Ends ends;
    Piece front, tail;
    Ledger ledger = ledger_;
    if constexpr (kSlides) {
      if (!pieces_.empty()) {
        front = clipped(pieces_.front(), start);
        ends.front = &front;
        ledger.change(front, true);
      }
    }
    if (open_ && open_->begin <= time) {
      tail = *open_;
      tail.end = time + 1;
      tail = clipped(tail, start);
      ends.tail = &tail;
      ledger.change(tail, true);
    }
    const double length = static_cast<double>(time + 1 - start);
    results.percent_good[i] = 100.0 * static_cast<double>(ledger.good) / length;
    results.coverage[i] = 100.0 * static_cast<double>(ledger.covered) / length;
    Outcome outcome = accumulator_.result(ends);
    if (options_.kind == FoldKind::kPercentGood) {
      outcome = {.value = results.percent_good[i], .is_known = true};
    } else if (options_.kind == FoldKind::kAge) {
      const bool is_known = last_good_ && time - *last_good_ <= kAgeMemory;
      results.column.values[i] = is_known ? static_cast<double>(time - *last_good_) * 1e-9 : kNan;
      results.column.qualities[i] = is_known ? kGood.code : kBadNoData.code;
      return;
    } else if (ledger.usable == 0) {
      outcome.is_known = false;  // a sum of nothing is no zero
    }
    results.column.values[i] = outcome.is_known ? outcome.value : kNan;
    results.column.qualities[i] = quality(outcome, ledger, time + 1 - start);
  }

  std::uint32_t quality(const Outcome& outcome, const Ledger& ledger, DurationNs length) const {
    if (options_.kind == FoldKind::kPercentGood) return kGood.code;
    if (!outcome.is_known) return kBadNoData.code;
    if (!std::isfinite(outcome.value)) return kBadOutOfRange.code;
    const bool whole = ledger.good == static_cast<std::uint64_t>(length);
    return whole && !outcome.is_doubtful ? kGood.code : kUncertainDataSubNormal.code;
  }

  const FoldOptions options_;
  Accumulator accumulator_;
  Meter meter_;
  Ledger ledger_;
  std::optional<Piece> open_;  ///< the last row, which holds on
  std::deque<Piece> pieces_;   ///< sliding: from the one in front
  TimeNs start_ = kTimeMin;    ///< not sliding: of the present window
  bool was_true_ = false;
  std::optional<TimeNs> known_until_;  ///< kStarts: when the condition was last not Bad
  std::optional<TimeNs> last_good_;    ///< kAge
};

template <class Accumulator>
std::unique_ptr<WindowFold> make(const FoldOptions& options, bool slides) {
  if (slides) return std::make_unique<Fold<Accumulator, true>>(options);
  return std::make_unique<Fold<Accumulator, false>>(options);
}

}  // namespace

std::unique_ptr<WindowFold> make_fold(const FoldOptions& options) {
  const bool slides = options.slides;
  switch (options.kind) {
    case FoldKind::kAverage:
    case FoldKind::kIntegral:
    case FoldKind::kTimeTrue: return make<TimeWeighted>(options, slides);
    case FoldKind::kPercentGood: return make<TimeOnly>(options, slides);
    case FoldKind::kMinimum:
    case FoldKind::kMaximum:
    case FoldKind::kRange:
      if (slides) return std::make_unique<Fold<Extremes<true>, true>>(options);
      return std::make_unique<Fold<Extremes<false>, false>>(options);
    case FoldKind::kFirst:
    case FoldKind::kLast: return make<Edge>(options, slides);
    case FoldKind::kCount:
    case FoldKind::kMean:
    case FoldKind::kStddev:
    case FoldKind::kCpk: return make<Rows>(options, slides);
    case FoldKind::kMedian: return make<Middle>(options, slides);
    case FoldKind::kSlope: return make<Line>(options, slides);
    case FoldKind::kStarts:
    case FoldKind::kDelta: return make<Extras>(options, slides);
    case FoldKind::kAge: return make<TimeOnly>(options, true);
  }
  return nullptr;
}

}  // namespace tundish::formula
