#include "connect/feeds.h"

#include <fmt/format.h>

#include <algorithm>

namespace tundish::connect {

Status check_feeds(const ConnectionConfig& wanted, std::span<const ConfigPtr> others) {
  if (!wanted.enabled) return {};
  std::unordered_map<std::string_view, std::size_t> items;  // by path: their places
  items.reserve(wanted.items.size());
  for (std::size_t item = 0; item < wanted.items.size(); ++item)
    items.emplace(wanted.items[item].path, item);
  for (const ConfigPtr& other : others) {
    if (!other->enabled) continue;
    for (const ConnectionItem& item : other->items) {
      const auto found = items.find(item.path);
      if (found == items.end()) continue;
      return fail(ErrorCode::kInUse,
                  fmt::format("the connection '{}' feeds the tag '{}' already: remove the item "
                              "there or disable that connection first",
                              other->name, item.path),
                  fmt::format("items[{}].path", found->second));
    }
  }
  return {};
}

Status check_room(const ConnectionConfig& wanted, std::span<const ConfigPtr> others,
                  const Options& options) {
  if (wanted.id == 0 && others.size() >= options.connections_per_enterprise_max)
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("the enterprise has {} connections of at most {}: remove one, or put "
                            "items of one server into one connection",
                            others.size(), options.connections_per_enterprise_max));
  std::size_t items = 0;
  for (const ConfigPtr& other : others) items += other->items.size();
  if (!wanted.items.empty() && items + wanted.items.size() > options.items_per_enterprise_max)
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("the enterprise has {} items in its other connections; {} more are "
                            "over its {}",
                            items, wanted.items.size(), options.items_per_enterprise_max),
                "items");
  return {};
}

ConfigPtr find_feeder(std::span<const ConfigPtr> configs, std::string_view path) {
  const auto found = std::find_if(configs.begin(), configs.end(), [&](const ConfigPtr& config) {
    return config->enabled && std::any_of(config->items.begin(), config->items.end(),
                                          [&](const auto& item) { return item.path == path; });
  });
  return found == configs.end() ? nullptr : *found;
}

void FedTags::begin(const std::string& path, std::uint64_t connection) {
  const MutexLock lock(mutex_);
  auto& feeders = feeders_[path];
  if (std::find(feeders.begin(), feeders.end(), connection) == feeders.end())
    feeders.push_back(connection);
}

void FedTags::end(const std::string& path, std::uint64_t connection) {
  const MutexLock lock(mutex_);
  const auto found = feeders_.find(path);
  if (found == feeders_.end()) return;
  std::erase(found->second, connection);
  if (found->second.empty()) feeders_.erase(found);
}

bool FedTags::is_fed_by_another(const std::string& path, std::uint64_t connection) const {
  const MutexLock lock(mutex_);
  const auto found = feeders_.find(path);
  return found != feeders_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](std::uint64_t feeder) { return feeder != connection; });
}

}  // namespace tundish::connect
