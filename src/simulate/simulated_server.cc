#include "simulate/simulated_server.h"

#include <fmt/format.h>
#include <open62541/plugin/accesscontrol_default.h>
#include <open62541/plugin/historydata/history_data_backend_memory.h>
#include <open62541/plugin/historydata/history_data_gathering_default.h>
#include <open62541/plugin/historydata/history_database_default.h>
#include <open62541/plugin/log.h>
#include <open62541/plugin/pki_default.h>
#include <open62541/server.h>
#include <open62541/server_config_default.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "base/log.h"
#include "io/net.h"
#include "model/tag_path.h"
#include "simulate/plant.h"
#include "simulate/server_identity.h"

namespace tundish::simulate {
namespace {

constexpr std::size_t kHistoryValues = 3600;  // a signal: an hour of seconds
constexpr std::string_view kUnitsNamespace = "http://www.opcfoundation.org/UA/units/un/cefact";

UA_String borrow(std::string_view text) {
  return {text.size(), reinterpret_cast<UA_Byte*>(const_cast<char*>(text.data()))};
}

UA_ByteString borrow_bytes(const Bytes& bytes) {
  return {bytes.size(), reinterpret_cast<UA_Byte*>(const_cast<std::byte*>(bytes.data()))};
}

UA_DateTime ua_time(TimeNs time) { return time / 100 + UA_DATETIME_UNIX_EPOCH; }

const UA_DataType* ua_type(ValueType type) {
  switch (type) {
    case ValueType::kDouble: return &UA_TYPES[UA_TYPES_DOUBLE];
    case ValueType::kInt64: return &UA_TYPES[UA_TYPES_INT64];
    case ValueType::kBool: return &UA_TYPES[UA_TYPES_BOOLEAN];
    case ValueType::kString: return &UA_TYPES[UA_TYPES_STRING];
  }
  return &UA_TYPES[UA_TYPES_DOUBLE];
}

/// UNECE Recommendation 20 codes of the units that our packs use, as OPC 10000-8 numbers them: the
/// characters of the code as bytes of an integer. -1: the display name alone says it.
UA_Int32 unece_id(std::string_view ucum) {
  static const std::map<std::string_view, std::string_view> kCodes{
      {"Cel", "CEL"},  {"K", "KEL"},      {"kPa", "KPA"},   {"bar", "BAR"},  {"Pa", "PAL"},
      {"MPa", "MPA"},  {"%", "P1"},       {"kW", "KWT"},    {"MW", "MAW"},   {"kW.h", "KWH"},
      {"kg", "KGM"},   {"t", "TNE"},      {"kg/h", "E93"},  {"t/h", "E18"},  {"m3/h", "MQH"},
      {"m", "MTR"},    {"mm", "MMT"},     {"m/s", "MTS"},   {"mm/s", "C16"}, {"s", "SEC"},
      {"min", "MIN"},  {"A", "AMP"},      {"V", "VLT"},     {"Hz", "HTZ"},   {"kg/t", "2U"},
      {"m/min", "2X"}, {"m3/min", "G53"}, {"kvar.h", "K3"}, {"/min", "C94"}, {"mol%", "P1"}};
  const auto found = kCodes.find(ucum);
  if (found == kCodes.end()) return -1;
  UA_Int32 id = 0;
  for (const char c : found->second) id = id << 8 | static_cast<unsigned char>(c);
  return id;
}

void log_message(void*, UA_LogLevel level, UA_LogCategory, const char* format, va_list arguments) {
  if (level < UA_LOGLEVEL_WARNING) return;
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  log_debug("simulate", "{}", text);
}

SignalInfo info_of(const PlantSpec& plant, const SignalSpec& signal) {
  return {plant.namespace_uri, "s=" + signal.path, signal.path,       signal.type,
          signal.unit,         signal.step,        signal.description};
}

}  // namespace

Result<std::vector<SignalInfo>> pack_signals(const std::string& pack_folder) {
  TUNDISH_TRY(const auto plant, load_plant(pack_folder));
  std::vector<SignalInfo> signals;
  for (const auto& signal : plant.signals) signals.push_back(info_of(plant, signal));
  return signals;
}

Result<std::vector<std::string>> pack_faults(const std::string& pack_folder) {
  TUNDISH_TRY(const auto plant, load_plant(pack_folder));
  std::vector<std::string> names;
  for (const auto& fault : plant.faults) names.push_back(fault.name);
  return names;
}

class SimulatedServer::Implementation {
 public:
  Implementation(PlantSpec spec, ServerIdentity identity, io::Clock& clock, ServerOptions options)
      : identity_(std::move(identity)),
        clock_(clock),
        options_(std::move(options)),
        start_(clock.now()),
        epoch_(options_.epoch != 0 ? options_.epoch : start_ - kHour),
        plant_(std::move(spec), options_.seed, epoch_) {
    for (const auto& signal : plant_.spec().signals)
      signals_.push_back(info_of(plant_.spec(), signal));
  }
  ~Implementation() { stop(); }

  Status start() {
    TUNDISH_RETURN_IF_ERROR(plant_.set_faults(options_.faults));
    if (options_.port == 0) {
      // Found free and released: the stack itself cannot say which port it took.
      TUNDISH_TRY(const auto listener, io::real_net().listen(io::Address::tcp("127.0.0.1", 0)));
      options_.port = listener->address().port;
    }
    TUNDISH_RETURN_IF_ERROR(configure());
    add_nodes();
    // The hour before now goes into the history, so that a client that connects now can read back.
    plant_.step_to(std::max(epoch_, start_ - kHour));
    while (plant_.time() + kSecond <= start_) {
      plant_.step_to(plant_.time() + kSecond);
      if (plant_.time() % (10 * kSecond) == 0) publish(plant_.time());
    }
    if (const auto code = UA_Server_run_startup(server_); code != UA_STATUSCODE_GOOD)
      return fail(ErrorCode::kInUse,
                  fmt::format("the OPC UA server cannot listen on 127.0.0.1:{}: {}; choose another "
                              "port with --opcua",
                              options_.port, UA_StatusCode_name(code)),
                  "--opcua");
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    if (server_ != nullptr) {
      UA_Server_run_shutdown(server_);
      UA_Server_delete(server_);
      server_ = nullptr;
    }
    // The gathering forgets its backends when the server goes; they stay ours.
    for (auto& backend : backends_) UA_HistoryDataBackend_Memory_clear(&backend);
    backends_.clear();
  }

  Status set_faults(std::vector<std::string> names) {
    TUNDISH_RETURN_IF_ERROR(Plant::check_faults(plant_.spec(), names));
    const std::lock_guard lock(asked_mutex_);
    asked_faults_ = std::move(names);
    return {};
  }

  std::string endpoint() const { return fmt::format("opc.tcp://127.0.0.1:{}", options_.port); }
  std::string fingerprint() const { return fingerprint_of(identity_.certificate); }
  std::span<const SignalInfo> signals() const { return signals_; }

 private:
  Status configure() {
    UA_ServerConfig config{};
    static UA_Logger logger{&log_message, nullptr, nullptr};
    config.logging = &logger;
    const UA_ByteString certificate = borrow_bytes(identity_.certificate);
    const UA_ByteString key = borrow_bytes(identity_.key);
    auto code = UA_ServerConfig_setDefaultWithSecurityPolicies(
        &config, options_.port, &certificate, &key, nullptr, 0, nullptr, 0, nullptr, 0);
    if (code != UA_STATUSCODE_GOOD)
      return fail(ErrorCode::kInternal,
                  fmt::format("no OPC UA server could be made: {}", UA_StatusCode_name(code)));
    config.shutdownDelay = 0;
    config.tcpReuseAddr = true;
    config.samplingIntervalLimits.min = 0;
    config.publishingIntervalLimits.min = 10;
    config.maxNotificationsPerPublish = 10'000;
    UA_String_clear(&config.serverUrls[0]);
    config.serverUrls[0] = UA_String_fromChars(endpoint().c_str());
    const auto set_uri = [&](UA_String& uri) {
      UA_String_clear(&uri);
      uri = UA_String_fromChars(identity_.application_uri.c_str());
    };
    set_uri(config.applicationDescription.applicationUri);
    for (std::size_t i = 0; i < config.endpointsSize; ++i)
      set_uri(config.endpoints[i].server.applicationUri);
    config.secureChannelPKI.clear(&config.secureChannelPKI);
    config.sessionPKI.clear(&config.sessionPKI);
    UA_CertificateVerification_AcceptAll(&config.secureChannelPKI);
    UA_CertificateVerification_AcceptAll(&config.sessionPKI);
    UA_UsernamePasswordLogin login{borrow(options_.user), borrow(options_.password)};
    const UA_ByteString policy =
        borrow("http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256");
    config.accessControl.clear(&config.accessControl);
    code = UA_AccessControl_default(&config, true, &policy, options_.user.empty() ? 0 : 1, &login);
    if (code != UA_STATUSCODE_GOOD)
      return fail(ErrorCode::kInternal,
                  fmt::format("access control: {}", UA_StatusCode_name(code)));
    gathering_ = UA_HistoryDataGathering_Default(plant_.spec().signals.size() + 1);
    config.historyDatabase = UA_HistoryDatabase_default(gathering_);
    config.historizingEnabled = true;
    server_ = UA_Server_newWithConfig(&config);
    if (server_ == nullptr) return fail(ErrorCode::kInternal, "no OPC UA server could be made");
    namespace_ = UA_Server_addNamespace(server_, plant_.spec().namespace_uri.c_str());
    return {};
  }

  UA_NodeId id_of(std::string_view path) const {
    UA_NodeId id = UA_NODEID_NULL;
    id.namespaceIndex = namespace_;
    id.identifierType = UA_NODEIDTYPE_STRING;
    id.identifier.string = borrow(path);
    return id;
  }

  /// The folder of everything above the last `/`, made with those above it.
  UA_NodeId folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER);
    const std::string folder = path.substr(0, slash);
    const auto [at, added] = folders_.insert(folder);
    if (added) {
      const UA_NodeId parent = folder_of(folder);
      const std::string name = decode_name(std::string_view(folder).substr(folder.rfind('/') + 1));
      UA_ObjectAttributes attributes = UA_ObjectAttributes_default;
      attributes.displayName.text = borrow(name);
      UA_Server_addObjectNode(server_, id_of(*at), parent, UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES),
                              {namespace_, borrow(name)}, UA_NODEID_NUMERIC(0, UA_NS0ID_FOLDERTYPE),
                              attributes, nullptr, nullptr);
    }
    return id_of(*at);
  }

  void add_nodes() {
    for (std::size_t i = 0; i < signals_.size(); ++i) add_signal(i);
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    const std::string text = joined_faults();
    UA_String value = borrow(text);
    UA_Variant_setScalar(&attributes.value, &value, &UA_TYPES[UA_TYPES_STRING]);
    attributes.displayName.text = borrow("Faults");
    attributes.description.text = borrow("Names of the faults that are on, separated by commas");
    attributes.dataType = UA_TYPES[UA_TYPES_STRING].typeId;
    attributes.accessLevel = UA_ACCESSLEVELMASK_READ | UA_ACCESSLEVELMASK_WRITE;
    UA_Server_addVariableNode(
        server_, id_of("Faults"), UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER),
        UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES), {namespace_, borrow("Faults")},
        UA_NODEID_NUMERIC(0, UA_NS0ID_BASEDATAVARIABLETYPE), attributes, nullptr, nullptr);
  }

  void add_signal(std::size_t index) {
    const SignalSpec& signal = plant_.spec().signals[index];
    const UA_NodeId parent = folder_of(signal.path);
    const std::string name =
        decode_name(std::string_view(signal.path).substr(signal.path.rfind('/') + 1));
    const bool analog = !signal.unit.empty() && signal.type != ValueType::kString;
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    attributes.displayName.text = borrow(name);
    attributes.description.text = borrow(signal.description);
    attributes.dataType = ua_type(signal.type)->typeId;
    attributes.valueRank = UA_VALUERANK_SCALAR;
    attributes.accessLevel = UA_ACCESSLEVELMASK_READ | UA_ACCESSLEVELMASK_HISTORYREAD;
    attributes.historizing = true;
    const UA_DataValue value = data_value(index, start_);
    attributes.value = value.value;
    const UA_NodeId id = id_of(signal.path);
    UA_Server_addVariableNode(
        server_, id, parent, UA_NODEID_NUMERIC(0, UA_NS0ID_HASCOMPONENT),
        {namespace_, borrow(name)},
        UA_NODEID_NUMERIC(0, analog ? UA_NS0ID_BASEANALOGTYPE : UA_NS0ID_BASEDATAVARIABLETYPE),
        attributes, nullptr, nullptr);
    if (analog) add_unit(signal);
    UA_HistorizingNodeIdSettings settings{};
    settings.historizingBackend = UA_HistoryDataBackend_Memory_Circular(1, kHistoryValues);
    settings.maxHistoryDataResponseSize = 10'000;
    settings.historizingUpdateStrategy = UA_HISTORIZINGUPDATESTRATEGY_USER;
    gathering_.registerNodeId(server_, gathering_.context, &id, settings);
    backends_.push_back(settings.historizingBackend);
  }

  void add_property(const SignalSpec& signal, const char* name, const void* value,
                    const UA_DataType* type) {
    const std::string id = signal.path + "." + name;
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    attributes.displayName.text = borrow(name);
    attributes.dataType = type->typeId;
    UA_Variant_setScalar(&attributes.value, const_cast<void*>(value), type);
    UA_Server_addVariableNode(server_, id_of(id), id_of(signal.path),
                              UA_NODEID_NUMERIC(0, UA_NS0ID_HASPROPERTY), {0, borrow(name)},
                              UA_NODEID_NUMERIC(0, UA_NS0ID_PROPERTYTYPE), attributes, nullptr,
                              nullptr);
  }

  void add_unit(const SignalSpec& signal) {
    UA_EUInformation unit{};
    unit.namespaceUri = borrow(kUnitsNamespace);
    unit.unitId = unece_id(signal.unit);
    unit.displayName.text = borrow(signal.unit);
    add_property(signal, "EngineeringUnits", &unit, &UA_TYPES[UA_TYPES_EUINFORMATION]);
    if (signal.low < signal.high) {
      UA_Range range{signal.low, signal.high};
      add_property(signal, "EURange", &range, &UA_TYPES[UA_TYPES_RANGE]);
    }
  }

  /// The present value of a signal, borrowing what it can: good until the next step.
  UA_DataValue data_value(std::size_t index, TimeNs time) {
    UA_DataValue data;
    UA_DataValue_init(&data);
    Value& value = scratch_ = plant_.value(index);
    if (auto* number = std::get_if<double>(&value))
      UA_Variant_setScalar(&data.value, number, &UA_TYPES[UA_TYPES_DOUBLE]);
    else if (auto* integer = std::get_if<std::int64_t>(&value))
      UA_Variant_setScalar(&data.value, integer, &UA_TYPES[UA_TYPES_INT64]);
    else if (auto* flag = std::get_if<bool>(&value))
      UA_Variant_setScalar(&data.value, flag, &UA_TYPES[UA_TYPES_BOOLEAN]);
    else {
      scratch_text_ = borrow(std::get<std::string>(value));
      UA_Variant_setScalar(&data.value, &scratch_text_, &UA_TYPES[UA_TYPES_STRING]);
    }
    data.value.storageType = UA_VARIANT_DATA_NODELETE;
    data.hasValue = true;
    data.status = plant_.quality(index).code;
    data.hasStatus = true;
    data.sourceTimestamp = ua_time(time);
    data.hasSourceTimestamp = true;
    data.serverTimestamp = data.sourceTimestamp;
    data.hasServerTimestamp = true;
    return data;
  }

  /// All signals as they are now, stamped `time`, into the nodes and their history.
  void publish(TimeNs time) {
    for (std::size_t i = 0; i < signals_.size(); ++i) {
      const UA_DataValue data = data_value(i, time);
      const UA_NodeId id = id_of(signals_[i].path);
      UA_Server_writeDataValue(server_, id, data);
      backends_[i].serverSetHistoryData(server_, backends_[i].context, nullptr, nullptr, &id, true,
                                        &data);
    }
  }

  std::string joined_faults() const {
    std::string text;
    for (const auto& name : options_.faults) text += (text.empty() ? "" : ",") + name;
    return text;
  }

  std::optional<std::vector<std::string>> take_asked() {
    const std::lock_guard lock(asked_mutex_);
    return std::exchange(asked_faults_, std::nullopt);
  }

  void show_faults() {
    const std::string now = joined_faults();
    UA_String string = borrow(now);
    UA_Variant back;
    UA_Variant_setScalar(&back, &string, &UA_TYPES[UA_TYPES_STRING]);
    UA_Server_writeValue(server_, id_of("Faults"), back);
  }

  /// Follows what was asked for or written to the node `Faults`; a name that is not known puts the old text back.
  void follow_faults() {
    if (auto asked = take_asked()) {
      if (const auto set = plant_.set_faults(*asked); !set) return;  // checked when it was asked
      options_.faults = *std::move(asked);
      log_info("simulate", "faults: {}", options_.faults.empty() ? "none" : joined_faults());
      return show_faults();
    }
    UA_Variant value;
    if (UA_Server_readValue(server_, id_of("Faults"), &value) != UA_STATUSCODE_GOOD) return;
    std::string text;
    if (UA_Variant_hasScalarType(&value, &UA_TYPES[UA_TYPES_STRING])) {
      const auto& string = *static_cast<const UA_String*>(value.data);
      text.assign(reinterpret_cast<const char*>(string.data), string.length);
    }
    UA_Variant_clear(&value);
    if (text == joined_faults()) return;
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      std::string name = text.substr(at, end - at);
      while (name.starts_with(' ')) name.erase(0, 1);
      while (name.ends_with(' ')) name.pop_back();
      if (!name.empty()) names.push_back(std::move(name));
      at = end + 1;
    }
    if (const auto set = plant_.set_faults(names)) {
      options_.faults = std::move(names);
      log_info("simulate", "faults: {}", text.empty() ? "none" : text);
    } else {
      log_warning("simulate", "{}", set.error().message);
    }
    show_faults();
  }

  void run() {
    // Plant time runs `speed` times as fast as the clock; stamps are always the clock's.
    TimeNs published = clock_.now() / kSecond * kSecond;
    while (!stopping_) {
      UA_Server_run_iterate(server_, false);
      const TimeNs now = clock_.now();
      if (now - published >= kSecond || now < published) {
        published = now / kSecond * kSecond;
        const auto run =
            static_cast<DurationNs>(static_cast<double>(published - start_) * options_.speed);
        follow_faults();
        plant_.step_to(start_ + std::max<DurationNs>(run, 0));
        publish(published);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  const ServerIdentity identity_;
  io::Clock& clock_;
  ServerOptions options_;
  const TimeNs start_;
  const TimeNs epoch_;
  Plant plant_;
  std::vector<SignalInfo> signals_;
  std::set<std::string> folders_;
  UA_HistoryDataGathering gathering_{};
  std::vector<UA_HistoryDataBackend> backends_;
  UA_Server* server_ = nullptr;
  UA_UInt16 namespace_ = 1;
  Value scratch_;
  UA_String scratch_text_{};
  std::mutex asked_mutex_;
  std::optional<std::vector<std::string>> asked_faults_;  ///< guarded by asked_mutex_
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

Result<std::unique_ptr<SimulatedServer>> SimulatedServer::start(const std::string& pack_folder,
                                                                io::Clock& clock,
                                                                ServerOptions options) {
  TUNDISH_TRY(auto plant, load_plant(pack_folder));
  const std::string name = pack_folder.substr(pack_folder.find_last_of('/') + 1);
  TUNDISH_TRY(auto identity, load_or_make_server_identity(options.certificate_folder, name));
  auto implementation = std::make_unique<Implementation>(std::move(plant), std::move(identity),
                                                         clock, std::move(options));
  TUNDISH_RETURN_IF_ERROR(implementation->start());
  return std::unique_ptr<SimulatedServer>(new SimulatedServer(std::move(implementation)));
}

SimulatedServer::SimulatedServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
SimulatedServer::~SimulatedServer() = default;
void SimulatedServer::stop() { implementation_->stop(); }
Status SimulatedServer::set_faults(std::vector<std::string> names) {
  return implementation_->set_faults(std::move(names));
}
std::string SimulatedServer::endpoint() const { return implementation_->endpoint(); }
std::string SimulatedServer::fingerprint() const { return implementation_->fingerprint(); }
std::span<const SignalInfo> SimulatedServer::signals() const { return implementation_->signals(); }

}  // namespace tundish::simulate
