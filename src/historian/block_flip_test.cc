#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tundish::historian
