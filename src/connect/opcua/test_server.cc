#include "connect/opcua/test_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <open62541/plugin/accesscontrol_default.h>
#include <open62541/plugin/pki_default.h>
#include <open62541/server.h>
#include <open62541/server_config_default.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "connect/opcua/client.h"
#include "io/disk.h"
#include "io/simulated_disk.h"

#if defined(__SANITIZE_THREAD__)
// The stack's server takes its two locks in both orders while it starts, on one thread. Not ours.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "deadlock:libopen62541.so"; }
#endif

namespace tundish::connect::opcua {
namespace {

void must(UA_StatusCode code, const char* what) {
  if (code != UA_STATUSCODE_GOOD)
    throw std::runtime_error(fmt::format("{}: {}", what, UA_StatusCode_name(code)));
}

UA_ByteString borrow_bytes(const Bytes& bytes) {
  return {bytes.size(), reinterpret_cast<UA_Byte*>(const_cast<std::byte*>(bytes.data()))};
}

}  // namespace

UA_UInt16 free_port() {
  const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(handle, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(handle);
  return ntohs(address.sin_port);
}

OwnIdentity make_test_identity(const std::string& name) {
  io::SimulatedDisk disk(1);
  auto identity = load_or_make_identity(disk, "pki", name);
  if (!identity) throw std::runtime_error(identity.error().to_string());
  return *identity;
}

TestServer::TestServer(OwnIdentity identity, Options options)
    : identity_(std::move(identity)), options_(std::move(options)), port_(free_port()) {}

std::string TestServer::url() const { return fmt::format("opc.tcp://{}:{}", options_.host, port_); }

UA_NodeId TestServer::id_of(const std::string& name) const {
  UA_NodeId id;
  UA_NodeId_init(&id);
  id.namespaceIndex = namespace_;
  id.identifierType = UA_NODEIDTYPE_STRING;
  id.identifier.string = borrow(name);
  return id;
}

void TestServer::add_now(const std::string& name, const void* value, const UA_DataType* type,
                         int rank, std::size_t length) {
  UA_VariableAttributes attributes = UA_VariableAttributes_default;
  attributes.displayName.text = borrow(name);
  attributes.dataType = type->typeId;
  attributes.valueRank = rank;
  attributes.accessLevel = UA_ACCESSLEVELMASK_READ;
  UA_UInt32 dimension = 0;
  if (rank == 1) {
    attributes.arrayDimensions = &dimension;
    attributes.arrayDimensionsSize = 1;
    UA_Variant_setArray(&attributes.value, const_cast<void*>(value), length, type);
  } else {
    UA_Variant_setScalar(&attributes.value, const_cast<void*>(value), type);
  }
  UA_QualifiedName browse_name{namespace_, borrow(name)};
  must(UA_Server_addVariableNode(server_, id_of(name), UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER),
                                 UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES), browse_name,
                                 UA_NODEID_NUMERIC(0, UA_NS0ID_BASEDATAVARIABLETYPE), attributes,
                                 nullptr, nullptr),
       "add variable");
}

void TestServer::add_described(const std::string& name, double value,
                               const std::string& description) {
  variables_.push_back([=](TestServer& self) {
    self.add_now(name, &value, &UA_TYPES[UA_TYPES_DOUBLE], -1, 1);
    const UA_LocalizedText text{UA_STRING_NULL, borrow(description)};
    must(UA_Server_writeDescription(self.server_, self.id_of(name), text), "describe");
  });
}

void TestServer::add_array(const std::string& name) {
  variables_.push_back([name](TestServer& self) {
    const double values[3] = {1, 2, 3};
    self.add_now(name, values, &UA_TYPES[UA_TYPES_DOUBLE], 1, 3);
  });
}

void TestServer::add_folder_with(const std::string& folder, std::size_t variables) {
  variables_.push_back([=](TestServer& self) {
    UA_ObjectAttributes object = UA_ObjectAttributes_default;
    object.displayName.text = borrow(folder);
    must(UA_Server_addObjectNode(
             self.server_, self.id_of(folder), UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER),
             UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES), {self.namespace_, borrow(folder)},
             UA_NODEID_NUMERIC(0, UA_NS0ID_FOLDERTYPE), object, nullptr, nullptr),
         "add folder");
    for (std::size_t number = 0; number < variables; ++number) {
      const std::string name = fmt::format("{}.{}", folder, number);
      UA_VariableAttributes attributes = UA_VariableAttributes_default;
      attributes.displayName.text = borrow(name);
      attributes.dataType = UA_TYPES[UA_TYPES_INT32].typeId;
      UA_Int32 value = static_cast<UA_Int32>(number);
      UA_Variant_setScalar(&attributes.value, &value, &UA_TYPES[UA_TYPES_INT32]);
      must(UA_Server_addVariableNode(
               self.server_, self.id_of(name), self.id_of(folder),
               UA_NODEID_NUMERIC(0, UA_NS0ID_HASCOMPONENT), {self.namespace_, borrow(name)},
               UA_NODEID_NUMERIC(0, UA_NS0ID_BASEDATAVARIABLETYPE), attributes, nullptr, nullptr),
           "add variable");
    }
  });
}

void TestServer::add_analog(const std::string& name, double value, UA_Int32 unit_id,
                            const std::string& unit_name) {
  variables_.push_back([=](TestServer& self) {
    self.add_now(name, &value, &UA_TYPES[UA_TYPES_DOUBLE], -1, 1);
    UA_EUInformation unit;
    UA_EUInformation_init(&unit);
    unit.namespaceUri = borrow("http://www.opcfoundation.org/UA/units/un/cefact");
    unit.unitId = unit_id;
    unit.displayName.text = borrow(unit_name);
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    attributes.displayName.text = borrow("EngineeringUnits");
    attributes.dataType = UA_TYPES[UA_TYPES_EUINFORMATION].typeId;
    UA_Variant_setScalar(&attributes.value, &unit, &UA_TYPES[UA_TYPES_EUINFORMATION]);
    const std::string id = name + ".EngineeringUnits";
    must(UA_Server_addVariableNode(
             self.server_, self.id_of(id), self.id_of(name),
             UA_NODEID_NUMERIC(0, UA_NS0ID_HASPROPERTY), {0, borrow("EngineeringUnits")},
             UA_NODEID_NUMERIC(0, UA_NS0ID_PROPERTYTYPE), attributes, nullptr, nullptr),
         "add units");
  });
}

void TestServer::set_clock_ahead() {
  const UA_NodeId time = UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_SERVERSTATUS_CURRENTTIME);
  UA_DataSource source{};
  source.read = [](UA_Server*, const UA_NodeId*, void*, const UA_NodeId*, void* ahead, UA_Boolean,
                   const UA_NumericRange*, UA_DataValue* value) -> UA_StatusCode {
    const UA_DateTime now = UA_DateTime_now() + *static_cast<const DurationNs*>(ahead) / 100;
    value->hasValue = true;
    return UA_Variant_setScalarCopy(&value->value, &now, &UA_TYPES[UA_TYPES_DATETIME]);
  };
  must(UA_Server_setNodeContext(server_, time, &options_.clock_ahead), "clock context");
  must(UA_Server_setVariableNode_dataSource(server_, time, source), "clock");
}

void TestServer::start() {
  UA_ServerConfig config{};
  config.logging = open62541_logger();
  const UA_ByteString certificate = borrow_bytes(identity_.certificate);
  const UA_ByteString key = borrow_bytes(identity_.key);
  must(UA_ServerConfig_setDefaultWithSecurityPolicies(&config, port_, &certificate, &key, nullptr,
                                                      0, nullptr, 0, nullptr, 0),
       "server configuration");
  config.shutdownDelay = 0;
  config.tcpReuseAddr = true;
  config.samplingIntervalLimits.min = 0;
  config.publishingIntervalLimits.min = 5;
  UA_String_clear(&config.serverUrls[0]);
  config.serverUrls[0] = allocate(options_.discovery_url.empty() ? url() : options_.discovery_url);
  UA_String_clear(&config.applicationDescription.applicationUri);
  config.applicationDescription.applicationUri = allocate(identity_.application_uri);
  for (std::size_t index = 0; index < config.endpointsSize; ++index) {
    UA_String_clear(&config.endpoints[index].server.applicationUri);
    config.endpoints[index].server.applicationUri = allocate(identity_.application_uri);
  }
  // Clients are trusted: what is tested is the client's side.
  config.secureChannelPKI.clear(&config.secureChannelPKI);
  config.sessionPKI.clear(&config.sessionPKI);
  UA_CertificateVerification_AcceptAll(&config.secureChannelPKI);
  UA_CertificateVerification_AcceptAll(&config.sessionPKI);
  UA_UsernamePasswordLogin login{borrow("anna"), borrow("plant-7")};
  config.accessControl.clear(&config.accessControl);
  config.allowNonePolicyPassword = options_.password_in_clear_only;
  const UA_ByteString none = borrow("http://opcfoundation.org/UA/SecurityPolicy#None");
  const UA_ByteString sha256 = borrow("http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256");
  must(UA_AccessControl_default(&config, true, options_.password_in_clear_only ? &none : &sha256, 1,
                                &login),
       "access control");

  server_ = UA_Server_newWithConfig(&config);
  if (server_ == nullptr) throw std::runtime_error("no server");
  if (options_.first_namespace_is_other) UA_Server_addNamespace(server_, "urn:test:other");
  namespace_ = UA_Server_addNamespace(server_, kNamespace);
  for (const auto& add : variables_) add(*this);
  if (options_.clock_ahead != 0) set_clock_ahead();
  must(UA_Server_run_startup(server_), "server start");
  running_ = true;
  thread_ = std::thread([this] {
    while (running_) {
      UA_Server_run_iterate(server_, false);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
}

void TestServer::stop() {
  if (server_ == nullptr) return;
  running_ = false;
  thread_.join();
  UA_Server_run_shutdown(server_);
  UA_Server_delete(server_);
  server_ = nullptr;
}

// The stack's functions lock by themselves (built with multithreading).
void TestServer::write(const std::string& name, const UA_DataValue& value) {
  must(UA_Server_writeDataValue(server_, id_of(name), value), "write");
}

void TestServer::write_double(const std::string& name, double value) {
  UA_DataValue data;
  UA_DataValue_init(&data);
  UA_Variant_setScalar(&data.value, &value, &UA_TYPES[UA_TYPES_DOUBLE]);
  data.hasValue = true;
  data.sourceTimestamp = UA_DateTime_now();
  data.hasSourceTimestamp = true;
  write(name, data);
}

void TestServer::remove(const std::string& name) {
  must(UA_Server_deleteNode(server_, id_of(name), true), "delete");
}

}  // namespace tundish::connect::opcua
