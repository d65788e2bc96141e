#pragma once

#include <vector>

#include "base/result.h"
#include "model/plant_model.h"
#include "model/ports/asset_store.h"
#include "pack/pack.h"

namespace tundish::app {

/// What applying a pack would change at the assets that are there: attributes, KPIs, alarms and intervals that
/// come, go or become others. What an asset has otherwise than its template stays. Ascending by path.
/// Errors: those of the store and of templates of the pack.
Result<std::vector<ModelChange>> preview_of(const pack::Pack& pack, const PlantModel& model,
                                            const ModelStore& store);

}  // namespace tundish::app
