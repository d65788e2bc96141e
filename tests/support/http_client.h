#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "io/net.h"

namespace tundish::test {

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in small letters
  std::string body;
};

/// A small HTTP/1.1 client for tests: one connection, kept open between requests, one thread.
/// It never repeats a request by itself: whether the server saw it stays the caller's question.
class HttpClient {
 public:
  HttpClient(io::Net& net, io::Address address, std::string bearer_token = {});

  struct Request {
    std::string method = "GET";
    std::string target;  ///< path and query, already encoded
    std::string body = {};
    std::string content_type = "application/json";
    std::string accept = {};
  };
  /// Errors: kUnavailable, kTimeout, kIo; kRemote when the answer is not HTTP. A status of 400 and
  /// more is an answer, not an error.
  Result<HttpResponse> send(const Request& request, DurationNs timeout = 10 * kSecond);
  Result<HttpResponse> get(const std::string& target, DurationNs timeout = 10 * kSecond) {
    return send({.target = target}, timeout);
  }
  Result<HttpResponse> post(const std::string& target, std::string body,
                            DurationNs timeout = 10 * kSecond) {
    return send({.method = "POST", .target = target, .body = std::move(body)}, timeout);
  }
  void close() { stream_.reset(); }

 private:
  Result<HttpResponse> receive(DurationNs timeout);
  Result<std::string> read_line(DurationNs timeout);
  Result<std::string> read_exactly(std::size_t count, DurationNs timeout);
  Status fill(DurationNs timeout);

  io::Net& net_;
  const io::Address address_;
  const std::string bearer_token_;
  std::unique_ptr<io::Stream> stream_;
  std::string received_;  ///< read from the stream, not yet taken
};

/// One part of a path or query, percent-encoded.
std::string encode_url(std::string_view text);

}  // namespace tundish::test
