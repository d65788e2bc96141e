#include <cstdint>
#include <string_view>

#include "formula/formula_testing.h"

// Any text that is a formula can be run, within its budget, over a plant with everything in it that plants have.

namespace {

using namespace tundish;
using namespace tundish::formula;

TestPlant make_plant() {
  TestPlant plant;
  plant.set_children(2);
  const auto fill = [](TestPlant::Series& series, double scale) {
    for (int i = 0; i < 40; ++i) {
      const Quality quality = i % 11 == 0 ? kBad : i % 7 == 0 ? kUncertain : kGood;
      series.samples.push_back({.time = i * 3 * kSecond,
                                .value = Value(scale * static_cast<double>(i * i % 17)),
                                .quality = quality});
    }
  };
  fill(plant.add("a", "kW"), 1);
  fill(plant.add("b", "kW", true), -1);
  fill(plant.add("m", "kW.h", true), 1e300);
  fill(plant.add("t", "Cel"), 100);
  fill(plant.add("n", "1"), 1);
  fill(plant.add("c#0", "kW"), 1);
  fill(plant.add("c#1", "kW"), 2);
  auto& state = plant.add("s", Kind::kText);
  auto& flag = plant.add("f", Kind::kBool);
  for (int i = 0; i < 40; ++i) {
    state.samples.push_back(
        {i * 5 * kSecond, Value(std::string(i % 2 == 0 ? "on" : "off")), kGood});
    flag.samples.push_back({i * 4 * kSecond, Value(i % 3 == 0), kGood});
  }
  plant.add_window("shift", {{0, 50 * kSecond}, {60 * kSecond, 110 * kSecond}});
  return plant;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 512) return 0;
  static TestPlant plant = make_plant();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto program = compile(text, plant);
  if (!program) return 0;
  const auto nothing = [](const Results& results) -> Status {
    for (std::size_t i = 0; i < results.times.size(); ++i) {
      const Sample sample = results.at(i);
      if (sample.quality.is_bad()) continue;
      // A value that is not Bad is a number.
      if (const auto* number = std::get_if<double>(&sample.value);
          number && !(*number - *number == 0))
        __builtin_trap();
    }
    return {};
  };
  const Budget budget{.steps_max = 1'000'000, .keep_going = {}};
  static_cast<void>(
      evaluate(*program, plant, {.range = {0, 150 * kSecond}, .every = 0}, budget, nothing));
  static_cast<void>(evaluate(*program, plant, {.range = {0, 150 * kSecond}, .every = 7 * kSecond},
                             budget, nothing));
  const std::vector<TimeRange> windows{{0, 40 * kSecond}, {40 * kSecond, 130 * kSecond}};
  static_cast<void>(evaluate(*program, plant, {.range = {0, 150 * kSecond}, .windows = windows},
                             budget, nothing));
  return 0;
}
