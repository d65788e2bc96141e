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
  /// Errors: kNotFound, also for another enterprise's.
  virtual Result<Interval> find(EnterpriseId enterprise, std::uint64_t interval) const = 0;
  /// Kinds of which an asset has any.
  virtual std::vector<std::string> kinds(EnterpriseId enterprise, AssetId asset) const = 0;

  /// Oldest first. Errors: kNotFound, kIo.
  virtual Result<std::vector<Annotation>> annotations(EnterpriseId enterprise,
                                                      std::uint64_t interval) const = 0;
  /// Errors: kNotFound, kInvalidArgument (1 to 2,000 bytes), kQuotaExceeded (1,000 an interval), kDiskFull, kIo.
  virtual Status annotate(EnterpriseId enterprise, std::uint64_t interval,
                          const Annotation& annotation) = 0;

  /// Every reason that somebody told, oldest first; the last one holds. Errors: kNotFound, kIo.
  virtual Result<std::vector<IntervalReason>> reasons(EnterpriseId enterprise,
                                                      std::uint64_t interval) const = 0;
  /// The caller has looked the code up. Errors: kNotFound, kInvalidArgument (a remark of more than 2,000 bytes),
  /// kQuotaExceeded (1,000 an interval), kDiskFull, kIo.
  virtual Status set_reason(EnterpriseId enterprise, std::uint64_t interval,
                            const IntervalReason& reason) = 0;
};

}  // namespace tundish
