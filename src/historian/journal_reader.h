#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "historian/journal_format.h"
#include "io/disk.h"
#include "model/ports/historian_admin.h"

namespace tundish::historian {

/// A segment on disk, as far as the writer or recovery knows it.
struct SegmentInfo {
  std::uint64_t file_id = 0;
  std::uint64_t bytes = 0;
  Position last;  ///< of its records, or of those before it if it has none
};

/// What is durable of the journal's newest segment, for a verify that runs beside the writer.
struct JournalEnd {
  std::uint64_t file_id = 0;  ///< 0: no segment is open
  std::uint64_t valid_end = 0;
  std::uint64_t groups_begun = 0;
  std::uint64_t groups_done = 0;  ///< equal to groups_begun: nothing is being written
};

/// What reading finds that is not a record: for a Damage, with the extent of the bytes.
struct BadBytes {
  std::string file;
  std::uint64_t from = 0;
  std::uint64_t to = 0;  ///< end of the bytes that are bad, excluded
  std::string what;
  bool torn = false;  ///< above what is known to be synced: a write that a power cut tore
};

/// One segment's bytes in memory, and what its header says.
class Segment {
 public:
  /// Reads the whole file. Parts that the disk cannot read count as zeros and as damage.
  /// Errors: kIo (the file cannot be opened), kUnsupported.
  static Result<Segment> load(io::Disk& disk, std::uint64_t file_id);

  std::uint64_t file_id() const { return file_id_; }
  std::uint64_t size() const { return bytes_.size(); }
  ByteSpan bytes() const { return bytes_; }
  /// Nothing when the header is damaged.
  const std::optional<SegmentHeader>& header() const { return header_; }
  /// Position of the first record that this segment was made for, or that it holds; nothing when
  /// it has neither a sound header nor a record.
  std::optional<Position> first_position() const;
  const std::vector<BadBytes>& bad_on_load() const { return bad_; }
  /// False when a part could not be read, and counts as zeros.
  bool is_readable() const { return readable_; }

 private:
  std::uint64_t file_id_ = 0;
  Bytes bytes_;
  std::optional<SegmentHeader> header_;
  std::vector<BadBytes> bad_;
  bool readable_ = true;
};

struct SegmentReading {
  std::uint64_t valid_end = kSegmentHeaderBytes;  ///< end of the last sound record
  std::uint64_t records = 0;
  Position first;  ///< of the records seen, 0 without any
  Position last;
  std::vector<BadBytes> bad;
};

struct ReadSegmentOptions {
  std::optional<SegmentSeal> seal = {};   ///< what the next segment says of this one
  bool followed = false;                  ///< a later segment exists
  std::optional<Position> before = {};    ///< records from here on belong to the next segment
  std::optional<std::uint64_t> end = {};  ///< look no further: the rest is being written
};

/// Walks one segment and hands over every sound record in order. Used by recovery and by verify,
/// so that what one can read the other has checked: every byte is either part of a sound record, or
/// covered by a seal, or zero, or in `bad`.
/// `visit` returning an error ends the walk with it.
using VisitRecord =
    std::function<Status(const RecordFrame&, const std::string& file, std::uint64_t offset)>;
Result<SegmentReading> read_segment(const Segment& segment, const ReadSegmentOptions& options,
                                    const VisitRecord& visit);

/// The whole journal, as far as it can be read.
struct JournalReading {
  std::vector<SegmentInfo> segments;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  Position last;    ///< greatest position seen, or what reading started after
  SegmentSeal end;  ///< seals the last segment; file_id 0 without any
  std::vector<BadBytes> bad;
};

struct ReadJournalOptions {
  Position flushed;  ///< records through here may be missing
  /// Beside a writer: what it is writing at the moment.
  std::function<JournalEnd()> writer = {};
};

/// Walks all segments in order. Errors: those of `visit`, kUnsupported, kIo.
Result<JournalReading> read_journal(io::Disk& disk, const ReadJournalOptions& options,
                                    const VisitRecord& visit);

/// Writes the last group of a segment that is sealed by no other once more, byte for byte, and syncs it:
/// after a sync that failed the kernel calls such bytes clean, so they read back, and a sync succeeds
/// without them. What cannot be read in full is left alone. Errors: kIo, kDiskFull.
Status make_tail_durable(io::Disk& disk, std::uint64_t file_id);

/// Ids of the segments in the journal folder, ascending.
Result<std::vector<std::uint64_t>> list_segments(io::Disk& disk);

}  // namespace tundish::historian
