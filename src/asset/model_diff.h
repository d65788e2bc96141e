#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/plant_model.h"
#include "model/ports/asset_store.h"

namespace tundish::asset {

/// The path of the tag that an attribute is bound to by hand; empty when it is bound by its name.
using BoundTag = std::function<std::string(const Asset&, const Attribute&)>;

/// What changes from one model to the next, by asset and attribute, ascending by path. Assets are the
/// same when their ids are.
std::vector<ModelChange> model_diff(const PlantModel& before, const BoundTag& bound_before,
                                    const PlantModel& after, const BoundTag& bound_after);

}  // namespace tundish::asset
