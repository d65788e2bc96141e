#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "asset/time_zone.h"
#include "base/mutex.h"
#include "base/result.h"
#include "calendar/zone.h"

namespace tundish::asset {

/// The zones of the system's tzdata, each read once. Any thread.
class ZoneFiles {
 public:
  explicit ZoneFiles(std::string folder = std::string(kZoneFolder)) : folder_(std::move(folder)) {}

  /// Never null. Errors: as check_time_zone; kCorruption, kUnsupported for a file that does not read.
  Result<std::shared_ptr<const calendar::Zone>> find(std::string_view name) const;

 private:
  const std::string folder_;
  mutable Mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const calendar::Zone>, std::less<>> known_
      TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::asset
