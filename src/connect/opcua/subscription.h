#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "connect/opcua/client.h"
#include "connect/opcua/ua.h"

namespace tundish::connect::opcua {

/// One subscription of one session with its monitored items (OPC 10000-4, 5.12 and 5.13). Lives no
/// longer than its client, on the client's thread; the handlers run inside Client::run and must not
/// call the client.
class Subscription {
 public:
  using OnValue = std::function<void(std::uint32_t item, const UA_DataValue& value)>;
  using OnDead = std::function<void(std::string why)>;

  /// Errors: kTimeout, kUnavailable, kRemote.
  static Result<std::unique_ptr<Subscription>> create(Client& client, std::uint32_t publishing_ms,
                                                      OnValue on_value, OnDead on_dead);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  struct Wanted {
    std::uint32_t item = 0;
    const UA_NodeId* node = nullptr;
    std::uint32_t sampling_ms = 1000;
  };
  /// Creates monitored items, `per_request` at a time; an item that is monitored already is made
  /// anew. One status each, in order. Values are queued at the server for two publishing intervals
  /// and more, the oldest of them discarded beyond.
  Result<std::vector<UA_StatusCode>> monitor(std::span<const Wanted> wanted,
                                             std::size_t per_request);
  bool is_monitored(std::uint32_t item) const;

 private:
  struct Monitored {
    Subscription* self = nullptr;
    std::uint32_t item = 0;
    std::uint32_t id = 0;
    bool live = false;
  };

  Subscription(Client& client, OnValue on_value, OnDead on_dead)
      : client_(client), on_value_(std::move(on_value)), on_dead_(std::move(on_dead)) {}
  Status remove(std::span<const Wanted> wanted);
  Monitored& slot(std::uint32_t item);

  static void on_data_change(UA_Client*, UA_UInt32, void*, UA_UInt32, void* context,
                             UA_DataValue* value);
  static void on_status_change(UA_Client*, UA_UInt32, void* context,
                               UA_StatusChangeNotification* notification);
  static void on_inactive(UA_Client*, UA_UInt32, void* context);

  Client& client_;
  OnValue on_value_;
  OnDead on_dead_;
  std::uint32_t id_ = 0;
  double publishing_ms_ = 0;
  std::deque<Monitored> monitored_;  ///< by item; addresses stay, the stack keeps them
};

}  // namespace tundish::connect::opcua
