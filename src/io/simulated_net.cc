#include "io/simulated_net.h"

#include <algorithm>
#include <utility>

namespace tundish::io {

/// Two pipes: side 0 dialled, side 1 accepted; pipe[s] carries what side s wrote.
struct SimulatedNet::Connection {
  struct Segment {
    DurationNs arrives = 0;
    Bytes bytes;
  };
  struct Pipe {
    std::deque<Segment> segments;
    DurationNs last_arrival = 0;
    bool finished = false;  ///< the writer will send no more
  };
  Pipe pipes[2];
  bool broken = false;

  void cut() {
    broken = true;
    for (Pipe& pipe : pipes) pipe.segments.clear();
  }
};

struct SimulatedNet::Backlog {
  std::deque<std::shared_ptr<Connection>> waiting;
  bool open = true;
};

class SimulatedStream final : public Stream {
 public:
  SimulatedStream(SimulatedNet& net, std::shared_ptr<SimulatedNet::Connection> connection,
                  std::size_t side, std::string where)
      : net_(net), connection_(std::move(connection)), side_(side), where_(std::move(where)) {}
  ~SimulatedStream() override { close(); }

  Result<std::size_t> read_some(std::span<std::byte> into, DurationNs timeout) override {
    TUNDISH_RETURN_IF_ERROR(check());
    auto& pipe = connection_->pipes[1 - side_];
    const DurationNs now = net_.clock_.monotonic();
    if (pipe.segments.empty()) {
      if (pipe.finished) return 0;
      net_.clock_.advance(timeout);
      return fail(ErrorCode::kTimeout, "out of time", where_);
    }
    auto& segment = pipe.segments.front();
    if (segment.arrives > now) {
      net_.clock_.advance(std::min(timeout, segment.arrives - now));
      if (segment.arrives - now > timeout) return fail(ErrorCode::kTimeout, "out of time", where_);
    }
    std::size_t count = std::min(into.size(), segment.bytes.size());
    if (net_.faults_.fragment && count > 1) count = 1 + net_.random_.below(count);
    std::copy_n(segment.bytes.begin(), count, into.begin());
    segment.bytes.erase(segment.bytes.begin(),
                        segment.bytes.begin() + static_cast<std::ptrdiff_t>(count));
    if (segment.bytes.empty()) pipe.segments.pop_front();
    return count;
  }

  Status write_all(ByteSpan bytes, DurationNs) override {
    TUNDISH_RETURN_IF_ERROR(check());
    auto& pipe = connection_->pipes[side_];
    if (pipe.finished) return fail(ErrorCode::kUnavailable, "the connection is closed", where_);
    if (bytes.empty()) return {};
    pipe.last_arrival = net_.arrival(pipe.last_arrival);
    pipe.segments.push_back({pipe.last_arrival, Bytes(bytes.begin(), bytes.end())});
    return {};
  }

  void finish_writing() override { connection_->pipes[side_].finished = true; }

  void close() override {
    closed_ = true;
    // What was written still arrives; what the peer sends from now on has no reader.
    connection_->pipes[side_].finished = true;
    connection_->pipes[1 - side_].segments.clear();
    connection_->pipes[1 - side_].finished = true;
  }

 private:
  Status check() {
    if (!closed_ && !connection_->broken && net_.faults_.cut_one_in != 0 &&
        net_.random_.one_in(net_.faults_.cut_one_in))
      connection_->cut();
    if (closed_ || connection_->broken)
      return fail(ErrorCode::kUnavailable, "the connection is broken", where_);
    return {};
  }

  SimulatedNet& net_;
  const std::shared_ptr<SimulatedNet::Connection> connection_;
  const std::size_t side_;
  const std::string where_;
  bool closed_ = false;
};

class SimulatedListener final : public Listener {
 public:
  SimulatedListener(SimulatedNet& net, std::shared_ptr<SimulatedNet::Backlog> backlog,
                    Address address)
      : net_(net), backlog_(std::move(backlog)), address_(std::move(address)) {}
  ~SimulatedListener() override { close(); }
  const Address& address() const override { return address_; }

  Result<std::unique_ptr<Stream>> accept(DurationNs timeout) override {
    if (!backlog_->open)
      return fail(ErrorCode::kUnavailable, "the listener is closed", address_.to_string());
    if (backlog_->waiting.empty()) {
      net_.clock_.advance(timeout);
      return fail(ErrorCode::kTimeout, "out of time", address_.to_string());
    }
    auto connection = std::move(backlog_->waiting.front());
    backlog_->waiting.pop_front();
    return std::make_unique<SimulatedStream>(net_, std::move(connection), 1, address_.to_string());
  }

  void close() override {
    if (!std::exchange(backlog_->open, false)) return;
    for (const auto& connection : backlog_->waiting) connection->cut();
    net_.listening_.erase(address_.to_string());
  }

 private:
  SimulatedNet& net_;
  const std::shared_ptr<SimulatedNet::Backlog> backlog_;
  const Address address_;
};

SimulatedNet::SimulatedNet(std::uint64_t seed, SimulatedClock& clock, NetFaults faults)
    : random_(seed), clock_(clock), faults_(faults) {}

SimulatedNet::~SimulatedNet() = default;

Result<std::unique_ptr<Stream>> SimulatedNet::dial(const Address& address, DurationNs) {
  const auto backlog = listening_.find(address.to_string());
  if (backlog == listening_.end() ||
      (faults_.refuse_one_in != 0 && random_.one_in(faults_.refuse_one_in)))
    return fail(ErrorCode::kUnavailable, "cannot connect: connection refused", address.to_string());
  auto connection = std::make_shared<Connection>();
  backlog->second->waiting.push_back(connection);
  std::erase_if(connections_, [](const auto& old) { return old.expired(); });
  connections_.push_back(connection);
  return std::make_unique<SimulatedStream>(*this, std::move(connection), 0, address.to_string());
}

Result<std::unique_ptr<Listener>> SimulatedNet::listen(const Address& address) {
  Address found = address;
  if (found.unix_path.empty() && found.port == 0) found.port = next_port_++;
  auto backlog = std::make_shared<Backlog>();
  if (!listening_.emplace(found.to_string(), backlog).second)
    return fail(ErrorCode::kInUse, "cannot listen: the address is in use", found.to_string());
  return std::make_unique<SimulatedListener>(*this, std::move(backlog), std::move(found));
}

void SimulatedNet::cut_all() {
  for (const auto& weak : connections_) {
    if (const auto connection = weak.lock()) connection->cut();
  }
}

TimeNs SimulatedNet::arrival(TimeNs last) {
  DurationNs at = clock_.monotonic();
  if (faults_.delay_max > 0)
    at += static_cast<DurationNs>(random_.below(static_cast<std::uint64_t>(faults_.delay_max) + 1));
  return std::max(at, last);
}

}  // namespace tundish::io
