#include "formula/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "formula/kernels.h"
#include "formula/meter.h"
#include "formula/series_reader.h"

// 1. The start: from the first result back by the windows that the formula looks at, and what held there.
// 2. A slice of time: samples of every series, as many as fit; the series with most samples sets its end.
// 3. Rows: of each fold the times at which anything inside it changes; of the formula the grid's.
// 4. From the innermost fold out, each step on all rows at once.
// 5. Results of the slice are handed on; folds keep what later slices need.

namespace tundish::formula {

Sample Results::at(std::size_t row) const {
  const Quality quality{qualities[row]};
  if (type == ValueType::kBool)
    return {times[row], Value(!quality.is_bad() && values[row] != 0), quality};
  if (type == ValueType::kString) {
    const bool known = !quality.is_bad() && texts != nullptr;
    return {times[row],
            Value(known ? (*texts)[static_cast<std::size_t>(values[row])] : std::string()),
            quality};
  }
  return {times[row], Value(values[row]), quality};
}

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The stretches of one name, walked along.
struct Named {
  std::vector<TimeRange> ranges;
  /// The one that `time` lies in, or null; times may come in any order.
  const TimeRange* at(TimeNs time) const {
    const auto after = std::ranges::upper_bound(ranges, time, {}, &TimeRange::from);
    if (after == ranges.begin()) return nullptr;
    const TimeRange& found = *std::prev(after);
    return time < found.to ? &found : nullptr;
  }
};

/// What one fold needs beside its program.
struct Folding {
  std::unique_ptr<WindowFold> fold;
  std::vector<TimeNs> starts, begins;
  std::vector<double> percent_good, coverage;
};

/// Rows of one context in this slice.
struct Frame {
  std::vector<TimeNs> own;
  std::span<const TimeNs> times;
  std::size_t carried = 0;
};

class Evaluation {
 public:
  Evaluation(const Program& program, Sources& sources, const Grid& grid, const Budget& budget,
             const Emit& emit, Trace* trace)
      : program_(program),
        sources_(sources),
        grid_(clipped(grid)),
        budget_(budget),
        emit_(emit),
        trace_(trace),
        frames_(program.contexts.size()),
        columns_(program.steps.size()),
        foldings_(program.steps.size()),
        named_(program.windows.size()) {}

  Result<Account> run() {
    if (grid_.range.from >= grid_.range.to || (!by_windows() && grid_.every < 0)) return account_;
    TUNDISH_RETURN_IF_ERROR(load_windows());
    TUNDISH_TRY(const TimeNs start, start_of(0, first_result()));
    TUNDISH_RETURN_IF_ERROR(open(start));
    TimeNs from = start;
    while (from < grid_.range.to) {
      TUNDISH_TRY(const TimeNs to, read_slice(from));
      TUNDISH_RETURN_IF_ERROR(slice({from, to}));
      from = to;
      is_first_ = false;
    }
    return account_;
  }

 private:
  /// To 146 years around 1970: so far apart that no difference of two times overflows.
  static Grid clipped(Grid grid) {
    grid.range.from = std::max(grid.range.from, kTimeMin / 2);
    grid.range.to = std::min(grid.range.to, kTimeMax / 2);
    return grid;
  }
  bool by_windows() const { return !grid_.windows.empty(); }
  TimeNs first_result() const {
    return by_windows() ? std::min(grid_.windows.front().to - 1, grid_.range.from)
                        : grid_.range.from;
  }

  // --- 1: the start ---

  Status load_windows() {
    for (std::size_t i = 0; i < named_.size(); ++i) {
      if (program_.windows[i] == "window" && by_windows()) {
        named_[i].ranges = grid_.windows;
        continue;
      }
      // Windows inside windows begin earlier; looked up as far back as two of the longest plus.
      TUNDISH_TRY(const TimeNs from, earliest());
      TUNDISH_TRY(named_[i].ranges, sources_.windows(program_.windows[i], {from, grid_.range.to}));
    }
    return {};
  }

  /// A time before which no window that matters begins.
  Result<TimeNs> earliest() {
    TimeNs from =
        by_windows() ? std::min(grid_.windows.front().from, grid_.range.from) : grid_.range.from;
    // Each level of nesting goes back by its length, or to the start of the stretch it is in.
    for (std::size_t context = 1; context < program_.contexts.size(); ++context) {
      const Operation& step = program_.steps[program_.contexts[context].fold];
      const DurationNs back = step.fold.slides ? step.length : 0;
      from = saturated(from, back + kStartsMemory);
      if (step.fold.slides || (program_.windows[step.window] == "window" && by_windows())) continue;
      TUNDISH_TRY(const auto touched,
                  sources_.windows(program_.windows[step.window], {from, from + 1}));
      if (!touched.empty()) from = std::min(from, touched.front().from);
    }
    return from;
  }

  static TimeNs saturated(TimeNs time, DurationNs back) {
    return time < kTimeMin / 2 + back ? kTimeMin / 2 : time - back;
  }

  /// From where the samples inside `context` are needed so that its rows from `from` on come out right.
  Result<TimeNs> start_of(std::uint32_t context, TimeNs from) const {
    TimeNs start = from;
    for (std::uint32_t inner = 1; inner < program_.contexts.size(); ++inner) {
      if (program_.contexts[inner].outer != context) continue;
      const Operation& step = program_.steps[program_.contexts[inner].fold];
      TimeNs back = from;
      if (step.fold.slides) {
        back = saturated(from, step.length - 1);
      } else if (const TimeRange* range = named_[step.window].at(from)) {
        back = range->from;
      }
      if (step.fold.kind == FoldKind::kStarts) back = saturated(back, kStartsMemory);
      if (const DurationNs every = program_.contexts[inner].every; every > 0)
        back = multiple_at_or_after(back, every) - (back % every == 0 ? 0 : every);
      TUNDISH_TRY(const TimeNs inner_start, start_of(inner, back));
      start = std::min(start, inner_start);
    }
    return start;
  }

  Status open(TimeNs start) {
    const bool counts = std::ranges::any_of(program_.steps, [](const Operation& step) {
      return step.kind == OperationKind::kFold && step.fold.kind == FoldKind::kDelta;
    });
    for (const InputName& name : program_.inputs) {
      auto& readers = readers_.emplace_back();
      for (std::size_t i = 0; i < sources_.series(name); ++i) {
        readers.emplace_back(sources_, name, i, texts_);
        TUNDISH_RETURN_IF_ERROR(readers.back().open(start, counts ? Meter::kMemory : 1));
      }
    }
    for (std::size_t i = 0; i < program_.steps.size(); ++i) {
      const Operation& step = program_.steps[i];
      columns_[i].resize(width(step));
      if (step.kind != OperationKind::kFold) continue;
      FoldOptions options = step.fold;
      if (const auto direct = program_.contexts[step.inner].direct)
        options.sloped = readers_[*direct].front().is_sloped();
      foldings_[i].fold = make_fold(options);
    }
    return {};
  }

  /// How many series a step has: 1, or those of its set.
  std::size_t width(const Operation& step) const {
    if (!step.many) return 1;
    if (step.kind == OperationKind::kInput) return readers_[step.input].size();
    std::size_t most = 1;
    for (const auto operand : step.operands)
      if (program_.steps[operand].many) most = std::max(most, columns_[operand].size());
    if (std::ranges::any_of(step.operands, [&](auto operand) {
          return program_.steps[operand].many && columns_[operand].empty();
        }))
      return 0;
    return most;
  }

  // --- 2: a slice ---

  /// Reads what all series have from `from` on, up to the returned time.
  Result<TimeNs> read_slice(TimeNs from) {
    TimeNs to = grid_.range.to;
    if (length_ < to - from) to = from + length_;
    std::size_t most = 0;
    for (auto& readers : readers_)
      for (auto& reader : readers) {
        TUNDISH_TRY(const TimeNs reached, reader.read({from, to}));
        to = std::min(to, reached);
      }
    for (auto& readers : readers_)
      for (auto& reader : readers) {
        reader.cut(to);
        account_.samples += reader.size();
        account_.steps += reader.size();
        most = std::max(most, reader.size());
      }
    if (const DurationNs every = finest_grid(); every > 0) {
      // A grid has rows where no sample is: as many as samples fit.
      if (every < (to - from) / static_cast<TimeNs>(kSliceRows)) {
        to = from + static_cast<TimeNs>(kSliceRows) * every;
        for (auto& readers : readers_)
          for (auto& reader : readers) reader.cut(to);
      }
    }
    // The next one aims at a full slice.
    const double fill =
        static_cast<double>(std::max<std::size_t>(most, 1)) / static_cast<double>(kSliceRows);
    const double wanted = static_cast<double>(to - from) / std::clamp(fill, 0.25, 4.0);
    length_ = static_cast<DurationNs>(std::clamp(wanted, 1e6, 4e17));
    return to;
  }
  bool by_grid() const { return grid_.every > 0 && !by_windows(); }
  DurationNs finest_grid() const {
    DurationNs finest = by_grid() ? grid_.every : 0;
    for (const Context& context : program_.contexts)
      if (context.every > 0) finest = finest == 0 ? context.every : std::min(finest, context.every);
    return finest;
  }

  Status slice(TimeRange range) {
    if (budget_.keep_going && !budget_.keep_going())
      return fail(ErrorCode::kCancelled, "the formula was stopped before its end");
    for (std::uint32_t i = 0; i < frames_.size(); ++i) make_frame(i, range);
    for (std::size_t i = frames_.size(); i-- > 0;)
      TUNDISH_RETURN_IF_ERROR(run_context(static_cast<std::uint32_t>(i), range));
    return hand_on();
  }

  // --- 3: rows ---

  void make_frame(std::uint32_t index, TimeRange range) {
    const Context& context = program_.contexts[index];
    Frame& frame = frames_[index];
    frame.own.clear();
    frame.carried = 0;
    if (index == 0) return make_outer_frame(frame, range);
    if (is_direct(context)) {
      const SeriesReader& reader = readers_[*context.direct].front();
      // What was before comes with its own time: a sloped value runs from there.
      frame.times = reader.times(is_first_);
      frame.carried = is_first_ ? reader.carried() : 0;
      return;
    }
    if (context.every > 0) return put_multiples(context.every, range, frame);
    merge_times(context.inputs, range, frame);
    if (is_first_ && (frame.own.empty() || frame.own.front() > range.from)) {
      frame.own.insert(frame.own.begin(), range.from);
      frame.carried = 1;
    }
    frame.times = frame.own;
  }

  /// All that is in it is one series, whose rows can be folded as they are.
  bool is_direct(const Context& context) const {
    return context.direct && !readers_[*context.direct].front().is_constant();
  }

  void make_outer_frame(Frame& frame, TimeRange range) {
    if (by_windows()) {
      for (const TimeRange& window : grid_.windows)
        if (window.to - 1 >= range.from && window.to - 1 < range.to && window.from < window.to)
          frame.own.push_back(window.to - 1);
      frame.times = frame.own;
      return;
    }
    const TimeNs from = std::max(range.from, grid_.range.from);
    if (by_grid()) {
      put_multiples(grid_.every, {from, range.to}, frame);
      frame.times = frame.own;
      return;
    }
    std::vector<std::uint32_t> all(program_.inputs.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    merge_times(all, {from, range.to}, frame);
    frame.times = frame.own;
  }

  static TimeNs multiple_at_or_after(TimeNs time, DurationNs every) {
    const TimeNs multiple = time / every * every;
    return multiple < time ? multiple + every : multiple;
  }
  static void put_multiples(DurationNs every, TimeRange range, Frame& frame) {
    for (TimeNs time = multiple_at_or_after(range.from, every); time < range.to; time += every) {
      frame.own.push_back(time);
      if (time > range.to - every) break;
    }
    frame.times = frame.own;
  }

  /// The times of all samples of `inputs` in `range`, each once.
  void merge_times(std::span<const std::uint32_t> inputs, TimeRange range, Frame& frame) {
    for (const auto input : inputs)
      for (const SeriesReader& reader : readers_[input]) {
        const auto all = reader.times(false);
        const auto begin = std::ranges::lower_bound(all, range.from);
        const std::span<const TimeNs> times(begin, all.end());
        if (times.empty() || std::ranges::equal(times, frame.own)) continue;
        if (frame.own.empty()) {
          frame.own.assign(times.begin(), times.end());
          continue;
        }
        merged_.clear();
        std::ranges::set_union(frame.own, times, std::back_inserter(merged_));
        frame.own.swap(merged_);
      }
  }

  // --- 4: steps ---

  Status run_context(std::uint32_t context, TimeRange range) {
    const std::size_t rows = frames_[context].times.size();
    for (std::uint32_t i = 0; i < program_.steps.size(); ++i) {
      const Operation& step = program_.steps[i];
      if (step.context != context || step.kind == OperationKind::kNone) continue;
      if (step.kind == OperationKind::kInput && is_direct(program_.contexts[context])) continue;
      account_.steps += rows * std::max<std::size_t>(columns_[i].size(), 1);
      if (account_.steps > budget_.steps_max)
        return fail(ErrorCode::kTooLarge,
                    fmt::format("the formula was cut at its budget of {} steps: ask for a shorter "
                                "range, or a greater distance between results",
                                budget_.steps_max));
      if (step.kind == OperationKind::kFold) {
        TUNDISH_RETURN_IF_ERROR(run_fold(i, range));
        continue;
      }
      for (std::size_t k = 0; k < columns_[i].size(); ++k) run_step(i, k, rows);
    }
    return {};
  }

  /// An operand in the unit that is wanted; of one that is not many, the only one.
  View operand(std::uint32_t index, std::size_t which, std::size_t k, std::size_t rows) {
    const Operation& step = program_.steps[index];
    const std::uint32_t at = step.operands[which];
    const auto& columns = columns_[at];
    const View view = columns[columns.size() == 1 ? 0 : k].view();
    if (which >= step.conversions.size() || !step.conversions[which]) return view;
    if (converted_.size() <= which) converted_.resize(which + 1);
    apply_convert(*step.conversions[which], view, rows, converted_[which]);
    return converted_[which].view();
  }

  void run_step(std::uint32_t index, std::size_t k, std::size_t rows) {
    const Operation& step = program_.steps[index];
    Column& out = columns_[index][k];
    const auto of = [&](std::size_t which) { return operand(index, which, k, rows); };
    switch (step.kind) {
      case OperationKind::kNumber: return fill(out, rows, number_of(step));
      case OperationKind::kSetSize:
        return fill(out, rows, static_cast<double>(sources_.set_size(step.text)));
      case OperationKind::kInput:
        return readers_[step.input][k].sample(frames_[step.context].times, out);
      case OperationKind::kUnary:
        return step.op == Operator::kNot ? apply_not(of(0), rows, out)
                                         : apply_negate(of(0), rows, out);
      case OperationKind::kBinary:
        if (step.op == Operator::kAnd) return apply_and(of(0), of(1), rows, out);
        if (step.op == Operator::kOr) return apply_or(of(0), of(1), rows, out);
        return apply_binary(step.op, of(0), of(1), rows, out);
      case OperationKind::kConvert: return apply_convert(*step.conversion, of(0), rows, out);
      case OperationKind::kScalar: return apply_scalar(step.scalar, of(0), rows, out);
      case OperationKind::kIf: return apply_if(of(0), of(1), of(2), rows, out);
      case OperationKind::kClamp: return apply_clamp(of(0), of(1), of(2), rows, out);
      case OperationKind::kGood: return apply_good(of(0), rows, out);
      default: return run_several(index, k, rows, out);
    }
  }

  /// Steps of any number of operands: arguments, or the series of a set.
  void run_several(std::uint32_t index, std::size_t k, std::size_t rows, Column& out) {
    const Operation& step = program_.steps[index];
    std::vector<View> views;
    const bool over_set = step.operands.size() == 1 && program_.steps[step.operands[0]].many;
    if (over_set)
      for (const Column& column : columns_[step.operands[0]]) views.push_back(column.view());
    else
      for (std::size_t i = 0; i < step.operands.size(); ++i)
        views.push_back(operand(index, i, k, rows));
    if (step.kind == OperationKind::kFirstGood) return apply_first_good(views, rows, out);
    if (step.kind == OperationKind::kExtreme)
      return apply_extreme(views, step.greatest, over_set, rows, out);
    Folding& folding = foldings_[index];
    folding.percent_good.resize(rows);
    apply_join(step.join, views, rows, out, folding.percent_good);
  }

  double number_of(const Operation& step) {
    return step.text.empty() ? step.number : text_id(step.text);
  }
  double text_id(const std::string& text) { return texts_.id(text); }

  static void fill(Column& out, std::size_t rows, double value) {
    out.values.assign(rows, value);
    out.all_good = true;
  }

  Status run_fold(std::uint32_t index, TimeRange range) {
    const Operation& step = program_.steps[index];
    const Frame& inner = frames_[step.inner];
    const Frame& outer = frames_[step.context];
    Folding& folding = foldings_[index];
    const std::size_t points = outer.times.size();
    folding.starts.resize(points);
    folding.begins.clear();
    folding.percent_good.resize(points);
    folding.coverage.resize(points);
    for (std::size_t i = 0; i < points; ++i) folding.starts[i] = window_start(step, outer.times[i]);
    if (!step.fold.slides)
      for (const TimeRange& window : named_[step.window].ranges)
        if (window.from >= range.from && window.from < range.to)
          folding.begins.push_back(window.from);

    FoldRows rows{
        .times = inner.times, .view = folded(index, inner.times.size()), .carried = inner.carried};
    for (const auto& [name, at] : step.parameters) {
      const std::size_t which =
          static_cast<std::size_t>(std::ranges::find(step.operands, at) - step.operands.begin());
      const View view = operand(index, which, 0, inner.times.size());
      (name == "rollover" ? rows.rollover
       : name == "reset"  ? rows.reset
       : name == "limit"  ? rows.limit
       : name == "low"    ? rows.low
                          : rows.high) = view.values;
    }
    Column& out = columns_[index].front();
    return folding.fold->run(rows, {folding.begins, folding.starts, outer.times},
                             {out, folding.percent_good, folding.coverage});
  }

  View folded(std::uint32_t index, std::size_t rows) {
    const Operation& step = program_.steps[index];
    const Context& inner = program_.contexts[step.inner];
    if (is_direct(inner)) return readers_[*inner.direct].front().view(is_first_);
    return operand(index, 0, 0, rows);
  }

  TimeNs window_start(const Operation& step, TimeNs time) const {
    if (step.fold.slides) return saturated(time, step.length - 1);
    const TimeRange* range = named_[step.window].at(time);
    return range == nullptr ? kTimeMax : range->from;
  }

  // --- 5: results ---

  Status hand_on() {
    const Frame& frame = frames_[0];
    const auto root = static_cast<std::uint32_t>(program_.steps.size() - 1);
    const View view = columns_[root].front().view();
    const Kind kind = program_.result().kind;
    results_.type = kind == Kind::kBool   ? ValueType::kBool
                    : kind == Kind::kText ? ValueType::kString
                                          : ValueType::kDouble;
    results_.texts = &texts_.all();
    // Rows ascend in time: those that are wanted are the last ones.
    const TimeNs known = by_windows() ? kTimeMin : known_since();
    const auto begin = std::ranges::lower_bound(frame.times, std::max(known, grid_.range.from));
    const auto first = static_cast<std::size_t>(begin - frame.times.begin());
    const std::size_t rows = frame.times.size() - first;
    results_.times.assign(begin, frame.times.end());
    results_.values.assign(view.values + first, view.values + first + rows);
    if (view.qualities == nullptr) {
      results_.qualities.assign(rows, kGood.code);
    } else {
      results_.qualities.assign(view.qualities + first, view.qualities + first + rows);
      for (std::size_t i = 0; i < rows; ++i)
        if (severity(results_.qualities[i]) == 2) results_.values[i] = kNan;
    }
    put_ledger(first, rows, view.qualities == nullptr);
    if (trace_ != nullptr && !frame.times.empty()) trace(frame.times.size() - 1);
    return results_.times.empty() ? Status() : emit_(results_);
  }

  /// Least over all windows and sets that stand in the formula itself; without any the moment's own.
  void put_ledger(std::size_t first, std::size_t rows, bool all_good) {
    auto& good = results_.percent_good;
    auto& covered = results_.coverage;
    good.assign(rows, 100.0);
    covered.assign(rows, 100.0);
    bool any = false;
    for (std::size_t i = 0; i < program_.steps.size(); ++i) {
      const Operation& step = program_.steps[i];
      const bool is_fold = step.kind == OperationKind::kFold;
      if (step.context != 0 || (!is_fold && step.kind != OperationKind::kJoin)) continue;
      any = true;
      const double scale = is_fold ? 1 : 100;  // a join counts in shares
      const Folding& folding = foldings_[i];
      for (std::size_t row = 0; row < rows; ++row)
        good[row] = std::min(good[row], scale * folding.percent_good[first + row]);
      if (!is_fold) continue;
      for (std::size_t row = 0; row < rows; ++row)
        covered[row] = std::min(covered[row], folding.coverage[first + row]);
    }
    if (any || all_good) return;
    for (std::size_t row = 0; row < rows; ++row) {
      if (severity(results_.qualities[row]) != 0) good[row] = 0.0;
      if (results_.qualities[row] == kBadNoData.code) covered[row] = 0.0;
    }
  }

  /// From when on there is anything at all.
  TimeNs known_since() {
    if (known_since_) return *known_since_;
    bool has_series = false;
    TimeNs first = kTimeMax;
    for (const auto& readers : readers_)
      for (const SeriesReader& reader : readers) {
        if (reader.is_constant()) continue;
        has_series = true;
        if (reader.known_since()) first = std::min(first, *reader.known_since());
      }
    if (!has_series) first = kTimeMin;
    if (first != kTimeMax) known_since_ = first;
    return first;
  }

  void trace(std::size_t row) {
    trace_->time = frames_[0].times[row];
    trace_->parts.assign(program_.steps.size(), {});
    for (std::size_t i = 0; i < program_.steps.size(); ++i) {
      const Operation& step = program_.steps[i];
      if (step.context != 0 || step.kind == OperationKind::kNone || step.many) continue;
      auto& part = trace_->parts[i];
      const View view = columns_[i].front().view();
      part.is_known = true;
      part.value = view.value(row);
      part.quality = view.quality(row);
      if (step.kind != OperationKind::kFold) continue;
      if (foldings_[i].starts[row] <= trace_->time)
        part.window = TimeRange{foldings_[i].starts[row], trace_->time + 1};
      part.percent_good = foldings_[i].percent_good[row];
      part.coverage = foldings_[i].coverage[row];
    }
  }

  static constexpr std::size_t kSliceRows = 16'384;

  const Program& program_;
  Sources& sources_;
  const Grid grid_;
  const Budget& budget_;
  const Emit& emit_;
  Trace* trace_;
  Texts texts_;
  std::vector<std::vector<SeriesReader>> readers_;  ///< by input
  std::vector<Frame> frames_;                       ///< by context
  std::vector<std::vector<Column>> columns_;        ///< by step
  std::vector<Folding> foldings_;                   ///< by step
  std::vector<Named> named_;                        ///< by window
  std::vector<Column> converted_;
  std::vector<TimeNs> merged_;
  Results results_;
  Account account_;
  std::optional<TimeNs> known_since_;
  DurationNs length_ = kHour;
  bool is_first_ = true;
};

}  // namespace

Result<Account> evaluate(const Program& program, Sources& sources, const Grid& grid,
                         const Budget& budget, const Emit& emit, Trace* trace) {
  return Evaluation(program, sources, grid, budget, emit, trace).run();
}

}  // namespace tundish::formula
