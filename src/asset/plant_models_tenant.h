#pragma once

#include <chrono>

#include "asset/plant_models.h"

namespace tundish::asset {

/// The model of one enterprise, for the sources of PlantModels.
struct PlantModels::Tenant {
  Mutex writing;  ///< one edit at a time, disk included; taken before `state` and those of Tags
  mutable SharedMutex state;
  std::shared_ptr<const State> written TUNDISH_GUARDED_BY(state);
  std::shared_ptr<const PlantModel> model TUNDISH_GUARDED_BY(state);
  /// Of Tags and Enterprises, when the model was last bound to them.
  std::uint64_t bound_tags TUNDISH_GUARDED_BY(state) = 0;
  std::uint64_t bound_sites TUNDISH_GUARDED_BY(state) = 0;
  /// Under `writing`.
  ResolvedTemplates templates;

  std::atomic<bool> refreshing{false};
  /// Whoever has `refreshing` reads and sets it.
  std::chrono::steady_clock::time_point refresh_after;
};

/// One edit, whatever it does.
struct PlantModels::Edit {
  const EditBy& by;
  std::string_view action;
  std::function<Result<std::vector<AssetId>>(ModelDraft&)> change;
  /// Written in the same transaction, with the number of the edit; may be empty.
  std::function<Status(io::sqlite::Transaction&, std::uint64_t)> also = {};
};

}  // namespace tundish::asset
