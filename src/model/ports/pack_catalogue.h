#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/ports/asset_store.h"
#include "model/words.h"

namespace tundish {

/// One thing that a screen of a pack shows.
struct PackShown {
  std::string asset;  ///< path below the enterprise
  std::string attribute, kpi;
  std::string element;            ///< of the drawing; empty: a tile
  std::string show;               ///< `text`, `fill`, `level`
  bool true_is_abnormal = false;  ///< of a condition: its colour where it holds
  std::string template_name;      ///< of the asset in the pack's own plant; empty: an area
};
struct PackScreen {
  std::string name;
  Words words;
  std::string drawing;  ///< file
  std::vector<PackShown> shown;
};

/// An industry pack as those who look for one see it.
struct PackInfo {
  std::string name, version;
  Words words, description;
  std::vector<TemplateDefinition> templates;
  std::vector<PackScreen> screens;
  std::size_t plant_assets = 0;  ///< of its simulated plant
};

/// The packs that came with the program. Any thread; read once.
class PackCatalogue {
 public:
  virtual ~PackCatalogue() = default;
  virtual std::vector<PackInfo> packs() const = 0;
  /// Errors: kNotFound with the nearest name.
  virtual Result<PackInfo> find(std::string_view name) const = 0;
  /// A drawing of it, as SVG without scripts. Errors: kNotFound.
  virtual Result<std::string> drawing(std::string_view pack, std::string_view file) const = 0;
  /// Saves its templates, and brings assets made from them to the new version; with `plant` makes the assets of
  /// its simulated plant where they are missing. Errors: as ModelStore; kNotFound.
  virtual Result<EditResult> apply(const EditBy& by, EnterpriseId enterprise, std::string_view name,
                                   bool plant) = 0;
};

}  // namespace tundish
