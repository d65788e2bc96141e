#include "formula/evaluate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "formula/formula_testing.h"
#include "formula/meter.h"
#include "model/value.h"

namespace tundish::formula {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TimeNs s(double seconds) { return static_cast<TimeNs>(seconds * 1e9); }

void put(TestPlant::Series& series, std::vector<std::pair<double, double>> points,
         Quality quality = kGood) {
  for (const auto& [time, value] : points)
    series.samples.push_back({.time = s(time), .value = Value(value), .quality = quality});
}

/// `time=value` for each result, Bad ones as `!`, Uncertain ones with `?`.
std::string shown(const Result<Rows>& rows) {
  if (!rows) return "error: " + rows.error().message;
  std::string text;
  for (const Sample& sample : rows->samples) {
    if (!text.empty()) text += " ";
    text += fmt::format("{}=", static_cast<double>(sample.time) / 1e9);
    if (sample.quality.is_bad()) {
      text += "!";
      continue;
    }
    if (const auto* number = std::get_if<double>(&sample.value))
      text += fmt::format("{:.6g}", *number);
    else if (const auto* flag = std::get_if<bool>(&sample.value))
      text += *flag ? "true" : "false";
    else
      text += std::get<std::string>(sample.value);
    if (sample.quality.is_uncertain()) text += "?";
  }
  return text;
}

std::string on_change(std::string_view formula, TestPlant& plant, double from, double to) {
  return shown(run_formula(formula, plant, {.range = {s(from), s(to)}}));
}
std::string every(std::string_view formula, TestPlant& plant, double from, double to,
                  double seconds) {
  return shown(run_formula(formula, plant, {.range = {s(from), s(to)}, .every = s(seconds)}));
}

TestPlant furnace() {
  TestPlant plant;
  put(plant.add("power", "kW", true), {{10, 4}, {20, 6}, {30, 10}});
  put(plant.add("output", "t", true), {{10, 2}, {25, 5}});
  return plant;
}

TEST(Evaluate, WheneverAnInputChanges) {
  TestPlant plant = furnace();
  EXPECT_EQ(on_change("power * 2", plant, 0, 100), "10=8 20=12 30=20");
  EXPECT_EQ(on_change("power / output", plant, 0, 100), "10=2 20=3 25=1.2 30=2");
  // From later on: what held before still holds.
  EXPECT_EQ(on_change("power / output", plant, 21, 100), "25=1.2 30=2");
  EXPECT_EQ(on_change("power in 'MW'", plant, 15, 25), "20=0.006");
  EXPECT_EQ(on_change("power > 5 'kW'", plant, 0, 100), "10=false 20=true 30=true");
  EXPECT_EQ(on_change("power > 0.0055 'MW' and output > 4 't'", plant, 0, 100),
            "10=false 20=false 25=true 30=true");
  EXPECT_EQ(on_change("if(power > 5 'kW', \"high\", \"low\")", plant, 0, 100),
            "10=low 20=high 30=high");
  EXPECT_EQ(on_change("max(power, 5 'kW') - min(power, 5000 'W')", plant, 0, 100),
            "10=1 20=1 30=5");
  EXPECT_EQ(on_change("clamp(power, 5 'kW', 8 'kW')", plant, 0, 100), "10=5 20=6 30=8");
  EXPECT_EQ(on_change("0 - power", plant, 0, 15), "10=-4");
  EXPECT_EQ(on_change("0 < power", plant, 0, 15), "10=true");
}

TEST(Evaluate, TemperaturesAreConvertedAsPlacesAndAsDifferences) {
  TestPlant plant;
  put(plant.add("a", "Cel", true), {{1, 100}});
  put(plant.add("b", "degF", true), {{1, 50}});
  EXPECT_EQ(on_change("a - b", plant, 0, 9), "1=90");
  EXPECT_EQ(on_change("a + 5 'K'", plant, 0, 9), "1=105");
  EXPECT_EQ(on_change("b in 'Cel'", plant, 0, 9), "1=10");
  EXPECT_EQ(on_change("a > b", plant, 0, 9), "1=true");
}

TEST(Evaluate, BadInputsGiveBadResultsAndInventNothing) {
  TestPlant plant = furnace();
  put(plant.add("zero", "t", true), {{10, 0}});
  put(plant.add("broken", "kW", true), {{5, 1}}, kBadNoCommunication);
  plant.add("empty", "kW");
  put(plant.add("doubtful", "kW", true), {{10, 3}}, kUncertain);
  put(plant.add("nan", "kW", true), {{10, kNan}});
  plant.add("limited", "kW", true).facts.valid = Limits{0, 9};
  put(plant.at("limited"), {{10, 4}, {20, 9.5}, {30, 9}});

  EXPECT_EQ(on_change("power / zero", plant, 0, 100), "10=! 20=! 30=!");
  EXPECT_EQ(on_change("power + broken", plant, 0, 15), "5=! 10=!");
  EXPECT_EQ(on_change("power + empty", plant, 0, 15), "10=!");
  EXPECT_EQ(on_change("empty", plant, 0, 15), "");
  EXPECT_EQ(on_change("power + doubtful", plant, 0, 15), "10=7?");
  EXPECT_EQ(on_change("power + nan", plant, 0, 15), "10=!");
  EXPECT_EQ(on_change("limited", plant, 0, 100), "10=4 20=! 30=9");
  EXPECT_EQ(on_change("ln(power / -1 'kW')", plant, 0, 15), "10=!");
  EXPECT_EQ(on_change("exp(power * power / 1 'kW2' * 1000)", plant, 0, 15), "10=!");
  EXPECT_EQ(on_change("first_good(broken, power)", plant, 0, 15), "5=! 10=4");
  EXPECT_EQ(on_change("good(broken)", plant, 0, 15), "5=false");
  EXPECT_EQ(on_change("broken > 0 and power < 0", plant, 0, 15), "5=! 10=false");
  EXPECT_EQ(on_change("broken > 0 or power > 0", plant, 0, 15), "5=! 10=true");
  EXPECT_EQ(on_change("broken > 0 or power < 0", plant, 0, 15), "5=! 10=!");
  // The branch that is not taken does no harm.
  EXPECT_EQ(on_change("if(power > 0, power, broken)", plant, 8, 15), "10=4");
}

TEST(Evaluate, MeansAreWeightedByTime) {
  TestPlant plant;
  put(plant.add("held", "kW", true), {{0, 10}, {90, 20}});
  put(plant.add("sloped", "kW"), {{0, 0}, {100, 100}});
  // (60, 120]: 30 s at 10 and 30 s at 20.
  EXPECT_EQ(every("avg(held, 1min)", plant, 100, 130, 20), "100=11.6667 120=15");
  // A straight line up to its last sample, held from there.
  EXPECT_EQ(every("avg(sloped, 1min)", plant, 100, 101, 20), "100=70");
  EXPECT_EQ(every("avg(sloped, 1min)", plant, 120, 121, 20), "120=86.6667");
  // The window holds what came before it.
  EXPECT_EQ(every("max(held, 10s)", plant, 80, 131, 50), "100=20");
  EXPECT_EQ(every("min(held, 1min)", plant, 100, 101, 50), "100=10");
  EXPECT_EQ(every("range(sloped, 50s)", plant, 100, 101, 50), "100=50");
  EXPECT_EQ(every("integral(held, 1min) in 'kW.s'", plant, 120, 121, 60), "120=900");
  EXPECT_EQ(every("time_true(held > 15 'kW', 1min)", plant, 120, 121, 60), "120=30");
  EXPECT_EQ(every("count(held, 1min)", plant, 120, 121, 60), "120=1");
}

TEST(Evaluate, WhatAWindowLacksIsTold) {
  TestPlant plant;
  auto& x = plant.add("x", "kW", true);
  put(x, {{0, 10}});
  put(x, {{30, 0}}, kBadNoCommunication);
  put(x, {{60, 20}});
  auto rows = run_formula("avg(x, 2min)", plant, {.range = {s(89), s(91)}, .every = s(90)});
  ASSERT_TRUE(rows);
  EXPECT_EQ(shown(rows), "90=15?");  // 30 s at 10, 30 s at 20
  EXPECT_NEAR(rows->percent_good[0], 50, 1e-6);
  EXPECT_NEAR(rows->coverage[0], 75, 1e-6);
  EXPECT_EQ(every("avg(x, 10s)", plant, 50, 51, 50), "50=!");
  EXPECT_EQ(every("percent_good(x, 1min)", plant, 60, 61, 60), "60=50");
  EXPECT_EQ(every("age(x)", plant, 45, 46, 45), "45=45");
  EXPECT_EQ(every("age(x)", plant, 90, 91, 90), "90=30");
}

TEST(Evaluate, WindowsOfACalendar) {
  TestPlant plant;
  put(plant.add("meter", "kW.h", true), {{0, 100}, {50, 150}, {100, 180}, {150, 260}, {200, 300}});
  plant.add_window("shift", {{s(0), s(100)}, {s(100), s(200)}});
  EXPECT_EQ(on_change("delta(meter, shift)", plant, 0, 300), "0=0 50=50 100=30 150=110 200=!");
  const std::vector<TimeRange> shifts{{s(0), s(100)}, {s(100), s(200)}};
  EXPECT_EQ(shown(run_formula("delta(meter, window)", plant,
                              {.range = {s(0), s(200)}, .windows = shifts})),
            "99.999999999=50 199.999999999=110");
  EXPECT_EQ(
      shown(run_formula("avg(meter, window)", plant, {.range = {s(0), s(200)}, .windows = shifts})),
      "99.999999999=125 199.999999999=220");
}

TEST(Evaluate, TheSamplesOfAWindow) {
  TestPlant plant;
  put(plant.add("x", "mm", true), {{1, 2}, {2, 4}, {3, 4}, {4, 4}, {5, 5}, {6, 5}, {7, 7}, {8, 9}});
  EXPECT_EQ(every("mean(x, 10s)", plant, 10, 11, 10), "10=5?");
  EXPECT_EQ(every("stddev(x, 10s)", plant, 10, 11, 10), "10=2.13809?");
  EXPECT_EQ(every("median(x, 10s)", plant, 10, 11, 10), "10=4.5?");
  EXPECT_EQ(every("median(x, 5s)", plant, 7, 8, 7), "7=5");
  EXPECT_EQ(every("slope(x, 4s) in 'mm/s'", plant, 8, 9, 8), "8=1.4");
  EXPECT_EQ(every("first(x, 5s)", plant, 7, 8, 7), "7=4");
  EXPECT_EQ(every("last(x, 5s)", plant, 7, 8, 7), "7=7");
  // mean 5, deviation 2.13809: (5 - 1) / (3 x 2.13809)
  EXPECT_EQ(every("cpk(x, 10s, low: 1 'mm', high: 11 'mm')", plant, 10, 11, 10), "10=0.62361?");
  EXPECT_EQ(every("cpk(x, 10s, high: 1.1 'cm')", plant, 10, 11, 10), "10=0.935414?");
  EXPECT_EQ(every("starts(x > 4 'mm', 8s)", plant, 8, 9, 8), "8=1?");
}

TEST(Evaluate, SetsOfAssets) {
  TestPlant plant;
  plant.set_children(3);
  put(plant.add("power#0", "kW", true), {{10, 1}, {20, 2}});
  put(plant.add("power#1", "kW", true), {{10, 10}});
  put(plant.add("power#2", "kW", true), {{10, 100}});
  put(plant.at("power#2"), {{30, 0}}, kBad);
  put(plant.add("own", "W", true), {{10, 1}});
  EXPECT_EQ(on_change("sum(children.power)", plant, 0, 99), "10=111 20=112 30=12?");
  EXPECT_EQ(on_change("avg(children.power)", plant, 0, 99), "10=37 20=37.3333 30=6?");
  EXPECT_EQ(on_change("max(children.power)", plant, 0, 99), "10=100 20=100 30=10?");
  EXPECT_EQ(on_change("count(children.power)", plant, 0, 99), "10=3 20=3 30=2");
  EXPECT_EQ(on_change("sum(children.power + own)", plant, 0, 15), "10=111.003");
  EXPECT_EQ(on_change("count(children) * 1 'kW' + own", plant, 0, 15), "10=3.001");
  plant.set_children(0);
  EXPECT_NE(on_change("sum(children.power)", plant, 0, 15), "");
}

TEST(Evaluate, FoldsOfFolds) {
  TestPlant plant;
  auto& x = plant.add("x", "kW", true);
  for (int i = 0; i < 600; ++i) put(x, {{i, i % 60 == 0 ? 60.0 : 0.0}});
  // The mean over a minute is 1 throughout, from the first minute on.
  EXPECT_EQ(every("max(avg(x, 1min), 5min)", plant, 590, 600, 10), "590=1");
}

TEST(Evaluate, IsCutAtItsBudget) {
  TestPlant plant = furnace();
  const auto cut = run_formula("avg(power, 1h)", plant, {.range = {0, s(1e7)}, .every = s(1)},
                               {.steps_max = 100'000, .keep_going = {}});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::kTooLarge);
  const auto stopped = run_formula("avg(power, 1h)", plant, {.range = {0, s(1e7)}, .every = s(1)},
                                   {.keep_going = [] { return false; }});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

TEST(Evaluate, AnyRangeIsAllowed) {
  TestPlant plant = furnace();
  EXPECT_EQ(shown(run_formula("avg(power, 1h)", plant, {.range = {kTimeMin, kTimeMax}})),
            "10=4? 20=4? 30=5?");
  EXPECT_EQ(on_change("power", plant, 50, 10), "");
}

// --- a result is a function of the samples before it and of nothing else ---

const std::vector<std::string>& formulas() {
  static const std::vector<std::string> all{
      "a + b",
      "a / b",
      "avg(a, 30s) - avg(b, 45s)",
      "integral(a, 20s)",
      "min(a, 25s) + max(b, 25s)",
      "range(a, 10s)",
      "first(a, 15s) - last(b, 15s)",
      "mean(a, 17s) + stddev(a, 40s)",
      "median(b, 33s)",
      "slope(a, 30s)",
      "delta(m, 40s)",
      "delta(m, 40s, rollover: 100 't')",
      "delta(m, 40s, reset: 0 't', limit: 20 't/s')",
      "delta(m, shift)",
      "avg(a, shift)",
      "max(a, shift) - first(a, shift)",
      "count(a, shift) + starts(a > b, shift)",
      "time_true(a > b, 20s)",
      "starts(a > b, 60s)",
      "percent_good(a, 30s)",
      "age(a) + age(b)",
      "max(avg(a, 10s), 30s)",
      "avg(a - b, shift)",
      "avg(delta(m, 10s), shift)",
      "sum(children.c)",
      "if(a > b, a, b)",
  };
  return all;
}

TestPlant random_plant() {
  TestPlant plant;
  plant.piece_rows = *rc::gen::inRange<std::size_t>(1, 20);
  plant.set_children(2);
  const auto fill = [](TestPlant::Series& series, double scale) {
    TimeNs time = 0;
    const int count = *rc::gen::inRange(0, 60);
    for (int i = 0; i < count; ++i) {
      time += static_cast<TimeNs>(*rc::gen::inRange(1, 8000)) * kMillisecond;
      const double value = *rc::gen::inRange(-20, 100) * scale;
      const int kind = *rc::gen::inRange(0, 10);
      const Quality quality = kind == 0 ? kBad : kind == 1 ? kUncertain : kGood;
      series.samples.push_back({.time = time, .value = Value(value), .quality = quality});
    }
  };
  fill(plant.add("a", "t", *rc::gen::arbitrary<bool>()), 0.1);
  fill(plant.add("b", "t", *rc::gen::arbitrary<bool>()), 0.1);
  fill(plant.add("m", "t", true), 1);
  fill(plant.add("c#0", "t", true), 1);
  fill(plant.add("c#1", "t", true), 1);
  plant.at("b").facts.valid = Limits{-1, 8};
  std::vector<TimeRange> shifts;
  for (TimeNs from = s(-50); from < s(400); from += s(50))
    shifts.push_back({from, from + s(*rc::gen::element(40, 50))});
  plant.add_window("shift", shifts);
  return plant;
}

std::vector<std::string> bits_of_rows(const Result<Rows>& rows) {
  std::vector<std::string> bits;
  if (!rows) return {rows.error().message};
  for (std::size_t i = 0; i < rows->samples.size(); ++i) {
    const Sample& sample = rows->samples[i];
    const auto* number = std::get_if<double>(&sample.value);
    bits.push_back(
        fmt::format("{} {:x} {:x} {:.17g} {:.17g}", sample.time, sample.quality.code,
                    number != nullptr && !sample.quality.is_bad() ? tundish::bits_of(*number) : 0,
                    rows->percent_good[i], rows->coverage[i]));
  }
  return bits;
}

RC_GTEST_PROP(EvaluateProperties, ARangeInPiecesIsTheRangeInOne, ()) {
  TestPlant plant = random_plant();
  const std::string formula = *rc::gen::elementOf(formulas());
  const DurationNs step = *rc::gen::element<DurationNs>(0, s(1), s(7));
  const TimeNs from = s(*rc::gen::inRange(0, 200)), to = from + s(*rc::gen::inRange(1, 200));
  const TimeNs middle = from + static_cast<TimeNs>(*rc::gen::inRange<std::int64_t>(0, to - from));
  const auto whole =
      bits_of_rows(run_formula(formula, plant, {.range = {from, to}, .every = step}));
  auto pieces = bits_of_rows(run_formula(formula, plant, {.range = {from, middle}, .every = step}));
  const auto second =
      bits_of_rows(run_formula(formula, plant, {.range = {middle, to}, .every = step}));
  pieces.insert(pieces.end(), second.begin(), second.end());
  RC_LOG() << formula << "\n";
  RC_ASSERT(pieces == whole);
}

RC_GTEST_PROP(EvaluateProperties, LaterSamplesChangeNothingBeforeThem, ()) {
  TestPlant plant = random_plant();
  const std::string formula = *rc::gen::elementOf(formulas());
  const TimeNs to = s(*rc::gen::inRange(1, 300));
  const auto before = bits_of_rows(run_formula(formula, plant, {.range = {0, to}, .every = s(3)}));
  for (const char* name : {"a", "b", "m", "c#0", "c#1"}) {
    auto& samples = plant.at(name).samples;
    std::erase_if(samples, [&](const Sample& sample) { return sample.time >= to; });
    samples.push_back({.time = to, .value = Value(77.0), .quality = kGood});
  }
  const auto after = bits_of_rows(run_formula(formula, plant, {.range = {0, to}, .every = s(3)}));
  RC_LOG() << formula << "\n";
  RC_ASSERT(before == after);
}

/// What a mean over a window is, in the plainest way.
double naive_mean(const TestPlant::Series& series, TimeNs start, TimeNs end) {
  long double sum = 0;
  long double length = 0;
  const auto& all = series.samples;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].time >= end || all[i].quality.is_bad()) continue;
    const bool has_next = i + 1 < all.size() && all[i + 1].time < end;
    const TimeNs piece_end = has_next ? all[i + 1].time : end;
    const bool runs = has_next && !series.facts.step && !all[i + 1].quality.is_bad();
    const long double first = std::get<double>(all[i].value);
    const long double last = runs ? std::get<double>(all[i + 1].value) : first;
    const TimeNs begin = std::max(start, all[i].time);
    if (begin >= piece_end) continue;
    const auto at = [&](TimeNs time) {
      return first + (last - first) * static_cast<long double>(time - all[i].time) /
                         static_cast<long double>(piece_end - all[i].time);
    };
    const auto dt = static_cast<long double>(piece_end - begin);
    sum += (at(begin) + at(piece_end)) / 2 * dt;
    length += dt;
  }
  return length == 0 ? kNan : static_cast<double>(sum / length);
}

RC_GTEST_PROP(EvaluateProperties, MeansAreWhatThePlainWayGives, ()) {
  TestPlant plant = random_plant();
  const auto rows = run_formula("avg(a, 30s)", plant, {.range = {0, s(300)}, .every = s(7)});
  RC_ASSERT(static_cast<bool>(rows));
  for (const Sample& sample : rows->samples) {
    const double expected = naive_mean(plant.at("a"), sample.time + 1 - s(30), sample.time + 1);
    if (std::isnan(expected)) {
      RC_ASSERT(sample.quality.is_bad());
      continue;
    }
    RC_ASSERT(std::abs(std::get<double>(sample.value) - expected) <= 1e-9);
  }
}

RC_GTEST_PROP(EvaluateProperties, ShiftsAddUp, ()) {
  // What a meter counts in the shifts of a day is what it counts in the day.
  TestPlant plant = random_plant();
  const std::vector<TimeRange> shifts{{0, s(100)}, {s(100), s(200)}, {s(200), s(300)}};
  const std::string formula = *rc::gen::element<std::string>(
      "delta(m, window)", "delta(m, window, rollover: 100 't')", "delta(m, window, reset: 0 't')");
  const auto parts = run_formula(formula, plant, {.range = {0, s(300)}, .windows = shifts});
  const auto whole = run_formula(formula, plant, {.range = {0, s(300)}, .windows = {{0, s(300)}}});
  RC_ASSERT(parts && whole && whole->samples.size() == 1);
  double sum = 0;
  for (const Sample& sample : parts->samples)
    if (!sample.quality.is_bad()) {
      RC_ASSERT(std::get<double>(sample.value) >= 0);
      sum += std::get<double>(sample.value);
    }
  const double all =
      whole->samples[0].quality.is_bad() ? 0 : std::get<double>(whole->samples[0].value);
  RC_ASSERT(std::abs(sum - all) < 1e-9);
}

TEST(Evaluate, AHundredThousandRowsInManySlices) {
  TestPlant plant;
  auto& a = plant.add("a", "kW", true);
  auto& b = plant.add("b", "kW", true);
  for (int i = 0; i < 200'000; ++i) {
    put(a, {{i, i % 7}});
    if (i % 3 == 0) put(b, {{i + 0.5, i % 5}});
  }
  const auto rows = run_formula("avg(a, 7s) + b - b", plant, {.range = {s(10), s(200'000)}});
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->samples.size(), 199'990u + 66'663u);
  for (const Sample& sample : rows->samples) {
    if (sample.time % kSecond != 0) continue;
    ASSERT_NEAR(std::get<double>(sample.value), 3.0, 1e-6) << sample.time;
  }
}

// --- meters ---

std::string counted(Meter meter, const std::vector<double>& readings, Meter::Facts facts) {
  std::string text;
  TimeNs time = 0;
  for (const double reading : readings) {
    const auto step = meter.count(reading, time, facts);
    text += fmt::format("{}{} ", step.amount, step.is_doubtful ? "?" : "");
    time += kSecond;
  }
  return text;
}

TEST(Meter, RollsOverRestartsAndIsSwapped) {
  const Meter plain(false, false, false), rolls(true, false, false), restarts(false, true, false),
      limited(false, false, true);
  EXPECT_EQ(counted(plain, {100, 110, 110, 125}, {}), "0 10 0 15 ");
  // Swapped for one that shows less: what was counted in between is not known.
  EXPECT_EQ(counted(plain, {4831, 4831, 0, 5, 9}, {}), "0 0 0? 5 4 ");
  // One wrong reading of zero: nothing is lost, and no lifetime is booked.
  EXPECT_EQ(counted(plain, {15500, 15501, 0, 15503, 15504}, {}), "0 1 0? 2 1 ");
  EXPECT_EQ(counted(rolls, {999990, 5, 10}, {.rollover = 1000000}), "0 15 5 ");
  // Too far for a round: not one.
  EXPECT_EQ(counted(rolls, {400000, 5, 10}, {.rollover = 1000000}), "0 0? 5 ");
  EXPECT_EQ(counted(restarts, {80, 90, 3, 7}, {}), "0 10 3 4 ");
  // Several wrong readings of zero; what they counted is not counted twice.
  EXPECT_EQ(counted(plain, {15500, 15501, 0, 0, 15503}, {}), "0 1 0? 0 2 ");
  EXPECT_EQ(counted(plain, {15500, 15501, 0, 1, 15503}, {}), "0 1 0? 1 1 ");
  // A new meter that reaches what the old one showed goes on counting.
  EXPECT_EQ(counted(plain, {110, 100, 105, 109, 111}, {}), "0 0? 5 4 2 ");
  // A meter that runs back by a digit.
  EXPECT_EQ(counted(plain, {110, 109.5, 120}, {}), "0 0? 10 ");
  // A reading far above of one that rolls over is no round.
  EXPECT_EQ(counted(rolls, {100, 110, 999999, 120, 130}, {.rollover = 1000000}), "0 10 0? 10 10 ");
  // Of one that restarts, zero and back is a restart, unless nothing counts so fast.
  const Meter restarts_limited(false, true, true);
  EXPECT_EQ(counted(restarts_limited, {48310, 48320, 0, 48330, 48340}, {.limit = 100}),
            "0 10 0 10 10 ");
  // Swapped for one that shows more: a lifetime is no consumption.
  EXPECT_EQ(counted(limited, {100, 101, 50000, 50001}, {.limit = 10}), "0 1 0? 1 ");
  // One wrong reading far above.
  EXPECT_EQ(counted(limited, {100, 101, 50000, 103, 104}, {.limit = 10}), "0 1 0? 2 1 ");
}

}  // namespace
}  // namespace tundish::formula
