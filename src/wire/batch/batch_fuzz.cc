#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/crc32c.h"
#include "wire/batch/batch.h"

/// The checksum is put right first, so that what is behind it is reached. What decodes encodes, and
/// decodes again to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  Bytes bytes(size);
  if (size != 0) std::memcpy(bytes.data(), data, size);
  ByteWriter(bytes).fixed(crc32c(bytes));
  const auto body = wire::decode_batch(bytes);
  if (!body) return 0;
  const Bytes again = wire::encode_batch(body->batch);
  const auto second = wire::decode_batch(again);
  if (!second || wire::encode_batch(second->batch) != again) std::abort();
  return 0;
}
