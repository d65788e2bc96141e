// How something is written:
// 1. The caller checks and packs its record, puts the request into the queue and waits.
// 2. The commit thread takes all that waits. Batches that follow one another form a group; a request
//    that hands out numbers (tags, streams) goes alone, since its numbers depend on all before it.
// 3. Batches whose number is stored already are answered without writing.
// 4. One write and one sync for the group; then registry, head shards and change feed take it in.
// 5. Every caller is answered. What it wrote can be read.

#include <fmt/format.h>

#include <algorithm>
#include <latch>
#include <limits>
#include <map>
#include <tuple>

#include "base/check.h"
#include "base/log.h"
#include "historian/commit_request.h"
#include "historian/historian.h"
#include "historian/journal_writer.h"

namespace tundish::historian {
namespace {

// More would make the first in the group wait long for the last.
constexpr std::size_t kGroupBytesMax = 8 << 20;
constexpr std::size_t kTombstonesMax = 8'192;

Status check_name(const std::string& name, const char* what) {
  if (name.empty() || name.size() > kNameBytesMax)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the {} must have 1 to {} bytes", what, kNameBytesMax));
  return {};
}

}  // namespace

// --- the callers' side -----------------------------------------------------------------------------

Status Historian::check_rows(const SampleBatch& batch, const TagGroups& groups) const {
  const BatchColumns& rows = batch.rows;
  for (const TagGroups::Group& group : groups.groups) {
    const TagId id{batch.enterprise, group.tag};
    const auto of_tag = groups.rows(group);
    const RegisteredTag* tag = registry_.find_tag(id);
    if (tag == nullptr)
      return fail(ErrorCode::kNotFound,
                  fmt::format("row {}: there is no tag {}", of_tag.front(), group.tag));
    const TimeNs kept_from = registry_.retention().kept_from(id);
    for (const std::uint32_t row : of_tag) {
      if (tag->type != rows.types[row])
        return fail(ErrorCode::kTypeMismatch,
                    fmt::format("row {}: tag {} has type {}, the value is {}", row, group.tag,
                                value_type_name(tag->type), value_type_name(rows.types[row])));
      if (rows.times[row] < kept_from)
        return fail(ErrorCode::kBeyondRetention,
                    fmt::format("row {}: {} is older than tag {} is kept", row,
                                format_time(rows.times[row]), group.tag));
      if (tag->type == ValueType::kString && rows.text_at(row).size() > kStringBytesMax)
        return fail(ErrorCode::kTooLarge,
                    fmt::format("row {}: a string has at most {} bytes", row, kStringBytesMax));
    }
  }
  return {};
}

bool Historian::is_stored(const SampleBatch& batch) const {
  const ReceivedSequences* received = registry_.find_epoch(batch.enterprise, batch.number);
  return received != nullptr && received->contains(batch.number.sequence);
}

Result<SampleSink::Appended> Historian::append(SampleBatch batch,
                                               std::optional<FeedCommit> commit_position) {
  if (commit_position)
    TUNDISH_RETURN_IF_ERROR(check_name(commit_position->consumer, "consumer's name"));
  const bool is_commit_only = batch.size() == 0 && commit_position && batch.number.source == 0;
  const std::uint64_t sequence = batch.number.sequence;
  if (!is_commit_only && (sequence == 0 || sequence > INT64_MAX))
    return fail(ErrorCode::kInvalidArgument, "batches of a stream are numbered from 1 to 2^63 - 1");
  CommitRequest request(BatchRecord{std::move(batch), std::move(commit_position)});
  {
    const ReadLock lock(registry_mutex_);
    request.tags_revision = registry_.tags_revision();
    if (Status checked = check_rows(request.batch(), request.groups); !checked) {
      // A repeat of what was stored before a retype is still a repeat, not a mistake.
      if (!is_stored(request.batch())) return std::unexpected(std::move(checked).error());
      return Appended{applied(), true};
    }
  }
  TUNDISH_TRY(request.payload, pack_record(request.record));
  TUNDISH_RETURN_IF_ERROR(commit(request));
  return Appended{request.position, request.repeated};
}

Result<std::vector<TagId>> Historian::make_tags(EnterpriseId enterprise,
                                                std::span<const NewTagId> tags) {
  std::vector<TagId> ids;
  ids.reserve(tags.size());
  while (!tags.empty()) {
    const auto some = tags.first(std::min(tags.size(), kTagsPerRecordMax));
    CommitRequest request(TagsMadeRecord{enterprise, 0, {some.begin(), some.end()}});
    TUNDISH_RETURN_IF_ERROR(commit(request));
    const std::uint32_t first = std::get<TagsMadeRecord>(request.record).first_number;
    for (std::uint32_t i = 0; i < some.size(); ++i) ids.push_back({enterprise, first + i});
    tags = tags.subspan(some.size());
  }
  return ids;
}

Status Historian::retype_tag(TagId tag, ValueType type) {
  TUNDISH_TRY(const ValueType now, tag_type(tag));
  if (now == type) return {};
  CommitRequest request(TagRetypedRecord{tag, type});
  return commit(request);
}

Result<StreamState> Historian::open_stream(EnterpriseId enterprise, const std::string& source,
                                           const std::string& stream) {
  TUNDISH_RETURN_IF_ERROR(check_name(source, "source's name"));
  TUNDISH_RETURN_IF_ERROR(check_name(stream, "stream's name"));
  CommitRequest request(StreamOpenedRecord{enterprise, source, stream, 0, 0, 0});
  TUNDISH_RETURN_IF_ERROR(commit(request));
  const auto& opened = std::get<StreamOpenedRecord>(request.record);
  return StreamState{opened.source, opened.stream, opened.epoch, 1};
}

Result<StreamState> Historian::find_stream(EnterpriseId enterprise, const std::string& source,
                                           const std::string& stream, std::uint32_t epoch) {
  const ReadLock lock(registry_mutex_);
  const auto state = registry_.find_stream(enterprise, source, stream, epoch);
  if (!state)
    return fail(ErrorCode::kNotFound,
                fmt::format("epoch {} of stream {} of {} is not open; open the stream first", epoch,
                            stream, source));
  return *state;
}

std::string Historian::source_name(EnterpriseId enterprise, std::uint32_t source) const {
  const ReadLock lock(registry_mutex_);
  return registry_.source_name(enterprise, source);
}

std::size_t Historian::stream_count(EnterpriseId enterprise) {
  const ReadLock lock(registry_mutex_);
  return registry_.stream_count(enterprise);
}

Result<Position> Historian::erase(std::vector<Tombstone> tombstones) {
  if (tombstones.empty()) return fail(ErrorCode::kInvalidArgument, "there is nothing to erase");
  if (tombstones.size() > kTombstonesMax)
    return fail(ErrorCode::kTooLarge,
                fmt::format("one call erases at most {} ranges", kTombstonesMax));
  for (const Tombstone& tombstone : tombstones) {
    if (tombstone.range.from >= tombstone.range.to)
      return fail(ErrorCode::kInvalidArgument, "the range to erase is empty");
    TUNDISH_RETURN_IF_ERROR(tag_type(tombstone.tag));
  }
  CommitRequest request(TombstonesRecord{std::move(tombstones)});
  TUNDISH_RETURN_IF_ERROR(commit(request));
  return request.position;
}

Status Historian::keep_tags(EnterpriseId enterprise, KeepDays keep, std::span<const TagId> tags) {
  if (keep > kKeepDaysMax)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("tags are kept for at most {} days, or for ever", kKeepDaysMax));
  while (!tags.empty()) {
    const auto some = tags.first(std::min(tags.size(), kTagsKeptPerRecordMax));
    TagsKeptRecord record{enterprise, keep, {}};
    for (const TagId tag : some)
      if (tag.enterprise == enterprise) record.tags.push_back(tag.number);
    CommitRequest request(std::move(record));
    TUNDISH_RETURN_IF_ERROR(commit(request));
    tags = tags.subspan(some.size());
  }
  return {};
}

Status Historian::advance_horizon(EnterpriseId enterprise, KeepDays keep, TimeNs horizon) {
  if (keep == kKeptForEver || keep > kKeepDaysMax)
    return fail(ErrorCode::kInvalidArgument, "there is no such retention class");
  CommitRequest request(HorizonRecord{enterprise, keep, horizon});
  return commit(request);
}

Status Historian::commit(CommitRequest& request) {
  if (stopping_ || dead_) return std::unexpected(unavailable());
  if (options_.threads) {
    if (!queue_.push(&request)) return std::unexpected(unavailable());
    request.done.acquire();
  } else {
    CommitRequest* const one[] = {&request};
    commit_group(one);
  }
  return request.status;
}

Error Historian::unavailable() const {
  return {ErrorCode::kUnavailable,
          dead_ ? "the historian stopped because its disk failed to sync; restart it"
                : "the historian is stopping"};
}

// --- the commit thread -----------------------------------------------------------------------------

void Historian::commit_loop() {
  while (true) {
    const std::deque<CommitRequest*> waiting = queue_.pop_all();
    if (waiting.empty()) return;
    wait_for_room();
    const std::vector<CommitRequest*> requests(waiting.begin(), waiting.end());
    commit_group(requests);
    for (CommitRequest* request : requests) request->done.release();
    if (journal_->wants_next() || room_wanted_ || flush_is_due()) {
      const MutexLock lock(wake_mutex_);
      wake_wanted_ = true;
      wake_.notify_one();
    }
  }
}

/// Writers wait while a flush is behind; if flushes fail, what is in memory stays bounded by the
/// journal, which a full disk stops.
void Historian::wait_for_room() {
  const auto has_room = [&] {
    std::uint64_t bytes = 0;
    for (const GenerationPtr& generation : current_view().generations) bytes += generation->bytes();
    return bytes < 2 * options_.head_bytes_max || flush_failed_ || stopping_;
  };
  if (has_room()) return;
  const MutexLock lock(wake_mutex_);
  wake_wanted_ = true;
  wake_.notify_one();
  while (!has_room()) room_made_.wait(wake_mutex_);
}

void Historian::commit_group(std::span<CommitRequest* const> requests) {
  const TurnLock turn(commit_mutex_, registry_mutex_);
  for (std::size_t from = 0; from < requests.size();) {
    if (!requests[from]->is_batch()) {
      commit_one(*requests[from++]);
      continue;
    }
    std::size_t to = from;
    std::size_t bytes = 0;
    while (to < requests.size() && requests[to]->is_batch() &&
           (to == from || bytes < kGroupBytesMax))
      bytes += requests[to++]->payload.record_bytes();
    commit_batches(requests.subspan(from, to - from));
    from = to;
  }
}

/// Whether a batch is to be written; sets its answer if not.
Status Historian::admit(CommitRequest& request) const {
  if (dead_) return std::unexpected(unavailable());
  const SampleBatch& batch = request.batch();
  if (batch.number.source == 0 && batch.size() == 0) return {};
  const ReceivedSequences* received = registry_.find_epoch(batch.enterprise, batch.number);
  if (received == nullptr)
    return fail(ErrorCode::kNotFound,
                "the batch is numbered for an epoch that was never opened or is long gone");
  request.repeated = received->contains(batch.number.sequence);
  if (request.repeated) return {};
  if (request.tags_revision != registry_.tags_revision())
    TUNDISH_RETURN_IF_ERROR(check_rows(batch, request.groups));
  if (!received->can_insert(batch.number.sequence))
    return fail(ErrorCode::kTooLarge,
                fmt::format("the stream's numbering has more than {} holes; send what is missing "
                            "or open a new epoch",
                            ReceivedSequences::kHolesMax));
  if (batch.number.sequence != received->next_sequence() &&
      registry_.holes(batch.enterprise) >= kEnterpriseHolesMax)
    return fail(ErrorCode::kTooLarge,
                fmt::format("the numbering of this enterprise's streams has {} holes, the most it "
                            "may have; send what is missing, in order",
                            kEnterpriseHolesMax));
  return {};
}

/// What hands out numbers does so within bounds: what was handed out is remembered for ever.
Status Historian::check_numbers(const Record& record) const {
  if (const auto* tags = std::get_if<TagsMadeRecord>(&record)) {
    const std::uint64_t made = registry_.next_tag_number(tags->enterprise) - 1;
    if (made + tags->tags.size() > options_.tag_numbers_max)
      return fail(ErrorCode::kQuotaExceeded,
                  fmt::format("{} tags have been made for this enterprise since it exists, of at "
                              "most {}, those that were removed included; rename or retype tags "
                              "instead of removing and making them",
                              made, options_.tag_numbers_max));
  }
  if (const auto* opened = std::get_if<StreamOpenedRecord>(&record)) {
    const StreamOpenedRecord next =
        registry_.next_epoch(opened->enterprise, opened->source_name, opened->stream_name);
    // The one after the last is 0.
    if (next.epoch == 0 || next.epoch == std::numeric_limits<std::uint32_t>::max())
      return fail(ErrorCode::kQuotaExceeded,
                  "the stream has been opened as often as it may; use one of another name");
  }
  return {};
}

void Historian::commit_batches(std::span<CommitRequest* const> requests) {
  std::vector<CommitRequest*> to_write;
  std::vector<std::pair<CommitRequest*, CommitRequest*>> repeats;  // of one in this group
  std::map<std::tuple<EnterpriseId, BatchNumber>, CommitRequest*> numbers;
  for (CommitRequest* request : requests) {
    request->status = admit(*request);
    if (!request->status) continue;
    if (request->repeated) {
      request->position = applied();
      continue;
    }
    const SampleBatch& batch = request->batch();
    if (batch.number.source != 0) {
      const auto [first, is_first] =
          numbers.try_emplace(std::tuple(batch.enterprise, batch.number), request);
      if (!is_first) {
        repeats.emplace_back(request, first->second);
        continue;
      }
    }
    to_write.push_back(request);
  }
  if (!to_write.empty()) {
    const Status status = write_records(to_write);
    for (CommitRequest* request : to_write) request->status = status;
  }
  for (const auto& [request, first] : repeats) {
    request->status = first->status;
    request->position = first->position;
    request->repeated = true;
  }
}

void Historian::commit_one(CommitRequest& request) {
  if (dead_) {
    request.status = std::unexpected(unavailable());
    return;
  }
  if (Status allowed = check_numbers(request.record); !allowed) {
    request.status = std::move(allowed);
    return;
  }
  fill_numbers(request.record);
  auto payload = pack_record(request.record);
  if (!payload) {
    request.status = std::unexpected(std::move(payload).error());
    return;
  }
  request.payload = std::move(*payload);
  CommitRequest* const one[] = {&request};
  request.status = write_records(one);
}

void Historian::fill_numbers(Record& record) const {
  if (auto* tags = std::get_if<TagsMadeRecord>(&record))
    tags->first_number = registry_.next_tag_number(tags->enterprise);
  if (auto* opened = std::get_if<StreamOpenedRecord>(&record))
    *opened = registry_.next_epoch(opened->enterprise, opened->source_name, opened->stream_name);
}

/// Journal, then memory. On an error nothing of the group is stored.
Status Historian::write_records(std::span<CommitRequest* const> requests) {
  std::vector<const PackedPayload*> payloads;
  std::vector<Arrival*> records;
  for (CommitRequest* request : requests) {
    payloads.push_back(&request->payload);
    records.push_back(request);
  }
  const Position first(applied().value() + 1);
  const DurationNs started = clock_.monotonic();
  auto failure = journal_->append(first, payloads);
  const auto took =
      static_cast<std::uint64_t>(std::max<DurationNs>(0, clock_.monotonic() - started));
  if (failure && failure->fatal) {
    stop_for_ever(failure->error);
    return std::unexpected(unavailable());
  }
  {
    const MutexLock lock(status_mutex_);
    counters_.disk_full = failure && failure->error.code == ErrorCode::kDiskFull;
    if (counters_.disk_full) {
      counters_.refused_disk_full += requests.size();
      room_wanted_ = true;
    }
    if (!failure) {
      counters_.sync_ns_total += took;
      counters_.sync_ns_max = std::max(counters_.sync_ns_max, took);
      for (const CommitRequest* request : requests) {
        if (!request->is_batch()) continue;
        ++counters_.batches_appended;
        counters_.samples_appended += request->batch().size();
      }
    }
  }
  if (failure) return std::unexpected(std::move(failure->error));
  std::uint64_t position = first.value();
  for (CommitRequest* request : requests) request->position = Position(position++);
  apply_records(records, first);
  return {};
}

void Historian::stop_for_ever(const Error& error) {
  dead_ = true;
  options_.on_fatal(fmt::format(
      "the journal could not be synced to disk, so nothing more can be promised: {}. Check the "
      "disk, then start again: everything acknowledged so far is kept",
      error.to_string()));
}

// --- applying --------------------------------------------------------------------------------------

void Historian::apply_records(std::span<Arrival* const> records, Position first) {
  {
    const PublishLock lock(registry_mutex_);
    for (std::size_t i = 0; i < records.size(); ++i)
      registry_.apply(records[i]->record, Position(first.value() + i));
    retention_is_used_ = registry_.retention().revision() != 0;
  }
  apply_to_head(records, first);
  std::vector<Change> changes = std::move(records.front()->changes);
  if (records.size() > 1) {
    ChangeSet together;
    together.add(changes);
    for (const Arrival* record : records.subspan(1)) together.add(record->changes);
    changes = together.sorted();
  }
  const Position last(first.value() + records.size() - 1);
  {
    const MutexLock lock(view_mutex_);
    applied_ = last;
  }
  // Only now may a follower hear of it: the snapshot that it takes then has the samples.
  {
    const MutexLock lock(feed_mutex_);
    changes_.add(last, std::move(changes));
  }
  feed_moved_.notify_all();
  DurationNs nothing = 0;
  unflushed_since_.compare_exchange_strong(nothing, std::max<DurationNs>(1, clock_.monotonic()));
}

void Historian::apply_to_head(std::span<const Arrival* const> records, Position first) {
  const GenerationPtr live = current_view().generations.back();
  const std::size_t shards = executors_.size();
  const auto apply_shard = [&](std::size_t shard) {
    HeadShard& head = live->shard(shard);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const Position position(first.value() + i);
      if (const auto* samples = std::get_if<BatchRecord>(&records[i]->record))
        head.apply(samples->batch, records[i]->groups, position, shard, shards);
      if (const auto* erased = std::get_if<TombstonesRecord>(&records[i]->record)) {
        for (const Tombstone& tombstone : erased->tombstones) {
          if (HeadGeneration::shard_of(tombstone.tag, shards) == shard)
            head.apply(tombstone, position);
        }
      }
    }
  };
  std::latch applied(static_cast<std::ptrdiff_t>(shards));
  for (std::size_t shard = 0; shard < shards; ++shard)
    executors_[shard]->post([&, shard] {
      apply_shard(shard);
      applied.count_down();
    });
  applied.wait();
}

}  // namespace tundish::historian
