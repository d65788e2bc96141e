// How the values move. Each tag has its own random numbers, from the seed and its own number, so that any part
// of the work can be made alone and in any order. Nothing here comes from a library whose results may differ
// between machines: random numbers are splitmix64, normal deviates the sum of twelve uniform ones.

#include "bench/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace tundish::bench {
namespace {

/// splitmix64, public domain (Sebastiano Vigna).
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

std::uint64_t state_of(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t state = seed * 0xD1342543DE82EF95u + number;
  return next_random(state);
}

constexpr double kJitterMs = 2;  ///< deviation of a time from its second

}  // namespace

std::string_view tag_kind_name(TagKind kind) {
  static constexpr std::array<std::string_view, kTagKinds> kNames{"slow_analog", "noisy_analog",
                                                                  "counter", "set_point", "bool"};
  return kNames[static_cast<std::size_t>(kind)];
}

Status check_workload(const WorkloadOptions& options) {
  if (options.tags == 0 || options.tags > 2'000'000)
    return fail(ErrorCode::kInvalidArgument, "from 1 to 2,000,000 tags", "--tags");
  if (options.seconds == 0 || options.seconds > 86'400)
    return fail(ErrorCode::kInvalidArgument, "from 1 to 86,400 seconds", "--seconds");
  if (options.late_percent > 100)
    return fail(ErrorCode::kInvalidArgument, "from 0 to 100 percent", "--late");
  return {};
}

TagKind tag_kind(std::uint32_t tag) {
  const std::uint32_t place = tag % 20;
  if (place < 10) return TagKind::kSlowAnalog;
  if (place < 14) return TagKind::kNoisyAnalog;
  if (place < 17) return TagKind::kCounter;
  return place < 19 ? TagKind::kSetPoint : TagKind::kBool;
}

ValueType tag_type(std::uint32_t tag) {
  switch (tag_kind(tag)) {
    case TagKind::kCounter: return ValueType::kInt64;
    case TagKind::kBool: return ValueType::kBool;
    default: return ValueType::kDouble;
  }
}

std::string tag_path(std::string_view enterprise, std::uint32_t tag) {
  static constexpr std::array<std::string_view, 20> kNames{
      "temperature", "pressure", "flow",    "level",           "current",   "torque",  "speed",
      "position",    "humidity", "weight",  "vibration",       "power",     "voltage", "force",
      "produced",    "energy",   "strokes", "set_temperature", "set_speed", "running"};
  return fmt::format("{}/works/line{:02}/m{:04}/{}", enterprise, tag / 1000, tag / 20,
                     kNames[tag % 20]);
}

TagStream::TagStream(const WorkloadOptions& options, std::uint32_t tag)
    : time_(options.start),
      state_(state_of(options.seed, tag)),
      kind_(tag_kind(tag)),
      jitter_(options.jitter) {
  static constexpr std::array<std::uint32_t, 4> kSteps{1, 2, 10, 100};
  switch (kind_) {
    case TagKind::kSlowAnalog:
      steps_per_unit_ = kSteps[random() % kSteps.size()];
      middle_ = 200 + 3'800 * uniform();
      spread_ = 0.2 + 0.6 * uniform();
      break;
    case TagKind::kNoisyAnalog:
      steps_per_unit_ = random() % 2 == 0 ? 1'000 : 10'000;
      middle_ = steps_per_unit_ * (1 + 99 * uniform());
      spread_ = 100 + 400 * uniform();
      break;
    case TagKind::kCounter:
      count_ = static_cast<std::int64_t>(random() % 100'000'000);
      spread_ = 5 + 45 * uniform();
      break;
    case TagKind::kSetPoint:
      steps_per_unit_ = 2;
      middle_ = std::round(40 + 200 * uniform());
      break;
    case TagKind::kBool: count_ = static_cast<std::int64_t>(random() % 2); break;
  }
  level_ = middle_;
}

std::uint64_t TagStream::random() { return next_random(state_); }

double TagStream::uniform() { return static_cast<double>(random() >> 11) * 0x1p-53; }

double TagStream::normal() {
  // Twelve 16-bit uniforms from three words: mean 6, deviation 1 but for the grid.
  std::uint32_t sum = 0;
  for (int word = 0; word < 3; ++word) {
    const std::uint64_t bits = random();
    sum += static_cast<std::uint32_t>((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) +
                                      (bits >> 32 & 0xFFFF) + (bits >> 48));
  }
  return (static_cast<double>(sum) + 6) * 0x1p-16 - 6;
}

double TagStream::slow_analog() {
  // The quantity drifts by a fraction of a step a second; the sensor adds a little noise and rounds.
  level_ += 0.05 * normal() + 0.001 * (middle_ - level_);
  return std::round(level_ + spread_ * normal()) / steps_per_unit_;
}

double TagStream::noisy_analog() {
  level_ += 0.02 * spread_ * normal() + 0.005 * (middle_ - level_);
  return std::round(level_ + spread_ * normal()) / steps_per_unit_;
}

std::uint64_t TagStream::value() {
  switch (kind_) {
    case TagKind::kSlowAnalog: return std::bit_cast<std::uint64_t>(slow_analog());
    case TagKind::kNoisyAnalog: return std::bit_cast<std::uint64_t>(noisy_analog());
    case TagKind::kCounter:
      count_ += static_cast<std::int64_t>(spread_ * 2 * uniform());
      return static_cast<std::uint64_t>(count_);
    case TagKind::kSetPoint:
      if (random() % 900 == 0) level_ = std::round(40 + 200 * uniform());
      return std::bit_cast<std::uint64_t>(level_ / steps_per_unit_);
    case TagKind::kBool:
      if (random() % 200 == 0) count_ = 1 - count_;
      return static_cast<std::uint64_t>(count_);
  }
  return 0;
}

WorkloadSample TagStream::next() {
  WorkloadSample sample{time_, value()};
  if (jitter_) {
    const double off_ms = std::clamp(std::round(kJitterMs * normal()), -9.0, 9.0);
    // The scan comes 10 ms after the second, so that every sample lies in the range of the work.
    sample.time += (10 + static_cast<TimeNs>(off_ms)) * kMillisecond;
  }
  time_ += kSecond;
  return sample;
}

WorkloadStream::WorkloadStream(const WorkloadOptions& options, std::uint32_t first,
                               std::uint32_t last)
    : options_(options), first_(first), state_(state_of(options.seed ^ 0x4C617465u, first)) {
  streams_.reserve(last - first);
  for (std::uint32_t tag = first; tag < last; ++tag) streams_.emplace_back(options, tag);
}

std::uint64_t WorkloadStream::random() { return next_random(state_); }

bool WorkloadStream::next_second(std::vector<WorkloadRow>& rows) {
  if (second_ >= options_.seconds) return false;
  const auto later = [](const Late& a, const Late& b) { return a.second > b.second; };
  for (std::uint32_t i = 0; i < streams_.size(); ++i) {
    const WorkloadRow row{first_ + i, streams_[i].next()};
    if (options_.late_percent == 0 || random() % 100 >= options_.late_percent) {
      rows.push_back(row);
      continue;
    }
    const auto by = static_cast<std::uint32_t>(1 + random() % options_.late_max_s);
    late_.push_back({second_ + by, row});
    std::ranges::push_heap(late_, later);
  }
  const bool last = ++second_ == options_.seconds;
  while (!late_.empty() && (last || late_.front().second < second_)) {
    std::ranges::pop_heap(late_, later);
    rows.push_back(late_.back().row);
    late_.pop_back();
  }
  return true;
}

}  // namespace tundish::bench
