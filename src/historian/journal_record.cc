// A batch goes column by column: tags and times as differences from the row above, qualities and
// types as runs, values at their full width. What repeats is left to the compression of the record.

#include "historian/journal_record.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace tundish::historian {
namespace {

constexpr std::uint64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kValueTypeMax = static_cast<std::uint64_t>(ValueType::kString);
constexpr std::size_t kPathTextMax = 1024;

std::uint32_t read_uint32(ByteReader& in) {
  return static_cast<std::uint32_t>(in.varint_max(kUint32Max));
}

// --- columns ---------------------------------------------------------------------------------------

/// Gathers small pieces on the stack, so that the record grows seldom.
class Gathered {
 public:
  explicit Gathered(ByteWriter& out) : out_(out) {}
  ~Gathered() { hand_over(); }
  Gathered(const Gathered&) = delete;
  Gathered& operator=(const Gathered&) = delete;

  template <class T>
  void fixed(T value) {
    make_room();
    std::memcpy(bytes_.data() + used_, &value, sizeof value);
    used_ += sizeof value;
  }
  void varint(std::uint64_t value) {
    make_room();
    for (; value >= 0x80; value >>= 7) bytes_[used_++] = static_cast<std::byte>(value | 0x80);
    bytes_[used_++] = static_cast<std::byte>(value);
  }
  void text(std::string_view value) {
    hand_over();
    out_.text(value);
  }

 private:
  static constexpr std::size_t kPieceBytesMax = 10;  // a varint

  void make_room() {
    if (bytes_.size() - used_ < kPieceBytesMax) hand_over();
  }
  void hand_over() {
    out_.raw(ByteSpan(bytes_).first(used_));
    used_ = 0;
  }

  ByteWriter& out_;
  std::array<std::byte, 1024> bytes_;
  std::size_t used_ = 0;
};

template <class T>
void write_differences(ByteWriter& writer, const std::vector<T>& values) {
  Gathered out(writer);
  std::uint64_t before = 0;
  for (const T value : values) {
    const auto now = static_cast<std::uint64_t>(value);
    // Wraps around, as reading does: every pair of values has a difference.
    out.varint(zigzag(static_cast<std::int64_t>(now - before)));
    before = now;
  }
}

template <class T>
void read_differences(ByteReader& in, std::size_t count, std::vector<T>& values) {
  values.resize(count);
  std::uint64_t now = 0;
  for (T& value : values) {
    now += static_cast<std::uint64_t>(in.svarint());
    value = static_cast<T>(now);
    if (static_cast<std::uint64_t>(value) != now) in.set_failed();  // too wide for T
    if (!in.ok()) return;
  }
}

template <class T>
void write_runs(ByteWriter& out, const std::vector<T>& values) {
  for (std::size_t from = 0; from < values.size();) {
    std::size_t to = from + 1;
    while (to < values.size() && values[to] == values[from]) ++to;
    out.varint(static_cast<std::uint64_t>(values[from]));
    out.varint(to - from);
    from = to;
  }
}

template <class T>
void read_runs(ByteReader& in, std::size_t count, std::uint64_t value_max, std::vector<T>& values) {
  values.reserve(count);
  while (values.size() < count) {
    const auto value = static_cast<T>(in.varint_max(value_max));
    const auto run = static_cast<std::size_t>(in.varint_max(count - values.size()));
    if (run == 0) in.set_failed();
    if (!in.ok()) return;
    values.insert(values.end(), run, value);
  }
}

void write_values(ByteWriter& writer, const BatchColumns& rows) {
  Gathered out(writer);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    switch (rows.types[row]) {
      case ValueType::kDouble:
      case ValueType::kInt64: out.fixed<std::uint64_t>(rows.bits[row]); break;
      case ValueType::kBool: out.fixed<std::uint8_t>(rows.bits[row] != 0 ? 1 : 0); break;
      case ValueType::kString: out.text(rows.text_at(row)); break;
    }
  }
}

void read_values(ByteReader& in, BatchColumns& rows) {
  rows.bits.resize(rows.types.size());
  for (std::size_t row = 0; row < rows.types.size(); ++row) {
    std::uint64_t& bits = rows.bits[row];
    switch (rows.types[row]) {
      case ValueType::kDouble:
      case ValueType::kInt64: bits = in.fixed<std::uint64_t>(); break;
      case ValueType::kBool: {
        const auto flag = in.fixed<std::uint8_t>();
        if (flag > 1) in.set_failed();
        bits = flag;
        break;
      }
      case ValueType::kString: {
        const std::string_view text = in.text(kStringBytesMax);
        bits = static_cast<std::uint64_t>(rows.text.size()) << 32 | text.size();
        rows.text += text;
        break;
      }
    }
    if (!in.ok()) return;
  }
}

// --- one function a record type --------------------------------------------------------------------

void write_body(ByteWriter& out, const BatchRecord& record) {
  const SampleBatch& batch = record.batch;
  const std::size_t count = batch.size();
  TUNDISH_CHECK(batch.rows.times.size() == count && batch.rows.qualities.size() == count &&
                batch.rows.types.size() == count && batch.rows.bits.size() == count);
  TUNDISH_CHECK(batch.row_numbers.empty() || batch.row_numbers.size() == count);
  out.varint(batch.enterprise.value());
  out.varint(batch.number.source);
  out.varint(batch.number.stream);
  out.varint(batch.number.epoch);
  out.varint(batch.number.sequence);
  out.fixed(static_cast<std::uint8_t>(batch.sample_class));
  out.fixed(batch.priority);
  out.fixed<std::uint8_t>(
      static_cast<std::uint8_t>((record.commit ? 1 : 0) | (batch.row_numbers.empty() ? 0 : 2)));
  if (record.commit) {
    out.text(record.commit->consumer);
    out.varint(record.commit->position.value());
  }
  out.varint(count);
  write_differences(out, batch.tags);
  if (!batch.row_numbers.empty()) write_differences(out, batch.row_numbers);
  write_differences(out, batch.rows.times);
  write_runs(out, batch.rows.qualities);
  write_runs(out, batch.rows.types);
  write_values(out, batch.rows);
}

BatchRecord read_batch(ByteReader& in) {
  BatchRecord record;
  SampleBatch& batch = record.batch;
  batch.enterprise = EnterpriseId(read_uint32(in));
  batch.number.source = read_uint32(in);
  batch.number.stream = read_uint32(in);
  batch.number.epoch = read_uint32(in);
  batch.number.sequence = in.varint();
  const auto sample_class = in.fixed<std::uint8_t>();
  if (sample_class > static_cast<std::uint8_t>(SampleClass::kCorrected)) in.set_failed();
  batch.sample_class = static_cast<SampleClass>(sample_class);
  batch.priority = in.fixed<std::uint8_t>();
  const auto flags = in.fixed<std::uint8_t>();
  if (flags > 3) in.set_failed();
  if ((flags & 1) != 0) {
    FeedCommit commit;
    commit.consumer = in.text(kNameBytesMax);
    commit.position = Position(in.varint());
    record.commit = std::move(commit);
  }
  // Every row takes at least three bytes, so a count beyond what is left is a lie.
  const auto count = static_cast<std::size_t>(in.varint_max(in.remaining()));
  read_differences(in, count, batch.tags);
  if (in.ok() && (flags & 2) != 0) read_differences(in, count, batch.row_numbers);
  if (in.ok()) read_differences(in, count, batch.rows.times);
  if (in.ok()) read_runs(in, count, kUint32Max, batch.rows.qualities);
  if (in.ok()) read_runs(in, count, kValueTypeMax, batch.rows.types);
  if (in.ok()) read_values(in, batch.rows);
  return record;
}

void write_body(ByteWriter& out, const TagsMadeRecord& record) {
  out.varint(record.enterprise.value());
  out.varint(record.first_number);
  out.varint(record.tags.size());
  for (const NewTagId& tag : record.tags) {
    out.fixed(static_cast<std::uint8_t>(tag.type));
    out.text(std::string_view(tag.path).substr(0, kPathTextMax));
  }
}

ValueType read_value_type(ByteReader& in) {
  const auto type = in.fixed<std::uint8_t>();
  if (type > kValueTypeMax) {
    in.set_failed();
    return ValueType::kDouble;
  }
  return static_cast<ValueType>(type);
}

TagsMadeRecord read_tags_made(ByteReader& in) {
  TagsMadeRecord record;
  record.enterprise = EnterpriseId(read_uint32(in));
  record.first_number = read_uint32(in);
  const std::uint64_t count = in.varint_max(in.remaining());
  if (record.first_number == 0 || record.first_number + count > kUint32Max) in.set_failed();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    NewTagId tag;
    tag.type = read_value_type(in);
    tag.path = in.text(kPathTextMax);
    record.tags.push_back(std::move(tag));
  }
  return record;
}

void write_body(ByteWriter& out, const TagRetypedRecord& record) {
  out.varint(record.tag.packed());
  out.fixed(static_cast<std::uint8_t>(record.type));
}

TagRetypedRecord read_tag_retyped(ByteReader& in) {
  TagRetypedRecord record;
  record.tag = TagId::from_packed(in.varint());
  record.type = read_value_type(in);
  return record;
}

void write_body(ByteWriter& out, const StreamOpenedRecord& record) {
  out.varint(record.enterprise.value());
  out.text(record.source_name);
  out.text(record.stream_name);
  out.varint(record.source);
  out.varint(record.stream);
  out.varint(record.epoch);
}

StreamOpenedRecord read_stream_opened(ByteReader& in) {
  StreamOpenedRecord record;
  record.enterprise = EnterpriseId(read_uint32(in));
  record.source_name = in.text(kNameBytesMax);
  record.stream_name = in.text(kNameBytesMax);
  record.source = read_uint32(in);
  record.stream = read_uint32(in);
  record.epoch = read_uint32(in);
  if (record.source == 0 || record.stream == 0 || record.epoch == 0) in.set_failed();
  return record;
}

void write_body(ByteWriter& out, const TombstonesRecord& record) {
  out.varint(record.tombstones.size());
  for (const Tombstone& tombstone : record.tombstones) {
    out.varint(tombstone.tag.packed());
    out.svarint(tombstone.range.from);
    out.svarint(tombstone.range.to);
    write_version(out, tombstone.version);
  }
}

TombstonesRecord read_tombstones(ByteReader& in) {
  TombstonesRecord record;
  const std::uint64_t count = in.varint_max(in.remaining());
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    Tombstone tombstone;
    tombstone.tag = TagId::from_packed(in.varint());
    tombstone.range.from = in.svarint();
    tombstone.range.to = in.svarint();
    tombstone.version = read_version(in);
    record.tombstones.push_back(tombstone);
  }
  return record;
}

void write_body(ByteWriter& out, const TagsKeptRecord& record) {
  out.varint(record.enterprise.value());
  out.varint(record.keep);
  out.varint(record.tags.size());
  write_differences(out, record.tags);
}

TagsKeptRecord read_tags_kept(ByteReader& in) {
  TagsKeptRecord record;
  record.enterprise = EnterpriseId(read_uint32(in));
  record.keep = static_cast<KeepDays>(in.varint_max(kKeepDaysMax));
  const std::uint64_t count =
      in.varint_max(std::min<std::uint64_t>(in.remaining(), kTagsKeptPerRecordMax));
  if (in.ok()) read_differences(in, count, record.tags);
  return record;
}

void write_body(ByteWriter& out, const HorizonRecord& record) {
  out.varint(record.enterprise.value());
  out.varint(record.keep);
  out.svarint(record.horizon);
}

HorizonRecord read_horizon(ByteReader& in) {
  HorizonRecord record;
  record.enterprise = EnterpriseId(read_uint32(in));
  record.keep = static_cast<KeepDays>(in.varint_max(kKeepDaysMax));
  record.horizon = in.svarint();
  return record;
}

}  // namespace

void write_version(ByteWriter& out, const Version& version) {
  out.fixed(static_cast<std::uint8_t>(version.sample_class));
  out.fixed(version.priority);
  out.varint(version.source);
  out.varint(version.epoch);
  out.varint(version.sequence);
  out.varint(version.row);
  out.varint(version.stream);
}

Version read_version(ByteReader& in) {
  Version version;
  const auto sample_class = in.fixed<std::uint8_t>();
  if (sample_class > static_cast<std::uint8_t>(SampleClass::kCorrected)) in.set_failed();
  version.sample_class = static_cast<SampleClass>(sample_class);
  version.priority = in.fixed<std::uint8_t>();
  version.source = read_uint32(in);
  version.epoch = read_uint32(in);
  version.sequence = in.varint();
  version.row = read_uint32(in);
  version.stream = read_uint32(in);
  return version;
}

Bytes encode_record(const Record& record) {
  Bytes bytes;
  ByteWriter out(bytes);
  std::visit([&](const auto& body) { write_body(out, body); }, record);
  return bytes;
}

Result<Record> decode_record(RecordType type, ByteSpan payload) {
  ByteReader in(payload);
  Record record;
  switch (type) {
    case RecordType::kBatch: record = read_batch(in); break;
    case RecordType::kTagsMade: record = read_tags_made(in); break;
    case RecordType::kTagRetyped: record = read_tag_retyped(in); break;
    case RecordType::kStreamOpened: record = read_stream_opened(in); break;
    case RecordType::kTombstones: record = read_tombstones(in); break;
    case RecordType::kTagsKept: record = read_tags_kept(in); break;
    case RecordType::kHorizon: record = read_horizon(in); break;
    default: in.set_failed();
  }
  if (!in.at_end()) return fail(ErrorCode::kCorruption, "the record's payload contradicts itself");
  return record;
}

}  // namespace tundish::historian
