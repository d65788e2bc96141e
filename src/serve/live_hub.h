#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "model/ports/change_feed.h"
#include "model/ports/credential.h"
#include "model/ports/sample_reader.h"
#include "model/ports/tag_catalogue.h"
#include "serve/http.h"

namespace tundish::serve {

/// Live subscriptions over WebSocket.
/// 1. A client names patterns; it gets a snapshot of the latest samples with its position.
/// 2. One hub thread follows the change feed, reads what changed once, whoever wants it, and sends
///    each client its part, every kPeriod and before a new snapshot.
/// 3. Positions only grow: a sample that comes while the snapshot is taken may come again as a change,
///    none is missed, because the thread that takes snapshots is the one that sends changes.
/// 4. Every kVerifyPeriod the credential of each client is verified again; one that was withdrawn
///    ends the socket. That counts as use: a screen that is watched does not sign itself out.
/// Nothing is read from the historian under the lock, so sockets open and close at any time.
class LiveHub {
 public:
  LiveHub(ChangeFeed& feed, SampleReader& reader, TagCatalogue& tags);
  ~LiveHub();

  /// Starts the hub thread. `every_second` runs on it about once a second.
  void start(std::function<void()> every_second);
  void stop();

  /// A handler for one new socket. `still_valid` says whether the credential still holds.
  std::shared_ptr<WebSocketHandler> connect(EnterpriseId enterprise,
                                            std::function<bool()> still_valid);
  std::size_t clients() const;

 private:
  class Client;
  struct Subscription;
  /// What a client asked for and the hub thread has not done yet.
  struct Wish;

  bool enqueue(Wish wish);
  void run();
  void carry_out(const Wish& wish);
  Status subscribe(const Wish& wish);
  void deliver(const std::vector<std::shared_ptr<Client>>& clients);
  std::string changes_of(Snapshot& snapshot, const Change& change);

  ChangeFeed& feed_;
  SampleReader& reader_;
  TagCatalogue& tags_;
  std::function<void()> every_second_;
  std::thread thread_;
  Position position_;  ///< hub thread
  std::atomic<bool> stopping_{false};
  mutable Mutex mutex_;
  Condition wished_;
  std::unordered_set<std::shared_ptr<Client>> clients_ TUNDISH_GUARDED_BY(mutex_);
  std::deque<Wish> wishes_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::serve
