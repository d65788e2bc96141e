#include "aggregate/aggregate_run.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "aggregate/points.h"
#include "aggregate/read.h"

namespace tundish::aggregate {
namespace {

/// A tag's history with everything in it that can be: gaps, jitter, bad, uncertain, NaN.
Columns random_history(std::mt19937_64& random, ValueType type, std::size_t count) {
  Columns columns;
  columns.type = type;
  TimeNs time = 0;
  for (std::size_t i = 0; i < count; ++i) {
    time += 1 + static_cast<TimeNs>(random() % (random() % 9 == 0 ? 50'000 : 3'000));
    Sample sample{time, 0.0, kGood};
    if (random() % 8 == 0) sample.quality = kBadNoCommunication;
    if (random() % 8 == 0) sample.quality = kUncertain;
    const auto number = static_cast<std::int64_t>(random() % 2001) - 1000;
    switch (type) {
      case ValueType::kDouble:
        sample.value = random() % 20 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                          : static_cast<double>(number) / 7.0;
        break;
      case ValueType::kInt64: sample.value = number; break;
      case ValueType::kBool: sample.value = number > 0; break;
      case ValueType::kString: sample.value = std::to_string(number % 3); break;
    }
    columns.push_back(sample);
  }
  return columns;
}

std::vector<TimeNs> random_edges(std::mt19937_64& random, TimeNs last) {
  std::vector<TimeNs> edges{static_cast<TimeNs>(random() % 20'000) - 5'000};
  while (edges.back() < last && edges.size() < 60)
    edges.push_back(edges.back() + 1 + static_cast<TimeNs>(random() % 30'000));
  if (edges.size() < 2) edges.push_back(edges.front() + 1000);
  return edges;
}

/// What an index would know of a piece, more or less of it; nothing unless all of it is Good numbers.
class Known {
 public:
  Known(const Columns& piece, std::mt19937_64& random) {
    if (piece.type == ValueType::kString) return;
    std::vector<Number> sorted;
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const Point point = point_at(piece, i, true);
      if (point.health != Health::kGood) return;
      sorted.push_back(point.number);
      add_product(sum_, point.number, 1);
      if (i == 0) continue;
      const std::uint64_t ns = elapsed_ns(piece.times[i - 1], piece.times[i]);
      const Point before = point_at(piece, i - 1, true);
      add_product(step_, before.number, ns);
      add_product(slope_, before.number, ns);
      add_product(slope_, point.number, ns);
    }
    std::ranges::sort(sorted, [](Number a, Number b) { return compare(a, b) < 0; });
    summary.type = piece.type;
    summary.first = piece.times.front();
    summary.last = piece.times.back();
    summary.count = piece.size();
    summary.min_bits = sorted.front().bits;
    summary.max_bits = sorted.back().bits;
    if (random() % 3 != 0) summary.first_bits = piece.bits.front();
    if (random() % 3 != 0) summary.last_bits = piece.bits.back();
    has_sums_ = random() % 4 != 0;
    is_known = true;
  }
  bool is_taken(const Snapshot::Digest& digest) const {
    using enum Snapshot::Digest::Answer;
    const auto answer = digest.take(summary);
    if (answer != kWithSums || !has_sums_) return answer == kTaken;
    SampleSummary with = summary;
    with.sum = &sum_;
    with.step_integral = &step_;
    with.slope_integral_twice = &slope_;
    return digest.take(with) == kTaken;
  }
  Known(const Known&) = delete;
  Known& operator=(const Known&) = delete;

  bool is_known = false;
  SampleSummary summary;

 private:
  ExactSum sum_, step_, slope_;
  bool has_sums_ = false;
};

/// A snapshot of one tag that hands out pieces of random sizes, some of them as summaries first.
class PieceSnapshot final : public Snapshot {
 public:
  PieceSnapshot(const Columns& history, std::uint64_t seed) : history_(history), random_(seed) {}
  Position position() const override { return {}; }
  Status scan(TagId tag, TimeRange range, const Visit& visit) override {
    return scan_digest(tag, range, visit, {});
  }
  Status scan_digest(TagId, TimeRange range, const Visit& visit, const Digest& digest) override {
    const auto hand_over = [&](const Columns& piece) {
      const Known known(piece, random_);
      if (digest.take && known.is_known && random_() % 3 != 0 && known.is_taken(digest)) {
        ++taken;
        return true;
      }
      return visit(piece);
    };
    Columns piece;
    piece.type = history_.type;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if (history_.times[i] < range.from || history_.times[i] >= range.to) continue;
      piece.push_from(history_, i);
      if (random_() % 5 != 0) continue;
      if (!hand_over(piece)) return {};
      piece.clear();
    }
    if (!piece.empty()) hand_over(piece);
    return {};
  }
  Result<std::optional<Sample>> at_or_before(TagId, TimeNs time) override {
    for (std::size_t i = history_.size(); i-- > 0;)
      if (history_.times[i] <= time) return history_.at(i);
    return std::optional<Sample>();
  }
  Result<std::optional<Sample>> at_or_after(TagId, TimeNs time) override {
    for (std::size_t i = 0; i < history_.size(); ++i)
      if (history_.times[i] >= time) return history_.at(i);
    return std::optional<Sample>();
  }
  Result<std::optional<Sample>> latest(TagId) override { return at_or_before({}, kTimeMax); }
  Result<bool> history(TagId, TimeRange, std::size_t, std::vector<SampleVersion>&) override {
    return fail(ErrorCode::kUnsupported, "one version only");
  }
  std::vector<std::string> damage() const override { return {}; }

  std::size_t taken = 0;  ///< summaries

 private:
  const Columns& history_;
  std::mt19937_64 random_;
};

bool same(const AggregateResult& a, const AggregateResult& b) {
  return a.from == b.from && a.to == b.to && a.time == b.time && a.quality == b.quality &&
         a.value.has_value() == b.value.has_value() &&
         (!a.value || same_bits(*a.value, *b.value)) && a.percent_good == b.percent_good;
}

TEST(AggregateRun, ResultsDoNotDependOnHowSamplesAreCut) {
  EXPECT_TRUE(rc::check([] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const auto type = static_cast<ValueType>(random() % 4);
    const Columns history = random_history(random, type, 1 + random() % 200);
    const auto edges = random_edges(random, history.times.back());
    AggregateSpec spec;
    spec.step = random() % 2 == 0;
    spec.treat_uncertain_bad = random() % 2 == 0;
    spec.percent_good = static_cast<double>(50 + random() % 51);
    spec.percent_bad = 100;
    for (const AggregateKind kind : aggregate_kinds()) {
      spec.kind = kind;
      AggregateRun whole(spec, edges);
      for (std::size_t i = history.size(); i-- > 0;)
        if (history.times[i] < edges.front()) whole.before(history.at(i));
      whole.push(history);
      for (std::size_t i = 0; i < history.size(); ++i)
        if (history.times[i] >= edges.back()) whole.after(history.at(i));
      const auto expected = whole.finish();
      PieceSnapshot snapshot(history, random());
      const auto results = *aggregate_tag(snapshot, {}, spec, edges);
      RC_ASSERT(results.size() == expected.size());
      for (std::size_t i = 0; i < results.size(); ++i)
        if (!same(results[i], expected[i]))
          RC_FAIL(std::string(aggregate_name(kind)) + " of interval " + std::to_string(i));
    }
  }));
}

/// Values that exercise what is exact about sums: equals, zeros of both signs, every exponent, infinities.
double random_value(std::mt19937_64& random, std::uint64_t kind) {
  const auto number = static_cast<double>(static_cast<std::int64_t>(random() % 2001) - 1000);
  switch (kind) {
    case 0: return 500 + number / 100;  // one exponent or two
    case 1: return number / 100;        // around zero
    case 2: return std::ldexp(number / 7, static_cast<int>(random() % 2000) - 1060);
    case 3: return random() % 3 == 0 ? -0.0 : random() % 2 == 0 ? 0.0 : number;
    default:
      return random() % 40 == 0 ? std::copysign(std::numeric_limits<double>::infinity(), number)
                                : number;
  }
}

TimeNs random_below(std::mt19937_64& random, TimeNs end) {
  return static_cast<TimeNs>(random() % static_cast<std::uint64_t>(end));
}

/// Nearly all Good, at a fixed period or not, sometimes over centuries.
Columns random_good_history(std::mt19937_64& random, ValueType type, std::size_t count) {
  Columns columns;
  columns.type = type;
  const std::uint64_t values = random() % 5;
  const bool regular = random() % 2 == 0;
  const auto period = static_cast<TimeNs>(1 + random() % 2'000'000'000)
                      << (random() % 6 == 0 ? 22 : 0);
  const bool all_good = random() % 2 == 0;
  TimeNs time = static_cast<TimeNs>(random() % 5'000);
  for (std::size_t i = 0; i < count; ++i) {
    time += regular ? period : 1 + random_below(random, period);
    Sample sample{time, 0.0, kGood};
    if (random() % 5 == 0) sample.quality = Quality{0x00960000};  // GoodLocalOverride
    if (!all_good && random() % 30 == 0) sample.quality = kBadNoCommunication;
    if (!all_good && random() % 30 == 0) sample.quality = kUncertain;
    if (type == ValueType::kInt64)
      sample.value = static_cast<std::int64_t>(random()) >> (random() % 2 == 0 ? 0 : 50);
    else if (type == ValueType::kBool)
      sample.value = random() % 2 == 0;
    else
      sample.value = !all_good && random() % 40 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                                     : random_value(random, values);
    columns.push_back(sample);
  }
  return columns;
}

TEST(AggregateRun, RowsAtOnceAndSummariesGiveWhatRowsGiveOneByOne) {
  std::size_t taken = 0;
  EXPECT_TRUE(rc::check([&taken] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const auto type = static_cast<ValueType>(random() % 3);
    const Columns history = random_good_history(random, type, 2 + random() % 300);
    const TimeNs first = history.times.front();
    const TimeNs span = history.times.back() - first;
    std::vector<TimeNs> edges{first - static_cast<TimeNs>(random() % 3) * (span / 9)};
    const auto intervals = 1 + random() % 12;
    while (edges.size() <= intervals)
      edges.push_back(edges.back() + 1 + random_below(random, span / 8 + 1));
    if (random() % 3 == 0) edges = {first, history.times.back()};
    AggregateSpec spec;
    spec.step = random() % 2 == 0;
    spec.treat_uncertain_bad = random() % 2 == 0;
    spec.sloped_extrapolation = random() % 2 == 0;
    for (const AggregateKind kind : aggregate_kinds()) {
      spec.kind = kind;
      AggregateRun whole(spec, edges);
      AggregateRun single(spec, edges);
      for (std::size_t i = history.size(); i-- > 0;) {
        if (history.times[i] >= edges.front()) continue;
        whole.before(history.at(i));
        single.before(history.at(i));
      }
      whole.push(history);
      for (std::size_t i = 0; i < history.size(); ++i) {
        Columns one;
        one.type = history.type;
        one.push_from(history, i);
        single.push(one);
        if (history.times[i] < edges.back()) continue;
        whole.after(history.at(i));
        single.after(history.at(i));
      }
      PieceSnapshot snapshot(history, random());
      const auto by_summaries = *aggregate_tag(snapshot, {}, spec, edges);
      taken += snapshot.taken;
      const auto at_once = whole.finish();
      const auto one_by_one = single.finish();
      RC_ASSERT(at_once.size() == one_by_one.size());
      RC_ASSERT(by_summaries.size() == one_by_one.size());
      for (std::size_t i = 0; i < at_once.size(); ++i)
        if (!same(at_once[i], one_by_one[i]) || !same(by_summaries[i], one_by_one[i]))
          RC_FAIL(std::string(aggregate_name(kind)) + " of interval " + std::to_string(i));
    }
  }));
  EXPECT_GT(taken, 1000u);  // it was about them
}

TEST(CountRun, CountsWhatLiesBetweenHoweverItIsGiven) {
  std::size_t taken = 0;
  EXPECT_TRUE(rc::check([&taken] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const auto type = static_cast<ValueType>(random() % 3);
    const Columns history = random_good_history(random, type, 1 + random() % 200);
    const auto limit = [&]() -> std::optional<double> {
      if (random() % 4 == 0) return std::nullopt;
      if (random() % 4 == 0) return std::ldexp(1.0, 63) * (random() % 2 == 0 ? 1 : -1);
      const double number = history.number_at(random() % history.size());
      return number == number ? number : 0;
    };
    const auto above = limit(), below = limit();
    std::uint64_t between = 0, good = 0;
    for (std::size_t i = 0; i < history.size(); ++i) {
      const Point point = point_at(history, i, true);
      if (point.health != Health::kGood || type == ValueType::kBool) continue;
      ++good;
      const auto than = [&](double other) {
        return compare(point.number, {ValueType::kDouble, bits_of(other)});
      };
      // Zeros of both signs are one value here.
      const bool zero = to_double(point.number) == 0;
      const bool over = !above || (than(*above) > 0 && !(zero && *above == 0));
      const bool under = !below || (than(*below) < 0 && !(zero && *below == 0));
      between += over && under ? 1 : 0;
    }
    PieceSnapshot snapshot(history, random());
    const auto run = *count_tag(snapshot, {}, {kTimeMin, kTimeMax}, above, below);
    taken += snapshot.taken;
    RC_ASSERT(run.good() == good);
    RC_ASSERT(run.counted() == between);
  }));
  EXPECT_GT(taken, 100u);
}

TEST(AggregateRun, TheWholeIsTheSumOfItsParts) {
  // Total over a range equals the sum of Total over its intervals but for one rounding each.
  std::mt19937_64 random(9);
  const Columns history = random_history(random, ValueType::kDouble, 500);
  for (const bool step : {false, true}) {
    AggregateSpec spec{AggregateKind::kTotal2, step};
    spec.percent_good = 0;  // any interval with a value
    std::vector<TimeNs> edges;
    for (int i = 0; i <= 100; ++i) edges.push_back(i * history.times.back() / 100);
    AggregateRun parts(spec, edges);
    AggregateRun whole(spec, {edges.front(), edges.back()});
    parts.push(history);
    whole.push(history);
    double sum = 0;
    for (const AggregateResult& part : parts.finish())
      if (part.value) sum += std::get<double>(*part.value);
    const double total = std::get<double>(*whole.finish().front().value);
    EXPECT_NEAR(sum, total, 1e-12);
    EXPECT_GT(std::fabs(total), 1e-6);
  }
}

TEST(AggregateRun, AMeanOfEqualValuesIsThatValue) {
  // 0.1 is no binary fraction: rounding per sample would drift.
  Columns history;
  for (int i = 0; i < 10'000; ++i) history.push_back({i * kSecond, 0.1, kGood});
  for (const auto kind : {AggregateKind::kAverage, AggregateKind::kTimeAverage,
                          AggregateKind::kTimeAverage2, AggregateKind::kMaximum})
    for (const bool step : {false, true}) {
      AggregateRun run({kind, step}, {0, 7 * kSecond, 9'000 * kSecond + 1});
      run.push(history);
      for (const AggregateResult& result : run.finish()) EXPECT_EQ(*result.value, Value(0.1));
    }
}

TEST(AggregateRun, TimesAtTheEndsOfAllTimeAreFine) {
  Columns history;
  history.push_back({kTimeMin, 1.0, kGood});
  history.push_back({kTimeMax, 3.0, kGood});
  for (const AggregateKind kind : aggregate_kinds()) {
    AggregateRun run({kind}, {kTimeMin, 0, kTimeMax});
    run.push(history);
    EXPECT_FALSE(run.after({kTimeMax, 3.0, kGood}));
    EXPECT_EQ(run.finish().size(), 2u);
  }
  AggregateRun run({AggregateKind::kTimeAverage}, {kTimeMin, kTimeMax});
  run.push(history);
  run.after({kTimeMax, 3.0, kGood});
  EXPECT_EQ(*run.finish().front().value, Value(2.0));
}

/// One sample, and an interval before it, around it, and after it.
TEST(AggregateRun, OutsideTheDataNothingIsGoodUnlessAValueIsHeldThere) {
  for (const bool step : {false, true}) {
    for (const AggregateKind kind : aggregate_kinds()) {
      AggregateSpec spec;
      spec.kind = kind;
      spec.step = step;
      AggregateRun run(spec, {0, 100, 200, 300});
      Columns piece;
      piece.push_back({150, 1.0, kGood});
      run.push(piece);
      const auto results = run.finish();
      EXPECT_EQ(results[0].percent_good, 0) << aggregate_name(kind);
      const bool is_held = step && results[2].value.has_value();
      EXPECT_EQ(results[2].percent_good, is_held ? 100 : 0) << aggregate_name(kind);
      EXPECT_EQ(results[2].quality == kBadNoData, !results[2].value) << aggregate_name(kind);
    }
  }
}

TEST(AggregateRun, InfinitiesHaveDefinedAnswers) {
  const double infinity = std::numeric_limits<double>::infinity();
  Columns history;
  history.push_back({0, infinity, kGood});
  history.push_back({10, 1.0, kGood});
  history.push_back({20, -infinity, kGood});
  history.push_back({30, 1.0, kGood});
  AggregateRun average({AggregateKind::kAverage}, {0, 15, 30});
  average.push(history);
  const auto averages = average.finish();
  EXPECT_EQ(*averages[0].value, Value(infinity));
  EXPECT_EQ(*averages[1].value, Value(-infinity));
  AggregateRun maximum({AggregateKind::kMaximum}, {0, 40});
  maximum.push(history);
  EXPECT_EQ(*maximum.finish().front().value, Value(infinity));
}

TEST(AggregateRun, AsksForEarlierSamplesOnlyWhereTheyHelp) {
  const Sample bad{5, 1.0, kBad};
  const Sample good{4, 1.0, kGood};
  AggregateRun average({AggregateKind::kTimeAverage}, {10, 20});
  EXPECT_TRUE(average.before(bad));
  EXPECT_FALSE(average.before(good));
  AggregateRun durations({AggregateKind::kDurationGood}, {10, 20});
  EXPECT_FALSE(durations.before(bad));
}

TEST(AggregateKind, NamesReturn) {
  for (const AggregateKind kind : aggregate_kinds())
    EXPECT_EQ(parse_aggregate(aggregate_name(kind)), kind);
  EXPECT_EQ(aggregate_kinds().size(), 37u);  // OPC 10000-13, Table 4
  EXPECT_FALSE(parse_aggregate("average"));
  EXPECT_FALSE(parse_aggregate(""));
}

/// OPC 10000-13, A.18: the notes of Historian1, by the minute.
TEST(AggregateRun, NotesAreCountedWhereTheyStand) {
  Columns history;
  for (int i = 1; i <= 9; ++i) history.push_back({i * 10 * kSecond, i * 10.0, kGood});
  const auto count = [&](std::vector<TimeNs> edges) {
    AggregateRun run({.kind = AggregateKind::kAnnotationCount}, std::move(edges));
    run.push(history);
    run.annotate(std::vector<TimeNs>{40 * kSecond, 40 * kSecond, 50 * kSecond, 70 * kSecond});
    return run.finish();
  };
  const auto minutes = count({0, kMinute, 100 * kSecond, 200 * kSecond});
  EXPECT_EQ(minutes[0].value, Value(std::int64_t{3}));
  EXPECT_EQ(minutes[1].value, Value(std::int64_t{1}));
  EXPECT_FALSE(minutes[2].value.has_value());  // after the end of the data
  EXPECT_EQ(minutes[2].quality, kBadNoData);
  // The end belongs to the next interval.
  EXPECT_EQ(count({20 * kSecond, 40 * kSecond})[0].value, Value(std::int64_t{0}));
  EXPECT_EQ(count({40 * kSecond, 41 * kSecond})[0].value, Value(std::int64_t{2}));
}

TEST(AggregateTag, CanBeCancelled) {
  std::mt19937_64 random(1);
  const Columns history = random_history(random, ValueType::kDouble, 100);
  PieceSnapshot snapshot(history, 1);
  const auto results =
      aggregate_tag(snapshot, {}, {AggregateKind::kAverage}, {0, 1000000}, [] { return false; });
  ASSERT_FALSE(results.has_value());
  EXPECT_EQ(results.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace tundish::aggregate
