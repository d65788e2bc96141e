#include "simulate/plant.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/nearest_word.h"

namespace tundish::simulate {
namespace {

constexpr double kStepS = 1.0;

/// SplitMix64's finaliser: a well-mixed function of its input.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

double seconds(DurationNs time) { return static_cast<double>(time) / 1e9; }

std::int64_t floor_divide(TimeNs time, DurationNs length) {
  const std::int64_t quotient = time / length;
  return time % length < 0 ? quotient - 1 : quotient;
}

/// Smooth from 0 to 1 with level ends.
double ease(double x) { return x * x * (3 - 2 * x); }

}  // namespace

Plant::Plant(PlantSpec spec, std::uint64_t seed, TimeNs epoch)
    : spec_(std::move(spec)),
      seed_(mix(seed)),
      time_(floor_divide(epoch, kSecond) * kSecond),
      states_(spec_.signals.size()),
      values_(spec_.signals.size()),
      qualities_(spec_.signals.size(), kGood),
      faults_of_(spec_.signals.size()),
      fault_since_(spec_.faults.size(), 0),
      stuck_(spec_.signals.size()) {
  for (std::size_t fault = 0; fault < spec_.faults.size(); ++fault)
    for (const std::size_t index : spec_.faults[fault].signals) faults_of_[index].push_back(fault);
  step();
}

double Plant::uniform(std::size_t stream, std::int64_t n) const {
  const std::uint64_t bits =
      mix(seed_ ^ mix(static_cast<std::uint64_t>(stream) * 0xD1B54A32D192ED03ull ^
                      mix(static_cast<std::uint64_t>(n))));
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

double Plant::normal(std::size_t stream, std::int64_t n) const {
  // Box and Muller; the first draw is kept off zero.
  const double u = uniform(stream, 2 * n) + 0x1p-54;
  const double v = uniform(stream, 2 * n + 1);
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

void Plant::step_to(TimeNs time) {
  while (time - time_ >= kSecond) {
    time_ += kSecond;
    step();
  }
}

void Plant::step() {
  for (std::size_t i = 0; i < spec_.signals.size(); ++i) {
    qualities_[i] = kGood;
    const SignalSpec& signal = spec_.signals[i];
    switch (signal.kind) {
      case SignalKind::kConstant: values_[i] = signal.constant; break;
      case SignalKind::kPhase:
        values_[i] = spec_.batches[signal.batch].phases[place_of(signal.batch).phase].name;
        break;
      case SignalKind::kNumber:
        values_[i] = fmt::format("{}{:06}", spec_.batches[signal.batch].prefix,
                                 place_of(signal.batch).number % 1'000'000);
        break;
      default: settle(i, compute(i));
    }
    if (!faults_.empty()) apply_faults(i, true);
  }
  if (faults_.empty()) return;
  for (std::size_t i = 0; i < spec_.signals.size(); ++i) apply_faults(i, false);
}

double Plant::number_of(std::size_t signal) const {
  const Value& value = values_[signal];
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1.0 : 0.0;
  return 0.0;
}

double Plant::compute(std::size_t index) {
  const SignalSpec& signal = spec_.signals[index];
  State& state = states_[index];
  switch (signal.kind) {
    case SignalKind::kSetpoint: {
      const std::int64_t stretch = floor_divide(time_, signal.hold);
      const double draw = uniform(index, stretch) * static_cast<double>(signal.values.size());
      return signal.values[static_cast<std::size_t>(draw)];
    }
    case SignalKind::kWave: {
      // Three octaves of value noise: random heights at even times, eased between.
      double sum = 0, weight = 1, weights = 0;
      for (std::int64_t octave = 0; octave < 3; ++octave) {
        const DurationNs length = std::max<DurationNs>(signal.period >> (2 * octave), kSecond);
        const std::int64_t cell = floor_divide(time_, length);
        const double along =
            static_cast<double>(time_ - cell * length) / static_cast<double>(length);
        const double a = uniform(index, cell * 4 + octave),
                     b = uniform(index, (cell + 1) * 4 + octave);
        sum += weight * (a + (b - a) * ease(along));
        weights += weight;
        weight *= 0.35;
      }
      return signal.mean + signal.span * (sum / weights - 0.5);
    }
    case SignalKind::kLag:
      return lag(signal, state, number_of(signal.inputs[0]) * signal.gain + signal.offset);
    case SignalKind::kLoop: return loop(signal, state, number_of(signal.inputs[0]));
    case SignalKind::kOutput: return states_[signal.inputs[0]].output;
    case SignalKind::kSum: {
      double sum = signal.offset;
      for (std::size_t i = 0; i < signal.inputs.size(); ++i)
        sum += signal.factors[i] * number_of(signal.inputs[i]);
      return sum;
    }
    case SignalKind::kProduct: {
      double product = signal.gain;
      for (const std::size_t input : signal.inputs) product *= number_of(input);
      return product;
    }
    case SignalKind::kRatio: {
      const double below = number_of(signal.inputs[1]);
      return std::abs(below) < 1e-12 ? 0.0 : signal.gain * number_of(signal.inputs[0]) / below;
    }
    case SignalKind::kCounter: {
      state.memory += std::max(0.0, number_of(signal.inputs[0])) * kStepS / 3600.0;
      if (signal.rollover > 0) state.memory = std::fmod(state.memory, signal.rollover);
      return state.memory;
    }
    case SignalKind::kSwitch:
      return uniform(index, floor_divide(time_, signal.hold)) < signal.on ? 1.0 : 0.0;
    case SignalKind::kRunning:
      return std::ranges::find(signal.phases, place_of(signal.batch).phase) != signal.phases.end()
                 ? 1.0
                 : 0.0;
    case SignalKind::kRamp: {
      const BatchPlace place = place_of(signal.batch);
      const auto ramp = signal.ramps.find(place.phase);
      if (ramp == signal.ramps.end())
        return state.started ? state.value : signal.ramps.begin()->second.first;
      return ramp->second.first + (ramp->second.second - ramp->second.first) * place.progress;
    }
    case SignalKind::kReplay: return replay(index);
    case SignalKind::kEach:
      return signal.mean + signal.span * (uniform(index, place_of(signal.batch).number) - 0.5);
    case SignalKind::kEvent: {
      const std::int64_t stretch = floor_divide(time_, signal.every);
      const double start = uniform(index, 2 * stretch + 1) * seconds(signal.every - signal.time);
      const double into = seconds(time_ - stretch * signal.every) - start;
      const bool comes = uniform(index, 2 * stretch) < signal.on;
      return comes && into >= 0 && into < seconds(signal.time) ? 1.0 : 0.0;
    }
    case SignalKind::kTally: return tally(signal, state);
    case SignalKind::kConstant:
    case SignalKind::kPhase:
    case SignalKind::kNumber: break;
  }
  return 0.0;
}

/// An input that is on when the plant's life begins went on before it, and is not counted.
double Plant::tally(const SignalSpec& signal, State& state) const {
  const double on = number_of(signal.inputs[0]) != 0 ? 1.0 : 0.0;
  if (state.started && on > state.output)
    state.memory += signal.inputs.size() > 1 ? std::max(0.0, number_of(signal.inputs[1])) : 1.0;
  state.output = on;
  if (signal.rollover > 0) state.memory = std::fmod(state.memory, signal.rollover);
  return state.memory;
}

double Plant::lag(const SignalSpec& signal, State& state, double target) const {
  // A NaN (a gap in a recording) is not remembered: the value rests until there is a number again.
  if (!state.started) return signal.start.value_or(target);
  if (std::isnan(state.value)) return target;
  if (std::isnan(target)) return state.value;
  return state.value + (target - state.value) * (1 - std::exp(-kStepS / seconds(signal.time)));
}

/// A first-order process under a PI controller, with a load that wanders: the measured value is
/// seldom quite at the set point, as in a plant.
double Plant::loop(const SignalSpec& signal, State& state, double setpoint) const {
  if (!state.started || std::isnan(state.value)) {
    state.memory = 50.0;
    state.output = 50.0;
    return setpoint;
  }
  if (std::isnan(setpoint)) return state.value;
  const double scale = std::max(std::abs(setpoint), 1e-6);
  const double error = (setpoint - state.value) / scale * 100.0;  // percent of the set point
  const double gain = 2.0 * signal.gain;
  state.memory =
      std::clamp(state.memory + gain * error * kStepS / seconds(signal.reset), 0.0, 100.0);
  state.output = std::clamp(state.memory + gain * error, 0.0, 100.0);
  const std::size_t stream = static_cast<std::size_t>(&signal - spec_.signals.data());
  const DurationNs length = 10 * kMinute;
  const std::int64_t cell = floor_divide(time_, length);
  const double along = static_cast<double>(time_ - cell * length) / static_cast<double>(length);
  const double a = uniform(stream, cell), b = uniform(stream, cell + 1);
  const double load = 47.0 + 6.0 * (a + (b - a) * ease(along));
  // At an output equal to the load the process rests at its set point's scale.
  const double target = scale * (setpoint < 0 ? -1 : 1) * (1 + (state.output - load) / 100.0);
  return state.value + (target - state.value) * (1 - std::exp(-kStepS / seconds(signal.time)));
}

double Plant::recorded(std::size_t recording, const SignalSpec& signal) const {
  const Recording& table = spec_.recordings[recording];
  const auto rows = static_cast<std::int64_t>(table.rows());
  const std::int64_t row = floor_divide(time_, signal.every);
  const double along =
      static_cast<double>(time_ - row * signal.every) / static_cast<double>(signal.every);
  const auto at = [&](std::int64_t n) {
    return table.at(static_cast<std::size_t>((n % rows + rows) % rows), signal.column);
  };
  const double value = signal.step ? at(row) : at(row) + (at(row + 1) - at(row)) * along;
  return value * signal.gain + signal.offset;
}

double Plant::replay(std::size_t index) const {
  const SignalSpec& signal = spec_.signals[index];
  std::size_t recording = signal.recording;
  for (const std::size_t fault : faults_) {
    const FaultSpec& spec = spec_.faults[fault];
    if (spec.kind == FaultKind::kReplay &&
        std::ranges::find(spec.signals, index) != spec.signals.end())
      recording = spec.recording;
  }
  return recorded(recording, signal);
}

/// A recorded value that rests would look dead: its last digit moves after five seconds of rest.
double Plant::stirred(State& state, double steps) const {
  if (steps + state.stir == state.shown && time_ - state.shown_since >= 5 * kSecond)
    state.stir = 1 - state.stir;
  if (steps + state.stir != state.shown) {
    state.shown = steps + state.stir;
    state.shown_since = time_;
  }
  return state.shown;
}

/// Noise, limits, resolution and type, in this order, as a sensor and its transmitter do.
void Plant::settle(std::size_t index, double value) {
  const SignalSpec& signal = spec_.signals[index];
  State& state = states_[index];
  state.value = value;
  state.started = true;
  if (signal.type == ValueType::kBool) {
    values_[index] = value != 0.0;
    return;
  }
  if (std::isnan(value)) qualities_[index] = kBadNoData;
  if (signal.noise > 0) value += signal.noise * normal(index, time_ / kSecond);
  value = std::clamp(value, signal.minimum, signal.maximum);
  if (signal.resolution > 0) {
    double steps = std::round(value / signal.resolution);
    if (signal.kind == SignalKind::kReplay && !signal.step) steps = stirred(state, steps);
    // Division keeps 0.1-steps at the shortest decimals (3.3, not 3.3000000000000003).
    const double inverse = std::round(1.0 / signal.resolution);
    value = std::abs(inverse * signal.resolution - 1.0) < 1e-12 ? steps / inverse
                                                                : steps * signal.resolution;
  }
  if (signal.type == ValueType::kInt64)
    values_[index] = std::isnan(value)
                         ? std::int64_t{0}
                         : static_cast<std::int64_t>(std::llround(std::clamp(value, -9e18, 9e18)));
  else
    values_[index] = value;
}

/// Shifts first, then what rests or is replaced: a stuck sensor shows exactly what it showed last. A
/// fault of the process is applied before the signals below it are calculated; one of the sensor when
/// all are, so that the process goes on from the true value.
void Plant::apply_faults(std::size_t index, bool process) {
  for (const std::size_t fault : faults_of_[index])
    if (faults_.contains(fault) && spec_.faults[fault].process == process) shift(fault, index);
  for (const std::size_t fault : faults_of_[index]) {
    const FaultSpec& spec = spec_.faults[fault];
    if (!faults_.contains(fault) || spec.process != process) continue;
    if (spec.kind == FaultKind::kStuck) values_[index] = stuck_[index];
    if (spec.kind == FaultKind::kValue) values_[index] = spec.value;
    if (spec.kind == FaultKind::kBad) qualities_[index] = spec.quality;
  }
}

void Plant::shift(std::size_t fault, std::size_t index) {
  const FaultSpec& spec = spec_.faults[fault];
  const auto since = static_cast<double>(time_ - fault_since_[fault]);
  const double value = number_of(index);
  double by = 0;
  if (spec.kind == FaultKind::kOffset) by = spec.amount;
  if (spec.kind == FaultKind::kDrift) by = spec.amount * since / static_cast<double>(kHour);
  if (spec.kind == FaultKind::kRamp)
    by = (spec.amount - value) * std::min(1.0, since / static_cast<double>(spec.over));
  if (auto* number = std::get_if<double>(&values_[index])) *number += by;
  if (auto* number = std::get_if<std::int64_t>(&values_[index]))
    *number = std::llround(std::clamp(value + by, -9e18, 9e18));
}

Plant::BatchPlace Plant::place_of(std::size_t batch) const {
  const BatchSpec& spec = spec_.batches[batch];
  const DurationNs length = spec.length();
  BatchPlace place;
  place.number = floor_divide(time_ - spec.shift, length);
  DurationNs into = time_ - spec.shift - place.number * length;
  for (place.phase = 0; place.phase + 1 < spec.phases.size(); ++place.phase) {
    if (into < spec.phases[place.phase].length) break;
    into -= spec.phases[place.phase].length;
  }
  place.progress = static_cast<double>(into) / static_cast<double>(spec.phases[place.phase].length);
  return place;
}

Status Plant::check_faults(const PlantSpec& spec, const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const auto& fault : spec.faults) known.push_back(fault.name);
  for (const auto& name : names)
    if (std::ranges::find(known, name) == known.end())
      return fail(ErrorCode::kNotFound,
                  known.empty() ? "this plant has no faults"
                                : fmt::format("there is no fault '{}'; did you mean '{}'?", name,
                                              nearest_word(name, known)));
  return {};
}

Status Plant::set_faults(const std::vector<std::string>& names) {
  TUNDISH_RETURN_IF_ERROR(check_faults(spec_, names));
  std::set<std::size_t> wanted;
  for (std::size_t fault = 0; fault < spec_.faults.size(); ++fault)
    if (std::ranges::find(names, spec_.faults[fault].name) != names.end()) wanted.insert(fault);
  for (const std::size_t fault : wanted) {
    if (faults_.contains(fault)) continue;
    fault_since_[fault] = time_;
    for (const std::size_t index : spec_.faults[fault].signals) stuck_[index] = values_[index];
  }
  faults_ = std::move(wanted);
  return {};
}

}  // namespace tundish::simulate
