#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formula/kpi.h"
#include "model/plant_model.h"
#include "model/ports/model_reader.h"

namespace tundish::serve {

// Windows of assets at sites with calendars of their own. The production day D of such a parent is the production
// days D of its sites, which start and end at different moments; so are weeks, months and years. Shifts go together by
// date and name. Hours are those of UTC, the same for all.

/// The assets of one site.
struct SiteAssets {
  std::uint64_t site = 0;  ///< Site::id; 0: none, whose days are those of UTC
  std::vector<const Asset*> assets;
};
/// By site, ascending by id.
std::vector<SiteAssets> by_site(std::span<const Asset* const> assets);

/// One window at one site.
struct SiteStretch {
  std::uint64_t site = 0;
  TimeRange range;  ///< whole, whatever the time is now
};

/// A window of several sites together.
struct TogetherWindow {
  TimeRange range;  ///< from the earliest start to the latest end
  std::string label;
  std::vector<SiteStretch> sites;
};

struct TogetherWindows {
  std::vector<TogetherWindow> windows;        ///< ascending by start, then label
  std::vector<formula::KpiPart> parts;        ///< each site's windows, as far as they have passed
  std::vector<std::uint64_t> without_shifts;  ///< sites that have none, and are left out
};

/// The windows called `name` that touch `range`, at each of `sites`, and of those the ones that have begun by `now`. A site
/// whose window has not begun yet is not in it yet. Points into `sites`.
/// Errors: those of WindowSource; kNotFound for kinds of intervals, which several sites do not share; kInvalidArgument
/// for weeks that start on different days.
Result<TogetherWindows> windows_together(const WindowSource& source, EnterpriseId enterprise,
                                         const std::vector<SiteAssets>& sites,
                                         std::string_view name, TimeRange range, TimeNs now);

}  // namespace tundish::serve
