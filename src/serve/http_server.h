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
/// 2. Whole requests go to worker threads, where handlers may block. Parties take turns there: one
///    enterprise's many or long calls do not hold up another's.
/// 3. Answers, streamed ones too, are written as fast as the client reads, and no thread waits for
///    that; one that reads too slowly loses its connection.
/// 4. Connections, calls that wait, and bytes in memory are limited for each party and in all.
/// 5. stop() closes the listeners, lets requests under way end, then closes the rest.
class HttpServer {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;         ///< 0: a free one
    std::string control_socket = {};   ///< path of a Unix socket, empty: none
    std::string tls_certificate = {};  ///< PEM files; empty: plain HTTP
    std::string tls_key = {};
    std::size_t workers = 16;
    std::size_t workers_per_party_max = 12;  ///< at a time; the rest is for others
    std::size_t connections_max = 10'000;
    std::size_t connections_per_peer_max = 1'000;      ///< but for this machine: proxies run there
    std::size_t requests_waiting_max = 128;            ///< of a party: 429
    std::size_t body_bytes_max = 1ull << 30;           ///< of all requests in memory: 429
    std::size_t body_bytes_per_party_max = 256 << 20;  ///< 429, unless it is the only one
    std::size_t answer_bytes_max = 2ull << 30;         ///< of all enterprises' answers: 429
    std::size_t answer_bytes_per_party_max = 256 << 20;
    std::size_t answer_bytes_strangers_max = 256 << 20;  ///< of those who are not signed in
    std::uint32_t header_bytes_max = 16 * 1024;
    std::uint32_t header_seconds = 10;  ///< for a whole header, and between requests: idle_seconds
    std::uint32_t idle_seconds = 75;
    std::uint32_t stall_seconds = 30;  ///< for every 8 KiB read or written
  };

  /// Binds and starts. Errors: kInUse with the port and what to do, kInvalidArgument, kIo.
  static Result<std::unique_ptr<HttpServer>> start(Application& application, Options options);
  ~HttpServer();
  std::uint16_t port() const;
  std::size_t connections() const;
  /// Bytes of requests' bodies in memory now. Any thread.
  std::size_t body_bytes() const;
  void stop();

 private:
  class Implementation;
  explicit HttpServer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace tundish::serve
