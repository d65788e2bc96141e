#pragma once

#include <compare>
#include <cstdint>
#include <functional>

#include "base/strong_id.h"

namespace tundish {

/// One tenant. Made by the asset store, never used again. 0 is no enterprise.
using EnterpriseId = StrongId<struct EnterpriseIdTag, std::uint32_t>;

/// A node of the plant: an area, a line, an asset. Made by the asset store, never used again; paths are
/// names over it. 0 is no asset.
using AssetId = StrongId<struct AssetIdTag, std::uint64_t>;

/// A place in the journal's order: record n is applied before record n + 1. 0 is before the first.
using Position = StrongId<struct PositionTag, std::uint64_t>;

/// One time series. `number` is made by a journal record, per enterprise, and never used again.
struct TagId {
  EnterpriseId enterprise;
  std::uint32_t number = 0;

  constexpr auto operator<=>(const TagId&) const = default;
  constexpr std::uint64_t packed() const {
    return (static_cast<std::uint64_t>(enterprise.value()) << 32) | number;
  }
  static constexpr TagId from_packed(std::uint64_t packed) {
    return {EnterpriseId(static_cast<std::uint32_t>(packed >> 32)),
            static_cast<std::uint32_t>(packed)};
  }
};

}  // namespace tundish

template <>
struct std::hash<tundish::TagId> {
  std::size_t operator()(tundish::TagId id) const noexcept {
    // Fibonacci hashing spreads the low bits of neighbouring tag numbers.
    return static_cast<std::size_t>(id.packed() * 0x9E3779B97F4A7C15ull >> 7);
  }
};
