#include <benchmark/benchmark.h>

#include <string>

#include "wire/lineprotocol/line_protocol.h"

namespace tundish::wire {
namespace {

/// Telegraf-like: 100 hosts, five fields a point, timestamps in nanoseconds.
std::string telegraf_body(int points) {
  std::string text;
  for (int i = 0; i < points; ++i) {
    const std::string host = std::to_string(i % 100);
    text += "cpu,cpu=cpu-total,host=host-" + host +
            ",region=eu-west usage_user=" + std::to_string(i % 100) + "." + std::to_string(i % 10) +
            ",usage_system=3.25,usage_idle=87.125,interrupts=" + std::to_string(i) +
            "i,throttled=f 1700000000" + std::to_string(10'000'000 + i) + "0\n";
  }
  return text;
}

void decode(benchmark::State& state) {
  const std::string text = telegraf_body(2000);
  LineProtocolOptions options;
  options.enterprise_code = "steel-01";
  std::size_t rows = 0;
  for (auto _ : state) {
    auto body = decode_line_protocol(text, options);
    rows += body->batch.rows.size();
    benchmark::DoNotOptimize(body);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(rows));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(decode);

}  // namespace
}  // namespace tundish::wire
