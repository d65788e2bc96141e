// A year of one-second data through formulas of five inputs, from memory: what the evaluation itself costs.

#include <benchmark/benchmark.h>

#include <array>

#include "formula/formula_testing.h"

namespace tundish::formula {
namespace {

/// Five tags that count up and down, a second apart, made as they are read.
class Year final : public Names, public Sources {
 public:
  Result<Type> find(std::string_view name) const override {
    if (name.size() == 1 && name[0] >= 'a' && name[0] <= 'e')
      return Type{.unit = *Unit::parse("kW")};
    return fail(ErrorCode::kNotFound, "");
  }
  Result<Type> find_member(std::string_view, std::string_view) const override {
    return fail(ErrorCode::kNotFound, "");
  }
  std::size_t series(const InputName&) override { return 1; }
  SeriesFacts facts(const InputName&, std::size_t) override { return {.step = true}; }
  Result<std::vector<Sample>> before(const InputName&, std::size_t, TimeNs, std::size_t) override {
    return std::vector<Sample>();
  }
  Status scan(const InputName& input, std::size_t, TimeRange range, const Visit& visit) override {
    constexpr std::size_t kPiece = 4096;
    const double shift = input.attribute[0];
    TimeNs second = (range.from + kSecond - 1) / kSecond;
    const TimeNs end = (range.to + kSecond - 1) / kSecond;
    while (second < end) {
      piece_.clear();
      const auto count = std::min<TimeNs>(kPiece, end - second);
      for (TimeNs i = 0; i < count; ++i) {
        piece_.times.push_back((second + i) * kSecond);
        piece_.bits.push_back(bits_of(shift + static_cast<double>((second + i) % 1000)));
        piece_.qualities.push_back(0);
      }
      second += count;
      if (!visit(piece_)) return {};
    }
    return {};
  }
  Result<std::vector<TimeRange>> windows(std::string_view, TimeRange) override {
    return fail(ErrorCode::kNotFound, "");
  }
  std::size_t set_size(std::string_view) override { return 0; }

 private:
  Columns piece_;
};

void run(benchmark::State& state, const char* text, DurationNs every) {
  Year year;
  const auto program = compile(text, year);
  const TimeNs from = 1'700'000'000 * kSecond, to = from + 365 * kDay;
  std::uint64_t samples = 0;
  for (auto _ : state) {
    double sum = 0;
    const auto account = evaluate(*program, year, {.range = {from, to}, .every = every},
                                  {.steps_max = 1'000'000'000'000, .keep_going = {}},
                                  [&](const Results& results) -> Status {
                                    for (const double value : results.values) sum += value;
                                    return {};
                                  });
    benchmark::DoNotOptimize(sum);
    samples += account->samples;
  }
  state.counters["samples/s"] =
      benchmark::Counter(static_cast<double>(samples), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(run, five_inputs, "(a + b) * c / d - e", 0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, mean_of_15min_each_minute, "avg(a, 15min)", kMinute)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, maximum_of_15min_each_second, "max(a, 15min)", 0)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tundish::formula
