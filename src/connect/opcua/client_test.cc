#include "connect/opcua/client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connect/opcua/test_server.h"
#include "io/chaos_proxy.h"
#include "io/clock.h"

namespace tundish::connect::opcua {
namespace {

const OwnIdentity& server_identity() {
  static const OwnIdentity identity = make_test_identity("server");
  return identity;
}
const OwnIdentity& own_identity() {
  static const OwnIdentity identity = make_test_identity("client");
  return identity;
}

struct Case {
  const char* policy;
  const char* mode;
};

class OpenSession : public testing::TestWithParam<Case> {};

TEST_P(OpenSession, WithEveryPolicyAndMode) {
  TestServer server(server_identity());
  server.start();
  ConnectionConfig config;
  config.endpoint = server.url();
  config.security_policy = GetParam().policy;
  config.security_mode = GetParam().mode;
  const auto endpoints = Client::get_endpoints(config.endpoint, 5 * kSecond, {});
  ASSERT_TRUE(endpoints) << endpoints.error().to_string();
  for (const char* user : {"", "anna"}) {
    config.user = user;
    config.password = "plant-7";
    const auto endpoint =
        choose_endpoint(std::span((*endpoints)->endpoints, (*endpoints)->endpointsSize), config);
    ASSERT_TRUE(endpoint) << endpoint.error().to_string();
    const auto client = Client::open(*endpoint, config, own_identity(), 5 * kSecond, {});
    ASSERT_TRUE(client) << client.error().to_string();
    EXPECT_TRUE((*client)->is_open());
  }
}

INSTANTIATE_TEST_SUITE_P(Client, OpenSession,
                         testing::Values(Case{"None", "None"}, Case{"Basic256Sha256", "Sign"},
                                         Case{"Basic256Sha256", "SignAndEncrypt"},
                                         Case{"Aes128_Sha256_RsaOaep", "SignAndEncrypt"},
                                         Case{"Aes256_Sha256_RsaPss", "SignAndEncrypt"}));

// The server's own idea of its address often means nothing on this side of a proxy.
TEST(Client, StaysWithTheConfiguredAddressWhateverTheServerCallsItself) {
  TestServer server(server_identity());
  server.start();
  const auto relay = io::ChaosProxy::start(io::Address::tcp("127.0.0.1", server.port()));
  ASSERT_TRUE(relay);
  ConnectionConfig config;
  config.endpoint = fmt::format("opc.tcp://127.0.0.1:{}", (*relay)->port());
  config.security_policy = "Basic256Sha256";
  config.security_mode = "SignAndEncrypt";
  const auto endpoints = Client::get_endpoints(config.endpoint, 5 * kSecond, {});
  ASSERT_TRUE(endpoints) << endpoints.error().to_string();
  const auto endpoint =
      choose_endpoint(std::span((*endpoints)->endpoints, (*endpoints)->endpointsSize), config);
  ASSERT_TRUE(endpoint);
  const auto client = Client::open(*endpoint, config, own_identity(), 5 * kSecond, {});
  ASSERT_TRUE(client) << client.error().to_string();
  (*relay)->stall();
  const DurationNs until = io::real_clock().monotonic() + 300 * kMillisecond;
  UA_ReadRequest request;
  UA_ReadRequest_init(&request);
  UA_ReadValueId node;
  UA_ReadValueId_init(&node);
  node.nodeId = UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_SERVERSTATUS_CURRENTTIME);
  node.attributeId = UA_ATTRIBUTEID_VALUE;
  request.nodesToRead = &node;
  request.nodesToReadSize = 1;
  bool answered = false;
  (*client)->send<UA_ReadRequest, UA_ReadResponse>(
      request, [&](UA_StatusCode, const UA_ReadResponse&) { answered = true; });
  while (io::real_clock().monotonic() < until) (*client)->run(10);
  EXPECT_FALSE(answered) << "the session goes around the relay";
  (*relay)->resume();
  (*client)->run(100);
  (*client)->run(100);
  EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace tundish::connect::opcua
