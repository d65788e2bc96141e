#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "connect/options.h"
#include "model/ports/connections.h"

namespace tundish::connect {

using ConfigPtr = std::shared_ptr<const ConnectionConfig>;

/// That a tag has one connection that feeds it: of several, each would mark its own loss over the
/// values of the other. Settings that are disabled feed nothing.
/// `others`: of the same enterprise, without `wanted` itself.
/// Errors: kInUse, naming the other connection, with the item in `where` (`items[3].path`).
Status check_feeds(const ConnectionConfig& wanted, std::span<const ConfigPtr> others);

/// That the enterprise may have these settings beside its others (`others` as above).
/// Errors: kQuotaExceeded, by the number of connections or of items in all of them.
Status check_room(const ConnectionConfig& wanted, std::span<const ConfigPtr> others,
                  const Options& options);

/// The one of `configs` that is enabled and has an item for this path; null when none has.
ConfigPtr find_feeder(std::span<const ConfigPtr> configs, std::string_view path);

/// Which connections receive values for which tag just now. Settings that were kept before
/// check_feeds may name one tag twice: the loss of one connection is then no loss of the tag.
/// Any thread.
class FedTags {
 public:
  void begin(const std::string& path, std::uint64_t connection);
  void end(const std::string& path, std::uint64_t connection);
  bool is_fed_by_another(const std::string& path, std::uint64_t connection) const;

 private:
  mutable Mutex mutex_;
  std::unordered_map<std::string, std::vector<std::uint64_t>> feeders_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::connect
