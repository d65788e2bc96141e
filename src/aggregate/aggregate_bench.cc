#include <benchmark/benchmark.h>

#include <random>

#include "aggregate/aggregate_run.h"
#include "aggregate/plot_run.h"

// One day of one-second samples, all Good, in pieces of 4,096; intervals of a minute.

namespace tundish::aggregate {
namespace {

constexpr std::size_t kSamples = 86'400;

std::vector<Columns> day() {
  std::mt19937_64 random(1);
  std::vector<Columns> pieces;
  for (std::size_t i = 0; i < kSamples; ++i) {
    if (i % 4096 == 0) pieces.emplace_back();
    pieces.back().push_back(
        {static_cast<TimeNs>(i) * kSecond, static_cast<double>(random() % 10'000) / 100.0, kGood});
  }
  return pieces;
}

void aggregate_bench(benchmark::State& state) {
  const auto pieces = day();
  AggregateSpec spec;
  spec.kind = static_cast<AggregateKind>(state.range(0));
  std::vector<TimeNs> edges;
  for (TimeNs minute = 0; minute <= 1440; ++minute) edges.push_back(minute * kMinute);
  for (auto _ : state) {
    AggregateRun run(spec, edges);
    for (const Columns& piece : pieces) run.push(piece);
    benchmark::DoNotOptimize(run.finish());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kSamples));
  state.SetLabel(std::string(aggregate_name(spec.kind)));
}

void plot_bench(benchmark::State& state) {
  const auto pieces = day();
  for (auto _ : state) {
    PlotRun run({0, kDay}, 1500);
    for (const Columns& piece : pieces) run.push(piece);
    benchmark::DoNotOptimize(run.finish());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kSamples));
}

BENCHMARK(aggregate_bench)
    ->Arg(static_cast<int>(AggregateKind::kAverage))
    ->Arg(static_cast<int>(AggregateKind::kMaximum))
    ->Arg(static_cast<int>(AggregateKind::kTimeAverage))
    ->Arg(static_cast<int>(AggregateKind::kPercentGood));
BENCHMARK(plot_bench);

}  // namespace
}  // namespace tundish::aggregate
