#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/net.h"

namespace tundish::bench {

/// One kept HTTP/1.1 connection that costs the benches as little as it can: bytes out, bytes in, nothing
/// looked at but the status and how long the answer is. For servers that the benches started. One thread.
class HttpConnection {
 public:
  /// `headers`: whole lines with their ends, sent with every request.
  explicit HttpConnection(io::Address address, std::string headers = {});

  struct Request {
    std::string_view method = "GET";
    std::string_view target;
    std::string_view body = {};
    std::string_view content_type = "application/json";
    std::string_view accept = {};
  };
  struct Answer {
    int status = 0;
    std::string_view body;  ///< until the next request
  };
  /// Any status is an answer. Errors: kUnavailable, kTimeout, kIo; kRemote for what is not HTTP.
  Result<Answer> send(const Request& request);
  /// As send, but what is not 2xx is an Error (kRemote) with the start of the body.
  Result<std::string_view> ask(const Request& request);

 private:
  Result<Answer> receive();
  /// At least one more byte into received_.
  Status fill();
  /// Offset after the next CRLF at or after `from`.
  Result<std::size_t> line_end(std::size_t from);
  Status read_chunks(std::size_t from);

  const io::Address address_;
  const std::string headers_;
  std::unique_ptr<io::Stream> stream_;
  std::string request_;
  std::string received_;
  std::size_t received_bytes_ = 0;  ///< how much of received_ is filled
  std::string body_;                ///< of a chunked answer
};

}  // namespace tundish::bench
