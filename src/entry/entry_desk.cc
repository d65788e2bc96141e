#include "entry/entry_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace tundish::entry {
namespace {

constexpr const char* kSource = "entry";
constexpr const char* kStream = "entries";
constexpr std::uint32_t kNewestEpoch = 0;
/// Above corrections that programs send as samples, below a deletion that means corrections, too.
constexpr std::uint8_t kPriority = 200;

/// The errors with which SampleSink promises that nothing was appended.
bool surely_not_stored(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDiskFull:
    case ErrorCode::kOverloaded:
    case ErrorCode::kTooLarge:
    case ErrorCode::kNotFound:
    case ErrorCode::kConflict:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kTypeMismatch: return true;
    default: return false;
  }
}

/// Those that trying again does not change.
bool will_never_be(ErrorCode code) {
  return surely_not_stored(code) && code != ErrorCode::kDiskFull && code != ErrorCode::kOverloaded;
}

void as_entries(SampleBatch& batch, const BatchNumber& number) {
  batch.number = number;
  batch.sample_class = SampleClass::kCorrected;
  batch.priority = kPriority;
}

}  // namespace

Result<std::unique_ptr<EntryDesk>> EntryDesk::open(const Ports& ports) {
  TUNDISH_TRY(const EntryTable table, EntryTable::open(ports.database));
  std::unique_ptr<EntryDesk> desk(new EntryDesk(ports, table));
  const MutexLock turn(desk->writing_);
  if (const Status finished = desk->finish_pending(); !finished)
    log_warning("entry", "entries of the last run wait to be written: {}",
                finished.error().to_string());
  return desk;
}

Status EntryDesk::finish_pending() {
  if (!has_pending_) return {};
  TUNDISH_TRY(auto waiting, table_.pending());
  while (!waiting.empty()) {
    const auto same_batch = [&](const Entry& entry) {
      return entry.tag.enterprise == waiting.front().tag.enterprise &&
             entry.number == waiting.front().number;
    };
    const auto end = std::find_if_not(waiting.begin(), waiting.end(), same_batch);
    TUNDISH_RETURN_IF_ERROR(finish_batch({waiting.begin(), end}));
    waiting.erase(waiting.begin(), end);
  }
  has_pending_ = false;
  return {};
}

/// A batch that may be among the samples already: then its number says so, whatever it has now.
Status EntryDesk::finish_batch(std::vector<Entry> entries) {
  SampleBatch batch;
  batch.enterprise = entries.front().tag.enterprise;
  as_entries(batch, entries.front().number);
  TUNDISH_TRY(const auto snapshot, ports_.reader.snapshot());
  std::vector<Entry> planned = entries;
  for (Entry& entry : planned) {
    const TagPtr tag = ports_.tags.get(entry.tag);
    const ValueType type = tag != nullptr ? tag->type : ValueType::kDouble;
    if (Status appended = append_samples(entry, type, *snapshot, batch); !appended) {
      // Only what it would be now cannot be told; what was stored under the number is.
      if (appended.error().code == ErrorCode::kIo) return appended;
      batch = {};
      batch.enterprise = entry.tag.enterprise;
      as_entries(batch, entry.number);
      break;
    }
  }
  const bool is_empty = batch.size() == 0;
  auto appended = ports_.sink.append(std::move(batch));
  if (!appended && !will_never_be(appended.error().code)) return fail(std::move(appended.error()));
  if (appended && appended->repeated) return table_.set_stored(entries);
  if (appended && !is_empty) return table_.set_stored(planned);
  log_warning("entry",
              "{} entries of {} could not be done after a restart and are dropped; they "
              "had not been acknowledged",
              entries.size(), entries.front().who);
  return table_.remove(entries);
}

/// A laboratory's attribute has no tag before its first value.
Status EntryDesk::make_tags(EnterpriseId enterprise, std::vector<Checked>& checked) {
  std::vector<NewTag> wanted;
  std::vector<Checked*> waiting;
  for (Checked& one : checked) {
    if (one.tag->id.number != 0) continue;
    wanted.push_back({.path = one.tag->path,
                      .type = one.tag->type,
                      .step = one.tag->step,
                      .unit = one.tag->unit,
                      .description = one.tag->description,
                      .simulated = one.tag->simulated});
    waiting.push_back(&one);
  }
  if (wanted.empty()) return {};
  TUNDISH_TRY(const auto made, ports_.tags.ensure(enterprise, wanted));
  for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i]->tag = made[i];
  return {};
}

Result<BatchNumber> EntryDesk::next_number(EnterpriseId enterprise) {
  auto stream = ports_.sink.find_stream(enterprise, kSource, kStream, kNewestEpoch);
  if (!stream && stream.error().code == ErrorCode::kNotFound)
    stream = ports_.sink.open_stream(enterprise, kSource, kStream);
  if (!stream) return fail(std::move(stream.error()));
  TUNDISH_TRY(const std::uint64_t recorded, table_.last_sequence(enterprise, stream->epoch));
  return BatchNumber{stream->source, stream->stream, stream->epoch,
                     std::max(stream->next_sequence, recorded + 1)};
}

/// Steps two to four of the story in the header.
Status EntryDesk::write(Plan& plan) {
  TUNDISH_TRY(const BatchNumber number, next_number(plan.batch.enterprise));
  as_entries(plan.batch, number);
  for (Entry& entry : plan.entries) entry.number = number;
  TUNDISH_RETURN_IF_ERROR(table_.add(plan.entries));
  auto appended = ports_.sink.append(std::move(plan.batch));
  if (appended && appended->repeated)
    return fail(ErrorCode::kInternal, "the number of this entry was used before");
  if (!appended) {
    if (surely_not_stored(appended.error().code) && table_.remove(plan.entries))
      return fail(std::move(appended.error()));
    has_pending_ = true;
    return fail(ErrorCode::kUnavailable,
                fmt::format("what you entered is recorded, and is written as soon as it can be: "
                            "do not enter it again ({})",
                            appended.error().message));
  }
  for (Entry& entry : plan.entries) entry.is_pending = false;
  // It is on disk and can be read. That the record says so can wait for the next turn or start.
  if (const Status marked = table_.set_stored(plan.entries); !marked) {
    has_pending_ = true;
    log_warning("entry", "{}", marked.error().to_string());
  }
  return {};
}

Result<EntryReceipt> EntryDesk::enter(const EntryBy& by, std::vector<NewEntry> wanted) {
  if (wanted.size() > kEntriesMax)
    return fail(ErrorCode::kTooLarge,
                fmt::format("at most {} values a call; send several", kEntriesMax), "samples");
  EntryReceipt receipt;
  const TimeNs now = ports_.clock.now();
  const auto model = ports_.models.model(by.enterprise);
  auto checked = check_rows(by, std::move(wanted), ports_.tags, *model, now, receipt.refusals);
  if (!receipt.refusals.empty()) return receipt;
  if (!by.is_dry_run) TUNDISH_RETURN_IF_ERROR(make_tags(by.enterprise, checked));
  const MutexLock turn(writing_);
  TUNDISH_RETURN_IF_ERROR(finish_pending());
  TUNDISH_TRY(const auto snapshot, ports_.reader.snapshot());
  TUNDISH_TRY(Plan plan, make_plan(by, checked, *snapshot, receipt.refusals));
  if (!receipt.refusals.empty()) return receipt;
  receipt.unchanged = plan.unchanged;
  for (Entry& entry : plan.entries) {
    entry.received = now;
    entry.who = by.actor;
  }
  if (!by.is_dry_run && !plan.entries.empty()) TUNDISH_RETURN_IF_ERROR(write(plan));
  receipt.entries = std::move(plan.entries);
  return receipt;
}

Result<std::vector<Entry>> EntryDesk::entries(EnterpriseId enterprise,
                                              const EntrySearch& search) const {
  return table_.find(enterprise, search);
}

}  // namespace tundish::entry
