#include "support/http_client.h"

#include <gtest/gtest.h>

#include <thread>

namespace tundish::test {
namespace {

/// Answers `answers` one after the other on one connection, whatever is asked.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers)
      : listener_(*io::real_net().listen(io::Address::tcp("127.0.0.1", 0))),
        thread_([this, answers = std::move(answers)] { serve(answers); }) {}
  ~ScriptedServer() { thread_.join(); }
  const io::Address& address() const { return listener_->address(); }
  const std::string& requests() const { return requests_; }

 private:
  void serve(const std::vector<std::string>& answers) {
    const auto stream = listener_->accept(5 * kSecond);
    ASSERT_TRUE(stream.has_value());
    for (const std::string& answer : answers) {
      std::byte bytes[4096];
      const auto count = (*stream)->read_some(bytes, 5 * kSecond);
      ASSERT_TRUE(count.has_value());
      requests_ += as_text(std::span(bytes).first(*count));
      ASSERT_TRUE((*stream)->write_all(as_byte_span(answer), 5 * kSecond));
    }
  }

  std::unique_ptr<io::Listener> listener_;
  std::string requests_;
  std::thread thread_;
};

TEST(HttpClient, ReadsLengthsChunksAndEmptyAnswersOnOneConnection) {
  ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                         "chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
                         "HTTP/1.1 204 No Content\r\n\r\n"});
  HttpClient client(io::real_net(), server.address(), "secret");
  EXPECT_EQ(client.get("/a")->body, "hello");
  EXPECT_EQ(client.post("/b", "{}")->body, "abc0123456789");
  EXPECT_EQ(client.get("/c")->status, 204);
  EXPECT_NE(server.requests().find("Authorization: Bearer secret"), std::string::npos);
}

TEST(HttpClient, TellsABrokenAnswer) {
  for (const char* answer : {"SSH-2.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"}) {
    ScriptedServer server({answer});
    HttpClient client(io::real_net(), server.address());
    EXPECT_FALSE(client.get("/", kSecond).has_value()) << answer;
  }
}

TEST(HttpClient, EncodesWhatUrlsReserve) {
  EXPECT_EQ(encode_url("a/b c&d=é"), "a/b%20c%26d%3D%C3%A9");
}

}  // namespace
}  // namespace tundish::test
