#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace tundish::io {

/// Where to dial or listen: a TCP host and port, or a Unix socket's path.
struct Address {
  std::string host;        ///< name or number; empty for a Unix socket
  std::uint16_t port = 0;  ///< 0 when listening: any free one
  std::string unix_path;

  static Address tcp(std::string host, std::uint16_t port) { return {std::move(host), port, {}}; }
  static Address unix_socket(std::string path) { return {{}, 0, std::move(path)}; }
  std::string to_string() const;
};

/// One connection. One thread reads, one writes; close() from any. Timeouts are in nanoseconds of
/// the monotonic clock and cover the whole call. Errors: kTimeout, kUnavailable when the peer or
/// close() broke the connection, kIo.
class Stream {
 public:
  virtual ~Stream() = default;
  /// At least one byte, at most `into.size()`; 0 when the peer has finished sending.
  virtual Result<std::size_t> read_some(std::span<std::byte> into, DurationNs timeout) = 0;
  /// After an error any part may have been sent.
  virtual Status write_all(ByteSpan bytes, DurationNs timeout) = 0;
  /// The peer reads the end after what was written; reading goes on.
  virtual void finish_writing() = 0;
  /// Wakes whoever waits in a call; every later call fails.
  virtual void close() = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;
  /// With the port that was found.
  virtual const Address& address() const = 0;
  /// Errors: kTimeout, kUnavailable after close().
  virtual Result<std::unique_ptr<Stream>> accept(DurationNs timeout) = 0;
  virtual void close() = 0;
};

class Net {
 public:
  virtual ~Net() = default;
  /// Errors: kUnavailable when nobody listens there or the name is unknown, kTimeout.
  virtual Result<std::unique_ptr<Stream>> dial(const Address& address, DurationNs timeout) = 0;
  /// A Unix socket's file is made owner-only and replaces one that nobody listens on.
  /// Errors: kInUse.
  virtual Result<std::unique_ptr<Listener>> listen(const Address& address) = 0;
};

/// The system's sockets.
Net& real_net();

}  // namespace tundish::io
