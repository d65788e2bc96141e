#include "model/plant_model.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/check.h"

namespace tundish {

const Attribute* Asset::find(std::string_view name) const {
  const auto at = std::ranges::lower_bound(
      attributes, name, {},
      [](const Attribute& attribute) -> std::string_view { return attribute.definition.name; });
  return at != attributes.end() && at->definition.name == name ? &*at : nullptr;
}

PlantModel::PlantModel(EnterpriseId enterprise, std::uint64_t version, std::vector<Asset> assets)
    : enterprise_(enterprise), version_(version), assets_(std::move(assets)) {
  std::ranges::sort(assets_, {}, &Asset::path);
  for (Asset& asset : assets_) {
    TUNDISH_CHECK(asset.facts != nullptr);
    std::ranges::sort(asset.attributes, {}, [](const Attribute& attribute) -> const std::string& {
      return attribute.definition.name;
    });
  }
  by_id_.resize(assets_.size());
  std::iota(by_id_.begin(), by_id_.end(), std::size_t{0});
  by_parent_ = by_id_;
  std::ranges::sort(by_id_, {}, [this](std::size_t index) { return assets_[index].id; });
  std::ranges::stable_sort(by_parent_, {},
                           [this](std::size_t index) { return assets_[index].parent; });
}

const Asset* PlantModel::find(std::string_view path) const {
  const auto at = std::ranges::lower_bound(
      assets_, path, {}, [](const Asset& asset) -> std::string_view { return asset.path; });
  return at != assets_.end() && at->path == path ? &*at : nullptr;
}

const Asset* PlantModel::find(AssetId id) const {
  const auto at = std::ranges::lower_bound(by_id_, id, {},
                                           [this](std::size_t index) { return assets_[index].id; });
  return at != by_id_.end() && assets_[*at].id == id ? &assets_[*at] : nullptr;
}

std::vector<const Asset*> PlantModel::children(AssetId id) const {
  const auto below = std::ranges::equal_range(
      by_parent_, id, {}, [this](std::size_t index) { return assets_[index].parent; });
  std::vector<const Asset*> found;
  for (const std::size_t index : below) found.push_back(&assets_[index]);
  return found;
}

namespace {

std::string_view above(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace

const Attribute* PlantModel::resolve(const Asset& from, std::string_view reference,
                                     const Asset** owner) const {
  std::string path = from.path;
  if (reference.starts_with('/')) {
    path = path.substr(0, path.find('/'));
    reference.remove_prefix(1);
  }
  std::size_t slash = 0;
  while ((slash = reference.find('/')) != std::string_view::npos) {
    const std::string_view level = reference.substr(0, slash);
    if (level == "..")
      path = above(path);
    else
      path.append("/").append(level);
    reference.remove_prefix(slash + 1);
  }
  const Asset* asset = find(path);
  if (asset == nullptr) return nullptr;
  if (owner != nullptr) *owner = asset;
  return asset->find(reference);
}

}  // namespace tundish
