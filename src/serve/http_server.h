#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "serve/http.h"

namespace tundish::serve {

/// The sockets: HTTP/1.1 and WebSocket over TCP, TLS and the owner's control socket.
/// 1. One I/O thread accepts, reads headers under a deadline and asks Application::admit before it
///    reads any of a body, so that a stranger costs a few KiB.
/// 2. Whole requests go to a pool of worker threads, where handlers may block.
/// 3. Answers, streamed ones too, are written under a deadline per piece.
/// 4. stop() closes the listeners, lets requests under way end, then closes the rest.
class HttpServer {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;         ///< 0: a free one
    std::string control_socket = {};   ///< path of a Unix socket, empty: none
    std::string tls_certificate = {};  ///< PEM files; empty: plain HTTP
    std::string tls_key = {};
    std::size_t workers = 16;
    std::size_t connections_max = 10'000;
    std::size_t requests_waiting_max = 256;  ///< more than that answer 503 at once
    std::uint32_t header_bytes_max = 16 * 1024;
    std::uint32_t header_seconds = 10;  ///< for a whole header, and between requests: idle_seconds
    std::uint32_t idle_seconds = 75;
    std::uint32_t stall_seconds = 30;                   ///< without a byte read or written
    std::size_t websocket_bytes_max = 4 * 1024 * 1024;  ///< waiting for one client
  };

  /// Binds and starts. Errors: kInUse with the port and what to do, kInvalidArgument, kIo.
  static Result<std::unique_ptr<HttpServer>> start(Application& application, Options options);
  ~HttpServer();
  std::uint16_t port() const;
  std::size_t connections() const;
  void stop();

 private:
  class Implementation;
  explicit HttpServer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace tundish::serve
