#include "entry/entry_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tundish::entry {
namespace {

/// Versions of one time that are looked at: people correct a value a few times, not more.
constexpr std::size_t kVersionsOfATimeMax = 256;
/// Versions of a stretch that is restored.
constexpr std::size_t kVersionsMax = 8 * EntryBook::kStretchSamplesMax;
/// Of a batch, far below the megabyte that a record may have.
constexpr std::size_t kTextBytesMax = 512 << 10;

std::unexpected<Error> too_long(const char* doing) {
  return fail(ErrorCode::kTooLarge,
              fmt::format("the stretch has more than {} samples (or 512 KiB of text) to {}; take "
                          "a shorter one, several times",
                          EntryBook::kStretchSamplesMax, doing),
              "to");
}

/// What is known of one moment of a tag.
struct Moment {
  std::optional<SampleVersion> current;
  bool is_measured = false;  ///< equipment measured something, be it corrected since
};

Result<Moment> look_at(Snapshot& snapshot, TagId tag, TimeNs time) {
  std::vector<SampleVersion> versions;
  TUNDISH_TRY(const bool all,
              snapshot.history(tag, {time, time + 1}, kVersionsOfATimeMax, versions));
  Moment moment;
  // Of more versions than that the measured one comes last, and is taken to be there.
  moment.is_measured = !all;
  for (SampleVersion& version : versions) {
    moment.is_measured |=
        version.version.sample_class == SampleClass::kMeasured && !version.is_erased;
    if (version.is_current) moment.current = std::move(version);
  }
  return moment;
}

Status push(SampleBatch& batch, TagId tag, const Sample& sample, ValueType type) {
  auto value = convert_exact(sample.value, type);
  if (!value)
    return fail(ErrorCode::kTypeMismatch,
                fmt::format("at {} the tag had values of another type, which cannot be written any "
                            "more; take the stretch after it",
                            format_time(sample.time)),
                "from");
  batch.tags.push_back(tag.number);
  batch.rows.push_back(sample.time, *value, sample.quality);
  if (batch.rows.text.size() > kTextBytesMax) return too_long("write");
  return {};
}

Status append_withdrawn(Entry& entry, ValueType type, Snapshot& snapshot, SampleBatch& batch) {
  std::vector<Sample> found;
  bool is_too_long = false;
  TUNDISH_RETURN_IF_ERROR(snapshot.scan(entry.tag, entry.range, [&](const Columns& piece) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (Quality{piece.qualities[i]}.is_bad()) continue;
      if (found.size() == EntryBook::kStretchSamplesMax) is_too_long = true;
      if (is_too_long) return false;
      found.push_back(piece.at(i));
      found.back().quality = entry.stretch_quality;
    }
    return true;
  }));
  if (is_too_long) return too_long("remove");
  for (const Sample& sample : found) TUNDISH_RETURN_IF_ERROR(push(batch, entry.tag, sample, type));
  entry.samples = found.size();
  return {};
}

Status append_restored(Entry& entry, ValueType type, Snapshot& snapshot, SampleBatch& batch) {
  std::vector<SampleVersion> versions;
  TUNDISH_TRY(const bool all, snapshot.history(entry.tag, entry.range, kVersionsMax, versions));
  if (!all) return too_long("restore");
  std::vector<Sample> found;
  // Newest time first; of one time what is seen comes first, what was measured after it.
  for (std::size_t from = 0; from < versions.size();) {
    const auto end = std::find_if(
        versions.begin() + static_cast<std::ptrdiff_t>(from), versions.end(),
        [&](const auto& one) { return one.sample.time != versions[from].sample.time; });
    const auto to = static_cast<std::size_t>(end - versions.begin());
    const SampleVersion& current = versions[from];
    for (std::size_t i = from + 1; i < to && current.is_current; ++i) {
      if (current.version.sample_class != SampleClass::kCorrected) break;
      if (versions[i].version.sample_class == SampleClass::kCorrected || versions[i].is_erased)
        continue;
      if (!same_bits(versions[i].sample, current.sample)) found.push_back(versions[i].sample);
      break;
    }
    from = to;
  }
  if (found.size() > EntryBook::kStretchSamplesMax) return too_long("restore");
  std::ranges::reverse(found);
  for (const Sample& sample : found) TUNDISH_RETURN_IF_ERROR(push(batch, entry.tag, sample, type));
  entry.samples = found.size();
  return {};
}

Status check_permission(const EntryBy& by, const Checked& one, bool changes_measured) {
  if (by.may_correct || !changes_measured) return {};
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("'{}' has a measured value at {}: an engineer corrects it; operators "
                          "enter values where there are none and put right what was entered",
                          one.tag->path, format_time(one.wanted.range.from)),
              "time");
}

/// One value: an entry, a correction, or nothing when it is there already.
Result<std::optional<Entry>> plan_value(const EntryBy& by, const Checked& one, Snapshot& snapshot) {
  const NewEntry& wanted = one.wanted;
  const Sample sample{wanted.range.from, wanted.value, wanted.quality};
  TUNDISH_TRY(Moment moment, look_at(snapshot, one.tag->id, sample.time));
  if (moment.current && same_bits(moment.current->sample, sample)) return std::optional<Entry>();
  Entry entry;
  entry.after = sample;
  if (moment.current) {
    entry.kind = EntryKind::kCorrection;
    entry.before = std::move(moment.current->sample);
    if (wanted.why.empty())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' has a value at {} already: say why it is corrected",
                              one.tag->path, format_time(sample.time)),
                  "why");
  }
  TUNDISH_RETURN_IF_ERROR(check_permission(by, one, moment.is_measured));
  return entry;
}

}  // namespace

Status append_samples(Entry& entry, ValueType type, Snapshot& snapshot, SampleBatch& batch) {
  switch (entry.kind) {
    case EntryKind::kEntry:
    case EntryKind::kCorrection:
      entry.samples = 1;
      return entry.after ? push(batch, entry.tag, *entry.after, type) : Status();
    case EntryKind::kWithdrawal: return append_withdrawn(entry, type, snapshot, batch);
    case EntryKind::kRestoration: return append_restored(entry, type, snapshot, batch);
  }
  return {};
}

Result<Plan> make_plan(const EntryBy& by, const std::vector<Checked>& checked, Snapshot& snapshot,
                       std::vector<EntryRefusal>& refusals) {
  Plan plan;
  plan.batch.enterprise = by.enterprise;
  const auto plan_one = [&](std::size_t row) -> Status {
    const Checked& one = checked[row];
    const NewEntry& wanted = one.wanted;
    Entry entry;
    entry.kind = wanted.kind;
    if (wanted.kind == EntryKind::kEntry) {
      TUNDISH_TRY(auto value, plan_value(by, one, snapshot));
      if (!value) {
        ++plan.unchanged;
        return {};
      }
      entry = *std::move(value);
    } else {
      TUNDISH_RETURN_IF_ERROR(check_permission(by, one, true));
      entry.stretch_quality = wanted.quality;
    }
    entry.tag = one.tag->id;
    entry.range = wanted.range;
    entry.why = wanted.why;
    TUNDISH_RETURN_IF_ERROR(append_samples(entry, one.tag->type, snapshot, plan.batch));
    if (entry.samples == 0)
      return fail(ErrorCode::kNotFound,
                  wanted.kind == EntryKind::kWithdrawal
                      ? "there is no sample to remove: none at all, or they are Bad already"
                      : "there is nothing to restore: no value here is corrected, or nothing was "
                        "measured below it",
                  "from");
    plan.entries.push_back(std::move(entry));
    return {};
  };
  for (std::size_t row = 0; row < checked.size(); ++row) {
    Status fine = plan_one(row);
    if (fine) continue;
    if (fine.error().code == ErrorCode::kIo) return fail(std::move(fine.error()));
    refuse(refusals, row, std::move(fine.error()));
    if (refusals.size() == EntryReceipt::kRefusalsMax) break;
  }
  return plan;
}

}  // namespace tundish::entry
