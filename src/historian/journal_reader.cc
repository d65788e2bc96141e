// How a segment is walked:
// 1. From the header on, record after record, as long as each one is sound.
// 2. At the first place that is not: search on, every 8 bytes, for the next sound record. The
//    checksum covers file id and offset, so bytes that merely look like a record are none.
// 3. Between the two lies damage. It is corruption when a later record, the seal or a later
//    segment knows that these bytes had been synced; otherwise a write that a power cut tore.
// 4. After the last record: sealed, the rest must have the seal's checksum; not sealed, it must be
//    zero, as it was written when the segment was made.

#include "historian/journal_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/crc32c.h"

namespace tundish::historian {
namespace {

constexpr std::size_t kReadPieceBytes = 4096;

/// End of the last byte in [from, to) that is not zero; `from` when all are.
std::uint64_t end_of_content(ByteSpan bytes, std::uint64_t from, std::uint64_t to) {
  while (to > from && bytes[to - 1] == std::byte{0}) --to;
  return to;
}

std::optional<std::uint64_t> find_record(const Segment& segment, std::uint64_t from,
                                         std::uint64_t end, Position after,
                                         std::optional<Position> before) {
  for (std::uint64_t at = from; at + kRecordHeaderBytes <= end; at += kRecordAlignment) {
    const auto frame = parse_frame(segment.bytes().first(end), segment.file_id(), at);
    if (frame && frame->position > after && (!before || frame->position < *before)) return at;
  }
  return std::nullopt;
}

}  // namespace

Result<Segment> Segment::load(io::Disk& disk, std::uint64_t file_id) {
  Segment segment;
  segment.file_id_ = file_id;
  const std::string path = segment_path(file_id);
  TUNDISH_TRY(const auto file, disk.open(path, io::Open::kRead));
  TUNDISH_TRY(const std::uint64_t size, file->size());
  segment.bytes_.resize(size);
  const std::span<std::byte> all(segment.bytes_);
  if (!file->read_at(0, all)) {
    // Save what can be read around the bad sectors.
    for (std::uint64_t at = 0; at < size; at += kReadPieceBytes) {
      const auto piece = all.subspan(at, std::min<std::uint64_t>(kReadPieceBytes, size - at));
      const Status status = file->read_at(at, piece);
      if (status) continue;
      std::fill(piece.begin(), piece.end(), std::byte{0});
      segment.bad_.push_back({path, at, at + piece.size(), status.error().message, false});
    }
    segment.readable_ = segment.bad_.empty();
    if (segment.bad_.size() * kReadPieceBytes >= size && size > 0)
      return fail(ErrorCode::kIo, "no part of the journal segment can be read", path);
  }
  auto header = decode_segment_header(segment.bytes_);
  if (!header && header.error().code == ErrorCode::kUnsupported) {
    header.error().where = path;
    return std::unexpected(std::move(header).error());
  }
  if (header && header->file_id == file_id && header->bytes == size) {
    segment.header_ = *header;
  } else {
    std::string what = header ? "the header is that of another segment" : header.error().message;
    segment.bad_.push_back(
        {path, 0, std::min<std::uint64_t>(kSegmentHeaderBytes, size), std::move(what), false});
  }
  return segment;
}

std::optional<Position> Segment::first_position() const {
  if (header_) return header_->first;
  const auto at = find_record(*this, kSegmentHeaderBytes, bytes_.size(), Position(0), std::nullopt);
  if (!at) return std::nullopt;
  return parse_frame(bytes_, file_id_, *at)->position;
}

Result<SegmentReading> read_segment(const Segment& segment, const ReadSegmentOptions& options,
                                    const VisitRecord& visit) {
  SegmentReading reading;
  reading.bad = segment.bad_on_load();
  const std::string path = segment_path(segment.file_id());
  std::uint64_t end = segment.size();
  if (options.end) end = std::min(end, *options.end);
  if (options.seal) end = std::min(end, options.seal->valid_end);
  const ByteSpan bytes = segment.bytes().first(end);

  // What is bad is judged at the end of the walk, when all that is known to be synced is known.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;
  std::uint64_t synced = options.seal ? options.seal->valid_end : 0;
  std::uint64_t at = kSegmentHeaderBytes;
  while (at + kRecordHeaderBytes <= end) {
    auto frame = parse_frame(bytes, segment.file_id(), at);
    // A record that repeats a position is what is left of a batch that was refused.
    const bool belongs = frame && frame->position > reading.last &&
                         (!options.before || frame->position < *options.before);
    if (!belongs) {
      const std::uint64_t content_end = end_of_content(bytes, at, end);
      if (content_end == at && !options.seal) break;  // nothing but zeros
      const auto next =
          find_record(segment, at + kRecordAlignment, end, reading.last, options.before);
      if (!next) {
        gaps.emplace_back(at, options.seal ? end : content_end);
        at = end;
        break;
      }
      gaps.emplace_back(at, *next);
      at = *next;
      continue;
    }
    TUNDISH_RETURN_IF_ERROR(visit(*frame, path, at));
    if (reading.records == 0) reading.first = frame->position;
    reading.last = frame->position;
    ++reading.records;
    synced = std::max(synced, frame->synced);
    at += frame->bytes;
    reading.valid_end = at;
  }

  for (const auto& [from, to] : gaps) {
    const bool torn = from >= synced && !options.followed;
    reading.bad.push_back(
        {path, from, to,
         torn ? fmt::format("{} bytes of a write that was never acknowledged, or damage to the "
                            "last one that was",
                            to - from)
              : fmt::format("{} bytes that had been synced are no sound record", to - from),
         torn});
  }
  if (options.seal) {
    const SegmentSeal& seal = *options.seal;
    if (segment.size() != seal.bytes || seal.valid_end > segment.size()) {
      reading.bad.push_back(
          {path, std::min(segment.size(), seal.bytes), segment.size(),
           fmt::format("the segment has {} bytes, not {}", segment.size(), seal.bytes), false});
    } else if (crc32c(segment.bytes().subspan(seal.valid_end)) != seal.rest_crc) {
      reading.bad.push_back({path, seal.valid_end, segment.size(),
                             "the unused rest of the segment has changed since it was sealed",
                             false});
    }
    reading.valid_end = seal.valid_end;
  } else if (!options.end && at < end) {
    // Less than a record's header is left at the very end.
    const std::uint64_t content_end = end_of_content(bytes, at, end);
    if (content_end > at)
      reading.bad.push_back({path, at, content_end, "bytes after the last record", true});
  }
  return reading;
}

Result<JournalReading> read_journal(io::Disk& disk, const ReadJournalOptions& options,
                                    const VisitRecord& visit) {
  JournalReading journal;
  journal.last = options.flushed;
  TUNDISH_TRY(const std::vector<std::uint64_t> ids, list_segments(disk));
  std::optional<Segment> next;
  bool explained = false;  // damage just before may be where missing records were
  const JournalEnd open = options.writer ? options.writer() : JournalEnd{};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Segment segment;
    if (next) {
      segment = std::move(*next);
      next.reset();
    } else {
      auto loaded = Segment::load(disk, ids[i]);
      // Flushed meanwhile, and gone; only a verify beside the writer meets this.
      if (!loaded && loaded.error().code == ErrorCode::kNotFound) continue;
      if (!loaded) return std::unexpected(std::move(loaded).error());
      segment = std::move(*loaded);
    }
    ReadSegmentOptions reading_options;
    const bool is_open = ids[i] == open.file_id;
    // The rest of the open segment can be judged only if nothing was written to it meanwhile.
    if (is_open && (open.groups_done != open.groups_begun ||
                    options.writer().groups_begun != open.groups_begun))
      reading_options.end = open.valid_end;
    if (i + 1 < ids.size() && !is_open) {
      auto loaded = Segment::load(disk, ids[i + 1]);
      if (!loaded && loaded.error().code == ErrorCode::kNotFound) continue;
      if (!loaded) return std::unexpected(std::move(loaded).error());
      next = std::move(*loaded);
      reading_options.followed = true;
      if (next->header() && next->header()->previous.file_id == ids[i])
        reading_options.seal = next->header()->previous;
      reading_options.before = next->first_position();
    }
    const auto first = segment.first_position();
    if (first && first->value() > journal.last.value() + 1 && !explained)
      journal.bad.push_back({segment_path(ids[i]), 0, 0,
                             fmt::format("the records {} to {} before this segment are missing",
                                         journal.last.value() + 1, first->value() - 1),
                             false});
    TUNDISH_TRY(SegmentReading reading, read_segment(segment, reading_options, visit));
    explained = !reading.bad.empty();
    journal.last = std::max(journal.last, reading.last);
    journal.bytes += segment.size();
    journal.records += reading.records;
    journal.segments.push_back(
        {ids[i], segment.size(), reading.records > 0 ? reading.last : journal.last});
    std::move(reading.bad.begin(), reading.bad.end(), std::back_inserter(journal.bad));
    journal.end.file_id = ids[i];
    journal.end.valid_end = std::min(reading.valid_end, segment.size());
    journal.end.bytes = segment.size();
    journal.end.rest_crc = crc32c(segment.bytes().subspan(journal.end.valid_end));
    if (is_open) break;
  }
  return journal;
}

Status make_tail_durable(io::Disk& disk, std::uint64_t file_id) {
  TUNDISH_TRY(const Segment segment, Segment::load(disk, file_id));
  // Below it stands what a later group found synced. Nothing more can be unsynced than the last group,
  // as a sync that fails ends the process.
  std::uint64_t from = kSegmentHeaderBytes;
  TUNDISH_RETURN_IF_ERROR(
      read_segment(segment, {}, [&](const RecordFrame& frame, const std::string&, std::uint64_t) {
        from = std::max(from, frame.synced);
        return Status{};
      }));
  const std::uint64_t to = end_of_content(segment.bytes(), from, segment.size());
  TUNDISH_TRY(const auto file, disk.open(segment_path(file_id), io::Open::kReadWrite));
  if (segment.is_readable() && from < to)
    TUNDISH_RETURN_IF_ERROR(file->write_at(from, segment.bytes().subspan(from, to - from)));
  return file->sync();
}

Result<std::vector<std::uint64_t>> list_segments(io::Disk& disk) {
  TUNDISH_TRY(const auto names, disk.list(std::string(kJournalFolder)));
  std::vector<std::uint64_t> ids;
  for (const std::string& name : names) {
    if (const auto id = parse_file_name(name, files::kSegmentSuffix)) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace tundish::historian
