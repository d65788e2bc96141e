#include "historian/recent_changes.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace tundish::historian {

namespace {

/// How far apart a < b are, at most the longest duration.
DurationNs gap(TimeNs a, TimeNs b) {
  DurationNs distance = 0;
  return __builtin_sub_overflow(b, a, &distance) ? std::numeric_limits<DurationNs>::max()
                                                 : distance;
}

bool is_before(const Change& a, const Change& b) {
  return a.tag != b.tag ? a.tag < b.tag : a.from < b.from;
}

/// Sorts what consists of a few ascending stretches: two and two become one until one is left.
void merge_stretches(std::vector<Change>& changes) {
  std::vector<std::size_t> ends;  // of the stretches
  for (std::size_t i = 1; i < changes.size(); ++i)
    if (is_before(changes[i], changes[i - 1])) ends.push_back(i);
  ends.push_back(changes.size());
  std::vector<Change> merged;
  while (ends.size() > 1) {
    merged.clear();
    merged.reserve(changes.size());
    std::vector<std::size_t> merged_ends;
    const auto at = [&](std::size_t index) {
      return changes.begin() + static_cast<std::ptrdiff_t>(index);
    };
    for (std::size_t i = 0, from = 0; i < ends.size(); i += 2) {
      const std::size_t middle = ends[i];
      const std::size_t to = i + 1 < ends.size() ? ends[i + 1] : middle;
      std::merge(at(from), at(middle), at(middle), at(to), std::back_inserter(merged), is_before);
      merged_ends.push_back(to);
      from = to;
    }
    changes.swap(merged);
    ends.swap(merged_ends);
  }
}

/// Takes the ranges of tag after tag, each tag's ascending by their start, and joins what is to be one.
class Joiner {
 public:
  explicit Joiner(std::vector<Change>& into) : into_(into) {}

  void add(const Change& change) {
    if (into_.size() == first_ || into_.back().tag != change.tag) {
      first_ = into_.size();
      into_.push_back(change);
      return;
    }
    Change& last = into_.back();
    if (change.from <= last.to || gap(last.to, change.from) <= ChangeSet::kApart) {
      last.to = std::max(last.to, change.to);
      return;
    }
    into_.push_back(change);
    if (into_.size() - first_ > ChangeSet::kRangesMax) join_closest();
  }

 private:
  void join_closest() {
    std::size_t closest = first_;
    for (std::size_t i = first_ + 1; i + 1 < into_.size(); ++i)
      if (gap_after(i) < gap_after(closest)) closest = i;
    into_[closest].to = into_[closest + 1].to;
    into_.erase(into_.begin() + static_cast<std::ptrdiff_t>(closest) + 1);
  }
  DurationNs gap_after(std::size_t i) const { return gap(into_[i].to, into_[i + 1].from); }

  std::vector<Change>& into_;
  std::size_t first_ = 0;  ///< of the ranges of the tag that is being added to
};

}  // namespace

std::vector<Change> ChangeSet::sorted() const {
  std::vector<Change> all = all_;
  merge_stretches(all);
  std::vector<Change> changes;
  changes.reserve(all.size());
  Joiner joiner(changes);
  for (const Change& change : all) joiner.add(change);
  return changes;
}

std::vector<Change> changes_of(const Record& record, const TagGroups& groups) {
  std::vector<Change> changes;
  if (const auto* samples = std::get_if<BatchRecord>(&record)) {
    const SampleBatch& batch = samples->batch;
    changes.reserve(groups.groups.size());
    Joiner joiner(changes);
    std::vector<TimeNs> times;
    for (const TagGroups::Group& group : groups.groups) {
      const TagId tag{batch.enterprise, group.tag};
      const auto rows = groups.rows(group);
      Change all{tag, batch.rows.times[rows.front()], batch.rows.times[rows.front()]};
      for (const std::uint32_t row : rows) {
        all.from = std::min(all.from, batch.rows.times[row]);
        all.to = std::max(all.to, batch.rows.times[row]);
      }
      if (gap(all.from, all.to) <= ChangeSet::kApart) {
        joiner.add(all);
        continue;
      }
      times.clear();
      for (const std::uint32_t row : rows) times.push_back(batch.rows.times[row]);
      std::sort(times.begin(), times.end());
      for (const TimeNs time : times) joiner.add({tag, time, time});
    }
  }
  if (const auto* erased = std::get_if<TombstonesRecord>(&record)) {
    ChangeSet set;
    for (const Tombstone& tombstone : erased->tombstones)
      set.add(tombstone.tag, tombstone.range.from, tombstone.range.to - 1);
    changes = set.sorted();
  }
  return changes;
}

void RecentChanges::start_at(Position position) {
  const MutexLock lock(mutex_);
  pages_.clear();
  entries_ = 0;
  floor_ = through_ = flushed_ = position;
}

void RecentChanges::add(Position through, std::vector<Change> changes) {
  const MutexLock lock(mutex_);
  entries_ += changes.size();
  // An empty page still tells that nothing changed up to its position.
  pages_.push_back(std::make_shared<const Page>(through_, through, std::move(changes)));
  through_ = through;
  make_room();
}

void RecentChanges::set_flushed(Position position) {
  const MutexLock lock(mutex_);
  flushed_ = position;
}

void RecentChanges::make_room() {
  while (is_full() && !pages_.empty() && pages_.front()->through <= flushed_) {
    floor_ = pages_.front()->through;
    entries_ -= pages_.front()->changes.size();
    pages_.pop_front();
  }
  if (!is_full() || pages_.size() < 2) return;
  // The older half becomes one page.
  const std::size_t count = std::max<std::size_t>(2, pages_.size() / 2);
  ChangeSet together;
  for (std::size_t i = 0; i < count; ++i) {
    together.add(pages_[i]->changes);
    entries_ -= pages_[i]->changes.size();
  }
  auto page = std::make_shared<const Page>(pages_.front()->after, pages_[count - 1]->through,
                                           together.sorted());
  pages_.erase(pages_.begin(), pages_.begin() + static_cast<std::ptrdiff_t>(count));
  entries_ += page->changes.size();
  pages_.push_front(std::move(page));
  // With more tags than fit, merging again at once would gain nothing.
  merge_at_ = std::max(entries_max_, 2 * (entries_ + pages_.size()));
}

Position RecentChanges::through() const {
  const MutexLock lock(mutex_);
  return through_;
}

RecentChanges::Answer RecentChanges::after(Position after) const {
  Answer answer;
  std::vector<PagePtr> pages;
  {
    const MutexLock lock(mutex_);
    answer.complete = after >= floor_;
    answer.through = through_;
    for (const PagePtr& page : pages_) {
      if (page->through > after) pages.push_back(page);
    }
  }
  ChangeSet changes;
  for (const PagePtr& page : pages) changes.add(page->changes);
  answer.changes = changes.sorted();
  return answer;
}

}  // namespace tundish::historian
