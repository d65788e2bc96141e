#include "historian/recent_changes.h"

#include <algorithm>
#include <limits>

namespace tundish::historian {

namespace {

/// How far apart a < b are, at most the longest duration.
DurationNs gap(TimeNs a, TimeNs b) {
  DurationNs distance = 0;
  return __builtin_sub_overflow(b, a, &distance) ? std::numeric_limits<DurationNs>::max()
                                                 : distance;
}

}  // namespace

void ChangeSet::Ranges::add(TimeNs from, TimeNs to) {
  // Which of the ranges [first, last) are close enough to become one with the new one.
  std::size_t first = 0;
  while (first < count_ && ranges_[first].second < from &&
         gap(ranges_[first].second, from) > kApart)
    ++first;
  std::size_t last = first;
  while (last < count_ && (ranges_[last].first <= to || gap(to, ranges_[last].first) <= kApart)) {
    from = std::min(from, ranges_[last].first);
    to = std::max(to, ranges_[last].second);
    ++last;
  }
  const auto at = [this](std::size_t index) {
    return ranges_.begin() + static_cast<std::ptrdiff_t>(index);
  };
  if (first == last)
    std::copy_backward(at(first), at(count_), at(count_ + 1));
  else
    std::copy(at(last), at(count_), at(first + 1));
  count_ = count_ + 1 - (last - first);
  ranges_[first] = {from, to};
  if (count_ > kRangesMax) join_closest();
}

void ChangeSet::Ranges::join_closest() {
  std::size_t closest = 0;
  for (std::size_t i = 1; i + 1 < count_; ++i)
    if (gap(ranges_[i].second, ranges_[i + 1].first) <
        gap(ranges_[closest].second, ranges_[closest + 1].first))
      closest = i;
  ranges_[closest].second = ranges_[closest + 1].second;
  for (std::size_t i = closest + 1; i + 1 < count_; ++i) ranges_[i] = ranges_[i + 1];
  --count_;
}

void ChangeSet::add(TagId tag, TimeNs from, TimeNs to) { ranges_[tag].add(from, to); }

void ChangeSet::add(const Record& record) {
  if (const auto* samples = std::get_if<BatchRecord>(&record)) {
    const SampleBatch& batch = samples->batch;
    for (std::size_t row = 0; row < batch.size(); ++row)
      add({batch.enterprise, batch.tags[row]}, batch.rows.times[row], batch.rows.times[row]);
  }
  if (const auto* erased = std::get_if<TombstonesRecord>(&record)) {
    for (const Tombstone& tombstone : erased->tombstones)
      add(tombstone.tag, tombstone.range.from, tombstone.range.to - 1);
  }
}

std::vector<Change> ChangeSet::sorted() const {
  std::vector<Change> changes;
  changes.reserve(ranges_.size());
  for (const auto& [tag, ranges] : ranges_)
    for (const auto& [from, to] : ranges) changes.push_back({tag, from, to});
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return a.tag != b.tag ? a.tag < b.tag : a.from < b.from;
  });
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
    for (const Change& change : pages_[i]->changes)
      together.add(change.tag, change.from, change.to);
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
  for (const PagePtr& page : pages) {
    for (const Change& change : page->changes) changes.add(change.tag, change.from, change.to);
  }
  answer.changes = changes.sorted();
  return answer;
}

}  // namespace tundish::historian
