// Bodies of every form through the real door, catalogue and historian, and read back: what a sender
// was told is what is there, also after a restart.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "asset/asset_store.h"
#include "historian/historian.h"
#include "ingest/ingest_door.h"
#include "io/disk.h"
#include "io/random.h"
#include "io/sqlite.h"
#include "wire/batch/batch.h"
#include "wire/lineprotocol/line_protocol.h"
#include "wire/samples/samples.h"

namespace tundish {
namespace {

const TimeNs kNow = *parse_time("2026-11-23T08:15:00Z");

/// Disk, historian, catalogue and door in a folder of their own.
class DoorAndHistorian : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("tundish-door-" + std::to_string(getpid()) + "-" +
                                                  std::to_string(io::real_random().next()));
    start();
    Enterprise steel;
    steel.code = "steel-01";
    steel.name = "Steel";
    steel.industry = "steel";
    const auto made = assets_->enterprises().create(steel);
    ASSERT_TRUE(made.has_value()) << made.error().to_string();
    origin_ = {made->id, "steel-01", "http/token-1", true, Version::kPriorityDefault};
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    disk_ = io::open_real_disk(folder_.string()).value();
    historian::Options options;
    options.segment_bytes = 4 << 20;
    historian_ = historian::Historian::open(*disk_, clock_, options).value();
    database_ = io::sqlite::Database::open((folder_ / "meta.db").string()).value();
    assets_ = asset::AssetStore::open(*database_, *historian_, clock_, {}).value();
    door_ = std::make_unique<ingest::IngestDoor>(assets_->tags(), *historian_, clock_, *disk_);
  }
  void stop() {
    door_.reset();
    assets_.reset();
    database_.reset();
    if (historian_) historian_->stop();
    historian_.reset();
    disk_.reset();
  }

  Receipt send(Result<wire::DecodedBody> body) {
    EXPECT_TRUE(body.has_value()) << (body ? "" : body.error().to_string());
    if (!body) return {};
    auto receipt = door_->receive(origin_, std::move(body->batch));
    EXPECT_TRUE(receipt.has_value()) << (receipt ? "" : receipt.error().to_string());
    return receipt ? *receipt : Receipt();
  }
  std::vector<Sample> stored(const std::string& path) {
    std::vector<Sample> samples;
    const TagPtr tag = assets_->tags().find(origin_.enterprise, path);
    if (!tag) return samples;
    const auto snapshot = historian_->snapshot().value();
    EXPECT_TRUE(snapshot
                    ->scan(tag->id, {},
                           [&](const Columns& piece) {
                             for (std::size_t i = 0; i < piece.size(); ++i)
                               samples.push_back(piece.at(i));
                             return true;
                           })
                    .has_value());
    return samples;
  }
  Value only(const std::string& path) {
    const auto samples = stored(path);
    EXPECT_EQ(samples.size(), 1u) << path;
    return samples.size() == 1 ? samples[0].value : Value("nothing");
  }

  std::filesystem::path folder_;
  io::SimulatedClock clock_{kNow};
  std::unique_ptr<io::Disk> disk_;
  std::unique_ptr<historian::Historian> historian_;
  std::unique_ptr<io::sqlite::Database> database_;
  std::unique_ptr<asset::AssetStore> assets_;
  std::unique_ptr<ingest::IngestDoor> door_;
  Origin origin_;
};

TEST_F(DoorAndHistorian, EveryFormArrivesAndSurvivesARestart) {
  EXPECT_EQ(send(wire::decode_samples_json(R"({"samples":[
      {"tag":"steel-01/json/number","time":"2026-11-23T08:14:00Z","value":1187.25},
      {"tag":"steel-01/json/nan","time":1795421640000000000,"value":"NaN","quality":"BadNoCommunication"},
      {"tag":"steel-01/json/int","time":"1795421640000000001","value":"9007199254740993","type":"int64"},
      {"tag":"steel-01/json/text","time":1,"value":"高炉"}]})"))
                .accepted,
            4u);
  EXPECT_EQ(send(wire::decode_samples_csv(
                     "tag,time,value\nsteel-01/csv/on,5,true\nsteel-01/csv/x,6,-0\n"))
                .accepted,
            2u);
  wire::LineProtocolOptions lines;
  lines.enterprise_code = "steel-01";
  lines.received = kNow;
  EXPECT_EQ(send(wire::decode_line_protocol("cpu,host=a,site=x usage=1.5,n=3i,s=\"q\" 7\n", lines))
                .accepted,
            3u);
  ReceivedBatch batch;
  batch.paths = {"steel-01/batch/a"};
  batch.push_back(0, kNow, -0.0, kUncertain);
  EXPECT_EQ(send(wire::decode_batch(wire::encode_batch(batch))).accepted, 1u);

  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(same_bits(only("steel-01/json/number"), Value(1187.25)));
    const auto nan = stored("steel-01/json/nan");
    ASSERT_EQ(nan.size(), 1u);
    EXPECT_TRUE(std::isnan(std::get<double>(nan[0].value)));
    EXPECT_EQ(nan[0].quality, kBadNoCommunication);
    EXPECT_TRUE(same_bits(only("steel-01/json/int"), Value(std::int64_t{9007199254740993})));
    EXPECT_TRUE(same_bits(only("steel-01/json/text"), Value("高炉")));
    EXPECT_TRUE(same_bits(only("steel-01/csv/on"), Value(true)));
    EXPECT_TRUE(same_bits(only("steel-01/csv/x"), Value(-0.0)));
    EXPECT_TRUE(same_bits(only("steel-01/cpu/a/x/usage"), Value(1.5)));
    EXPECT_TRUE(same_bits(only("steel-01/cpu/a/x/n"), Value(std::int64_t{3})));
    EXPECT_TRUE(same_bits(only("steel-01/cpu/a/x/s"), Value("q")));
    EXPECT_TRUE(same_bits(only("steel-01/batch/a"), Value(-0.0)));
    EXPECT_EQ(door_->rows(origin_.enterprise, {}).at(0).accepted, 10u);
    stop();
    start();
  }
}

TEST_F(DoorAndHistorian, OfTwoUnnumberedWritesTheLaterWinsAlsoAfterARestart) {
  for (int write = 0; write < 6; ++write) {
    ReceivedBatch batch;
    batch.paths = {"steel-01/a"};
    batch.push_back(0, kNow, static_cast<double>(write), kGood);
    batch.push_back(0, kNow, static_cast<double>(write) + 0.5, kGood);  // the later row of one body
    EXPECT_TRUE(door_->receive(origin_, std::move(batch)).has_value());
    EXPECT_EQ(only("steel-01/a"), Value(static_cast<double>(write) + 0.5));
    if (write % 2 == 1) {
      stop();
      start();
    }
  }
}

TEST_F(DoorAndHistorian, ANumberedBatchIsStoredOnceHoweverOftenItComes) {
  const StreamState state = door_->open_stream(origin_, "line-3", "a").value();
  const auto body = [&](std::uint32_t epoch, std::uint64_t sequence, double value) {
    ReceivedBatch batch;
    batch.paths = {"steel-01/n", "chem-01/foreign"};
    batch.push_back(1, kNow, 1.0, kGood);
    batch.push_back(0, kNow + static_cast<TimeNs>(sequence), value, kGood);
    batch.number = ReceivedBatch::Number{"line-3", "a", epoch, sequence};
    return wire::decode_batch(wire::encode_batch(batch));
  };
  for (int round = 0; round < 2; ++round) {
    for (const std::uint64_t sequence : {2, 1, 2, 3, 1}) {
      const Receipt receipt = send(body(state.epoch, sequence, static_cast<double>(sequence)));
      EXPECT_EQ(receipt.accepted, 1u);
      EXPECT_EQ(receipt.refused, 1u);
      EXPECT_EQ(receipt.refusals.at(0).code, ErrorCode::kNotFound);
    }
    EXPECT_EQ(stored("steel-01/n").size(), 3u);
    EXPECT_EQ(
        historian_->find_stream(origin_.enterprise, "line-3", "a", state.epoch)->next_sequence, 4u);
    stop();
    start();
  }
  EXPECT_EQ(door_->open_stream(origin_, "line-3", "a")->epoch, state.epoch + 1);
  auto late = body(state.epoch, 4, 4.0);
  EXPECT_EQ(door_->receive(origin_, std::move(late->batch)).error().code, ErrorCode::kConflict);
}

TEST_F(DoorAndHistorian, ALargeBodyComesBackWhole) {
  ReceivedBatch batch;
  for (std::uint32_t i = 0; i < 100; ++i) batch.paths.push_back("steel-01/t" + std::to_string(i));
  for (std::uint32_t i = 0; i < 200'000; ++i)
    batch.push_back(i % 100, kNow - i / 100 * kSecond, 0.25 * i, kGood);
  EXPECT_EQ(send(wire::decode_batch(wire::encode_batch(batch))).accepted, 200'000u);
  EXPECT_GT(historian_->status().batches_appended, 1u);
  for (const std::uint32_t tag : {0u, 99u}) {
    const auto samples = stored("steel-01/t" + std::to_string(tag));
    ASSERT_EQ(samples.size(), 2000u);
    EXPECT_EQ(samples[1999].value, Value(0.25 * tag));
  }
}

TEST_F(DoorAndHistorian, ManySendersAtOnceLoseNothing) {
  constexpr int kSenders = 6;
  constexpr int kBatches = 40;
  {
    std::vector<std::jthread> senders;
    for (int sender = 0; sender < kSenders; ++sender)
      senders.emplace_back([&, sender] {
        Origin origin = origin_;
        origin.source = "http/token-" + std::to_string(sender % 2);
        for (int i = 0; i < kBatches; ++i) {
          ReceivedBatch batch;
          batch.paths = {"steel-01/s" + std::to_string(sender), "steel-01/shared"};
          batch.push_back(0, kNow + i, static_cast<double>(i), kGood);
          batch.push_back(1, kNow + sender * kSecond + i, static_cast<double>(i), kGood);
          EXPECT_TRUE(door_->receive(origin, std::move(batch)).has_value());
        }
      });
  }
  EXPECT_EQ(stored("steel-01/shared").size(), static_cast<std::size_t>(kSenders * kBatches));
  for (int sender = 0; sender < kSenders; ++sender)
    EXPECT_EQ(stored("steel-01/s" + std::to_string(sender)).size(),
              static_cast<std::size_t>(kBatches));
  EXPECT_EQ(door_->counters().rows_accepted, static_cast<std::uint64_t>(2 * kSenders * kBatches));
}

}  // namespace
}  // namespace tundish
