#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/retention.h"

namespace tundish {

/// One line of an enterprise's rules, and what it does now or would do.
struct RetentionRule {
  std::string subject;  ///< `measured`, `derived`, or a path or glob
  KeepDays keep = kKeptForEver;
  std::uint32_t line = 0;  ///< 1: the first
  std::uint64_t tags = 0;  ///< that this rule is the first to fit
};

/// The tags of one enterprise that are kept equally long.
struct RetentionClass {
  KeepDays keep = kKeptForEver;
  std::uint64_t tags = 0;
  /// What is before it is gone (or would be, in a preview); kTimeMin: nothing.
  TimeNs horizon = kTimeMin;
  /// Tags among them that are kept for longer now: of those a preview says that they would lose samples.
  std::uint64_t shortened = 0;
};

struct RetentionState {
  std::string text;  ///< the rules as they were written; empty: none, all is kept for ever
  TimeNs saved = 0;
  std::string actor;
  std::vector<RetentionRule> rules;
  std::vector<RetentionClass> classes;  ///< ascending by `keep`, for ever last
};

/// Rules of how long samples are kept (docs/guides/retention.md). Any thread.
/// Errors: kInvalidArgument with `where` as `retention:LINE:COLUMN`, kTooLarge, kDiskFull, kIo.
class RetentionRules {
 public:
  virtual ~RetentionRules() = default;
  virtual Result<RetentionState> state(EnterpriseId enterprise) const = 0;
  /// As if `text` were saved. Changes nothing.
  virtual Result<RetentionState> preview(EnterpriseId enterprise,
                                         const std::string& text) const = 0;
  /// Holds at once: what is older than the shorter of two rules is gone for ever.
  virtual Result<RetentionState> save(EnterpriseId enterprise, const std::string& actor,
                                      const std::string& text) = 0;
};

}  // namespace tundish
