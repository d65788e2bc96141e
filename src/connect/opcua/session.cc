#include "connect/opcua/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/log.h"
#include "connect/opcua/browse.h"
#include "connect/opcua/status.h"
#include "connect/opcua/values.h"
#include "connect/start_thread.h"

namespace tundish::connect::opcua {
namespace {

constexpr std::chrono::seconds kBrowseWait{10};
constexpr std::size_t kCommandsMax = 64;
/// A connection that lasted this long was good: the next pause is the shortest again.
constexpr DurationNs kSteadyAfter = 5 * kSecond;

std::vector<std::string> paths_of(const ConnectionConfig& config) {
  std::vector<std::string> paths;
  paths.reserve(config.items.size());
  for (const ConnectionItem& item : config.items) paths.push_back(item.path);
  return paths;
}

}  // namespace

OpcUaSession::OpcUaSession(ConnectionConfig config, Origin origin, Wiring wiring)
    : config_(std::move(config)),
      origin_(std::move(origin)),
      wiring_(std::move(wiring)),
      delivery_(wiring_.door, wiring_.catalogue, origin_, paths_of(config_), wiring_.options),
      nodes_(config_.items.size()),
      facts_(config_.items.size()),
      told_feeding_(config_.items.size()),
      table_(config_.items.size()) {
  status_.id = config_.id;
  status_.items_total = config_.items.size();
  status_.since = wiring_.clock.now();
}

OpcUaSession::~OpcUaSession() { stop(); }

Status OpcUaSession::start() {
  const MutexLock lock(thread_mutex_);
  if (stopping_ || thread_.joinable()) return {};
  auto thread = start_thread(wiring_.options, [this] { run(); });
  if (!thread) {
    set_state(ConnectionState::kFailed, thread.error().message);
    return fail(thread.error());
  }
  thread_ = std::move(*thread);
  return {};
}

void OpcUaSession::request_stop() {
  stopping_ = true;
  // The lock makes sure that nobody is between looking at `stopping_` and beginning to wait.
  {
    const MutexLock lock(mutex_);
  }
  changed_.notify_all();
}

void OpcUaSession::stop() {
  request_stop();
  const MutexLock lock(thread_mutex_);
  if (thread_.joinable()) thread_.join();
  delivery_.stop();
}

ConnectionStatus OpcUaSession::status() const {
  const Delivery::Counts counts = delivery_.counts();
  const MutexLock lock(mutex_);
  ConnectionStatus status = status_;
  status.items_resumed = table_.resumed();
  if (status.state == ConnectionState::kConnected && status.items_resumed == status.items_total)
    status.state = ConnectionState::kRunning;
  status.values = counts.delivered;
  status.dropped = counts.dropped;
  if (status.message.empty()) status.message = counts.trouble;
  return status;
}

std::vector<ItemStatus> OpcUaSession::items() const {
  const MutexLock lock(mutex_);
  std::vector<ItemStatus> statuses;
  statuses.reserve(config_.items.size());
  for (std::size_t item = 0; item < config_.items.size(); ++item)
    statuses.push_back(table_.status(item, config_.items[item].path));
  return statuses;
}

Result<std::vector<BrowseNode>> OpcUaSession::browse(const std::string& namespace_uri,
                                                     const std::string& identifier) {
  auto promise = std::make_shared<std::promise<Children>>();
  std::future<Children> answer = promise->get_future();
  bool is_up = false;
  {
    const MutexLock lock(mutex_);
    is_up = accepts_commands_;
    if (is_up && commands_.size() >= kCommandsMax)
      return fail(ErrorCode::kOverloaded, "too many browse requests wait for this server");
    const std::size_t nodes_max = wiring_.options.browse_nodes_max;
    if (is_up)
      commands_.push_back(
          {[promise, namespace_uri, identifier, nodes_max](Services& services) {
             promise->set_value(browse_children(services, namespace_uri, identifier, nodes_max));
           },
           [promise](Error error) { promise->set_value(std::unexpected(std::move(error))); }});
  }
  if (!is_up) return browse_alone(namespace_uri, identifier);
  if (answer.wait_for(kBrowseWait) != std::future_status::ready)
    return fail(ErrorCode::kTimeout, "the server did not answer within 10 s", config_.endpoint);
  return answer.get();
}

Result<std::vector<BrowseNode>> OpcUaSession::browse_alone(const std::string& namespace_uri,
                                                           const std::string& identifier) {
  TUNDISH_TRY(const auto offered,
              Client::get_endpoints(config_.endpoint, wiring_.options.connect_timeout, patience()));
  TUNDISH_TRY(const Endpoint endpoint,
              choose_endpoint(std::span(offered->endpoints, offered->endpointsSize), config_));
  if (endpoint.needs_trust) {
    if (endpoint.certificate->fingerprint != normal_fingerprint(config_.trusted_fingerprint))
      return fail(ErrorCode::kUnavailable,
                  "the server's certificate is not trusted yet: compare and confirm it first");
    TUNDISH_RETURN_IF_ERROR(check_validity(*endpoint.certificate, wiring_.clock.now()));
  }
  TUNDISH_TRY(const auto client, Client::open(endpoint, config_, *wiring_.identity,
                                              wiring_.options.connect_timeout, patience()));
  Services services(*client, wiring_.options.items_per_request);
  TUNDISH_RETURN_IF_ERROR(services.read_limits());
  return browse_children(services, namespace_uri, identifier, wiring_.options.browse_nodes_max);
}

Patience OpcUaSession::patience() const {
  return {wiring_.options.request_timeout, [this] { return is_stopping(); }};
}

bool OpcUaSession::start_delivery() {
  Backoff backoff(wiring_.options.reconnect_min, wiring_.options.reconnect_max);
  bool told = false;
  while (!is_stopping()) {
    const Status started = delivery_.start();
    if (started) return true;
    set_state(ConnectionState::kFailed, started.error().message);
    if (!std::exchange(told, true))
      log_error("connect", "{}: {}", origin_.source, started.error().to_string());
    pause(backoff.next(wiring_.random));
  }
  return false;
}

void OpcUaSession::run() {
  if (!start_delivery()) return;
  set_state(ConnectionState::kConnecting, {});
  Backoff backoff(wiring_.options.reconnect_min, wiring_.options.reconnect_max);
  std::string told;
  for (std::size_t item = 0; item < config_.items.size(); ++item) {
    // A tag that was fed before a crash can be marked as lost even if its server never answers.
    if (const TagPtr tag = wiring_.catalogue.find(origin_.enterprise, config_.items[item].path)) {
      const MutexLock lock(mutex_);
      table_.set_type(item, tag->type);
      if (wiring_.fed_before) table_.set_fed(item);
    }
  }
  while (!is_stopping()) {
    running_since_ = 0;
    untrusted_ = false;
    const Error error = run_once();
    end_connection(error);
    if (is_stopping()) break;
    if (running_since_ != 0 && wiring_.clock.monotonic() - running_since_ >= kSteadyAfter)
      backoff.reset();
    set_state(untrusted_ ? ConnectionState::kUntrusted : ConnectionState::kFailed, error.message);
    // A plant may be off for weeks and is called every few seconds: each reason is told once.
    const std::string text = error.to_string();
    std::string reason = text;
    std::erase_if(reason, [](char c) { return c >= '0' && c <= '9'; });  // times differ each time
    if (running_since_ != 0 || reason != told)
      log_warning("connect", "{}: {}", origin_.source, text);
    else
      log_debug("connect", "{}: {}", origin_.source, text);
    told = std::move(reason);
    pause(backoff.next(wiring_.random));
  }
}

void OpcUaSession::end_connection(const Error& error) {
  std::deque<Command> refused;
  {
    const MutexLock lock(mutex_);
    accepts_commands_ = false;
    refused.swap(commands_);
  }
  for (const Command& command : refused) command.refuse(error);
  listening_ = false;
  flush(true);
  mark_lost();
  // The client first: what it still receives while it closes goes through the subscription.
  client_.reset();
  subscription_.reset();
}

Error OpcUaSession::run_once() {
  auto endpoint = find_endpoint();
  if (!endpoint) return endpoint.error();
  auto client = Client::open(*endpoint, config_, *wiring_.identity, wiring_.options.connect_timeout,
                             patience());
  if (!client) return client.error();
  client_ = std::move(*client);
  Services services(*client_, wiring_.options.items_per_request);
  if (auto status = prepare(services); !status) return status.error();
  return run_connected(services);
}

Result<Endpoint> OpcUaSession::find_endpoint() {
  TUNDISH_TRY(const auto offered,
              Client::get_endpoints(config_.endpoint, wiring_.options.connect_timeout, patience()));
  TUNDISH_TRY(Endpoint endpoint,
              choose_endpoint(std::span(offered->endpoints, offered->endpointsSize), config_));
  TUNDISH_RETURN_IF_ERROR(check_trust(endpoint));
  return endpoint;
}

Status OpcUaSession::check_trust(const Endpoint& endpoint) {
  if (endpoint.certificate) {
    const MutexLock lock(mutex_);
    status_.presented_fingerprint = endpoint.certificate->fingerprint;
    status_.server_subject = endpoint.certificate->subject;
  }
  if (!endpoint.needs_trust) return {};
  const std::string trusted = normal_fingerprint(config_.trusted_fingerprint);
  if (endpoint.certificate->fingerprint != trusted) {
    std::string message =
        trusted.empty()
            ? "compare the fingerprint of the server's certificate with the one shown at the "
              "server, then confirm it"
            : "the server shows another certificate than the one confirmed: find out why before "
              "you confirm the new one";
    untrusted_ = true;
    return fail(ErrorCode::kPermissionDenied, std::move(message), config_.endpoint);
  }
  return check_validity(*endpoint.certificate, wiring_.clock.now());
}

Status OpcUaSession::prepare(Services& services) {
  TUNDISH_RETURN_IF_ERROR(services.read_limits());
  if (const auto time = services.read_time()) note_server_time(*time);
  connected_ = heard_ = asked_ = silence_checked_ = wiring_.clock.monotonic();
  proof_read_ = false;
  listening_ = true;
  dead_.clear();
  to_monitor_.clear();
  {
    const MutexLock lock(mutex_);
    table_.connected(connected_, server_now());
  }
  TUNDISH_RETURN_IF_ERROR(resolve_nodes(services));
  TUNDISH_TRY(subscription_, Subscription::create(
                                 *client_, config_.publishing_ms,
                                 [this](std::uint32_t item, const UA_DataValue& value) {
                                   take_value(item, value, false);
                                 },
                                 [this](std::string why) { dead_ = std::move(why); }));
  return monitor(services, std::exchange(to_monitor_, {}));
}

// Node ids by namespace URI, data types, units. Items that cannot be monitored get their status.
Status OpcUaSession::resolve_nodes(Services& services) {
  TUNDISH_TRY(const Namespaces namespaces, services.read_namespaces());
  std::vector<std::uint32_t> items;
  Rows marks;
  for (std::uint32_t item = 0; item < config_.items.size(); ++item) {
    nodes_[item].reset();
    const ConnectionItem& wanted = config_.items[item];
    const auto namespace_index = namespaces.index_of(wanted.namespace_uri);
    auto node = namespace_index ? parse_identifier(wanted.identifier, *namespace_index)
                                : Result<Ua<UA_NodeId>>(std::unexpected(namespace_index.error()));
    if (!node) {
      const MutexLock lock(mutex_);
      table_.failed(item, kBadNodeIdUnknown, connected_, server_now(), marks);
      continue;
    }
    nodes_[item] = std::move(*node);
    items.push_back(item);
  }
  TUNDISH_RETURN_IF_ERROR(read_facts(services, items));
  for (const std::uint32_t item : items) {
    NodeFacts& facts = *facts_[item];
    const MutexLock lock(mutex_);
    if (Quality{facts.status}.is_bad()) {
      table_.failed(item, quality_of(facts.status), connected_, server_now(), marks);
    } else if (!facts.supported) {
      table_.failed(item, ItemTable::kNotSupported, connected_, server_now(), marks);
    } else {
      to_monitor_.push_back(item);
    }
  }
  push_marks(marks);
  make_tags();
  return {};
}

Status OpcUaSession::read_facts(Services& services, std::span<const std::uint32_t> items) {
  FactReader reader(services);
  std::vector<std::uint32_t> known, unknown;
  for (const std::uint32_t item : items) {
    const bool is_known = facts_[item] && !Quality{facts_[item]->status}.is_bad();
    (is_known ? known : unknown).push_back(item);
  }
  for (const auto* chosen : {&known, &unknown}) {
    std::vector<const UA_NodeId*> nodes;
    for (const std::uint32_t item : *chosen) nodes.push_back(nodes_[item]->get());
    TUNDISH_TRY(auto found, reader.read(nodes, chosen == &unknown));
    for (std::size_t index = 0; index < chosen->size(); ++index) {
      std::optional<NodeFacts>& kept = facts_[(*chosen)[index]];
      if (chosen == &known) {  // they cost a path lookup each, and are as they were
        found[index].unit = kept->unit;
        found[index].step = kept->step;
      }
      kept = std::move(found[index]);
    }
  }
  return {};
}

NewTag OpcUaSession::tag_of(std::uint32_t item, ValueType type) const {
  const ConnectionItem& wanted = config_.items[item];
  const NodeFacts facts = facts_[item].value_or(NodeFacts{});
  NewTag tag;
  tag.path = wanted.path;
  tag.type = type;
  tag.step = wanted.step || facts.step;
  tag.unit = wanted.unit.empty() ? facts.unit : wanted.unit;
  tag.description = wanted.description.empty() ? facts.description : wanted.description;
  tag.simulated = config_.simulated;
  return tag;
}

void OpcUaSession::make_tags() {
  std::vector<Delivery::Announcement> tags;
  for (std::uint32_t item = 0; item < config_.items.size(); ++item) {
    const NodeFacts facts = facts_[item].value_or(NodeFacts{});
    const std::optional<ValueType> asked = config_.items[item].type;
    const auto type = asked ? asked : facts.type;
    if (!type || !facts.supported) continue;
    {
      const MutexLock lock(mutex_);
      if (!table_.type(item)) table_.set_type(item, *type);
    }
    tags.push_back({item, tag_of(item, *type)});
  }
  delivery_.announce(std::move(tags));
}

Status OpcUaSession::monitor(Services& services, std::span<const std::uint32_t> items) {
  std::vector<Subscription::Wanted> wanted;
  for (const std::uint32_t item : items)
    wanted.push_back({item, nodes_[item]->get(), config_.items[item].sampling_ms});
  TUNDISH_TRY(const auto statuses,
              subscription_->monitor(wanted, services.limits().monitored_items));
  Rows marks;
  for (std::size_t index = 0; index < items.size(); ++index) {
    if (!Quality{statuses[index]}.is_bad()) continue;
    tell_feeding(items[index], false);
    const MutexLock lock(mutex_);
    table_.failed(items[index], quality_of(statuses[index]), wiring_.clock.monotonic(),
                  server_now(), marks);
  }
  push_marks(marks);
  return {};
}

}  // namespace tundish::connect::opcua
