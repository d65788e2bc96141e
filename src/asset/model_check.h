#pragma once

#include <string>
#include <vector>

#include "asset/model_state.h"
#include "model/plant_model.h"

namespace tundish::asset {

/// Whether every formula of the model means something: attributes, KPIs, alarms and intervals; names,
/// dimensions, and no circle. `warnings` gets those that wait for an asset that is not there.
/// Errors: kInvalidArgument, kNotFound: the first mistake by path, with line and column in its formula;
/// `where` is the asset's path and the item.
Status check_model(const PlantModel& model, std::vector<std::string>& warnings);

/// The same of one template by itself: what it says of assets above and below cannot be known.
Status check_template(EnterpriseId enterprise, const std::string& name,
                      std::shared_ptr<const TemplateFacts> facts,
                      const std::vector<AttributeDefinition>& attributes);

}  // namespace tundish::asset
