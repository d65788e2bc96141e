#pragma once

#include <compare>
#include <cstdint>

namespace tundish {

/// How far a sample is to be trusted against another of the same tag and time.
/// The numbers are on disk: never change one.
enum class SampleClass : std::uint8_t { kSynthetic = 0, kMeasured = 1, kCorrected = 2 };

/// The number of one batch: contiguous sequences from 1 per (source, stream, epoch). Sources,
/// streams and epochs are handed out by the receiving historian, never taken from a clock.
struct BatchNumber {
  std::uint32_t source = 0;
  std::uint32_t stream = 0;
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;
  auto operator<=>(const BatchNumber&) const = default;
};

/// Which of two writes to the same (tag, time) wins: the greater, whatever came first.
/// The order of the members is the order of comparison (DESIGN: identity).
struct Version {
  SampleClass sample_class = SampleClass::kMeasured;
  std::uint8_t priority = kPriorityDefault;
  std::uint32_t source = 0;
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint32_t row = 0;
  std::uint32_t stream = 0;  ///< last: only makes versions of two streams of one source distinct

  static constexpr std::uint8_t kPriorityDefault = 100;
  auto operator<=>(const Version&) const = default;
};

}  // namespace tundish
