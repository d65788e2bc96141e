// A manifest's bytes from anywhere, with the checksum and the length put right so that the content is
// reached.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "base/crc32c.h"
#include "historian/manifest.h"

using namespace tundish;
using namespace tundish::historian;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan input = std::as_bytes(std::span(data, size));
  (void)decode_manifest(input);
  if (size < 28) return 0;
  Bytes bytes(input.begin(), input.end());
  const std::uint64_t body = size - 28;
  std::memcpy(bytes.data() + 16, &body, sizeof body);
  const std::uint32_t crc = crc32c(ByteSpan(bytes).first(size - 4));
  std::memcpy(bytes.data() + size - 4, &crc, sizeof crc);
  const auto manifest = decode_manifest(bytes);
  if (!manifest) return 0;
  const Bytes again = encode_manifest(*manifest);
  const auto twice = decode_manifest(again);
  if (!twice || encode_manifest(*twice) != again) std::abort();
  return 0;
}
