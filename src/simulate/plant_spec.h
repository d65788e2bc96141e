#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/quality.h"
#include "model/value.h"
#include "simulate/recording.h"

namespace tundish::simulate {

/// How a signal's value comes about (docs/guides/simulation.md has each with an example).
enum class SignalKind : std::uint8_t {
  kConstant,  ///< `value`
  kSetpoint,  ///< one of `values`, held for `hold`
  kWave,      ///< wanders around `mean` within `span`, slower than `period`
  kLag,       ///< `input` x `gain` + `offset` behind a first-order lag of `time`, from `start` on
  kLoop,      ///< a process of lag `time` held at `setpoint` by a PI controller with `reset`
  kOutput,    ///< the output of the loop `of`, 0..100 %
  kSum,       ///< `offset` + sum of `inputs` x `factors`
  kProduct,   ///< `gain` x product of `inputs`
  kRatio,     ///< `gain` x first of `inputs` / second
  kCounter,   ///< integral of `input` per hour, from zero to `rollover`
  kSwitch,    ///< on for the share `on` of all stretches of `hold`
  kPhase,     ///< name of the present phase of the batch `of`
  kNumber,    ///< number of the present batch of `of`
  kRunning,   ///< the batch `of` is in one of `phases`
  kRamp,      ///< within each phase of `of` from one value to another (`ramps`)
  kReplay,    ///< `column` of a recording x `gain` + `offset`, one row every `every`
  kEach,      ///< one value for each batch of `of`, by chance within `span` around `mean`
  kEvent,     ///< on for `length` at a random time of a stretch of `every`, by `chance`
  kTally,     ///< how often `input` went on, or the sum of `amount` at these times
};

/// One signal. Inputs are indexes of signals that stand before it in the file, so there are no
/// cycles.
struct SignalSpec {
  std::string path;  ///< below the enterprise: `works/ironmaking/bf1/hot_blast_temp`
  SignalKind kind = SignalKind::kConstant;
  ValueType type = ValueType::kDouble;
  std::string unit;  ///< UCUM
  std::string description;
  bool step = false;
  double low = 0, high = 0;  ///< engineering range; equal: none
  double noise = 0;          ///< standard deviation, value units
  double resolution = 0;     ///< values are multiples of it; 0: as computed
  double minimum = -1e300, maximum = 1e300;
  Value constant = 0.0;
  std::vector<double> values;
  double mean = 0, span = 0, gain = 1, offset = 0, rollover = 0, on = 1;
  DurationNs period = kHour, hold = kHour, time = kMinute, reset = 5 * kMinute,
             every = 10 * kSecond;
  std::optional<double> start;  ///< kLag: at the epoch; else at rest
  std::vector<std::size_t> inputs;
  std::vector<double> factors;
  std::size_t batch = 0;
  std::vector<std::size_t> phases;
  std::map<std::size_t, std::pair<double, double>> ramps;  ///< by phase
  std::size_t recording = 0, column = 0;
};

struct PhaseSpec {
  std::string name;
  DurationNs length = 0;
};

struct BatchSpec {
  std::string name;
  std::string prefix;  ///< of the batch number: `H` gives H004711
  std::vector<PhaseSpec> phases;
  DurationNs shift = 0;  ///< its first phase begins this much later
  DurationNs length() const;
};

enum class FaultKind : std::uint8_t { kStuck, kOffset, kDrift, kBad, kReplay, kValue, kRamp };

struct FaultSpec {
  std::string name;
  std::string description;
  FaultKind kind = FaultKind::kStuck;
  std::vector<std::size_t> signals;
  double amount = 0;          ///< kOffset: added; kDrift: added per hour; kRamp: where it goes
  Quality quality = kBad;     ///< kBad
  std::size_t recording = 0;  ///< kReplay: these signals play this recording instead
  Value value = 0.0;          ///< kValue: shown instead
  DurationNs over = kMinute;  ///< kRamp: until `amount` is reached
  bool process = false;       ///< what is calculated from these signals goes along
};

/// One plant as its simulation.yaml describes it: everything checked, nothing half-loaded.
struct PlantSpec {
  std::string name;
  std::string namespace_uri;
  std::vector<BatchSpec> batches;
  std::vector<Recording> recordings;
  std::vector<SignalSpec> signals;
  std::vector<FaultSpec> faults;
};

/// Reads `folder`/simulation.yaml and the recordings that it names. Errors: kInvalidArgument with
/// `file:line:column`, the cause, and for a misspelt name the nearest right one; kNotFound.
Result<PlantSpec> load_plant(const std::string& folder);

/// The same from text; recordings are read from `folder`. Bounded: 1 MiB, 5,000 signals.
Result<PlantSpec> parse_plant(const std::string& text, const std::string& file,
                              const std::string& folder);

}  // namespace tundish::simulate
