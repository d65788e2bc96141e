// The sockets: what a careless or hostile client sends, and what it gets.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "support/http_client.h"
#include "system/installation.h"

namespace tundish::test {
namespace {

using Clock = std::chrono::steady_clock;

class Http : public InstallationTest {
 protected:
  void SetUp() override {
    address_ = here().listen({.header_seconds = 2, .stall_seconds = 1});
    engineer_ = here().token("works-01", Role::kEngineer);
  }

  /// Sends bytes as they are and reads until the server closes or `until` has come.
  std::string exchange(std::string_view bytes, std::string_view until = "\r\n\r\n") {
    auto stream = io::real_net().dial(address_, 5 * kSecond).value();
    EXPECT_TRUE(stream->write_all(as_byte_span(bytes), 5 * kSecond));
    std::string text;
    std::byte buffer[4096];
    while (text.find(until) == std::string::npos) {
      const auto count = stream->read_some(buffer, 10 * kSecond);
      if (!count || *count == 0) break;
      text += as_text(std::span(buffer).first(*count));
    }
    return text;
  }

  std::string head(std::string_view line, std::string_view more = {}) const {
    return fmt::format("{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{}\r\n", line,
                       engineer_.token, more);
  }

  io::Address address_;
  Caller engineer_;
};

TEST_F(Http, BodyOverTheLimitIsRefusedBeforeItIsSent) {
  const auto began = Clock::now();
  EXPECT_TRUE(exchange(head("POST /api/v1/samples", "Content-Length: 1073741824\r\n"))
                  .starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(exchange(head("POST /api/v1/streams", "Content-Length: 16385\r\n"))
                  .starts_with("HTTP/1.1 413 "));
  // Without a length the bytes are counted.
  std::string chunked = head("POST /api/v1/streams", "Transfer-Encoding: chunked\r\n");
  for (int i = 0; i < 5; ++i) chunked += "1000\r\n" + std::string(4096, 'x') + "\r\n";
  EXPECT_TRUE(exchange(chunked).starts_with("HTTP/1.1 413 "));
  // A stranger's body is not read whatever its size.
  EXPECT_TRUE(
      exchange("POST /api/v1/samples HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n")
          .starts_with("HTTP/1.1 401 "));
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(5));
}

TEST_F(Http, WhatIsNotHttpIsRefused) {
  EXPECT_TRUE(exchange("this is not HTTP\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange(head("POST /api/v1/samples", "Content-Length: 99999999999999999999\r\n"))
                  .starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange(head("POST /api/v1/samples", "Content-Length: 4\r\nContent-Length: 5\r\n"))
                  .starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(
      exchange(head("POST /api/v1/samples", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"))
          .starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(
      exchange("GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(20'000, 'x') + "\r\n\r\n")
          .starts_with("HTTP/1.1 431 "));
}

TEST_F(Http, UnknownPathsAndWrongMethods) {
  HttpClient client(io::real_net(), address_, engineer_.token);
  EXPECT_EQ(client.get("/api/v1/nothing")->status, 404);
  EXPECT_EQ(client.post("/api/v1/nothing", "{\"some\":\"body\"}")->status, 404);
  EXPECT_EQ(client.post("/nothing", "{}")->status, 404);
  const auto wrong = client.send({.method = "PUT", .target = "/api/v1/tags", .body = "{\"a\":1}"});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->status, 405);
  EXPECT_EQ(wrong->headers.at("allow"), "GET, POST");
  EXPECT_EQ(client.get("/api/v1/live")->status, 426);
}

TEST_F(Http, HeadAnswersWithoutABody) {
  const std::string text =
      exchange("HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "\xFF");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 ")) << text;
  EXPECT_NE(text.find("Content-Length: 3\r\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\n")) << text;
}

TEST_F(Http, KeepsTheConnectionAndAnswersInTurn) {
  const std::string one = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string last = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const std::string text = exchange(one + one + last, "\xFF");
  std::size_t answers = 0;
  for (auto at = text.find("HTTP/1.1 200 "); at != std::string::npos;
       at = text.find("HTTP/1.1 200 ", at + 1))
    ++answers;
  EXPECT_EQ(answers, 3u) << text;
}

TEST_F(Http, WhoStallsIsDropped) {
  const auto began = Clock::now();
  // A header that never ends, and a body that stops half way.
  EXPECT_EQ(exchange("GET /healthz HTTP/1.1\r\nHost: a\r\n"), "");
  EXPECT_EQ(exchange(head("POST /api/v1/samples", "Content-Length: 100\r\n") + "{\"samples\""), "");
  const auto took = Clock::now() - began;
  EXPECT_GE(took, std::chrono::milliseconds(2500));
  EXPECT_LT(took, std::chrono::seconds(10));
  // A WebSocket whose client says nothing more after half its upgrade.
  EXPECT_EQ(exchange("GET /api/v1/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: web"),
            "");
}

TEST_F(Http, SlowButSteadyBodyArrives) {
  const std::string body = R"({"source":"slow","stream":"s"})";
  auto stream = io::real_net().dial(address_, 5 * kSecond).value();
  const std::string start =
      head("POST /api/v1/streams", fmt::format("Content-Length: {}\r\n", body.size()));
  ASSERT_TRUE(stream->write_all(as_byte_span(start), kSecond));
  for (const char c : body) {
    ASSERT_TRUE(stream->write_all(as_byte_span(std::string_view(&c, 1)), kSecond));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::byte buffer[4096];
  const auto count = stream->read_some(buffer, 5 * kSecond);
  ASSERT_TRUE(count);
  EXPECT_TRUE(as_text(std::span(buffer).first(*count)).starts_with("HTTP/1.1 200 "));
}

TEST_F(Http, NothingSentCanAddAHeaderToTheAnswer) {
  for (const char* target : {"/api/v1/nothing%0d%0aX-Evil:%201", "/x%0d%0aX-Evil:1",
                             "/api/v1/tags?pattern=%0d%0aX-Evil:1", "/api/v1/tags/1%0aX-Evil:1"}) {
    const std::string text = exchange(head(fmt::format("GET {}", target)));
    EXPECT_EQ(text.find("\nX-Evil"), std::string::npos) << text;
    EXPECT_TRUE(text.starts_with("HTTP/1.1 ")) << text;
  }
}

/// An application whose answers nobody checked.
class Careless final : public serve::Application {
 public:
  Admission admit(const serve::Request&) override { return {}; }
  serve::Response handle(serve::Request& request) override {
    serve::Response response = serve::json_response("{}");
    response.with("X-Echo", std::string(request.parameter("echo").value_or("")));
    return response;
  }
  std::shared_ptr<serve::WebSocketHandler> upgrade(const serve::Request&,
                                                   serve::Response&) override {
    return nullptr;
  }
};

TEST(HttpServer, NeverWritesAHeaderWithALineBreak) {
  Careless careless;
  auto server = serve::HttpServer::start(careless, {.port = 0, .workers = 1}).value();
  HttpClient client(io::real_net(), io::Address::tcp("127.0.0.1", server->port()));
  const auto plain = client.get("/?echo=plain%09text");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->headers.at("x-echo"), "plain\ttext");
  for (const char* echo : {"a%0d%0aX-Evil:%201", "a%0aX-Evil:1", "a%0dX-Evil:1"}) {
    const auto answer = client.get(std::string("/?echo=") + echo);
    ASSERT_TRUE(answer) << echo;
    EXPECT_EQ(answer->status, 200);
    EXPECT_FALSE(answer->headers.contains("x-evil"));
    EXPECT_FALSE(answer->headers.contains("x-echo"));
  }
}

TEST_F(Http, BytesBeforeTheAnswerToAnUpgradeAreRefused) {
  const std::string text =
      exchange(head("GET /api/v1/live",
                    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
                   "\x81\x80zzzz",
               "\xFF");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 400 ")) << text;
}

}  // namespace
}  // namespace tundish::test
