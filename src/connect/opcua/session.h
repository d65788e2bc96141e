#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "connect/backoff.h"
#include "connect/delivery.h"
#include "connect/feeds.h"
#include "connect/item_table.h"
#include "connect/opcua/client.h"
#include "connect/opcua/facts.h"
#include "connect/opcua/services.h"
#include "connect/opcua/subscription.h"
#include "connect/options.h"
#include "connect/session.h"
#include "io/clock.h"
#include "io/random.h"

namespace tundish::connect::opcua {

/// One OPC UA connection at work.
///
/// 1. Ask for the endpoints; take the one with exactly the configured policy and mode.
/// 2. Compare the server's certificate with the trusted fingerprint and its dates with the clock.
///    Anything else than the trusted one: wait for a person (kUntrusted), send nothing.
/// 3. Open channel and session; read namespaces, limits, the server's time, data types and units.
/// 4. Make the tags, one subscription, the monitored items.
/// 5. Run: pass values on, prove items, watch for silence, answer browse requests.
/// 6. After a loss: mark every item once, throw the client away, pause, go to 1.
///
/// Threads: one runs all of open62541 for this connection; one delivers (Delivery). Any thread may
/// call the public functions; `mutex_` is never held across a call out.
class OpcUaSession final : public Session {
 public:
  struct Wiring {
    Door& door;
    TagCatalogue& catalogue;
    io::Clock& clock;
    io::Random& random;
    FedTags& fed;
    std::shared_ptr<const OwnIdentity> identity;
    Options options;
    /// Its tags may hold values that it brought before this program was started: should the server
    /// be off now, they are marked.
    bool fed_before = false;
  };

  /// `origin`: whose samples these are, and their source.
  OpcUaSession(ConnectionConfig config, Origin origin, Wiring wiring);
  ~OpcUaSession() override;

  Status start() override;
  void request_stop() override;
  void stop() override;
  ConnectionStatus status() const override;
  std::vector<ItemStatus> items() const override;
  Result<std::vector<BrowseNode>> browse(const std::string& namespace_uri,
                                         const std::string& identifier) override;

 private:
  using Children = Result<std::vector<BrowseNode>>;
  struct Command {
    std::function<void(Services&)> run;
    std::function<void(Error)> refuse;
  };

  // On the session's thread.
  void run();
  /// False when it was stopped before there was a thread for the delivery.
  bool start_delivery();
  /// Steps 1 to 5; returns why the connection ended.
  Error run_once();
  /// Step 6.
  void end_connection(const Error& error);
  Result<Endpoint> find_endpoint();
  Status check_trust(const Endpoint& endpoint);
  Status prepare(Services& services);
  Status resolve_nodes(Services& services);
  /// Facts of the nodes of these items; units only of those that were not read before.
  Status read_facts(Services& services, std::span<const std::uint32_t> items);
  void make_tags();
  NewTag tag_of(std::uint32_t item, ValueType type) const;
  Status monitor(Services& services, std::span<const std::uint32_t> items);
  Error run_connected(Services& services);
  void run_commands(Services& services);
  void keep_alive(DurationNs now);
  void check_silence(Services& services, DurationNs now);
  void read_items(const std::vector<std::uint32_t>& items, std::size_t per_request);
  void take_value(std::uint32_t item, const UA_DataValue& value, bool from_check);
  void flush(bool even_if_young);
  void mark_lost();
  /// Delivers marks of a loss, but for tags that another connection feeds.
  void push_marks(const Rows& marks);
  /// Tells the others whether this connection feeds the item's tag.
  void tell_feeding(std::uint32_t item, bool feeds);
  void set_state(ConnectionState state, std::string message);
  void pause(DurationNs length);
  TimeNs server_now() const { return wiring_.clock.now() + clock_offset_; }
  void note_server_time(TimeNs time);
  bool is_stopping() const { return stopping_; }
  Patience patience() const;

  /// For browsing when the session is down: a client of its own, on the caller's thread.
  Children browse_alone(const std::string& namespace_uri, const std::string& identifier);

  const ConnectionConfig config_;
  const Origin origin_;
  const Wiring wiring_;
  Delivery delivery_;
  /// Held while the thread is started or awaited, so that whoever comes second finds it done.
  Mutex thread_mutex_;
  std::thread thread_ TUNDISH_GUARDED_BY(thread_mutex_);
  std::atomic<bool> stopping_{false};

  // Session thread only.
  std::unique_ptr<Client> client_;
  std::unique_ptr<Subscription> subscription_;
  std::vector<std::optional<Ua<UA_NodeId>>> nodes_;  ///< by item, of this session's indexes
  std::vector<std::optional<NodeFacts>> facts_;      ///< by item, of the last connect that had them
  std::vector<std::uint32_t> to_monitor_;            ///< found to need a monitored item
  Rows pending_;
  DurationNs pending_since_ = 0;
  DurationNs clock_offset_ = 0;  ///< server's clock minus ours, 0 where marks cannot follow it
  DurationNs heard_ = 0;         ///< monotonic: last sign of life of the server
  DurationNs asked_ = 0;         ///< last keep-alive request
  DurationNs connected_ = 0;
  DurationNs running_since_ = 0;  ///< 0: this attempt has not come so far
  DurationNs silence_checked_ = 0;
  std::vector<bool> told_feeding_;  ///< by item
  bool proof_read_ = false;         ///< the items that were silent after the connect have been read
  bool untrusted_ = false;
  bool listening_ = false;  ///< between prepare and the end of the connection
  std::uint64_t connects_ = 0;
  std::string dead_;  ///< why the subscription is no longer alive

  mutable Mutex mutex_;
  Condition changed_;
  ItemTable table_ TUNDISH_GUARDED_BY(mutex_);
  ConnectionStatus status_ TUNDISH_GUARDED_BY(mutex_);
  std::deque<Command> commands_ TUNDISH_GUARDED_BY(mutex_);
  bool accepts_commands_ TUNDISH_GUARDED_BY(mutex_) = false;
};

}  // namespace tundish::connect::opcua
