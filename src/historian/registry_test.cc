#include "historian/registry.h"

#include <gtest/gtest.h>

#include <set>

#include "historian/manifest.h"
#include "historian/recent_changes.h"
#include "io/random.h"

namespace tundish::historian {
namespace {

TEST(ReceivedSequences, AreASetWhateverTheOrder) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    io::SeededRandom random(seed);
    ReceivedSequences received;
    std::set<std::uint64_t> model;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t sequence = 1 + random.below(150);
      ASSERT_EQ(received.contains(sequence), model.contains(sequence));
      received.insert(sequence);
      model.insert(sequence);
      std::uint64_t lowest = 1;
      while (model.contains(lowest)) ++lowest;
      ASSERT_EQ(received.next_sequence(), lowest);
    }
    Bytes bytes;
    ByteWriter out(bytes);
    received.encode(out);
    ByteReader in(bytes);
    ASSERT_EQ(ReceivedSequences::decode(in), received);
    ASSERT_TRUE(in.at_end());
  }
}

TEST(ReceivedSequences, TheGreatestNumberComesBack) {
  for (const std::uint64_t last : {UINT64_MAX, UINT64_MAX - 1, std::uint64_t{INT64_MAX}}) {
    ReceivedSequences received;
    received.insert(last);
    received.insert(5);
    Bytes bytes;
    ByteWriter out(bytes);
    received.encode(out);
    ByteReader in(bytes);
    EXPECT_EQ(ReceivedSequences::decode(in), received);
    EXPECT_TRUE(in.at_end());
    EXPECT_TRUE(received.contains(last));
    EXPECT_EQ(received.next_sequence(), 1u);
  }
}

TEST(ReceivedSequences, HolesAreBounded) {
  ReceivedSequences received;
  std::uint64_t sequence = 2;
  for (; received.can_insert(sequence); sequence += 2) received.insert(sequence);
  EXPECT_EQ(sequence / 2 - 1, ReceivedSequences::kHolesMax);
  EXPECT_TRUE(received.can_insert(1)) << "what closes a hole is welcome";
  EXPECT_TRUE(received.can_insert(3));
}

Registry small_registry() {
  Registry registry;
  const EnterpriseId enterprise(5);
  registry.apply(
      TagsMadeRecord{enterprise, 1, {{ValueType::kDouble, "a"}, {ValueType::kBool, "b"}}},
      Position(1));
  registry.apply(TagRetypedRecord{{enterprise, 2}, ValueType::kInt64}, Position(2));
  registry.apply(registry.next_epoch(enterprise, "plc", "main"), Position(3));
  registry.apply(registry.next_epoch(enterprise, "plc", "main"), Position(4));
  BatchRecord record;
  record.batch.enterprise = enterprise;
  record.batch.number = {1, 1, 2, 7};
  record.commit = FeedCommit{"kpi", Position(3)};
  registry.apply(record, Position(5));
  return registry;
}

TEST(Registry, ComesBackFromAManifest) {
  Manifest manifest;
  manifest.flushed = Position(5);
  manifest.registry = small_registry();
  const Bytes bytes = encode_manifest(manifest);
  const auto decoded = decode_manifest(bytes);
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  EXPECT_EQ(encode_manifest(*decoded), bytes);
  const Registry& registry = decoded->registry;
  const TagId tag{EnterpriseId(5), 2};
  EXPECT_EQ(registry.find_tag(tag)->type, ValueType::kInt64);
  EXPECT_EQ(registry.find_tag(tag)->earlier_types.at(0).second, ValueType::kBool);
  EXPECT_EQ(registry.next_tag_number(EnterpriseId(5)), 3u);
  EXPECT_EQ(registry.next_epoch(EnterpriseId(5), "plc", "main").epoch, 3u);
  EXPECT_TRUE(registry.find_epoch(EnterpriseId(5), {1, 1, 2, 0})->contains(7));
  EXPECT_EQ(registry.committed("kpi"), Position(3));
}

TEST(Registry, NumbersWhoseMakingWasLostAreNotHandedOutAgain) {
  Registry registry;
  BatchRecord record;
  record.batch.enterprise = EnterpriseId(5);
  record.batch.number = {3, 2, 4, 1};
  record.batch.tags = {9};
  record.batch.rows.push_back(1, std::string("x"), kGood);
  registry.apply(record, Position(1));
  EXPECT_EQ(registry.next_tag_number(EnterpriseId(5)), 10u);
  EXPECT_EQ(registry.find_tag({EnterpriseId(5), 9})->type, ValueType::kString);
  EXPECT_EQ(registry.next_epoch(EnterpriseId(5), "new", "main").source, 4u);
}

TEST(Manifest, EveryFlipAndEveryCutIsFound) {
  Manifest manifest;
  manifest.registry = small_registry();
  manifest.blocks.push_back({9, Position(1), Position(4), 100, 10, 1, {1, 2}});
  Bytes bytes = encode_manifest(manifest);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(decode_manifest(bytes)) << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(decode_manifest(ByteSpan(bytes).first(cut)));
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode_manifest(bytes));
}

TEST(RecentChanges, WiderWhenMemoryIsShortButNeverTooNarrow) {
  io::SeededRandom random(3);
  RecentChanges recent(40);
  recent.start_at(Position(10));
  struct Step {
    std::uint64_t position;
    std::uint32_t tag;
    TimeNs time;
  };
  std::vector<Step> steps;
  std::uint64_t flushed = 10;
  for (std::uint64_t position = 11; position < 300; ++position) {
    const auto tag = static_cast<std::uint32_t>(random.below(8));
    const auto time = static_cast<TimeNs>(random.below(1000));
    steps.push_back({position, tag, time});
    recent.add(Position(position), {{{EnterpriseId(1), tag}, time, time}});
    if (position == 150) recent.set_flushed(Position(flushed = 120));
    const Position after(10 + random.below(position - 10));
    const auto answer = recent.after(after);
    EXPECT_EQ(answer.through, Position(position));
    EXPECT_TRUE(answer.complete || after.value() < flushed);
    if (!answer.complete) continue;
    for (const Step& step : steps) {
      if (step.position <= after.value()) continue;
      bool covered = false;
      for (const Change& change : answer.changes)
        covered |=
            change.tag.number == step.tag && change.from <= step.time && step.time <= change.to;
      EXPECT_TRUE(covered) << "position " << step.position << " after " << after.value();
    }
  }
  EXPECT_FALSE(recent.after(Position(10)).complete) << "blocks answer for what is that old";
}

}  // namespace
}  // namespace tundish::historian
