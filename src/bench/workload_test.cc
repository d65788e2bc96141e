#include "bench/workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <set>

namespace tundish::bench {
namespace {

std::vector<WorkloadSample> samples_of(const WorkloadOptions& options, std::uint32_t tag) {
  TagStream stream(options, tag);
  std::vector<WorkloadSample> samples(options.seconds);
  for (auto& sample : samples) sample = stream.next();
  return samples;
}

std::vector<WorkloadRow> rows_of(const WorkloadOptions& options, std::uint32_t first,
                                 std::uint32_t last) {
  WorkloadStream stream(options, first, last);
  std::vector<WorkloadRow> rows;
  while (stream.next_second(rows)) {
  }
  return rows;
}

bool same(const WorkloadSample& a, const WorkloadSample& b) {
  return a.time == b.time && a.bits == b.bits;
}

TEST(Workload, EqualOptionsGiveEqualSamples) {
  const WorkloadOptions options{.tags = 40, .seconds = 100, .jitter = true};
  WorkloadOptions other = options;
  other.seed = 2;
  int differs = 0;
  for (std::uint32_t tag = 0; tag < options.tags; ++tag) {
    const auto once = samples_of(options, tag);
    EXPECT_TRUE(std::ranges::equal(once, samples_of(options, tag), same));
    differs += !std::ranges::equal(once, samples_of(other, tag), same);
  }
  EXPECT_EQ(differs, 40);
}

TEST(Workload, ItsFirstSamplesStayWhatTheyAre) {
  // Figures of different days are compared: the work itself must not change by accident.
  std::uint64_t sum = 0;
  for (std::uint32_t tag = 0; tag < 40; ++tag)
    for (const auto& sample : samples_of({.tags = 40, .seconds = 100}, tag))
      sum = std::rotl(sum, 7) ^ (sample.bits + static_cast<std::uint64_t>(sample.time));
  EXPECT_EQ(sum, 3100766345687460390u);
}

TEST(Workload, EveryPartMadeAloneIsThatOfTheWhole) {
  const WorkloadOptions options{.tags = 60, .seconds = 30};
  const auto whole = rows_of(options, 0, 60);
  ASSERT_EQ(whole.size(), 1800u);
  const auto part = rows_of(options, 17, 29);
  std::size_t at = 0;
  for (const auto& row : whole) {
    if (row.tag < 17 || row.tag >= 29) continue;
    ASSERT_LT(at, part.size());
    EXPECT_EQ(row.tag, part[at].tag);
    EXPECT_TRUE(same(row.sample, part[at].sample));
    ++at;
  }
  EXPECT_EQ(at, part.size());
}

TEST(Workload, KindsHaveTheirShares) {
  std::array<int, kTagKinds> counts{};
  for (std::uint32_t tag = 0; tag < 10'000; ++tag)
    ++counts[static_cast<std::size_t>(tag_kind(tag))];
  EXPECT_EQ(counts, (std::array<int, kTagKinds>{5000, 2000, 1500, 1000, 500}));
}

TEST(Workload, PathsAreDistinct) {
  std::set<std::string> paths;
  for (std::uint32_t tag = 0; tag < 5'000; ++tag) paths.insert(tag_path("works", tag));
  EXPECT_EQ(paths.size(), 5'000u);
  EXPECT_EQ(tag_path("works", 7'123), "works/works/line07/m0356/level");
}

TEST(Workload, ExactTimesAreWholeSeconds) {
  const WorkloadOptions options{.tags = 20, .seconds = 50};
  for (std::uint32_t tag = 0; tag < 20; ++tag) {
    TimeNs time = options.start;
    for (const auto& sample : samples_of(options, tag)) {
      EXPECT_EQ(sample.time, time);
      time += kSecond;
    }
  }
}

TEST(Workload, JitterIsAFewMillisecondsAndKeepsEachSecondItsSample) {
  const WorkloadOptions options{.tags = 20, .seconds = 2'000, .jitter = true};
  double sum = 0, squares = 0, count = 0;
  for (std::uint32_t tag = 0; tag < 20; ++tag) {
    TimeNs second = options.start;
    for (const auto& sample : samples_of(options, tag)) {
      const TimeNs off = sample.time - second;
      ASSERT_GE(off, kMillisecond);
      ASSERT_LE(off, 19 * kMillisecond);
      ASSERT_EQ(off % kMillisecond, 0);
      const double ms = static_cast<double>(off) / kMillisecond - 10;
      sum += ms;
      squares += ms * ms;
      ++count;
      second += kSecond;
    }
  }
  EXPECT_NEAR(sum / count, 0, 0.05);
  EXPECT_NEAR(std::sqrt(squares / count), 2, 0.1);
}

TEST(Workload, ValuesAreWhatTheirKindSays) {
  const WorkloadOptions options{.tags = 200, .seconds = 3'600};
  for (std::uint32_t tag = 0; tag < options.tags; ++tag) {
    const auto samples = samples_of(options, tag);
    std::set<std::uint64_t> distinct;
    int changes = 0;
    bool whole = true, ascends = true;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      distinct.insert(samples[i].bits);
      if (i > 0) {
        changes += samples[i].bits != samples[i - 1].bits;
        ascends &= static_cast<std::int64_t>(samples[i].bits) >=
                   static_cast<std::int64_t>(samples[i - 1].bits);
      }
      const double scaled = std::bit_cast<double>(samples[i].bits) * 10'000;
      whole &= std::abs(scaled - std::round(scaled)) < 1e-4;
    }
    switch (tag_kind(tag)) {
      case TagKind::kSlowAnalog:
        EXPECT_TRUE(whole) << tag;
        EXPECT_LT(distinct.size(), 40u) << tag;
        break;
      case TagKind::kNoisyAnalog:
        EXPECT_TRUE(whole) << tag;
        EXPECT_GT(distinct.size(), 100u) << tag;
        break;
      case TagKind::kCounter: EXPECT_TRUE(ascends) << tag; break;
      case TagKind::kSetPoint: EXPECT_LT(changes, 30) << tag; break;
      case TagKind::kBool:
        EXPECT_LE(*distinct.rbegin(), 1u) << tag;
        EXPECT_GT(changes, 2) << tag;
        EXPECT_LT(changes, 60) << tag;
        break;
    }
  }
}

TEST(Workload, LateSamplesAllComeAndByAtMostAnHour) {
  const WorkloadOptions options{.tags = 100, .seconds = 600, .late_percent = 5, .late_max_s = 120};
  const auto rows = rows_of(options, 0, 100);
  ASSERT_EQ(rows.size(), 60'000u);
  TimeNs newest = 0;
  std::size_t late = 0;
  std::set<std::pair<std::uint32_t, TimeNs>> distinct;
  for (const auto& row : rows) {
    newest = std::max(newest, row.sample.time);
    late += row.sample.time < newest;
    EXPECT_LE(newest - row.sample.time, 121 * kSecond);
    distinct.emplace(row.tag, row.sample.time);
  }
  EXPECT_EQ(distinct.size(), rows.size());
  EXPECT_NEAR(static_cast<double>(late) / 60'000, 0.05, 0.01);
}

TEST(Workload, NumbersThatMakeNoSenseAreRefused) {
  EXPECT_TRUE(check_workload({}));
  EXPECT_FALSE(check_workload({.tags = 0}));
  EXPECT_FALSE(check_workload({.seconds = 0}));
  EXPECT_FALSE(check_workload({.tags = 2'000'001}));
  EXPECT_FALSE(check_workload({.late_percent = 101}));
}

}  // namespace
}  // namespace tundish::bench
