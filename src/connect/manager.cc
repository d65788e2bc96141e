#include "connect/manager.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/log.h"
#include "connect/backoff.h"
#include "connect/config_check.h"
#include "connect/opcua/certificate.h"
#include "connect/opcua/node_id.h"
#include "connect/opcua/own_identity.h"
#include "connect/opcua/session.h"
#include "connect/start_thread.h"

namespace tundish::connect {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "localhost";
}

std::unexpected<Error> no_such_connection(std::uint64_t id) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no connection {}", id));
}

}  // namespace

ConnectionManager::ConnectionManager(ConnectionStore& store, Door& door, TagCatalogue& catalogue,
                                     EnterpriseStore& enterprises, io::Disk& disk, io::Clock& clock,
                                     io::Random& random, Options options)
    : store_(store),
      door_(door),
      catalogue_(catalogue),
      enterprises_(enterprises),
      disk_(disk),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      asks_(options_.asks_max, options_.asks_per_enterprise_max) {}

ConnectionManager::~ConnectionManager() { stop(); }

Status ConnectionManager::start() {
  TUNDISH_TRY(auto loaded, opcua::load_or_make_identity(disk_, options_.own_folder, host_name()));
  const auto own = std::make_shared<const opcua::OwnIdentity>(std::move(loaded));
  TUNDISH_TRY(starter_, start_thread(options_, [this] { run_starter(); }));
  {
    // What is loaded must not take the place of what somebody saves meanwhile.
    const MutexLock lock(mutex_);
    starting_ = true;
    while (turns_ > 0) turn_ended_.wait(mutex_);
  }
  std::map<std::uint64_t, Entry> loaded_entries;
  for (ConnectionConfig& config : store_.load_all()) {
    Entry& entry = loaded_entries[config.id];
    entry.session = make_session(config, own, true);
    entry.config = std::make_shared<const ConnectionConfig>(std::move(config));
  }
  std::vector<std::shared_ptr<Session>> sessions;
  for (const auto& [id, entry] : loaded_entries)
    if (entry.session) sessions.push_back(entry.session);
  {
    const MutexLock lock(mutex_);
    entries_ = std::move(loaded_entries);
    identity_ = own;
    running_ = true;
    starting_ = false;
  }
  turn_ended_.notify_all();
  for (const auto& session : sessions) start_session(session);
  return {};
}

void ConnectionManager::stop() {
  std::vector<std::shared_ptr<Session>> sessions;
  {
    const MutexLock lock(mutex_);
    running_ = false;
    stopping_ = true;
    for (auto& [id, entry] : entries_)
      if (entry.session) sessions.push_back(entry.session);
  }
  unstarted_changed_.notify_all();
  if (starter_.joinable()) starter_.join();
  for (const auto& session : sessions) session->request_stop();
  for (const auto& session : sessions) session->stop();
  // A session that a change has taken out is stopped by the change.
  const MutexLock lock(mutex_);
  while (turns_ > 0) turn_ended_.wait(mutex_);
}

void ConnectionManager::start_session(const std::shared_ptr<Session>& session) {
  const Status started = session->start();
  if (started) return;
  log_error("connect", "opcua/{}: {}; it is tried again", session->status().id,
            started.error().to_string());
  {
    const MutexLock lock(mutex_);
    unstarted_.push_back(session);
  }
  unstarted_changed_.notify_all();
}

void ConnectionManager::run_starter() {
  Backoff backoff(options_.reconnect_min, options_.reconnect_max);
  while (true) {
    std::vector<std::shared_ptr<Session>> sessions;
    {
      const MutexLock lock(mutex_);
      while (!stopping_ && unstarted_.empty()) unstarted_changed_.wait(mutex_);
      const auto until =
          std::chrono::steady_clock::now() + std::chrono::nanoseconds(backoff.next(random_));
      while (!stopping_ && unstarted_changed_.wait_until(mutex_, until)) {
      }
      if (stopping_) return;
      sessions.swap(unstarted_);
    }
    // One that was stopped meanwhile answers that there is nothing to do.
    std::erase_if(sessions, [](const auto& session) { return session->start().has_value(); });
    const MutexLock lock(mutex_);
    if (sessions.empty()) backoff.reset();
    unstarted_.insert(unstarted_.end(), sessions.begin(), sessions.end());
  }
}

Result<ConnectionManager::Turn> ConnectionManager::take_turn(EnterpriseId enterprise,
                                                             std::uint64_t id) {
  const MutexLock lock(mutex_);
  while (true) {
    if (!starting_) {
      if (id == 0) break;
      const auto found = entries_.find(id);
      if (found == entries_.end() || found->second.config->enterprise != enterprise)
        return no_such_connection(id);
      if (!found->second.changing) {
        found->second.changing = true;
        break;
      }
    }
    turn_ended_.wait(mutex_);
  }
  ++turns_;
  return Turn(*this, id);
}

void ConnectionManager::end_turn(Turn& turn) {
  const MutexLock lock(mutex_);
  --turns_;
  for (const ConfigPtr& claimed : turn.claims_) std::erase(claims_, claimed);
  if (const auto found = entries_.find(turn.id_); found != entries_.end())
    found->second.changing = false;
  // Under the lock: once it is free, stop() may return and the manager be gone.
  turn_ended_.notify_all();
}

void ConnectionManager::claim(Turn& turn, ConfigPtr config) {
  claims_.push_back(config);
  turn.claims_.push_back(std::move(config));
}

std::vector<ConfigPtr> ConnectionManager::others(EnterpriseId enterprise, std::uint64_t id) const {
  std::vector<ConfigPtr> configs;
  for (const auto& [other, entry] : entries_)
    if (entry.config->enterprise == enterprise && other != id) configs.push_back(entry.config);
  for (const ConfigPtr& claimed : claims_)
    if (claimed->enterprise == enterprise && (claimed->id != id || id == 0))
      configs.push_back(claimed);
  return configs;
}

std::shared_ptr<const opcua::OwnIdentity> ConnectionManager::identity() const {
  const MutexLock lock(mutex_);
  return identity_;
}

std::shared_ptr<Session> ConnectionManager::make_session(
    const ConnectionConfig& config, std::shared_ptr<const opcua::OwnIdentity> identity,
    bool fed_before) {
  if (!config.enabled || !identity) return nullptr;
  const auto enterprise = enterprises_.find(config.enterprise);
  if (!enterprise) {
    log_error("connect", "connection {} belongs to an enterprise that does not exist", config.id);
    return nullptr;
  }
  Origin origin;
  origin.enterprise = config.enterprise;
  origin.enterprise_code = enterprise->code;
  origin.source = fmt::format("opcua/{}", config.id);
  origin.may_create_tags = true;
  return std::make_shared<opcua::OpcUaSession>(
      config, std::move(origin),
      opcua::OpcUaSession::Wiring{door_, catalogue_, clock_, random_, fed_, std::move(identity),
                                  options_, fed_before});
}

Result<ConnectionManager::Entry> ConnectionManager::find(EnterpriseId enterprise,
                                                         std::uint64_t id) const {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.config->enterprise != enterprise)
    return no_such_connection(id);
  return found->second;
}

std::vector<ConnectionConfig> ConnectionManager::list(EnterpriseId enterprise) const {
  const MutexLock lock(mutex_);
  std::vector<ConnectionConfig> configs;
  for (const auto& [id, entry] : entries_)
    if (entry.config->enterprise == enterprise) configs.push_back(*entry.config);
  return configs;
}

Result<ConnectionConfig> ConnectionManager::get(EnterpriseId enterprise, std::uint64_t id) const {
  TUNDISH_TRY(const Entry entry, find(enterprise, id));
  return *entry.config;
}

Result<ConnectionConfig> ConnectionManager::save(ConnectionConfig config) {
  TUNDISH_TRY(Turn turn, take_turn(config.enterprise, config.id));
  const auto enterprise = enterprises_.find(config.enterprise);
  if (!enterprise) return fail(ErrorCode::kNotFound, "there is no such enterprise");
  config.trusted_fingerprint = opcua::normal_fingerprint(config.trusted_fingerprint);
  TUNDISH_RETURN_IF_ERROR(check_config(config, enterprise->code));
  TUNDISH_RETURN_IF_ERROR(admit(config, turn));
  return replace(std::move(config), turn);
}

Status ConnectionManager::admit(const ConnectionConfig& config, Turn& turn) {
  std::vector<ConfigPtr> rest;
  std::size_t items_before = 0;
  {
    // Seen and claimed in one step: of two that want the same tag, the later one sees the earlier.
    const MutexLock lock(mutex_);
    rest = others(config.enterprise, config.id);
    claim(turn, std::make_shared<const ConnectionConfig>(config));
    if (config.id != 0) items_before = entries_[config.id].config->items.size();
  }
  // Over a quota that has become smaller, what is there may still change, but not grow.
  if (config.id == 0 || config.items.size() > items_before)
    TUNDISH_RETURN_IF_ERROR(check_room(config, rest, options_));
  return check_feeds(config, rest);
}

Result<ConnectionConfig> ConnectionManager::replace(ConnectionConfig config, Turn& turn) {
  TUNDISH_TRY(ConnectionConfig saved, store_.save(std::move(config)));
  std::shared_ptr<Session> before;
  std::shared_ptr<Session> after = make_session(saved, identity(), false);
  {
    const MutexLock lock(mutex_);
    if (!running_) after = nullptr;
    Entry& entry = entries_[saved.id];
    if (entry.session && after && is_renamed_only(*entry.config, saved)) {
      // The session goes on: its tags would be marked as lost for nothing.
      entry.config = std::make_shared<const ConnectionConfig>(saved);
      return saved;
    }
    // The old session still writes its marks, so what it fed stays claimed.
    if (entry.session) claim(turn, entry.config);
    before = std::exchange(entry.session, after);
    entry.config = std::make_shared<const ConnectionConfig>(saved);
    entry.changing = true;
  }
  turn.set_id(saved.id);
  // The old one ends first: two sessions of one source would both mark the loss of the other.
  if (before) before->stop();
  if (after) start_session(after);
  return saved;
}

Status ConnectionManager::remove(EnterpriseId enterprise, std::uint64_t id) {
  TUNDISH_TRY(Turn turn, take_turn(enterprise, id));
  TUNDISH_RETURN_IF_ERROR(store_.remove(enterprise, id));
  std::shared_ptr<Session> session;
  {
    const MutexLock lock(mutex_);
    Entry& entry = entries_[id];
    session = std::move(entry.session);
    if (session) claim(turn, entry.config);
    entries_.erase(id);
  }
  turn_ended_.notify_all();  // who waits for this connection learns that it is gone
  if (session) session->stop();
  return {};
}

Result<ConnectionStatus> ConnectionManager::status(EnterpriseId enterprise,
                                                   std::uint64_t id) const {
  TUNDISH_TRY(const Entry entry, find(enterprise, id));
  if (entry.session) return entry.session->status();
  ConnectionStatus status;
  status.id = id;
  status.state = ConnectionState::kDisabled;
  status.items_total = entry.config->items.size();
  return status;
}

Result<std::vector<ItemStatus>> ConnectionManager::items(EnterpriseId enterprise,
                                                         std::uint64_t id) const {
  TUNDISH_TRY(const Entry entry, find(enterprise, id));
  if (entry.session) return entry.session->items();
  std::vector<ItemStatus> statuses;
  for (const ConnectionItem& item : entry.config->items)
    statuses.push_back({item.path, false, kBadNoCommunication, 0});
  return statuses;
}

Status ConnectionManager::trust(EnterpriseId enterprise, std::uint64_t id,
                                const std::string& fingerprint) {
  TUNDISH_TRY(Turn turn, take_turn(enterprise, id));
  TUNDISH_TRY(const Entry entry, find(enterprise, id));
  const std::string confirmed = opcua::normal_fingerprint(fingerprint);
  const std::string shown =
      entry.session ? entry.session->status().presented_fingerprint : std::string();
  if (shown.empty())
    return fail(ErrorCode::kConflict, "the server has not shown a certificate yet");
  if (confirmed != shown)
    return fail(ErrorCode::kConflict,
                "this is not the fingerprint of the certificate that the server shows",
                "fingerprint");
  ConnectionConfig config = *entry.config;
  config.trusted_fingerprint = confirmed;
  TUNDISH_RETURN_IF_ERROR(replace(std::move(config), turn));
  log_info("connect", "opcua/{}: certificate {} is trusted now", id, confirmed);
  return {};
}

bool ConnectionManager::is_stopping() const {
  const MutexLock lock(mutex_);
  return stopping_;
}

Result<std::vector<EndpointInfo>> ConnectionManager::endpoints(EnterpriseId enterprise,
                                                               const std::string& url) {
  TUNDISH_RETURN_IF_ERROR(check_endpoint(url));
  TUNDISH_TRY(const auto ask, asks_.begin(enterprise));
  const opcua::Patience patience{options_.request_timeout, [this] { return is_stopping(); }};
  TUNDISH_TRY(const auto offered,
              opcua::Client::get_endpoints(url, options_.connect_timeout, patience));
  return opcua::describe(std::span(offered->endpoints, offered->endpointsSize));
}

Result<std::vector<BrowseNode>> ConnectionManager::browse(EnterpriseId enterprise, std::uint64_t id,
                                                          const std::string& namespace_uri,
                                                          const std::string& identifier) {
  TUNDISH_TRY(const Entry entry, find(enterprise, id));
  // Before a server is called for it.
  if (!identifier.empty()) TUNDISH_RETURN_IF_ERROR(opcua::parse_identifier(identifier, 0));
  if (!entry.session)
    return fail(ErrorCode::kUnavailable, "the connection is disabled: enable it to browse");
  TUNDISH_TRY(const auto ask, asks_.begin(enterprise));
  return entry.session->browse(namespace_uri, identifier);
}

std::optional<Connections::Feeder> ConnectionManager::feeder(EnterpriseId enterprise,
                                                             std::string_view path) const {
  std::vector<ConfigPtr> all;
  {
    const MutexLock lock(mutex_);
    all = others(enterprise, 0);
  }
  const ConfigPtr found = find_feeder(all, path);
  if (!found) return std::nullopt;
  return Feeder{found->id, found->name};
}

Connections::Totals ConnectionManager::totals(EnterpriseId enterprise) const {
  std::vector<Entry> entries;
  {
    const MutexLock lock(mutex_);
    for (const auto& [id, entry] : entries_)
      if (entry.config->enterprise == enterprise) entries.push_back(entry);
  }
  Totals totals;
  totals.connections = entries.size();
  for (const Entry& entry : entries)
    if (entry.session && entry.session->status().state == ConnectionState::kRunning)
      ++totals.running;
  return totals;
}

}  // namespace tundish::connect
