#include "io/chaos_proxy.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "io/random.h"

namespace tundish::io {
namespace {

class ChaosProxyTest : public testing::Test {
 protected:
  void SetUp() override {
    auto listener = real_net().listen(Address::tcp("127.0.0.1", 0));
    ASSERT_TRUE(listener.has_value());
    listener_ = std::move(*listener);
    auto proxy = ChaosProxy::start(listener_->address());
    ASSERT_TRUE(proxy.has_value());
    proxy_ = std::move(*proxy);
  }

  /// Both ends of a new connection through the proxy.
  void connect() {
    auto client = real_net().dial(Address::tcp("127.0.0.1", proxy_->port()), 5 * kSecond);
    ASSERT_TRUE(client.has_value());
    client_ = std::move(*client);
    auto server = listener_->accept(5 * kSecond);
    ASSERT_TRUE(server.has_value());
    server_ = std::move(*server);
  }

  static Result<std::string> read(Stream& stream, DurationNs timeout) {
    Bytes into(100);
    TUNDISH_TRY(const std::size_t count, stream.read_some(into, timeout));
    return std::string(as_text(std::span(into).first(count)));
  }

  std::unique_ptr<Listener> listener_;
  std::unique_ptr<ChaosProxy> proxy_;
  std::unique_ptr<Stream> client_, server_;
};

TEST_F(ChaosProxyTest, ForwardsBothWaysAndTheEnd) {
  connect();
  ASSERT_TRUE(client_->write_all(as_byte_span("question"), kSecond));
  EXPECT_EQ(read(*server_, 5 * kSecond).value(), "question");
  ASSERT_TRUE(server_->write_all(as_byte_span("answer"), kSecond));
  EXPECT_EQ(read(*client_, 5 * kSecond).value(), "answer");
  EXPECT_EQ(proxy_->connections(), 1u);
  client_->finish_writing();
  EXPECT_EQ(read(*server_, 5 * kSecond).value(), "");
}

TEST_F(ChaosProxyTest, CarriesMuchWithoutLoss) {
  connect();
  Bytes sent(2 << 20);
  SeededRandom(3).fill(sent);
  std::jthread writer([&] { ASSERT_TRUE(client_->write_all(sent, 10 * kSecond)); });
  Bytes got;
  while (got.size() < sent.size()) {
    Bytes into(100'000);
    const auto count = server_->read_some(into, 10 * kSecond);
    ASSERT_TRUE(count.has_value() && *count > 0);
    got.insert(got.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(*count));
  }
  EXPECT_TRUE(got == sent);
}

TEST_F(ChaosProxyTest, CutsAndServesAgain) {
  connect();
  proxy_->cut();
  EXPECT_FALSE(read(*client_, 5 * kSecond).has_value());
  EXPECT_FALSE(read(*server_, 5 * kSecond).has_value());
  EXPECT_EQ(proxy_->connections(), 0u);
  connect();
}

TEST_F(ChaosProxyTest, StallsAndResumes) {
  connect();
  proxy_->stall();
  ASSERT_TRUE(client_->write_all(as_byte_span("late"), kSecond));
  EXPECT_EQ(read(*server_, 50 * kMillisecond).error().code, ErrorCode::kTimeout);
  proxy_->resume();
  EXPECT_EQ(read(*server_, 5 * kSecond).value(), "late");
}

TEST_F(ChaosProxyTest, RefusesAndAccepts) {
  proxy_->refuse();
  auto refused = real_net().dial(Address::tcp("127.0.0.1", proxy_->port()), 5 * kSecond);
  if (refused) {
    EXPECT_FALSE(read(**refused, 5 * kSecond).has_value());
  }
  proxy_->accept();
  connect();
}

TEST_F(ChaosProxyTest, AnAbsentTargetBreaksTheConnection) {
  listener_.reset();
  auto client = real_net().dial(Address::tcp("127.0.0.1", proxy_->port()), 5 * kSecond);
  // The reset may come before or after the dial returns.
  if (client) {
    EXPECT_FALSE(read(**client, 5 * kSecond).has_value());
  }
}

}  // namespace
}  // namespace tundish::io
