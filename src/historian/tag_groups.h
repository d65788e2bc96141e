#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tundish::historian {

/// The rows of a batch by tag: worked out once, by the caller's thread, and used by all that follows. Rows of
/// one tag are then looked up, checked, kept and reported together.
struct TagGroups {
  /// Rows order[from] .. order[to - 1] of the batch are of `tag`.
  struct Group {
    std::uint32_t tag = 0;
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    bool operator==(const Group&) const = default;
  };
  std::vector<Group> groups;         ///< ascending by tag, none empty
  std::vector<std::uint32_t> order;  ///< row numbers; within a group ascending

  std::span<const std::uint32_t> rows(const Group& group) const {
    return std::span(order).subspan(group.from, group.to - group.from);
  }
};

/// @param tags per row the number of its tag, at most 2^32 - 1 rows. Linear where the numbers lie close together,
/// as those of one sender do; else it sorts. Pure.
TagGroups group_by_tag(std::span<const std::uint32_t> tags);

}  // namespace tundish::historian
