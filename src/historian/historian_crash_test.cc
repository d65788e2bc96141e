// Power cuts at every kind of call, by seed: what was acknowledged is there afterwards, with the right
// value, and nothing is there that nobody sent.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "historian/historian_testing.h"
#include "io/random.h"

namespace tundish::historian {
namespace {

using testing::batch;
using testing::Folder;
using testing::Node;
using testing::small_options;

/// What the callers know: acknowledged values, and those whose fate an error left open.
struct Expected {
  std::map<TimeNs, double> stored;
  std::map<TimeNs, double> unknown;
  std::uint64_t next_sequence = 1;
};

void check(Folder& folder, Node& node, TagId tag, const Expected& expected, std::uint64_t seed) {
  std::map<TimeNs, double> seen;
  const Status status = node.snapshot()->scan(tag, {}, [&](const Columns& piece) {
    for (std::size_t row = 0; row < piece.size(); ++row)
      seen[piece.times[row]] = double_of(piece.bits[row]);
    return true;
  });
  if (!folder.disk().powered()) return;
  ASSERT_TRUE(status) << status.error().to_string();
  for (const auto& [time, value] : expected.stored) {
    ASSERT_TRUE(seen.contains(time)) << "seed " << seed << ": lost the sample at " << time;
    ASSERT_EQ(seen[time], value) << "seed " << seed;
  }
  for (const auto& [time, value] : seen) {
    const auto unknown = expected.unknown.find(time);
    ASSERT_TRUE(expected.stored.contains(time) ||
                (unknown != expected.unknown.end() && unknown->second == value))
        << "seed " << seed << ": nobody sent the sample at " << time;
  }
}

void one_life(Folder& folder, io::Random& random, TagId& tag, StreamState& stream,
              Expected& expected, std::uint64_t seed) {
  folder.disk().crash_at_call(1 + random.below(120));
  auto opened = Historian::open(folder.disk(), folder.clock(), folder.options());
  if (!opened) {
    ASSERT_FALSE(folder.disk().powered()) << "seed " << seed << ": " << opened.error().to_string();
    return;
  }
  Node node(std::move(*opened));
  if (tag.number != 0) check(folder, node, tag, expected, seed);
  if (::testing::Test::HasFatalFailure()) return;
  while (folder.disk().powered()) {
    if (tag.number == 0) {
      const NewTagId wanted{ValueType::kDouble, "plant/tag"};
      if (auto ids = node->make_tags(testing::kEnterprise, std::span(&wanted, 1)))
        tag = ids->front();
      continue;
    }
    if (stream.epoch == 0 || random.one_in(40)) {
      if (auto state = node->open_stream(testing::kEnterprise, "plc", "main")) {
        ASSERT_GT(state->epoch, stream.epoch) << "seed " << seed;
        stream = *state;
        expected.next_sequence = 1;
      }
      continue;
    }
    if (random.one_in(12)) {
      (void)node->flush();
      continue;
    }
    if (random.one_in(20)) {
      (void)node->maintain();
      continue;
    }
    const auto time = static_cast<TimeNs>(1 + random.below(2000));
    const auto value = static_cast<double>(random.below(1'000'000));
    const auto result = node.append(batch(stream, expected.next_sequence, tag, {{time, value}}));
    if (result) {
      ASSERT_FALSE(result->repeated) << "seed " << seed;
      expected.stored[time] = value;
      expected.unknown.erase(time);
      ++expected.next_sequence;
      continue;
    }
    // The same number with the same content is sent again after the cut, and settles it.
    folder.disk().power_cut();
    node.close();
    folder.disk().power_on();
    auto again = Historian::open(folder.disk(), folder.clock(), folder.options());
    ASSERT_TRUE(again) << "seed " << seed << ": " << again.error().to_string();
    node = Node(std::move(*again));
    const auto retried = node.append(batch(stream, expected.next_sequence, tag, {{time, value}}));
    ASSERT_TRUE(retried) << "seed " << seed << ": " << retried.error().to_string();
    expected.stored[time] = value;
    ++expected.next_sequence;
    check(folder, node, tag, expected, seed);
    const VerifyReport report = *node->verify();
    ASSERT_TRUE(report.damage.empty())
        << "seed " << seed << ": " << report.damage.front().file << " at "
        << report.damage.front().offset << ": " << report.damage.front().what;
    return;
  }
}

TEST(HistorianCrash, NothingAcknowledgedIsLostToPowerCuts) {
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    Options options = small_options();
    options.segment_bytes = 4 << 10;
    options.blocks_before_compaction = 3;
    Folder folder(options, seed);
    io::SeededRandom random(seed * 7919);
    TagId tag;
    StreamState stream;
    Expected expected;
    for (int life = 0; life < 12; ++life) {
      one_life(folder, random, tag, stream, expected, seed);
      if (HasFatalFailure()) return;
      if (folder.disk().powered()) folder.disk().power_cut();
      folder.disk().power_on();
    }
    folder.disk().crash_at_call(0);
    Node node = folder.open();
    if (tag.number != 0) check(folder, node, tag, expected, seed);
    if (HasFatalFailure()) return;
  }
}

TEST(HistorianCrash, FailingCallsLoseNothingThatWasAcknowledged) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Options options = small_options();
    options.segment_bytes = 4 << 10;
    options.blocks_before_compaction = 3;
    Folder folder(options, seed);
    io::SeededRandom random(seed * 104'729);
    Node node = folder.open();
    const TagId tag = node.make_tag(ValueType::kDouble);
    StreamState stream = node.open_stream("plc");
    Expected expected;
    folder.disk().set_fault_rates({.write_one_in = 30, .sync_one_in = 60, .name_one_in = 40});
    for (int step = 0; step < 300; ++step) {
      if (random.one_in(15)) (void)node->flush();
      if (random.one_in(15)) (void)node->maintain();
      const auto time = static_cast<TimeNs>(1 + random.below(500));
      const auto value = static_cast<double>(step);
      auto made = batch(stream, expected.next_sequence, tag, {{time, value}});
      auto result = node.append(made);
      while (!result && result.error().code == ErrorCode::kIo) result = node.append(made);
      if (!result) {
        // A sync failed: the node is dead and its disk may have lost what it had not synced.
        ASSERT_EQ(result.error().code, ErrorCode::kUnavailable) << "seed " << seed;
        folder.disk().set_fault_rates({});
        folder.disk().power_cut();
        node.close();
        folder.disk().power_on();
        node = folder.open();
        result = node.append(made);
        ASSERT_TRUE(result) << "seed " << seed << ": " << result.error().to_string();
        folder.disk().set_fault_rates({.write_one_in = 30, .sync_one_in = 60, .name_one_in = 40});
      }
      expected.stored[time] = value;
      ++expected.next_sequence;
    }
    folder.disk().set_fault_rates({});
    check(folder, node, tag, expected, seed);
    if (HasFatalFailure()) return;
    node = folder.reopen(std::move(node));
    check(folder, node, tag, expected, seed);
    if (HasFatalFailure()) return;
    EXPECT_TRUE(node->verify()->damage.empty()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tundish::historian
