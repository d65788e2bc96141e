#include "serve/live_hub.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "serve/sample_json.h"
#include "wire/json/json_value.h"

namespace tundish::serve {
namespace {

constexpr std::chrono::milliseconds kPeriod(200);
constexpr std::chrono::seconds kVerifyPeriod(2);
constexpr std::chrono::seconds kStall(30);
constexpr std::chrono::seconds kFindTime(5);         // for a subscription's tags
constexpr std::chrono::milliseconds kReadTime(200);  // for a client, then only what is newest
constexpr std::chrono::milliseconds kTurnTime(
    100);                                        // an enterprise, then it waits for its next turn
constexpr std::size_t kClientsMax = 1'000;       // an enterprise
constexpr std::size_t kTagsHeldMax = 2'000'000;  // by an enterprise's clients
constexpr std::size_t kSubscriptionsMax = 64;    // a client
constexpr std::size_t kPatternsMax = 256;        // a subscription
constexpr std::size_t kSubscriptionsHeldMax = 4'096;  // by an enterprise's clients
constexpr std::size_t kWishesMax = 16;                // a client, not yet done
constexpr std::size_t kQueuedMax = 256u << 20;        // waiting for an enterprise's clients
constexpr std::size_t kSnapshotBytesMax = 48 << 20;
constexpr std::size_t kAgainMax = 2'000;     // tags a client and turn, after an edit of the model
constexpr std::size_t kRoomBytes = 1 << 20;  // waiting, or the client is left out
constexpr std::size_t kTurnBytes = 8 << 20;  // a client and turn, then only what is newest
constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kTryAgainLater = 1013;

std::string error_message(std::int64_t id, const Error& error) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("id", id).key("error").begin_object();
  json.member("code", error_code_name(error.code)).member("message", error.message);
  json.end_object().end_object();
  return text;
}

}  // namespace

class LiveHub::Client final : public WebSocketHandler, public std::enable_shared_from_this<Client> {
 public:
  Client(LiveHub& hub, EnterpriseId enterprise, std::function<bool()> still_valid,
         std::shared_ptr<Held> held)
      : hub_(hub),
        enterprise_(enterprise),
        still_valid_(std::move(still_valid)),
        held_(std::move(held)) {
    ++held_->clients;
  }
  ~Client() override {
    --held_->clients;
    held_->subscriptions -= subscriptions_.size();
    for (const auto& [id, subscription] : subscriptions_) held_->tags -= subscription.size();
  }

  void on_open(std::shared_ptr<WebSocket> socket) override {
    socket_ = std::move(socket);
    const MutexLock lock(hub_.mutex_);
    if (hub_.stopping_)
      socket_->close(1001, "the server is stopping");
    else
      hub_.clients_.insert(shared_from_this());
  }

  void on_close() override {
    closed_ = true;
    const MutexLock lock(hub_.mutex_);
    hub_.clients_.erase(shared_from_this());
  }

  void on_text(std::string_view text) override {
    const auto message = wire::parse_json(text);
    std::int64_t id = 0;
    const auto done = message ? act(*message, id) : Status(fail(message.error()));
    if (!done) refuse(id, done.error());
  }

 private:
  friend class LiveHub;

  Status act(const wire::JsonValue& message, std::int64_t& id);
  Status read_subscribe(const wire::JsonValue& message, Wish& wish);
  void refuse(std::int64_t id, const Error& error) { socket_->send(error_message(id, error)); }

  LiveHub& hub_;
  const EnterpriseId enterprise_;
  const std::function<bool()> still_valid_;
  const std::shared_ptr<Held> held_;
  std::shared_ptr<WebSocket> socket_;  ///< set before anybody else sees the client
  std::atomic<bool> closed_{false};
  std::atomic<std::size_t> wishes_{0};  ///< not yet done
  // Hub thread:
  std::map<std::int64_t, LiveSubscription> subscriptions_;
  Position position_;      ///< changes through here were sent
  std::set<TagId> again_;  ///< they read otherwise since the model was edited
  Clock::time_point had_room_ = Clock::now();
};

struct LiveHub::Wish {
  std::shared_ptr<Client> client;
  std::int64_t id = 0;
  std::optional<LiveSubscription> subscription = {};  ///< nothing: unsubscribe
  std::vector<TagPtr> tags = {};
  Position before = {};  ///< the feed's head before the tags were looked for
};

bool LiveHub::Turn::is_over() const { return spent > kTurnTime || queued_bytes > kQueuedMax; }

/// Reads one message of the client's and hands it to the hub thread. Worker thread.
Status LiveHub::Client::act(const wire::JsonValue& message, std::int64_t& id) {
  TUNDISH_RETURN_IF_ERROR(wire::check_members(message, {"subscribe", "unsubscribe", "id"}));
  Wish wish{.client = shared_from_this()};
  if (message.find("unsubscribe") != nullptr) {
    if (message.find("subscribe") != nullptr)
      return fail(ErrorCode::kInvalidArgument, "subscribe and unsubscribe are two messages");
    TUNDISH_TRY(id, wire::required_member<std::int64_t>(message, "unsubscribe"));
    wish.id = id;
  } else {
    TUNDISH_TRY(id, wire::required_member<std::int64_t>(message, "id"));
    wish.id = id;
    TUNDISH_RETURN_IF_ERROR(read_subscribe(message, wish));
  }
  if (held_->tags + wish.tags.size() > kTagsHeldMax)
    return fail(ErrorCode::kQuotaExceeded,
                "this enterprise's live connections follow two million tags already");
  if (!hub_.enqueue(std::move(wish)))
    return fail(ErrorCode::kOverloaded, "wait for the snapshots before subscribing to more");
  return {};
}

Status LiveHub::Client::read_subscribe(const wire::JsonValue& message, Wish& wish) {
  TUNDISH_TRY(const auto list, wire::required_member<wire::JsonValue::Array>(message, "subscribe"));
  if (list.empty() || list.size() > kPatternsMax)
    return fail(ErrorCode::kInvalidArgument, "subscribe to 1 to 256 patterns", "subscribe");
  std::vector<std::string> patterns;
  for (const auto& pattern : list) {
    if (pattern.string() == nullptr)
      return fail(ErrorCode::kInvalidArgument, "a pattern is a string", "subscribe");
    patterns.push_back(*pattern.string());
  }
  wish.subscription.emplace(patterns);
  wish.before = hub_.feed_.head();
  const auto until = Clock::now() + kFindTime;
  TUNDISH_TRY(wish.tags, wish.subscription->find(hub_.tags_, enterprise_, [&] {
    return Clock::now() < until && !hub_.stopping_ && !closed_;
  }));
  return {};
}

LiveHub::LiveHub(ChangeFeed& feed, ModelView& view, TagCatalogue& tags)
    : feed_(feed), view_(view), tags_(tags) {}

LiveHub::~LiveHub() { stop(); }

void LiveHub::start(std::function<void()> every_second) {
  every_second_ = std::move(every_second);
  thread_ = std::thread([this] { run(); });
}

void LiveHub::stop() {
  {
    const MutexLock lock(mutex_);
    if (stopping_.exchange(true)) return;
  }
  wished_.notify_all();
  if (thread_.joinable()) thread_.join();
  const MutexLock lock(mutex_);
  for (const auto& client : clients_) client->socket_->close(1001, "the server is stopping");
  clients_.clear();
  wishes_.clear();
}

Result<std::shared_ptr<WebSocketHandler>> LiveHub::connect(EnterpriseId enterprise,
                                                           std::function<bool()> still_valid) {
  const MutexLock lock(mutex_);
  auto& held = held_[enterprise];
  if (!held) held = std::make_shared<Held>();
  if (held->clients >= kClientsMax)
    return fail(ErrorCode::kQuotaExceeded, "this enterprise has 1,000 live connections open");
  return std::make_shared<Client>(*this, enterprise, std::move(still_valid), held);
}

std::size_t LiveHub::clients() const {
  const MutexLock lock(mutex_);
  return clients_.size();
}

/// False when the client already waits for kWishesMax answers.
bool LiveHub::enqueue(Wish wish) {
  auto& waiting = wish.client->wishes_;
  if (++waiting > kWishesMax) {
    --waiting;
    return false;
  }
  wish.client->held_->tags += wish.tags.size();
  {
    const MutexLock lock(mutex_);
    wishes_.push_back(std::move(wish));
  }
  wished_.notify_one();
  return true;
}

void LiveHub::run() {
  auto next = Clock::now() + kPeriod;
  auto verified = Clock::now();
  auto second = Clock::now();
  std::deque<Wish> wishes;
  while (true) {
    Clients clients;
    {
      const MutexLock lock(mutex_);
      while (!stopping_ && wishes_.empty() && wished_.wait_until(mutex_, next)) {
      }
      if (stopping_) return;
      wishes.insert(wishes.end(), std::make_move_iterator(wishes_.begin()),
                    std::make_move_iterator(wishes_.end()));
      wishes_.clear();
      clients.assign(clients_.begin(), clients_.end());
    }
    const bool is_turn = Clock::now() >= next;
    if (is_turn) {
      begin_turn(clients);
      heed_model(clients);
      deliver(clients);
    }
    std::deque<Wish> later;
    for (auto& wish : wishes) {
      // First its changes, so that what a snapshot holds does not come again as one.
      if (!is_turn && !wish.client->closed_) deliver({wish.client});
      if (!carry_out(wish)) later.push_back(std::move(wish));
    }
    wishes = std::move(later);
    if (!is_turn) continue;
    const auto now = Clock::now();
    next = now + kPeriod;
    if (now - second >= std::chrono::seconds(1)) {
      second = now;
      if (every_second_) every_second_();
    }
    if (now - verified < kVerifyPeriod) continue;
    verified = now;
    verify(clients);
  }
}

void LiveHub::begin_turn(const Clients& clients) {
  turns_.clear();
  for (const auto& client : clients)
    turns_[client->enterprise_].queued_bytes += client->socket_->waiting_bytes();
}

const std::shared_ptr<const TagMeanings>& LiveHub::meanings_of(EnterpriseId enterprise) {
  auto& meanings = meanings_[enterprise];
  if (!meanings) meanings = view_.meanings(enterprise);
  return meanings;
}

/// Finds the followed tags that read otherwise since the model was edited.
void LiveHub::heed_model(const Clients& clients) {
  std::erase_if(meanings_, [this](const auto& known) { return !turns_.contains(known.first); });
  // Before the models are asked for: what is edited meanwhile is seen in the next turn.
  const std::uint64_t changes = view_.changes();
  if (std::exchange(model_changes_, changes) == changes) return;
  std::unordered_map<EnterpriseId, std::vector<TagId>> changed;
  for (auto& [enterprise, meanings] : meanings_) {
    auto newest = view_.meanings(enterprise);
    if (newest != meanings) changed[enterprise] = newest->changed_since(*meanings);
    meanings = std::move(newest);
  }
  for (const auto& client : clients) {
    const auto tags = changed.find(client->enterprise_);
    if (tags == changed.end() || client->subscriptions_.empty()) continue;
    client->again_.insert(tags->second.begin(), tags->second.end());
  }
}

/// Some of the tags that read otherwise, by their newest sample. What lies before it is skipped: whoever
/// shows it asks for it again.
void LiveHub::send_again(Client& client) {
  const auto meanings = meanings_of(client.enterprise_);
  const auto snapshot = view_.snapshot(meanings);
  if (!snapshot) {
    log_warning("serve", "live: {}", snapshot.error().to_string());
    return;
  }
  const auto until = Clock::now() + kReadTime;
  std::vector<std::pair<TagPtr, std::string>> newest;
  while (!client.again_.empty() && newest.size() < kAgainMax && Clock::now() < until) {
    const TagId id = *client.again_.begin();
    client.again_.erase(client.again_.begin());
    const TagPtr tag = tags_.get(id);
    const auto follows = [&](const auto& held) { return held.second.follows(id); };
    if (!tag || std::ranges::none_of(client.subscriptions_, follows)) continue;
    std::string text;
    if (const auto latest = (*snapshot)->latest(id); latest && *latest)
      append_live_sample(text, *tag, **latest);
    newest.emplace_back(tag, std::move(text));
  }
  for (auto& [subscription_id, subscription] : client.subscriptions_) {
    LiveMessages messages(*client.socket_, subscription_id, client.position_);
    for (const auto& [tag, text] : newest) {
      if (!subscription.follows(tag->id)) continue;
      messages.add(meanings->with_unit(tag).get(), tag->id, text, true);
    }
    messages.flush();
    turns_[client.enterprise_].queued_bytes += messages.bytes();
  }
}

void LiveHub::verify(const Clients& clients) {
  for (const auto& client : clients) {
    if (!client->still_valid_())
      client->socket_->close(kPolicyViolation, "signed out; sign in again");
    else if (!has_room(*client) && Clock::now() - client->had_room_ > kStall)
      client->socket_->close(kTryAgainLater, "reads too slowly; reconnect and subscribe again");
  }
}

/// Whether the client has taken nearly all that was sent.
bool LiveHub::has_room(Client& client) {
  if (client.socket_->waiting_bytes() > kRoomBytes) return false;
  client.had_room_ = Clock::now();
  return true;
}

bool LiveHub::carry_out(Wish& wish) {
  Client& client = *wish.client;
  Turn& turn = turns_[client.enterprise_];
  if (!client.closed_ && (turn.is_over() || !has_room(client))) return false;
  const auto began = Clock::now();
  Result<bool> done = true;
  if (!client.closed_) {
    if (wish.subscription)
      done = subscribe(wish);
    else
      unsubscribe(client, wish.id);
  }
  turn.spent += Clock::now() - began;
  if (!done) client.refuse(wish.id, done.error());
  if (done && !*done) return false;
  --client.wishes_;
  client.held_->tags -= wish.tags.size();
  return true;
}

void LiveHub::unsubscribe(Client& client, std::int64_t id) {
  const auto found = client.subscriptions_.find(id);
  if (found == client.subscriptions_.end()) {
    client.refuse(id, {ErrorCode::kNotFound, "there is no subscription with that id"});
    return;
  }
  client.held_->tags -= found->second.size();
  --client.held_->subscriptions;
  client.subscriptions_.erase(found);
}

Result<bool> LiveHub::subscribe(Wish& wish) {
  Client& client = *wish.client;
  LiveSubscription& subscription = *wish.subscription;
  const auto replaced = client.subscriptions_.find(wish.id);
  const bool is_new = replaced == client.subscriptions_.end();
  if (is_new && client.subscriptions_.size() >= kSubscriptionsMax)
    return fail(ErrorCode::kTooLarge, "a connection has at most 64 subscriptions");
  if (is_new && client.held_->subscriptions >= kSubscriptionsHeldMax)
    return fail(ErrorCode::kQuotaExceeded,
                "this enterprise's live connections have 4,096 subscriptions already");

  const auto meanings = meanings_of(client.enterprise_);
  TUNDISH_TRY(const auto snapshot, view_.snapshot(meanings));
  std::unordered_set<TagId> found;
  for (const auto& tag : wish.tags) {
    subscription.add(tag);
    found.insert(tag->id);
  }
  // Tags that were made while a worker looked for the others are not among them: what these got by
  // now is sent as changes.
  TUNDISH_TRY(const auto changes, LiveChanges::read(feed_, view_, tags_, wish.before));
  std::vector<LiveChanges::Entry*> missed;
  for (auto& entry : changes->of(client.enterprise_)) {
    if (!subscription.has_asked(entry.tag->id)) {
      const auto began = Clock::now();
      subscription.ask(*entry.tag);
      // What was asked stays asked, so the next turn gets further.
      if ((turns_[client.enterprise_].spent += Clock::now() - began) > kTurnTime) return false;
    }
    const bool is_known =
        std::ranges::find(wish.tags, entry.tag->id, &TagInfo::id) != wish.tags.end();
    if (!is_known && subscription.wants(*entry.tag)) missed.push_back(&entry);
  }

  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("id", wish.id).key("snapshot").begin_object();
  json.member("position", std::to_string(snapshot->position().value()));
  json.key("samples").begin_array();
  for (const auto& tag : wish.tags) {
    TUNDISH_TRY(const auto latest, snapshot->latest(tag->id));
    json.begin_object();
    write_tag_members(json, *meanings->with_unit(tag));
    if (latest)
      write_sample_members(json, *latest, tag->type);
    else
      json.key("time").null().key("value").null();
    json.end_object();
    if (text.size() > kSnapshotBytesMax)
      return fail(ErrorCode::kTooLarge,
                  "the newest values of these tags are longer than 48 MiB; subscribe to fewer");
  }
  json.end_array().end_object().end_object();
  turns_[client.enterprise_].queued_bytes += text.size();
  client.socket_->send(std::move(text));
  LiveMessages messages(*client.socket_, wish.id, changes->through());
  for (auto* const entry : missed) {
    changes->read_samples(*entry, Clock::now() + kReadTime);
    subscription.tell(entry->tag);
    messages.add(meanings->with_unit(entry->tag).get(), entry->tag->id, entry->samples,
                 entry->skipped);
  }

  if (client.subscriptions_.empty()) client.position_ = snapshot->position();
  if (is_new)
    ++client.held_->subscriptions;
  else
    client.held_->tags -= replaced->second.size();
  client.held_->tags += subscription.size();
  client.subscriptions_.insert_or_assign(wish.id, std::move(subscription));
  return true;
}

/// Those that are furthest behind come first: who was left out in one turn is not in the next.
void LiveHub::deliver(Clients clients) {
  const Position head = feed_.head();
  std::ranges::stable_sort(clients, {}, [](const auto& client) { return client->position_; });
  std::unique_ptr<LiveChanges> changes;  // after `read_after`
  Position read_after;
  for (const auto& client : clients) {
    if (client->subscriptions_.empty()) {
      client->position_ = head;
      client->had_room_ = Clock::now();
    }
    const bool is_behind = client->position_ < head || !client->again_.empty();
    if (!is_behind || client->closed_ || !has_room(*client)) continue;
    Turn& turn = turns_[client->enterprise_];
    if (turn.is_over()) continue;
    const auto began = Clock::now();
    if (!client->again_.empty()) {
      send_again(*client);
      turn.spent += Clock::now() - began;
      if (turn.is_over() || !(client->position_ < head)) continue;
    }
    if (!changes || read_after != client->position_) {
      auto read = LiveChanges::read(feed_, view_, tags_, client->position_);
      if (!read) {
        log_warning("serve", "live: what changed cannot be read: {}", read.error().to_string());
        return;
      }
      changes = *std::move(read);
      read_after = client->position_;
    }
    deliver_to(*client, *changes);
    turn.spent += Clock::now() - began;
  }
}

void LiveHub::deliver_to(Client& client, LiveChanges& changes) {
  if (!ask_for_new_tags(client, changes)) return;  // goes on with it in the next turn
  send_changes(client, changes);
  client.position_ = changes.through();
}

/// Whether every changed tag is known to be named by the client's subscriptions or not. False when
/// that takes more than the enterprise's part of this turn; what was found out stays.
bool LiveHub::ask_for_new_tags(Client& client, LiveChanges& changes) {
  const auto until = Clock::now() + kTurnTime;
  const std::uint64_t renames = tags_.renames(client.enterprise_);
  std::vector<std::int64_t> too_large;
  for (auto& [id, subscription] : client.subscriptions_) {
    subscription.heed_renames(renames);
    const std::size_t before = subscription.size();
    for (const auto& entry : changes.of(client.enterprise_)) {
      if (subscription.has_asked(entry.tag->id)) continue;
      subscription.ask(*entry.tag);
      if (Clock::now() > until) break;
    }
    client.held_->tags += subscription.size() - before;
    if (Clock::now() > until) return false;
    if (subscription.size() > LiveSubscription::kTagsMax || client.held_->tags > kTagsHeldMax)
      too_large.push_back(id);
  }
  for (const auto id : too_large) {
    unsubscribe(client, id);
    client.refuse(id, {ErrorCode::kTooLarge,
                       "more tags than may be followed have come to match; subscribe to fewer"});
  }
  return true;
}

void LiveHub::send_changes(Client& client, LiveChanges& changes) {
  const auto until = Clock::now() + kReadTime;
  const auto meanings = meanings_of(client.enterprise_);
  std::size_t bytes = 0;
  for (auto& [id, subscription] : client.subscriptions_) {
    LiveMessages messages(*client.socket_, id, changes.through());
    for (auto& entry : changes.of(client.enterprise_)) {
      const std::size_t before = subscription.size();
      const bool wanted = subscription.wants(*entry.tag);
      client.held_->tags -= before - subscription.size();
      if (!wanted) continue;
      changes.read_samples(entry, until);
      std::string_view samples = entry.samples;
      bool skipped = entry.skipped;
      if (bytes + messages.bytes() > kTurnBytes && entry.newest_at > 0) {
        samples.remove_prefix(entry.newest_at);
        skipped = true;
      }
      const bool tell = subscription.tell(entry.tag);
      const TagPtr told = tell ? meanings->with_unit(entry.tag) : nullptr;
      messages.add(told.get(), entry.tag->id, samples, skipped);
    }
    messages.flush();
    bytes += messages.bytes();
  }
  turns_[client.enterprise_].queued_bytes += bytes;
}

}  // namespace tundish::serve
