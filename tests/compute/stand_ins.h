#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "compute/engine.h"

// What the compute stage asks of its neighbours, held in memory: for its tests and for bench/formulas.cc.

namespace tundish::compute::testing {

inline constexpr EnterpriseId kEnterprise{7};

/// One enterprise, there from the start or later.
class OneEnterprise final : public EnterpriseStore {
 public:
  bool is_there = true;

  std::vector<Enterprise> enterprises() const override {
    if (!is_there) return {};
    Enterprise enterprise;
    enterprise.id = kEnterprise;
    enterprise.code = "plant-01";
    return {enterprise};
  }
  std::optional<Enterprise> find(EnterpriseId) const override { return enterprises()[0]; }
  std::optional<Enterprise> find(std::string_view) const override { return enterprises()[0]; }
  Result<Enterprise> create(Enterprise) override { return fail(ErrorCode::kUnavailable, ""); }
  Result<Enterprise> update(EnterpriseId, const EnterprisePatch&) override {
    return fail(ErrorCode::kUnavailable, "");
  }
  std::vector<Site> sites(EnterpriseId) const override { return {}; }
  Result<Site> save_site(Site) override { return fail(ErrorCode::kUnavailable, ""); }
  Status remove_site(EnterpriseId, std::uint64_t) override {
    return fail(ErrorCode::kUnavailable, "");
  }
};

/// A model that a test may replace.
class HeldModel final : public ModelReader {
 public:
  HeldModel() { set({}); }
  void set(std::vector<Asset> assets) {
    ++changes_;
    model_ = std::make_shared<const PlantModel>(kEnterprise, changes_, std::move(assets));
  }
  std::shared_ptr<const PlantModel> model(EnterpriseId) const override { return model_; }
  std::uint64_t changes() const override { return changes_; }

 private:
  std::uint64_t changes_ = 0;
  std::shared_ptr<const PlantModel> model_;
};

/// Shifts of 100 s, for ever.
class HundredSeconds final : public WindowSource {
 public:
  Result<std::vector<Stretch>> windows(EnterpriseId, AssetId, std::string_view name,
                                       TimeRange range) const override {
    if (name != "shift") return fail(ErrorCode::kNotFound, "there is no such window");
    constexpr DurationNs kLength = 100 * kSecond;
    std::vector<Stretch> found;
    TimeNs from = range.from / kLength * kLength;
    if (from > range.from) from -= kLength;
    for (; from < range.to; from += kLength) found.push_back({{from, from + kLength}, ""});
    return found;
  }
};

}  // namespace tundish::compute::testing
