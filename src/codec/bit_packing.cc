#include "codec/bit_packing.h"

#include <algorithm>

#include "base/wide_int.h"
#include "codec/kernels.h"

namespace tundish::codec {

void pack_bits(std::span<const std::uint64_t> values, unsigned width, Bytes& out) {
  if (width == 0) return;
  const std::uint64_t mask = width == 64 ? ~0ull : (1ull << width) - 1;
  out.reserve(out.size() + packed_bytes(values.size(), width));
  UInt128 pending = 0;
  unsigned pending_bits = 0;  // always below 8 between values
  for (const std::uint64_t value : values) {
    pending |= static_cast<UInt128>(value & mask) << pending_bits;
    pending_bits += width;
    for (; pending_bits >= 8; pending_bits -= 8) {
      out.push_back(static_cast<std::byte>(pending));
      pending >>= 8;
    }
  }
  if (pending_bits > 0) out.push_back(static_cast<std::byte>(pending));
}

bool unpack_bits(ByteReader& bytes, unsigned width, std::span<std::uint64_t> values,
                 std::uint64_t base) {
  if (width > 64) return false;
  if (width == 0) {
    std::ranges::fill(values, base);
    return bytes.ok();
  }
  const ByteSpan packed = bytes.raw(packed_bytes(values.size(), width));
  if (!bytes.ok()) return false;
  kernels::unpack(packed, width, base, values);
  return true;
}

}  // namespace tundish::codec
