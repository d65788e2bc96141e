#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <bit>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <random>

#include "aggregate/numbers.h"
#include "historian/block_index.h"
#include "historian/block_layout.h"
#include "historian/block_reader.h"
#include "historian/block_test_rows.h"
#include "historian/block_writer.h"
#include "historian/chunk.h"
#include "io/simulated_disk.h"

namespace tundish::historian {
namespace {

constexpr TimeNs kStart = 1'700'000'000'000'000'000;
constexpr std::uint64_t kFileId = 0x1122334455667788;

TagId tag(std::uint32_t number) { return {EnterpriseId(3), number}; }

void append(StoredColumns& to, const StoredColumns& from) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    to.columns.push_from(from.columns, i);
    to.versions.push_back(from.versions[i]);
  }
}

void expect_same(const StoredColumns& a, const StoredColumns& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_TRUE(same_bits(a.columns.at(i), b.columns.at(i))) << "row " << i;
    ASSERT_EQ(a.versions[i], b.versions[i]) << "row " << i;
  }
}

std::vector<Tombstone> some_tombstones() {
  return {{tag(1), {kStart, kStart + kSecond}, {SampleClass::kCorrected, 200, 1, 2, 3, 4, 5}},
          {tag(9), {kTimeMin, kTimeMax}, {}}};
}

/// A second that is read up to four milliseconds late: times as period and residuals.
StoredColumns jitter_rows() {
  StoredColumns rows;
  std::mt19937_64 random(8);
  for (int i = 0; i < 1000; ++i)
    rows.columns.push_back({kStart + i * kSecond + static_cast<TimeNs>(random() % 5) * kMillisecond,
                            20.0 + i / 100, kGood});
  rows.versions.resize(1000);
  return rows;
}

/// A sensor whose noise is about its resolution, in batches of four rows: dense values, and versions that tags share.
StoredColumns noisy_rows(std::uint64_t seed) {
  StoredColumns rows;
  std::mt19937_64 random(seed);
  std::int64_t level = 40'000;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    level += static_cast<std::int64_t>(random() % 21) - 10;
    const std::uint64_t noise = random() % 60 + random() % 60 + random() % 60;
    rows.columns.push_back(
        {kStart + i * kSecond,
         static_cast<double>((level + static_cast<std::int64_t>(noise)) / 100) / 10, kGood});
    rows.versions.push_back({SampleClass::kMeasured, 100, 1, 1, 7 + i / 4 * 3 + i / 100 % 2,
                             static_cast<std::uint32_t>(seed) + i % 4 * 2500, 1});
  }
  return rows;
}

/// The block of the golden file: every type, several chunks of one tag, tombstones; what came with
/// `version` of the format.
Result<BlockInfo> write_golden(io::Disk& disk, const std::string& path, std::uint32_t version = 1) {
  TUNDISH_TRY(auto writer,
              BlockWriter::create(disk, path, kFileId, Position(5), Position(90),
                                  version >= 4 ? codec::Tier::kDense : codec::Tier::kPacked));
  TUNDISH_RETURN_IF_ERROR(writer.add(tag(1), block_test_rows(ValueType::kDouble, 300, kStart, 1)));
  TUNDISH_RETURN_IF_ERROR(writer.add(tag(1), block_test_rows(ValueType::kInt64, 300, kStart, 2)));
  TUNDISH_RETURN_IF_ERROR(writer.add(tag(2), block_test_rows(ValueType::kBool, 300, kStart, 3)));
  TUNDISH_RETURN_IF_ERROR(writer.add(tag(4), block_test_rows(ValueType::kString, 300, kStart, 4)));
  StoredColumns good;
  for (int i = 0; i < 10; ++i) good.columns.push_back({kStart + i * kSecond, i * 0.5, kGood});
  good.versions.resize(10);
  TUNDISH_RETURN_IF_ERROR(writer.add(tag(7), good));
  if (version >= 2) TUNDISH_RETURN_IF_ERROR(writer.add(tag(8), jitter_rows()));
  for (std::uint32_t number = 9; version >= 4 && number < 12; ++number)
    TUNDISH_RETURN_IF_ERROR(writer.add(tag(number), noisy_rows(number)));
  TUNDISH_RETURN_IF_ERROR(writer.add_tombstones(some_tombstones()));
  return writer.finish();
}

TEST(Block, ReturnsWhatWasAdded) {
  io::SimulatedDisk disk(1);
  const auto info = write_golden(disk, "a");
  ASSERT_TRUE(info.has_value()) << info.error().to_string();
  const auto opened = BlockReader::open(disk, "a");
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  const BlockReader& block = **opened;
  EXPECT_EQ(block.info().file_id, kFileId);
  EXPECT_EQ(block.info().from, Position(5));
  EXPECT_EQ(block.info().through, Position(90));
  EXPECT_EQ(block.info().samples, 1210u);
  EXPECT_EQ(block.info().chunks, block.all_chunks().size());
  EXPECT_EQ(block.info().bytes, info->bytes);
  EXPECT_EQ(block.info().times.from, kStart);
  EXPECT_GT(block.info().times.to, block.all_chunks().front().last);

  ASSERT_EQ(block.chunks(tag(1)).size(), 2u);
  expect_same(*block.read(block.chunks(tag(1))[0]),
              block_test_rows(ValueType::kDouble, 300, kStart, 1));
  expect_same(*block.read(block.chunks(tag(1))[1]),
              block_test_rows(ValueType::kInt64, 300, kStart, 2));
  expect_same(*block.read(block.chunks(tag(2))[0]),
              block_test_rows(ValueType::kBool, 300, kStart, 3));
  expect_same(*block.read(block.chunks(tag(4))[0]),
              block_test_rows(ValueType::kString, 300, kStart, 4));
  EXPECT_TRUE(block.chunks(tag(3)).empty());

  const auto expected = some_tombstones();
  ASSERT_EQ(block.tombstones().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(block.tombstones()[i].tag, expected[i].tag);
    EXPECT_EQ(block.tombstones()[i].range, expected[i].range);
    EXPECT_EQ(block.tombstones()[i].version, expected[i].version);
  }
}

TEST(Block, AnEmptyBlockIsABlock) {
  io::SimulatedDisk disk(1);
  auto writer = BlockWriter::create(disk, "a", 1, Position(1), Position(1));
  ASSERT_TRUE(writer->finish().has_value());
  const auto block = BlockReader::open(disk, "a");
  ASSERT_TRUE(block.has_value()) << block.error().to_string();
  EXPECT_TRUE((*block)->all_chunks().empty());
  EXPECT_EQ((*block)->info().times, (TimeRange{0, 0}));
}

TEST(Block, PropertyWhateverIsAddedInPiecesReturnsWhole) {
  EXPECT_TRUE(rc::check([] {
    io::SimulatedDisk disk(1);
    auto writer = BlockWriter::create(disk, "a", 1, Position(1), Position(2));
    std::map<std::uint32_t, StoredColumns> all;
    const auto tags = *rc::gen::inRange<std::uint32_t>(1, 4);
    for (std::uint32_t number = 1; number <= tags; ++number) {
      const auto type = static_cast<ValueType>(*rc::gen::inRange(0, 4));
      TimeNs start = kStart;
      const int pieces = *rc::gen::inRange(1, 4);
      for (int piece = 0; piece < pieces; ++piece) {
        const auto rows = block_test_rows(type, *rc::gen::inRange<std::size_t>(1, 6000), start,
                                          *rc::gen::arbitrary<std::uint64_t>());
        start = rows.columns.times.back();
        all[number].columns.type = type;
        append(all[number], rows);
        RC_ASSERT(writer->add(tag(number), rows).has_value());
      }
    }
    RC_ASSERT(writer->finish().has_value());
    const auto block = *BlockReader::open(disk, "a");
    for (const auto& [number, expected] : all) {
      StoredColumns read;
      read.columns.type = expected.columns.type;
      for (const ChunkRef& chunk : block->chunks(tag(number))) {
        if (!read.empty()) RC_ASSERT(chunk.first > read.columns.times.back());
        append(read, *block->read(chunk));
      }
      expect_same(read, expected);
    }
  }));
}

TEST(Block, RowsOfOneTimeStayTogether) {
  io::SimulatedDisk disk(1);
  auto writer = BlockWriter::create(disk, "a", 1, Position(1), Position(2));
  StoredColumns rows;
  for (std::uint64_t i = 0; i < kChunkSamplesMax + 10; ++i) {
    rows.columns.push_back({static_cast<TimeNs>(i < 4000 ? i : 4000), 1.0, kGood});
    Version version;
    version.sequence = i;
    rows.versions.push_back(version);
  }
  ASSERT_TRUE(writer->add(tag(1), rows).has_value());
  ASSERT_TRUE(writer->finish().has_value());
  const auto block = *BlockReader::open(disk, "a");
  ASSERT_EQ(block->all_chunks().size(), 2u);
  EXPECT_EQ(block->all_chunks()[0].count, 4000u);
  EXPECT_FALSE(block->all_chunks()[0].statistics.repeats);
  EXPECT_TRUE(block->all_chunks()[1].statistics.repeats);
}

TEST(Block, LongStringsMakeShortChunks) {
  io::SimulatedDisk disk(1);
  auto writer = BlockWriter::create(disk, "a", 1, Position(1), Position(2));
  StoredColumns rows;
  rows.columns.type = ValueType::kString;
  std::mt19937_64 random(5);
  for (int i = 0; i < 1000; ++i) {
    std::string text(kStringBytesMax, ' ');
    for (char& letter : text) letter = static_cast<char>('!' + random() % 90);
    rows.columns.push_back({i, text, kGood});
  }
  rows.versions.resize(rows.columns.size());
  ASSERT_TRUE(writer->add(tag(1), rows).has_value());
  ASSERT_TRUE(writer->finish().has_value());
  const auto block = *BlockReader::open(disk, "a");
  EXPECT_GE(block->all_chunks().size(), 4u);
  StoredColumns read;
  read.columns.type = ValueType::kString;
  for (const ChunkRef& chunk : block->all_chunks()) append(read, *block->read(chunk));
  expect_same(read, rows);
}

TEST(Block, StatisticsCoverGoodValuesThatAreNumbers) {
  StoredColumns rows;
  rows.columns.push_back({1 * kSecond, 5.0, kGood});
  rows.columns.push_back({2 * kSecond, -100.0, kBad});
  rows.columns.push_back({3 * kSecond, std::numeric_limits<double>::quiet_NaN(), kGood});
  rows.columns.push_back({4 * kSecond, 7.0, kGood});
  rows.columns.push_back({5 * kSecond, 900.0, kUncertain});
  rows.versions.resize(5);
  Bytes bytes;
  const ChunkRef ref = encode_chunk(1, 48, tag(1), rows, 0, 5, bytes);
  EXPECT_EQ(ref.statistics.good, 2u);
  EXPECT_EQ(double_of(ref.statistics.min_bits), 5.0);
  EXPECT_EQ(double_of(ref.statistics.max_bits), 7.0);
  EXPECT_FALSE(ref.statistics.all_good);
  EXPECT_FALSE(decode_chunk_sums(1, ref, bytes)->has_value());
}

TEST(Block, SumsOfAChunkAreExact) {
  StoredColumns rows;
  for (const double value : {0.1, 0.2, 1e17, 0.3, -1e17})
    rows.columns.push_back({static_cast<TimeNs>(rows.columns.size()) * 2, value, kGood});
  rows.versions.resize(5);
  Bytes bytes;
  const ChunkRef ref = encode_chunk(1, 48, tag(1), rows, 0, 5, bytes);
  const auto sums = decode_chunk_sums(1, ref, bytes);
  ASSERT_TRUE(sums.has_value() && sums->has_value());
  EXPECT_EQ((*sums)->sum.rounded(), 0.6);
  EXPECT_EQ((*sums)->step_integral.rounded(), 2e17 + 1.2);
  EXPECT_EQ((*sums)->slope_integral_twice.rounded_quotient(1, -1), 1e17 + 1.1);
}

TEST(Block, AChunkOfAnotherFileOrPlaceIsFound) {
  const auto rows = block_test_rows(ValueType::kDouble, 50, kStart, 1);
  Bytes bytes;
  ChunkRef ref = encode_chunk(1, 48, tag(1), rows, 0, 50, bytes);
  EXPECT_TRUE(decode_chunk(1, ref, bytes).has_value());
  EXPECT_EQ(decode_chunk(2, ref, bytes).error().code, ErrorCode::kCorruption);
  ref.offset = 4096;
  const auto misdirected = decode_chunk(1, ref, bytes);
  ASSERT_FALSE(misdirected.has_value());
  EXPECT_EQ(misdirected.error().offset, 4096u);
}

TEST(Block, AFileWithoutFooterIsRefused) {
  io::SimulatedDisk disk(1);
  ASSERT_TRUE(write_golden(disk, "a").has_value());
  const Bytes whole = disk.content("a");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{47}, kBlockHeaderBytes, whole.size() / 2, whole.size() - 1}) {
    const auto file = disk.open("cut", io::Open::kCreateOrTruncate);
    ASSERT_TRUE((*file)->write_at(0, ByteSpan(whole).first(size)).has_value());
    const auto block = BlockReader::open(disk, "cut");
    ASSERT_FALSE(block.has_value()) << size;
    EXPECT_EQ(block.error().code, ErrorCode::kCorruption);
    EXPECT_EQ(block.error().where, "cut");
  }
}

TEST(Block, VerifyNamesEveryDamagedPlace) {
  io::SimulatedDisk disk(1);
  ASSERT_TRUE(write_golden(disk, "a").has_value());
  const auto block = *BlockReader::open(disk, "a");
  VerifyReport clean;
  ASSERT_TRUE(block->verify(clean).has_value());
  EXPECT_TRUE(clean.damage.empty());
  EXPECT_EQ(clean.files, 1u);
  EXPECT_EQ(clean.bytes, block->info().bytes);
  EXPECT_EQ(clean.chunks, block->info().chunks);

  const ChunkRef chunk = block->chunks(tag(2))[0];
  disk.flip_bit("a", (chunk.offset + 30) * 8);
  disk.flip_bit("a", (block->info().bytes - kBlockFooterBytes - 10) * 8 + 3);  // in the index
  VerifyReport report;
  ASSERT_TRUE(block->verify(report).has_value());
  ASSERT_EQ(report.damage.size(), 2u);
  EXPECT_EQ(report.damage[0].file, "a");
  EXPECT_EQ(report.damage[1].offset, chunk.offset);
  EXPECT_EQ(block->read(chunk).error().offset, chunk.offset);
}

TEST(Block, VerifyReportsAFileThatWasCutShort) {
  io::SimulatedDisk disk(1);
  ASSERT_TRUE(write_golden(disk, "a").has_value());
  const auto block = *BlockReader::open(disk, "a");
  const ChunkRef chunk = block->all_chunks().back();
  const auto file = disk.open("a", io::Open::kReadWrite);
  ASSERT_TRUE((*file)->truncate(chunk.offset + 5).has_value());
  VerifyReport report;
  ASSERT_TRUE(block->verify(report).has_value());
  ASSERT_EQ(report.damage.size(), 2u);  // the footer and the last chunk
  EXPECT_EQ(report.damage[1].offset, chunk.offset);
}

TEST(Block, AFullDiskAndAFailingDiskAreNoCorruption) {
  io::SimulatedDisk full(1, {.capacity_bytes = 16 * 1024});
  auto writer = BlockWriter::create(full, "a", 1, Position(1), Position(2));
  ASSERT_TRUE(writer.has_value());
  Status status;
  for (std::uint32_t number = 1; number < 40 && status; ++number)
    status = writer->add(tag(number), block_test_rows(ValueType::kDouble, 4000, kStart, number));
  if (status)
    if (const auto info = writer->finish(); !info) status = fail(info.error());
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kDiskFull);

  io::SimulatedDisk disk(1);
  ASSERT_TRUE(write_golden(disk, "a").has_value());
  const auto block = *BlockReader::open(disk, "a");
  disk.fail_at_call(1);
  EXPECT_EQ(block->read(block->all_chunks()[0]).error().code, ErrorCode::kIo);
  EXPECT_TRUE(block->read(block->all_chunks()[0]).has_value());
}

TEST(Block, ALaterVersionIsUnsupportedNotCorrupt) {
  Bytes bytes;
  write_block_header({1, Position(1), Position(2)}, bytes);
  bytes[8] = std::byte{kBlockVersion + 1};
  const std::uint32_t checksum = placed_crc32c(1, 0, ByteSpan(bytes).first(kBlockHeaderBytes - 4));
  std::memcpy(bytes.data() + kBlockHeaderBytes - 4, &checksum, 4);
  EXPECT_EQ(read_block_header(bytes).error().code, ErrorCode::kUnsupported);
}

/// Row by row, as the definition says.
void expect_sums_of(const StoredColumns& rows, const ChunkSums& sums) {
  ChunkSums expected;
  const Columns& columns = rows.columns;
  const auto number = [&](std::size_t i) {
    return aggregate::Number{columns.type, columns.bits[i]};
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    aggregate::add_product(expected.sum, number(i), 1);
    if (i == 0) continue;
    const auto elapsed = static_cast<std::uint64_t>(columns.times[i] - columns.times[i - 1]);
    aggregate::add_product(expected.step_integral, number(i - 1), elapsed);
    aggregate::add_product(expected.slope_integral_twice, number(i - 1), elapsed);
    aggregate::add_product(expected.slope_integral_twice, number(i), elapsed);
  }
  EXPECT_EQ(sums.sum, expected.sum);
  EXPECT_EQ(sums.step_integral, expected.step_integral);
  EXPECT_EQ(sums.slope_integral_twice, expected.slope_integral_twice);
}

/// With one period only the first sum stands in the chunk; the others must be those that adding row by row gives.
TEST(Block, PropertySumsOfRegularAndIrregularTimesAreThoseOfTheRows) {
  EXPECT_TRUE(rc::check([] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    StoredColumns rows;
    const auto types = std::array{ValueType::kDouble, ValueType::kInt64, ValueType::kBool};
    rows.columns.type = types[random() % types.size()];
    const std::size_t count = 1 + random() % 300;
    const bool is_regular = random() % 2 == 0, is_wild = random() % 4 == 0;
    const auto period = static_cast<TimeNs>(1 + random() % (is_wild ? 1ull << 50 : 1'000'000'000));
    TimeNs time = is_wild ? -(TimeNs{1} << 60) : kStart;
    for (std::size_t i = 0; i < count; ++i) {
      time += is_regular ? period : static_cast<TimeNs>(1 + random() % 1'000'000);
      std::uint64_t bits = random();
      if (rows.columns.type == ValueType::kBool) bits &= 1;
      if (rows.columns.type == ValueType::kDouble) {
        if (!is_wild) bits = bits_of(static_cast<double>(bits % 100'000) / 100 - 300);
        while (std::isnan(std::bit_cast<double>(bits))) bits = random();
      }
      rows.columns.times.push_back(time);
      rows.columns.bits.push_back(bits);
      rows.columns.qualities.push_back(0);
    }
    rows.versions.resize(count);
    Bytes bytes;
    const auto tier = random() % 2 == 0 ? codec::Tier::kDense : codec::Tier::kPacked;
    const ChunkRef ref = encode_chunk(1, 48, tag(1), rows, 0, count, bytes, tier);
    const auto sums = decode_chunk_sums(1, ref, bytes);
    RC_ASSERT(sums.has_value() && sums->has_value());
    expect_sums_of(rows, **sums);
    expect_same(*decode_chunk(1, ref, bytes), rows);
  }));
}

/// What the index says of a chunk is what the writer knew, whatever the values are.
TEST(Block, PropertyAnIndexReturns) {
  EXPECT_TRUE(rc::check([] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<ChunkRef> chunks;
    BlockFooter footer;
    std::uint64_t offset = kBlockHeaderBytes;
    std::uint32_t number = 0;
    const std::size_t count = random() % 60;
    for (std::size_t i = 0; i < count; ++i) {
      ChunkRef chunk;
      chunk.tag = {EnterpriseId(static_cast<std::uint32_t>(1 + i / 20)),
                   number += static_cast<std::uint32_t>(random() % 3)};
      if (i % 20 == 19) number = 0;
      chunk.type = static_cast<ValueType>(random() % 4);
      chunk.first = static_cast<TimeNs>(random());
      chunk.last = static_cast<TimeNs>(random());
      if (chunk.first > chunk.last) std::swap(chunk.first, chunk.last);
      chunk.count = static_cast<std::uint32_t>(1 + random() % kChunkSamplesMax);
      chunk.offset = offset;
      chunk.bytes = static_cast<std::uint32_t>(kChunkBytesMin + random() % 5000);
      chunk.is_packed = true;
      ChunkStatistics& known = chunk.statistics;
      known.all_good = random() % 2 == 0;
      known.good =
          known.all_good ? chunk.count : static_cast<std::uint32_t>(random() % chunk.count);
      known.repeats = random() % 2 == 0;
      if (chunk.type != ValueType::kString) {
        const bool is_plain = random() % 2 == 0;
        const auto value = [&] {
          return is_plain ? bits_of(static_cast<double>(random() % 9999) / 10) : random();
        };
        known.has_first = known.has_last = true;
        known.first_bits = value();
        known.last_bits = value();
        known.min_bits = value();
        known.max_bits = value();
        known.min_is_once = random() % 2 == 0;
        known.max_is_once = random() % 2 == 0;
        known.last_quality = random() % 2 == 0 ? 0 : static_cast<std::uint32_t>(random());
      }
      offset += chunk.bytes;
      footer.samples += chunk.count;
      chunks.push_back(chunk);
    }
    footer.chunks = count;
    footer.tombstones_offset = offset;
    const std::vector<Bytes> patterns(random() % 3, Bytes(random() % 50));
    Bytes bytes;
    write_index(chunks, patterns, bytes);
    const auto index = read_index(bytes, footer);
    RC_ASSERT(index.has_value());
    RC_ASSERT(index->patterns == patterns);
    RC_ASSERT(index->chunks == chunks);
    if (count > 0) {
      footer.samples += 1;
      RC_ASSERT(!read_index(bytes, footer).has_value());
      RC_ASSERT(!read_index(ByteSpan(bytes).first(bytes.size() - 1), footer).has_value());
    }
  }));
}

std::string golden_path(std::uint32_t version) {
  return std::string(TUNDISH_SOURCE_DIR) + "/tests/golden/block-v" + std::to_string(version) +
         ".bin";
}

/// A format version as it was first written. Readers of every later version must read it; if this
/// fails, the format has changed: raise kBlockVersion and keep the file.
void expect_golden(std::uint32_t version) {
  const std::string path = golden_path(version);
  std::ifstream stream(path, std::ios::binary);
  const std::string stored((std::istreambuf_iterator<char>(stream)), {});
  ASSERT_FALSE(stored.empty()) << path;
  io::SimulatedDisk disk(1);
  {
    const auto file = disk.open("golden", io::Open::kCreateNew);
    ASSERT_TRUE((*file)->write_at(0, as_byte_span(stored)).has_value());
  }
  const auto block = BlockReader::open(disk, "golden");
  ASSERT_TRUE(block.has_value()) << block.error().to_string();
  VerifyReport report;
  ASSERT_TRUE((*block)->verify(report).has_value());
  EXPECT_TRUE(report.damage.empty());
  EXPECT_EQ((*block)->info().samples, version == 1 ? 1210u : version < 4 ? 2210u : 8210u);
  if (version >= 2) {
    const ChunkRef& jitter = (*block)->chunks(tag(8))[0];
    expect_same(*(*block)->read(jitter), jitter_rows());
    EXPECT_LT(jitter.bytes, 700u);  // three bits a time, not ten
  }
  const ChunkStatistics& steps = (*block)->chunks(tag(7))[0].statistics;
  EXPECT_EQ(steps.has_last, version >= 3);
  EXPECT_EQ(steps.has_first, version >= 4);
  if (version >= 3) {
    EXPECT_EQ(steps.last_bits, bits_of(4.5));
    EXPECT_EQ(steps.last_quality, kGood.code);
    EXPECT_TRUE(steps.min_is_once && steps.max_is_once);
    EXPECT_FALSE((*block)->chunks(tag(4))[0].statistics.has_last);
  }
  for (std::uint32_t number = 9; version >= 4 && number < 12; ++number) {
    const ChunkRef& noisy = (*block)->chunks(tag(number))[0];
    const StoredColumns rows = noisy_rows(number);
    expect_same(*(*block)->read(noisy), rows);
    EXPECT_LT(noisy.bytes, 550u);  // 1.8 bits a value
    Bytes bytes;
    const auto sums = (*block)->read_sums(noisy, bytes);
    ASSERT_TRUE(sums.has_value() && sums->has_value());
    expect_sums_of(rows, **sums);
  }
  expect_same(*(*block)->read((*block)->chunks(tag(1))[0]),
              block_test_rows(ValueType::kDouble, 300, kStart, 1));
  expect_same(*(*block)->read((*block)->chunks(tag(4))[0]),
              block_test_rows(ValueType::kString, 300, kStart, 4));
}

TEST(Block, ReadsTheGoldenFilesOfEveryVersion) {
  for (std::uint32_t version = 1; version <= kBlockVersion; ++version) {
    SCOPED_TRACE(version);
    expect_golden(version);
  }
}

/// Writes the golden file; run by hand, once a format version.
TEST(Block, DISABLED_WriteTheGoldenFile) {
  io::SimulatedDisk disk(1);
  ASSERT_TRUE(write_golden(disk, "a", kBlockVersion).has_value());
  const Bytes bytes = disk.content("a");
  std::ofstream(golden_path(kBlockVersion), std::ios::binary) << as_text(bytes);
}

}  // namespace
}  // namespace tundish::historian
