#include "io/simulated_disk.h"

#include <gtest/gtest.h>

#include <set>

namespace tundish::io {
namespace {

Bytes filled(std::size_t count, char with) { return Bytes(count, static_cast<std::byte>(with)); }

std::unique_ptr<File> create(Disk& disk, const std::string& path, ByteSpan content) {
  auto file = disk.open(path, Open::kCreateNew);
  EXPECT_TRUE(file.has_value());
  EXPECT_TRUE((*file)->write_at(0, content));
  return std::move(*file);
}

TEST(SimulatedDisk, KeepsWhatWasSyncedWithItsName) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedDisk disk(seed);
    ASSERT_TRUE(disk.make_folder("f"));
    ASSERT_TRUE(disk.sync_folder(""));
    const auto file = create(disk, "f/a", filled(5000, 'a'));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(disk.sync_folder("f"));
    disk.power_cut();
    EXPECT_FALSE(disk.exists("f/a").has_value());
    disk.power_on();
    EXPECT_FALSE(file->sync());  // opened before the cut
    EXPECT_EQ(disk.content("f/a"), filled(5000, 'a')) << seed;
  }
}

TEST(SimulatedDisk, MayLoseAFileWhoseFolderWasNotSynced) {
  std::set<std::size_t> files_left;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk(seed);
    ASSERT_TRUE(create(disk, "a", filled(100, 'a'))->sync());
    disk.power_cut();
    files_left.insert(disk.files().size());
    if (disk.files().size() == 1) {
      EXPECT_EQ(disk.content("a"), filled(100, 'a'));
    }
  }
  EXPECT_EQ(files_left, (std::set<std::size_t>{0, 1}));
}

TEST(SimulatedDisk, MayLoseAFolderWithAllThatIsSyncedInIt) {
  std::set<std::size_t> files_left;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk(seed);
    ASSERT_TRUE(disk.make_folder("f"));
    ASSERT_TRUE(create(disk, "f/a", filled(100, 'a'))->sync());
    ASSERT_TRUE(disk.sync_folder("f"));
    disk.power_cut();
    files_left.insert(disk.files().size());
  }
  EXPECT_EQ(files_left, (std::set<std::size_t>{0, 1}));
}

TEST(SimulatedDisk, TearsUnsyncedWritesAtSectorsInAnyOrder) {
  constexpr std::size_t kSectors = 8;
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SimulatedDisk disk(seed);
    auto file = create(disk, "a", filled(512 * kSectors, 'o'));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(disk.sync_folder(""));
    ASSERT_TRUE(file->write_at(0, filled(512 * kSectors, 'n')));
    disk.power_cut();
    const Bytes after = disk.content("a");
    ASSERT_EQ(after.size(), 512 * kSectors);
    std::string pattern;
    for (std::size_t sector = 0; sector < kSectors; ++sector) {
      const std::byte first = after[sector * 512];
      for (std::size_t i = 0; i < 512; ++i) ASSERT_EQ(after[sector * 512 + i], first);
      pattern += static_cast<char>(first);
    }
    seen.insert(pattern);
  }
  EXPECT_GT(seen.size(), 100u);  // of 256 patterns
}

TEST(SimulatedDisk, AnUnsyncedSizeIsOldOrNewOrBetweenAndHolesAreZero) {
  std::set<std::uint64_t> sizes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedDisk disk(seed);
    auto file = create(disk, "a", filled(1000, 'o'));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(disk.sync_folder(""));
    ASSERT_TRUE(file->write_at(1000, filled(3000, 'n')));
    disk.power_cut();
    const Bytes after = disk.content("a");
    sizes.insert(after.size());
    ASSERT_GE(after.size(), 1000u);
    ASSERT_LE(after.size(), 4000u);
    for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(after[i], std::byte{'o'});
    for (std::size_t i = 1000; i < after.size(); ++i)
      ASSERT_TRUE(after[i] == std::byte{'n'} || after[i] == std::byte{0});
  }
  EXPECT_TRUE(sizes.contains(1000));
  EXPECT_TRUE(sizes.contains(4000));
  EXPECT_GT(sizes.size(), 10u);
}

TEST(SimulatedDisk, RenameOntoAFileLeavesTheOldOrTheNew) {
  std::set<char> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedDisk disk(seed);
    ASSERT_TRUE(replace_file(disk, "m", filled(10, 'o')));
    ASSERT_TRUE(create(disk, "m.new", filled(10, 'n'))->sync());
    ASSERT_TRUE(disk.rename("m.new", "m"));
    disk.power_cut();
    const Bytes after = disk.content("m");
    ASSERT_TRUE(after == filled(10, 'o') || after == filled(10, 'n')) << seed;
    seen.insert(static_cast<char>(after[0]));
  }
  EXPECT_EQ(seen, (std::set<char>{'n', 'o'}));
}

TEST(SimulatedDisk, ReplaceFileSurvivesACutAtEveryCall) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t call = 1;; ++call) {
      SimulatedDisk disk(seed);
      ASSERT_TRUE(replace_file(disk, "m", filled(3000, 'o')));
      disk.crash_at_call(call);
      const bool done = replace_file(disk, "m", filled(3000, 'n')).has_value();
      if (done) disk.power_cut();
      const Bytes after = disk.content("m");
      ASSERT_TRUE(after == filled(3000, 'n') || (!done && after == filled(3000, 'o')));
      if (done) break;
    }
  }
}

TEST(SimulatedDisk, ARemoveMayComeBackUntilTheFolderIsSynced) {
  std::set<std::size_t> files_left;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk(seed);
    ASSERT_TRUE(replace_file(disk, "a", filled(10, 'a')));
    ASSERT_TRUE(disk.remove("a"));
    const bool synced = seed % 2 == 0;
    if (synced) {
      ASSERT_TRUE(disk.sync_folder(""));
    }
    disk.power_cut();
    if (synced) {
      EXPECT_TRUE(disk.files().empty());
    } else {
      files_left.insert(disk.files().size());
    }
  }
  EXPECT_EQ(files_left, (std::set<std::size_t>{0, 1}));
}

TEST(SimulatedDisk, WhatAFailedSyncGaveUpIsNotSyncedLater) {
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk(seed);
    auto file = create(disk, "a", filled(512, 'o'));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(disk.sync_folder(""));
    ASSERT_TRUE(file->write_at(0, filled(512, 'n')));
    disk.fail_at_call(1);
    EXPECT_EQ(file->sync().error().code, ErrorCode::kIo);
    EXPECT_TRUE(file->sync());  // the kernel has nothing left to write: the lie of fsync
    EXPECT_EQ(disk.content("a"), filled(512, 'n'));
    disk.power_cut();
    lost = lost || disk.content("a") == filled(512, 'o');
  }
  EXPECT_TRUE(lost);
}

TEST(SimulatedDisk, RefusesInTheMiddleOfAWriteWhenFull) {
  SimulatedDisk disk(1, {.capacity_bytes = 3 * 4096});
  auto file = create(disk, "a", filled(4096, 'a'));
  EXPECT_EQ(disk.free_bytes().value(), 2 * 4096u);
  const auto status = file->write_at(4000, filled(20000, 'b'));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kDiskFull);
  EXPECT_EQ(file->size().value(), 3 * 4096u);
  EXPECT_TRUE(file->write_at(0, filled(3 * 4096, 'c')));  // what is allocated can be overwritten
  file.reset();
  ASSERT_TRUE(disk.remove("a"));
  EXPECT_EQ(disk.free_bytes().value(), 3 * 4096u);
}

TEST(SimulatedDisk, AHoleTakesNoSpaceAndSoReservesNone) {
  SimulatedDisk disk(1, {.capacity_bytes = 2 * 4096});
  auto file = create(disk, "a", {});
  ASSERT_TRUE(file->truncate(100 * 4096));
  EXPECT_EQ(disk.used_bytes(), 0u);
  EXPECT_TRUE(file->write_at(50 * 4096, filled(4096, 'a')));
  EXPECT_TRUE(file->write_at(70 * 4096, filled(4096, 'a')));
  EXPECT_EQ(file->write_at(10 * 4096, filled(1, 'a')).error().code, ErrorCode::kDiskFull);
}

TEST(SimulatedDisk, SpaceOfARemovedFileComesBackWhenItIsClosed) {
  SimulatedDisk disk(1, {.capacity_bytes = 4096});
  auto file = create(disk, "a", filled(10, 'a'));
  ASSERT_TRUE(disk.remove("a"));
  EXPECT_EQ(disk.used_bytes(), 4096u);
  file.reset();
  EXPECT_EQ(disk.used_bytes(), 0u);
}

TEST(SimulatedDisk, CrashesAtTheCallAsked) {
  for (std::uint64_t n = 1; n <= 4; ++n) {
    SimulatedDisk disk(n);
    disk.crash_at_call(n);
    std::uint64_t succeeded = 0;
    while (succeeded < 10 && disk.exists("a").has_value()) ++succeeded;
    EXPECT_EQ(succeeded, n - 1);
    EXPECT_FALSE(disk.powered());
    EXPECT_FALSE(disk.lock("lock").has_value());
    disk.power_on();
    EXPECT_TRUE(disk.lock("lock").has_value());
  }
}

TEST(SimulatedDisk, FailsByRateAndKeepsTime) {
  SimulatedClock clock(0);
  SimulatedDisk disk(5, {.clock = &clock});
  auto file = create(disk, "a", filled(512, 'a'));
  disk.set_fault_rates({.sync_one_in = 4, .stall_one_in = 50});
  int failed = 0;
  for (int i = 0; i < 400; ++i) failed += file->sync() ? 0 : 1;
  EXPECT_GT(failed, 60);
  EXPECT_LT(failed, 140);
  EXPECT_EQ(clock.now(), disk.time_spent());
  EXPECT_GT(clock.now(), 3 * kSecond);  // about 8 stalls
}

TEST(SimulatedDisk, FlipsOneBit) {
  SimulatedDisk disk(1);
  ASSERT_TRUE(replace_file(disk, "a", filled(600, '\0')));
  disk.flip_bit("a", 513 * 8 + 3);
  Bytes expected = filled(600, '\0');
  expected[513] = std::byte{8};
  EXPECT_EQ(disk.content("a"), expected);
  disk.power_cut();
  EXPECT_EQ(disk.content("a"), expected);
}

TEST(SimulatedDisk, RepeatsItselfBySeed) {
  const auto run = [](std::uint64_t seed) {
    SimulatedDisk disk(seed);
    SeededRandom random(seed);
    disk.set_fault_rates({.write_one_in = 9, .sync_one_in = 9});
    for (int i = 0; i < 60; ++i) {
      const std::string path(1, static_cast<char>('a' + random.below(5)));
      auto file = disk.open(path, Open::kCreateOrTruncate);
      if (!file) continue;
      (void)(*file)->write_at(random.below(2000), filled(random.below(2000), 'x'));
      if (random.one_in(2)) (void)(*file)->sync();
      if (random.one_in(2)) (void)disk.sync_folder("");
    }
    disk.power_cut();
    return disk.digest();
  };
  std::set<std::uint32_t> digests;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto digest = run(seed);
    EXPECT_EQ(run(seed), digest);
    digests.insert(digest);
  }
  EXPECT_GT(digests.size(), 20u);
}

TEST(SimulatedDisk, ACloneIsSyncedAndSeparate) {
  SimulatedDisk disk(1);
  ASSERT_TRUE(disk.make_folder("f"));
  create(disk, "f/a", filled(700, 'a'));
  const auto copy = disk.clone(2);
  disk.flip_bit("f/a", 0);
  copy->power_cut();
  EXPECT_EQ(copy->content("f/a"), filled(700, 'a'));
  EXPECT_EQ(copy->used_bytes(), disk.used_bytes());
}

TEST(SeededRandom, IsSplitMix64) {
  // First outputs for seed 1234567, as published with the reference implementation.
  SeededRandom random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317ull);
  EXPECT_EQ(random.next(), 3203168211198807973ull);
  EXPECT_EQ(random.next(), 9817491932198370423ull);
}

TEST(RealRandom, DoesNotRepeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(real_random().next());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(RealClock, GoesOn) {
  const auto start = real_clock().monotonic();
  EXPECT_GT(real_clock().now(), 1'700'000'000 * kSecond);
  EXPECT_GE(real_clock().monotonic(), start);
}

}  // namespace
}  // namespace tundish::io
