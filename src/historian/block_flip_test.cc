#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "historian/block_reader.h"
#include "historian/block_test_rows.h"
#include "historian/block_writer.h"
#include "io/simulated_disk.h"

// Every single-bit flip in a block file of 64 KiB is found: by open() outside the chunks, by
// read() inside them.

namespace tundish::historian {
namespace {

TEST(BlockFlip, EveryBitIsUnderAChecksum) {
  io::SimulatedDisk disk(1);
  auto writer = BlockWriter::create(disk, "a", 77, Position(1), Position(2));
  for (std::uint32_t number = 1; number <= 100; ++number)
    ASSERT_TRUE(writer
                    ->add({EnterpriseId(1), number},
                          block_test_rows(static_cast<ValueType>(number % 4), 180, 0, number))
                    .has_value());
  ASSERT_TRUE(writer->add_tombstones(std::vector<Tombstone>(40)).has_value());
  ASSERT_TRUE(writer->finish().has_value());
  const auto block = *BlockReader::open(disk, "a");
  ASSERT_GE(block->info().bytes, 64u * 1024);

  std::size_t missed = 0;
  const auto flip_all = [&](std::uint64_t from, std::uint64_t to, const auto& is_found) {
    for (std::uint64_t bit = from * 8; bit < to * 8; ++bit) {
      disk.flip_bit("a", bit);
      missed += is_found() ? 0 : 1;
      disk.flip_bit("a", bit);
    }
  };
  std::uint64_t chunks_end = 48;
  for (const ChunkRef& chunk : block->all_chunks()) {
    ASSERT_EQ(chunk.offset, chunks_end);
    chunks_end += chunk.bytes;
    flip_all(chunk.offset, chunks_end, [&] { return !block->read(chunk).has_value(); });
  }
  const auto is_refused = [&] { return !BlockReader::open(disk, "a").has_value(); };
  flip_all(0, 48, is_refused);
  flip_all(chunks_end, block->info().bytes, is_refused);
  EXPECT_EQ(missed, 0u);
  EXPECT_TRUE(block->read(block->all_chunks().front()).has_value());
}

/// Blocks of every version that was ever written, as they were released. FLIP_STRIDE=1 tries every bit; any other odd
/// number meets each of the eight bits of a byte in turn.
TEST(BlockFlip, EveryBitOfEveryOlderVersionToo) {
  const char* text = std::getenv("FLIP_STRIDE");
  const std::uint64_t stride = text == nullptr ? 61 : std::max(1, std::atoi(text));
  int versions = 0;
  while (true) {
    const std::string path = std::string(TUNDISH_SOURCE_DIR) + "/tests/golden/block-v" +
                             std::to_string(versions + 1) + ".bin";
    std::ifstream in(path, std::ios::binary);
    if (!in) break;
    ++versions;
    const std::string golden{std::istreambuf_iterator<char>(in), {}};
    io::SimulatedDisk disk(1);
    ASSERT_TRUE(io::replace_file(disk, "a", as_byte_span(golden)));
    // The whole of it, as verify reads it.
    const auto is_sound = [&] {
      const auto block = BlockReader::open(disk, "a");
      if (!block) return false;
      VerifyReport report;
      return (*block)->verify(report).has_value() && report.damage.empty();
    };
    ASSERT_TRUE(is_sound()) << path;
    std::size_t missed = 0;
    for (std::uint64_t bit = 0; bit < golden.size() * 8; bit += stride) {
      disk.flip_bit("a", bit);
      missed += is_sound() ? 1 : 0;
      disk.flip_bit("a", bit);
    }
    EXPECT_EQ(missed, 0u) << path;
  }
  EXPECT_GE(versions, 3);
}

}  // namespace
}  // namespace tundish::historian
