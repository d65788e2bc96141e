#include <gtest/gtest.h>
#include <open62541/client.h>
#include <open62541/client_config_default.h>
#include <open62541/client_highlevel.h>
#include <open62541/plugin/log.h>

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "simulate/plant.h"
#include "simulate/simulate_testing.h"
#include "simulate/simulated_server.h"

namespace tundish::simulate {
namespace {

constexpr TimeNs kStart = 1'790'000'000 * kSecond;
constexpr TimeNs kEpoch = kStart - 90 * kMinute;

UA_DateTime ua_time(TimeNs time) { return time / 100 + UA_DATETIME_UNIX_EPOCH; }
TimeNs time_of(UA_DateTime time) { return (time - UA_DATETIME_UNIX_EPOCH) * 100; }
std::string string_of(const UA_String& text) {
  return {reinterpret_cast<const char*>(text.data), text.length};
}
void no_log(void*, UA_LogLevel, UA_LogCategory, const char*, va_list) {}

/// What a client sees of one value.
struct Seen {
  double number = 0;
  std::string text;
  TimeNs time = 0;
  UA_StatusCode status = UA_STATUSCODE_GOOD;
};

Seen seen_of(const UA_DataValue& value) {
  Seen seen;
  if (UA_Variant_hasScalarType(&value.value, &UA_TYPES[UA_TYPES_DOUBLE]))
    seen.number = *static_cast<double*>(value.value.data);
  if (UA_Variant_hasScalarType(&value.value, &UA_TYPES[UA_TYPES_STRING]))
    seen.text = string_of(*static_cast<UA_String*>(value.value.data));
  seen.time = value.hasSourceTimestamp ? time_of(value.sourceTimestamp) : 0;
  seen.status = value.hasStatus ? value.status : UA_STATUSCODE_GOOD;
  return seen;
}

/// One server with a client at it; the clock is the test's.
class Server : public testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.epoch = kEpoch;
    options.seed = 3;
    auto server = SimulatedServer::start(pack_, clock_, options);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    static UA_Logger logger{&no_log, nullptr, nullptr};
    UA_ClientConfig config{};
    config.logging = &logger;
    UA_ClientConfig_setDefault(&config);
    client_ = UA_Client_newWithConfig(&config);
    ASSERT_EQ(UA_Client_connect(client_, server_->endpoint().c_str()), UA_STATUSCODE_GOOD);
    UA_String uri = UA_STRING(const_cast<char*>("urn:tundish:plant:small"));
    ASSERT_EQ(UA_Client_NamespaceGetIndex(client_, &uri, &namespace_), UA_STATUSCODE_GOOD);
  }
  void TearDown() override {
    if (client_ != nullptr) UA_Client_delete(client_);
    if (server_) server_->stop();
  }

  /// Borrows `path`.
  UA_NodeId id_of(const std::string& path) {
    return UA_NODEID_STRING(namespace_, const_cast<char*>(path.c_str()));
  }

  Seen read(const std::string& path) {
    UA_ReadValueId item;
    UA_ReadValueId_init(&item);
    item.nodeId = id_of(path);
    item.attributeId = UA_ATTRIBUTEID_VALUE;
    UA_ReadRequest request;
    UA_ReadRequest_init(&request);
    request.nodesToRead = &item;
    request.nodesToReadSize = 1;
    request.timestampsToReturn = UA_TIMESTAMPSTORETURN_SOURCE;
    UA_ReadResponse response = UA_Client_Service_read(client_, request);
    EXPECT_EQ(response.resultsSize, 1u);
    const Seen seen = response.resultsSize == 1 ? seen_of(response.results[0]) : Seen{};
    UA_ReadResponse_clear(&response);
    return seen;
  }

  /// Moves the clock on by a second and waits until the server has followed.
  void tick() {
    clock_.advance(kSecond);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (read("works/furnace/temperature").time < clock_.now()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << "the server does not follow the clock";
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  void write_faults(std::string names) {
    UA_String text = UA_STRING(names.data());
    UA_Variant value;
    UA_Variant_setScalar(&value, &text, &UA_TYPES[UA_TYPES_STRING]);
    ASSERT_EQ(UA_Client_writeValueAttribute(client_, id_of("Faults"), &value), UA_STATUSCODE_GOOD);
    tick();
  }

  /// Browse names below a node with the types of their references.
  std::map<std::string, UA_NodeClass> browse(const UA_NodeId& node) {
    UA_BrowseDescription description;
    UA_BrowseDescription_init(&description);
    description.nodeId = node;
    description.referenceTypeId = UA_NODEID_NUMERIC(0, UA_NS0ID_HIERARCHICALREFERENCES);
    description.includeSubtypes = true;
    description.resultMask = UA_BROWSERESULTMASK_ALL;
    UA_BrowseRequest request;
    UA_BrowseRequest_init(&request);
    request.nodesToBrowse = &description;
    request.nodesToBrowseSize = 1;
    UA_BrowseResponse response = UA_Client_Service_browse(client_, request);
    std::map<std::string, UA_NodeClass> found;
    for (std::size_t i = 0; i < response.resultsSize; ++i)
      for (std::size_t j = 0; j < response.results[i].referencesSize; ++j)
        found[string_of(response.results[i].references[j].browseName.name)] =
            response.results[i].references[j].nodeClass;
    UA_BrowseResponse_clear(&response);
    return found;
  }

  const std::string pack_ = small_pack("server");
  io::SimulatedClock clock_{kStart};
  std::unique_ptr<SimulatedServer> server_;
  UA_Client* client_ = nullptr;
  UA_UInt16 namespace_ = 0;
};

TEST_F(Server, ShowsItsTreeWithUnitsAndRanges) {
  EXPECT_TRUE(browse(UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER)).contains("works"));
  EXPECT_EQ(browse(id_of("works")).at("furnace"), UA_NODECLASS_OBJECT);
  const auto furnace = browse(id_of("works/furnace"));
  EXPECT_EQ(furnace.at("temperature"), UA_NODECLASS_VARIABLE);
  EXPECT_EQ(furnace.size(), 5u);
  const auto properties = browse(id_of("works/furnace/temperature"));
  EXPECT_TRUE(properties.contains("EURange"));
  ASSERT_TRUE(properties.contains("EngineeringUnits"));
  UA_Variant value;
  ASSERT_EQ(UA_Client_readValueAttribute(
                client_, id_of("works/furnace/temperature.EngineeringUnits"), &value),
            UA_STATUSCODE_GOOD);
  ASSERT_TRUE(UA_Variant_hasScalarType(&value, &UA_TYPES[UA_TYPES_EUINFORMATION]));
  const auto& unit = *static_cast<UA_EUInformation*>(value.data);
  EXPECT_EQ(string_of(unit.displayName.text), "Cel");
  EXPECT_EQ(unit.unitId, 4408652);  // CEL of UNECE Recommendation 20, as OPC 10000-8 numbers it
  UA_Variant_clear(&value);
  EXPECT_EQ(server_->signals().size(), 5u);
  EXPECT_EQ(server_->signals()[1].identifier, "s=works/furnace/temperature");
  EXPECT_EQ(server_->fingerprint().size(), 64u);
}

TEST_F(Server, ShowsThePlantAtTheClocksTime) {
  Plant plant(*load_plant(pack_), 3, kEpoch);
  for (int i = 0; i < 5; ++i) {
    tick();
    plant.step_to(clock_.now());
    const Seen temperature = read("works/furnace/temperature");
    EXPECT_EQ(temperature.time, clock_.now());
    EXPECT_EQ(temperature.status, UA_STATUSCODE_GOOD);
    EXPECT_EQ(temperature.number, std::get<double>(plant.value(1)));
    EXPECT_EQ(read("works/furnace/phase").text, std::get<std::string>(plant.value(2)));
  }
}

TEST_F(Server, ReadsBackTheHourBeforeItsStart) {
  std::map<TimeNs, Seen> history;
  const std::string path = "works/furnace/temperature";
  const UA_NodeId id = id_of(path);
  const auto code = UA_Client_HistoryRead_raw(
      client_, &id,
      [](UA_Client*, const UA_NodeId*, UA_Boolean, const UA_ExtensionObject* data, void* context) {
        const auto& values = *static_cast<UA_HistoryData*>(data->content.decoded.data);
        for (std::size_t i = 0; i < values.dataValuesSize; ++i) {
          const Seen seen = seen_of(values.dataValues[i]);
          (*static_cast<std::map<TimeNs, Seen>*>(context))[seen.time] = seen;
        }
        return true;
      },
      ua_time(kStart - 2 * kHour), ua_time(kStart + kSecond), UA_STRING_NULL, false, 1000,
      UA_TIMESTAMPSTORETURN_SOURCE, &history);
  ASSERT_EQ(code, UA_STATUSCODE_GOOD);
  ASSERT_GE(history.size(), 359u);
  EXPECT_GE(history.begin()->first, kStart - kHour);
  Plant plant(*load_plant(pack_), 3, kEpoch);
  for (const auto& [time, seen] : history) {
    plant.step_to(time);
    ASSERT_EQ(seen.number, std::get<double>(plant.value(1))) << (kStart - time) / kSecond;
  }
}

TEST_F(Server, FaultsAreSwitchedByWritingTheirNames) {
  write_faults("rests, offline");
  const Seen rests = read("works/furnace/temperature");
  for (int i = 0; i < 5; ++i) {
    tick();
    const Seen now = read("works/furnace/temperature");
    EXPECT_EQ(now.number, rests.number);
    EXPECT_EQ(now.status, UA_STATUSCODE_BADNOCOMMUNICATION);
  }
  EXPECT_EQ(read("Faults").text, "rests,offline");
  write_faults("ofline");
  EXPECT_EQ(read("Faults").text, "rests,offline") << "an unknown name is put back";
  write_faults("");
  Plant plant(*load_plant(pack_), 3, kEpoch);
  tick();
  plant.step_to(clock_.now());
  EXPECT_EQ(read("works/furnace/temperature").number, std::get<double>(plant.value(1)));
  EXPECT_EQ(read("works/furnace/temperature").status, UA_STATUSCODE_GOOD);
}

TEST_F(Server, ItsSignalsCannotBeWritten) {
  double number = 1;
  UA_Variant value;
  UA_Variant_setScalar(&value, &number, &UA_TYPES[UA_TYPES_DOUBLE]);
  EXPECT_NE(UA_Client_writeValueAttribute(client_, id_of("works/furnace/temperature"), &value),
            UA_STATUSCODE_GOOD);
}

TEST(SimulatedServer, TellsWhatIsWrongAtTheStart) {
  io::SimulatedClock clock(kStart);
  ServerOptions options;
  options.faults = {"rest"};
  const auto server = SimulatedServer::start(small_pack("start"), clock, options);
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("did you mean 'rests'?"), std::string::npos);
  EXPECT_EQ(SimulatedServer::start("/no/such/pack", clock, {}).error().code, ErrorCode::kNotFound);
}

TEST(SimulatedServer, KeepsItsCertificate) {
  io::SimulatedClock clock(kStart);
  ServerOptions options;
  options.certificate_folder = own_folder() + "server_test_certificates";
  std::filesystem::remove_all(options.certificate_folder);
  const std::string pack = small_pack("certificate");
  std::set<std::string> fingerprints;
  for (int i = 0; i < 2; ++i) {
    const auto server = SimulatedServer::start(pack, clock, options);
    ASSERT_TRUE(server) << server.error().to_string();
    fingerprints.insert((*server)->fingerprint());
  }
  EXPECT_EQ(fingerprints.size(), 1u);
}

}  // namespace
}  // namespace tundish::simulate
