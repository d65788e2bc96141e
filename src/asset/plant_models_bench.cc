// A plant of 10,000 assets with 20 attributes each, 5 of them formulas: how long it takes to load, to change one
// asset, and to bind tags that came.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "asset/asset_testing.h"

namespace tundish::asset {
namespace {

constexpr int kAssets = 10'000;
constexpr int kMeasured = 14;

TemplateDefinition pump() {
  TemplateDefinition definition;
  definition.name = "pump";
  for (int i = 0; i < kMeasured; ++i) {
    AttributeDefinition one;
    one.name = fmt::format("measured_{:02}", i);
    one.words = {{"en", "Measured"}, {"zh", "测量"}};
    one.unit = "kW";
    one.valid = Limits{0, 5000};
    definition.attributes.push_back(std::move(one));
  }
  AttributeDefinition constant;
  constant.name = "rating";
  constant.kind = AttributeKind::kConstant;
  constant.constant = 100.0;
  constant.unit = "kW";
  definition.attributes.push_back(std::move(constant));
  for (int i = 0; i < 5; ++i) {
    AttributeDefinition one;
    one.name = fmt::format("derived_{:02}", i);
    one.kind = AttributeKind::kFormula;
    one.formula = fmt::format("avg(measured_{:02}, 15min) + measured_{:02} - rating", i, i + 1);
    one.unit = "kW";
    definition.attributes.push_back(std::move(one));
  }
  return definition;
}

class LargePlant {
 public:
  LargePlant() {
    folder_ = (std::filesystem::temp_directory_path() / "plant_bench_XXXXXX").string();
    if (::mkdtemp(folder_.data()) == nullptr) std::abort();
    database_ = io::sqlite::Database::open(folder_ + "/meta.db").value();
    store_ = open();
    Enterprise wanted;
    wanted.code = "steel-01";
    enterprise_ = store_->enterprises().create(wanted)->id;
    if (!store_->model_store().save_templates(by(), enterprise_, std::vector{pump()})) std::abort();
    std::vector<AssetDefinition> assets;
    for (int i = 0; i < kAssets; ++i)
      assets.push_back({.path = fmt::format("steel-01/area{}/pump{}", i % 100, i),
                        .words = {},
                        .template_name = "pump",
                        .overrides = {}});
    const auto made = store_->model_store().save_assets(by(), enterprise_, assets);
    if (!made) std::abort();
    first_ = made->assets[0];
    std::vector<NewTag> tags;
    for (int i = 0; i < kAssets; ++i)
      for (int k = 0; k < kMeasured; ++k)
        tags.push_back(
            {.path = fmt::format("steel-01/area{}/pump{}/measured_{:02}", i % 100, i, k)});
    if (!store_->tags().ensure(enterprise_, tags)) std::abort();
    store_->models().model(enterprise_);
  }
  ~LargePlant() { std::filesystem::remove_all(folder_); }
  static EditBy by() { return {.actor = "bench", .dry_run = false}; }
  std::unique_ptr<AssetStore> open() {
    return AssetStore::open(*database_, sink_, clock_, {.tags_per_enterprise_max = 1'000'000})
        .value();
  }
  AssetStore& store() { return *store_; }
  EnterpriseId enterprise() const { return enterprise_; }
  AssetId first() const { return first_; }

 private:
  std::string folder_;
  NumberingSink sink_;
  io::SimulatedClock clock_{kStart};
  std::unique_ptr<io::sqlite::Database> database_;
  std::unique_ptr<AssetStore> store_;
  EnterpriseId enterprise_;
  AssetId first_;
};

LargePlant& plant() {
  static LargePlant one;
  return one;
}

/// With the tags' names, which are loaded before.
void BM_Load(benchmark::State& state) {
  plant();
  for (auto _ : state) benchmark::DoNotOptimize(plant().open());
}
BENCHMARK(BM_Load)->Unit(benchmark::kMillisecond)->Iterations(3);

void BM_EditOneAsset(benchmark::State& state) {
  double high = 100;
  for (auto _ : state) {
    AssetPatch patch;
    patch.overrides["measured_00"] = AttributeOverride{.tag = {}, .valid = Limits{0, ++high}};
    if (!plant().store().model_store().update_asset(LargePlant::by(), plant().enterprise(),
                                                    plant().first(), patch))
      std::abort();
  }
}
BENCHMARK(BM_EditOneAsset)->Unit(benchmark::kMillisecond)->Iterations(5);

void BM_ReadTheModel(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(plant().store().models().model(plant().enterprise()));
}
BENCHMARK(BM_ReadTheModel);

void BM_BindATagThatCame(benchmark::State& state) {
  int i = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto fresh = plant().open();  // has not looked yet, so it looks at once
    if (!fresh->tags().ensure(plant().enterprise(),
                              std::vector<NewTag>{{.path = fmt::format("steel-01/new{}", ++i)}}))
      std::abort();
    state.ResumeTiming();
    benchmark::DoNotOptimize(fresh->models().model(plant().enterprise()));
    state.PauseTiming();
    fresh.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_BindATagThatCame)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace tundish::asset
