#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "io/net.h"

namespace tundish::test {

/// A small WebSocket client for tests (RFC 6455): text messages, masked as a client's must be;
/// answers pings. One connection, one thread.
class WebSocketClient {
 public:
  /// Errors: kRemote with the answer's first line when the server does not switch protocols.
  static Result<WebSocketClient> connect(
      io::Net& net, const io::Address& address, const std::string& target,
      const std::vector<std::pair<std::string, std::string>>& headers,
      DurationNs timeout = 10 * kSecond);

  Status send(std::string_view text, DurationNs timeout = 10 * kSecond);
  /// The next text message. Errors: kUnavailable when the server closed, its code in closed_with().
  Result<std::string> receive(DurationNs timeout = 10 * kSecond);
  /// The code of the server's close frame; 0: none came.
  std::uint16_t closed_with() const { return closed_with_; }

 private:
  enum class Opcode : std::uint8_t { kText = 1, kClose = 8, kPing = 9, kPong = 10 };

  explicit WebSocketClient(std::unique_ptr<io::Stream> stream) : stream_(std::move(stream)) {}
  Status write_frame(Opcode opcode, std::string_view payload, DurationNs timeout);
  Result<std::string> read_exactly(std::size_t count, DurationNs timeout);

  std::unique_ptr<io::Stream> stream_;
  std::string received_;  ///< read from the stream, not yet taken
  std::uint16_t closed_with_ = 0;
};

}  // namespace tundish::test
