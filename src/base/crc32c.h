#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tundish {

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `bytes`, continued from `seed`, so
/// that crc32c(b, crc32c(a)) == crc32c(a + b). Uses SSE 4.2 where the build allows it.
/// Source: RFC 3720 appendix B.4 (test vectors).
std::uint32_t crc32c(ByteSpan bytes, std::uint32_t seed = 0);

/// The same by table: the scalar twin that the other is checked against.
std::uint32_t crc32c_scalar(ByteSpan bytes, std::uint32_t seed = 0);

}  // namespace tundish
