#include "simulate/plant_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <tuple>
#include <utility>

#include "model/tag_path.h"
#include "pack/yaml_reader.h"

namespace tundish::simulate {
namespace {

using namespace pack;  // what reads YAML

constexpr std::size_t kTextBytesMax = 1 << 20;
constexpr std::size_t kSignalsMax = 5000;
constexpr std::size_t kBatchesMax = 100;
constexpr std::size_t kFaultsMax = 500;
constexpr std::size_t kListMax = 100;             // inputs, values, phases, patterns
constexpr std::size_t kCellsMax = 16'000'000;     // of all recordings: 128 MB
constexpr std::size_t kFaultSignalsMax = 50'000;  // of all faults

constexpr std::array<std::pair<std::string_view, SignalKind>, 19> kKinds{{
    {"constant", SignalKind::kConstant}, {"setpoint", SignalKind::kSetpoint},
    {"wave", SignalKind::kWave},         {"lag", SignalKind::kLag},
    {"loop", SignalKind::kLoop},         {"output", SignalKind::kOutput},
    {"sum", SignalKind::kSum},           {"product", SignalKind::kProduct},
    {"ratio", SignalKind::kRatio},       {"counter", SignalKind::kCounter},
    {"switch", SignalKind::kSwitch},     {"phase", SignalKind::kPhase},
    {"number", SignalKind::kNumber},     {"running", SignalKind::kRunning},
    {"ramp", SignalKind::kRamp},         {"replay", SignalKind::kReplay},
    {"each", SignalKind::kEach},         {"event", SignalKind::kEvent},
    {"tally", SignalKind::kTally},
}};

constexpr std::array<std::pair<std::string_view, FaultKind>, 7> kFaultKinds{
    {{"stuck", FaultKind::kStuck},
     {"offset", FaultKind::kOffset},
     {"drift", FaultKind::kDrift},
     {"bad", FaultKind::kBad},
     {"replay", FaultKind::kReplay},
     {"value", FaultKind::kValue},
     {"ramp", FaultKind::kRamp}}};

/// What each kind reads, besides the members that all have.
std::vector<std::string> members_of(SignalKind kind) {
  switch (kind) {
    case SignalKind::kConstant: return {"value"};
    case SignalKind::kSetpoint: return {"values", "hold"};
    case SignalKind::kWave: return {"mean", "span", "period"};
    case SignalKind::kLag: return {"input", "time", "gain", "offset", "start"};
    case SignalKind::kLoop: return {"setpoint", "time", "reset", "gain"};
    case SignalKind::kOutput: return {"of"};
    case SignalKind::kSum: return {"inputs", "factors", "offset"};
    case SignalKind::kProduct: return {"inputs", "gain"};
    case SignalKind::kRatio: return {"inputs", "gain"};
    case SignalKind::kCounter: return {"input", "rollover"};
    case SignalKind::kSwitch: return {"on", "hold"};
    case SignalKind::kPhase:
    case SignalKind::kNumber: return {"of"};
    case SignalKind::kRunning: return {"of", "phases"};
    case SignalKind::kRamp: return {"of", "ramps"};
    case SignalKind::kReplay: return {"recording", "column", "every", "gain", "offset"};
    case SignalKind::kEach: return {"of", "mean", "span"};
    case SignalKind::kEvent: return {"chance", "every", "length"};
    case SignalKind::kTally: return {"input", "amount", "rollover"};
  }
  return {};
}

ValueType type_of_kind(SignalKind kind) {
  if (kind == SignalKind::kSwitch || kind == SignalKind::kRunning || kind == SignalKind::kEvent)
    return ValueType::kBool;
  if (kind == SignalKind::kPhase || kind == SignalKind::kNumber) return ValueType::kString;
  return ValueType::kDouble;
}

class Loader {
 public:
  Loader(std::string file, std::string folder)
      : file_(std::move(file)), folder_(std::move(folder)) {}

  Result<PlantSpec> load(const std::string& text) {
    try {
      const YAML::Node root = load_yaml(text);
      check_members(root, "the file", {"plant", "batches", "recordings", "signals", "faults"});
      read_plant(member(root, "plant"));
      if (root["batches"]) read_batches(root["batches"]);
      if (root["recordings"]) read_recordings(root["recordings"]);
      read_signals(member(root, "signals"));
      if (root["faults"]) read_faults(root["faults"]);
      return std::move(plant_);
    } catch (const Mistake& mistake) {
      return error(mistake.mark, mistake.message);
    } catch (const YAML::Exception& exception) {
      return error(exception.mark, "this is not YAML as expected: " + exception.msg);
    }
  }

 private:
  std::unexpected<Error> error(const YAML::Mark& mark, std::string message) const {
    return fail(ErrorCode::kInvalidArgument, std::move(message),
                fmt::format("{}:{}:{}", file_, mark.line + 1, mark.column + 1));
  }

  void read_plant(const YAML::Node& node) {
    check_members(node, "plant", {"name", "namespace"});
    plant_.name = text(member(node, "name"));
    plant_.namespace_uri = text(member(node, "namespace"));
    if (plant_.namespace_uri.empty()) mistake(member(node, "namespace"), "a namespace is a URI");
  }

  void read_batches(const YAML::Node& node) {
    for (const auto& [name, body] : entries(node, "batches")) {
      if (plant_.batches.size() >= kBatchesMax) mistake(name, "at most 100 batches");
      BatchSpec batch;
      batch.name = text(name);
      check_members(body, "a batch", {"prefix", "phases", "shift"});
      batch.prefix = text_or(body, "prefix", "");
      batch.shift = duration_or(body, "shift", 0);
      const YAML::Node phases = member(body, "phases");
      for (const auto& [phase, length] : entries(phases, "phases")) {
        if (batch.phases.size() >= kListMax) mistake(phase, "at most 100 phases");
        batch.phases.push_back({text(phase), duration(length)});
      }
      if (batch.phases.empty()) mistake(phases, "a batch has at least one phase");
      plant_.batches.push_back(std::move(batch));
    }
  }

  void read_recordings(const YAML::Node& node) {
    std::size_t cells = 0;
    for (const auto& [name, body] : entries(node, "recordings")) {
      if (plant_.recordings.size() >= kBatchesMax) mistake(name, "at most 100 recordings");
      check_members(body, "a recording", {"file", "transposed"});
      const YAML::Node file = member(body, "file");
      // A pack is data from somebody: its files are those in its own folder.
      if (text(file).empty() || text(file).front() == '/' ||
          text(file).find("..") != std::string::npos)
        mistake(file, "a recording's file is below the pack's folder");
      auto recording =
          read_recording(folder_ + "/" + text(file), flag_or(body, "transposed", false));
      if (!recording) mistake(file, recording.error().message);
      cells += recording->cells.size();
      if (cells > kCellsMax) mistake(file, "all recordings hold at most 16,000,000 numbers");
      recording_names_.push_back(text(name));
      plant_.recordings.push_back(std::move(*recording));
    }
  }

  std::vector<std::string> names_of_signals() const {
    std::vector<std::string> names;
    for (const auto& signal : plant_.signals) names.push_back(signal.path);
    return names;
  }

  std::size_t find_signal(const YAML::Node& node) const {
    const auto found = signal_index_.find(text(node));
    if (found == signal_index_.end())
      unknown(node, "above this there is no signal", text(node), names_of_signals());
    return found->second;
  }

  std::size_t find_batch(const YAML::Node& node) const {
    return find_named(node, plant_.batches, "there is no batch");
  }

  static std::size_t find_phase(const YAML::Node& node, const BatchSpec& batch) {
    return find_named(node, batch.phases, fmt::format("batch '{}' has no phase", batch.name));
  }

  template <class Named>
  static std::size_t find_named(const YAML::Node& node, const std::vector<Named>& all,
                                std::string_view what) {
    std::vector<std::string> names;
    for (const auto& one : all) names.push_back(one.name);
    return find_name(node, names, what);
  }

  static std::size_t find_name(const YAML::Node& node, const std::vector<std::string>& names,
                               std::string_view what) {
    const auto found = std::ranges::find(names, text(node));
    if (found == names.end()) unknown(node, what, text(node), names);
    return static_cast<std::size_t>(found - names.begin());
  }

  /// The value of a word table; a word that is not in it is a mistake.
  template <class Value, std::size_t N>
  static Value find_word(const YAML::Node& node,
                         const std::array<std::pair<std::string_view, Value>, N>& table,
                         std::string_view what) {
    std::vector<std::string> words;
    for (const auto& [word, value] : table) words.emplace_back(word);
    return table[find_name(node, words, what)].second;
  }

  void read_signals(const YAML::Node& node) {
    for (const auto& [path, body] : entries(node, "signals")) {
      if (plant_.signals.size() >= kSignalsMax) mistake(path, "at most 5000 signals");
      SignalSpec signal;
      signal.path = text(path);
      check_signal_path(path);
      read_signal(body, signal);
      signal_index_.emplace(signal.path, plant_.signals.size());
      plant_.signals.push_back(std::move(signal));
    }
    if (plant_.signals.empty()) mistake(node, "a plant has at least one signal");
    for (const auto& [path, body] : entries(node, "signals"))
      for (auto slash = text(path).rfind('/'); slash != std::string::npos && slash > 0;
           slash = text(path).rfind('/', slash - 1))
        if (signal_index_.contains(text(path).substr(0, slash)))
          mistake(path, fmt::format("'{}' is a signal, so nothing can be below it",
                                    text(path).substr(0, slash)));
  }

  static void check_signal_path(const YAML::Node& node) {
    const std::string path = text(node);
    if (const auto checked = check_path("e/" + path); !checked)
      mistake(node, checked.error().message);
    if (path.find('/') == std::string::npos)
      mistake(node, "a signal's path has a site and at least one level below it");
    if (path.starts_with("Faults/")) mistake(node, "'Faults' is the node that switches faults");
  }

  void read_signal(const YAML::Node& node, SignalSpec& signal) {
    const YAML::Node kind = member(node, "kind");
    signal.kind = find_word(kind, kKinds, "there is no kind");
    std::vector<std::string> known = members_of(signal.kind);
    known.insert(known.end(), {"kind", "type", "unit", "description", "step", "range", "limit",
                               "noise", "resolution"});
    check_members(node, fmt::format("a signal of kind {}", text(kind)), known);
    read_common(node, signal);
    read_kind(node, signal);
  }

  static void read_common(const YAML::Node& node, SignalSpec& signal) {
    signal.type = type_of_kind(signal.kind);
    if (const auto word = optional_member(node, "type")) {
      const auto type = parse_value_type(text(*word));
      const bool whole = signal.type == ValueType::kDouble && type == ValueType::kInt64;
      if (!type || (*type != signal.type && !whole && signal.kind != SignalKind::kConstant))
        mistake(*word, "the type is one that this kind can have");
      signal.type = *type;
    }
    signal.unit = text_or(node, "unit", "");
    signal.description = text_or(node, "description", "");
    const bool held = signal.kind == SignalKind::kSetpoint ||
                      signal.kind == SignalKind::kConstant || signal.kind == SignalKind::kEach ||
                      signal.type == ValueType::kBool || signal.type == ValueType::kString;
    signal.step = flag_or(node, "step", held);
    signal.noise = number_or(node, "noise", 0);
    if (signal.noise < 0) mistake(member(node, "noise"), "noise is not negative");
    signal.resolution = number_or(node, "resolution", 0);
    if (signal.resolution != 0 && (signal.resolution < 1e-9 || signal.resolution > 1e9))
      mistake(member(node, "resolution"), "a resolution is 0 or from 1e-9 to 1e9");
    if (const auto range = optional_member(node, "range"))
      std::tie(signal.low, signal.high) = pair_of_numbers(*range);
    if (const auto limit = optional_member(node, "limit"))
      std::tie(signal.minimum, signal.maximum) = pair_of_numbers(*limit);
  }

  void read_inputs(const YAML::Node& node, SignalSpec& signal) const {
    for (const auto& input : items(member(node, "inputs"), kListMax))
      signal.inputs.push_back(numeric(input));
  }

  /// A signal that has a number to calculate with.
  std::size_t numeric(const YAML::Node& node) const {
    const std::size_t index = find_signal(node);
    if (plant_.signals[index].type == ValueType::kString)
      mistake(node, fmt::format("signal '{}' is a text", plant_.signals[index].path));
    return index;
  }

  void read_kind(const YAML::Node& node, SignalSpec& signal) const {
    signal.gain = number_or(node, "gain", 1);
    signal.offset = number_or(node, "offset", 0);
    signal.hold = duration_or(node, "hold", signal.hold);
    signal.time = duration_or(node, "time", signal.time);
    signal.reset = duration_or(node, "reset", signal.reset);
    signal.period = duration_or(node, "period", signal.period);
    switch (signal.kind) {
      case SignalKind::kConstant:
        signal.constant = value_of_type(member(node, "value"), signal.type);
        break;
      case SignalKind::kSetpoint:
        for (const auto& value : items(member(node, "values"), kListMax))
          signal.values.push_back(number(value));
        break;
      case SignalKind::kWave:
        signal.mean = number(member(node, "mean"));
        signal.span = number(member(node, "span"));
        break;
      case SignalKind::kLag:
        signal.inputs = {numeric(member(node, "input"))};
        if (const auto start = optional_member(node, "start")) signal.start = number(*start);
        break;
      case SignalKind::kCounter:
        signal.inputs = {numeric(member(node, "input"))};
        read_rollover(node, signal);
        break;
      case SignalKind::kLoop: signal.inputs = {numeric(member(node, "setpoint"))}; break;
      case SignalKind::kOutput:
        signal.inputs = {find_signal(member(node, "of"))};
        if (plant_.signals[signal.inputs[0]].kind != SignalKind::kLoop)
          mistake(member(node, "of"), "only a loop has an output");
        break;
      case SignalKind::kSum:
        read_inputs(node, signal);
        signal.factors.assign(signal.inputs.size(), 1.0);
        if (const auto factors = optional_member(node, "factors")) {
          const auto all = items(*factors, kListMax);
          if (all.size() != signal.inputs.size())
            mistake(*factors, "there is one factor for each input");
          std::ranges::transform(all, signal.factors.begin(), number);
        }
        break;
      case SignalKind::kProduct: read_inputs(node, signal); break;
      case SignalKind::kRatio:
        read_inputs(node, signal);
        if (signal.inputs.size() != 2) mistake(member(node, "inputs"), "a ratio has two inputs");
        break;
      case SignalKind::kSwitch:
        signal.on = number_or(node, "on", 1);
        if (signal.on < 0 || signal.on > 1)
          mistake(member(node, "on"), "`on` is a share from 0 to 1");
        break;
      case SignalKind::kPhase:
      case SignalKind::kNumber: signal.batch = find_batch(member(node, "of")); break;
      case SignalKind::kRunning:
        signal.batch = find_batch(member(node, "of"));
        for (const auto& phase : items(member(node, "phases"), kListMax))
          signal.phases.push_back(find_phase(phase, plant_.batches[signal.batch]));
        break;
      case SignalKind::kRamp:
        signal.batch = find_batch(member(node, "of"));
        for (const auto& [phase, ramp] : entries(member(node, "ramps"), "ramps")) {
          if (!ramp.IsSequence() || ramp.size() != 2) mistake(ramp, "a ramp is [from, to]");
          signal.ramps[find_phase(phase, plant_.batches[signal.batch])] = {number(ramp[0]),
                                                                           number(ramp[1])};
        }
        if (signal.ramps.empty()) mistake(member(node, "ramps"), "at least one phase has a ramp");
        break;
      case SignalKind::kReplay: read_replay(node, signal); break;
      case SignalKind::kEach:
        signal.batch = find_batch(member(node, "of"));
        signal.mean = number(member(node, "mean"));
        signal.span = number(member(node, "span"));
        break;
      case SignalKind::kEvent:
        signal.on = number(member(node, "chance"));
        signal.every = duration(member(node, "every"));
        signal.time = duration(member(node, "length"));
        if (signal.on < 0 || signal.on > 1)
          mistake(member(node, "chance"), "a chance is a share from 0 to 1");
        if (signal.time > signal.every)
          mistake(member(node, "length"), "an event is no longer than `every`");
        break;
      case SignalKind::kTally:
        signal.inputs = {numeric(member(node, "input"))};
        if (const auto amount = optional_member(node, "amount"))
          signal.inputs.push_back(numeric(*amount));
        read_rollover(node, signal);
        break;
    }
  }

  static void read_rollover(const YAML::Node& node, SignalSpec& signal) {
    signal.rollover = number_or(node, "rollover", 0);
    if (signal.rollover < 0) mistake(member(node, "rollover"), "a rollover is not negative");
  }

  static Value value_of_type(const YAML::Node& node, ValueType type) {
    constexpr double kWholeMax = 9'007'199'254'740'992.0;  // 2^53
    switch (type) {
      case ValueType::kDouble: break;
      case ValueType::kInt64:
        if (const double value = number(node);
            std::abs(value) > kWholeMax || value != std::trunc(value))
          mistake(node, "a whole number up to 2^53 is expected");
        return static_cast<std::int64_t>(number(node));
      case ValueType::kBool: return flag(node);
      case ValueType::kString: return text(node);
    }
    return number(node);
  }

  void read_replay(const YAML::Node& node, SignalSpec& signal) const {
    signal.recording =
        find_name(member(node, "recording"), recording_names_, "there is no recording");
    signal.column = find_name(member(node, "column"), plant_.recordings[signal.recording].columns,
                              "the recording has no column");
    signal.every = duration_or(node, "every", signal.every);
  }

  void read_faults(const YAML::Node& node) {
    std::size_t signals = 0;
    for (const auto& [name, body] : entries(node, "faults")) {
      if (plant_.faults.size() >= kFaultsMax) mistake(name, "at most 500 faults");
      FaultSpec fault;
      fault.name = text(name);
      // Names are switched by a list with commas between.
      if (fault.name.empty() || fault.name.find_first_of(", ") != std::string::npos)
        mistake(name, "a fault's name is one word without commas");
      check_members(body, "a fault",
                    {"kind", "signals", "amount", "quality", "recording", "value", "to", "over",
                     "process", "description"});
      fault.kind = find_word(member(body, "kind"), kFaultKinds, "there is no fault of kind");
      fault.description = text_or(body, "description", "");
      fault.amount = number_or(body, "amount", 0);
      fault.over = duration_or(body, "over", fault.over);
      fault.process = flag_or(body, "process", false);
      if (fault.process && (fault.kind == FaultKind::kBad || fault.kind == FaultKind::kReplay))
        mistake(member(body, "process"), "a fault of this kind is one of the sensor");
      if (const auto quality = optional_member(body, "quality"))
        if (!parse_quality(text(*quality), fault.quality))
          mistake(*quality, "a quality is the name of an OPC UA status code");
      read_fault_signals(member(body, "signals"), fault);
      signals += fault.signals.size();
      if (signals > kFaultSignalsMax)
        mistake(name, "all faults together touch at most 50,000 signals");
      check_fault(body, fault);
      plant_.faults.push_back(std::move(fault));
    }
  }

  void read_fault_signals(const YAML::Node& node, FaultSpec& fault) const {
    const auto add = [&](const YAML::Node& pattern) {
      bool any = false;
      for (std::size_t i = 0; i < plant_.signals.size(); ++i) {
        if (!glob_matches(text(pattern), plant_.signals[i].path)) continue;
        any = true;
        if (std::ranges::find(fault.signals, i) == fault.signals.end()) fault.signals.push_back(i);
      }
      if (!any) unknown(pattern, "there is no signal", text(pattern), names_of_signals());
    };
    if (!node.IsSequence()) return add(node);
    for (const auto& pattern : items(node, kListMax)) add(pattern);
  }

  /// A fault can do to its signals what its kind does.
  void check_fault(const YAML::Node& node, FaultSpec& fault) const {
    const bool shifts = fault.kind == FaultKind::kOffset || fault.kind == FaultKind::kDrift ||
                        fault.kind == FaultKind::kRamp;
    if (fault.kind == FaultKind::kRamp)
      fault.amount = number(member(node, "to"));
    else if (shifts)
      member(node, "amount");
    if (fault.kind == FaultKind::kValue) read_fault_value(node, fault);
    if (fault.kind == FaultKind::kReplay)
      fault.recording =
          find_name(member(node, "recording"), recording_names_, "there is no recording");
    for (const std::size_t index : fault.signals) {
      const SignalSpec& signal = plant_.signals[index];
      if (shifts && signal.type != ValueType::kDouble && signal.type != ValueType::kInt64)
        mistake(member(node, "signals"), fmt::format("signal '{}' is no number", signal.path));
      if (fault.kind == FaultKind::kReplay &&
          (signal.kind != SignalKind::kReplay ||
           signal.column >= plant_.recordings[fault.recording].columns.size()))
        mistake(member(node, "signals"),
                fmt::format("signal '{}' replays no such column", signal.path));
    }
  }

  void read_fault_value(const YAML::Node& node, FaultSpec& fault) const {
    const ValueType type = plant_.signals[fault.signals.front()].type;
    for (const std::size_t index : fault.signals)
      if (plant_.signals[index].type != type)
        mistake(member(node, "signals"), "the signals of one value are of one type");
    fault.value = value_of_type(member(node, "value"), type);
  }

  const std::string file_, folder_;
  PlantSpec plant_;
  std::map<std::string, std::size_t> signal_index_;
  std::vector<std::string> recording_names_;
};

}  // namespace

DurationNs BatchSpec::length() const {
  DurationNs sum = 0;
  for (const auto& phase : phases) sum += phase.length;
  return sum;
}

Result<PlantSpec> parse_plant(const std::string& text, const std::string& file,
                              const std::string& folder) {
  if (text.size() > kTextBytesMax)
    return fail(ErrorCode::kTooLarge, "a simulation.yaml has at most 1 MiB", file);
  return Loader(file, folder).load(text);
}

Result<PlantSpec> load_plant(const std::string& folder) {
  const std::string file = folder + "/simulation.yaml";
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return fail(ErrorCode::kNotFound, "there is no simulation.yaml in this pack", file);
  std::ifstream in(file, std::ios::binary);
  std::string text(kTextBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_plant(text, file, folder);
}

}  // namespace tundish::simulate
