#include "serve/live_hub.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/log.h"
#include "model/tag_path.h"
#include "serve/sample_json.h"
#include "wire/json/json_value.h"

namespace tundish::serve {
namespace {

constexpr std::chrono::milliseconds kPeriod(200);
constexpr std::chrono::seconds kVerifyPeriod(2);
constexpr std::size_t kSubscriptionsMax = 64;  // a client
constexpr std::size_t kPatternsMax = 256;      // a subscription
constexpr std::size_t kTagsMax = 10'000;       // a subscription
constexpr std::size_t kSamplesMax = 1'000;     // a tag and message
constexpr std::size_t kWishesMax = 16;         // a client, not yet done
constexpr std::uint16_t kPolicyViolation = 1008;

std::string error_message(std::int64_t id, const Error& error) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("id", id).key("error").begin_object();
  json.member("code", error_code_name(error.code)).member("message", error.message);
  json.end_object().end_object();
  return text;
}

}  // namespace

struct LiveHub::Subscription {
  std::vector<std::string> patterns;
  std::unordered_set<TagId> tags;
  std::unordered_set<TagId> others;  ///< looked at and not matched
};

class LiveHub::Client final : public WebSocketHandler, public std::enable_shared_from_this<Client> {
 public:
  Client(LiveHub& hub, EnterpriseId enterprise, std::function<bool()> still_valid)
      : hub_(hub), enterprise_(enterprise), still_valid_(std::move(still_valid)) {}

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
  void refuse(std::int64_t id, const Error& error) { socket_->send(error_message(id, error)); }
  bool wants(Subscription& subscription, TagId tag) const;

  LiveHub& hub_;
  const EnterpriseId enterprise_;
  const std::function<bool()> still_valid_;
  std::shared_ptr<WebSocket> socket_;  ///< set before anybody else sees the client
  std::atomic<bool> closed_{false};
  std::atomic<std::size_t> wishes_{0};                  ///< not yet done
  std::map<std::int64_t, Subscription> subscriptions_;  ///< hub thread
};

struct LiveHub::Wish {
  std::shared_ptr<Client> client;
  std::int64_t id = 0;
  std::vector<std::string> patterns;  ///< none: unsubscribe
};

/// Reads one message of the client's and hands it to the hub thread. Worker thread.
Status LiveHub::Client::act(const wire::JsonValue& message, std::int64_t& id) {
  TUNDISH_RETURN_IF_ERROR(wire::check_members(message, {"subscribe", "unsubscribe", "id"}));
  Wish wish;
  wish.client = shared_from_this();
  if (message.find("unsubscribe") != nullptr) {
    TUNDISH_TRY(wish.id, wire::required_member<std::int64_t>(message, "unsubscribe"));
    id = wish.id;
  } else {
    TUNDISH_TRY(id, wire::required_member<std::int64_t>(message, "id"));
    TUNDISH_TRY(const auto patterns,
                wire::required_member<wire::JsonValue::Array>(message, "subscribe"));
    wish.id = id;
    for (const auto& pattern : patterns) {
      if (pattern.string() == nullptr)
        return fail(ErrorCode::kInvalidArgument, "a pattern is a string", "subscribe");
      wish.patterns.push_back(*pattern.string());
    }
    if (wish.patterns.empty() || wish.patterns.size() > kPatternsMax)
      return fail(ErrorCode::kInvalidArgument, "subscribe to 1 to 256 patterns", "subscribe");
  }
  if (!hub_.enqueue(std::move(wish)))
    return fail(ErrorCode::kOverloaded, "wait for the snapshots before subscribing to more");
  return {};
}

/// Whether a change of `tag` is for this subscription. Hub thread.
bool LiveHub::Client::wants(Subscription& subscription, TagId tag) const {
  if (tag.enterprise != enterprise_) return false;
  if (subscription.tags.contains(tag)) return true;
  if (subscription.others.contains(tag)) return false;
  const TagPtr info = hub_.tags_.get(tag);
  if (info == nullptr) return false;  // a name comes a moment after the id
  const bool matches = std::ranges::any_of(subscription.patterns, [&](const auto& pattern) {
    return glob_matches(pattern, info->path);
  });
  (matches ? subscription.tags : subscription.others).insert(tag);
  return matches;
}

LiveHub::LiveHub(ChangeFeed& feed, SampleReader& reader, TagCatalogue& tags)
    : feed_(feed), reader_(reader), tags_(tags), position_(feed.head()) {}

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

std::shared_ptr<WebSocketHandler> LiveHub::connect(EnterpriseId enterprise,
                                                   std::function<bool()> still_valid) {
  return std::make_shared<Client>(*this, enterprise, std::move(still_valid));
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
  {
    const MutexLock lock(mutex_);
    if (!stopping_) wishes_.push_back(std::move(wish));
  }
  wished_.notify_one();
  return true;
}

void LiveHub::run() {
  using Clock = std::chrono::steady_clock;
  auto next = Clock::now() + kPeriod;
  auto verified = Clock::now();
  auto second = Clock::now();
  while (true) {
    std::deque<Wish> wishes;
    std::vector<std::shared_ptr<Client>> clients;
    {
      const MutexLock lock(mutex_);
      while (!stopping_ && wishes_.empty() && wished_.wait_until(mutex_, next)) {
      }
      if (stopping_) return;
      wishes.swap(wishes_);
      clients.assign(clients_.begin(), clients_.end());
    }
    // First the changes, so that what a snapshot holds does not come again as one.
    deliver(clients);
    for (const auto& wish : wishes) carry_out(wish);
    const auto now = Clock::now();
    if (now < next) continue;
    next = now + kPeriod;
    if (now - second >= std::chrono::seconds(1)) {
      second = now;
      if (every_second_) every_second_();
    }
    if (now - verified < kVerifyPeriod) continue;
    verified = now;
    for (const auto& client : clients)
      if (!client->still_valid_())
        client->socket_->close(kPolicyViolation, "signed out; sign in again");
  }
}

void LiveHub::carry_out(const Wish& wish) {
  --wish.client->wishes_;
  if (wish.client->closed_) return;
  if (wish.patterns.empty()) {
    wish.client->subscriptions_.erase(wish.id);
    return;
  }
  if (const auto done = subscribe(wish); !done) wish.client->refuse(wish.id, done.error());
}

Status LiveHub::subscribe(const Wish& wish) {
  Client& client = *wish.client;
  if (!client.subscriptions_.contains(wish.id) && client.subscriptions_.size() >= kSubscriptionsMax)
    return fail(ErrorCode::kTooLarge, "a connection has at most 64 subscriptions");
  Subscription subscription{.patterns = wish.patterns, .tags = {}, .others = {}};
  std::vector<TagPtr> tags;
  for (const auto& pattern : subscription.patterns)
    for (auto& tag : tags_.match(client.enterprise_, pattern, kTagsMax + 1 - tags.size()))
      if (subscription.tags.insert(tag->id).second) tags.push_back(std::move(tag));
  if (tags.size() > kTagsMax)
    return fail(ErrorCode::kTooLarge, "that is more than 10,000 tags; subscribe to fewer");

  TUNDISH_TRY(const auto snapshot, reader_.snapshot());
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("id", wish.id).key("snapshot").begin_object();
  json.member("position", std::to_string(snapshot->position().value()));
  json.key("samples").begin_array();
  for (const auto& tag : tags) {
    TUNDISH_TRY(const auto latest, snapshot->latest(tag->id));
    json.begin_object();
    write_tag_members(json, *tag);
    if (latest)
      write_sample_members(json, *latest);
    else
      json.key("time").null().key("value").null();
    json.end_object();
  }
  json.end_array().end_object().end_object();
  client.socket_->send(std::move(text));
  client.subscriptions_.insert_or_assign(wish.id, std::move(subscription));
  return {};
}

/// The changed samples of one tag as JSON objects joined by commas, without brackets.
std::string LiveHub::changes_of(Snapshot& snapshot, const Change& change) {
  std::deque<Sample> newest;
  bool skipped = false;
  const TimeNs end = change.to == kTimeMax ? kTimeMax : change.to + 1;
  const auto scanned = snapshot.scan(change.tag, {change.from, end}, [&](const Columns& piece) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
      newest.push_back(piece.at(i));
      if (newest.size() > kSamplesMax) {
        newest.pop_front();
        skipped = true;
      }
    }
    return !stopping_.load();
  });
  if (!scanned) log_warning("serve", "live: {}", scanned.error().to_string());
  std::string text;
  for (const Sample& sample : newest) {
    if (!text.empty()) text += ',';
    wire::JsonWriter json(text);
    json.begin_object().member("id", change.tag.number);
    write_sample_members(json, sample);
    if (skipped && &sample == &newest.front()) json.member("skipped", true);
    json.end_object();
  }
  return text;
}

void LiveHub::deliver(const std::vector<std::shared_ptr<Client>>& clients) {
  if (!(position_ < feed_.head())) return;
  const auto page = feed_.changes_after(position_);
  if (!page) {
    log_warning("serve", "live: the change feed cannot be read: {}", page.error().to_string());
    return;
  }
  position_ = page->through;
  if (clients.empty()) return;
  const auto snapshot = reader_.snapshot();
  if (!snapshot) return;
  std::vector<std::string> texts(page->changes.size());
  std::vector<char> read(page->changes.size(), 0);
  for (const auto& client : clients) {
    for (auto& [id, subscription] : client->subscriptions_) {
      std::string samples;
      for (std::size_t i = 0; i < page->changes.size(); ++i) {
        if (!client->wants(subscription, page->changes[i].tag)) continue;
        if (read[i] == 0) {
          texts[i] = changes_of(**snapshot, page->changes[i]);
          read[i] = 1;
        }
        if (texts[i].empty()) continue;
        if (!samples.empty()) samples += ',';
        samples += texts[i];
      }
      if (samples.empty()) continue;
      std::string text;
      wire::JsonWriter json(text);
      json.begin_object().member("id", id).key("changes").begin_object();
      json.member("position", std::to_string(page->through.value()));
      json.key("samples").raw("[" + samples + "]");
      json.end_object().end_object();
      client->socket_->send(std::move(text));
    }
  }
}

}  // namespace tundish::serve
