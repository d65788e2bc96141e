#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/ports/sample_sink.h"
#include "model/retention.h"
#include "model/sample_batch.h"

// What a record of the journal says, apart from where it stands. Bytes: docs/formats/journal.md.

namespace tundish::historian {

/// The numbers are on disk: never change one.
enum class RecordType : std::uint8_t {
  kBatch = 1,
  kTagsMade = 2,
  kTagRetyped = 3,
  kStreamOpened = 4,
  kTombstones = 5,
  kTagsKept = 6,
  kHorizon = 7,
};

/// Samples, and the place in the change feed that they were derived up to.
struct BatchRecord {
  SampleBatch batch;
  std::optional<FeedCommit> commit;
};

/// Tags `first_number`, `first_number + 1`, ... of one enterprise.
struct TagsMadeRecord {
  EnterpriseId enterprise;
  std::uint32_t first_number = 0;
  std::vector<NewTagId> tags;
};

struct TagRetypedRecord {
  TagId tag;
  ValueType type = ValueType::kDouble;
};

/// An epoch of a stream, with the numbers that its source and stream have from the first time on.
struct StreamOpenedRecord {
  EnterpriseId enterprise;
  std::string source_name;
  std::string stream_name;
  std::uint32_t source = 0;
  std::uint32_t stream = 0;
  std::uint32_t epoch = 0;
};

struct TombstonesRecord {
  std::vector<Tombstone> tombstones;
};

/// The retention class of some tags, by number, from here on.
struct TagsKeptRecord {
  EnterpriseId enterprise;
  KeepDays keep = kKeptForEver;
  std::vector<std::uint32_t> tags;
};

/// What lies before `horizon` is gone for the tags of one class.
struct HorizonRecord {
  EnterpriseId enterprise;
  KeepDays keep = kKeptForEver;
  TimeNs horizon = 0;
};

/// Order of the alternatives is that of RecordType, which starts at 1.
using Record = std::variant<BatchRecord, TagsMadeRecord, TagRetypedRecord, StreamOpenedRecord,
                            TombstonesRecord, TagsKeptRecord, HorizonRecord>;

inline RecordType type_of(const Record& record) {
  return static_cast<RecordType>(record.index() + 1);
}

/// Names of sources, streams and consumers: at most this many bytes.
inline constexpr std::size_t kNameBytesMax = 512;
/// Tags that one record puts into a retention class.
inline constexpr std::size_t kTagsKeptPerRecordMax = 65'536;
/// Tags that one record makes: such a record stays below its 1 MiB with the longest paths.
inline constexpr std::size_t kTagsPerRecordMax = 512;

/// The payload, not yet compressed. The record must be well-formed (a batch's columns of one
/// length, texts inside their column, names and strings within their limits).
Bytes encode_record(const Record& record);

/// The reverse, from bytes that nobody vouches for. Errors: kCorruption.
Result<Record> decode_record(RecordType type, ByteSpan payload);

void write_version(ByteWriter& out, const Version& version);
Version read_version(ByteReader& in);

}  // namespace tundish::historian
