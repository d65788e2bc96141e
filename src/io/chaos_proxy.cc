// One thread, one poll() over the listener, an eventfd that wakes it, and both sockets of every
// pair. Each direction has a bounded buffer; a full one stops reading, so that a slow receiver slows
// the sender as it would without the proxy.

#include "io/chaos_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <list>
#include <system_error>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace tundish::io {
namespace {

constexpr std::size_t kBufferBytesMax = 64 << 10;

enum class Command { kNone, kCut, kStall, kResume, kRefuse, kAccept, kStop };

void reset_and_close(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};  // the peer gets RST, not FIN
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd);
}

/// Bytes on their way from one socket of a pair to the other.
struct Direction {
  Bytes buffer;
  bool ended = false;     ///< the sender has finished
  bool end_sent = false;  ///< and the receiver knows
};

struct Pair {
  std::array<int, 2> fds;         ///< client, target
  std::array<Direction, 2> from;  ///< from[i]: read from fds[i], to be written to the other
  bool connected = false;         ///< to the target
};

}  // namespace

class ChaosProxy::Loop {
 public:
  Loop(int listener, const sockaddr_storage& target, socklen_t target_bytes)
      : listener_(listener),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        target_(target),
        target_bytes_(target_bytes) {}
  ~Loop() {
    for (const Pair& pair : pairs_) close_pair(pair);
    ::close(listener_);
    ::close(wake_);
  }

  /// Waits until the thread has done it.
  void order(Command command) {
    const MutexLock lock(mutex_);
    while (command_ != Command::kNone) done_.wait(mutex_);
    command_ = command;
    const std::uint64_t one = 1;
    (void)!::write(wake_, &one, sizeof one);
    while (command_ != Command::kNone) done_.wait(mutex_);
  }

  std::size_t connections() {
    const MutexLock lock(mutex_);
    return open_;
  }

  void run() {
    std::vector<pollfd> polled;
    while (!stopped_) {
      polled = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        for (std::size_t side = 0; side < 2; ++side) {
          // One that waits for nothing is left out: poll() would report its hang-up for ever.
          const short events = events_for(pair, side);
          polled.push_back({events == 0 ? -1 : pair.fds[side], events, 0});
        }
      }
      if (::poll(polled.data(), polled.size(), -1) < 0) continue;
      std::size_t at = 2;
      for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
        const bool lives = stalled_ || move_on(*pair, polled[at].revents, polled[at + 1].revents);
        if (!lives) close_pair(*pair);
        pair = lives ? std::next(pair) : pairs_.erase(pair);
      }
      if (polled[1].revents != 0) take_new();
      obey();
    }
  }

 private:
  short events_for(const Pair& pair, std::size_t side) const {
    if (stalled_) return 0;
    const Direction& in = pair.from[side];
    const Direction& out = pair.from[1 - side];
    int events = 0;
    if (pair.connected && !in.ended && in.buffer.size() < kBufferBytesMax) events |= POLLIN;
    if (!out.buffer.empty() || (side == 1 && !pair.connected)) events |= POLLOUT;
    return static_cast<short>(events);
  }

  /// False when the pair is finished or broken.
  bool move_on(Pair& pair, short client_events, short target_events) {
    if (!pair.connected) {
      if (target_events == 0) return true;
      int error = 0;
      socklen_t bytes = sizeof error;
      ::getsockopt(pair.fds[1], SOL_SOCKET, SO_ERROR, &error, &bytes);
      if (error != 0) return false;
      pair.connected = true;
      return true;
    }
    const short events[] = {client_events, target_events};
    for (std::size_t side = 0; side < 2; ++side) {
      if ((events[side] & POLLERR) != 0) return false;
      if ((events[side] & (POLLIN | POLLHUP)) != 0 && !take_in(pair, side)) return false;
    }
    for (std::size_t side = 0; side < 2; ++side) {
      if (!give_out(pair, side)) return false;
    }
    return !(pair.from[0].end_sent && pair.from[1].end_sent);
  }

  static bool take_in(Pair& pair, std::size_t side) {
    Direction& in = pair.from[side];
    if (in.ended || in.buffer.size() >= kBufferBytesMax) return true;
    std::byte bytes[16 << 10];
    const ssize_t got = ::recv(pair.fds[side], bytes, sizeof bytes, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    in.ended = got == 0;
    in.buffer.insert(in.buffer.end(), bytes, bytes + got);
    return true;
  }

  static bool give_out(Pair& pair, std::size_t from) {
    Direction& direction = pair.from[from];
    const int to = pair.fds[1 - from];
    if (!direction.buffer.empty()) {
      const ssize_t put =
          ::send(to, direction.buffer.data(), direction.buffer.size(), MSG_NOSIGNAL);
      if (put < 0) return errno == EAGAIN || errno == EINTR;
      direction.buffer.erase(direction.buffer.begin(), direction.buffer.begin() + put);
    }
    if (direction.ended && direction.buffer.empty() && !direction.end_sent) {
      ::shutdown(to, SHUT_WR);
      direction.end_sent = true;
    }
    return true;
  }

  void take_new() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    const int target =
        refusing_ ? -1 : ::socket(target_.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (target < 0) {
      reset_and_close(client);
      return;
    }
    const int on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(target, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool failed =
        ::connect(target, reinterpret_cast<const sockaddr*>(&target_), target_bytes_) < 0 &&
        errno != EINPROGRESS;
    pairs_.push_back({.fds = {client, target}, .from = {}, .connected = false});
    if (failed) {
      close_pair(pairs_.back());
      pairs_.pop_back();
    }
  }

  void obey() {
    std::uint64_t count = 0;
    (void)!::read(wake_, &count, sizeof count);
    const MutexLock lock(mutex_);
    switch (command_) {
      case Command::kNone: break;
      case Command::kCut:
        for (const Pair& pair : pairs_) close_pair(pair);
        pairs_.clear();
        break;
      case Command::kStall: stalled_ = true; break;
      case Command::kResume: stalled_ = false; break;
      case Command::kRefuse: refusing_ = true; break;
      case Command::kAccept: refusing_ = false; break;
      case Command::kStop: stopped_ = true; break;
    }
    open_ = pairs_.size();
    command_ = Command::kNone;
    done_.notify_all();
  }

  static void close_pair(const Pair& pair) {
    const bool in_order = pair.from[0].end_sent && pair.from[1].end_sent;
    for (const int fd : pair.fds) in_order ? static_cast<void>(::close(fd)) : reset_and_close(fd);
  }

  const int listener_;
  const int wake_;
  const sockaddr_storage target_;
  const socklen_t target_bytes_;

  // The thread's own.
  std::list<Pair> pairs_;
  bool stalled_ = false;
  bool refusing_ = false;
  bool stopped_ = false;

  Mutex mutex_;
  Condition done_;
  Command command_ TUNDISH_GUARDED_BY(mutex_) = Command::kNone;
  std::size_t open_ TUNDISH_GUARDED_BY(mutex_) = 0;
};

ChaosProxy::ChaosProxy(std::unique_ptr<Loop> loop, std::uint16_t port)
    : loop_(std::move(loop)), port_(port), thread_([this] { loop_->run(); }) {}

ChaosProxy::~ChaosProxy() {
  loop_->order(Command::kStop);
  thread_.join();
}

Result<std::unique_ptr<ChaosProxy>> ChaosProxy::start(const Address& target) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found) != 0)
    return fail(ErrorCode::kUnavailable, "cannot resolve the target", target.to_string());
  sockaddr_storage to{};
  const socklen_t to_bytes = found->ai_addrlen;
  std::memcpy(&to, found->ai_addr, to_bytes);
  ::freeaddrinfo(found);

  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof local;
  auto* const address = reinterpret_cast<sockaddr*>(&local);
  if (listener < 0 || ::bind(listener, address, bytes) < 0 || ::listen(listener, SOMAXCONN) < 0 ||
      ::getsockname(listener, address, &bytes) < 0) {
    const int error = errno;
    if (listener >= 0) ::close(listener);
    return fail(ErrorCode::kIo, "cannot listen: " + std::generic_category().message(error));
  }
  return std::unique_ptr<ChaosProxy>(
      new ChaosProxy(std::make_unique<Loop>(listener, to, to_bytes), ntohs(local.sin_port)));
}

void ChaosProxy::cut() { loop_->order(Command::kCut); }
void ChaosProxy::stall() { loop_->order(Command::kStall); }
void ChaosProxy::resume() { loop_->order(Command::kResume); }
void ChaosProxy::refuse() { loop_->order(Command::kRefuse); }
void ChaosProxy::accept() { loop_->order(Command::kAccept); }
std::size_t ChaosProxy::connections() const { return loop_->connections(); }

}  // namespace tundish::io
