// The simulated plants: in 24 normal hours their masses, carbon and figures are those of healthy plants. Computed here from
// the samples by hand, so that the packs' formulas have something to be compared with.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "simulate/plant.h"

namespace tundish::app {
namespace {

constexpr TimeNs kEpoch = 1'790'000'000 * kSecond;

/// What each counter counted, each number's integral over time in units x h, and how often each switch went on.
struct Day {
  std::map<std::string, double> counted, integral;
  std::map<std::string, int> poured;

  double of(const std::string& path) const { return counted.at(path); }
};

Day run_a_day(const std::string& pack, std::uint64_t seed) {
  auto spec = simulate::load_plant(std::string(TUNDISH_SOURCE_DIR) + "/packs/" + pack);
  if (!spec) throw std::runtime_error(spec.error().to_string());
  simulate::Plant plant(std::move(*spec), seed, kEpoch);
  const auto& signals = plant.spec().signals;
  const auto number = [&](std::size_t i) {
    const auto* value = std::get_if<double>(&plant.value(i));
    return value == nullptr ? 0.0 : *value;
  };
  Day day;
  // The first hour lets the lags settle.
  const TimeNs from = kEpoch + kHour;
  plant.step_to(from);
  std::vector<double> start(signals.size()), sum(signals.size());
  std::vector<std::string> phases(signals.size());
  for (std::size_t i = 0; i < signals.size(); ++i) start[i] = number(i);
  for (TimeNs t = from + kSecond; t <= from + kDay; t += kSecond) {
    plant.step_to(t);
    for (std::size_t i = 0; i < signals.size(); ++i) {
      sum[i] += number(i) / 3600;
      const auto* text = std::get_if<std::string>(&plant.value(i));
      if (text == nullptr || !signals[i].path.ends_with("/phase")) continue;
      const std::string& phase = *text;
      if (phase == "pouring" && phases[i] != phase && !phases[i].empty())
        ++day.poured[signals[i].path];
      phases[i] = phase;
    }
  }
  for (std::size_t i = 0; i < signals.size(); ++i) {
    day.counted[signals[i].path] = number(i) - start[i];
    day.integral[signals[i].path] = sum[i];
  }
  return day;
}

void expect_within(double value, double low, double high, const char* what) {
  EXPECT_GE(value, low) << what;
  EXPECT_LE(value, high) << what;
}

class Balance : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Balance, OfSteelClosesAndStaysInTheBands) {
  const Day day = run_a_day("steel", GetParam());
  const double coke = day.of("works/ironmaking/bf1/coke_total"),
               coal = day.of("works/ironmaking/bf1/coal_total");
  const double hot_metal = day.of("works/ironmaking/bf1/hot_metal_total");
  expect_within(1000 * (coke + coal) / hot_metal, 490, 540, "fuel ratio, kg/t");
  expect_within(1000 * coke / hot_metal, 300, 400, "coke ratio, kg/t");
  expect_within(1000 * coal / hot_metal, 130, 200, "coal ratio, kg/t");
  expect_within(hot_metal / 3200, 2, 3, "productivity, t/m3/d");

  const double gas = day.of("works/ironmaking/bf1/top_gas_total");
  double stove_gas = 0;
  for (const char* stove : {"stove1", "stove2", "stove3"})
    stove_gas += day.of(std::string("works/ironmaking/") + stove + "/gas_total");
  const double blower = day.of("works/ironmaking/bf1/blower_energy_total");
  const double turbine = day.of("works/ironmaking/bf1/turbine_energy_total");
  const double kgce = 1000 * (coke * 0.9714 + coal * 0.9) + (stove_gas - gas) * 0.114 +
                      (blower - turbine) * 3600 / 29307.6;
  expect_within(kgce / hot_metal, 340, 400, "process energy, kgce/t");

  // Carbon leaves with the top gas, 12.011 kg in 22.414 m3, and with the hot metal.
  const double carbon_in = coke * 0.86 + coal * 0.8;
  const double share = day.integral.at("works/ironmaking/bf1/top_gas_carbon") / 24 / 100;
  const double carbon_out = gas * share * 0.5359 / 1000 + hot_metal * 0.045;
  expect_within(carbon_out / carbon_in, 0.98, 1.02, "carbon out by carbon in");

  const double charged = day.of("works/steelmaking/bof1/hot_metal_total");
  const double tapped = day.of("works/steelmaking/bof1/steel_total");
  expect_within(charged / hot_metal, 0.98, 1.02, "hot metal charged by hot metal made");
  expect_within(1000 * (charged + day.of("works/steelmaking/bof1/scrap_total")) / tapped, 1060,
                1110, "metal charged, kg/t");
  expect_within(day.of("works/steelmaking/bof1/oxygen_total") / tapped, 46, 56, "oxygen, m3/t");
  const double cast = day.of("works/casting/caster1/steel_total");
  const double slab = day.of("works/casting/caster1/slab_total");
  expect_within(cast / tapped, 0.98, 1.02, "steel cast by steel tapped");
  expect_within(100 * slab / cast, 97, 98.5, "caster yield, %");
  const double rolled = day.of("works/rolling/hsm1/slab_total");
  const double strip = day.of("works/rolling/hsm1/strip_total");
  expect_within(rolled / slab, 0.98, 1.02, "slab rolled by slab cast");
  expect_within(100 * strip / rolled, 97.5, 99, "rolling yield, %");
  expect_within(day.of("works/rolling/hsm1/mill_energy_total") / strip, 38, 56,
                "drive energy, kWh/t");
  expect_within(day.of("works/energy/grid/energy_total") / slab, 100, 220, "power by slab, kWh/t");
  const double fan = day.integral.at("works/ironmaking/sinter1/fan_power");
  expect_within(fan / day.of("works/ironmaking/sinter1/sinter_total"), 10, 16, "exhauster, kWh/t");

  int trips = 0;
  for (const auto& [_, count] : day.poured) trips += count;
  EXPECT_EQ(day.poured.size(), 6u);
  expect_within(trips / 6.0, 4, 4.6, "trips a car and day");
}

TEST_P(Balance, OfChemicalsClosesAndStaysInTheBands) {
  const Day day = run_a_day("chemicals", GetParam());
  const double feed = day.of("ammonia1/front/reformer/feed_gas_total");
  const double fuel = day.of("ammonia1/front/reformer/fuel_gas_total");
  const double ammonia = day.of("ammonia1/synthesis/converter/ammonia_total");
  const double kwh = day.of("ammonia1/utilities/power/energy_total");
  const double sold = day.of("ammonia1/utilities/steam/sold_total");
  expect_within(((feed + fuel) * 0.036 + kwh * 0.0036 - sold * 2.8) / ammonia, 28, 36,
                "specific energy, GJ/t");
  expect_within(kwh / ammonia, 50, 75, "power, kWh/t");
  expect_within((feed + fuel) * 1.9635 / 1000 / ammonia, 1.5, 2, "CO2, t/t");
  expect_within(day.of("ammonia1/front/co2_removal/co2_total") / feed, 0.98, 1.02,
                "CO2 removed by carbon fed");
  const double makeup = day.of("ammonia1/synthesis/compressor/makeup_total");
  const double purge = day.of("ammonia1/synthesis/converter/purge_total");
  // Two moles of gas make one of ammonia.
  const double as_gas = ammonia * 1000 / 17.031 * 2 * 22.414;
  expect_within((as_gas + purge) / makeup, 0.98, 1.02, "ammonia and purge by make-up gas");
  expect_within(100 * as_gas / makeup, 96, 99.5, "ammonia by make-up gas, %");
  const double made = day.of("ammonia1/utilities/steam/made_total");
  const double used = day.of("ammonia1/utilities/steam/used_total");
  expect_within(100 * (made - used - sold) / made, 0, 4, "steam not accounted for, %");
  expect_within(1000 * day.integral.at("ammonia1/utilities/flare/flare_flow") / ammonia, 0, 2,
                "flared, kg/t");
  const double work = day.integral.at("plant1/reaction/compressor/work");
  const double product = day.integral.at("plant1/separation/stripper/underflow");
  expect_within(work / product, 12, 18, "compressor energy by product, kWh/m3");
}

INSTANTIATE_TEST_SUITE_P(Seeds, Balance, testing::Values(1, 7, 2026));

}  // namespace
}  // namespace tundish::app
