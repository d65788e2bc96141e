// Figures of the historian on a real disk: make bench, or -DTUNDISH_BENCH=ON and this program. The work
// of DESIGN section 6 in small: 10,000 tags, one batch a second of plant time.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "historian/historian.h"

namespace tundish::historian {
namespace {

constexpr std::uint32_t kTags = 10'000;
constexpr EnterpriseId kEnterprise{1};

/// A historian in a temporary folder, with its tags and one stream.
class Plant {
 public:
  Plant()
      : folder_(std::filesystem::temp_directory_path() /
                ("tundish-bench-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    disk_ = std::move(*io::open_real_disk(folder_.string()));
    historian_ = std::move(*Historian::open(*disk_, io::real_clock(), {}));
    const std::vector<NewTagId> tags(kTags,
                                     NewTagId{ValueType::kDouble, "plant/area/line/asset/value"});
    (void)historian_->make_tags(kEnterprise, tags);
    stream_ = *historian_->open_stream(kEnterprise, "bench", "main");
  }
  ~Plant() {
    historian_.reset();
    std::filesystem::remove_all(folder_);
  }
  /// The readings of `rows` tags at one second.
  SampleBatch next_batch(std::uint32_t rows) {
    SampleBatch batch;
    batch.enterprise = kEnterprise;
    batch.number = {stream_.source, stream_.stream, stream_.epoch, ++sequence_};
    batch.tags.reserve(rows);
    const auto second = static_cast<TimeNs>(sequence_) * kSecond;
    for (std::uint32_t i = 0; i < rows; ++i) {
      const std::uint32_t tag = (first_ + i) % kTags + 1;
      const double slow = std::sin(static_cast<double>(sequence_) / 600 + tag);
      batch.tags.push_back(tag);
      batch.rows.push_back(1'700'000'000 * kSecond + second, std::round(slow * 400) / 10, kGood);
    }
    first_ = (first_ + rows) % kTags;
    return batch;
  }
  Historian& historian() { return *historian_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<io::Disk> disk_;
  std::unique_ptr<Historian> historian_;
  StreamState stream_;
  std::uint64_t sequence_ = 0;
  std::uint32_t first_ = 0;
};

void append(benchmark::State& state) {
  Plant plant;
  const auto rows = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    SampleBatch batch = plant.next_batch(rows);
    state.ResumeTiming();
    if (!plant.historian().append(std::move(batch))) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations() * rows);
}
BENCHMARK(append)->Arg(1'000)->Arg(10'000)->MeasureProcessCPUTime()->UseRealTime();

void latest_of_all_tags(benchmark::State& state) {
  Plant plant;
  for (int i = 0; i < 100; ++i) (void)plant.historian().append(plant.next_batch(kTags));
  if (state.range(0) != 0) (void)plant.historian().flush();
  for (auto _ : state) {
    const auto snapshot = *plant.historian().snapshot();
    for (std::uint32_t tag = 1; tag <= kTags; ++tag)
      benchmark::DoNotOptimize(snapshot->latest({kEnterprise, tag}));
  }
  state.SetItemsProcessed(state.iterations() * kTags);
}
BENCHMARK(latest_of_all_tags)->ArgName("flushed")->Arg(0)->Arg(1)->UseRealTime();

void scan_an_hour(benchmark::State& state) {
  Plant plant;
  for (int i = 0; i < 3600; ++i) (void)plant.historian().append(plant.next_batch(100));
  for (int i = 0; i < 3600; ++i) (void)plant.historian().append(plant.next_batch(100));
  if (state.range(0) != 0) (void)plant.historian().flush();
  std::int64_t rows = 0;
  for (auto _ : state) {
    const auto snapshot = *plant.historian().snapshot();
    (void)snapshot->scan({kEnterprise, 50}, {}, [&](const Columns& piece) {
      rows += static_cast<std::int64_t>(piece.size());
      return true;
    });
  }
  state.SetItemsProcessed(rows);
}
BENCHMARK(scan_an_hour)->ArgName("flushed")->Arg(0)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace tundish::historian
