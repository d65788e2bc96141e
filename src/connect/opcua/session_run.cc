// The connected part of a session: values, proof, silence, loss. See session.h for the whole story.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "connect/opcua/session.h"
#include "connect/opcua/status.h"
#include "connect/opcua/values.h"

namespace tundish::connect::opcua {
namespace {

constexpr unsigned kRunMs = 10;
constexpr DurationNs kSilenceEvery = kSecond;

ItemReading item_reading(const Reading& reading) {
  return {reading.value, reading.quality, reading.source_time, reading.server_time,
          !says_nothing(reading.quality.code)};
}

}  // namespace

Error OpcUaSession::run_connected(Services& services) {
  set_state(ConnectionState::kConnected, {});
  // The preparation of many items takes its time, and every one of its requests was answered.
  running_since_ = heard_ = wiring_.clock.monotonic();
  {
    const MutexLock lock(mutex_);
    accepts_commands_ = true;
    if (connects_++ > 0) ++status_.reconnects;
  }
  log_info("connect", "{}: connected with {}", origin_.source, config_.endpoint);
  while (!is_stopping()) {
    client_->run(kRunMs);
    flush(false);
    if (!client_->is_open())
      return fail_status(client_->last_status(), "the connection was lost", config_.endpoint)
          .error();
    if (!dead_.empty()) return {ErrorCode::kUnavailable, dead_, config_.endpoint, {}};
    const DurationNs now = wiring_.clock.monotonic();
    if (now - heard_ > wiring_.options.lost_after) {
      client_->set_lost();
      return {ErrorCode::kTimeout,
              fmt::format("the server has not answered for {:.0f} s",
                          static_cast<double>(now - heard_) / static_cast<double>(kSecond)),
              config_.endpoint,
              {}};
    }
    run_commands(services);
    keep_alive(now);
    check_silence(services, now);
    if (to_monitor_.empty()) continue;
    if (const auto status = monitor(services, std::exchange(to_monitor_, {})); !status)
      return status.error();
    heard_ = wiring_.clock.monotonic();
  }
  return {ErrorCode::kCancelled, "stopped", {}, {}};
}

void OpcUaSession::run_commands(Services& services) {
  while (!is_stopping()) {
    Command command;
    {
      const MutexLock lock(mutex_);
      if (commands_.empty()) return;
      command = std::move(commands_.front());
      commands_.pop_front();
    }
    command.run(services);
    heard_ = wiring_.clock.monotonic();  // it took its time, and nothing else was asked meanwhile
  }
}

// The server's time is read: that the answer comes is the sign of life, and what it says keeps the
// difference of the clocks, which marks of a loss need to stand at the right place.
void OpcUaSession::keep_alive(DurationNs now) {
  if (now - asked_ < wiring_.options.keep_alive_every) return;
  asked_ = now;
  UA_ReadValueId node;
  UA_ReadValueId_init(&node);
  node.nodeId = UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_SERVERSTATUS_CURRENTTIME);
  node.attributeId = UA_ATTRIBUTEID_VALUE;
  UA_ReadRequest request;
  UA_ReadRequest_init(&request);
  request.nodesToRead = &node;
  request.nodesToReadSize = 1;
  client_->send<UA_ReadRequest, UA_ReadResponse>(
      request, [this](UA_StatusCode code, const UA_ReadResponse& response) {
        if (code != UA_STATUSCODE_GOOD) return;
        heard_ = wiring_.clock.monotonic();
        if (response.resultsSize != 1) return;
        const UA_Variant& value = response.results[0].value;
        if (UA_Variant_hasScalarType(&value, &UA_TYPES[UA_TYPES_DATETIME]))
          note_server_time(time_of(*static_cast<const UA_DateTime*>(value.data)));
      });
}

void OpcUaSession::note_server_time(TimeNs time) {
  // The door takes nothing that is more than a day ahead. The values of such a server are refused until
  // its clock is set; marks up there would be too, and so would all that has to follow them afterwards.
  const TimeNs now = wiring_.clock.now();
  clock_offset_ = time > 0 && time < now + kDay ? time - now : 0;
}

void OpcUaSession::check_silence(Services& services, DurationNs now) {
  std::vector<std::uint32_t> items;
  if (!proof_read_ && now - connected_ >= wiring_.options.first_read_after) {
    proof_read_ = true;
    const MutexLock lock(mutex_);
    items = table_.unproven(now);
  } else if (now - silence_checked_ >= kSilenceEvery) {
    silence_checked_ = now;
    const MutexLock lock(mutex_);
    items = table_.silent(now, wiring_.options.silence_read_after);
  }
  read_items(items, services.limits().read);
}

// Reads without waiting; the answers arrive in `run` like any other.
void OpcUaSession::read_items(const std::vector<std::uint32_t>& items, std::size_t per_request) {
  std::vector<std::uint32_t> readable;
  for (const std::uint32_t item : items)
    if (nodes_[item]) readable.push_back(item);
  for (std::size_t begin = 0; begin < readable.size(); begin += per_request) {
    const auto end = std::min(readable.size(), begin + per_request);
    std::vector<std::uint32_t> chunk(readable.begin() + static_cast<std::ptrdiff_t>(begin),
                                     readable.begin() + static_cast<std::ptrdiff_t>(end));
    std::vector<UA_ReadValueId> nodes(chunk.size());
    for (std::size_t index = 0; index < chunk.size(); ++index) {
      UA_ReadValueId_init(&nodes[index]);
      nodes[index].nodeId = **nodes_[chunk[index]];
      nodes[index].attributeId = UA_ATTRIBUTEID_VALUE;
    }
    UA_ReadRequest request;
    UA_ReadRequest_init(&request);
    request.timestampsToReturn = UA_TIMESTAMPSTORETURN_BOTH;
    request.nodesToRead = nodes.data();
    request.nodesToReadSize = nodes.size();
    client_->send<UA_ReadRequest, UA_ReadResponse>(
        request, [this, chunk](UA_StatusCode code, const UA_ReadResponse& response) {
          if (code != UA_STATUSCODE_GOOD || response.resultsSize != chunk.size()) return;
          for (std::size_t index = 0; index < chunk.size(); ++index)
            take_value(chunk[index], response.results[index], true);
        });
  }
}

void OpcUaSession::take_value(std::uint32_t item, const UA_DataValue& value, bool from_check) {
  if (!listening_) return;
  const Reading reading = reading_of(value);
  const ItemReading said = item_reading(reading);
  const DurationNs now = wiring_.clock.monotonic();
  heard_ = now;
  Rows marks;
  // An unchanged value is news where the tag has been removed: it is recorded in the one that follows.
  const bool is_gone =
      from_check && !wiring_.catalogue.find(origin_.enterprise, config_.items[item].path);
  bool announce = false;
  bool feeds = false;
  {
    const MutexLock lock(mutex_);
    if (!reading.supported) {
      table_.failed(item, ItemTable::kNotSupported, now, server_now(), marks);
    } else if (from_check && !is_gone && table_.is_proven(item) && table_.is_known(item, said)) {
      table_.confirmed(item, now);
    } else {
      // A check that finds another value than the newest: the subscription has kept it to itself.
      const bool missed = from_check && table_.is_proven(item) && !table_.is_known(item, said);
      const bool monitored = subscription_ && subscription_->is_monitored(item);
      if (from_check && said.proves && (missed || !monitored)) to_monitor_.push_back(item);
      announce = !table_.type(item) && reading.value;
      if (pending_.empty()) pending_since_ = now;
      table_.arrived(item, said, now, wiring_.clock.now(), server_now(), pending_);
    }
    feeds = table_.is_proven(item);
  }
  tell_feeding(item, feeds);
  push_marks(marks);
  if (!announce) return;
  const ValueType type = config_.items[item].type.value_or(type_of(*reading.value));
  delivery_.announce({{item, tag_of(item, type)}});
}

void OpcUaSession::flush(bool even_if_young) {
  if (pending_.empty()) return;
  const bool due = pending_.size() >= wiring_.options.batch_rows_max ||
                   wiring_.clock.monotonic() - pending_since_ >= wiring_.options.flush_every;
  if (even_if_young || due) delivery_.push(std::exchange(pending_, {}), SampleClass::kMeasured);
}

void OpcUaSession::mark_lost() {
  Rows marks;
  {
    const MutexLock lock(mutex_);
    table_.lost(server_now(), marks);
  }
  for (std::uint32_t item = 0; item < config_.items.size(); ++item) tell_feeding(item, false);
  push_marks(marks);
}

void OpcUaSession::push_marks(const Rows& marks) {
  Rows own;
  for (std::size_t row = 0; row < marks.size(); ++row)
    if (!wiring_.fed.is_fed_by_another(config_.items[marks.items[row]].path, config_.id))
      own.push_from(marks, row);
  delivery_.push(std::move(own), SampleClass::kSynthetic);
}

void OpcUaSession::tell_feeding(std::uint32_t item, bool feeds) {
  if (told_feeding_[item] == feeds) return;
  told_feeding_[item] = feeds;
  const std::string& path = config_.items[item].path;
  if (feeds)
    wiring_.fed.begin(path, config_.id);
  else
    wiring_.fed.end(path, config_.id);
}

void OpcUaSession::set_state(ConnectionState state, std::string message) {
  const MutexLock lock(mutex_);
  if (status_.state != state) status_.since = wiring_.clock.now();
  status_.state = state;
  status_.message = std::move(message);
}

void OpcUaSession::pause(DurationNs length) {
  const MutexLock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(length);
  while (!is_stopping() && changed_.wait_until(mutex_, until)) {
  }
}

}  // namespace tundish::connect::opcua
