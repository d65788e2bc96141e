#include "connect/manager.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <system_error>
#include <thread>

#include "base/log.h"
#include "connect/item_table.h"
#include "connect/opcua/test_server.h"
#include "connect/test_memory.h"
#include "io/chaos_proxy.h"
#include "io/net.h"
#include "io/simulated_disk.h"

namespace tundish::connect {
namespace {

using opcua::make_test_identity;
using opcua::OwnIdentity;
using opcua::TestServer;

constexpr EnterpriseId kWorks{1};
constexpr EnterpriseId kOther{2};

const OwnIdentity& server_identity() {
  static const OwnIdentity identity = make_test_identity("server");
  return identity;
}
const OwnIdentity& other_identity() {
  static const OwnIdentity identity = make_test_identity("other-server");
  return identity;
}

bool eventually(const std::function<bool()>& holds, int milliseconds = 8000) {
  for (int waited = 0; waited < milliseconds; waited += 10) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return holds();
}

Options quick() {
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
class ManagerTest : public testing::Test {
 protected:
  ManagerTest() : disk_(1), server_(server_identity()) {
    set_log_level(LogLevel::kError);
    // The own key is made once for all tests: it takes a while.
    static const OwnIdentity own = make_test_identity("client");
    EXPECT_TRUE(disk_.make_folder("pki"));
    EXPECT_TRUE(disk_.make_folder("pki/own"));
    EXPECT_TRUE(io::replace_file(disk_, "pki/own/key.der", own.key));
    EXPECT_TRUE(io::replace_file(disk_, "pki/own/cert.der", own.certificate));
  }
  ~ManagerTest() override { set_log_level(LogLevel::kInfo); }

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
      item.namespace_uri = TestServer::kNamespace;
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
  TestServer server_;
  std::optional<ConnectionManager> manager_;
};

TEST_F(ManagerTest, DeliversValuesWithTheServersTimesAndStatusCodes) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto id = save(config({"speed"}));
  ASSERT_TRUE(runs(id)) << status(id).message;
  EXPECT_TRUE(newest_is("speed", 1.5));

  UA_DataValue data;
  UA_DataValue_init(&data);
  UA_Double value = 2.5;
  UA_Variant_setScalar(&data.value, &value, &UA_TYPES[UA_TYPES_DOUBLE]);
  data.hasValue = data.hasSourceTimestamp = data.hasStatus = true;
  data.sourceTimestamp = UA_DATETIME_UNIX_EPOCH + 1'700'000'000 * UA_DATETIME_SEC;
  data.status = 0x40950000;
  server_.write("speed", data);
  EXPECT_TRUE(eventually([&] {
    for (const Sample& sample : door_.samples("works/hall/speed"))
      if (sample.time == 1'700'000'000 * kSecond && sample.quality == kUncertainSubNormal &&
          same_bits(sample.value, Value(2.5)))
        return true;
    return false;
  }));
  EXPECT_EQ(manager_->totals(kWorks).running, 1u);
  EXPECT_EQ(manager_->totals(kOther).connections, 0u);
}

TEST_F(ManagerTest, KeepsEveryKindOfValueAndSaysWhatItCannotKeep) {
  server_.add_variable("bool", UA_Boolean{true}, UA_TYPES_BOOLEAN);
  server_.add_variable("byte", UA_Byte{200}, UA_TYPES_BYTE);
  server_.add_variable("int64", UA_Int64{-5'000'000'000}, UA_TYPES_INT64);
  server_.add_variable("float", UA_Float{0.1f}, UA_TYPES_FLOAT);
  server_.add_variable("text", UA_STRING(const_cast<char*>("Gießen")), UA_TYPES_STRING);
  server_.add_variable("time", UA_DateTime{UA_DATETIME_UNIX_EPOCH + 10}, UA_TYPES_DATETIME);
  server_.add_variable("huge", UA_UInt64{1} << 63, UA_TYPES_UINT64);
  server_.add_array("array");
  server_.add_analog("heat", 800.0, 0x43454C, "\u00b0C");
  server_.start();
  start();
  const auto id =
      save(config({"bool", "byte", "int64", "float", "text", "time", "huge", "array", "heat"}));
  EXPECT_TRUE(newest_is("bool", true));
  EXPECT_TRUE(newest_is("byte", std::int64_t{200}));
  EXPECT_TRUE(newest_is("int64", std::int64_t{-5'000'000'000}));
  EXPECT_TRUE(newest_is("float", static_cast<double>(0.1f)));
  EXPECT_TRUE(newest_is("text", std::string("Gießen")));
  EXPECT_TRUE(newest_is("time", std::int64_t{1000}));
  EXPECT_TRUE(newest_is("huge", std::numeric_limits<std::int64_t>::max(), kBadOutOfRange));
  EXPECT_TRUE(newest_is("heat", 800.0));
  ASSERT_TRUE(catalogue_.find(kWorks, "works/hall/heat"));
  EXPECT_EQ(catalogue_.find(kWorks, "works/hall/heat")->unit, "Cel");
  EXPECT_EQ(catalogue_.find(kWorks, "works/hall/bool")->type, ValueType::kBool);
  EXPECT_TRUE(catalogue_.find(kWorks, "works/hall/bool")->step);

  const auto list = items(id);
  EXPECT_FALSE(list[7].resumed);
  EXPECT_EQ(list[7].status, ItemTable::kNotSupported);
  EXPECT_EQ(state(id), ConnectionState::kConnected) << "not every item runs";
  EXPECT_FALSE(catalogue_.find(kWorks, "works/hall/array"));
}

TEST_F(ManagerTest, TrustsACertificateOnlyAfterItsFingerprintIsConfirmed) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  ConnectionConfig wanted = config({"speed"});
  wanted.security_policy = "Basic256Sha256";
  wanted.security_mode = "SignAndEncrypt";
  wanted.user = "anna";
  wanted.password = "plant-7";
  const auto id = save(wanted);
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kUntrusted; }));
  const std::string shown = status(id).presented_fingerprint;
  EXPECT_EQ(shown.size(), 64u);
  EXPECT_NE(status(id).server_subject.find("Tundish@server"), std::string::npos);
  EXPECT_EQ(door_.rows(), 0u);
  EXPECT_FALSE(manager_->browse(kWorks, id, "", ""));

  std::string wrong = shown;
  wrong[5] = wrong[5] == '0' ? '1' : '0';
  EXPECT_EQ(manager_->trust(kWorks, id, wrong).error().code, ErrorCode::kConflict);
  EXPECT_EQ(manager_->trust(kOther, id, shown).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(manager_->trust(kWorks, id, shown));
  EXPECT_TRUE(runs(id)) << status(id).message;
  EXPECT_EQ(store_.load_all()[0].trusted_fingerprint, shown);

  server_.stop();
  server_.set_identity(other_identity());
  server_.start();
  EXPECT_TRUE(eventually([&] { return state(id) == ConnectionState::kUntrusted; }));
  EXPECT_NE(status(id).presented_fingerprint, shown);
  EXPECT_TRUE(newest_is("speed", 1.5, kBadNoCommunication));
}

TEST_F(ManagerTest, SaysThatTheServerRefusesThePassword) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  ConnectionConfig wanted = config({"speed"});
  wanted.security_policy = "Basic256Sha256";
  wanted.security_mode = "SignAndEncrypt";
  wanted.user = "anna";
  wanted.password = "wrong";
  const auto id = save(wanted);
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kUntrusted; }));
  ASSERT_TRUE(manager_->trust(kWorks, id, status(id).presented_fingerprint));
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kFailed; }));
  EXPECT_NE(status(id).message.find("user name and password"), std::string::npos)
      << status(id).message;
}

TEST_F(ManagerTest, NeverSendsAPasswordInClear) {
  server_.options().password_in_clear_only = true;
  server_.start();
  start();
  ConnectionConfig wanted = config({});
  wanted.user = "anna";
  wanted.password = "plant-7";
  const auto id = save(wanted);
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kFailed; }));
  EXPECT_NE(status(id).message.find("unencrypted"), std::string::npos) << status(id).message;
}

TEST_F(ManagerTest, ResumesEveryItemAfterARestartWithAnotherNamespaceOrder) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.add_variable("mode", UA_Int32{3}, UA_TYPES_INT32);
  server_.start();
  start();
  const auto id = save(config({"speed", "mode"}));
  ASSERT_TRUE(runs(id));
  ASSERT_TRUE(newest_is("mode", std::int64_t{3}));

  server_.stop();
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kFailed; }));
  EXPECT_TRUE(newest_is("speed", 1.5, kBadNoCommunication));
  EXPECT_TRUE(newest_is("mode", std::int64_t{3}, kBadNoCommunication));
  for (const ItemStatus& item : items(id)) {
    EXPECT_FALSE(item.resumed);
    EXPECT_EQ(item.status, kBadNoCommunication);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // several attempts
  EXPECT_EQ(marks("mode"), 1u) << "one mark an outage";

  server_.options().first_namespace_is_other = true;
  server_.start();
  ASSERT_TRUE(runs(id)) << status(id).message;
  EXPECT_TRUE(newest_is("mode", std::int64_t{3})) << "unchanged, but read after the loss";
  EXPECT_EQ(status(id).reconnects, 1u);
}

TEST_F(ManagerTest, NoticesAPulledCable) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  const auto cable = io::ChaosProxy::start(io::Address::tcp("127.0.0.1", server_.port()));
  ASSERT_TRUE(cable);
  start();
  ConnectionConfig wanted = config({"speed"});
  wanted.endpoint = fmt::format("opc.tcp://127.0.0.1:{}", (*cable)->port());
  const auto id = save(wanted);
  ASSERT_TRUE(runs(id)) << status(id).message;
  (*cable)->stall();
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kFailed; }));
  EXPECT_TRUE(newest_is("speed", 1.5, kBadNoCommunication));
  (*cable)->cut();
  (*cable)->resume();
  ASSERT_TRUE(runs(id)) << status(id).message;
  server_.write_double("speed", 7.0);
  EXPECT_TRUE(newest_is("speed", 7.0));
}

TEST_F(ManagerTest, ListsANodeThatVanishesAndTakesItBack) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.add_variable("mode", UA_Int32{3}, UA_TYPES_INT32);
  server_.start();
  start();
  const auto id = save(config({"speed", "mode"}));
  ASSERT_TRUE(runs(id));
  server_.remove("mode");
  EXPECT_TRUE(eventually([&] {
    const auto list = items(id);
    return !list[1].resumed && list[1].status == kBadNodeIdUnknown;
  }));
  EXPECT_EQ(state(id), ConnectionState::kConnected);
  EXPECT_TRUE(items(id)[0].resumed);
  EXPECT_TRUE(eventually([&] { return newest("mode")->quality == kBadNodeIdUnknown; }));

  server_.stop();
  server_.start();
  EXPECT_TRUE(runs(id));
  EXPECT_TRUE(newest_is("mode", std::int64_t{3}));
}

TEST_F(ManagerTest, KeepsReadingsWhileTheDoorRefuses) {
  server_.add_variable("speed", UA_Double{0}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto id = save(config({"speed"}));
  ASSERT_TRUE(runs(id));
  ASSERT_TRUE(newest_is("speed", 0.0));
  door_.refuse_with(ErrorCode::kDiskFull);
  for (int step = 1; step <= 20; ++step) {
    server_.write_double("speed", step);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  EXPECT_EQ(state(id), ConnectionState::kRunning);
  EXPECT_NE(status(id).message, "") << "the page shows why nothing is stored";
  door_.refuse_with(std::nullopt);
  EXPECT_TRUE(newest_is("speed", 20.0));
  EXPECT_GE(door_.samples("works/hall/speed").size(), 20u);
  EXPECT_EQ(status(id).dropped, 0u);
}

TEST_F(ManagerTest, BrowsesWithAndWithoutASession) {
  server_.add_folder_with("line", 1500);
  server_.add_analog("heat", 800.0, 0x43454C, "\u00b0C");
  server_.start();
  start();
  const auto id = save(config({"heat"}));
  ASSERT_TRUE(runs(id));
  const auto roots = manager_->browse(kWorks, id, "", "");
  ASSERT_TRUE(roots) << roots.error().to_string();
  const auto line = std::find_if(roots->begin(), roots->end(), [](const BrowseNode& node) {
    return node.identifier == "s=line";
  });
  ASSERT_NE(line, roots->end());
  EXPECT_EQ(line->namespace_uri, TestServer::kNamespace);
  EXPECT_TRUE(line->has_children);
  EXPECT_FALSE(line->is_variable);
  const auto heat = std::find_if(roots->begin(), roots->end(), [](const BrowseNode& node) {
    return node.identifier == "s=heat";
  });
  ASSERT_NE(heat, roots->end());
  EXPECT_EQ(heat->unit, "Cel");
  EXPECT_EQ(heat->type, ValueType::kDouble);
  EXPECT_FALSE(heat->has_children) << "properties are not children";

  const auto children = manager_->browse(kWorks, id, TestServer::kNamespace, "s=line");
  ASSERT_TRUE(children) << children.error().to_string();
  EXPECT_EQ(children->size(), 1500u);
  EXPECT_EQ((*children)[7].type, ValueType::kInt64);
  EXPECT_EQ(manager_->browse(kWorks, id, "urn:none", "s=x").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(manager_->browse(kWorks, id, TestServer::kNamespace, "s=none").error().code,
            ErrorCode::kRemote);
}

TEST_F(ManagerTest, TellsTheEndpointsOfAServer) {
  server_.start();
  start();
  const auto endpoints = manager_->endpoints(kWorks, server_.url());
  ASSERT_TRUE(endpoints) << endpoints.error().to_string();
  bool found = false;
  for (const EndpointInfo& endpoint : *endpoints)
    if (endpoint.security_policy == "Basic256Sha256" &&
        endpoint.security_mode == "SignAndEncrypt") {
      found = true;
      EXPECT_EQ(endpoint.fingerprint.size(), 64u);
      EXPECT_THAT(endpoint.user_tokens, testing::IsSupersetOf({"anonymous", "username"}));
    }
  EXPECT_TRUE(found);
  server_.stop();
  EXPECT_FALSE(manager_->endpoints(kWorks, server_.url()));
  EXPECT_EQ(manager_->endpoints(kWorks, "http://127.0.0.1/").error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(ManagerTest, StopsAtOnceAndMarksWhatItLeaves) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto id = save(config({"speed"}));
  ASSERT_TRUE(runs(id));
  ASSERT_TRUE(newest_is("speed", 1.5));
  const auto begun = std::chrono::steady_clock::now();
  manager_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
  EXPECT_EQ(newest("speed")->quality, kBadNoCommunication);
  ASSERT_TRUE(manager_->remove(kWorks, id));
  EXPECT_EQ(manager_->status(kWorks, id).error().code, ErrorCode::kNotFound);
}

TEST_F(ManagerTest, ATagHasOneConnectionThatFeedsIt) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto first = save(config({"speed"}));
  ASSERT_TRUE(runs(first));
  ASSERT_TRUE(newest_is("speed", 1.5));
  ConnectionConfig second = config({"heat", "speed"});
  second.name = "line 2";
  const auto refused = manager_->save(second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInUse);
  EXPECT_EQ(refused.error().where, "items[1].path");
  EXPECT_NE(refused.error().message.find("line 1"), std::string::npos) << refused.error().message;
  EXPECT_EQ(store_.load_all().size(), 1u);

  second.enabled = false;  // a spare
  second.id = save(second);
  second.enabled = true;
  EXPECT_EQ(manager_->save(second).error().code, ErrorCode::kInUse);
  EXPECT_EQ(state(second.id), ConnectionState::kDisabled);
  EXPECT_EQ(manager_->save(config({"speed"})).error().code, ErrorCode::kInUse);
  ConnectionConfig same = *manager_->get(kWorks, first);
  EXPECT_TRUE(manager_->save(same)) << "its own tag";
  ASSERT_TRUE(manager_->remove(kWorks, first));
  EXPECT_TRUE(manager_->save(second));
  EXPECT_TRUE(newest_is("speed", 1.5));
}

TEST_F(ManagerTest, WhatALeavingSessionStillMarksIsNotTakenYet) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto first = save(config({"speed"}));
  ASSERT_TRUE(runs(first));
  door_.hold(true);
  std::thread remover([&] { EXPECT_TRUE(manager_->remove(kWorks, first)); });
  EXPECT_TRUE(eventually([&] { return manager_->list(kWorks).empty(); }));
  EXPECT_EQ(manager_->save(config({"speed"})).error().code, ErrorCode::kInUse);
  door_.hold(false);
  remover.join();
  EXPECT_TRUE(manager_->save(config({"speed"})));
}

TEST_F(ManagerTest, ALossIsNotMarkedWhereAnotherConnectionFeeds) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  ConnectionConfig wanted = config({"speed"});
  const auto first = store_.save(wanted)->id;  // kept before two were refused
  wanted.name = "line 2";
  const auto second = store_.save(wanted)->id;
  start();
  ASSERT_TRUE(runs(first));
  ASSERT_TRUE(runs(second));
  ASSERT_TRUE(manager_->remove(kWorks, first));
  EXPECT_EQ(marks("speed"), 0u);
  ASSERT_TRUE(manager_->remove(kWorks, second));
  EXPECT_EQ(marks("speed"), 1u) << "now nobody feeds it";
}

TEST_F(ManagerTest, AServerThatNeverAnsweredLeavesTheTagAsItWas) {
  NewTag tag;
  tag.path = "works/hall/speed";
  ASSERT_TRUE(catalogue_.ensure(kWorks, std::vector<NewTag>{tag}));  // fed by HTTP
  start();
  const auto id = save(config({"speed"}));
  EXPECT_TRUE(eventually([&] { return state(id) == ConnectionState::kFailed; }));
  ASSERT_TRUE(manager_->remove(kWorks, id));
  EXPECT_EQ(door_.rows(), 0u);
}

TEST_F(ManagerTest, AfterACrashWhatTheServerFedIsMarked) {
  NewTag tag;
  tag.path = "works/hall/speed";
  ASSERT_TRUE(catalogue_.ensure(kWorks, std::vector<NewTag>{tag}));
  ASSERT_TRUE(store_.save(config({"speed"})));
  start();
  EXPECT_TRUE(newest_is("speed", 0.0, kBadNoCommunication));
}

TEST_F(ManagerTest, ATagThatWasRemovedComesBackWithWhatItsItemSays) {
  server_.add_variable("mode", UA_Int32{3}, UA_TYPES_INT32);
  server_.start();
  start();
  ConnectionConfig wanted = config({"mode"});
  wanted.simulated = true;
  wanted.items[0].step = true;
  wanted.items[0].unit = "Cel";
  wanted.items[0].description = "set point";
  const auto id = save(wanted);
  ASSERT_TRUE(runs(id));
  ASSERT_TRUE(newest_is("mode", std::int64_t{3}));
  ASSERT_TRUE(manager_->feeder(kWorks, "works/hall/mode"));
  EXPECT_EQ(manager_->feeder(kWorks, "works/hall/mode")->name, "line 1");
  EXPECT_FALSE(manager_->feeder(kOther, "works/hall/mode"));
  EXPECT_FALSE(manager_->feeder(kWorks, "works/hall"));

  const TagPtr first = catalogue_.find(kWorks, "works/hall/mode");
  const std::size_t samples = door_.samples("works/hall/mode").size();
  ASSERT_TRUE(catalogue_.remove(first->id));
  // The value does not change: that the tag is gone shows at the next look at silent items.
  ASSERT_TRUE(eventually([&] { return catalogue_.find(kWorks, "works/hall/mode") != nullptr; }));
  const TagPtr second = catalogue_.find(kWorks, "works/hall/mode");
  EXPECT_NE(second->id, first->id);
  EXPECT_EQ(second->unit, "Cel");
  EXPECT_EQ(second->description, "set point");
  EXPECT_TRUE(second->step);
  EXPECT_TRUE(second->simulated);
  EXPECT_TRUE(eventually([&] { return door_.samples("works/hall/mode").size() > samples; }));
}

TEST_F(ManagerTest, AConnectionWithoutAThreadWaitsForOne) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  ASSERT_TRUE(store_.save(config({"speed"})));
  // The starter gets its thread, the session does not.
  std::atomic<int> asked{0};
  std::atomic<bool> exhausted{true};
  Options options = quick();
  options.start_thread = [&](std::function<void()> run) {
    if (++asked > 1 && exhausted)
      throw std::system_error(EAGAIN, std::generic_category(), "thread");
    return std::thread(std::move(run));
  };
  start(options);
  const auto id = store_.load_all()[0].id;
  EXPECT_EQ(state(id), ConnectionState::kFailed);
  EXPECT_NE(status(id).message.find("no thread"), std::string::npos) << status(id).message;
  EXPECT_EQ(manager_->list(kWorks).size(), 1u);
  EXPECT_TRUE(eventually([&] { return asked > 3; })) << "it is tried again";
  exhausted = false;
  EXPECT_TRUE(runs(id)) << status(id).message;
  EXPECT_TRUE(newest_is("speed", 1.5));
}

TEST_F(ManagerTest, ASessionWithoutAThreadForItsDeliveryWaitsForOne) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  std::atomic<int> asked{0};
  Options options = quick();
  options.start_thread = [&](std::function<void()> run) {
    const int number = ++asked;  // 1: the starter, 2: the session, then its delivery
    if (number >= 3 && number < 6)
      throw std::system_error(EAGAIN, std::generic_category(), "thread");
    return std::thread(std::move(run));
  };
  start(options);
  EXPECT_TRUE(runs(save(config({"speed"}))));
  EXPECT_GE(asked, 6);
  EXPECT_TRUE(newest_is("speed", 1.5));
}

TEST_F(ManagerTest, AConnectionThatNeverGotAThreadCanBeRemoved) {
  std::atomic<int> asked{0};
  Options options = quick();
  options.start_thread = [&](std::function<void()> run) {
    if (++asked > 1) throw std::system_error(EAGAIN, std::generic_category(), "thread");
    return std::thread(std::move(run));
  };
  start(options);
  const auto removed = save(config({"speed"}));
  const auto kept = save(config({"mode"}));
  EXPECT_TRUE(manager_->remove(kWorks, removed));
  EXPECT_EQ(state(kept), ConnectionState::kFailed);
}

TEST_F(ManagerTest, AnEnterpriseHasSoManyConnectionsAndNoMore) {
  Options options = quick();
  options.connections_per_enterprise_max = 2;
  start(options);
  ConnectionConfig off = config({});
  off.enabled = false;
  save(off);
  const auto id = save(off);
  EXPECT_EQ(manager_->save(off).error().code, ErrorCode::kQuotaExceeded);
  ConnectionConfig elsewhere = off;
  elsewhere.enterprise = kOther;
  EXPECT_TRUE(manager_->save(elsewhere));
  off.id = id;
  EXPECT_TRUE(manager_->save(off)) << "a change is no new one";
  ASSERT_TRUE(manager_->remove(kWorks, id));
  off.id = 0;
  EXPECT_TRUE(manager_->save(off));
}

TEST_F(ManagerTest, ATagTakesWhatItCanOfTheServersDescription) {
  server_.add_described("heat", 800.0, "Hot blast\r\n" + std::string(5000, 'x'));
  server_.add_described("speed", 1.5, "of the strip");
  server_.start();
  start();
  ASSERT_TRUE(runs(save(config({"heat", "speed"}))));
  ASSERT_TRUE(newest_is("heat", 800.0));
  const TagPtr heat = catalogue_.find(kWorks, "works/hall/heat");
  ASSERT_TRUE(heat);
  EXPECT_EQ(heat->description, "Hot blast  " + std::string(1000 - 11, 'x'));
  EXPECT_EQ(catalogue_.find(kWorks, "works/hall/speed")->description, "of the strip");
}

TEST_F(ManagerTest, ATagThatWasRemovedInAnOutageComesBackWithItsUnit) {
  server_.add_analog("heat", 800.0, 0x43454C, "\u00b0C");
  server_.start();
  start();
  const auto id = save(config({"heat"}));
  ASSERT_TRUE(runs(id));
  ASSERT_TRUE(newest_is("heat", 800.0));
  server_.stop();
  ASSERT_TRUE(newest_is("heat", 800.0, kBadNoCommunication));
  ASSERT_TRUE(catalogue_.remove(catalogue_.find(kWorks, "works/hall/heat")->id));
  server_.start();
  ASSERT_TRUE(runs(id)) << status(id).message;
  ASSERT_TRUE(newest_is("heat", 800.0));
  ASSERT_TRUE(catalogue_.find(kWorks, "works/hall/heat"));
  EXPECT_EQ(catalogue_.find(kWorks, "works/hall/heat")->unit, "Cel");
}

TEST_F(ManagerTest, ALongPreparationIsNoLoss) {
  // Nothing but the answers to requests comes from this server: none of the nodes exists.
  std::vector<std::string> names;
  for (int node = 0; node < 400; ++node) names.push_back(fmt::format("none-{}", node));
  server_.start();
  Options options = quick();
  options.items_per_request = 1;
  options.keep_alive_every = 50 * kMillisecond;
  start(options);
  const auto id = save(config(names));
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kConnected; }))
      << status(id).message;
  const TimeNs since = status(id).since;
  EXPECT_FALSE(eventually([&] { return status(id).since != since; }, 600)) << status(id).message;
  EXPECT_EQ(status(id).reconnects, 0u);
}

/// Takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : listener_(*io::real_net().listen(io::Address::tcp("127.0.0.1", 0))) {
    thread_ = std::thread([this] {
      while (auto stream = listener_->accept(20 * kSecond)) {
        streams_.push_back(std::move(*stream));
        ++taken_;
      }
    });
  }
  ~SilentServer() {
    listener_->close();
    thread_.join();
  }
  std::string url() const {
    return fmt::format("opc.tcp://127.0.0.1:{}", listener_->address().port);
  }
  int taken() const { return taken_; }

 private:
  std::unique_ptr<io::Listener> listener_;
  std::vector<std::unique_ptr<io::Stream>> streams_;
  std::atomic<int> taken_{0};
  std::thread thread_;
};

TEST_F(ManagerTest, AServerThatTakesTheConnectionAndIsSilentFails) {
  const SilentServer silent;
  Options options = quick();
  options.connect_timeout = 200 * kMillisecond;
  start(options);
  ConnectionConfig wanted = config({"speed"});
  wanted.endpoint = silent.url();
  const auto id = save(wanted);
  ASSERT_TRUE(eventually([&] { return state(id) == ConnectionState::kFailed; }));
  EXPECT_NE(status(id).message.find("in time"), std::string::npos) << status(id).message;
  EXPECT_TRUE(eventually([&] { return silent.taken() > 1; })) << "it is tried again";
  EXPECT_TRUE(manager_->remove(kWorks, id));
}

TEST_F(ManagerTest, QuestionsToSilentServersAreLimitedAndEndWithTheManager) {
  const SilentServer silent;
  Options options = quick();
  options.connect_timeout = kMinute;
  options.asks_per_enterprise_max = 1;
  start(options);
  std::thread asker([&] {
    const auto answer = manager_->endpoints(kWorks, silent.url());
    EXPECT_EQ(answer.error().code, ErrorCode::kCancelled) << answer.error().to_string();
  });
  EXPECT_TRUE(eventually([&] { return silent.taken() == 1; }));
  EXPECT_EQ(manager_->endpoints(kWorks, server_.url()).error().code, ErrorCode::kOverloaded);
  server_.start();
  EXPECT_TRUE(manager_->endpoints(kOther, server_.url()));
  manager_->stop();
  asker.join();
}

TEST_F(ManagerTest, AClockFarAheadDoesNotTakeTheMarksAlong) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.options().clock_ahead = 3650 * kDay;
  server_.start();
  start();
  const auto id = save(config({"speed"}));
  ASSERT_TRUE(runs(id)) << status(id).message;
  UA_DataValue ahead;
  UA_DataValue_init(&ahead);
  UA_Double value = 2.5;
  UA_Variant_setScalar(&ahead.value, &value, &UA_TYPES[UA_TYPES_DOUBLE]);
  ahead.hasValue = ahead.hasSourceTimestamp = true;
  ahead.sourceTimestamp = UA_DateTime_now() + 3650 * (kDay / 100);
  server_.write("speed", ahead);
  ASSERT_TRUE(newest_is("speed", 2.5));
  server_.stop();
  ASSERT_TRUE(eventually([&] { return marks("speed") == 1; }));
  // The door takes nothing that is more than a day ahead: nobody would see the mark there.
  const auto samples = door_.samples("works/hall/speed");
  const auto mark = std::find_if(samples.begin(), samples.end(), [](const Sample& sample) {
    return sample.quality == kBadNoCommunication;
  });
  EXPECT_LT(mark->time, io::real_clock().now() + kDay);

  server_.options().clock_ahead = 0;  // somebody has set it
  server_.start();
  ASSERT_TRUE(runs(id));
  EXPECT_LT(door_.samples("works/hall/speed").back().time, io::real_clock().now() + kDay);
}

TEST_F(ManagerTest, ANewNameLeavesTheSessionAlone) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  ConnectionConfig wanted = config({"speed"});
  wanted.id = save(wanted);
  ASSERT_TRUE(runs(wanted.id));
  ASSERT_TRUE(newest_is("speed", 1.5));
  wanted.name = "line 7";
  save(wanted);
  EXPECT_EQ(state(wanted.id), ConnectionState::kRunning);
  EXPECT_EQ(manager_->get(kWorks, wanted.id)->name, "line 7");
  EXPECT_EQ(store_.load_all()[0].name, "line 7");
  EXPECT_EQ(marks("speed"), 0u);
  save(wanted);
  EXPECT_EQ(marks("speed"), 1u) << "saved as it is: started anew";
  EXPECT_TRUE(runs(wanted.id));
}

TEST_F(ManagerTest, OneNodeMayFeedTwoTags) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  ConnectionConfig wanted = config({"speed", "speed"});
  wanted.items[1].path = "works/hall/\u901f\u5ea6 <b>'";
  const auto id = save(wanted);
  ASSERT_TRUE(runs(id)) << status(id).message;
  server_.write_double("speed", 2.5);
  EXPECT_TRUE(newest_is("speed", 2.5));
  EXPECT_TRUE(newest_is("\u901f\u5ea6 <b>'", 2.5));
}

TEST_F(ManagerTest, OthersAreChangedWhileASessionCannotEnd) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  const auto slow = save(config({"speed"}));
  ASSERT_TRUE(runs(slow));
  ConnectionConfig other = config({});
  other.name = "line 2";
  other.id = save(other);
  door_.hold(true);
  std::atomic<bool> removed{false};
  std::thread remover([&] {
    EXPECT_TRUE(manager_->remove(kWorks, slow));
    removed = true;
  });
  EXPECT_TRUE(eventually([&] { return manager_->list(kWorks).size() == 1; }));
  other.publishing_ms = 100;
  EXPECT_TRUE(manager_->save(other));
  EXPECT_EQ(manager_->status(kWorks, slow).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(manager_->remove(kWorks, other.id));
  EXPECT_FALSE(removed) << "its last readings are still on their way";
  door_.hold(false);
  remover.join();
  EXPECT_EQ(newest("speed")->quality, kBadNoCommunication);
}

TEST_F(ManagerTest, ChangesOfOneConnectionTakeTurns) {
  server_.add_variable("speed", UA_Double{1.5}, UA_TYPES_DOUBLE);
  server_.start();
  start();
  ConnectionConfig wanted = config({"speed"});
  wanted.id = save(wanted);
  ASSERT_TRUE(runs(wanted.id));
  std::vector<std::thread> editors;
  for (std::uint32_t editor = 0; editor < 4; ++editor)
    editors.emplace_back([&, editor] {
      ConnectionConfig mine = wanted;
      mine.publishing_ms = 100 + editor;
      EXPECT_TRUE(manager_->save(mine));
    });
  for (std::thread& editor : editors) editor.join();
  EXPECT_EQ(manager_->get(kWorks, wanted.id)->publishing_ms, store_.load_all()[0].publishing_ms);
  EXPECT_TRUE(runs(wanted.id));
}

}  // namespace
}  // namespace tundish::connect
