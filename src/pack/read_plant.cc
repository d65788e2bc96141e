#include <fmt/format.h>

#include <set>

#include "model/tag_path.h"
#include "pack/readers.h"

namespace tundish::pack {
namespace {

/// Throws unless every level is a name.
void check_asset_path(const YAML::Node& node) {
  const std::string path = text(node);
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    if (!is_name(std::string_view(path).substr(at, slash - at)))
      mistake(node, fmt::format("'{}' is no path: names of small letters, digits and _ with / "
                                "between them",
                                path.substr(0, 100)));
    at = slash + 1;
  }
  // The enterprise stands before it and the attribute behind it.
  if (const auto checked = check_path("e/" + path + "/a"); !checked)
    mistake(node, checked.error().message);
}

}  // namespace

void read_plant(Source& source, Pack& pack) {
  const auto root = source.load();
  if (!root) return;
  auto members = source.members(*root, "plant.yaml", {"assets"});
  if (!members.contains("assets")) return source.add(*root, "'assets' is missing here");
  const YAML::Node assets = members["assets"];
  if (!assets.IsMap()) return source.add(assets, "assets are written as `path: {...}`");
  if (assets.size() > kAssetsMax)
    return source.add(assets, fmt::format("a plant has at most {} assets", kAssetsMax));
  std::set<std::string> seen;
  for (const auto& entry : assets)
    source.attempt([&] {
      check_asset_path(entry.first);
      PlantAsset asset;
      asset.path = text(entry.first);
      if (!seen.insert(asset.path).second)
        mistake(entry.first, fmt::format("'{}' is here twice", asset.path));
      const std::string key = "asset/" + asset.path;
      source.note(key, entry.first);
      auto body = source.members(entry.second, "an asset", {"template", "words"});
      if (body.contains("words"))
        asset.words = source.words(body["words"]);
      else
        source.add(entry.first, "'words' is missing here");
      if (body.contains("template"))
        source.attempt([&] {
          asset.template_name = name_of(body["template"]);
          source.note(key + "//template", body["template"]);
        });
      pack.plant.push_back(std::move(asset));
    });
}

}  // namespace tundish::pack
