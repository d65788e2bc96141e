#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::serve {

/// What one live subscription names, which tags these are, and what the client knows of them. One
/// thread at a time.
class LiveSubscription {
 public:
  static constexpr std::size_t kTagsMax = 10'000;

  explicit LiveSubscription(const std::vector<std::string>& patterns);

  /// The tags that the patterns name now, sorted by path within each pattern.
  /// Errors: kTooLarge, kTimeout when `go_on` said no.
  Result<std::vector<TagPtr>> find(const TagCatalogue& catalogue, EnterpriseId enterprise,
                                   const std::function<bool()>& go_on) const;

  /// Tags that the client has been told of, all of them or those that came later.
  void add(const TagPtr& tag) { told_[tag->id] = tag; }
  std::size_t size() const { return told_.size(); }

  /// Whether `tag` is known to be named or known not to be.
  bool has_asked(TagId tag) const { return told_.contains(tag) || is_other(tag); }
  /// Forgets which tags are not named, once any has got another name.
  void heed_renames(std::uint64_t renames);
  /// Compares the patterns with the path, which may take a while; the answer is remembered.
  void ask(const TagInfo& tag);
  /// Whether the client has been told of `tag`.
  bool follows(TagId tag) const {
    const auto found = told_.find(tag);
    return found != told_.end() && found->second != nullptr;
  }
  /// Whether the changes of `tag` are for this subscription, as far as asked.
  bool wants(const TagInfo& tag);
  /// True once for a tag that the client knows nothing of, or not its new unit, type or name.
  bool tell(const TagPtr& tag);

 private:
  bool names(std::string_view path) const;
  bool is_other(TagId tag) const { return tag.number < others_.size() && others_[tag.number]; }

  std::unordered_set<std::string> paths_;
  std::vector<std::string> globs_;
  /// Named tags, with what the client has been told; null: nothing yet.
  std::unordered_map<TagId, TagPtr> told_;
  std::vector<bool> others_;  ///< by number: asked and not named
  std::uint64_t renames_ = 0;
};

}  // namespace tundish::serve
