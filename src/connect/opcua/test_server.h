#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "connect/opcua/own_identity.h"
#include "connect/opcua/ua.h"

struct UA_Server;

namespace tundish::connect::opcua {

/// A port on loopback that nobody uses at this moment.
UA_UInt16 free_port();

/// A real OPC UA server in this process, for tests: all policies, user `anna` with password
/// `plant-7`, anonymous too, and variables in the namespace `urn:test:plant`. It can be stopped
/// and started again on its port with the same or another content.
class TestServer {
 public:
  static constexpr const char* kNamespace = "urn:test:plant";

  struct Options {
    bool first_namespace_is_other = false;  ///< shifts the index of kNamespace by one
    bool password_in_clear_only = false;    ///< offers user tokens with policy None
    std::string discovery_url;              ///< what the server calls itself; empty: its own URL
    std::string host = "127.0.0.1";
    DurationNs clock_ahead = 0;  ///< of what it says its time is
  };

  explicit TestServer(OwnIdentity identity) : TestServer(std::move(identity), Options{}) {}
  TestServer(OwnIdentity identity, Options options);
  ~TestServer() { stop(); }

  std::string url() const;
  UA_UInt16 port() const { return port_; }
  void set_identity(OwnIdentity identity) { identity_ = std::move(identity); }
  Options& options() { return options_; }

  /// Adds `s=name` with a value of `type` (index into UA_TYPES); kept over restarts.
  template <class T>
  void add_variable(const std::string& name, const T& value, int type) {
    variables_.push_back(
        [=](TestServer& self) { self.add_now(name, &value, &UA_TYPES[type], -1, 1); });
  }
  void add_described(const std::string& name, double value, const std::string& description);
  void add_array(const std::string& name);
  void add_folder_with(const std::string& folder, std::size_t variables);
  void add_analog(const std::string& name, double value, UA_Int32 unit_id,
                  const std::string& unit_name);
  /// Removes everything that was added, for the next start.
  void clear() { variables_.clear(); }

  void start();
  void stop();

  /// While it runs.
  void write(const std::string& name, const UA_DataValue& value);
  void write_double(const std::string& name, double value);
  void remove(const std::string& name);

 private:
  void add_now(const std::string& name, const void* value, const UA_DataType* type, int rank,
               std::size_t length);
  UA_NodeId id_of(const std::string& name) const;
  void set_clock_ahead();

  OwnIdentity identity_;
  Options options_;
  UA_UInt16 port_;
  UA_UInt16 namespace_ = 0;
  std::vector<std::function<void(TestServer&)>> variables_;
  UA_Server* server_ = nullptr;
  std::thread thread_;
  std::atomic<bool> running_{false};
};

/// A certificate and key made for the test; `name` goes into the application URI.
OwnIdentity make_test_identity(const std::string& name);

}  // namespace tundish::connect::opcua
