// The historian with all its threads: many writers, readers, followers, flushes and a verify at once.
// What it shows best it shows under the thread sanitizer.

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "historian/historian_testing.h"

namespace tundish::historian {
namespace {

using testing::batch;
using testing::Folder;
using testing::Node;
using testing::small_options;

constexpr std::uint64_t kBatches = 150;
constexpr std::uint64_t kWriters = 3;

TEST(HistorianThreads, WritersReadersAndFlushesAtOnce) {
  Options options = small_options();
  options.threads = true;
  options.shards = 3;
  options.head_bytes_max = 60'000;
  options.blocks_before_compaction = 3;
  options.queue_capacity = 2;
  Folder folder(options);
  Node node = folder.open();
  std::vector<TagId> tags;
  for (std::uint64_t i = 0; i < kWriters; ++i) tags.push_back(node.make_tag(ValueType::kDouble));
  const Position start = node->head();
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<bool> done{false};
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t writer = 0; writer < kWriters; ++writer)
      threads.emplace_back([&, writer] {
        const StreamState stream = node.open_stream("plc", std::to_string(writer));
        for (std::uint64_t sequence = 1; sequence <= kBatches; ++sequence) {
          const auto time = static_cast<TimeNs>(sequence);
          const auto value = static_cast<double>(sequence);
          // Half of the writers' neighbours send the same batch as well.
          auto made = batch(stream, sequence, tags[writer], {{time, value}, {time + 1000, value}});
          ASSERT_TRUE(node.append(made));
          ASSERT_TRUE(node.append(made)->repeated);
          ++acknowledged;
          if (sequence % 50 == 0) {
            ASSERT_TRUE(node->flush());
          }
          const auto latest = *node.snapshot()->latest(tags[writer]);
          ASSERT_EQ(latest->time, time + 1000) << "an acknowledged sample could not be read";
        }
      });
    threads.emplace_back([&] {
      while (!done) {
        auto snapshot = node.snapshot();
        for (const TagId tag : tags) {
          const auto rows = testing::scan_rows(*snapshot, tag, {0, 1000});
          ASSERT_EQ(rows, testing::scan_rows(*snapshot, tag, {0, 1000}));
          // A batch is seen whole or not at all.
          ASSERT_EQ(rows.size(), testing::scan_rows(*snapshot, tag, {1000, 3000}).size());
        }
      }
    });
    threads.emplace_back([&] {
      Position after = start;
      std::map<TagId, TimeNs> seen;
      while (after.value() < start.value() + kWriters * (kBatches + 1)) {
        node->wait_after(after, std::chrono::milliseconds(100));
        const ChangePage page = *node->changes_after(after);
        ASSERT_GE(page.through, after);
        for (const Change& change : page.changes)
          seen[change.tag] = std::max(seen[change.tag], change.to);
        after = page.through;
      }
      for (const TagId tag : tags) EXPECT_EQ(seen[tag], TimeNs(kBatches) + 1000);
      done = true;
    });
    threads.emplace_back([&] {
      while (!done) {
        const auto report = node->verify();
        ASSERT_TRUE(report) << report.error().to_string();
        for (const Damage& damage : report->damage) ADD_FAILURE() << damage.file << damage.what;
      }
    });
  }
  EXPECT_EQ(acknowledged, kWriters * kBatches);
  node->stop();
  node = folder.reopen(std::move(node));
  for (const TagId tag : tags) EXPECT_EQ(node.scan(tag).size(), 2 * kBatches);
  EXPECT_TRUE(node->status().damage.empty());
}

TEST(HistorianThreads, TwoAppendsOfOneNumberStoreOne) {
  Options options = small_options();
  options.threads = true;
  Folder folder(options);
  Node node = folder.open();
  const TagId tag = node.make_tag(ValueType::kDouble);
  const StreamState stream = node.open_stream("plc");
  std::atomic<int> stored{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (std::uint64_t sequence = 1; sequence <= 50; ++sequence) {
          if (!node.append(batch(stream, sequence, tag, {{1, 1.0}}))->repeated) ++stored;
        }
      });
  }
  EXPECT_EQ(stored, 50);
  EXPECT_EQ(node->status().samples_appended, 50u);
}

}  // namespace
}  // namespace tundish::historian
