#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "connect/manager.h"
#include "connect/opcua/test_server.h"
#include "connect/test_memory.h"
#include "io/simulated_disk.h"

namespace tundish::connect {

inline constexpr EnterpriseId kWorks{1};
inline constexpr EnterpriseId kOther{2};

inline const opcua::OwnIdentity& server_identity() {
  static const opcua::OwnIdentity identity = opcua::make_test_identity("server");
  return identity;
}

/// Asks every 10 ms until it holds; false when the time is over.
inline bool eventually(const std::function<bool()>& holds, int milliseconds = 8000) {
  for (int waited = 0; waited < milliseconds; waited += 10) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return holds();
}

/// For servers on this machine.
inline Options quick() {
  Options options;
  options.reconnect_min = 50 * kMillisecond;
  options.reconnect_max = 200 * kMillisecond;
  options.connect_timeout = 2 * kSecond;
  options.request_timeout = kSecond;
  options.keep_alive_every = 100 * kMillisecond;
  options.lost_after = 400 * kMillisecond;
  options.first_read_after = 300 * kMillisecond;
  options.silence_read_after = 500 * kMillisecond;
  options.flush_every = 20 * kMillisecond;
  options.stop_within = kSecond;
  return options;
}

/// A manager with everything around it in memory, and one server.
class ManagerTesting : public testing::Test {
 protected:
  ManagerTesting() : disk_(1), server_(server_identity()) {
    set_log_level(LogLevel::kError);
    // The own key is made once for all tests: it takes a while.
    static const opcua::OwnIdentity own = opcua::make_test_identity("client");
    EXPECT_TRUE(disk_.make_folder("pki"));
    EXPECT_TRUE(disk_.make_folder("pki/own"));
    EXPECT_TRUE(io::replace_file(disk_, "pki/own/key.der", own.key));
    EXPECT_TRUE(io::replace_file(disk_, "pki/own/cert.der", own.certificate));
  }
  ~ManagerTesting() override { set_log_level(LogLevel::kInfo); }

  void start(Options options = quick()) {
    manager_.emplace(store_, door_, catalogue_, enterprises_, disk_, io::real_clock(),
                     io::real_random(), options);
    ASSERT_TRUE(manager_->start());
  }

  ConnectionConfig config(const std::vector<std::string>& names) const {
    ConnectionConfig config;
    config.enterprise = kWorks;
    config.name = "line 1";
    config.endpoint = server_.url();
    config.security_policy = "None";
    config.security_mode = "None";
    config.publishing_ms = 50;
    for (const std::string& name : names) {
      ConnectionItem item;
      item.namespace_uri = opcua::TestServer::kNamespace;
      item.identifier = "s=" + name;
      item.path = "works/hall/" + name;
      item.sampling_ms = 20;
      config.items.push_back(item);
    }
    return config;
  }

  std::uint64_t save(const ConnectionConfig& wanted) {
    const auto saved = manager_->save(wanted);
    EXPECT_TRUE(saved) << saved.error().to_string();
    return saved ? saved->id : 0;
  }
  ConnectionStatus status(std::uint64_t id) const { return *manager_->status(kWorks, id); }
  ConnectionState state(std::uint64_t id) const { return status(id).state; }
  std::vector<ItemStatus> items(std::uint64_t id) const { return *manager_->items(kWorks, id); }
  bool runs(std::uint64_t id) {
    return eventually([&] { return state(id) == ConnectionState::kRunning; });
  }
  std::optional<Sample> newest(const std::string& name) const {
    const auto samples = door_.samples("works/hall/" + name);
    std::optional<Sample> newest;
    for (const Sample& sample : samples)
      if (!newest || sample.time >= newest->time) newest = sample;
    return newest;
  }
  bool newest_is(const std::string& name, const Value& value, Quality quality = kGood) {
    return eventually([&] {
      const auto sample = newest(name);
      return sample && same_bits(sample->value, value) && sample->quality == quality;
    });
  }
  std::size_t marks(const std::string& name) const {
    std::size_t count = 0;
    for (const Sample& sample : door_.samples("works/hall/" + name))
      if (sample.quality == kBadNoCommunication) ++count;
    return count;
  }

  io::SimulatedDisk disk_;
  MemoryDoor door_;
  MemoryCatalogue catalogue_;
  MemoryStore store_;
  TwoEnterprises enterprises_;
  opcua::TestServer server_;
  std::optional<ConnectionManager> manager_;
};

}  // namespace tundish::connect
