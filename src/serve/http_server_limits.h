#pragma once
// Part of http_server.cc, the only file that includes it: what one client may take of the server.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

#include "serve/http_server_streams.h"

namespace tundish::serve {

/// Counts by name, each and together; a name without a count is forgotten. I/O thread, but for
/// total(), which any thread may ask.
class Tally {
 public:
  std::size_t of(const std::string& name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }
  std::size_t total() const { return total_; }
  void add(const std::string& name, std::size_t count) {
    if (count == 0) return;
    counts_[name] += count;
    total_ += count;
  }
  void subtract(const std::string& name, std::size_t count) {
    if (count == 0) return;
    const auto found = counts_.find(name);
    total_ -= count;
    if ((found->second -= count) == 0) counts_.erase(found);
  }

 private:
  std::unordered_map<std::string, std::size_t> counts_;
  std::atomic<std::size_t> total_ = 0;
};

/// What one request holds of a Tally with a limit for each party and one for all; given back at the
/// end of the scope. I/O thread.
class Share {
 public:
  Share(Tally& tally, std::string party, std::size_t party_max, std::size_t total_max)
      : tally_(tally), party_(std::move(party)), party_max_(party_max), total_max_(total_max) {}
  ~Share() { give_back(); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  /// False, and nothing changed, when there is no room for so much. One request of a party is never
  /// too much for the party's limit, only what comes on top.
  bool grow_to(std::size_t wanted) {
    if (wanted <= held_) return true;
    const std::size_t more = wanted - held_;
    const std::size_t others = tally_.of(party_) - held_;
    if (others > 0 && tally_.of(party_) + more > party_max_) return false;
    if (more > total_max_ || tally_.total() > total_max_ - more) return false;
    tally_.add(party_, more);
    held_ = wanted;
    return true;
  }

  void give_back() { tally_.subtract(party_, std::exchange(held_, 0)); }

 private:
  Tally& tally_;
  const std::string party_;
  const std::size_t party_max_;
  const std::size_t total_max_;
  std::size_t held_ = 0;
};

/// A deadline that moves on with the bytes and not with each of them: who sends or reads a byte now
/// and then holds a connection, and what waits to be sent on it, no longer than who does nothing.
class Pace {
 public:
  Pace(Watchdog& watchdog, std::chrono::seconds time) : watchdog_(watchdog), time_(time) {
    watchdog_.allow(time_);
  }
  void moved(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ < kBytes) return;
    bytes_ = 0;
    watchdog_.allow(time_);
  }

 private:
  /// In each period of `time`: over 30 s, what a modem of 1990 does.
  static constexpr std::size_t kBytes = 8 * 1024;

  Watchdog& watchdog_;
  const std::chrono::seconds time_;
  std::size_t bytes_ = 0;
};

}  // namespace tundish::serve
