#include "historian/journal_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/crc32c.h"

namespace tundish::historian {
namespace {

constexpr std::size_t kZeroPieceBytes = 1 << 20;
constexpr std::string_view kPreparedSuffix = files::kUnfinishedSuffix;
/// Smaller ones are not worth their two syncs, whatever is left of the disk.
constexpr std::uint64_t kSmallSegmentBytes = 256 << 10;

std::uint64_t aligned_up(std::uint64_t bytes) {
  return (bytes + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

std::optional<JournalWriter::Failure> refused(Error error) {
  return JournalWriter::Failure{std::move(error), false};
}
std::optional<JournalWriter::Failure> fatal(Error error) {
  return JournalWriter::Failure{std::move(error), true};
}

Result<std::uint32_t> crc_of_rest(const io::File& file, std::uint64_t from, std::uint64_t to) {
  Bytes piece(std::min<std::uint64_t>(kZeroPieceBytes, to - from));
  std::uint32_t crc = 0;
  for (; from < to; from += piece.size()) {
    piece.resize(std::min<std::uint64_t>(piece.size(), to - from));
    TUNDISH_RETURN_IF_ERROR(file.read_at(from, piece));
    crc = crc32c(piece, crc);
  }
  return crc;
}

}  // namespace

JournalWriter::JournalWriter(io::Disk& disk, std::uint64_t segment_bytes, NextFileId next_file_id,
                             SegmentSeal previous, Position next, BytesToFlush bytes_to_flush)
    : disk_(disk),
      segment_bytes_(std::max<std::uint64_t>(segment_bytes, 2 * kSegmentHeaderBytes) /
                     kRecordAlignment * kRecordAlignment),
      next_file_id_(std::move(next_file_id)),
      bytes_to_flush_(std::move(bytes_to_flush)),
      previous_(previous),
      next_(next) {}

JournalWriter::~JournalWriter() = default;

void JournalWriter::adopt(std::vector<SegmentInfo> segments) {
  const MutexLock lock(mutex_);
  segments_ = std::move(segments);
}

std::vector<SegmentInfo> JournalWriter::segments() const {
  const MutexLock lock(mutex_);
  return segments_;
}

JournalEnd JournalWriter::end() const {
  const MutexLock lock(mutex_);
  return end_;
}

bool JournalWriter::wants_next() const {
  const MutexLock lock(mutex_);
  return wants_next_;
}

std::optional<SegmentInfo> JournalWriter::oldest_unneeded(Position through) const {
  const MutexLock lock(mutex_);
  if (segments_.size() < 2 || segments_.front().last > through) return std::nullopt;
  return segments_.front();
}

void JournalWriter::forget_oldest() {
  const MutexLock lock(mutex_);
  TUNDISH_CHECK(segments_.size() > 1);
  segments_.erase(segments_.begin());
}

// --- appending -------------------------------------------------------------------------------------

std::optional<JournalWriter::Failure> JournalWriter::append(
    Position first, std::span<const PackedPayload* const> payloads) {
  TUNDISH_CHECK(!payloads.empty());
  std::uint64_t group_bytes = 0;
  for (const PackedPayload* payload : payloads) group_bytes += payload->record_bytes();
  next_ = first;
  if (!file_ || abandoned_ || valid_end_ + group_bytes > file_bytes_) {
    if (auto failure = next_segment(kSegmentHeaderBytes + group_bytes)) return failure;
  }

  Bytes group;
  group.reserve(group_bytes);
  std::uint64_t position = first.value();
  for (const PackedPayload* payload : payloads)
    append_frame(group, file_id_, valid_end_ + group.size(), Position(position++), valid_end_,
                 *payload);
  {
    const MutexLock lock(mutex_);
    ++end_.groups_begun;
  }
  if (Status status = file_->write_at(valid_end_, group); !status) {
    abandoned_ = true;
    return refused(std::move(status).error());
  }
  if (Status status = file_->sync(); !status) return fatal(std::move(status).error());
  syncs_.fetch_add(1, std::memory_order_relaxed);
  valid_end_ += group.size();
  next_ = Position(position);

  const MutexLock lock(mutex_);
  end_.valid_end = valid_end_;
  ++end_.groups_done;
  segments_.back().last = Position(position - 1);
  if (valid_end_ > file_bytes_ / 2 && !prepared_) wants_next_ = true;
  return std::nullopt;
}

std::optional<JournalWriter::Failure> JournalWriter::start_segment() {
  if (file_ && !abandoned_) return std::nullopt;
  return next_segment(0);
}

// --- segments --------------------------------------------------------------------------------------

std::optional<JournalWriter::Failure> JournalWriter::next_segment(std::uint64_t bytes_min) {
  if (auto failure = seal_open_segment()) return failure;
  std::optional<Prepared> prepared;
  {
    const MutexLock lock(mutex_);
    if (prepared_ && prepared_->bytes >= bytes_min)
      prepared = std::exchange(prepared_, std::nullopt);
  }
  if (!prepared) {
    const std::uint64_t least = aligned_up(bytes_min);
    auto made = prepare(std::max(segment_bytes_, least), least);
    if (!made) return refused(std::move(made).error());
    prepared = std::move(*made);
  }
  const auto file_id = put_to_use(*prepared);
  if (!file_id) return refused(file_id.error());

  file_ = std::move(prepared->file);
  file_id_ = *file_id;
  file_bytes_ = prepared->bytes;
  valid_end_ = kSegmentHeaderBytes;
  abandoned_ = false;
  const MutexLock lock(mutex_);
  segments_.push_back({file_id_, file_bytes_, Position(next_.value() - 1)});
  end_.file_id = file_id_;
  end_.valid_end = valid_end_;
  end_.groups_done = end_.groups_begun;  // one that failed is behind the seal
  return std::nullopt;
}

/// Afterwards `previous_` seals the segment that was open, which is open no more.
std::optional<JournalWriter::Failure> JournalWriter::seal_open_segment() {
  if (!file_) return std::nullopt;
  // What a failed write left behind must not change after a power cut: the seal covers it.
  if (abandoned_) {
    if (Status status = file_->sync(); !status) return fatal(std::move(status).error());
  }
  const auto rest_crc = crc_of_rest(*file_, valid_end_, file_bytes_);
  if (!rest_crc) return refused(rest_crc.error());
  previous_ = {file_id_, valid_end_, file_bytes_, *rest_crc};
  file_.reset();
  const MutexLock lock(mutex_);
  end_.file_id = 0;
  return std::nullopt;
}

/// How large a segment may be made. What goes into it wants as much again when it is flushed, beside all that is not
/// flushed yet: if the journal took that room, no flush could ever free the journal.
Result<std::uint64_t> JournalWriter::affordable(std::uint64_t bytes_wanted,
                                                std::uint64_t bytes_min) {
  if (!bytes_to_flush_) return bytes_wanted;
  const auto free = disk_.free_bytes();
  if (!free) return bytes_wanted;  // the write itself will tell
  const std::uint64_t kept = bytes_to_flush_();
  const std::uint64_t most = *free > kept ? (*free - kept) / 2 : 0;
  if (most >= bytes_wanted) return bytes_wanted;
  const std::uint64_t least = std::max(bytes_min, std::min(kSmallSegmentBytes, bytes_wanted));
  if (most < least)
    return fail(
        ErrorCode::kDiskFull,
        fmt::format("the disk is full: {} KiB are free, and a journal segment of {} KiB needs {} "
                    "KiB, because "
                    "what is in the journal must have room when it is written out as a block",
                    *free >> 10, least >> 10, (2 * least + kept) >> 10));
  return std::max(least, most / kRecordAlignment * kRecordAlignment);
}

Result<JournalWriter::Prepared> JournalWriter::prepare(std::uint64_t bytes_wanted,
                                                       std::uint64_t bytes_min) {
  TUNDISH_TRY(const std::uint64_t bytes, affordable(bytes_wanted, bytes_min));
  Prepared prepared;
  prepared.path = segment_path(next_file_id_()) + std::string(kPreparedSuffix);
  prepared.bytes = bytes;
  const auto write = [&]() -> Status {
    TUNDISH_TRY(prepared.file, disk_.open(prepared.path, io::Open::kCreateNew));
    const Bytes zeros(std::min<std::uint64_t>(kZeroPieceBytes, bytes));
    for (std::uint64_t at = 0; at < bytes; at += zeros.size()) {
      const std::uint64_t left = std::min<std::uint64_t>(zeros.size(), bytes - at);
      TUNDISH_RETURN_IF_ERROR(prepared.file->write_at(at, ByteSpan(zeros).first(left)));
    }
    // A failure here is no broken promise: nothing stands in this file yet, and it goes.
    return prepared.file->sync();
  };
  if (Status status = write(); !status) {
    prepared.file.reset();
    (void)disk_.remove(prepared.path);  // recovery removes it otherwise
    return std::unexpected(std::move(status).error());
  }
  return prepared;
}

Result<std::uint64_t> JournalWriter::put_to_use(Prepared& prepared) {
  // Recovery takes segments in the order of their ids. So an id is taken here and not when the file
  // was prepared: one made in haste for a large group may be put to use before it.
  SegmentHeader header;
  header.file_id = next_file_id_();
  header.first = next_;
  header.bytes = prepared.bytes;
  header.previous = previous_;
  const std::string path = segment_path(header.file_id);
  std::string name = prepared.path;
  const auto steps = [&]() -> Status {
    TUNDISH_RETURN_IF_ERROR(prepared.file->write_at(0, encode_segment_header(header)));
    TUNDISH_RETURN_IF_ERROR(prepared.file->sync());
    TUNDISH_RETURN_IF_ERROR(disk_.rename(prepared.path, path));
    name = path;
    return disk_.sync_folder(std::string(kJournalFolder));
  };
  if (Status status = steps(); !status) {
    // It holds no record. Should its name survive a power cut nevertheless, its header seals the
    // same segment as its successor's will.
    prepared.file.reset();
    (void)disk_.remove(name);
    return std::unexpected(std::move(status).error());
  }
  return header.file_id;
}

Status JournalWriter::prepare_another() {
  {
    const MutexLock lock(mutex_);
    if (!prepared_) wants_next_ = true;
  }
  return prepare_next();
}

Status JournalWriter::prepare_next() {
  if (!wants_next()) return {};
  TUNDISH_TRY(Prepared made, prepare(segment_bytes_, 0));
  const MutexLock lock(mutex_);
  prepared_ = std::move(made);
  wants_next_ = false;
  return {};
}

}  // namespace tundish::historian
