#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/wide_int.h"

namespace tundish::io {

/// Where secrets and choices come from.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> bytes) = 0;
  virtual std::uint64_t next() = 0;
  /// Uniform in [0, bound), bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<UInt128>(next()) * bound) >> 64);
  }
  /// True with probability `numerator` / `denominator`.
  bool one_in(std::uint64_t denominator) { return below(denominator) == 0; }
};

/// The kernel's generator; for secrets. Any thread.
Random& real_random();

/// Reproducible by seed (SplitMix64); for simulations and tests, never for secrets. One thread.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> bytes) override;
  std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

}  // namespace tundish::io
