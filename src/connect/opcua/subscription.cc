#include "connect/opcua/subscription.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "connect/opcua/status.h"

namespace tundish::connect::opcua {
namespace {

// A server with nothing to say says so this often, and gives the subscription up after the second.
constexpr double kKeepAliveMs = 2'500;
constexpr double kLifetimeMs = 60'000;
constexpr std::uint32_t kQueueMax = 1'000;

UA_UInt32 count_for(double milliseconds, double interval_ms) {
  return static_cast<UA_UInt32>(std::clamp(std::ceil(milliseconds / interval_ms), 1.0, 100'000.0));
}

UA_UInt32 queue_size(double publishing_ms, std::uint32_t sampling_ms) {
  const double per_interval = publishing_ms / std::max(1u, sampling_ms);
  return static_cast<UA_UInt32>(
      std::clamp(std::ceil(per_interval * 2) + 2, 2.0, static_cast<double>(kQueueMax)));
}

}  // namespace

Result<std::unique_ptr<Subscription>> Subscription::create(Client& client,
                                                           std::uint32_t publishing_ms,
                                                           OnValue on_value, OnDead on_dead) {
  std::unique_ptr<Subscription> subscription(
      new Subscription(client, std::move(on_value), std::move(on_dead)));
  UA_Client_getConfig(client.raw())->subscriptionInactivityCallback = on_inactive;

  UA_CreateSubscriptionRequest request = UA_CreateSubscriptionRequest_default();
  request.requestedPublishingInterval = publishing_ms;
  request.requestedMaxKeepAliveCount = count_for(kKeepAliveMs, publishing_ms);
  request.requestedLifetimeCount =
      std::max(count_for(kLifetimeMs, publishing_ms), 3 * request.requestedMaxKeepAliveCount);
  const Ua<UA_CreateSubscriptionResponse> response(UA_Client_Subscriptions_create(
      client.raw(), request, subscription.get(), on_status_change, nullptr));
  if (response->responseHeader.serviceResult != UA_STATUSCODE_GOOD)
    return fail_status(response->responseHeader.serviceResult,
                       "the server would not make a subscription");
  subscription->id_ = response->subscriptionId;
  subscription->publishing_ms_ = response->revisedPublishingInterval;
  return subscription;
}

Subscription::Monitored& Subscription::slot(std::uint32_t item) {
  while (monitored_.size() <= item) {
    const auto next = static_cast<std::uint32_t>(monitored_.size());
    monitored_.push_back({this, next, 0, false});
  }
  return monitored_[item];
}

bool Subscription::is_monitored(std::uint32_t item) const {
  return item < monitored_.size() && monitored_[item].live;
}

Status Subscription::remove(std::span<const Wanted> wanted) {
  std::vector<UA_UInt32> ids;
  for (const Wanted& each : wanted) {
    Monitored& monitored = slot(each.item);
    if (!monitored.live) continue;
    ids.push_back(monitored.id);
    monitored.live = false;
  }
  if (ids.empty()) return {};
  UA_DeleteMonitoredItemsRequest request;
  UA_DeleteMonitoredItemsRequest_init(&request);
  request.subscriptionId = id_;
  request.monitoredItemIds = ids.data();
  request.monitoredItemIdsSize = ids.size();
  const Ua<UA_DeleteMonitoredItemsResponse> response(
      UA_Client_MonitoredItems_delete(client_.raw(), request));
  // An item that the server has lost already is as good as removed.
  if (response->responseHeader.serviceResult != UA_STATUSCODE_GOOD)
    return fail_status(response->responseHeader.serviceResult,
                       "the server would not remove monitored items");
  return {};
}

Result<std::vector<UA_StatusCode>> Subscription::monitor(std::span<const Wanted> wanted,
                                                         std::size_t per_request) {
  std::vector<UA_StatusCode> statuses;
  statuses.reserve(wanted.size());
  for (std::size_t begin = 0; begin < wanted.size(); begin += per_request) {
    const auto chunk = wanted.subspan(begin, std::min(per_request, wanted.size() - begin));
    TUNDISH_RETURN_IF_ERROR(remove(chunk));

    std::vector<UA_MonitoredItemCreateRequest> items(chunk.size());
    std::vector<void*> contexts(chunk.size());
    std::vector<UA_Client_DataChangeNotificationCallback> callbacks(chunk.size(), on_data_change);
    std::vector<UA_Client_DeleteMonitoredItemCallback> deletions(chunk.size(), nullptr);
    for (std::size_t index = 0; index < chunk.size(); ++index) {
      items[index] = UA_MonitoredItemCreateRequest_default(*chunk[index].node);
      items[index].requestedParameters.samplingInterval = chunk[index].sampling_ms;
      items[index].requestedParameters.queueSize =
          queue_size(publishing_ms_, chunk[index].sampling_ms);
      contexts[index] = &slot(chunk[index].item);
    }
    UA_CreateMonitoredItemsRequest request;
    UA_CreateMonitoredItemsRequest_init(&request);
    request.subscriptionId = id_;
    request.timestampsToReturn = UA_TIMESTAMPSTORETURN_BOTH;
    request.itemsToCreate = items.data();
    request.itemsToCreateSize = items.size();
    const Ua<UA_CreateMonitoredItemsResponse> response(UA_Client_MonitoredItems_createDataChanges(
        client_.raw(), request, contexts.data(), callbacks.data(), deletions.data()));
    const UA_StatusCode result = response->responseHeader.serviceResult;
    if (result != UA_STATUSCODE_GOOD)
      return fail_status(result, "the server would not monitor items");
    if (response->resultsSize != chunk.size())
      return fail(ErrorCode::kRemote, "the server answered with another number of monitored items");
    for (std::size_t index = 0; index < chunk.size(); ++index) {
      const UA_MonitoredItemCreateResult& created = response->results[index];
      statuses.push_back(created.statusCode);
      if (created.statusCode != UA_STATUSCODE_GOOD) continue;
      Monitored& monitored = slot(chunk[index].item);
      monitored.id = created.monitoredItemId;
      monitored.live = true;
    }
  }
  return statuses;
}

void Subscription::on_data_change(UA_Client*, UA_UInt32, void*, UA_UInt32, void* context,
                                  UA_DataValue* value) {
  const auto* monitored = static_cast<const Monitored*>(context);
  monitored->self->on_value_(monitored->item, *value);
}

void Subscription::on_status_change(UA_Client*, UA_UInt32, void* context,
                                    UA_StatusChangeNotification* notification) {
  static_cast<Subscription*>(context)->on_dead_(
      fmt::format("the server ended the subscription: {}", status_name(notification->status)));
}

void Subscription::on_inactive(UA_Client*, UA_UInt32, void* context) {
  static_cast<Subscription*>(context)->on_dead_("the server stopped publishing");
}

}  // namespace tundish::connect::opcua
