#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "model/model_view.h"
#include "model/ports/change_feed.h"
#include "model/ports/credential.h"
#include "model/ports/tag_catalogue.h"
#include "serve/http.h"
#include "serve/live_changes.h"
#include "serve/live_subscription.h"

namespace tundish::serve {

/// Live subscriptions over WebSocket.
/// 1. A client names patterns. A worker finds the tags, which may take a while; the hub thread sends
///    a snapshot of the latest samples with its position.
/// 2. One hub thread follows the change feed. Each client has its own place in it; what changed is
///    read once for all that stand at the same place, every kPeriod and before a new snapshot.
/// 3. A client that has not taken what was sent before is left out until it has, and then gets what
///    changed meanwhile, coalesced; one that takes nothing for kStall is closed.
/// 4. Positions only grow: a sample that comes while the snapshot is taken may come again as a change,
///    none is missed, because the thread that takes snapshots is the one that sends changes.
/// 5. Every kVerifyPeriod the credential of each client is verified again; one that was withdrawn
///    ends the socket. That counts as use: a screen that is watched does not sign itself out.
/// 6. Samples come as the model says they are to be read. When it is edited, tags that read otherwise since
///    then come again: told of, their newest sample, and named as skipped, because history is another too.
/// Nothing is read from the historian under the lock, so sockets open and close at any time. What one
/// client or enterprise may cost the hub thread in a turn is limited: it serves all of them.
class LiveHub {
 public:
  LiveHub(ChangeFeed& feed, ModelView& view, TagCatalogue& tags);
  ~LiveHub();

  /// Starts the hub thread. `every_second` runs on it about once a second.
  void start(std::function<void()> every_second);
  void stop();

  /// A handler for one new socket. `still_valid` says whether the credential still holds.
  /// Errors: kQuotaExceeded.
  Result<std::shared_ptr<WebSocketHandler>> connect(EnterpriseId enterprise,
                                                    std::function<bool()> still_valid);
  std::size_t clients() const;

 private:
  class Client;
  /// What a client asked for and the hub thread has not done yet.
  struct Wish;
  /// What the clients of one enterprise hold together.
  struct Held {
    std::atomic<std::size_t> clients{0};
    std::atomic<std::size_t> subscriptions{0};
    std::atomic<std::size_t> tags{0};  ///< followed, and of wishes
  };
  using Clock = std::chrono::steady_clock;
  /// What an enterprise has had of this turn of the hub thread.
  struct Turn {
    Clock::duration spent{};
    std::size_t queued_bytes = 0;  ///< waiting for its clients
    bool is_over() const;
  };
  using Clients = std::vector<std::shared_ptr<Client>>;

  bool enqueue(Wish wish);
  void run();
  /// False: there was no time for it, again in the next turn.
  bool carry_out(Wish& wish);
  Result<bool> subscribe(Wish& wish);
  void unsubscribe(Client& client, std::int64_t id);
  bool has_room(Client& client);
  void begin_turn(const Clients& clients);
  const std::shared_ptr<const TagMeanings>& meanings_of(EnterpriseId enterprise);
  void heed_model(const Clients& clients);
  void send_again(Client& client);
  void deliver(Clients clients);
  void deliver_to(Client& client, LiveChanges& changes);
  bool ask_for_new_tags(Client& client, LiveChanges& changes);
  void send_changes(Client& client, LiveChanges& changes);
  void verify(const Clients& clients);

  ChangeFeed& feed_;
  ModelView& view_;
  TagCatalogue& tags_;
  std::function<void()> every_second_;
  std::thread thread_;
  std::unordered_map<EnterpriseId, Turn> turns_;  ///< hub thread
  /// What clients were told by, of each enterprise that has any. Hub thread.
  std::unordered_map<EnterpriseId, std::shared_ptr<const TagMeanings>> meanings_;
  std::uint64_t model_changes_ = 0;  ///< heeded; hub thread
  std::atomic<bool> stopping_{false};
  mutable Mutex mutex_;
  Condition wished_;
  std::unordered_set<std::shared_ptr<Client>> clients_ TUNDISH_GUARDED_BY(mutex_);
  std::deque<Wish> wishes_ TUNDISH_GUARDED_BY(mutex_);
  std::map<EnterpriseId, std::shared_ptr<Held>> held_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::serve
