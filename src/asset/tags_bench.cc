// A catalogue of a million tags: how long it takes to load, to find a path, to match a glob.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "asset/asset_testing.h"

namespace tundish::asset {
namespace {

constexpr int kTags = 1'000'000;

std::string path_of(int i) {
  return fmt::format("steel-01/site{}/area{}/line{}/asset{}/tag{}", i % 4, i % 32, i % 256, i / 50,
                     i);
}

/// One file for all runs, removed at the end of the process.
class MillionTags {
 public:
  MillionTags() {
    folder_ = (std::filesystem::temp_directory_path() / "tags_bench_XXXXXX").string();
    if (::mkdtemp(folder_.data()) == nullptr) std::abort();
    database_ = io::sqlite::Database::open(folder_ + "/meta.db").value();
    store_ = open();
    Enterprise wanted;
    wanted.code = "steel-01";
    enterprise_ = store_->enterprises().create(wanted)->id;
    std::vector<NewTag> tags;
    for (int i = 0; i < kTags; ++i)
      tags.push_back({.path = path_of(i), .unit = "Cel", .description = "temperature"});
    if (!store_->tags().ensure(enterprise_, tags)) std::abort();
  }
  ~MillionTags() { std::filesystem::remove_all(folder_); }
  std::unique_ptr<AssetStore> open() {
    return AssetStore::open(*database_, sink_, clock_, {.tags_per_enterprise_max = kTags}).value();
  }
  TagCatalogue& tags() { return store_->tags(); }
  EnterpriseId enterprise() const { return enterprise_; }

 private:
  std::string folder_;
  NumberingSink sink_;
  io::SimulatedClock clock_{kStart};
  std::unique_ptr<io::sqlite::Database> database_;
  std::unique_ptr<AssetStore> store_;
  EnterpriseId enterprise_;
};

MillionTags& million() {
  static MillionTags tags;
  return tags;
}

void BM_Load(benchmark::State& state) {
  million();
  for (auto _ : state) benchmark::DoNotOptimize(million().open());
}
BENCHMARK(BM_Load)->Unit(benchmark::kMillisecond)->Iterations(2);

void BM_Find(benchmark::State& state) {
  std::vector<std::string> paths;
  for (int i = 0; i < 10'000; ++i) paths.push_back(path_of((i * 7919) % kTags));
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(million().tags().find(million().enterprise(), paths[++i % 10'000]));
}
BENCHMARK(BM_Find);

void BM_MatchBelowAnAsset(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(million().tags().match(
        million().enterprise(), {.pattern = "steel-01/site0/area0/line0/*/*", .limit = 1000}));
}
BENCHMARK(BM_MatchBelowAnAsset)->Unit(benchmark::kMicrosecond);

void BM_MatchEverywhere(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(
        million().tags().match(million().enterprise(), {.pattern = "**/tag99999*", .limit = 1000}));
}
BENCHMARK(BM_MatchEverywhere)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tundish::asset
