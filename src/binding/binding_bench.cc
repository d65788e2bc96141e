#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "binding/binding.h"

// 2,000 attributes in 100 templates, with two languages, and points that abbreviate them: `range` of them in folders of 20.

namespace tundish::binding {
namespace {

constexpr std::string_view kThings[] = {
    "hot",   "cold", "feed", "top",     "bottom", "inlet", "outlet", "main", "gas",    "water",
    "steam", "oil",  "air",  "bearing", "motor",  "shell", "bed",    "core", "return", "supply"};
constexpr std::string_view kThingsChinese[] = {
    "热",   "冷", "给料", "顶部", "底部", "入口", "出口", "主",   "煤气", "水",
    "蒸汽", "油", "空气", "轴承", "电机", "壳",   "床层", "内部", "回",   "供"};
constexpr std::string_view kQuantities[] = {"temperature", "pressure", "flow",    "level",
                                            "power",       "current",  "voltage", "speed",
                                            "vibration",   "density"};
constexpr std::string_view kQuantitiesChinese[] = {"温度", "压力", "流量", "液位", "功率",
                                                   "电流", "电压", "转速", "振动", "密度"};
constexpr std::string_view kUnits[] = {"Cel", "kPa", "m3/h",      "m",    "kW",
                                       "A",   "V",   "{rev}/min", "mm/s", "kg/m3"};

std::vector<Candidate> candidates(std::size_t count) {
  std::mt19937_64 random(1);
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto a = random() % 20, b = random() % 20, q = random() % 10, t = i / 20;
    Candidate candidate;
    candidate.template_name = "machine" + std::to_string(t) + "_" + std::string(kThings[t % 20]);
    candidate.template_words = {{"en", "Machine " + std::string(kThings[t % 20])},
                                {"zh", std::string(kThingsChinese[t % 20]) + "机"}};
    candidate.attribute =
        std::string(kThings[a]) + "_" + std::string(kThings[b]) + "_" + std::string(kQuantities[q]);
    candidate.words = {{"en", candidate.attribute},
                       {"zh", std::string(kThingsChinese[a]) + std::string(kThingsChinese[b]) +
                                  std::string(kQuantitiesChinese[q])}};
    candidate.unit = kUnits[q];
    candidate.valid = Limits{0, 100.0 * static_cast<double>(q + 1)};
    all.push_back(std::move(candidate));
  }
  return all;
}

std::vector<FoundPoint> points(std::size_t count, const std::vector<Candidate>& from) {
  std::mt19937_64 random(2);
  std::vector<FoundPoint> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& candidate = from[random() % from.size()];
    FoundPoint point;
    std::string name;
    for (const char c : candidate.attribute)
      if (name.empty() || c == '_' || random() % 4 != 0) name += c;
    point.path = {"Plant", candidate.template_name + " " + std::to_string(i / 20),
                  name + "_" + std::to_string(random() % 1000)};
    if (random() % 2 == 0) point.description = candidate.words.at("zh");
    point.unit = candidate.unit;
    point.range = candidate.valid;
    all.push_back(std::move(point));
  }
  return all;
}

void propose_bench(benchmark::State& state) {
  const auto attributes = candidates(2'000);
  const auto found = points(static_cast<std::size_t>(state.range(0)), attributes);
  for (auto _ : state) benchmark::DoNotOptimize(propose(found, attributes));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

}  // namespace

BENCHMARK(propose_bench)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace tundish::binding
