// What one client, or one enterprise's clients together, may take of the server from the others.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

#include "serve/http_server.h"
#include "support/http_client.h"

namespace tundish::test {
namespace {

using Clock = std::chrono::steady_clock;

/// `/NAME/...` is a request of the party NAME: `/size/N` is answered with N bytes, `/stream` with
/// pieces without end, each made when `release` has been counted down.
class Parties final : public serve::Application {
 public:
  Admission admit(const serve::Request& head) override {
    Admission admission;
    admission.party = head.path.substr(1, head.path.find('/', 1) - 1);
    admission.body_bytes_max = 64 << 20;
    admission.stranger = admission.party == "stranger";
    return admission;
  }
  serve::Response handle(serve::Request& request) override {
    serve::Response response;
    if (const auto at = request.path.find("/size/"); at != std::string::npos)
      response.body.resize(std::stoul(request.path.substr(at + 6)), 'x');
    if (request.path.ends_with("/wait")) {
      ++under_way;
      release.wait();
    }
    if (request.path.ends_with("/stream"))
      response.stream = [this](std::string& out) -> Result<bool> {
        ++under_way;
        release.wait();
        out.assign(1 << 20, 's');
        return true;
      };
    return response;
  }
  std::shared_ptr<serve::WebSocketHandler> upgrade(const serve::Request&,
                                                   serve::Response&) override {
    return nullptr;
  }

  std::atomic<int> under_way{0};
  std::latch release{1};
};

class HttpLimits : public ::testing::Test {
 protected:
  void start(serve::HttpServer::Options options) {
    options.port = 0;
    server_ = serve::HttpServer::start(parties_, std::move(options)).value();
    address_ = io::Address::tcp("127.0.0.1", server_->port());
  }
  void TearDown() override {
    if (parties_.release.try_wait()) return;
    parties_.release.count_down();
  }

  /// Opens a connection and sends bytes; the answer is for the test to read, or not.
  std::unique_ptr<io::Stream> send(std::string_view bytes) {
    auto stream = io::real_net().dial(address_, 5 * kSecond).value();
    EXPECT_TRUE(stream->write_all(as_byte_span(bytes), 5 * kSecond));
    return stream;
  }
  std::unique_ptr<io::Stream> ask(std::string_view path) {
    return send(fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path));
  }
  int status_of(std::string_view path) {
    HttpClient client(io::real_net(), address_);
    const auto answer = client.get(std::string(path), 5 * kSecond);
    return answer ? answer->status : 0;
  }
  static std::string first_bytes(io::Stream& stream) {
    std::byte buffer[256];
    const auto count = stream.read_some(buffer, 5 * kSecond);
    return count ? std::string(as_text(std::span(buffer).first(*count))) : "";
  }
  /// Whether the server closed: reading comes to an end within `time`.
  static bool ends(io::Stream& stream, DurationNs time) {
    const auto until = Clock::now() + std::chrono::nanoseconds(time);
    std::byte buffer[4096];
    while (Clock::now() < until) {
      const auto count = stream.read_some(buffer, time);
      if (!count) return count.error().code != ErrorCode::kTimeout;
      if (*count == 0) return true;
    }
    return false;
  }
  void until_under_way(int count) {
    while (parties_.under_way < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  void until_held(std::size_t body_bytes) {
    while (server_->body_bytes() < body_bytes)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  Parties parties_;
  std::unique_ptr<serve::HttpServer> server_;
  io::Address address_;
};

TEST_F(HttpLimits, WhoReadsSlowlyIsNoRequestThatWaits) {
  start({.workers = 2, .requests_waiting_max = 4});
  std::vector<std::unique_ptr<io::Stream>> readers;
  for (int i = 0; i < 12; ++i) {
    readers.push_back(ask("/slow/size/16000000"));
    ASSERT_TRUE(first_bytes(*readers.back()).starts_with("HTTP/1.1 200 ")) << i;
  }
  EXPECT_EQ(status_of("/slow/size/1"), 200);
  EXPECT_EQ(status_of("/other/size/1"), 200);
}

TEST_F(HttpLimits, OneEnterprisesLongCallsAndStreamsLeaveWorkersForTheOthers) {
  start({.workers = 3, .workers_per_party_max = 2});
  std::vector<std::unique_ptr<io::Stream>> noisy;
  for (int i = 0; i < 10; ++i) noisy.push_back(ask(i % 2 == 0 ? "/noisy/wait" : "/noisy/stream"));
  until_under_way(2);
  const auto began = Clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of("/quiet/size/10"), 200) << i;
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(3));
  EXPECT_EQ(parties_.under_way, 2);
}

TEST_F(HttpLimits, MoreThanMayWaitIsRefusedAtOnceAndOnlyForThatParty) {
  start({.workers = 2, .workers_per_party_max = 1, .requests_waiting_max = 3});
  std::vector<std::unique_ptr<io::Stream>> noisy;
  for (int i = 0; i < 4; ++i) {
    noisy.push_back(ask("/noisy/wait"));
    if (i == 0) until_under_way(1);
  }
  // The three that wait are in line once a fourth is refused.
  int refused = 0;
  for (int i = 0; i < 50 && refused != 429; ++i) {
    auto one_more = ask("/noisy/wait");
    std::byte buffer[64];
    if (const auto count = one_more->read_some(buffer, 100 * kMillisecond); count && *count > 12)
      refused = std::stoi(std::string(as_text(std::span(buffer).subspan(9, 3))));
    noisy.push_back(std::move(one_more));
  }
  EXPECT_EQ(refused, 429);
  EXPECT_EQ(status_of("/quiet/size/1"), 200);
}

TEST_F(HttpLimits, BodiesInMemoryAreCountedForEachParty) {
  start({.workers = 2, .body_bytes_max = 3 << 20, .body_bytes_per_party_max = 1 << 20});
  const auto head = [](std::string_view party, int bytes) {
    return fmt::format("POST /{}/size/0 HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", party,
                       bytes);
  };
  // What has come of a body is held, also of one that alone is more than the party's part.
  const auto held = send(head("a", 900'000) + std::string(899'000, 'x'));
  const auto alone = send(head("b", 1'500'000) + std::string(1'499'000, 'x'));
  // Who comes last is refused: what is to be held has to be there first.
  until_held(899'000 + 1'499'000);
  const auto refused = [&](const char* party, int bytes) {
    const auto until = Clock::now() + std::chrono::seconds(5);
    std::string answer;
    while (!answer.starts_with("HTTP/1.1 429 ") && Clock::now() < until)
      answer = first_bytes(*send(head(party, bytes) + std::string(std::size_t(bytes), 'x')));
    return answer.starts_with("HTTP/1.1 429 ");
  };
  EXPECT_TRUE(refused("a", 200'000));
  EXPECT_TRUE(refused("c", 1'000'000));
  // Without a length it is counted as it comes.
  std::string chunks = "POST /a/size/0 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 40; ++i) chunks += "2000\r\n" + std::string(8192, 'x') + "\r\n";
  EXPECT_TRUE(first_bytes(*send(chunks)).starts_with("HTTP/1.1 429 "));
  // It is given back.
  EXPECT_TRUE(held->write_all(as_byte_span(std::string(1'000, 'x')), 5 * kSecond));
  EXPECT_TRUE(first_bytes(*held).starts_with("HTTP/1.1 200 "));
  HttpClient client(io::real_net(), address_);
  const auto again = client.post("/a/size/0", std::string(900'000, 'x'));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 200);
}

TEST_F(HttpLimits, AnswersInMemoryAreCountedForEachParty) {
  start({.workers = 2, .answer_bytes_max = 60 << 20, .answer_bytes_per_party_max = 40 << 20});
  std::vector<std::unique_ptr<io::Stream>> readers;
  for (int i = 0; i < 2; ++i) {
    readers.push_back(ask("/a/size/20000000"));
    ASSERT_TRUE(first_bytes(*readers.back()).starts_with("HTTP/1.1 200 "));
  }
  EXPECT_EQ(status_of("/a/size/20000000"), 429);
  EXPECT_EQ(status_of("/a/size/1000"), 200);
  EXPECT_EQ(status_of("/b/size/20000000"), 200);
  EXPECT_EQ(status_of("/stranger/size/20000000"), 200) << "strangers have a total of their own";
  readers.clear();
  const auto until = Clock::now() + std::chrono::seconds(5);
  while (status_of("/a/size/20000000") != 200 && Clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(status_of("/a/size/20000000"), 200);
}

TEST_F(HttpLimits, AByteNowAndThenKeepsNoConnection) {
  start({.workers = 1, .stall_seconds = 1});
  const auto sender = send("POST /a/size/0 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  bool dropped = false;
  for (int i = 0; i < 100 && !dropped; ++i) {
    dropped = !sender->write_all(as_byte_span("x"), kSecond);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(dropped);
  // And so who takes a few bytes now and then of an answer.
  const auto reader = ask("/a/size/50000000");
  std::byte buffer[64];
  for (int i = 0; i < 30; ++i) {
    if (const auto count = reader->read_some(buffer, kSecond); !count || *count == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const auto until = Clock::now() + std::chrono::seconds(5);
  while (server_->connections() > 0 && Clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(server_->connections(), 0u);
  EXPECT_TRUE(ends(*reader, 5 * kSecond));
}

TEST_F(HttpLimits, StopsWhileRequestsWait) {
  start({.workers = 1, .workers_per_party_max = 1});
  std::vector<std::unique_ptr<io::Stream>> all;
  for (int i = 0; i < 20; ++i) all.push_back(ask("/a/wait"));
  until_under_way(1);
  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    parties_.release.count_down();
  });
  const auto began = Clock::now();
  server_->stop();
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(9));
  later.join();
  EXPECT_EQ(server_->connections(), 0u);
}

}  // namespace
}  // namespace tundish::test
