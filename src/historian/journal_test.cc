#include <gtest/gtest.h>

#include <algorithm>

#include "base/crc32c.h"
#include "historian/historian_testing.h"
#include "historian/journal_format.h"
#include "historian/journal_reader.h"
#include "historian/journal_writer.h"

namespace tundish::historian {
namespace {

using testing::batch;
using testing::Folder;
using testing::Node;
using testing::Rows;
using testing::rows_of;
using testing::small_options;

Record sample_record(std::uint64_t sequence, std::size_t rows) {
  const StreamState stream{1, 2, 3, 1};
  std::vector<std::pair<TimeNs, Value>> samples;
  for (std::size_t row = 0; row < rows; ++row)
    samples.emplace_back(static_cast<TimeNs>(row) * kSecond, static_cast<double>(row));
  return BatchRecord{batch(stream, sequence, {EnterpriseId(4), 5}, samples), std::nullopt};
}

/// A journal folder and nothing else.
class JournalFolder {
 public:
  JournalFolder() {
    EXPECT_TRUE(disk_.make_folder("journal"));
    EXPECT_TRUE(disk_.sync_folder(""));
  }
  std::unique_ptr<JournalWriter> writer(std::uint64_t segment_bytes, SegmentSeal seal = {},
                                        std::uint64_t next = 1) {
    return std::make_unique<JournalWriter>(
        disk_, segment_bytes, [this] { return next_id_++; }, seal, Position(next));
  }
  std::optional<JournalWriter::Failure> append(JournalWriter& writer, std::size_t records,
                                               std::size_t rows = 3) {
    std::vector<PackedPayload> payloads;
    for (std::size_t i = 0; i < records; ++i)
      payloads.push_back(*pack_record(sample_record(position_ + i, rows)));
    std::vector<const PackedPayload*> group;
    for (const PackedPayload& payload : payloads) group.push_back(&payload);
    auto failure = writer.append(Position(position_), group);
    if (!failure) position_ += records;
    return failure;
  }
  JournalReading read(std::uint64_t* sum = nullptr) {
    std::uint64_t count = 0;
    auto reading = read_journal(
        disk_, {}, [&](const RecordFrame& frame, const std::string&, std::uint64_t) -> Status {
          EXPECT_TRUE(unpack_record(frame));
          ++count;
          return {};
        });
    EXPECT_TRUE(reading) << reading.error().to_string();
    if (sum != nullptr) *sum = count;
    return reading.value_or(JournalReading{});
  }
  io::SimulatedDisk& disk() { return disk_; }
  std::uint64_t position() const { return position_; }

 private:
  io::SimulatedDisk disk_{1};
  std::uint64_t next_id_ = 1;
  std::uint64_t position_ = 1;
};

TEST(Journal, RecordsComeBackAcrossSegments) {
  JournalFolder folder;
  auto writer = folder.writer(2048);
  for (int group = 0; group < 40; ++group) ASSERT_FALSE(folder.append(*writer, 1 + group % 3));
  std::uint64_t records = 0;
  const JournalReading reading = folder.read(&records);
  EXPECT_TRUE(reading.bad.empty());
  EXPECT_EQ(records, folder.position() - 1);
  EXPECT_EQ(reading.last.value(), folder.position() - 1);
  EXPECT_GT(reading.segments.size(), 3u);
}

TEST(Journal, ARecordLargerThanASegmentGetsALargerSegment) {
  JournalFolder folder;
  auto writer = folder.writer(1024);
  ASSERT_FALSE(folder.append(*writer, 1, 2000));
  ASSERT_FALSE(folder.append(*writer, 1, 3));
  EXPECT_TRUE(folder.read().bad.empty());
  EXPECT_EQ(folder.read().records, 2u);
}

TEST(Journal, SegmentsAreReleasedOldestFirstAndNeverTheOpenOne) {
  JournalFolder folder;
  auto writer = folder.writer(1024);
  for (int group = 0; group < 40; ++group) ASSERT_FALSE(folder.append(*writer, 1));
  const auto all = writer->segments();
  ASSERT_GT(all.size(), 3u);
  const auto release = [&](Position through) {
    std::vector<std::uint64_t> ids;
    while (const auto segment = writer->oldest_unneeded(through)) {
      ids.push_back(segment->file_id);
      writer->forget_oldest();
    }
    return ids;
  };
  EXPECT_TRUE(release(Position(all[0].last.value() - 1)).empty());
  EXPECT_EQ(release(all[1].last), (std::vector{all[0].file_id, all[1].file_id}));
  EXPECT_EQ(release(Position(UINT64_MAX)).size(), all.size() - 3);
  EXPECT_EQ(writer->segments().size(), 1u);
}

TEST(Journal, TheNextSegmentIsMadeAheadOnlyWhenItIsWanted) {
  JournalFolder folder;
  auto writer = folder.writer(2048);
  ASSERT_FALSE(folder.append(*writer, 1));
  EXPECT_FALSE(writer->wants_next());
  while (!writer->wants_next()) ASSERT_FALSE(folder.append(*writer, 1));
  ASSERT_TRUE(writer->prepare_next());
  EXPECT_FALSE(writer->wants_next());
  const auto files = folder.disk().files();
  EXPECT_TRUE(std::any_of(files.begin(), files.end(),
                          [](const auto& name) { return name.ends_with(".jnl.new"); }));
  folder.disk().set_capacity(folder.disk().used_bytes());  // its space is ours already
  while (writer->segments().size() == 1) ASSERT_FALSE(folder.append(*writer, 1));
  EXPECT_TRUE(folder.read().bad.empty());
}

TEST(Journal, EverySingleBitFlipIsFoundAndTheOtherRecordsStayReadable) {
  JournalFolder folder;
  auto writer = folder.writer(2048);
  while (writer->segments().size() < 2) ASSERT_FALSE(folder.append(*writer, 1, 5));
  for (int group = 0; group < 4; ++group) ASSERT_FALSE(folder.append(*writer, 1, 5));
  const auto segments = writer->segments();
  ASSERT_EQ(segments.size(), 2u);  // one sealed, one with its zero rest
  const std::uint64_t records = folder.position() - 1;
  for (const SegmentInfo& segment : segments) {
    const std::string path = segment_path(segment.file_id);
    for (std::uint64_t bit = 0; bit < segment.bytes * 8; ++bit) {
      folder.disk().flip_bit(path, bit);
      std::uint64_t seen = 0;
      const JournalReading reading = folder.read(&seen);
      ASSERT_FALSE(reading.bad.empty()) << path << " bit " << bit;
      ASSERT_GE(seen + 1, records) << path << " bit " << bit;
      folder.disk().flip_bit(path, bit);
    }
  }
  EXPECT_TRUE(folder.read().bad.empty());
}

TEST(Journal, TornTailsOfEveryLengthAreNoRecords) {
  JournalFolder folder;
  auto writer = folder.writer(4096);
  ASSERT_FALSE(folder.append(*writer, 2));
  const std::uint64_t end = writer->end().valid_end;
  ASSERT_FALSE(folder.append(*writer, 1, 20));
  const std::uint64_t torn_end = writer->end().valid_end;
  const std::string path = segment_path(writer->end().file_id);
  const auto file = *folder.disk().open(path, io::Open::kReadWrite);
  for (std::uint64_t cut = torn_end - 1; cut >= end; --cut) {
    const Bytes zero(1);
    ASSERT_TRUE(file->write_at(cut, zero));
    const JournalReading reading = folder.read();
    ASSERT_LE(reading.records, 3u);
    if (reading.records == 3) {
      ASSERT_TRUE(reading.bad.empty()) << "the filling was zero before";
      continue;
    }
    ASSERT_EQ(reading.records, 2u);
    ASSERT_EQ(reading.end.valid_end, end);
    for (const BadBytes& bad : reading.bad) EXPECT_TRUE(bad.torn);
  }
}

TEST(Journal, ABadRecordBelowTheSyncedOffsetIsCorruption) {
  JournalFolder folder;
  auto writer = folder.writer(64 << 10);
  for (int group = 0; group < 5; ++group) ASSERT_FALSE(folder.append(*writer, 1));
  const std::string path = segment_path(writer->end().file_id);
  folder.disk().flip_bit(path, (kSegmentHeaderBytes + 40) * 8);
  const JournalReading reading = folder.read();
  ASSERT_EQ(reading.bad.size(), 1u);
  EXPECT_FALSE(reading.bad[0].torn);
  EXPECT_EQ(reading.bad[0].from, kSegmentHeaderBytes);
  EXPECT_EQ(reading.records, 4u);
}

TEST(Journal, AMissingSegmentIsNoticed) {
  JournalFolder folder;
  auto writer = folder.writer(1024);
  while (writer->segments().size() < 4) ASSERT_FALSE(folder.append(*writer, 1));
  const auto segments = writer->segments();
  ASSERT_TRUE(folder.disk().remove(segment_path(segments[1].file_id)));
  EXPECT_FALSE(folder.read().bad.empty());
}

TEST(Journal, ARecordInAnotherPlaceIsNoRecord) {
  Bytes bytes(256);
  Bytes frame;
  const PackedPayload payload = *pack_record(sample_record(1, 2));
  append_frame(frame, 7, 128, Position(1), 0, payload);
  bytes.insert(bytes.begin() + 128, frame.begin(), frame.end());
  EXPECT_TRUE(parse_frame(bytes, 7, 128));
  EXPECT_FALSE(parse_frame(bytes, 8, 128));
  bytes.insert(bytes.begin(), 8, std::byte{0});
  EXPECT_FALSE(parse_frame(bytes, 7, 136));
}

TEST(Journal, RecordsOfEveryKindComeBack) {
  const std::vector<Record> records = {
      sample_record(9, 100),
      BatchRecord{SampleBatch{}, FeedCommit{"kpi", Position(77)}},
      TagsMadeRecord{EnterpriseId(3), 11, {{ValueType::kBool, "a/b"}, {ValueType::kString, ""}}},
      TagRetypedRecord{{EnterpriseId(1), 2}, ValueType::kInt64},
      StreamOpenedRecord{EnterpriseId(1), "http/token-1", "main", 2, 3, 4},
      TombstonesRecord{{{{EnterpriseId(1), 2},
                         {kTimeMin, kTimeMax},
                         {SampleClass::kCorrected, 255, 1, 2, UINT64_MAX, 3, 4}}}}};
  for (const Record& record : records) {
    const Bytes bytes = encode_record(record);
    const auto decoded = decode_record(type_of(record), bytes);
    ASSERT_TRUE(decoded) << decoded.error().to_string();
    EXPECT_EQ(type_of(*decoded), type_of(record));
    EXPECT_EQ(encode_record(*decoded), bytes);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut)
      EXPECT_FALSE(decode_record(type_of(record), ByteSpan(bytes).first(cut)));
  }
}

TEST(Journal, ANewerVersionIsRefusedWithAClearSentence) {
  Bytes header = encode_segment_header({1, Position(1), 4096, {}});
  header[8] = static_cast<std::byte>(kJournalVersion + 1);
  const std::uint32_t crc = crc32c(ByteSpan(header).first(kSegmentHeaderBytes - 4));
  std::memcpy(header.data() + kSegmentHeaderBytes - 4, &crc, 4);
  const auto decoded = decode_segment_header(header);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kUnsupported);
}

TEST(Journal, CorruptBytesAreQuarantinedReportedAndTheRestIsReplayed) {
  Folder folder;
  auto node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  std::uint64_t offset = 0;
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) {
    const auto time = static_cast<TimeNs>(sequence);
    if (sequence == 3) {
      const JournalReading reading =
          *read_journal(folder.disk(), {}, [](const auto&, const auto&, auto) { return Status{}; });
      offset = reading.end.valid_end;
    }
    ASSERT_TRUE(node.append(batch(stream, sequence, tag, {{time, 1.0}})));
  }
  node.close();
  const auto files = folder.disk().files();
  const auto segment = *std::find_if(files.begin(), files.end(),
                                     [](const auto& name) { return name.ends_with(".jnl"); });
  folder.disk().flip_bit(segment, offset * 8 + 321);
  EXPECT_EQ(folder.verify().damage.size(), 1u);
  node = folder.open();
  EXPECT_EQ(node.scan(tag), rows_of({{1, 1.0}, {2, 1.0}, {4, 1.0}, {5, 1.0}}));
  const HistorianStatus status = node->status();
  ASSERT_EQ(status.damage.size(), 1u);
  EXPECT_EQ(status.damage[0].offset, offset);
  ASSERT_FALSE(status.damage[0].quarantined.empty());
  EXPECT_GT(folder.disk().content(status.damage[0].quarantined).size(), 32u);
  // The sender's repeat of what was lost is not taken for stored.
  EXPECT_FALSE(node.append(batch(stream, 3, tag, {{3, 1.0}}))->repeated);
  EXPECT_EQ(node.scan(tag).size(), 5u);
}

/// A folder whose only journal segment with records has one bit flipped in its third batch.
struct DamagedFolder {
  Folder folder;
  std::string segment;
  std::uint64_t offset = 0;  ///< of the damaged record

  DamagedFolder() {
    auto node = folder.open();
    const TagId tag = node.make_tag(ValueType::kDouble);
    const StreamState stream = node.open_stream("plc");
    for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) {
      if (sequence == 3)
        offset = read_journal(folder.disk(), {}, [](const auto&, const auto&, auto) {
                   return Status{};
                 })->end.valid_end;
      const auto time = static_cast<TimeNs>(sequence);
      EXPECT_TRUE(node.append(batch(stream, sequence, tag, {{time, 1.0}})));
    }
    node.close();
    const auto files = folder.disk().files();
    segment = *std::find_if(files.begin(), files.end(),
                            [](const auto& name) { return name.ends_with(".jnl"); });
    folder.disk().flip_bit(segment, offset * 8 + 321);
  }
};

TEST(Journal, DamageThatAFullDiskHasNoRoomToCopyIsCopiedLater) {
  DamagedFolder damaged;
  Folder& folder = damaged.folder;
  const Bytes content = folder.disk().content(damaged.segment);
  folder.disk().set_capacity(folder.disk().used_bytes());
  auto node = folder.open();
  ASSERT_EQ(node->status().damage.size(), 1u);
  EXPECT_TRUE(node->status().damage[0].quarantined.empty());

  folder.disk().set_capacity(1 << 30);
  ASSERT_TRUE(node->maintain());
  const HistorianStatus status = node->status();
  ASSERT_EQ(status.damage.size(), 1u) << "one place is reported once";
  ASSERT_FALSE(status.damage[0].quarantined.empty());
  const Bytes copy = folder.disk().content(status.damage[0].quarantined);
  ASSERT_GT(copy.size(), 32u);
  EXPECT_TRUE(std::equal(copy.begin(), copy.end(),
                         content.begin() + static_cast<std::ptrdiff_t>(damaged.offset)));
}

/// The segment is one that nobody needs: it was flushed twice, and the power went before its file.
TEST(Journal, ASegmentWithDamageThatCannotBeCopiedIsSetAsideWhole) {
  DamagedFolder damaged;
  Folder& folder = damaged.folder;
  const Bytes content = folder.disk().content(damaged.segment);
  {
    auto node = folder.open();
    const TagId tag = node.make_tag(ValueType::kDouble);
    const StreamState stream = node.open_stream("plc");
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
      ASSERT_TRUE(node.append(batch(stream, sequence, tag, {{1000, 1.0}})));
      ASSERT_TRUE(node->flush());
    }
    ASSERT_FALSE(*folder.disk().exists(damaged.segment));
  }
  for (const std::string& name : folder.disk().files()) {
    if (name.starts_with("quarantine/")) {
      ASSERT_TRUE(folder.disk().remove(name));
    }
  }
  {
    const auto file = folder.disk().open(damaged.segment, io::Open::kCreateNew);
    ASSERT_TRUE((*file)->write_at(0, content));
  }
  folder.disk().set_capacity(folder.disk().used_bytes());
  auto node = folder.open();
  EXPECT_FALSE(*folder.disk().exists(damaged.segment)) << "nobody needs it";
  const HistorianStatus status = node->status();
  ASSERT_EQ(status.damage.size(), 1u);
  ASSERT_FALSE(status.damage[0].quarantined.empty());
  EXPECT_EQ(folder.disk().content(status.damage[0].quarantined), content);
}

TEST(Journal, ADamagedManifestIsCopiedBeforeItIsReplaced) {
  Folder folder;
  {
    auto node = folder.open();
    const TagId tag = node.make_tag(ValueType::kDouble);
    const StreamState stream = node.open_stream("plc");
    for (std::uint64_t sequence = 1; sequence <= 2; ++sequence) {
      ASSERT_TRUE(node.append(batch(stream, sequence, tag, {{1, 1.0}})));
      ASSERT_TRUE(node->flush());
    }
  }
  folder.disk().flip_bit("manifest", 300);
  const Bytes content = folder.disk().content("manifest");
  folder.disk().set_capacity(folder.disk().used_bytes());
  auto node = folder.open();
  EXPECT_FALSE(node->flush());
  EXPECT_EQ(folder.disk().content("manifest"), content);
  folder.disk().set_capacity(1 << 30);
  ASSERT_TRUE(node->flush());
  const std::vector<Damage> damage = node->status().damage;
  ASSERT_EQ(damage.size(), 2u) << "and the block that it may have named";
  EXPECT_EQ(damage[0].file, "manifest");
  ASSERT_FALSE(damage[0].quarantined.empty());
  EXPECT_EQ(folder.disk().content(damage[0].quarantined), content);
}

}  // namespace
}  // namespace tundish::historian
