#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tundish::serve {

/// One parsed request. Header names are lower case; a repeated header is joined with ", ".
struct Request {
  std::string method;  ///< `GET`, `POST`, ...
  std::string target;  ///< as sent
  std::string path;    ///< percent-decoded, without the query; never contains NUL
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order, names may repeat
  std::map<std::string, std::string, std::less<>> headers;
  std::string body;
  std::string peer;  ///< address without port, `local` on the control socket
  bool by_control_socket = false;
  bool by_tls = false;

  std::string_view header(std::string_view lower_case_name) const;
  std::optional<std::string_view> parameter(std::string_view name) const;
  std::vector<std::string_view> parameters(std::string_view name) const;
  std::optional<std::string_view> cookie(std::string_view name) const;
};

/// Reads `target` into path and query. False for bytes that no target may hold.
bool parse_target(std::string_view target, Request& request);
/// %XX and, in queries, `+`. False for a broken escape or a NUL.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);

/// Appends the next piece of a streamed body to `out`; false when it was the last. An error breaks
/// the connection off, so that the client sees that the answer is not whole. Worker thread.
using BodySource = std::function<Result<bool>(std::string& out)>;

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  BodySource stream;  ///< instead of `body`
  bool close = false;

  Response& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

Response json_response(std::string body, int status = 200);
Response text_response(std::string body, std::string content_type, int status = 200);
/// RFC 9457 problem of an error; the status from the one table in docs/guides/api.md, or one that
/// only HTTP knows.
Response problem_response(const Error& error);
Response problem_response(const Error& error, int status);
int http_status(ErrorCode code);

/// The server's side of one WebSocket. Any thread.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  /// Queues one message. False when the client is gone or the socket is being closed.
  virtual bool send(std::string text) = 0;
  /// Bytes queued that the client has not taken: before a sender adds to many, it waits.
  virtual std::size_t waiting_bytes() const = 0;
  virtual void close(std::uint16_t code, std::string reason) = 0;
};

/// What the application does with one WebSocket's messages. Called on one thread at a time.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  virtual void on_open(std::shared_ptr<WebSocket> socket) = 0;
  virtual void on_text(std::string_view text) = 0;
  virtual void on_close() = 0;
};

/// What the HTTP server asks of the program.
class Application {
 public:
  virtual ~Application() = default;

  /// After the header, before any of the body: the most bytes of body to read, or an answer at
  /// once. I/O thread: must not block for long.
  struct Admission {
    std::uint64_t body_bytes_max = 0;
    std::string party;     ///< who shares limits and turns: an enterprise, or an address
    bool stranger = true;  ///< the party is an address
    std::optional<Response> refusal;
  };
  virtual Admission admit(const Request& head) = 0;

  /// The whole request. Worker thread; may block.
  virtual Response handle(Request& request) = 0;

  /// A WebSocket upgrade: its handler, or null with the answer in `refusal`. Worker thread.
  virtual std::shared_ptr<WebSocketHandler> upgrade(const Request& request, Response& refusal) = 0;
};

}  // namespace tundish::serve
