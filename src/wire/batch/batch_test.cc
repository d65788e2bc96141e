#include "wire/batch/batch.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "base/crc32c.h"

namespace tundish::wire {
namespace {

bool same(const ReceivedBatch& a, const ReceivedBatch& b) {
  if (a.paths != b.paths || a.path_index != b.path_index || a.sample_class != b.sample_class ||
      a.number.has_value() != b.number.has_value() || a.rows.size() != b.rows.size())
    return false;
  if (a.number && (a.number->source != b.number->source || a.number->stream != b.number->stream ||
                   a.number->epoch != b.number->epoch || a.number->sequence != b.number->sequence))
    return false;
  for (std::size_t row = 0; row < a.rows.size(); ++row)
    if (!same_bits(a.rows.at(row), b.rows.at(row))) return false;
  return true;
}

Value any_value() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0: return Value(double_of(*rc::gen::arbitrary<std::uint64_t>()));
    case 1: return Value(*rc::gen::arbitrary<std::int64_t>());
    case 2: return Value(*rc::gen::arbitrary<bool>());
    default: return Value(*rc::gen::arbitrary<std::string>());
  }
}

ReceivedBatch any_batch() {
  ReceivedBatch batch;
  batch.paths = *rc::gen::arbitrary<std::vector<std::string>>();
  batch.paths.push_back("e/t");
  const int rows = *rc::gen::inRange(0, 50);
  for (int row = 0; row < rows; ++row) {
    const auto path = *rc::gen::inRange<std::size_t>(0, batch.paths.size());
    const Quality quality{*rc::gen::element<std::uint32_t>(0, 0x80310000u, UINT32_MAX)};
    batch.push_back(static_cast<std::uint32_t>(path), *rc::gen::arbitrary<TimeNs>(), any_value(),
                    quality);
  }
  if (*rc::gen::arbitrary<bool>())
    batch.number = ReceivedBatch::Number{"source", "stream", *rc::gen::arbitrary<std::uint32_t>(),
                                         *rc::gen::arbitrary<std::uint64_t>()};
  if (*rc::gen::arbitrary<bool>())
    batch.sample_class = *rc::gen::element(SampleClass::kSynthetic, SampleClass::kCorrected);
  return batch;
}

TEST(Batch, ComesBackBitForBit) {
  EXPECT_TRUE(rc::check([] {
    const ReceivedBatch batch = any_batch();
    const auto decoded = decode_batch(encode_batch(batch));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(same(decoded->batch, batch));
    RC_ASSERT(decoded->places.size() == batch.rows.size());
  }));
}

ReceivedBatch small() {
  ReceivedBatch batch;
  batch.paths = {"steel-01/a", "steel-01/b"};
  batch.push_back(0, 1'700'000'000'000'000'000, 1.5, kGood);
  batch.push_back(1, 1'700'000'000'000'000'000, true, kBad);
  batch.push_back(0, 1'700'000'001'000'000'000, std::nan(""), kGood);
  batch.push_back(1, std::numeric_limits<TimeNs>::min(), std::string("高炉"), kGood);
  batch.number = ReceivedBatch::Number{"line-3", "a", 2, 77};
  batch.sample_class = SampleClass::kMeasured;
  return batch;
}

/// Golden: the bytes that docs/formats/batch.md shows.
TEST(Batch, HasTheBytesOfItsPage) {
  ReceivedBatch batch;
  batch.paths = {"e/a"};
  batch.push_back(0, 1, 1.0, kGood);
  batch.push_back(0, 3, false, kBad);
  const Bytes bytes = encode_batch(batch);
  const unsigned char expected[] = {
      'T', 'D', 'B',  'A',  'T',  'C',  'H',  1,        // magic, version
      0,                                                // flags
      1,   3,   'e',  '/',  'a',                        // one path
      2,                                                // two rows
      0,   0,                                           // path indexes 0, +0
      2,   4,                                           // times 1, +2
      0,   1,   0x80, 0x80, 0x80, 0x80, 0x08, 1,        // qualities: Good x 1, Bad x 1
      0,   1,   2,    1,                                // types: double x 1, bool x 1
      0,   0,   0,    0,    0,    0,    0xF0, 0x3F, 0,  // 1.0, false
  };
  ASSERT_EQ(bytes.size(), sizeof expected + 4);
  for (std::size_t i = 0; i < sizeof expected; ++i)
    EXPECT_EQ(static_cast<unsigned>(bytes[i]), expected[i]) << "byte " << i;
}

TEST(Batch, EveryFlippedBitAndEveryCutIsNoticed) {
  const Bytes good = encode_batch(small());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_FALSE(decode_batch(bad).has_value()) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(decode_batch(ByteSpan(good).first(size)).has_value()) << size;
}

/// The content with a right checksum, so that what is behind it is judged.
Bytes sealed(Bytes content) {
  ByteWriter(content).fixed(crc32c(content));
  return content;
}

TEST(Batch, EveryChangedByteIsReadOrRefusedButNeverTrusted) {
  Bytes good = encode_batch(small());
  good.resize(good.size() - 4);
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const unsigned value : {0u, 1u, 0x7Fu, 0x80u, 0xFFu}) {
      Bytes bad = good;
      bad[at] = static_cast<std::byte>(value);
      const auto decoded = decode_batch(sealed(bad));
      if (!decoded) continue;
      for (const std::uint32_t path : decoded->batch.path_index)
        ASSERT_LT(path, decoded->batch.paths.size());
    }
}

TEST(Batch, CountsAreCheckedBeforeAnythingIsAllocated) {
  for (const std::uint64_t lie : {std::uint64_t{1000}, std::uint64_t{1} << 40, UINT64_MAX}) {
    Bytes paths;
    ByteWriter out(paths);
    out.raw(as_byte_span("TDBATCH\x01"));
    out.fixed<std::uint8_t>(0);
    out.varint(lie);
    EXPECT_EQ(decode_batch(sealed(paths)).error().code, ErrorCode::kInvalidArgument);
    Bytes rows;
    ByteWriter more(rows);
    more.raw(as_byte_span("TDBATCH\x01"));
    more.fixed<std::uint8_t>(0);
    more.varint(0);
    more.varint(lie);
    EXPECT_EQ(decode_batch(sealed(rows)).error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Batch, SaysWhatItIsNot) {
  EXPECT_EQ(decode_batch({}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(decode_batch(as_byte_span("{\"samples\":[]}")).error().code,
            ErrorCode::kInvalidArgument);
  Bytes later = encode_batch(small());
  later[7] = static_cast<std::byte>(2);
  EXPECT_EQ(decode_batch(later).error().code, ErrorCode::kUnsupported);
  Bytes damaged = encode_batch(small());
  damaged[20] ^= static_cast<std::byte>(1);
  EXPECT_EQ(decode_batch(damaged).error().code, ErrorCode::kCorruption);
}

TEST(Batch, KeepsItsBounds) {
  const Bytes bytes = encode_batch(small());
  EXPECT_TRUE(decode_batch(bytes, {.rows_max = 4, .paths_max = 2}).has_value());
  EXPECT_EQ(decode_batch(bytes, {.rows_max = 3}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(decode_batch(bytes, {.paths_max = 1}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(decode_batch(bytes, {.bytes_max = bytes.size() - 1}).error().code,
            ErrorCode::kTooLarge);
  ReceivedBatch long_path = small();
  long_path.paths[1] = std::string(1025, 'x');
  EXPECT_FALSE(decode_batch(encode_batch(long_path)).has_value());
}

}  // namespace
}  // namespace tundish::wire
