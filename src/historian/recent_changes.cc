#include "historian/recent_changes.h"

#include <algorithm>

namespace tundish::historian {

void ChangeSet::add(TagId tag, TimeNs from, TimeNs to) {
  const auto [entry, made] = ranges_.try_emplace(tag, from, to);
  if (made) return;
  entry->second.first = std::min(entry->second.first, from);
  entry->second.second = std::max(entry->second.second, to);
}

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
  for (const auto& [tag, range] : ranges_) changes.push_back({tag, range.first, range.second});
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.tag < b.tag; });
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
