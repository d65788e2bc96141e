#pragma once

#include <unordered_map>

#include "base/mutex.h"
#include "base/result.h"
#include "model/ports/change_feed.h"
#include "model/ports/enterprise_store.h"
#include "model/ports/sample_reader.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::serve {

/// How old a tag's newest sample may be for the tag to count as alive.
inline constexpr DurationNs kFresh = kMinute;

/// A sample up to 24 h ahead of our clock is kept; by more than what clocks may differ it says nothing
/// of whether its tag is alive, and would say so for a day.
inline bool is_ahead(TimeNs time, TimeNs now) { return time > now + kFresh; }

/// The newest of samples' times, those ahead of the clock only for want of others.
class Newest {
 public:
  void add(TimeNs time, TimeNs now);
  /// What was ahead may be no longer.
  void move_on(TimeNs now);
  /// 0: there is no sample.
  TimeNs time() const { return newest_ != 0 ? newest_ : ahead_; }
  bool is_fresh(TimeNs now) const { return newest_ != 0 && newest_ >= now - kFresh; }

 private:
  TimeNs newest_ = 0;
  TimeNs ahead_ = 0;
};

/// The newest sample of each enterprise: all its tags are read once, after that only those that
/// changed since the question before. Any thread.
class NewestSamples {
 public:
  NewestSamples(ChangeFeed& feed, const TagCatalogue& tags) : feed_(feed), tags_(tags) {}

  /// @param snapshot newer than any given before is what makes the answer newer
  Result<Newest> of(const Enterprise& enterprise, Snapshot& snapshot, TimeNs now);

 private:
  struct Known {
    Position through;
    TimeNs read_all_at = 0;
    Newest newest;
  };
  Status read_all(const Enterprise& enterprise, Snapshot& snapshot, TimeNs now, Known& known) const;
  Status read_changed(const Enterprise& enterprise, Snapshot& snapshot, TimeNs now,
                      Known& known) const;

  ChangeFeed& feed_;
  const TagCatalogue& tags_;
  Mutex mutex_;
  std::unordered_map<EnterpriseId, Known> known_ TUNDISH_GUARDED_BY(mutex_);
};

}  // namespace tundish::serve
