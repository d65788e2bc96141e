// One connection and its server: values, trust, loss, browsing, the end.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "connect/item_table.h"
#include "connect/manager_testing.h"
#include "io/chaos_proxy.h"

namespace tundish::connect {
namespace {

using opcua::make_test_identity;
using opcua::OwnIdentity;
using opcua::TestServer;

const OwnIdentity& other_identity() {
  static const OwnIdentity identity = make_test_identity("other-server");
  return identity;
}

class ManagerTest : public ManagerTesting {};

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

}  // namespace
}  // namespace tundish::connect
