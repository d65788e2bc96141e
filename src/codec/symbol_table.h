#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"

// How likely each of a few symbols is, as the entropy stage of a dense column needs it. Pure; no allocation.

namespace tundish::codec {

inline constexpr unsigned kProbabilityBits = 12;
inline constexpr std::uint32_t kProbabilityOne = 1u << kProbabilityBits;
inline constexpr std::size_t kSymbolsMax = 256;

/// What a symbol weighs, told in six bits: 0 when it does not occur, else quarters of an octave. That is within 9 % of
/// its true frequency, which costs 0.002 bits a symbol.
using Weight = std::uint8_t;
inline constexpr unsigned kWeightBits = 6;
inline constexpr Weight kWeightMax = 48;

/// The weight of what occurs `count` times of `total`.
Weight weight_of(std::uint32_t count, std::uint32_t total);

/// A symbol's share of kProbabilityOne: [cumulative, cumulative + frequency).
struct Share {
  std::uint16_t frequency = 0;
  std::uint16_t cumulative = 0;
};

/// Shares by weight: every symbol that has one gets at least 1, and all of them together are kProbabilityOne. Without
/// any weight the first symbol has it all. At most kSymbolsMax weights, each at most kWeightMax.
void shares_of(std::span<const Weight> weights, std::span<Share> shares);

/// All of `shares` alike; for symbols that are about equally likely.
void flat_shares(std::span<Share> shares);

/// slots[i] is the symbol whose share i lies in.
void fill_slots(std::span<const Share> shares, std::span<std::uint8_t, kProbabilityOne> slots);

}  // namespace tundish::codec
