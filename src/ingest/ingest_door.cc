// A batch passes the door in these steps, on the caller's thread:
// 1. in_flight: is there room for this enterprise, or shall it come again?
// 2. resolve: each distinct path to its tag; tags are made on first arrival.
// 3. screen: row by row, kept with its tag's type or refused with the reason.
// 4. number: as the sender numbered it, or in the door's own stream, split into records.
// 5. append: returns when it is on disk. Then the ledger.

#include "ingest/ingest_door.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "ingest/split.h"
#include "model/value.h"

namespace tundish::ingest {
namespace {

constexpr std::uint64_t kLedgerFileBytesMax = 64u << 20;
constexpr std::size_t kNameBytesMax = 128;
constexpr std::uint32_t kNewestEpoch = 0;

/// Bytes that a batch holds in memory.
std::size_t bytes_of(const ReceivedBatch& batch) {
  constexpr std::size_t kRowBytes = sizeof(TimeNs) + 2 * sizeof(std::uint32_t) + sizeof(ValueType) +
                                    sizeof(std::uint64_t) + sizeof(std::uint32_t);
  std::size_t bytes = 256 + batch.rows.size() * kRowBytes + batch.rows.text.size();
  for (const std::string& path : batch.paths) bytes += sizeof(std::string) + path.size();
  return bytes;
}

/// The columns of a batch must agree before anything indexes them.
Status check_shape(const ReceivedBatch& batch) {
  const BatchColumns& rows = batch.rows;
  bool sound = rows.qualities.size() == rows.size() && rows.types.size() == rows.size() &&
               rows.bits.size() == rows.size() && batch.path_index.size() == rows.size();
  for (std::size_t row = 0; sound && row < rows.size(); ++row) {
    sound = batch.path_index[row] < batch.paths.size() && rows.types[row] <= ValueType::kString;
    if (sound && rows.types[row] == ValueType::kString)
      sound = (rows.bits[row] >> 32) + (rows.bits[row] & 0xFFFFFFFFu) <= rows.text.size();
  }
  if (sound) return {};
  return fail(ErrorCode::kInvalidArgument, "The columns of the batch contradict each other.");
}

Status check_name(const char* what, const std::string& name) {
  const bool printable =
      name.find_first_of(std::string_view("\0\n\r\t\x7f", 5)) == std::string::npos;
  if (!name.empty() && name.size() <= kNameBytesMax && printable && is_utf8(name)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("The name of a {} is 1 to {} bytes of text.", what, kNameBytesMax), what);
}

/// Accepted times that look like another unit than nanoseconds: one sentence with the first of them.
std::vector<std::string> warnings_of(const BatchColumns& rows) {
  const auto is_odd = [](TimeNs time) { return !likely_unit(time).empty(); };
  const auto first = std::ranges::find_if(rows.times, is_odd);
  if (first == rows.times.end()) return {};
  return {
      fmt::format("{} of the accepted samples have times in the first weeks of 1970, such as {}: "
                  "a time that is a number is in nanoseconds, and this one looks like {}.",
                  std::count_if(first, rows.times.end(), is_odd), *first, likely_unit(*first))};
}

/// The errors with which SampleSink promises that nothing was appended.
bool surely_not_stored(const Error& error) {
  switch (error.code) {
    case ErrorCode::kDiskFull:
    case ErrorCode::kOverloaded:
    case ErrorCode::kTooLarge:
    case ErrorCode::kNotFound:
    case ErrorCode::kTypeMismatch: return true;
    default: return false;
  }
}

Error with_durable(Error error, std::uint64_t rows_durable) {
  // The rows had their tags' types a moment ago, so it is not the sender who is wrong.
  if (error.code == ErrorCode::kTypeMismatch || error.code == ErrorCode::kNotFound) {
    error.code = ErrorCode::kUnavailable;
    error.message = "A tag was changed while this body was on its way; send it again.";
  }
  if (!error.message.ends_with('.')) error.message += '.';
  error.message += rows_durable == 0
                       ? " Nothing of this body was stored."
                       : fmt::format(
                             " The first {} accepted samples of this body are stored; send the "
                             "rest again (repeating them all does no harm).",
                             rows_durable);
  return error;
}

}  // namespace

IngestDoor::IngestDoor(TagCatalogue& catalogue, SampleSink& sink, const io::Clock& clock,
                       io::Disk& disk, Options options)
    : catalogue_(catalogue),
      sink_(sink),
      clock_(clock),
      disk_(disk),
      options_(std::move(options)),
      in_flight_(options_.enterprise_in_flight_bytes_max, options_.total_in_flight_bytes_max),
      streams_(sink),
      ledger_(options_.ledger_hours_max, options_.ledger_rows_max),
      saved_at_(clock.monotonic()) {
  load_ledger();
}

IngestDoor::~IngestDoor() {
  if (const Status saved = save_ledger(); !saved)
    log_warning("ingest", "the ledger was not saved: {}", saved.error().to_string());
}

Result<Receipt> IngestDoor::receive(const Origin& origin, ReceivedBatch batch) {
  const TimeNs now = clock_.now();
  const std::uint64_t unreadable = batch.unreadable;
  const std::uint64_t rows = batch.rows.size();
  ++batches_;
  rows_unreadable_ += unreadable;

  Receipt receipt;
  Status passed = pass(origin, std::move(batch), now, receipt);

  LedgerEntry entry{.batches = 1, .sent = rows + unreadable};
  (receipt.repeated ? entry.repeated : entry.accepted) = receipt.accepted;
  // Row by row, or with the body when that was answered with an error: every row is in one of them.
  entry.refused = entry.sent - receipt.accepted;
  if (receipt.repeated)
    ++batches_repeated_;
  else
    rows_accepted_ += receipt.accepted;
  if (!passed) ++batches_failed_;
  ledger_.add(origin.enterprise, origin.source, now, entry);
  ledger_changed_ = true;
  save_ledger_when_due();
  if (!passed) return fail(std::move(passed.error()));
  return receipt;
}

Status IngestDoor::pass(const Origin& origin, ReceivedBatch batch, TimeNs now, Receipt& receipt) {
  TUNDISH_RETURN_IF_ERROR(check_shape(batch));
  if (batch.number) {
    TUNDISH_RETURN_IF_ERROR(check_name("source", batch.number->source));
    TUNDISH_RETURN_IF_ERROR(check_name("stream", batch.number->stream));
  }
  TUNDISH_TRY(const InFlight::Ticket ticket, in_flight_.enter(origin.enterprise, bytes_of(batch)));

  const TimeNs latest = latest_allowed(now, options_.future_max);
  const std::vector<bool> may_stand = rows_that_may_stand(batch.rows, latest);
  Result<ResolvedPaths> paths = paths_of(origin, batch, may_stand);
  if (!paths) return fail(with_durable(std::move(paths.error()), 0));
  const std::optional<ReceivedBatch::Number> number = batch.number;
  const SampleClass sample_class = batch.sample_class.value_or(SampleClass::kMeasured);
  Screened screened = screen_rows(std::move(batch), **paths, may_stand, latest);
  screened.batch.enterprise = origin.enterprise;
  screened.batch.priority = origin.priority;
  screened.batch.sample_class = sample_class;
  std::vector<std::string> warnings = warnings_of(screened.batch.rows);

  TUNDISH_RETURN_IF_ERROR(number
                              ? store_numbered(origin, std::move(screened.batch), *number, receipt)
                              : store_unnumbered(origin, std::move(screened.batch), receipt));
  receipt.refused = screened.refused;
  receipt.refusals = std::move(screened.refusals);
  receipt.warnings = std::move(warnings);
  for (std::size_t code = 0; code < screened.by_code.size(); ++code)
    rows_refused_[code] += screened.by_code[code];
  return {};
}

Result<ResolvedPaths> IngestDoor::paths_of(const Origin& origin, const ReceivedBatch& batch,
                                           const std::vector<bool>& may_stand) {
  const KnownPaths::State state{origin.enterprise, catalogue_.renames(origin.enterprise)};
  const ResolvedPaths known = known_paths_.find(state, batch.paths);
  const auto is_kept_as_before = [this](const ResolvedPath& path) {
    return sink_.kept_from(path.tag->id) == path.kept_from;
  };
  if (known && std::ranges::all_of(*known, is_kept_as_before)) return known;
  std::vector<ResolvedPath> paths;
  if (known) {
    paths = *known;
  } else {
    TUNDISH_TRY(paths, resolve_paths(catalogue_, origin, batch, may_stand));
  }
  for (ResolvedPath& path : paths)
    if (path.tag) path.kept_from = sink_.kept_from(path.tag->id);
  auto resolved = std::make_shared<const std::vector<ResolvedPath>>(std::move(paths));
  known_paths_.remember(state, batch.paths, resolved);
  return resolved;
}

Status IngestDoor::store_numbered(const Origin& origin, SampleBatch batch,
                                  const ReceivedBatch::Number& number, Receipt& receipt) {
  if (number.stream == kDoorStream)
    return fail(ErrorCode::kInvalidArgument,
                "The stream name 'door' is the door's own; open one with another name.", "stream");
  if (number.sequence == 0 || number.sequence > INT64_MAX)
    return fail(ErrorCode::kInvalidArgument, "Sequences go from 1 to 2^63 - 1.", "sequence");
  const Result<StreamState> state =
      sink_.find_stream(origin.enterprise, number.source, number.stream, kNewestEpoch);
  if (!state && state.error().code != ErrorCode::kNotFound)
    return fail(with_durable(state.error(), 0));
  // An older epoch is shut out: whoever opened the later one has taken the stream over.
  if (!state || state->epoch != number.epoch)
    return fail(
        ErrorCode::kConflict,
        fmt::format("Epoch {} is not the latest of this stream, or nobody opened it: open the "
                    "stream and send what was not acknowledged with the new epoch.",
                    number.epoch),
        "epoch");
  batch.number = {state->source, state->stream, state->epoch, number.sequence};
  const std::size_t rows = batch.size();
  if (!surely_fits(batch, options_.record_bytes_max) &&
      encoded_bytes_max(batch) > options_.record_bytes_max)
    return fail(
        ErrorCode::kTooLarge,
        "A numbered batch is stored whole or not at all, in at most 1 MiB: send fewer samples "
        "in each and number them one after the other. Nothing of this body was stored.");
  // A batch of which no row is left is stored too: its number must not be missing.
  Result<SampleSink::Appended> appended = sink_.append(std::move(batch));
  if (!appended) return fail(with_durable(std::move(appended.error()), 0));
  receipt.accepted = rows;
  receipt.repeated = appended->repeated;
  receipt.position = appended->position;
  return {};
}

Status IngestDoor::store_unnumbered(const Origin& origin, SampleBatch batch, Receipt& receipt) {
  if (batch.size() == 0) return {};
  batch.row_numbers.clear();  // the door numbers what it keeps
  const std::vector<std::size_t> ends = piece_ends(batch, options_.record_bytes_max);
  std::size_t from = 0;
  for (const std::size_t to : ends) {
    Result<SampleSink::Appended> appended =
        ends.size() == 1 ? append_unnumbered(origin, std::move(batch))
                         : append_unnumbered(origin, piece_of(batch, from, to));
    if (!appended) return fail(with_durable(std::move(appended.error()), from));
    receipt.accepted += to - from;
    receipt.position = appended->position;
    from = to;
  }
  return {};
}

Result<SampleSink::Appended> IngestDoor::append_unnumbered(const Origin& origin,
                                                           SampleBatch batch) {
  TUNDISH_TRY(const BatchNumber number, streams_.next(origin.enterprise, origin.source));
  batch.number = number;
  Result<SampleSink::Appended> appended = sink_.append(std::move(batch));
  if (!appended)
    streams_.abandon(origin.enterprise, origin.source, number, surely_not_stored(appended.error()));
  return appended;
}

Result<StreamState> IngestDoor::open_stream(const Origin& origin, const std::string& source,
                                            const std::string& stream) {
  TUNDISH_RETURN_IF_ERROR(check_name("source", source));
  TUNDISH_RETURN_IF_ERROR(check_name("stream", stream));
  if (stream == kDoorStream)
    return fail(ErrorCode::kInvalidArgument,
                "The stream name 'door' is the door's own; choose another.", "stream");
  // Opening one again makes no new name. Callers that do so at once may each get one over the quota.
  if (!sink_.find_stream(origin.enterprise, source, stream, kNewestEpoch)) {
    const std::size_t count = sink_.stream_count(origin.enterprise);
    if (count >= options_.enterprise_streams_max)
      return fail(ErrorCode::kQuotaExceeded,
                  fmt::format("This enterprise has {} streams of at most {}, and their names are "
                              "kept for ever. Open one that exists again: a sender needs one "
                              "stream, whatever it sends and however often it starts.",
                              count, options_.enterprise_streams_max),
                  "stream");
  }
  return sink_.open_stream(origin.enterprise, source, stream);
}

std::vector<LedgerRow> IngestDoor::rows(EnterpriseId enterprise, TimeRange hours) const {
  return ledger_.rows(enterprise, hours);
}

DoorCounters IngestDoor::counters() const {
  DoorCounters counters;
  counters.batches = batches_;
  counters.batches_repeated = batches_repeated_;
  counters.batches_failed = batches_failed_;
  counters.rows_accepted = rows_accepted_;
  counters.rows_unreadable = rows_unreadable_;
  for (std::size_t code = 0; code < rows_refused_.size(); ++code)
    if (const std::uint64_t count = rows_refused_[code]; count != 0)
      counters.rows_refused.emplace_back(static_cast<ErrorCode>(code), count);
  counters.in_flight_bytes = in_flight_.bytes();
  return counters;
}

// --- the ledger's file ---

void IngestDoor::load_ledger() {
  const Result<bool> there = disk_.exists(options_.ledger_file);
  if (there && !*there) return;
  Result<Bytes> bytes = io::read_file(disk_, options_.ledger_file, kLedgerFileBytesMax);
  const Status read = bytes ? ledger_.decode(*bytes) : Status(fail(std::move(bytes.error())));
  if (read) return;
  const std::string aside = fmt::format("{}.damaged-{}", options_.ledger_file, clock_.now());
  const Status moved = disk_.rename(options_.ledger_file, aside);
  log_warning("ingest", "{} It is {}; counting starts anew.", read.error().to_string(),
              moved ? "kept as " + aside : "left where it is");
}

Status IngestDoor::save_ledger() {
  {
    const MutexLock lock(save_mutex_);
    while (saving_) save_done_.wait(save_mutex_);
    saving_ = true;
  }
  return write_ledger();
}

/// By whoever set saving_.
Status IngestDoor::write_ledger() {
  saved_at_ = clock_.monotonic();
  Status saved;
  if (ledger_changed_.exchange(false)) {
    saved = io::replace_file(disk_, options_.ledger_file, ledger_.encode());
    if (!saved) ledger_changed_ = true;
  }
  {
    const MutexLock lock(save_mutex_);
    saving_ = false;
  }
  save_done_.notify_all();
  return saved;
}

void IngestDoor::save_ledger_when_due() {
  const DurationNs now = clock_.monotonic();
  DurationNs saved_at = saved_at_;
  if (now - saved_at < options_.ledger_save_period) return;
  if (!saved_at_.compare_exchange_strong(saved_at, now)) return;  // another caller does it
  {
    // A disk that takes more than a minute for the last save holds up one caller, not all.
    const MutexLock lock(save_mutex_);
    if (saving_) return;
    saving_ = true;
  }
  if (const Status saved = write_ledger(); !saved)
    log_warning("ingest", "the ledger was not saved and will be in a minute: {}",
                saved.error().to_string());
}

}  // namespace tundish::ingest
