// How the files of one state are kept for a copy:
// 1. hold() notes the manifest in force and its blocks. From now on none of them is removed, nor a journal
//    segment with records that came after that manifest.
// 2. cut() tells how far the journal reaches. Manifest, blocks and the journal to there are the state.
// 3. Flush and compaction go on and publish what they make; what they replace stays as a file.
// 4. When the Hold goes, the next maintain() removes what nobody needs any more.
// After a crash in between the next start removes it: no manifest names it.

#include "historian/historian.h"
#include "historian/hold.h"
#include "historian/journal_writer.h"

namespace tundish::historian {

std::unique_ptr<Hold> Historian::hold() {
  std::unique_ptr<Hold> hold(new Hold(*this));
  const MutexLock lock(maintenance_mutex_);
  hold->manifest_ = in_force_bytes_;
  hold->blocks_ = in_force_.blocks;
  hold->flushed_ = in_force_.flushed;
  holds_.insert(hold.get());
  return hold;
}

Hold::~Hold() {
  const MutexLock lock(historian_.maintenance_mutex_);
  historian_.holds_.erase(this);
  historian_.hold_ended_ = true;
}

Hold::Cut Hold::cut() const {
  Cut cut;
  for (const BlockInfo& block : blocks_)
    cut.files.push_back({block_path(block.file_id), block.bytes, block.bytes, true});
  // Between two groups: what is written is synced, and all of it is acknowledged or about to be.
  const MutexLock turn(historian_.commit_mutex_);
  cut.position = historian_.applied();
  const JournalEnd end = historian_.journal_->end();
  for (const SegmentInfo& segment : historian_.journal_->segments()) {
    if (segment.last <= flushed_ && segment.file_id != end.file_id) continue;
    const bool is_open = segment.file_id == end.file_id;
    cut.files.push_back({segment_path(segment.file_id), segment.bytes,
                         is_open ? end.valid_end : segment.bytes, !is_open});
  }
  return cut;
}

bool Historian::is_held(std::uint64_t block) const {
  for (const Hold* hold : holds_)
    for (const BlockInfo& kept : hold->blocks_)
      if (kept.file_id == block) return true;
  return false;
}

/// Records after this position are somebody's.
Position Historian::held_from() const {
  Position from(UINT64_MAX);
  for (const Hold* hold : holds_) from = std::min(from, hold->flushed_);
  return from;
}

}  // namespace tundish::historian
