#include <cstdint>
#include <cstdlib>

#include "historian/block_reader.h"
#include "io/simulated_disk.h"

// Any bytes as a block file: it is refused, or every chunk is read or refused. Never more than
// that.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  using namespace tundish::historian;
  io::SimulatedDisk disk(1);
  {
    const auto file = disk.open("block", io::Open::kCreateNew);
    if (!(*file)->write_at(0, std::as_bytes(std::span(data, size)))) std::abort();
  }
  const auto block = BlockReader::open(disk, "block");
  if (!block) return 0;
  std::uint64_t samples = 0;
  for (const ChunkRef& chunk : (*block)->all_chunks()) {
    const auto rows = (*block)->read(chunk);
    if (rows && rows->size() != chunk.count) std::abort();
    samples += chunk.count;
  }
  if (samples != (*block)->info().samples) std::abort();
  VerifyReport report;
  if (!(*block)->verify(report)) std::abort();
  return 0;
}
