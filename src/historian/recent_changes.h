#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "base/mutex.h"
#include "historian/journal_record.h"
#include "historian/tag_groups.h"
#include "model/ids.h"
#include "model/ports/change_feed.h"

namespace tundish::historian {

/// Where each tag changed: ranges close to one another are one, and of a tag's ranges at most
/// kRangesMax are kept apart, so that one late sample does not make everything between it and now
/// a change.
class ChangeSet {
 public:
  static constexpr std::size_t kRangesMax = 4;
  static constexpr DurationNs kApart = kMinute;

  void add(TagId tag, TimeNs from, TimeNs to) { all_.push_back({tag, from, to}); }
  /// Cheapest when they ascend by tag and time, as those that `sorted` gives.
  void add(std::span<const Change> changes) {
    all_.insert(all_.end(), changes.begin(), changes.end());
  }
  /// Ascending by tag, then by time.
  std::vector<Change> sorted() const;
  bool empty() const { return all_.empty(); }

 private:
  std::vector<Change> all_;
};

/// What one record changes, as ChangeSet::sorted gives it; `groups` are those of its batch.
std::vector<Change> changes_of(const Record& record, const TagGroups& groups);

/// What the newest records changed, in memory: pages in order of position. When it grows beyond its
/// limit, pages that blocks can answer for go first, then neighbours are put together: a reader
/// in the middle of such a page gets all of it, wider but never too narrow. Any thread.
class RecentChanges {
 public:
  /// @param entries_max ranges over all pages, about 24 bytes each
  explicit RecentChanges(std::size_t entries_max)
      : entries_max_(entries_max), merge_at_(entries_max) {}

  /// Nothing is known of what came before `position`.
  void start_at(Position position);
  void add(Position through, std::vector<Change> changes);
  void set_flushed(Position position);

  struct Answer {
    bool complete = false;  ///< false: `after` is older than what is remembered
    std::vector<Change> changes;
    Position through;
  };
  Answer after(Position after) const;
  Position through() const;

 private:
  struct Page {
    Position after;
    Position through;
    std::vector<Change> changes;
  };
  using PagePtr = std::shared_ptr<const Page>;
  /// Empty pages take room as well.
  bool is_full() const TUNDISH_REQUIRES(mutex_) { return entries_ + pages_.size() > merge_at_; }
  void make_room() TUNDISH_REQUIRES(mutex_);

  const std::size_t entries_max_;
  mutable Mutex mutex_;
  std::deque<PagePtr> pages_ TUNDISH_GUARDED_BY(mutex_);
  std::size_t merge_at_ TUNDISH_GUARDED_BY(mutex_);
  std::size_t entries_ TUNDISH_GUARDED_BY(mutex_) = 0;
  Position floor_ TUNDISH_GUARDED_BY(mutex_);  ///< the pages hold everything after this
  Position through_ TUNDISH_GUARDED_BY(mutex_);
  Position flushed_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::historian
