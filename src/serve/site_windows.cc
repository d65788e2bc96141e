#include "serve/site_windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "formula/plant_names.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kWindowsMax = 100'000;  // of one answer, sites counted each

/// What windows of one name have in common at all sites: the date, and of shifts the name. A crew is the site's own.
std::string_view key_of(std::string_view label, std::string_view window) {
  if (window != "shift") return label;
  const auto date = label.find(' ');
  return label.substr(0, label.find(' ', date == std::string_view::npos ? date : date + 1));
}

Result<std::vector<Stretch>> hours_of_utc(TimeRange range) {
  std::vector<Stretch> hours;
  const TimeNs first = range.from - ((range.from % kHour) + kHour) % kHour;
  if ((range.to - first) / kHour > static_cast<TimeNs>(kWindowsMax))
    return fail(ErrorCode::kTooLarge, "there are more than 100,000 windows in this time");
  for (TimeNs at = first; at < range.to; at += kHour)
    hours.push_back({{at, at + kHour}, format_time(at)});
  return hours;
}

/// What each site has, null where it has no shifts.
using SiteStretches = std::vector<std::optional<std::vector<Stretch>>>;

class Joiner {
 public:
  Joiner(const WindowSource& source, EnterpriseId enterprise, const std::vector<SiteAssets>& sites,
         std::string_view name)
      : source_(source), enterprise_(enterprise), sites_(sites), name_(name) {}

  Result<TogetherWindows> join(TimeRange range, TimeNs now) {
    TUNDISH_TRY(const auto touched, ask(range));
    for (const auto& stretches : touched)
      if (stretches)
        for (const Stretch& stretch : *stretches) {
          windows_.try_emplace(std::string(key_of(stretch.label, name_)));
          if (name_ != formula::kOwnWindow) widen(range, stretch.range);
        }
    // What touches the range at one site may lie outside of it at another one.
    TUNDISH_TRY(const auto whole, ask(range));
    TUNDISH_TRY(auto windows, put_together(whole));
    auto made = parts_of(std::move(windows), now);
    for (std::size_t i = 0; i < sites_.size(); ++i)
      if (!whole[i]) made.without_shifts.push_back(sites_[i].site);
    return made;
  }

 private:
  Result<SiteStretches> ask(TimeRange range) {
    SiteStretches all;
    std::optional<Error> none;
    std::size_t count = 0;
    for (const SiteAssets& site : sites_) {
      auto found = name_ == "hour" ? hours_of_utc(range)
                   : name_ == "window"
                       ? Result<std::vector<Stretch>>({{range, ""}})
                       : source_.windows(enterprise_, site.assets.front()->id, name_, range);
      if (!found && found.error().code == ErrorCode::kNotFound && name_ == "shift") {
        none = std::move(found.error());
        all.emplace_back();
        continue;
      }
      if (!found) return fail(std::move(found.error()));
      count += found->size();
      if (count > kWindowsMax)
        return fail(ErrorCode::kTooLarge, "there are more than 100,000 windows in this time");
      all.emplace_back(*std::move(found));
    }
    const bool has_any = std::ranges::any_of(all, [](const auto& one) { return one.has_value(); });
    if (!has_any && none) return fail(*std::move(none));
    return all;
  }

  /// Until every site's window of the same date is inside: clocks are at most 26 h apart, and days start when they like.
  static void widen(TimeRange& range, TimeRange window) {
    constexpr DurationNs kApart = 3 * kDay;
    if (window.from > kTimeMin + kApart) range.from = std::min(range.from, window.from - kApart);
    if (window.to < kTimeMax - kApart) range.to = std::max(range.to, window.to + kApart);
  }

  Result<std::vector<TogetherWindow>> put_together(const SiteStretches& whole) {
    for (std::size_t i = 0; i < sites_.size(); ++i) {
      if (!whole[i]) continue;
      for (const Stretch& stretch : *whole[i]) {
        const auto key = key_of(stretch.label, name_);
        const auto found = windows_.find(key);
        if (found == windows_.end()) continue;
        TogetherWindow& window = found->second;
        if (window.sites.empty()) window = {stretch.range, std::string(key), {}};
        window.range.from = std::min(window.range.from, stretch.range.from);
        window.range.to = std::max(window.range.to, stretch.range.to);
        window.sites.push_back({sites_[i].site, stretch.range});
      }
    }
    std::vector<TogetherWindow> all;
    for (TogetherWindow& window : windows_ | std::views::values) {
      if (name_ == "week" && window.sites.size() != sites_.size())
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("weeks start on different days at the sites ('{}' is not one "
                                "everywhere): ask for days or months",
                                window.label),
                    "window");
      all.push_back(std::move(window));
    }
    std::ranges::stable_sort(all, {}, [](const TogetherWindow& one) { return one.range.from; });
    return all;
  }

  TogetherWindows parts_of(std::vector<TogetherWindow> windows, TimeNs now) const {
    std::erase_if(windows, [now](const TogetherWindow& one) { return one.range.from >= now; });
    TogetherWindows made{.windows = std::move(windows), .parts = {}, .without_shifts = {}};
    // Shifts of one name need not follow each other everywhere as they do together: by each site's own time.
    std::map<std::uint64_t, std::vector<std::pair<TimeRange, std::size_t>>> of_site;
    for (std::size_t i = 0; i < made.windows.size(); ++i)
      for (const auto& [site, range] : made.windows[i].sites)
        if (range.from < now) of_site[site].push_back({{range.from, std::min(range.to, now)}, i});
    for (const SiteAssets& site : sites_) {
      auto& stretches = of_site[site.site];
      if (stretches.empty()) continue;
      std::ranges::sort(stretches, {}, [](const auto& one) { return one.first.from; });
      formula::KpiPart part{.assets = site.assets, .windows = {}, .at = {}};
      for (const auto& [range, at] : stretches) {
        part.windows.push_back(range);
        part.at.push_back(at);
      }
      made.parts.push_back(std::move(part));
    }
    return made;
  }

  const WindowSource& source_;
  const EnterpriseId enterprise_;
  const std::vector<SiteAssets>& sites_;
  const std::string_view name_;
  std::map<std::string, TogetherWindow, std::less<>> windows_;  ///< by key
};

}  // namespace

std::vector<SiteAssets> by_site(std::span<const Asset* const> assets) {
  std::map<std::uint64_t, std::vector<const Asset*>> found;
  for (const Asset* asset : assets) found[asset->site].push_back(asset);
  std::vector<SiteAssets> sites;
  for (auto& [site, of_it] : found) sites.push_back({site, std::move(of_it)});
  return sites;
}

Result<TogetherWindows> windows_together(const WindowSource& source, EnterpriseId enterprise,
                                         const std::vector<SiteAssets>& sites,
                                         std::string_view name, TimeRange range, TimeNs now) {
  const bool is_calendar = std::ranges::binary_search(formula::kCalendarWindows, name);
  if (!is_calendar && name != formula::kOwnWindow)
    return fail(ErrorCode::kNotFound,
                fmt::format("'{}' is nothing that several sites share: ask for hour, shift, day, "
                            "week, month, year or window, or for one site",
                            name.substr(0, 60)),
                "window");
  TUNDISH_TRY(auto made, Joiner(source, enterprise, sites, name).join(range, now));
  return made;
}

}  // namespace tundish::serve
