#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/plant_model.h"
#include "model/ports/asset_store.h"
#include "model/ports/pack_catalogue.h"
#include "model/ports/tag_catalogue.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

/// How the asset that a screen names was found in an enterprise.
enum class FoundBy : std::uint8_t {
  kNothing = 0,
  kName,    ///< it is called so
  kFormer,  ///< it was called so: renamed or moved since
  kTemplate,  ///< as many assets are made from that template as the pack's own plant has left: in order of name
};
std::string_view found_by_name(FoundBy found);  ///< ``, `name`, `former_name`, `template`

/// One thing that a screen shows, with what it stands for in an enterprise. Points into the model.
struct ResolvedShown {
  const PackShown* what = nullptr;
  const Asset* asset = nullptr;          ///< null: nobody is that
  const Attribute* attribute = nullptr;  ///< of it; null: it has none such, or a KPI is shown
  const KpiDefinition* kpi = nullptr;    ///< of it, or of an asset below it
  bool is_together = false;              ///< the KPI of those below it together
  FoundBy found_by = FoundBy::kNothing;
};

struct ResolvedScreen {
  const PackInfo* pack = nullptr;
  const PackScreen* screen = nullptr;
  std::vector<ResolvedShown> shown;
};

/// The screens of these packs for one enterprise. Points into both. Any thread.
/// Errors: those of ModelStore::known_as.
Result<std::vector<ResolvedScreen>> resolve_screens(const std::vector<PackInfo>& packs,
                                                    const PlantModel& model,
                                                    const ModelStore& store);

/// One object of `shown`. `tags` has the path of what an attribute is bound to.
void write_shown(wire::JsonWriter& json, const ResolvedShown& shown, const TagCatalogue& tags);

}  // namespace tundish::serve
