#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "pack/pack.h"
#include "pack/pack_testing.h"

// Input: a byte that chooses the file, then that file's text; the other files are those of a pack that is
// right. What is found is a mistake with a place within a file, or a pack whose templates all resolve.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  constexpr std::array kFiles{"pack.yaml",      "assets.yaml",  "kpis.yaml",   "alarms.yaml",
                              "intervals.yaml", "screens.yaml", "plant.yaml",  "simulation.yaml",
                              "faults.csv",     "mimic.svg",    "balances.csv"};
  if (size == 0) return 0;
  pack::Files files = pack::small_pack();
  files[kFiles[data[0] % kFiles.size()]] =
      std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool is_wrong = false;
  for (const auto& mistake : pack::check_pack(files)) {
    TUNDISH_CHECK(!mistake.message.empty() && mistake.line >= 1 && mistake.column >= 1);
    is_wrong = is_wrong || !mistake.is_warning;
  }
  const auto pack = pack::read_pack(files);
  TUNDISH_CHECK(pack.has_value() == !is_wrong);
  if (pack)
    for (const auto& one : pack->templates)
      TUNDISH_CHECK(pack::resolve_template(*pack, one.name).has_value());
  return 0;
}
