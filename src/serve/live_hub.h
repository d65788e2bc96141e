#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/ports/change_feed.h"
#include "model/ports/credential.h"
#include "model/ports/sample_reader.h"
#include "model/ports/tag_catalogue.h"
#include "serve/http.h"

namespace tundish::serve {

/// Live subscriptions over WebSocket.
/// 1. A client names patterns; it gets a snapshot of the latest samples with its position.
/// 2. One hub thread follows the change feed, reads what changed once, whoever wants it, and sends
///    each client its part, at most every kPeriod.
/// 3. Positions only grow: a sample may come twice around the snapshot, none is missed.
/// 4. Every kVerifyPeriod the credential of each client is verified again; one that was withdrawn
///    ends the socket.
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

  void run();
  void deliver();
  void verify_clients();
  std::string changes_of(Snapshot& snapshot, const Change& change);

  ChangeFeed& feed_;
  SampleReader& reader_;
  TagCatalogue& tags_;
  std::function<void()> every_second_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
  mutable std::mutex mutex_;  ///< clients_ and what they subscribed, and position_
  std::unordered_set<std::shared_ptr<Client>> clients_;
  Position position_;
};

}  // namespace tundish::serve
