#include "simulate/plant_spec.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "base/nearest_word.h"
#include "model/tag_path.h"

namespace tundish::simulate {
namespace {

constexpr std::size_t kTextBytesMax = 1 << 20;
constexpr std::size_t kSignalsMax = 5000;
constexpr std::size_t kBatchesMax = 100;
constexpr std::size_t kFaultsMax = 500;

constexpr std::array<std::pair<std::string_view, SignalKind>, 16> kKinds{{
    {"constant", SignalKind::kConstant},
    {"setpoint", SignalKind::kSetpoint},
    {"wave", SignalKind::kWave},
    {"lag", SignalKind::kLag},
    {"loop", SignalKind::kLoop},
    {"output", SignalKind::kOutput},
    {"sum", SignalKind::kSum},
    {"product", SignalKind::kProduct},
    {"ratio", SignalKind::kRatio},
    {"counter", SignalKind::kCounter},
    {"switch", SignalKind::kSwitch},
    {"phase", SignalKind::kPhase},
    {"number", SignalKind::kNumber},
    {"running", SignalKind::kRunning},
    {"ramp", SignalKind::kRamp},
    {"replay", SignalKind::kReplay},
}};

/// What each kind reads, besides the members that all have.
std::vector<std::string> members_of(SignalKind kind) {
  switch (kind) {
    case SignalKind::kConstant: return {"value"};
    case SignalKind::kSetpoint: return {"values", "hold"};
    case SignalKind::kWave: return {"mean", "span", "period"};
    case SignalKind::kLag: return {"input", "time", "gain", "offset"};
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
    case SignalKind::kReplay: return {"recording", "column", "every"};
  }
  return {};
}

ValueType type_of_kind(SignalKind kind) {
  if (kind == SignalKind::kSwitch || kind == SignalKind::kRunning) return ValueType::kBool;
  if (kind == SignalKind::kPhase || kind == SignalKind::kNumber) return ValueType::kString;
  return ValueType::kDouble;
}

/// Thrown inside this file only, and turned into an Error at its edge: a YAML tree is read by deep
/// recursion, where an exception is the shorter way out.
struct Mistake {
  YAML::Mark mark;
  std::string message;
};

class Loader {
 public:
  Loader(std::string file, std::string folder) : file_(std::move(file)), folder_(std::move(folder)) {}

  Result<PlantSpec> load(const std::string& text) {
    try {
      const YAML::Node root = YAML::Load(text);
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

  [[noreturn]] static void mistake(const YAML::Node& node, std::string message) {
    throw Mistake{node.Mark(), std::move(message)};
  }

  static YAML::Node member(const YAML::Node& node, const std::string& name) {
    if (!node[name]) mistake(node, fmt::format("'{}' is missing here", name));
    return node[name];
  }

  static void check_members(const YAML::Node& node, std::string_view what,
                            const std::vector<std::string>& known) {
    if (!node.IsMap()) mistake(node, fmt::format("{} is a list of `name: value`", what));
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const auto name = entry.first.as<std::string>("");
      if (std::ranges::find(known, name) == known.end())
        mistake(entry.first, fmt::format("there is no '{}' in {}; did you mean '{}'?", name, what,
                                         nearest_word(name, known)));
      if (!seen.insert(name).second) mistake(entry.first, fmt::format("'{}' is here twice", name));
    }
  }

  static std::string text(const YAML::Node& node) {
    if (!node.IsScalar()) mistake(node, "a text is expected here");
    return node.Scalar();
  }

  static std::string text_or(const YAML::Node& node, const char* name, std::string otherwise) {
    return node[name] ? text(node[name]) : std::move(otherwise);
  }

  static double number(const YAML::Node& node) {
    const std::string scalar = text(node);
    double value = 0;
    const auto [end, error] = std::from_chars(scalar.data(), scalar.data() + scalar.size(), value);
    if (error != std::errc() || end != scalar.data() + scalar.size() || !std::isfinite(value))
      mistake(node, fmt::format("'{}' is not a number", scalar.substr(0, 40)));
    return value;
  }

  static double number_or(const YAML::Node& node, const char* name, double otherwise) {
    return node[name] ? number(node[name]) : otherwise;
  }

  static DurationNs duration(const YAML::Node& node) {
    const auto value = parse_duration(text(node));
    if (!value) mistake(node, value.error().message);
    if (*value < kSecond || *value > 400 * kDay) mistake(node, "a time here is 1 s to 400 d");
    return *value;
  }

  static DurationNs duration_or(const YAML::Node& node, const char* name, DurationNs otherwise) {
    return node[name] ? duration(node[name]) : otherwise;
  }

  void read_plant(const YAML::Node& node) {
    check_members(node, "plant", {"name", "namespace"});
    plant_.name = text(member(node, "name"));
    plant_.namespace_uri = text(member(node, "namespace"));
    if (plant_.namespace_uri.empty()) mistake(node["namespace"], "a namespace is a URI");
  }

  void read_batches(const YAML::Node& node) {
    if (!node.IsMap()) mistake(node, "batches is a list of `name: {prefix, phases}`");
    for (const auto& entry : node) {
      if (plant_.batches.size() >= kBatchesMax) mistake(entry.first, "at most 100 batches");
      BatchSpec batch;
      batch.name = text(entry.first);
      check_members(entry.second, "a batch", {"prefix", "phases"});
      batch.prefix = text_or(entry.second, "prefix", "");
      const YAML::Node phases = member(entry.second, "phases");
      if (!phases.IsMap() || phases.size() == 0) mistake(phases, "phases is a list of `name: time`");
      for (const auto& phase : phases)
        batch.phases.push_back({text(phase.first), duration(phase.second)});
      plant_.batches.push_back(std::move(batch));
    }
  }

  void read_recordings(const YAML::Node& node) {
    if (!node.IsMap()) mistake(node, "recordings is a list of `name: {file}`");
    for (const auto& entry : node) {
      if (plant_.recordings.size() >= kBatchesMax) mistake(entry.first, "at most 100 recordings");
      check_members(entry.second, "a recording", {"file", "transposed"});
      const std::string name = text(member(entry.second, "file"));
      // A pack is data from somebody: its files are those in its own folder.
      if (name.empty() || name.front() == '/' || name.find("..") != std::string::npos)
        mistake(entry.second["file"], "a recording's file is below the pack's folder");
      auto recording = read_recording(folder_ + "/" + name,
                                      text_or(entry.second, "transposed", "false") == "true");
      if (!recording) mistake(entry.second["file"], recording.error().message);
      recording_names_.push_back(text(entry.first));
      plant_.recordings.push_back(std::move(*recording));
    }
  }

  std::size_t find_signal(const YAML::Node& node) const {
    const std::string path = text(node);
    const auto found = signal_index_.find(path);
    if (found != signal_index_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [name, index] : signal_index_) known.push_back(name);
    const std::string nearest = nearest_word(path, known);
    mistake(node, fmt::format("there is no signal '{}' above this one{}", path,
                              nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
  }

  std::size_t find_batch(const YAML::Node& node) const {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < plant_.batches.size(); ++i) {
      if (plant_.batches[i].name == text(node)) return i;
      known.push_back(plant_.batches[i].name);
    }
    mistake(node, fmt::format("there is no batch '{}'; did you mean '{}'?", text(node),
                              nearest_word(text(node), known)));
  }

  std::size_t find_phase(const YAML::Node& node, const BatchSpec& batch) const {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < batch.phases.size(); ++i) {
      if (batch.phases[i].name == text(node)) return i;
      known.push_back(batch.phases[i].name);
    }
    mistake(node, fmt::format("batch '{}' has no phase '{}'; did you mean '{}'?", batch.name,
                              text(node), nearest_word(text(node), known)));
  }

  std::size_t find_recording(const YAML::Node& node) const {
    const auto found = std::ranges::find(recording_names_, text(node));
    if (found == recording_names_.end())
      mistake(node, fmt::format("there is no recording '{}'; did you mean '{}'?", text(node),
                                nearest_word(text(node), recording_names_)));
    return static_cast<std::size_t>(found - recording_names_.begin());
  }

  void read_signals(const YAML::Node& node) {
    if (!node.IsMap()) mistake(node, "signals is a list of `path: {kind, ...}`");
    for (const auto& entry : node) {
      if (plant_.signals.size() >= kSignalsMax) mistake(entry.first, "at most 5000 signals");
      SignalSpec signal;
      signal.path = text(entry.first);
      if (const auto checked = check_path("e/" + signal.path); !checked)
        mistake(entry.first, checked.error().message);
      read_signal(entry.second, signal);
      if (!signal_index_.emplace(signal.path, plant_.signals.size()).second)
        mistake(entry.first, fmt::format("signal '{}' is here twice", signal.path));
      plant_.signals.push_back(std::move(signal));
    }
    if (plant_.signals.empty()) mistake(node, "a plant has at least one signal");
  }

  void read_signal(const YAML::Node& node, SignalSpec& signal) {
    if (!node.IsMap()) mistake(node, "a signal is a list of `name: value`");
    const YAML::Node kind = member(node, "kind");
    std::vector<std::string> kinds;
    for (const auto& [name, value] : kKinds) kinds.emplace_back(name);
    const auto found = std::ranges::find(kinds, text(kind));
    if (found == kinds.end())
      mistake(kind, fmt::format("there is no kind '{}'; did you mean '{}'?", text(kind),
                                nearest_word(text(kind), kinds)));
    signal.kind = kKinds[static_cast<std::size_t>(found - kinds.begin())].second;
    std::vector<std::string> known = members_of(signal.kind);
    known.insert(known.end(), {"kind", "type", "unit", "description", "step", "range", "limit",
                               "noise", "resolution"});
    check_members(node, fmt::format("a signal of kind {}", text(kind)), known);
    read_common(node, signal);
    read_kind(node, signal);
  }

  void read_common(const YAML::Node& node, SignalSpec& signal) {
    signal.type = type_of_kind(signal.kind);
    if (node["type"]) {
      const auto type = parse_value_type(text(node["type"]));
      const bool number = signal.type == ValueType::kDouble;
      if (!type || (*type != signal.type && !(number && *type == ValueType::kInt64) &&
                    signal.kind != SignalKind::kConstant))
        mistake(node["type"], "the type is one that this kind can have");
      signal.type = *type;
    }
    signal.unit = text_or(node, "unit", "");
    signal.description = text_or(node, "description", "");
    const bool held = signal.kind == SignalKind::kSetpoint || signal.kind == SignalKind::kConstant ||
                      signal.type == ValueType::kBool || signal.type == ValueType::kString;
    signal.step = text_or(node, "step", held ? "true" : "false") == "true";
    signal.noise = number_or(node, "noise", 0);
    signal.resolution = number_or(node, "resolution", 0);
    if (signal.noise < 0 || signal.resolution < 0) mistake(node, "noise and resolution are not negative");
    if (node["range"]) std::tie(signal.low, signal.high) = pair(node["range"]);
    if (node["limit"]) std::tie(signal.minimum, signal.maximum) = pair(node["limit"]);
  }

  static std::pair<double, double> pair(const YAML::Node& node) {
    if (!node.IsSequence() || node.size() != 2) mistake(node, "two numbers are expected: [low, high]");
    const std::pair<double, double> values{number(node[0]), number(node[1])};
    if (values.first > values.second) mistake(node, "the lower number comes first");
    return values;
  }

  void read_inputs(const YAML::Node& node, SignalSpec& signal, std::size_t least) {
    const YAML::Node inputs = member(node, "inputs");
    if (!inputs.IsSequence() || inputs.size() < least) mistake(inputs, "a list of signals is expected");
    for (const auto& input : inputs) signal.inputs.push_back(numeric(input));
  }

  /// A signal that has a number to calculate with.
  std::size_t numeric(const YAML::Node& node) const {
    const std::size_t index = find_signal(node);
    if (plant_.signals[index].type == ValueType::kString)
      mistake(node, fmt::format("signal '{}' is a text", plant_.signals[index].path));
    return index;
  }

  void read_kind(const YAML::Node& node, SignalSpec& signal) {
    signal.gain = number_or(node, "gain", 1);
    signal.offset = number_or(node, "offset", 0);
    signal.hold = duration_or(node, "hold", signal.hold);
    signal.time = duration_or(node, "time", signal.time);
    signal.reset = duration_or(node, "reset", signal.reset);
    signal.period = duration_or(node, "period", signal.period);
    switch (signal.kind) {
      case SignalKind::kConstant: read_constant(member(node, "value"), signal); break;
      case SignalKind::kSetpoint:
        for (const auto& value : member(node, "values")) signal.values.push_back(number(value));
        if (signal.values.empty()) mistake(node, "values is a list of at least one number");
        break;
      case SignalKind::kWave:
        signal.mean = number(member(node, "mean"));
        signal.span = number(member(node, "span"));
        break;
      case SignalKind::kLag:
      case SignalKind::kCounter:
        signal.inputs = {numeric(member(node, "input"))};
        signal.rollover = number_or(node, "rollover", 0);
        break;
      case SignalKind::kLoop: signal.inputs = {numeric(member(node, "setpoint"))}; break;
      case SignalKind::kOutput:
        signal.inputs = {find_signal(member(node, "of"))};
        if (plant_.signals[signal.inputs[0]].kind != SignalKind::kLoop)
          mistake(node["of"], "only a loop has an output");
        break;
      case SignalKind::kSum:
        read_inputs(node, signal, 1);
        if (node["factors"])
          for (const auto& factor : node["factors"]) signal.factors.push_back(number(factor));
        else
          signal.factors.assign(signal.inputs.size(), 1.0);
        if (signal.factors.size() != signal.inputs.size())
          mistake(node["factors"], "there is one factor for each input");
        break;
      case SignalKind::kProduct: read_inputs(node, signal, 1); break;
      case SignalKind::kRatio:
        read_inputs(node, signal, 2);
        if (signal.inputs.size() != 2) mistake(node["inputs"], "a ratio has two inputs");
        break;
      case SignalKind::kSwitch:
        signal.on = number_or(node, "on", 1);
        if (signal.on < 0 || signal.on > 1) mistake(node["on"], "`on` is a share from 0 to 1");
        break;
      case SignalKind::kPhase:
      case SignalKind::kNumber: signal.batch = find_batch(member(node, "of")); break;
      case SignalKind::kRunning:
        signal.batch = find_batch(member(node, "of"));
        for (const auto& phase : member(node, "phases"))
          signal.phases.push_back(find_phase(phase, plant_.batches[signal.batch]));
        break;
      case SignalKind::kRamp:
        signal.batch = find_batch(member(node, "of"));
        for (const auto& ramp : member(node, "ramps")) {
          if (!ramp.second.IsSequence() || ramp.second.size() != 2)
            mistake(ramp.second, "a ramp is [from, to]");
          signal.ramps[find_phase(ramp.first, plant_.batches[signal.batch])] = {
              number(ramp.second[0]), number(ramp.second[1])};
        }
        if (signal.ramps.empty()) mistake(node["ramps"], "at least one phase has a ramp");
        break;
      case SignalKind::kReplay: read_replay(node, signal); break;
    }
  }

  static void read_constant(const YAML::Node& node, SignalSpec& signal) {
    switch (signal.type) {
      case ValueType::kDouble: signal.constant = number(node); break;
      case ValueType::kInt64: signal.constant = static_cast<std::int64_t>(number(node)); break;
      case ValueType::kBool: signal.constant = text(node) == "true"; break;
      case ValueType::kString: signal.constant = text(node); break;
    }
  }

  void read_replay(const YAML::Node& node, SignalSpec& signal) {
    signal.recording = find_recording(member(node, "recording"));
    const auto& columns = plant_.recordings[signal.recording].columns;
    const YAML::Node column = member(node, "column");
    const auto found = std::ranges::find(columns, text(column));
    if (found == columns.end())
      mistake(column, fmt::format("the recording has no column '{}'; did you mean '{}'?",
                                  text(column), nearest_word(text(column), columns)));
    signal.column = static_cast<std::size_t>(found - columns.begin());
    signal.every = duration_or(node, "every", signal.every);
  }

  void read_faults(const YAML::Node& node) {
    if (!node.IsMap()) mistake(node, "faults is a list of `NAME: {kind, signals}`");
    constexpr std::array<std::pair<std::string_view, FaultKind>, 5> kFaultKinds{
        {{"stuck", FaultKind::kStuck},
         {"offset", FaultKind::kOffset},
         {"drift", FaultKind::kDrift},
         {"bad", FaultKind::kBad},
         {"replay", FaultKind::kReplay}}};
    std::vector<std::string> kinds;
    for (const auto& [name, value] : kFaultKinds) kinds.emplace_back(name);
    for (const auto& entry : node) {
      if (plant_.faults.size() >= kFaultsMax) mistake(entry.first, "at most 500 faults");
      FaultSpec fault;
      fault.name = text(entry.first);
      check_members(entry.second, "a fault",
                    {"kind", "signals", "amount", "quality", "recording", "description"});
      const YAML::Node kind = member(entry.second, "kind");
      const auto found = std::ranges::find(kinds, text(kind));
      if (found == kinds.end())
        mistake(kind, fmt::format("there is no fault of kind '{}'; did you mean '{}'?", text(kind),
                                  nearest_word(text(kind), kinds)));
      fault.kind = kFaultKinds[static_cast<std::size_t>(found - kinds.begin())].second;
      fault.description = text_or(entry.second, "description", "");
      fault.amount = number_or(entry.second, "amount", 0);
      if (entry.second["quality"] && !parse_quality(text(entry.second["quality"]), fault.quality))
        mistake(entry.second["quality"], "a quality is the name of an OPC UA status code");
      read_fault_signals(member(entry.second, "signals"), fault);
      if (fault.kind == FaultKind::kReplay) read_fault_recording(entry.second, fault);
      plant_.faults.push_back(std::move(fault));
    }
  }

  void read_fault_signals(const YAML::Node& node, FaultSpec& fault) const {
    const auto add = [&](const YAML::Node& pattern) {
      bool any = false;
      for (std::size_t i = 0; i < plant_.signals.size(); ++i) {
        if (!glob_matches(text(pattern), plant_.signals[i].path)) continue;
        any = true;
        fault.signals.push_back(i);
      }
      if (!any) find_signal(pattern);  // says what is nearest
    };
    if (node.IsSequence())
      for (const auto& pattern : node) add(pattern);
    else
      add(node);
  }

  void read_fault_recording(const YAML::Node& node, FaultSpec& fault) const {
    fault.recording = find_recording(member(node, "recording"));
    const std::size_t columns = plant_.recordings[fault.recording].columns.size();
    for (const std::size_t index : fault.signals)
      if (plant_.signals[index].kind != SignalKind::kReplay || plant_.signals[index].column >= columns)
        mistake(node["signals"], fmt::format("signal '{}' replays no such column",
                                             plant_.signals[index].path));
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
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  return parse_plant(text, file, folder);
}

}  // namespace tundish::simulate
