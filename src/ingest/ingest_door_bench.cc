#include <benchmark/benchmark.h>

#include <string>

#include "ingest/ingest_door.h"
#include "ingest/testing_ports.h"
#include "io/simulated_disk.h"

namespace tundish::ingest {
namespace {

/// What the door itself costs: a sink that only takes batches, 10,000 rows of 100 tags each.
class TakingSink final : public SampleSink {
 public:
  Result<Appended> append(SampleBatch batch, std::optional<FeedCommit>) override {
    rows += batch.size();
    return Appended{Position(++position_), false};
  }
  Result<std::vector<TagId>> make_tags(EnterpriseId, std::span<const NewTagId>) override {
    return fail(ErrorCode::kUnsupported, "");
  }
  Status retype_tag(TagId, ValueType) override { return fail(ErrorCode::kUnsupported, ""); }
  Result<StreamState> open_stream(EnterpriseId, const std::string&, const std::string&) override {
    return StreamState{1, 1, 1, 1};
  }
  Result<StreamState> find_stream(EnterpriseId, const std::string&, const std::string&,
                                  std::uint32_t) override {
    return fail(ErrorCode::kNotFound, "");
  }
  std::size_t stream_count(EnterpriseId) override { return 0; }
  Result<Position> erase(std::vector<Tombstone>) override {
    return fail(ErrorCode::kUnsupported, "");
  }

  std::size_t rows = 0;

 private:
  std::uint64_t position_ = 0;
};

void receive(benchmark::State& state) {
  MemoryCatalogue catalogue;
  TakingSink sink;
  io::SimulatedClock clock(1'795'000'000 * kSecond);
  io::SimulatedDisk disk(1);
  IngestDoor door(catalogue, sink, clock, disk);
  const Origin origin{EnterpriseId(1), "steel-01", "http/token-1", true, Version::kPriorityDefault};
  ReceivedBatch batch;
  for (int i = 0; i < 100; ++i)
    batch.paths.push_back("steel-01/area/line/asset-" + std::to_string(i));
  for (std::uint32_t i = 0; i < 10'000; ++i)
    batch.push_back(i % 100, clock.now() + i * kMillisecond, 0.25 * (i % 4000), kGood);
  for (auto _ : state) benchmark::DoNotOptimize(door.receive(origin, batch));
  state.SetItemsProcessed(static_cast<std::int64_t>(sink.rows));
}
BENCHMARK(receive);

}  // namespace
}  // namespace tundish::ingest
