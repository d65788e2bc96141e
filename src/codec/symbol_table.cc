#include "codec/symbol_table.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tundish::codec {
namespace {

/// 2^((weight - 1) / 4) x 16; integers, so that every machine makes the same shares of them.
std::uint64_t size_of(Weight weight) {
  constexpr std::array<std::uint64_t, 4> kQuarters{16, 19, 23, 27};
  if (weight == 0) return 0;
  return kQuarters[(weight - 1u) % 4] << ((weight - 1u) / 4);
}

}  // namespace

Weight weight_of(std::uint32_t count, std::uint32_t total) {
  if (count == 0) return 0;
  const double octaves = std::log2(static_cast<double>(count) / static_cast<double>(total));
  return static_cast<Weight>(std::clamp(std::round(kWeightMax + 4 * octaves), 1.0, 48.0));
}

void shares_of(std::span<const Weight> weights, std::span<Share> shares) {
  std::uint64_t all = 0, present = 0;
  for (const Weight weight : weights) {
    all += size_of(weight);
    present += weight > 0 ? 1 : 0;
  }
  std::size_t largest = 0;
  std::uint64_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::uint64_t frequency =
        weights[i] == 0 ? 0 : 1 + size_of(weights[i]) * (kProbabilityOne - present) / all;
    shares[i].frequency = static_cast<std::uint16_t>(frequency);
    given += frequency;
    if (weights[i] > weights[largest]) largest = i;
  }
  shares[largest].frequency =
      static_cast<std::uint16_t>(shares[largest].frequency + kProbabilityOne - given);
  std::uint32_t cumulative = 0;
  for (Share& share : shares.first(weights.size())) {
    share.cumulative = static_cast<std::uint16_t>(cumulative);
    cumulative += share.frequency;
  }
}

void flat_shares(std::span<Share> shares) {
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const std::size_t from = i * kProbabilityOne / shares.size();
    const std::size_t to = (i + 1) * kProbabilityOne / shares.size();
    shares[i] = {static_cast<std::uint16_t>(to - from), static_cast<std::uint16_t>(from)};
  }
}

void fill_slots(std::span<const Share> shares, std::span<std::uint8_t, kProbabilityOne> slots) {
  for (std::size_t i = 0; i < shares.size(); ++i)
    if (shares[i].frequency > 0)
      std::memset(slots.data() + shares[i].cumulative, static_cast<int>(i), shares[i].frequency);
}

}  // namespace tundish::codec
