#include <benchmark/benchmark.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "codec/doubles.h"
#include "codec/integers.h"

// Columns of 4,096 rows. bytes_per_row is what a chunk pays.

namespace tundish::codec {
namespace {

constexpr std::size_t kRows = 4096;

/// 0: slow analog, quantised; 1: noisy, 3 decimals; 2: full doubles.
std::vector<std::uint64_t> double_column(int shape) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise;
  std::vector<std::uint64_t> bits(kRows);
  double level = 420;
  for (auto& value : bits) {
    level += noise(random) * (shape == 0 ? 0.02 : 1.0);
    const double scale = shape == 0 ? 10.0 : 1000.0;
    value =
        std::bit_cast<std::uint64_t>(shape == 2 ? level : std::nearbyint(level * scale) / scale);
  }
  return bits;
}

std::vector<TimeNs> time_column(bool jitter) {
  std::mt19937_64 random(7);
  std::vector<TimeNs> times(kRows);
  for (std::size_t i = 0; i < kRows; ++i)
    times[i] = 1'700'000'000'000'000'000 + static_cast<TimeNs>(i) * kSecond +
               (jitter ? static_cast<TimeNs>(random() % 5) * kMillisecond : 0);
  return times;
}

void count_rows(benchmark::State& state, const Bytes& bytes) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kRows));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kRows * 8));
  state.counters["bytes_per_row"] = static_cast<double>(bytes.size()) / kRows;
}

void encode_doubles_bench(benchmark::State& state) {
  const auto column = double_column(static_cast<int>(state.range(0)));
  Bytes bytes;
  for (auto _ : state) {
    bytes.clear();
    encode_doubles(column, bytes);
  }
  count_rows(state, bytes);
}

void decode_doubles_bench(benchmark::State& state) {
  auto column = double_column(static_cast<int>(state.range(0)));
  Bytes bytes;
  encode_doubles(column, bytes);
  for (auto _ : state) benchmark::DoNotOptimize(decode_doubles(bytes, column).has_value());
  count_rows(state, bytes);
}

void encode_times_bench(benchmark::State& state) {
  const auto column = time_column(state.range(0) != 0);
  Bytes bytes;
  for (auto _ : state) {
    bytes.clear();
    encode_times(column, bytes);
  }
  count_rows(state, bytes);
}

void decode_times_bench(benchmark::State& state) {
  auto column = time_column(state.range(0) != 0);
  Bytes bytes;
  encode_times(column, bytes);
  for (auto _ : state) benchmark::DoNotOptimize(decode_times(bytes, column).has_value());
  count_rows(state, bytes);
}

BENCHMARK(encode_doubles_bench)->Arg(0)->Arg(1)->Arg(2);
BENCHMARK(decode_doubles_bench)->Arg(0)->Arg(1)->Arg(2);
BENCHMARK(encode_times_bench)->Arg(0)->Arg(1);
BENCHMARK(decode_times_bench)->Arg(0)->Arg(1);

}  // namespace
}  // namespace tundish::codec
