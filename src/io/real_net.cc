// Sockets that never block: every wait is a poll() with a deadline, on the socket and on an eventfd
// through which close() wakes it.

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "io/clock.h"
#include "io/net.h"

namespace tundish::io {

std::string Address::to_string() const {
  if (!unix_path.empty()) return unix_path;
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

namespace {

std::unexpected<Error> fail_errno(int error, const std::string& doing, const std::string& where) {
  ErrorCode code = ErrorCode::kIo;
  switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOENT:
    case ENETUNREACH:
    case EHOSTUNREACH: code = ErrorCode::kUnavailable; break;
    case ETIMEDOUT: code = ErrorCode::kTimeout; break;
    case EADDRINUSE: code = ErrorCode::kInUse; break;
    default: break;
  }
  return fail(code, doing + ": " + std::generic_category().message(error), where);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// A socket that any thread can close while another waits on it. The descriptor itself lives until
/// the owner is destroyed, so that its number is not given to another file meanwhile.
class Socket {
 public:
  Socket(Descriptor descriptor, std::string where)
      : descriptor_(std::move(descriptor)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        where_(std::move(where)) {}

  int get() const { return descriptor_.get(); }
  const std::string& where() const { return where_; }
  bool closed() const { return closed_.load(); }

  void close() {
    closed_ = true;
    ::shutdown(descriptor_.get(), SHUT_RDWR);
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
  }

  /// Until the socket is ready for `events` or `deadline` of the monotonic clock has passed.
  Status wait(short events, DurationNs deadline) const {
    while (true) {
      if (closed_) return fail(ErrorCode::kUnavailable, "the connection is closed", where_);
      pollfd polled[] = {{descriptor_.get(), events, 0}, {wake_.get(), POLLIN, 0}};
      const DurationNs left = std::max<DurationNs>(0, deadline - real_clock().monotonic());
      // Rounded up, so that the last fraction of a millisecond is not spun through.
      const auto left_ms = std::min<DurationNs>((left + kMillisecond - 1) / kMillisecond, 1 << 30);
      const int ready = ::poll(polled, 2, static_cast<int>(left_ms));
      if (ready < 0 && errno != EINTR) return fail_errno(errno, "cannot wait", where_);
      if (ready > 0 && polled[0].revents != 0) return {};
      if (ready == 0) return fail(ErrorCode::kTimeout, "out of time", where_);
    }
  }

 private:
  const Descriptor descriptor_;
  const Descriptor wake_;
  const std::string where_;
  std::atomic<bool> closed_ = false;
};

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

DurationNs deadline_of(DurationNs timeout) {
  const DurationNs now = real_clock().monotonic();
  return timeout > kTimeMax - now ? kTimeMax : now + timeout;
}

class RealStream final : public Stream {
 public:
  RealStream(Descriptor descriptor, std::string where)
      : socket_(std::move(descriptor), std::move(where)) {}

  Result<std::size_t> read_some(std::span<std::byte> into, DurationNs timeout) override {
    const DurationNs deadline = deadline_of(timeout);
    while (!socket_.closed()) {
      const ssize_t got = ::recv(socket_.get(), into.data(), into.size(), 0);
      if (got >= 0 && !socket_.closed()) return static_cast<std::size_t>(got);
      if (got < 0 && !would_block(errno)) return fail_errno(errno, "cannot read", socket_.where());
      TUNDISH_RETURN_IF_ERROR(socket_.wait(POLLIN, deadline));
    }
    return fail(ErrorCode::kUnavailable, "the connection is closed", socket_.where());
  }

  Status write_all(ByteSpan bytes, DurationNs timeout) override {
    const DurationNs deadline = deadline_of(timeout);
    while (!bytes.empty()) {
      const ssize_t put = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        continue;
      }
      if (!would_block(errno)) return fail_errno(errno, "cannot write", socket_.where());
      TUNDISH_RETURN_IF_ERROR(socket_.wait(POLLOUT, deadline));
    }
    return {};
  }

  void finish_writing() override { ::shutdown(socket_.get(), SHUT_WR); }
  void close() override { socket_.close(); }

 private:
  Socket socket_;
};

class RealListener final : public Listener {
 public:
  RealListener(Descriptor descriptor, Address address)
      : socket_(std::move(descriptor), address.to_string()), address_(std::move(address)) {}
  ~RealListener() override {
    if (!address_.unix_path.empty()) ::unlink(address_.unix_path.c_str());
  }
  const Address& address() const override { return address_; }

  Result<std::unique_ptr<Stream>> accept(DurationNs timeout) override {
    const DurationNs deadline = deadline_of(timeout);
    while (true) {
      TUNDISH_RETURN_IF_ERROR(socket_.wait(POLLIN, deadline));
      Descriptor accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (accepted.get() >= 0)
        return std::make_unique<RealStream>(std::move(accepted), address_.to_string());
      if (socket_.closed()) continue;  // wait() tells
      if (!would_block(errno) && errno != ECONNABORTED)
        return fail_errno(errno, "cannot accept", socket_.where());
    }
  }
  void close() override { socket_.close(); }

 private:
  Socket socket_;
  const Address address_;
};

/// One address of the system, of any family.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
  int family = AF_UNSPEC;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<std::vector<SocketAddress>> resolve(const Address& address, bool to_listen) {
  SocketAddress one;
  if (!address.unix_path.empty()) {
    sockaddr_un local{};
    if (address.unix_path.size() >= sizeof local.sun_path)
      return fail(ErrorCode::kInvalidArgument, "the path is too long for a Unix socket",
                  address.unix_path);
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, address.unix_path.data(), address.unix_path.size());
    std::memcpy(&one.storage, &local, sizeof local);
    one.bytes = sizeof local;
    one.family = AF_UNIX;
    return std::vector{one};
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (to_listen ? AI_PASSIVE : 0);
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int error = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0)
    return fail(ErrorCode::kUnavailable, std::string("cannot resolve: ") + ::gai_strerror(error),
                address.to_string());
  std::vector<SocketAddress> all;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    std::memcpy(&one.storage, info->ai_addr, info->ai_addrlen);
    one.bytes = info->ai_addrlen;
    one.family = info->ai_family;
    all.push_back(one);
  }
  ::freeaddrinfo(found);
  return all;
}

Descriptor open_socket(const SocketAddress& to) {
  Descriptor descriptor(::socket(to.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (descriptor.get() >= 0 && to.family != AF_UNIX) {
    const int on = 1;
    // Requests are written whole, so waiting to fill a segment would only delay them.
    ::setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  return descriptor;
}

Result<std::unique_ptr<Stream>> dial_one(const SocketAddress& to, const std::string& where,
                                         DurationNs deadline) {
  Descriptor descriptor = open_socket(to);
  if (descriptor.get() < 0) return fail_errno(errno, "cannot make a socket", where);
  if (::connect(descriptor.get(), to.get(), to.bytes) < 0) {
    if (errno != EINPROGRESS && errno != EINTR) return fail_errno(errno, "cannot connect", where);
    pollfd polled{descriptor.get(), POLLOUT, 0};
    int ready = 0;
    do {
      const DurationNs left = std::max<DurationNs>(0, deadline - real_clock().monotonic());
      ready = ::poll(&polled, 1,
                     static_cast<int>(std::min<DurationNs>(left / kMillisecond + 1, 1 << 30)));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) return fail(ErrorCode::kTimeout, "cannot connect in time", where);
    int error = 0;
    socklen_t bytes = sizeof error;
    ::getsockopt(descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &bytes);
    if (error != 0) return fail_errno(error, "cannot connect", where);
  }
  return std::make_unique<RealStream>(std::move(descriptor), where);
}

class RealNet final : public Net {
 public:
  Result<std::unique_ptr<Stream>> dial(const Address& address, DurationNs timeout) override {
    const DurationNs deadline = deadline_of(timeout);
    TUNDISH_TRY(const auto candidates, resolve(address, false));
    Error last{ErrorCode::kUnavailable, "the name has no address", address.to_string(), {}};
    for (const SocketAddress& to : candidates) {
      auto stream = dial_one(to, address.to_string(), deadline);
      if (stream) return stream;
      last = stream.error();
    }
    return fail(last);
  }

  Result<std::unique_ptr<Listener>> listen(const Address& address) override {
    TUNDISH_TRY(const auto candidates, resolve(address, true));
    const std::string where = address.to_string();
    if (!address.unix_path.empty()) TUNDISH_RETURN_IF_ERROR(remove_abandoned(address));
    const SocketAddress& on = candidates.front();
    Descriptor descriptor = open_socket(on);
    if (descriptor.get() < 0) return fail_errno(errno, "cannot make a socket", where);
    // Before bind, on the socket itself: the file has this mode from its first moment.
    if (!address.unix_path.empty()) ::fchmod(descriptor.get(), 0600);
    if (::bind(descriptor.get(), on.get(), on.bytes) < 0)
      return fail_errno(errno, "cannot listen", where);
    if (::listen(descriptor.get(), SOMAXCONN) < 0) return fail_errno(errno, "cannot listen", where);
    Address found = address;
    if (address.unix_path.empty()) {
      sockaddr_storage bound{};
      socklen_t bytes = sizeof bound;
      ::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&bound), &bytes);
      // The port stands at the same place in both families.
      found.port = ntohs(reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
    }
    return std::make_unique<RealListener>(std::move(descriptor), std::move(found));
  }

 private:
  /// The file of a Unix socket outlives a killed process; one that refuses is nobody's.
  Status remove_abandoned(const Address& address) {
    if (auto peer = dial(address, kSecond))
      return fail(ErrorCode::kInUse, "another process listens there", address.unix_path);
    struct stat facts{};
    if (::lstat(address.unix_path.c_str(), &facts) == 0 && S_ISSOCK(facts.st_mode))
      ::unlink(address.unix_path.c_str());
    return {};
  }
};

}  // namespace

Net& real_net() {
  static RealNet net;
  return net;
}

}  // namespace tundish::io
