#include <benchmark/benchmark.h>

#include <string>

#include "wire/batch/batch.h"

namespace tundish::wire {
namespace {

/// 10,000 rows: 100 tags, 100 seconds with a few milliseconds of jitter.
ReceivedBatch ten_thousand() {
  ReceivedBatch batch;
  for (int i = 0; i < 100; ++i)
    batch.paths.push_back("steel-01/area/line/asset-" + std::to_string(i));
  for (std::uint32_t i = 0; i < 10'000; ++i)
    batch.push_back(i % 100, 1'700'000'000 * kSecond + i / 100 * kSecond + (i * 7919) % 5'000'000,
                    0.25 * (i % 4000), kGood);
  return batch;
}

void encode(benchmark::State& state) {
  const ReceivedBatch batch = ten_thousand();
  for (auto _ : state) benchmark::DoNotOptimize(encode_batch(batch));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.rows.size()));
}
BENCHMARK(encode);

void decode(benchmark::State& state) {
  const Bytes bytes = encode_batch(ten_thousand());
  for (auto _ : state) benchmark::DoNotOptimize(decode_batch(bytes));
  state.SetItemsProcessed(state.iterations() * 10'000);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(decode);

}  // namespace
}  // namespace tundish::wire
