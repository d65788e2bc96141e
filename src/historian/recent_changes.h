#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "historian/journal_record.h"
#include "model/ids.h"
#include "model/ports/change_feed.h"

namespace tundish::historian {

/// At most one range a tag.
class ChangeSet {
 public:
  void add(TagId tag, TimeNs from, TimeNs to);
  void add(const Record& record);
  /// Ascending by tag.
  std::vector<Change> sorted() const;
  bool empty() const { return ranges_.empty(); }

 private:
  std::unordered_map<TagId, std::pair<TimeNs, TimeNs>> ranges_;
};

/// What the newest records changed, in memory: pages in order of position. When it grows beyond its
/// limit, pages that blocks can answer for go first, then neighbours are put together: a reader
/// in the middle of such a page gets all of it, wider but never too narrow. Any thread.
class RecentChanges {
 public:
  /// @param entries_max tags over all pages, about 24 bytes each
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
