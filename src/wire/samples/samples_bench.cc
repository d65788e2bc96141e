#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "wire/samples/samples.h"

namespace tundish::wire {
namespace {

constexpr int kRows = 10'000;

std::string time_of(int row, bool iso) {
  const TimeNs time = 1'700'000'000 * kSecond + row / 100 * kSecond;
  return iso ? format_time(time) : std::to_string(time);
}

std::string json_body(bool iso) {
  std::string text = "{\"samples\":[";
  for (int row = 0; row < kRows; ++row)
    text +=
        fmt::format("{}{{\"tag\":\"steel-01/area/line/asset-{}\",\"time\":\"{}\",\"value\":{}}}",
                    row == 0 ? "" : ",", row % 100, time_of(row, iso), 0.25 * (row % 4000));
  return text + "]}";
}

void json(benchmark::State& state) {
  const std::string text = json_body(state.range(0) != 0);
  for (auto _ : state) benchmark::DoNotOptimize(decode_samples_json(text));
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(json)->ArgName("iso")->Arg(0)->Arg(1);

void csv(benchmark::State& state) {
  std::string text = "tag,time,value\n";
  for (int row = 0; row < kRows; ++row)
    text += fmt::format("steel-01/area/line/asset-{},{},{}\n", row % 100,
                        time_of(row, state.range(0) != 0), 0.25 * (row % 4000));
  for (auto _ : state) benchmark::DoNotOptimize(decode_samples_csv(text));
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(csv)->ArgName("iso")->Arg(0)->Arg(1);

}  // namespace
}  // namespace tundish::wire
