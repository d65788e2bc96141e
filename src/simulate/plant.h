#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/sample.h"
#include "simulate/plant_spec.h"

namespace tundish::simulate {

/// A plant that runs. Its values are a function of (spec, seed, epoch, time, faults): two plants of
/// the same four agree in every bit, which is how a day of history joins the live values.
/// Steps of one second from the epoch on. One thread.
class Plant {
 public:
  Plant(PlantSpec spec, std::uint64_t seed, TimeNs epoch);

  const PlantSpec& spec() const { return spec_; }
  /// Steps up to `time`, which must not be before the last call's.
  void step_to(TimeNs time);
  TimeNs time() const { return time_; }

  const Value& value(std::size_t signal) const { return values_[signal]; }
  Quality quality(std::size_t signal) const { return qualities_[signal]; }

  /// Switches faults on and off from the next step on. Errors: kNotFound with the nearest name.
  Status set_faults(const std::vector<std::string>& names);
  /// Whether a plant has all of these. Errors: as set_faults.
  static Status check_faults(const PlantSpec& spec, const std::vector<std::string>& names);

 private:
  struct State {
    double value = 0;   ///< before noise, resolution and faults
    double memory = 0;  ///< integrator of a loop, output, running total
    double output = 0;
    bool started = false;
    double stir = 0, shown = 0;  ///< kReplay: 0 or 1 step added; steps that are shown
    TimeNs shown_since = 0;
  };

  void step();
  double compute(std::size_t index);
  double lag(const SignalSpec& signal, State& state, double target) const;
  double loop(const SignalSpec& signal, State& state, double setpoint) const;
  double tally(const SignalSpec& signal, State& state) const;
  double replay(std::size_t index) const;
  double recorded(std::size_t recording, const SignalSpec& signal) const;
  double stirred(State& state, double steps) const;
  void settle(std::size_t index, double value);
  void apply_faults(std::size_t index, bool process);
  void shift(std::size_t fault, std::size_t index);
  double number_of(std::size_t signal) const;

  /// Position in the batch: which one, which phase, how far through it (0..1).
  struct BatchPlace {
    std::int64_t number = 0;
    std::size_t phase = 0;
    double progress = 0;
  };
  BatchPlace place_of(std::size_t batch) const;

  /// Reproducible draws, uniform in [0, 1), standard normal.
  double uniform(std::size_t stream, std::int64_t n) const;
  double normal(std::size_t stream, std::int64_t n) const;

  PlantSpec spec_;
  const std::uint64_t seed_;
  TimeNs time_;
  std::vector<State> states_;
  std::vector<Value> values_;
  std::vector<Quality> qualities_;
  std::set<std::size_t> faults_;
  std::vector<std::vector<std::size_t>> faults_of_;  ///< by signal: those that touch it
  std::vector<TimeNs> fault_since_;
  std::vector<Value> stuck_;
};

}  // namespace tundish::simulate
