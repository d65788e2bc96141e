// What happens to bytes that fail their checksum in the journal or in a manifest:
// 1. Recovery reports them and copies them to quarantine/.
// 2. A copy that cannot be made (the disk is full, or does not read) is remembered and tried again
//    by maintain(), once a minute, and before the file would be changed or removed.
// 3. A journal segment that nobody needs any more and that still holds such bytes is moved into
//    quarantine/ as a whole, which takes no space. So no damaged byte is ever deleted.
// After a restart the damage is found anew, as its file is still there.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "historian/historian.h"

namespace tundish::historian {
namespace {

constexpr std::uint64_t kSpareBytes = 64 << 10;
constexpr DurationNs kCopyPeriod = kMinute;

std::string plain_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

bool is_manifest(std::string_view file) {
  return file == kManifestPath || file == kPreviousManifestPath;
}

}  // namespace

/// Reports damaged bytes and copies them, now or later. An empty place (records that are missing)
/// has nothing to copy.
void Historian::report_damage(const BadPlace& place, std::string what) {
  if (place.from >= place.to) {
    add_damage({place.file, place.from, std::move(what), ""});
    return;
  }
  auto copy = copy_to_quarantine(place);
  if (!copy) {
    log_warning("historian", "no copy of {} bytes of {} could be made yet, the file stays: {}",
                place.to - place.from, place.file, copy.error().to_string());
    uncopied_.push_back(place);
  }
  add_damage({place.file, place.from, std::move(what), std::move(copy).value_or("")});
}

/// Copies the bytes whole or not at all. @return the copy's path. Errors: kDiskFull, kIo.
Result<std::string> Historian::copy_to_quarantine(const BadPlace& place) {
  // A try that fails half-way would take the last bytes from those who need them meanwhile.
  const auto free = disk_.free_bytes();
  if (free && *free < place.to - place.from + kSpareBytes)
    return fail(ErrorCode::kDiskFull, "there is no room for a copy", place.file);
  TUNDISH_TRY(const auto file, disk_.open(place.file, io::Open::kRead));
  Bytes bytes(place.to - place.from);
  TUNDISH_RETURN_IF_ERROR(file->read_at(place.from, bytes));
  std::string copy =
      fmt::format("{}/{}.{}-{}", kQuarantineFolder, plain_name(place.file), place.from, place.to);
  TUNDISH_RETURN_IF_ERROR(io::replace_file(disk_, copy, bytes));
  return copy;
}

/// Tries again what has no copy yet, in `file` or in all files.
void Historian::copy_what_was_not(std::string_view file) {
  std::erase_if(uncopied_, [&](const BadPlace& place) {
    if (!file.empty() && place.file != file) return false;
    const auto copy = copy_to_quarantine(place);
    if (copy) note_quarantined(place, *copy);
    return copy.has_value();
  });
}

/// The same from time to time, for maintain().
void Historian::copy_when_due() {
  if (uncopied_.empty() || clock_.monotonic() < copy_due_) return;
  copy_what_was_not();
  copy_due_ = clock_.monotonic() + kCopyPeriod;
}

bool Historian::is_copied(std::string_view file) const {
  return std::none_of(uncopied_.begin(), uncopied_.end(),
                      [&](const BadPlace& place) { return place.file == file; });
}

/// Before a manifest is written over one that is damaged. Errors: those of the copy.
Status Historian::save_damaged_manifests() {
  for (const BadPlace& place : uncopied_) {
    if (!is_manifest(place.file)) continue;
    TUNDISH_TRY(const std::string copy, copy_to_quarantine(place));
    note_quarantined(place, copy);
  }
  std::erase_if(uncopied_, [](const BadPlace& place) { return is_manifest(place.file); });
  return {};
}

/// Removes a journal segment that no manifest needs, or sets it aside if it holds damaged bytes of
/// which there is no copy. Durable on return.
Status Historian::remove_segment(const std::string& path) {
  copy_what_was_not(path);
  if (is_copied(path)) {
    // Gone already: the sync of the folder failed the last time.
    if (Status removed = disk_.remove(path);
        !removed && removed.error().code != ErrorCode::kNotFound)
      return removed;
    return disk_.sync_folder(std::string(kJournalFolder));
  }
  const std::string aside = fmt::format("{}/{}", kQuarantineFolder, plain_name(path));
  if (Status moved = disk_.rename(path, aside);
      !moved && moved.error().code != ErrorCode::kNotFound)
    return moved;
  TUNDISH_RETURN_IF_ERROR(disk_.sync_folder(std::string(kQuarantineFolder)));
  TUNDISH_RETURN_IF_ERROR(disk_.sync_folder(std::string(kJournalFolder)));
  for (const BadPlace& place : uncopied_) {
    if (place.file == path) note_quarantined(place, aside);
  }
  std::erase_if(uncopied_, [&](const BadPlace& place) { return place.file == path; });
  return {};
}

/// The reported damage says from now on where its bytes are.
void Historian::note_quarantined(const BadPlace& place, const std::string& copy) {
  log_info("historian", "the damaged bytes {} to {} of {} are in {}", place.from, place.to,
           place.file, copy);
  const MutexLock lock(status_mutex_);
  for (Damage& damage : counters_.damage) {
    if (damage.file == place.file && damage.offset == place.from) damage.quarantined = copy;
  }
}

}  // namespace tundish::historian
