#include "base/bytes.h"

namespace tundish {

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (!take(1)) return 0;
    const auto byte = static_cast<std::uint64_t>(bytes_[at_ - 1]);
    if (shift == 63 && byte > 1) break;  // more than 64 bits
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

std::uint64_t ByteReader::varint_max(std::uint64_t max) {
  const std::uint64_t value = varint();
  if (value > max) {
    ok_ = false;
    return 0;
  }
  return value;
}

std::string_view ByteReader::text(std::size_t bytes_max) {
  const auto length = static_cast<std::size_t>(varint_max(bytes_max));
  return as_text(raw(length));
}

}  // namespace tundish
