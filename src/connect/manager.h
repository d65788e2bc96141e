#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "connect/asks.h"
#include "connect/feeds.h"
#include "connect/options.h"
#include "connect/session.h"
#include "io/clock.h"
#include "io/disk.h"
#include "io/random.h"
#include "model/ports/connections.h"
#include "model/ports/door.h"
#include "model/ports/enterprise_store.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::connect {

namespace opcua {
struct OwnIdentity;
}

/// Runs one session per enabled connection and delivers what they read to the door.
///
/// Lifecycle: construct, `start` once the historian takes samples, `stop` before anything that the
/// references name goes away. Any thread may call the rest at any time; the lock is held only to
/// look up and swap entries, never while settings are written or a session connects, browses or
/// stops. Who changes a connection takes its turn: whoever else would change the same one waits for
/// that, and nobody waits for the turn of another connection.
class ConnectionManager final : public Connections {
 public:
  ConnectionManager(ConnectionStore& store, Door& door, TagCatalogue& catalogue,
                    EnterpriseStore& enterprises, io::Disk& disk, io::Clock& clock,
                    io::Random& random, Options options = {});
  ~ConnectionManager() override;
  ConnectionManager(const ConnectionManager&) = delete;
  ConnectionManager& operator=(const ConnectionManager&) = delete;

  /// Loads or makes the own application certificate and starts every enabled connection.
  /// Errors: kIo, kDiskFull, kCorruption when certificate and key in `own_folder` do not fit;
  /// kOverloaded when the system has no thread left.
  Status start();
  /// Stops all sessions, delivering what they have received. May be called more than once.
  void stop();

  std::vector<ConnectionConfig> list(EnterpriseId enterprise) const override;
  Result<ConnectionConfig> get(EnterpriseId enterprise, std::uint64_t id) const override;
  Result<ConnectionConfig> save(ConnectionConfig config) override;
  Status remove(EnterpriseId enterprise, std::uint64_t id) override;
  Result<ConnectionStatus> status(EnterpriseId enterprise, std::uint64_t id) const override;
  Result<std::vector<ItemStatus>> items(EnterpriseId enterprise, std::uint64_t id) const override;
  Status trust(EnterpriseId enterprise, std::uint64_t id, const std::string& fingerprint) override;
  Result<std::vector<EndpointInfo>> endpoints(EnterpriseId enterprise,
                                              const std::string& url) override;
  Result<std::vector<BrowseNode>> browse(EnterpriseId enterprise, std::uint64_t id,
                                         const std::string& namespace_uri,
                                         const std::string& identifier) override;
  std::optional<Feeder> feeder(EnterpriseId enterprise, std::string_view path) const override;
  Totals totals(EnterpriseId enterprise) const override;

 private:
  struct Entry {
    ConfigPtr config;
    std::shared_ptr<Session> session;  ///< none while disabled
    bool changing = false;             ///< somebody has the turn
  };

  /// The turn to change one connection, or to add one (id 0). It ends with its scope.
  class Turn {
   public:
    Turn(ConnectionManager& manager, std::uint64_t id) : manager_(&manager), id_(id) {}
    ~Turn() {
      if (manager_ != nullptr) manager_->end_turn(*this);
    }
    Turn(Turn&& other) noexcept
        : manager_(std::exchange(other.manager_, nullptr)),
          id_(other.id_),
          claims_(std::move(other.claims_)) {}
    Turn& operator=(Turn&&) = delete;

    /// What was added has its id now.
    void set_id(std::uint64_t id) { id_ = id; }

   private:
    friend class ConnectionManager;
    ConnectionManager* manager_;
    std::uint64_t id_;
    std::vector<ConfigPtr> claims_;  ///< in the manager's claims_ until the end
  };

  /// Waits for the turn. Errors: kNotFound, also when it is removed meanwhile.
  Result<Turn> take_turn(EnterpriseId enterprise, std::uint64_t id);
  void end_turn(Turn& turn);
  /// A session for these settings, not started; none when they are disabled.
  /// `fed_before`: it may have fed its tags before this program was started.
  std::shared_ptr<Session> make_session(const ConnectionConfig& config,
                                        std::shared_ptr<const opcua::OwnIdentity> identity,
                                        bool fed_before);
  std::shared_ptr<const opcua::OwnIdentity> identity() const;
  Result<Entry> find(EnterpriseId enterprise, std::uint64_t id) const;
  /// Until the turn ends, no other connection may feed what these settings feed.
  void claim(Turn& turn, ConfigPtr config) TUNDISH_REQUIRES(mutex_);
  /// Settings by which tags of the enterprise are fed or soon will be, but for one connection's.
  std::vector<ConfigPtr> others(EnterpriseId enterprise, std::uint64_t id) const
      TUNDISH_REQUIRES(mutex_);
  /// Whether there is room for these settings and their tags are free; claims those for the turn.
  /// Errors: kQuotaExceeded, kInUse.
  Status admit(const ConnectionConfig& config, Turn& turn);
  /// Saves, swaps the session under the lock, then stops the old one and starts the new one.
  Result<ConnectionConfig> replace(ConnectionConfig config, Turn& turn);
  /// Starts the session; one for which there is no thread is tried again by the starter.
  void start_session(const std::shared_ptr<Session>& session);
  void run_starter();
  bool is_stopping() const;

  ConnectionStore& store_;
  Door& door_;
  TagCatalogue& catalogue_;
  EnterpriseStore& enterprises_;
  io::Disk& disk_;
  io::Clock& clock_;
  io::Random& random_;
  const Options options_;
  FedTags fed_;
  Asks asks_;

  mutable Mutex mutex_;
  Condition turn_ended_;
  std::map<std::uint64_t, Entry> entries_ TUNDISH_GUARDED_BY(mutex_);
  std::shared_ptr<const opcua::OwnIdentity> identity_ TUNDISH_GUARDED_BY(mutex_);
  std::vector<ConfigPtr> claims_ TUNDISH_GUARDED_BY(mutex_);  ///< of all turns
  std::size_t turns_ TUNDISH_GUARDED_BY(mutex_) = 0;          ///< taken now
  bool starting_ TUNDISH_GUARDED_BY(mutex_) = false;          ///< nobody gets a turn
  bool running_ TUNDISH_GUARDED_BY(mutex_) = false;
  bool stopping_ TUNDISH_GUARDED_BY(mutex_) = false;
  Condition unstarted_changed_;
  std::vector<std::shared_ptr<Session>> unstarted_ TUNDISH_GUARDED_BY(mutex_);
  /// Tries sessions again for which there was no thread. One thread, made while there are some.
  std::thread starter_;
};

}  // namespace tundish::connect
