#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/retention.h"

namespace tundish {

/// Who decides how long tags are kept tells the historian here. Any thread; what was told is journaled and holds
/// after a restart. Errors: kDiskFull, kUnavailable, kInvalidArgument.
class RetentionKeeper {
 public:
  virtual ~RetentionKeeper() = default;

  /// From now on these tags of one enterprise are kept for `keep`. What an earlier, shorter class has lost
  /// does not come back. Unknown tags are passed over.
  virtual Status keep_tags(EnterpriseId enterprise, KeepDays keep, std::span<const TagId> tags) = 0;

  /// Samples before `horizon` of the tags that are kept for `keep` are gone from now on. A horizon that lies
  /// before the one in force changes nothing.
  virtual Status advance_horizon(EnterpriseId enterprise, KeepDays keep, TimeNs horizon) = 0;

  virtual KeepDays kept_for(TagId tag) const = 0;
};

}  // namespace tundish
