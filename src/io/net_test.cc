#include "io/net.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <latch>
#include <set>
#include <thread>

#include "io/clock.h"
#include "io/random.h"
#include "io/simulated_net.h"

namespace tundish::io {
namespace {

Bytes read_exactly(Stream& stream, std::size_t count) {
  Bytes all(count);
  std::size_t at = 0;
  while (at < count) {
    const auto got = stream.read_some(std::span(all).subspan(at), 5 * kSecond);
    EXPECT_TRUE(got.has_value()) << got.error().to_string();
    if (!got || *got == 0) break;
    at += *got;
  }
  all.resize(at);
  return all;
}

std::string socket_path() {
  return testing::TempDir() + "/tundish-net-" + std::to_string(::getpid());
}

TEST(RealNet, CarriesBytesBothWaysOverTcpAndUnixSockets) {
  for (const Address& at : {Address::tcp("127.0.0.1", 0), Address::unix_socket(socket_path())}) {
    auto listener = real_net().listen(at);
    ASSERT_TRUE(listener.has_value()) << listener.error().to_string();
    std::jthread echo([&] {
      auto stream = (*listener)->accept(5 * kSecond);
      ASSERT_TRUE(stream.has_value());
      Bytes bytes(10'000);
      while (true) {
        const auto got = (*stream)->read_some(bytes, 5 * kSecond);
        if (!got || *got == 0) break;
        ASSERT_TRUE((*stream)->write_all(std::span(bytes).first(*got), 5 * kSecond));
      }
    });
    auto stream = real_net().dial((*listener)->address(), kSecond);
    ASSERT_TRUE(stream.has_value()) << stream.error().to_string();
    Bytes sent(300'000);
    SeededRandom(1).fill(sent);
    std::jthread writer([&] {
      ASSERT_TRUE((*stream)->write_all(sent, 5 * kSecond));
      (*stream)->finish_writing();
    });
    EXPECT_EQ(read_exactly(**stream, sent.size()), sent);
    Bytes more(1);
    EXPECT_EQ((*stream)->read_some(more, 5 * kSecond).value(), 0u);
  }
}

TEST(RealNet, KeepsDeadlines) {
  auto listener = real_net().listen(Address::tcp("127.0.0.1", 0));
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ((*listener)->accept(10 * kMillisecond).error().code, ErrorCode::kTimeout);
  auto stream = real_net().dial((*listener)->address(), kSecond);
  ASSERT_TRUE(stream.has_value());
  Bytes into(1);
  EXPECT_EQ((*stream)->read_some(into, 10 * kMillisecond).error().code, ErrorCode::kTimeout);
  // Nobody reads: the system's buffers fill.
  const Bytes much(32 << 20);
  EXPECT_EQ((*stream)->write_all(much, 50 * kMillisecond).error().code, ErrorCode::kTimeout);
}

TEST(RealNet, CloseWakesWhoWaits) {
  auto listener = real_net().listen(Address::tcp("127.0.0.1", 0));
  ASSERT_TRUE(listener.has_value());
  auto stream = real_net().dial((*listener)->address(), kSecond);
  ASSERT_TRUE(stream.has_value());
  std::jthread reader([&] {
    Bytes into(1);
    EXPECT_EQ((*stream)->read_some(into, 60 * kSecond).error().code, ErrorCode::kUnavailable);
  });
  std::latch accepted(1);  // else a busy machine closes the listener before
  std::jthread acceptor([&] {
    const auto kept_open = (*listener)->accept(60 * kSecond);
    accepted.count_down();
    ASSERT_TRUE(kept_open.has_value());
    EXPECT_EQ((*listener)->accept(60 * kSecond).error().code, ErrorCode::kUnavailable);
  });
  accepted.wait();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  (*stream)->close();
  (*listener)->close();
}

TEST(RealNet, SaysWhoIsNotThere) {
  auto listener = real_net().listen(Address::tcp("127.0.0.1", 0));
  ASSERT_TRUE(listener.has_value());
  const Address taken = (*listener)->address();
  EXPECT_EQ(real_net().listen(taken).error().code, ErrorCode::kInUse);
  listener->reset();
  EXPECT_EQ(real_net().dial(taken, kSecond).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(real_net().dial(Address::unix_socket("/nowhere/socket"), kSecond).error().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(real_net().dial(Address::unix_socket(std::string(200, 'x')), kSecond).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(RealNet, AUnixSocketIsForItsOwnerAndHasOneListener) {
  const Address at = Address::unix_socket(socket_path());
  auto first = real_net().listen(at);
  ASSERT_TRUE(first.has_value());
  struct stat facts{};
  ASSERT_EQ(::stat(at.unix_path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
  EXPECT_EQ(real_net().listen(at).error().code, ErrorCode::kInUse);
  // A killed process leaves the file behind; the next one takes the place.
  (*first)->close();
  auto second = real_net().listen(at);
  EXPECT_TRUE(second.has_value());
}

struct Simulated {
  explicit Simulated(std::uint64_t seed, NetFaults faults = {})
      : net(seed, clock, faults), listener(*net.listen(Address::tcp("plc", 502))) {
    client = *net.dial(listener->address(), kSecond);
    server = *listener->accept(kSecond);
  }
  SimulatedClock clock{0};
  SimulatedNet net;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Stream> client, server;
};

TEST(SimulatedNet, DelaysAndFragmentsButKeepsTheOrder) {
  std::set<std::size_t> pieces_seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Simulated pair(seed, {.delay_max = kSecond});
    Bytes sent(400);
    SeededRandom(seed).fill(sent);
    for (std::size_t at = 0; at < sent.size(); at += 100)
      ASSERT_TRUE(pair.client->write_all(std::span(sent).subspan(at, 100), kSecond));
    pair.client->finish_writing();
    Bytes got;
    std::size_t pieces = 0;
    for (;; ++pieces) {
      Bytes into(64);
      const auto count = pair.server->read_some(into, 2 * kSecond);
      ASSERT_TRUE(count.has_value());
      if (*count == 0) break;
      got.insert(got.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(*count));
    }
    EXPECT_EQ(got, sent);
    EXPECT_LE(pair.clock.now(), kSecond);
    pieces_seen.insert(pieces);
  }
  EXPECT_GT(pieces_seen.size(), 5u);
}

TEST(SimulatedNet, WaitingMovesTheClock) {
  Simulated pair(1);
  Bytes into(1);
  EXPECT_EQ(pair.server->read_some(into, 7 * kSecond).error().code, ErrorCode::kTimeout);
  EXPECT_EQ(pair.listener->accept(3 * kSecond).error().code, ErrorCode::kTimeout);
  EXPECT_EQ(pair.clock.monotonic(), 10 * kSecond);
}

TEST(SimulatedNet, CutsLoseWhatIsInFlightOnBothSides) {
  Simulated pair(1);
  ASSERT_TRUE(pair.client->write_all(as_byte_span("lost"), kSecond));
  pair.net.cut_all();
  Bytes into(9);
  EXPECT_EQ(pair.server->read_some(into, kSecond).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(pair.client->write_all(as_byte_span("x"), kSecond).error().code,
            ErrorCode::kUnavailable);

  int cut = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Simulated flaky(seed, {.cut_one_in = 10});
    for (int i = 0; i < 10; ++i) {
      if (!flaky.client->write_all(as_byte_span("x"), kSecond)) {
        ++cut;
        break;
      }
    }
  }
  EXPECT_GT(cut, 15);
  EXPECT_LT(cut, 48);
}

TEST(SimulatedNet, ClosingEndsInOrder) {
  Simulated pair(1, {.fragment = false});
  ASSERT_TRUE(pair.client->write_all(as_byte_span("last"), kSecond));
  pair.client.reset();
  Bytes into(9);
  EXPECT_EQ(pair.server->read_some(into, kSecond).value(), 4u);
  EXPECT_EQ(pair.server->read_some(into, kSecond).value(), 0u);
  pair.listener.reset();
  EXPECT_EQ(pair.net.dial(Address::tcp("plc", 502), kSecond).error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace tundish::io
