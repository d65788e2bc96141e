#include "serve/newest_samples.h"

#include <algorithm>
#include <limits>

namespace tundish::serve {
namespace {

/// A deleted sample may stay the newest for so long: the last one that came, it still is.
constexpr DurationNs kReadAllEvery = 10 * kMinute;

Status add_newest(Snapshot& snapshot, TagId tag, TimeNs now, Newest& newest) {
  TUNDISH_TRY(const auto latest, snapshot.latest(tag));
  if (!latest) return {};
  newest.add(latest->time, now);
  if (!is_ahead(latest->time, now)) return {};
  TUNDISH_TRY(const auto before, snapshot.at_or_before(tag, now + kFresh));
  if (before) newest.add(before->time, now);
  return {};
}

}  // namespace

void Newest::add(TimeNs time, TimeNs now) {
  TimeNs& newest = is_ahead(time, now) ? ahead_ : newest_;
  newest = std::max(newest, time);
}

void Newest::move_on(TimeNs now) {
  if (ahead_ == 0 || is_ahead(ahead_, now)) return;
  newest_ = std::max(newest_, ahead_);
  ahead_ = 0;
}

Result<Newest> NewestSamples::of(const Enterprise& enterprise, Snapshot& snapshot, TimeNs now) {
  Known known;
  {
    const MutexLock lock(mutex_);
    if (const auto found = known_.find(enterprise.id); found != known_.end()) known = found->second;
  }
  if (known.read_all_at == 0 || now - known.read_all_at > kReadAllEvery || now < known.read_all_at)
    TUNDISH_RETURN_IF_ERROR(read_all(enterprise, snapshot, now, known));
  else
    TUNDISH_RETURN_IF_ERROR(read_changed(enterprise, snapshot, now, known));
  const MutexLock lock(mutex_);
  Known& stored = known_[enterprise.id];
  if (stored.through <= known.through) stored = known;
  return known.newest;
}

Status NewestSamples::read_all(const Enterprise& enterprise, Snapshot& snapshot, TimeNs now,
                               Known& known) const {
  known = {.through = snapshot.position(), .read_all_at = now, .newest = {}};
  const std::string pattern = enterprise.code + "/**";
  TUNDISH_TRY(const auto tags,
              tags_.match(enterprise.id,
                          {.pattern = pattern, .limit = std::numeric_limits<std::size_t>::max()}));
  for (const auto& tag : tags)
    TUNDISH_RETURN_IF_ERROR(add_newest(snapshot, tag->id, now, known.newest));
  return {};
}

Status NewestSamples::read_changed(const Enterprise& enterprise, Snapshot& snapshot, TimeNs now,
                                   Known& known) const {
  known.newest.move_on(now);
  if (snapshot.position() <= known.through) return {};
  TUNDISH_TRY(const auto page, feed_.changes_after(known.through));
  TagId last;
  for (const Change& change : page.changes) {
    if (change.tag.enterprise != enterprise.id || change.tag == last) continue;
    last = change.tag;
    TUNDISH_RETURN_IF_ERROR(add_newest(snapshot, change.tag, now, known.newest));
  }
  known.through = snapshot.position();
  return {};
}

}  // namespace tundish::serve
