#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/value.h"

namespace tundish {

/// What is known of a tag besides its samples.
struct TagInfo {
  TagId id;
  std::string path;
  ValueType type = ValueType::kDouble;
  bool step = false;  ///< held values; false: sloped, to be interpolated
  std::string unit;   ///< UCUM code, empty when unknown
  std::string description;
  bool simulated = false;  ///< comes from a simulated plant; shown as such everywhere
};

struct NewTag {
  std::string path = {};
  ValueType type = ValueType::kDouble;
  bool step = false;
  std::string unit = {};
  std::string description = {};
  bool simulated = false;
};

/// Fields that may be changed later; absent means unchanged.
struct TagPatch {
  std::optional<std::string> path = {};  ///< rename or move: the id and so the history stay
  std::optional<bool> step = {};
  std::optional<std::string> unit = {};
  std::optional<std::string> description = {};
  std::optional<ValueType> type = {};  ///< a retype: starts a new series under the tag
};

using TagPtr = std::shared_ptr<const TagInfo>;

/// What a search of the catalogue looks for.
struct TagSearch {
  std::string_view pattern;          ///< a path or a glob
  std::size_t limit = 0;             ///< at most so many
  std::string_view after = {};       ///< only paths that sort after this one
  std::function<bool()> go_on = {};  ///< asked now and then; false ends the search
};

/// Names and properties of tags. Any thread; lookups are in memory and do not wait for disk.
class TagCatalogue {
 public:
  virtual ~TagCatalogue() = default;

  virtual TagPtr find(EnterpriseId enterprise, std::string_view path) const = 0;
  virtual TagPtr get(TagId id) const = 0;
  /// Sorted by path. Errors: kTimeout when `go_on` ended it.
  virtual Result<std::vector<TagPtr>> match(EnterpriseId enterprise,
                                            const TagSearch& search) const = 0;
  virtual std::size_t count(EnterpriseId enterprise) const = 0;
  /// Grows with each tag that is renamed, retyped or removed: what was found out by name must be asked again.
  virtual std::uint64_t renames(EnterpriseId enterprise) const = 0;

  /// Makes the tags that do not exist and returns all, in order. A path taken with another type is
  /// returned as it is. Errors: kInvalidArgument (bad path, or not below the enterprise's code),
  /// kQuotaExceeded, kDiskFull, kIo.
  virtual Result<std::vector<TagPtr>> ensure(EnterpriseId enterprise,
                                             std::span<const NewTag> tags) = 0;
  virtual Result<TagPtr> update(TagId id, const TagPatch& patch) = 0;
  /// Removes the name; the id is never used again and the samples are no longer reachable.
  virtual Status remove(TagId id) = 0;
};

}  // namespace tundish
