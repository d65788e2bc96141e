#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "io/clock.h"
#include "io/net.h"
#include "io/random.h"

namespace tundish::io {

/// How a simulated network behaves.
struct NetFaults {
  DurationNs delay_max = 0;         ///< each write arrives after 0..delay_max, in order
  std::uint32_t cut_one_in = 0;     ///< one call in so many breaks its connection; 0 never
  std::uint32_t refuse_one_in = 0;  ///< one dial in so many
  bool fragment = true;             ///< reads return any part of what has arrived
};

/// A network inside one process and one thread, by seed. Nothing waits: a read or accept that would,
/// moves the clock to the next arrival or to its deadline, whichever is first. What is in flight
/// when a connection is cut is lost. Outlives its listeners and streams.
class SimulatedNet final : public Net {
 public:
  SimulatedNet(std::uint64_t seed, SimulatedClock& clock, NetFaults faults = {});
  ~SimulatedNet() override;

  Result<std::unique_ptr<Stream>> dial(const Address& address, DurationNs timeout) override;
  Result<std::unique_ptr<Listener>> listen(const Address& address) override;

  void set_faults(const NetFaults& faults) { faults_ = faults; }
  /// Breaks every connection.
  void cut_all();

 private:
  friend class SimulatedStream;
  friend class SimulatedListener;
  struct Connection;
  struct Backlog;

  /// The time at which what is written now arrives behind `last`.
  TimeNs arrival(TimeNs last);

  SeededRandom random_;
  SimulatedClock& clock_;
  NetFaults faults_;
  std::uint16_t next_port_ = 40'000;
  std::map<std::string, std::shared_ptr<Backlog>> listening_;  ///< by Address::to_string
  std::deque<std::weak_ptr<Connection>> connections_;
};

}  // namespace tundish::io
