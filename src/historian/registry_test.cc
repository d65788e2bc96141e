#include "historian/registry.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "base/crc32c.h"
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

TEST(Registry, DoesNotGrowWithTheEpochsOfAStream) {
  Registry registry;
  const EnterpriseId enterprise(5);
  const auto open = [&] {
    const StreamOpenedRecord record = registry.next_epoch(enterprise, "plc", "main");
    registry.apply(record, Position(1));
    return record.epoch;
  };
  const auto batch = [&](std::uint32_t epoch, std::uint64_t sequence) {
    BatchRecord record;
    record.batch.enterprise = enterprise;
    record.batch.number = {1, 1, epoch, sequence};
    registry.apply(record, Position(1));
  };
  const auto bytes = [&] {
    Manifest manifest;
    manifest.registry = registry;
    return encode_manifest(manifest);
  };
  for (std::uint32_t epoch = 1; epoch <= kEpochsKept; ++epoch) {
    ASSERT_EQ(open(), epoch);
    batch(epoch, 9);
  }
  EXPECT_EQ(registry.holes(enterprise), kEpochsKept);
  const std::size_t before = bytes().size();
  for (std::uint32_t epoch = 1; epoch <= 1000; ++epoch) open();
  EXPECT_LE(bytes().size(), before);
  EXPECT_EQ(registry.holes(enterprise), 0u);
  EXPECT_EQ(registry.find_epoch(enterprise, {1, 1, 1, 0}), nullptr);
  EXPECT_FALSE(registry.find_stream(enterprise, "plc", "main", 1));
  EXPECT_EQ(registry.find_stream(enterprise, "plc", "main", 0)->epoch, 1000 + kEpochsKept);
  EXPECT_EQ(registry.next_epoch(enterprise, "plc", "main").epoch, 1001 + kEpochsKept);
  batch(1, 10);  // in the journal after the later epochs: it is let go of as well
  EXPECT_EQ(registry.find_epoch(enterprise, {1, 1, 1, 0}), nullptr);
  batch(1001, 7);

  const auto decoded = decode_manifest(bytes());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->registry.holes(enterprise), 1u);
  EXPECT_EQ(decoded->registry.next_epoch(enterprise, "plc", "main").epoch, 1001 + kEpochsKept);
  EXPECT_TRUE(decoded->registry.find_epoch(enterprise, {1, 1, 1001, 0})->contains(7));
}

/// As version 1 wrote it: every epoch of a stream, and no number of those that went.
TEST(Manifest, ReadsVersion1) {
  Bytes bytes;
  ByteWriter out(bytes);
  for (const char letter : std::string_view("TNDMAN\r\n")) out.fixed(letter);
  out.fixed<std::uint32_t>(1);
  out.fixed<std::uint32_t>(0);
  out.fixed<std::uint64_t>(0);
  for (const std::uint64_t number : {12, 3, 0}) out.varint(number);  // flushed, next file, blocks
  out.varint(1);                                                     // enterprises
  out.varint(5);
  out.varint(0);  // tags
  out.varint(1);  // sources
  out.text("plc");
  out.varint(1);  // streams
  out.text("main");
  const std::uint64_t epochs = kEpochsKept + 3;
  out.varint(epochs);
  for (std::uint64_t epoch = 1; epoch <= epochs; ++epoch)
    for (const std::uint64_t number : {epoch, std::uint64_t{1}, epoch + 5, epoch + 6})
      out.varint(number);
  out.varint(0);  // feed commits
  const std::uint64_t body = bytes.size() - 24;
  std::memcpy(bytes.data() + 16, &body, sizeof body);
  out.fixed(crc32c(bytes));

  const auto manifest = decode_manifest(bytes);
  ASSERT_TRUE(manifest) << manifest.error().to_string();
  EXPECT_EQ(manifest->flushed, Position(12));
  const Registry& registry = manifest->registry;
  const EnterpriseId enterprise(5);
  const auto newest = static_cast<std::uint32_t>(epochs);
  EXPECT_EQ(registry.find_stream(enterprise, "plc", "main", 0)->epoch, newest);
  EXPECT_EQ(registry.find_stream(enterprise, "plc", "main", newest)->next_sequence, epochs);
  EXPECT_TRUE(registry.find_epoch(enterprise, {1, 1, newest, 0})->contains(epochs + 6));
  EXPECT_EQ(registry.find_epoch(enterprise, {1, 1, 3, 0}), nullptr) << "older than those kept";
  EXPECT_EQ(registry.holes(enterprise), kEpochsKept);
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
