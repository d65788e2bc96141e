#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/interval.h"

namespace tundish {

/// Recorded intervals. Any thread.
class IntervalReader {
 public:
  virtual ~IntervalReader() = default;

  /// Of one asset and kind, those that touch `range`, ascending by their start, at most `limit`.
  virtual std::vector<Interval> intervals(EnterpriseId enterprise, AssetId asset,
                                          std::string_view kind, TimeRange range,
                                          std::size_t limit) const = 0;
  /// Kinds of which an asset has any.
  virtual std::vector<std::string> kinds(EnterpriseId enterprise, AssetId asset) const = 0;

  /// Oldest first. Errors: kNotFound, kIo.
  virtual Result<std::vector<Annotation>> annotations(EnterpriseId enterprise,
                                                      std::uint64_t interval) const = 0;
  /// Errors: kNotFound, kInvalidArgument (1 to 2,000 bytes), kQuotaExceeded (1,000 an interval), kDiskFull, kIo.
  virtual Status annotate(EnterpriseId enterprise, std::uint64_t interval,
                          const Annotation& annotation) = 0;
};

}  // namespace tundish
