#include <array>

#include "pack/readers.h"

namespace tundish::pack {
namespace {

constexpr std::size_t kSignalsMax = 20'000;

/// The type that a kind of signal has when it does not say; nothing for one that is not known here.
std::optional<ValueType> type_of_kind(std::string_view kind) {
  if (kind == "switch" || kind == "running") return ValueType::kBool;
  if (kind == "phase" || kind == "number") return ValueType::kString;
  constexpr std::array kNumbers{"constant", "setpoint", "wave",  "lag",  "loop",    "output",
                                "sum",      "product",  "ratio", "ramp", "counter", "replay"};
  for (const std::string_view number : kNumbers)
    if (kind == number) return ValueType::kDouble;
  return std::nullopt;
}

}  // namespace

// Everything else in simulation.yaml is the simulator's business and checked there.
void read_signals(Source& source, Pack& pack) {
  const auto root = source.load();
  if (!root || !root->IsMap()) return;
  source.attempt([&] {
    if (const auto signals = optional_member(*root, "signals"); signals && signals->IsMap()) {
      if (signals->size() > kSignalsMax) mistake(*signals, "more than 20,000 signals");
      for (const auto& entry : *signals) {
        PackSignal signal;
        signal.path = text(entry.first);
        if (entry.second.IsMap()) {
          signal.type = type_of_kind(text_or(entry.second, "kind", ""));
          if (const auto type = optional_member(entry.second, "type"))
            signal.type = parse_value_type(text(*type));
          if (const auto unit = optional_member(entry.second, "unit"))
            signal.unit = unit_code(*unit);
        }
        source.note("signal/" + signal.path, entry.first);
        pack.signals.push_back(std::move(signal));
      }
    }
    if (const auto faults = optional_member(*root, "faults"); faults && faults->IsMap())
      for (const auto& entry : *faults) pack.simulated_faults.push_back(text(entry.first));
  });
}

}  // namespace tundish::pack
