#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aggregate/aggregate_run.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ports/calendars.h"
#include "model/ports/tag_catalogue.h"
#include "serve/http.h"

namespace tundish::serve {

/// One query as POST /api/v1/query asks it, checked and with its tags resolved.
struct Query {
  enum class Mode { kRaw, kAggregate, kPlot, kCount };
  enum class Format { kJson, kCsv, kBinary };

  std::vector<TagPtr> tags;
  TimeRange range;
  Mode mode = Mode::kRaw;
  Format format = Format::kJson;
  bool bounds = false;                          ///< raw: the samples just outside as well
  std::size_t limit = 0;                        ///< raw: samples a tag
  std::uint32_t columns = 0;                    ///< plot
  std::vector<TimeNs> edges;                    ///< aggregate: ascending, n + 1 for n intervals
  std::vector<aggregate::AggregateSpec> specs;  ///< aggregate: `step` is set per tag when it runs
  std::optional<double> above, below;           ///< count: of values between, both left out
  bool each = false;                            ///< count: of each tag as well
  std::optional<bool> stepped;                  ///< aggregate: in place of the tags' own property
  bool as_received = false;        ///< the source's own status, whatever the model says
  std::optional<TimeNs> model_at;  ///< valid ranges as the model had them then; nothing: now
  bool times_as_ns = false;
  int zone_offset_min = 0;  ///< CSV: minutes east of UTC for local ISO times
};

/// Limits of one query (docs/guides/api.md).
inline constexpr std::size_t kQueryTagsMax = 10'000;
inline constexpr std::size_t kQueryGlobsMax = 1'000;
inline constexpr DurationNs kFindTimeMax = 5 * kSecond;
inline constexpr std::size_t kQueryPointsMax = 10'000'000;
inline constexpr std::size_t kQueryIntervalsMax = 1'000'000;
inline constexpr std::size_t kQueryWindowsMax = 100'000;  ///< of a calendar
inline constexpr std::uint32_t kQueryColumnsMax = 20'000;
inline constexpr DurationNs kQueryTimeMax = 30 * kSecond;
inline constexpr std::size_t kQueryRawLimitDefault = 100'000;

/// Ends a search of the catalogue that takes longer than kFindTimeMax from now.
std::function<bool()> patience();

/// `?limit=`, at most kQueryTagsMax; `otherwise` without it. Errors: kInvalidArgument.
Result<std::size_t> tags_limit_of(const Request& request, std::size_t otherwise);

/// The tags that paths and globs name, each once, in the order asked for; at most `limit`.
/// Errors: kNotFound for a path that is none, kTooLarge, kTimeout; all with `where`.
Result<std::vector<TagPtr>> find_tags(const std::vector<std::string_view>& patterns,
                                      std::size_t limit, const TagCatalogue& catalogue,
                                      EnterpriseId enterprise, std::string_view where);

/// Reads the body. Errors: kInvalidArgument with the member in `where`, kNotFound for a tag named
/// without a wildcard and for a calendar that do not exist, kTooLarge, kUnavailable for a calendar that cannot be used.
Result<Query> parse_query(std::string_view body, Query::Format format, const TagCatalogue& tags,
                          const CalendarStore& calendars, EnterpriseId enterprise, TimeNs now);

}  // namespace tundish::serve
