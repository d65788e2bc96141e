#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ports/retention_rules.h"

// The text of an enterprise's retention rules: a rule a line, `SUBJECT: KEEP`, the first that fits a tag counts.
// docs/guides/retention.md. Pure.

namespace tundish::asset {

inline constexpr std::size_t kRetentionBytesMax = 64u << 10;
inline constexpr std::size_t kRetentionRulesMax = 500;

/// Errors: kInvalidArgument with `where` as `retention:LINE:COLUMN` and the nearest right word, kTooLarge.
Result<std::vector<RetentionRule>> read_retention(std::string_view text);

/// `90 d`, `for ever`.
std::string keep_text(KeepDays keep);

/// The first rule that fits, by its index; rules.size() when none does.
std::size_t rule_of(const std::vector<RetentionRule>& rules, std::string_view path,
                    bool is_derived);

}  // namespace tundish::asset
