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

/// What a batch goes through; empty where the file does not say it as it should, which the simulator tells.
std::vector<std::string> phases_of(const YAML::Node& root, const std::string& batch) {
  std::vector<std::string> names;
  const auto batches = optional_member(root, "batches");
  if (!batches || !batches->IsMap()) return names;
  const auto one = optional_member(*batches, batch.c_str());
  if (!one || !one->IsMap()) return names;
  const auto phases = optional_member(*one, "phases");
  if (!phases || !phases->IsMap()) return names;
  for (const auto& phase : *phases) names.push_back(text(phase.first));
  return names;
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
          if (text_or(entry.second, "kind", "") == "phase")
            signal.phases = phases_of(*root, text_or(entry.second, "of", ""));
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
