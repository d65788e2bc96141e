#include "compute/windows.h"

#include <algorithm>

#include "formula/plant_names.h"

namespace tundish::compute {
namespace {

constexpr std::size_t kWindowsMax = 100'000;

}  // namespace

Result<std::vector<Stretch>> Windows::windows(EnterpriseId enterprise, AssetId asset,
                                              std::string_view name, TimeRange range) const {
  const auto model = models_.model(enterprise);
  const Asset* at = model->find(asset);
  const formula::IntervalKind kind =
      at == nullptr ? formula::IntervalKind{} : formula::find_interval(*model, *at, name);
  if (!kind) return calendars_.windows(enterprise, asset, name, range);
  std::vector<Stretch> found;
  for (Interval& interval :
       intervals_.intervals(enterprise, kind.owner->id, name, range, kWindowsMax + 1)) {
    if (interval.is_withdrawn) continue;
    if (found.size() == kWindowsMax)
      return fail(ErrorCode::kTooLarge, "there are more than 100,000 intervals in this time");
    const TimeNs to = interval.to.value_or(std::max(range.to, interval.from + 1));
    // Apart from each other, whatever a definition says.
    const TimeNs from =
        found.empty() ? interval.from : std::max(interval.from, found.back().range.to);
    if (from < to) found.push_back({{from, to}, std::move(interval.label)});
  }
  return found;
}

}  // namespace tundish::compute
