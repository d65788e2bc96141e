#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "simulate/plant.h"
#include "simulate/plant_spec.h"

/// Whatever is read as a plant also runs.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto spec = simulate::parse_plant(text, "simulation.yaml", "/nonexistent");
  if (!spec) {
    TUNDISH_CHECK(!spec.error().message.empty());
    return 0;
  }
  std::vector<std::string> faults;
  for (const auto& fault : spec->faults) faults.push_back(fault.name);
  simulate::Plant plant(std::move(*spec), 1, 1'700'000'000 * kSecond);
  plant.step_to(plant.time() + 3 * kSecond);
  TUNDISH_CHECK(plant.set_faults(faults).has_value());
  plant.step_to(plant.time() + 3 * kSecond);
  for (std::size_t i = 0; i < plant.spec().signals.size(); ++i)
    TUNDISH_CHECK(type_of(plant.value(i)) == plant.spec().signals[i].type);
  return 0;
}
