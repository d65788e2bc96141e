#include "serve/live_subscription.h"

#include <algorithm>
#include <utility>

#include "model/tag_path.h"

namespace tundish::serve {

LiveSubscription::LiveSubscription(const std::vector<std::string>& patterns) {
  for (const auto& pattern : patterns) {
    if (!is_glob(pattern))
      paths_.insert(pattern);
    else if (std::ranges::find(globs_, pattern) == globs_.end())
      globs_.push_back(pattern);
  }
}

Result<std::vector<TagPtr>> LiveSubscription::find(const TagCatalogue& catalogue,
                                                   EnterpriseId enterprise,
                                                   const std::function<bool()>& go_on) const {
  std::vector<TagPtr> tags;
  std::unordered_set<TagId> seen;
  const auto look = [&](const std::string& pattern) -> Status {
    TUNDISH_TRY(
        auto found,
        catalogue.match(enterprise, {.pattern = pattern, .limit = kTagsMax + 1, .go_on = go_on}));
    for (auto& tag : found)
      if (seen.insert(tag->id).second) tags.push_back(std::move(tag));
    if (tags.size() > kTagsMax)
      return fail(ErrorCode::kTooLarge, "that is more than 10,000 tags; subscribe to fewer");
    return {};
  };
  for (const auto& path : paths_) TUNDISH_RETURN_IF_ERROR(look(path));
  for (const auto& glob : globs_) TUNDISH_RETURN_IF_ERROR(look(glob));
  return tags;
}

bool LiveSubscription::names(std::string_view path) const {
  return paths_.contains(std::string(path)) ||
         std::ranges::any_of(globs_, [path](const auto& glob) { return glob_matches(glob, path); });
}

void LiveSubscription::ask(const TagInfo& tag) {
  if (names(tag.path)) {
    told_.try_emplace(tag.id, nullptr);
    return;
  }
  if (tag.id.number >= others_.size()) others_.resize(std::size_t{tag.id.number} + 1, false);
  others_[tag.id.number] = true;
}

void LiveSubscription::heed_renames(std::uint64_t renames) {
  if (std::exchange(renames_, renames) != renames) others_.clear();
}

bool LiveSubscription::wants(const TagInfo& tag) {
  const auto found = told_.find(tag.id);
  if (found == told_.end()) return false;
  if (found->second == nullptr || found->second->path == tag.path || names(tag.path)) return true;
  told_.erase(found);  // it was given another name
  return false;
}

bool LiveSubscription::tell(const TagPtr& tag) {
  TagPtr& known = told_[tag->id];
  return std::exchange(known, tag) != tag;
}

}  // namespace tundish::serve
