#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/wide_int.h"
#include "codec/kernels.h"

namespace tundish::codec::kernels::scalar {

void unpack(ByteSpan packed, unsigned width, std::uint64_t base, std::span<std::uint64_t> values) {
  const std::uint64_t mask = width == 64 ? ~0ull : (1ull << width) - 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t bit = i * width;
    const ByteSpan rest = packed.subspan(bit / 8);
    // A value touches at most nine bytes: load eight where they hold it, else sixteen or what there is.
    if (width <= 57 && rest.size() >= 8) {
      std::uint64_t loaded;
      std::memcpy(&loaded, rest.data(), sizeof loaded);
      values[i] = base + ((loaded >> (bit % 8)) & mask);
      continue;
    }
    std::array<std::byte, 16> window{};
    if (!rest.empty())
      std::memcpy(window.data(), rest.data(), std::min(rest.size(), window.size()));
    UInt128 loaded;
    std::memcpy(&loaded, window.data(), sizeof loaded);
    values[i] = base + (static_cast<std::uint64_t>(loaded >> (bit % 8)) & mask);
  }
}

void decimals_to_doubles(std::span<std::uint64_t> values, double power) {
  for (std::uint64_t& value : values)
    value =
        std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(value)) / power);
}

void scale(std::span<std::uint64_t> values, std::uint64_t factor, std::uint64_t base) {
  for (std::uint64_t& value : values) value = base + factor * value;
}

}  // namespace tundish::codec::kernels::scalar
